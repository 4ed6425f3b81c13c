# SPDX-License-Identifier: GPL-2.0
"""The relay under test, built with sanitizers into selftests/msrp/drive.c, and peers on both of its legs."""
import glob
import hashlib
import itertools
import os
import resource
import socket
import subprocess
import tempfile

from lib.ktap import SLOW, equal
from net.helper import FLAGS, World, text_of
from tls import V12, V13, Tls

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
WAIT = 10 * SLOW
IDENTITY = 'Qm9ndXNLZXlJZDEy@pcscf1.visited1.net'
PLAIN = ['-std=gnu11', '-D_GNU_SOURCE', '-O2', '-g']
LIMITS = {'sessions': 0, 'handshake': 0, 'connect': 0, 'idle': 0, 'total': 0, 'header': 0, 'userspace': 0}
CORE_URI = 'msrp://192.0.2.9:2855/core9;tcp'
UE_URI = 'msrps://10.1.0.2:9/ue7;tcp'


def build(path, *flags):
    """Builds the driver with the sources of the library."""
    names = ('msrp/*.c', 'net/addr.c', 'net/buffer.c', 'net/context.c', 'media/sdp_text.c')
    sources = [os.path.join(HERE, 'drive.c')]
    sources += [path for name in names for path in sorted(glob.glob(os.path.join(TOP, 'agent', name)))]
    libraries = subprocess.run(['pkg-config', '--cflags', '--libs', 'libevent_core', 'libssl', 'libcrypto'], check=True,
                               capture_output=True, text=True).stdout.split()
    subprocess.run(['gcc', *flags, '-o', path, *sources, *libraries], check=True)


def key(identity, use):
    """A key of an identity; use: 'tls13_ue' ..."""
    return hashlib.sha256(f'{identity} {use}'.encode()).digest()


def ue_keys(identity=IDENTITY, client=True):
    """Keys of the UE by version."""
    end = 'ue' if client else 'msf'
    return {V13: key(identity, f'tls13_{end}'), V12: key(identity, f'tls12_{end}')}


def kernel_has_tls():
    """Whether this kernel can kTLS."""
    subprocess.run(['modprobe', '-q', 'tls'], check=False)
    with open('/proc/sys/net/ipv4/tcp_available_ulp', encoding='ascii') as file:
        return 'tls' in file.read().split()


_ports = itertools.count(10000 + os.getpid() % 100 * 200)


def free_port(host='127.0.0.1'):
    """A port that is free, and none that connections get by themselves."""
    family = socket.AF_INET6 if ':' in host else socket.AF_INET
    for port in _ports:
        with socket.socket(family) as sock:
            try:
                sock.bind((host, 10000 + port % 22000))
                return sock.getsockname()[1]
            except OSError:
                continue
    raise AssertionError('no port is free')


