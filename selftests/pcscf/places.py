# SPDX-License-Identifier: GPL-2.0
"""Where the scenarios play: two gateways, each between its own UEs and one core.

On the machine itself everything is on loopback, in a network namespace of this process alone:

    UEs 127.1.0.10...  gateway a 127.1.0.1 | 127.2.0.1     core 127.2.0.9     127.2.0.2 | 127.3.0.1 gateway b  UEs 127.3.0.10...

In a guest each has a namespace of its own, with the module:

    ue-a eth0 ---- acc0 gw-a core0 ---- to-a [br0 core] to-b ---- core0 gw-b acc0 ---- eth0 ue-b
    10.1.0.10...   10.1.0.1  10.2.0.1        10.2.0.9           10.2.0.2  10.3.0.1     10.3.0.10...

fd01::, fd02:: and fd03:: with the same last numbers are there as well, in both.
"""
import contextlib
import ctypes
import os
import subprocess
import sys
import tempfile
from collections import namedtuple

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))

from lib import module
from lib.netns import ip_batch, run, unshare, write
from peers.sip.transport import client_context, server_context

CLONE_NEWNET = 0x40000000
UES = range(10, 20)
GATEWAYS = {'a': (1, 1), 'b': (3, 2)}       # number of its access network, its own number in the core
CORE_NUMBER = 9

Place = namedtuple('Place', 'name domain access core ues netns ue_netns')


class Certificates:
    """A certificate for the gateways, that lives as long as the tests."""

    def __init__(self, folder):
        self.certificate, self.key = (os.path.join(folder, name) for name in ('cert.pem', 'key.pem'))
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256',
                        '-nodes', '-days', '2', '-subj', '/CN=pcscf', '-addext',
                        'subjectAltName=DNS:pcscf1.visited1.net,DNS:pcscf2.visited2.net,IP:127.2.0.9,IP:127.2.0.1',
                        '-keyout', self.key, '-out', self.certificate],
                       check=True, capture_output=True, timeout=20)

    def client(self):
        """An SSL context of a UE."""
        return client_context(self.certificate)

    def server(self):
        """An SSL context of the core."""
        return server_context(self.certificate, self.key)


def address(family, network, number, kernel):
    """An address of this small world."""
    if family == 6:
        return f'fd{network:02}::{number:x}'
    return f'10.{network}.0.{number}' if kernel else f'127.{network}.0.{number}'


class World:
    """Places, certificates, a folder. kernel: there is a module, and media can be relayed."""

    def __init__(self, folder, kernel):
        self.folder, self.kernel = folder, kernel
        self.certificates = Certificates(folder)
        self.runs = 0
        self.core_netns = 'core' if kernel else None

    def place(self, name, family=4):
        """A gateway with its surroundings."""
        network, number = GATEWAYS[name]
        access, core = (address(family, *where, self.kernel) for where in ((network, 1), (2, number)))
        ues = [address(family, network, n, self.kernel) for n in UES]
        return Place(name, f'pcscf{number}.visited{number}.net', access, core, ues,
                     f'gw-{name}' if self.kernel else None, f'ue-{name}' if self.kernel else None)

    def core(self, family=4, number=CORE_NUMBER):
        """The S-CSCF's address."""
        return address(family, 2, number, self.kernel)

    def core_net(self, family=4):
        """The core's network, as peers are written."""
        return f'{address(family, 2, 0, self.kernel)}/{24 if family == 4 else 64}'

    def new_folder(self):
        """A folder for one run."""
        self.runs += 1
        path = os.path.join(self.folder, str(self.runs))
        os.mkdir(path)
        return path


def in_guest():
    """Whether this is a guest with a module of its own."""
    return os.environ.get('E2AE_GUEST', 'host') not in ('', 'host')


def _private_loopback():
    """A network of this process alone, with every address on loopback."""
    try:
        unshare(CLONE_NEWNET)
    except OSError:
        return      # then 127/8 of the machine has to do
    ip_batch(['link set lo up'])
    ip_batch([f'addr add {address(6, network, number, False)}/128 dev lo nodad'
              for network in (1, 2, 3, 4) for number in (1, 2, CORE_NUMBER, *UES)])


def _link(network, number, gateway, far, device, others):
    """A cable between a gateway's device and a far one."""
    run('ip', 'link', 'add', device, 'netns', gateway, 'type', 'veth', 'peer', 'name', 'eth0' if others else far[1],
        'netns', far[0])
    ip_batch([f'link set {device} up', f'addr add {address(4, network, number, True)}/24 dev {device}',
              f'addr add {address(6, network, number, True)}/64 dev {device} nodad'], gateway)


def _namespaces(stack):
    for name in ('core', *(f'{what}-{side}' for side in GATEWAYS for what in ('gw', 'ue'))):
        run('ip', 'netns', 'add', name)
        stack.callback(run, 'ip', 'netns', 'del', name)
        ip_batch(['link set lo up'], name)
    ip_batch(['link add br0 type bridge', 'link set br0 up', f'addr add {address(4, 2, CORE_NUMBER, True)}/24 dev br0',
              f'addr add {address(6, 2, CORE_NUMBER, True)}/64 dev br0 nodad'], 'core')
    for side, (network, number) in GATEWAYS.items():
        gateway, ues = f'gw-{side}', f'ue-{side}'
        _link(network, 1, gateway, (ues, 'eth0'), 'acc0', True)
        _link(2, number, gateway, ('core', f'to-{side}'), 'core0', False)
        ip_batch([f'link set to-{side} master br0 up'], 'core')
        ip_batch(['link set eth0 up'] + [f'addr add {address(4, network, n, True)}/24 dev eth0' for n in UES]
                 + [f'addr add {address(6, network, n, True)}/64 dev eth0 nodad' for n in UES], ues)
        for path in ('ipv4/ip_forward', 'ipv6/conf/all/forwarding'):
            write(f'/proc/sys/net/{path}', 1, gateway)
        _routes(side, network, number, gateway, ues)


def _routes(side, network, number, gateway, ues):
    """Media that no gateway relays go straight from UE to UE."""
    (other_network, other_number), = (where for name, where in GATEWAYS.items() if name != side)
    for family, bits in ((4, 24), (6, 64)):
        ip_batch([f'route add default via {address(family, network, 1, True)}'], ues)
        ip_batch([f'route add {address(family, other_network, 0, True)}/{bits} via {address(family, 2, other_number, True)}'],
                 gateway)
        ip_batch([f'route add {address(family, network, 0, True)}/{bits} via {address(family, 2, number, True)}'], 'core')


@contextlib.contextmanager
def world():
    """The world that fits where we are."""
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix='e2ae-'))
        if in_guest():
            module.load()
            stack.callback(module.unload)
            module.need_driver('veth')
            module.need_driver('bridge')
            _namespaces(stack)
        else:
            _private_loopback()
        yield World(folder, in_guest())


def die_with_parent():
    """In a child before exec: it goes when we go, whatever ends us."""
    ctypes.CDLL(None).prctl(1, 9)
