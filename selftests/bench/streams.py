# SPDX-License-Identifier: GPL-2.0
"""The gateway's streams under measurement, numbered as flow.h numbers them, and the two devices around it."""
import os
import socket
import struct
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..'))

from lib.netlink import ACK, REQUEST, Netlink, encode
from lib.netns import ip_batch, run, write
from lib.spec import SPEC, TOP
from peers.suites import SUITES, number as suite_number

FIRST_PORT, PORTS, PEER = 10000, 50000, 200
HOSTS = range(1, 4)                 # of the gateway on each side
SIDES = ('access', 'core')          # inject0, inject1
CHUNK = 64                          # messages in a send
HEAD = 20                           # octets in front of a request's attributes
MARK = 0xa1b2c3d4                   # a number to be found again in an encoded message


def address(side, host, family=4):
    """Of the gateway (1 to 3) or the peer (200), in octets."""
    net = 1 + SIDES.index(side)
    if family == 6:
        return bytes([0xfd, net]) + bytes(13) + bytes([host])
    return bytes([10, net, 0, host])


def text(side, host, family=4):
    """The same as people write it."""
    return socket.inet_ntop(socket.AF_INET6 if family == 6 else socket.AF_INET, address(side, host, family))


def devices():
    """Makes the injector's devices usable; every neighbour is known."""
    for side, name in zip(SIDES, ('inject0', 'inject1')):
        write(f'/proc/sys/net/ipv6/conf/{name}/accept_dad', 0)
        ip_batch([f'link set {name} up'] + [f'addr add {text(side, host, family)}/{bits} dev {name}'
                                            for family, bits in ((4, 24), (6, 64)) for host in HOSTS] +
                 [f'neigh replace {text(side, PEER, family)} lladdr 02:00:00:00:00:01 dev {name} nud permanent'
                  for family in (4, 6)])
    for path in ('ipv4/ip_forward', 'ipv6/conf/all/forwarding'):
        write(f'/proc/sys/net/{path}', 1)


def bench_module(name):
    """Path of one of the bench's own modules for this guest."""
    return os.path.join(TOP, 'build', os.environ['E2AE_GUEST'], 'modules', f'e2ae_{name}.ko')


def insert(name, **parameters):
    """insmod of one of them."""
    run('insmod', bench_module(name), *(f'{k}={v}' for k, v in parameters.items()))


def remove(name):
    """And rmmod."""
    run('rmmod', f'e2ae_{name}')


class Template:
    """Requests that differ in few numbers: encoded once, with the numbers found by marks."""

    def __init__(self, nl, command, name, values, flags=REQUEST):
        head = struct.pack('=BBH', SPEC.commands[command], 1, 0)
        body = head + encode('e2ae', {name: values})
        self.octets = struct.pack('=IHHII', 16 + len(body), nl.family, flags, 0, 0) + body

    def places(self, mark):
        """Where the mark is."""
        at, found = self.octets.find(mark), []
        while at >= 0:
            found.append(at)
            at = self.octets.find(mark, at + 1)
        return found


def sa_template(nl, suite, flags=REQUEST):
    """Requests for SAs: a function of their number."""
    size = SUITES[suite].key
    key = bytes(size - 4) + struct.pack('>I', MARK)
    salt = bytes(range(1, 1 + SUITES[suite].salt))
    one = Template(nl, 'sa-new', 'sa', {'id': MARK, 'suite': suite_number(suite), 'key': key, 'salt': salt}, flags)
    (at,), (key_at,) = one.places(struct.pack('=I', MARK)), one.places(key)

    def make(ident):
        out = bytearray(one.octets)
        struct.pack_into('=I', out, at, ident)
        struct.pack_into('>I', out, key_at + size - 4, ident)
        return bytes(out)
    return make


def stream_template(nl, secure, family=4, flags=REQUEST):
    """Requests for streams: a function of their number."""
    port, made = MARK & 0xffff, {}

    def leg(side, host, **more):
        return {'local-addr': address(side, host, family), 'local-port': port, 'peer-addr': address(side, PEER, family),
                'peer-port': port, 'rtcp-mode': 'mux', **more}

    def of_host(host):
        sas = {'in-sa': MARK - 1, 'out-sa': MARK - 2} if secure else {'plain': True}
        one = Template(nl, 'stream-new', 'stream', {'id': MARK, 'access': leg('access', host, **sas),
                                                     'core': leg('core', host, plain=True)}, flags)
        # A port's attribute: its length, its number, itself and padding.
        ports = [at for at in one.places(struct.pack('=HH', port, 0)) if one.octets[at - 4:at - 2] == b'\6\0']
        assert len(ports) == 4, ports
        numbers = [one.places(struct.pack('=I', MARK - n)) for n in range(3)]
        return one.octets, ports, [found[0] if found else 0 for found in numbers]

    def make(n):
        host = 1 + (n - 1) // PORTS
        if host not in made:
            made[host] = of_host(host)
        octets, ports, numbers = made[host]
        out = bytearray(octets)
        for at in ports:
            struct.pack_into('=H', out, at, FIRST_PORT + (n - 1) % PORTS)
        for at, value in zip(numbers, (n, 2 * n - 1, 2 * n)):
            if at:
                struct.pack_into('=I', out, at, value)
        return bytes(out)
    return make


class Gateway:
    """The module's side: streams that come and go."""

    def __init__(self):
        self.nl = Netlink()
        self.nl.in_order = False

    def close(self):
        """Closes the socket."""
        self.nl.close()

    def send(self, messages):
        """Sends requests that ask for no answer; raises on the first that is refused."""
        for at in range(0, len(messages), CHUNK):
            part = bytearray(b''.join(messages[at:at + CHUNK]))
            last = len(part) - len(messages[min(at + CHUNK, len(messages)) - 1])
            flags, = struct.unpack_from('=H', part, last + 6)
            struct.pack_into('=H', part, last + 6, flags | ACK)
            self.nl.sock.send(part)
            error = struct.unpack_from('=i', self.nl._receive(), 16)[0]
            if error:
                raise OSError(-error, os.strerror(-error))

    def messages(self, suite, count, family=4):
        """Requests that make `count` streams with two SAs each; plain without SAs."""
        secure = suite != 'plain'
        sa = sa_template(self.nl, suite) if secure else None
        stream = stream_template(self.nl, secure, family)
        return ([sa(n) for n in range(1, 2 * count + 1)] if secure else []) + [stream(n) for n in range(1, count + 1)]

    def whole(self, suite, count, family=4):
        """The same with a request for each stream that brings its SAs."""
        sa, stream = sa_template(self.nl, suite), stream_template(self.nl, True, family)

        def one(n):
            parts = [stream(n)[:HEAD]] + [message[HEAD:] for message in (sa(2 * n - 1), sa(2 * n), stream(n))]
            whole = bytearray(b''.join(parts))
            struct.pack_into('=I', whole, 0, len(whole))
            return bytes(whole)
        return [one(n) for n in range(1, count + 1)]

    def make(self, suite, count=1, family=4):
        """Makes them in place of all there were."""
        self.nl.do('flush')
        self.send(self.messages(suite, count, family))

    def stats(self):
        """Counters of the namespace."""
        return self.nl.do('stats-get')['stats']