class Session:
    """A session of the relay, and how its peers reach it."""

    def __init__(self, world, number, hosts=('127.0.0.1', '127.0.0.1'), identities=(IDENTITY,), end_when=-1):
        self.world, self.number, self.hosts = world, number, hosts
        self.ports = [free_port(host) for host in hosts]
        self.local = [text_of(pair) for pair in zip(hosts, self.ports)]
        self.own = [f'msrps://{self.local[0]}/acc{number};tcp', f'msrp://{self.local[1]}/core{number};tcp']
        words = []
        for identity in identities:
            words += [identity] + [key(identity, use).hex() for use in ('tls13_ue', 'tls13_msf', 'tls12_ue', 'tls12_msf')]
        world.do('new', number, *self.local, end_when, *words)

    def start(self, cema=True, ue=None, core=None, ue_path=UE_URI, core_path=CORE_URI, source=None, any_source=0):
        """ue and core: address that the relay connects to, or None: they connect."""
        words = []
        for host, peer, own, path in zip(self.hosts, (ue, core), self.own, (ue_path, core_path)):
            words += [int(peer is not None), peer or source or text_of((host, 0)), any_source, own, path.replace(' ', '+')]
        return self.world.call('start', self.number, int(cema), *words)

    def connect(self, side):
        """TCP to one of its legs."""
        sock = socket.create_connection((self.hosts[side], self.ports[side]), WAIT, (self.hosts[side], 0))
        self.world.sockets.append(sock)
        return sock

    def ue(self, identity=IDENTITY, keys=None, **options):
        """The UE, as TLS client, its handshake done."""
        return self.raw_ue(identity, keys, **options).handshake()

    def raw_ue(self, identity=IDENTITY, keys=None, sock=None, **options):
        """The UE before its handshake."""
        tls = Tls(sock or self.connect(0), identity, keys or ue_keys(identity), **options)
        self.world.sockets.append(tls)
        return tls

    def come(self, listener, words):
        """Both peers connect, and words come from the core; returns the UE and the core."""
        ue = self.ue()
        core = self.world.accept(listener)
        self.up()
        core.sendall(words)
        equal(take(ue, len(words)), words)
        return ue, core

    def counts(self):
        """What it counted."""
        self.world.do('counts', self.number)
        return self.world.wait('counts')

    def up(self):
        """It is told that octets flow."""
        self.world.wait('told', WAIT, session=self.number, what='up')

    def over(self, why=None):
        """It is told that it is over; why."""
        event = self.world.wait('told', WAIT, session=self.number, what='over')
        if why:
            equal(event['why'], why, 'why it is over')
        return event['why']

    def end(self):
        """Ends it."""
        self.world.do('end', self.number)


class Relay(World):
    """The driver, running; settle() gives every test a new relay."""

    def __enter__(self):
        self.dir = tempfile.TemporaryDirectory()
        self.path = os.path.join(self.dir.name, 'drive')
        self.guest = os.environ.get('E2AE_GUEST', 'host') != 'host'
        # Sanitizers are for this machine. A guest that is too slow for a compiler is given what was built before.
        if ready := os.environ.get('E2AE_MSRP_DRIVE'):
            self.path = os.path.abspath(ready)
        else:
            build(self.path, *(PLAIN if self.guest else FLAGS))
        self.kernel = kernel_has_tls()
        # Of each session both this process and the driver have two files.
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (65536, 65536))
        except ValueError:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        self.process, self.sockets, self.last = None, [], 0
        self.start()
        return self

    def settle(self):
        """Between two tests: everything of the last one is gone."""
        self.settle_sockets()
        if self.process.poll() is not None:
            self.start()
        self.do('close')
        self.events = []
        self.open()

    def open(self, **limits):
        """A new relay."""
        self.do('close')
        self.do('open', *{**LIMITS, **limits}.values())

    def session(self, **options):
        """A new session."""
        self.last += 1
        return Session(self, self.last, **options)

    def process_now(self):
        """Files and memory of the driver."""
        self.do('process')
        return self.wait('process')

    def listener(self, host='127.0.0.1', port=0):
        """A socket that listens, and its address."""
        sock = socket.create_server((host, port), family=socket.AF_INET6 if ':' in host else socket.AF_INET)
        sock.settimeout(WAIT)
        self.sockets.append(sock)
        return sock, text_of(sock.getsockname())

    def accept(self, sock):
        """The connection that comes."""
        peer, _ = sock.accept()
        peer.settimeout(WAIT)
        self.sockets.append(peer)
        return peer

    def pair(self, cema=True, **options):
        """A session that is up, the UE as client: (session, ue, core)."""
        session = self.session(hosts=options.pop('hosts', ('127.0.0.1', '127.0.0.1')))
        listener, at = options.pop('listener', None) or self.listener()
        equal(session.start(cema=cema, core=at, ue_path=options.pop('ue_path', UE_URI),
                            core_path=options.pop('core_path', CORE_URI)), 0, 'start')
        ue = session.ue(**options)
        core = self.accept(listener)
        session.up()
        return session, ue, core


def take(sock, size):
    """That many octets."""
    data = bytearray()
    while len(data) < size:
        more = sock.recv(min(size - len(data), 1 << 20))
        assert more, f'the end after {len(data)} of {size} octets'
        data += more
    return bytes(data)
