# SPDX-License-Identifier: GPL-2.0
"""The small world of the data-plane tests.

    netns ue   ue0 ---- acc0   netns gw   core0 ---- c0   netns core
       10.1.0.2/24     10.1.0.1         10.2.0.1     10.2.0.2/24
       fd01::2/64      fd01::1          fd02::1      fd02::2/64

The gateway's devices compute no checksums, so that what arrives at either end was checked for
real; `offload` leaves that to the devices. More addresses (.3 to .12) are on ue0 and c0 for sources that move.
"""
import contextlib
import ctypes
import fcntl
import os
import select
import socket
import struct

from lib import module
from lib.netlink import Netlink
from lib.netns import incoming, inside, ip_batch, processed, run, write
from lib.packets import parse_ip, parse_udp

NAMES = ('gw', 'ue', 'core')
GW = {('access', 4): '10.1.0.1', ('access', 6): 'fd01::1',
      ('core', 4): '10.2.0.1', ('core', 6): 'fd02::1'}
FAR = {('access', 4): '10.1.0.2', ('access', 6): 'fd01::2',
       ('core', 4): '10.2.0.2', ('core', 6): 'fd02::2'}
# side -> (far namespace, far device, gateway's device)
SIDES = {'access': ('ue', 'ue0', 'acc0'), 'core': ('core', 'c0', 'core0')}

SIOCETHTOOL = 0x8946
ETHTOOL_STXCSUM, ETHTOOL_GSTRINGS, ETHTOOL_GSSET_INFO = 0x17, 0x1b, 0x37
ETHTOOL_GFEATURES, ETHTOOL_SFEATURES, SS_FEATURES = 0x3a, 0x3b, 4
IP_RECVTTL, IP_RECVTOS, IPV6_RECVHOPLIMIT, IPV6_RECVTCLASS = 12, 13, 51, 66
SO_RCVBUFFORCE = 33
SOL_UDP, UDP_SEGMENT = 17, 103
PATIENCE = 20       # seconds; only a test that fails waits for so long
MAX_BACKLOG = '/proc/sys/net/core/netdev_max_backlog'


def other_address(side, family, number):
    """One more address of a far end, 3 to 12."""
    return FAR[side, family][:-1] + (str(number) if family == 4 else f'{number:x}')


def ethtool(name, device, command, value):
    """One of the old on/off ioctls of ethtool."""
    with inside(name), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        row = ctypes.create_string_buffer(struct.pack('=II', command, value), 8)
        fcntl.ioctl(sock, SIOCETHTOOL, struct.pack('16sQ', device.encode(), ctypes.addressof(row)))


def ethtool_feature(name, device, feature, on):
    """Switches one of the named features of a device; whether it is as wanted then."""
    def ask(data):
        row = ctypes.create_string_buffer(data, max(len(data), 8192))
        fcntl.ioctl(sock, SIOCETHTOOL, struct.pack('16sQ', device.encode(), ctypes.addressof(row)))
        return row.raw
    with inside(name), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        count = struct.unpack_from('=I', ask(struct.pack('=IIQI', ETHTOOL_GSSET_INFO, 0, 1 << SS_FEATURES, 0)), 16)[0]
        strings = ask(struct.pack('=III', ETHTOOL_GSTRINGS, SS_FEATURES, count))[12:]
        bit = [strings[32 * n:32 * n + 32].rstrip(b'\0').decode() for n in range(count)].index(feature)
        words = [[0, 0] for _ in range((count + 31) // 32)]
        words[bit // 32] = [1 << bit % 32, on << bit % 32]
        ask(struct.pack(f'=II{2 * len(words)}I', ETHTOOL_SFEATURES, len(words), *sum(words, [])))
        active = struct.unpack_from('=4I', ask(struct.pack('=II', ETHTOOL_GFEATURES, len(words))), 8 + 16 * (bit // 32))
    return bool(active[2] >> bit % 32 & 1) == bool(on)


def mac(name, device):
    """Hardware address of a device."""
    text = run('cat', f'/sys/class/net/{device}/address', name=name).stdout.strip()
    return bytes.fromhex(text.replace(':', ''))


class Port:
    """A UDP socket of a far end."""

    def __init__(self, name, address, port, device=None):
        family = socket.AF_INET6 if ':' in address else socket.AF_INET
        with inside(name):
            self.sock = socket.socket(family, socket.SOCK_DGRAM)
        self.name, self.address, self.port = name, address, port
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 16 << 20)
        self.sock.bind((address, port))
        self.sock.setblocking(False)
        self.peer = None

    def close(self):
        """Closes the socket."""
        self.sock.close()

    def send(self, data, to=None):
        """Sends to an (address, port), or to the peer that was set."""
        return self.sock.sendto(data, to or self.peer)

    def send_coalesced(self, packets):
        """Sends packets of one size as a large one, which is cut where it has to be."""
        self.sock.setsockopt(SOL_UDP, UDP_SEGMENT, len(packets[0]))
        try:
            self.send(b''.join(packets))
        finally:
            self.sock.setsockopt(SOL_UDP, UDP_SEGMENT, 0)

    def receive(self, seconds=PATIENCE):
        """The next datagram; fails if none comes in time."""
        if not select.select([self.sock], [], [], seconds)[0]:
            raise AssertionError(f'nothing arrived at {self.name} {self.address}:{self.port}')
        return self.sock.recv(1 << 16)

    def drain(self, seconds=0.0):
        """All datagrams that are there, and those of the next moments."""
        processed()
        return [self.sock.recv(1 << 16) for _ in incoming(self.sock, seconds)]

    def receive_full(self, seconds=PATIENCE):
        """The next datagram as (data, source, ttl, tos)."""
        six = self.sock.family == socket.AF_INET6
        level = socket.IPPROTO_IPV6 if six else socket.IPPROTO_IP
        if not select.select([self.sock], [], [], seconds)[0]:
            raise AssertionError(f'nothing arrived at {self.name} {self.address}:{self.port}')
        data, found, _, source = self.sock.recvmsg(1 << 16, 256)
        values = {kind: struct.unpack('i', d.ljust(4, b'\0')[:4])[0]
                  for lv, kind, d in found if lv == level}
        return (data, source[:2], values.get(52 if six else 2), values.get(67 if six else 1))

    def report_header(self):
        """Asks the kernel for TTL and TOS of what arrives."""
        if self.sock.family == socket.AF_INET6:
            self.sock.setsockopt(socket.IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1)
            self.sock.setsockopt(socket.IPPROTO_IPV6, IPV6_RECVTCLASS, 1)
        else:
            self.sock.setsockopt(socket.IPPROTO_IP, IP_RECVTTL, 1)
            self.sock.setsockopt(socket.IPPROTO_IP, IP_RECVTOS, 1)


class Wire:
    """A raw socket on a far end's device: sends frames, sees every frame that arrives."""

    def __init__(self, name, device, gateway_mac):
        with inside(name):
            self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
            self.sock.bind((device, 3))
        self.sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20)
        self.sock.setblocking(False)
        self.mac, self.gateway_mac = mac(name, device), gateway_mac

    def close(self):
        """Closes the socket."""
        self.sock.close()

    def send(self, packet, kind=None, vlan=None):
        """Sends an IP packet to the gateway."""
        if kind is None:
            kind = 0x86dd if packet[0] >> 4 == 6 else 0x0800
        tag = b'' if vlan is None else struct.pack('>HH', 0x8100, vlan)
        self.sock.send(self.gateway_mac + self.mac + tag + struct.pack('>H', kind) + packet)

    def frames(self, seconds=0.0):
        """Ethernet frames that arrived."""
        out = []
        processed()
        for _ in incoming(self.sock, seconds):
            data, (_, _, kind, _, _) = self.sock.recvfrom(1 << 17)
            if kind != socket.PACKET_OUTGOING:
                out.append(data)
        return out

    def packets(self, seconds=0.0):
        """IP packets that arrived, ARP and neighbour discovery left out."""
        out = []
        for frame in self.frames(seconds):
            kind, at = struct.unpack_from('>H', frame, 12)[0], 14
            if kind == 0x8100:
                kind, at = struct.unpack_from('>H', frame, 16)[0], 18
            if kind not in (0x0800, 0x86dd):
                continue
            seen = parse_ip(frame[at:])
            if seen.proto == 58 and seen.body[0] in range(130, 138) or seen.proto == 0:
                continue
            out.append(seen)
        return out

    def datagrams(self, seconds=0.0):
        """UDP datagrams that arrived; anything else fails."""
        out = []
        for seen in self.packets(seconds):
            one = parse_udp(seen)
            assert one, f'not a whole UDP datagram: {seen}'
            out.append(one)
        return out


class Topology:
    """Makes the world and the module's presence in it; both go when it is left."""

    def __init__(self, offload=False, parameters=None):
        self.offload, self.parameters = offload, parameters or {}
        self.keep = contextlib.ExitStack()     # as long as the file runs
        self.scratch = contextlib.ExitStack()  # as long as one test runs
        self.nl = None
        self.there = set()

    def __enter__(self):
        os.sched_setaffinity(0, {0})
        try:
            module.load(**self.parameters)
            self.keep.callback(module.unload)
            write(MAX_BACKLOG, 20000)       # no packet is lost before it gets to the gateway
            self._namespaces(self.keep)
            self._links()
            self.nl = Netlink('gw')
            self.keep.callback(self.nl.close)
        except BaseException:
            self.keep.close()
            raise
        return self

    def __exit__(self, *exc):
        self.scratch.close()
        self.keep.close()
        return False

    def remove(self, name):
        """Removes one of the namespaces, if it is still there."""
        if name in self.there:
            self.there.remove(name)
            run('ip', 'netns', 'del', name)

    def relayed(self):
        """Packets that the module has relayed since it was loaded."""
        return self.nl.do('stats-get')['stats']['relayed']['packets']

    def reload(self):
        """The module that a test unloaded, once more."""
        module.load(**self.parameters)
        self.nl.resolve()

    def settle(self):
        """Between two tests: sockets, streams and SAs go."""
        self.scratch.close()
        self.nl.do('flush')

    def _namespaces(self, undo):
        for name in NAMES:
            run('ip', 'netns', 'add', name)
            self.there.add(name)
            undo.callback(self.remove, name)
            for key in ('all', 'default'):
                write(f'/proc/sys/net/ipv6/conf/{key}/accept_dad', 0, name)
            run('ip', 'link', 'set', 'lo', 'up', name=name)

    def _links(self):
        module.need_driver('veth')
        for side, (name, far, near) in SIDES.items():
            run('ip', 'link', 'add', far, 'netns', name, 'type', 'veth',
                'peer', 'name', near, 'netns', 'gw')
            more = ['link set dev %s up' % far]
            for family, bits in ((4, 24), (6, 64)):
                more.append(f'addr add {FAR[side, family]}/{bits} dev {far}')
                more += [f'addr add {other_address(side, family, n)}/{bits} dev {far}'
                         for n in range(3, 13)]
            ip_batch(more, name)
            ip_batch([f'link set dev {near} up', f'addr add {GW[side, 4]}/24 dev {near}',
                      f'addr add {GW[side, 6]}/64 dev {near}'], 'gw')
            ip_batch([f'route add default via {GW[side, f]}' for f in (4, 6)], name)
            if not self.offload:
                ethtool('gw', near, ETHTOOL_STXCSUM, 0)
            self._neighbours(side)
        for path in ('ipv4/ip_forward', 'ipv6/conf/all/forwarding'):
            write(f'/proc/sys/net/{path}', 1, 'gw')

    def _neighbours(self, side):
        """Permanent entries: no packet waits for an answer, no test sees one."""
        name, far, near = SIDES[side]
        there = ':'.join(f'{b:02x}' for b in mac(name, far))
        here = ':'.join(f'{b:02x}' for b in mac('gw', near))
        ip_batch([f'neigh replace {GW[side, f]} lladdr {here} dev {far}' for f in (4, 6)], name)
        ip_batch([f'neigh replace {a} lladdr {there} dev {near}' for f in (4, 6)
                  for a in [FAR[side, f]] + [other_address(side, f, n) for n in range(3, 13)]],
                 'gw')

    def bursts(self, side):
        """What a far end sends arrives in bursts, as long as the test runs or its end of the link is there."""
        module.need_driver('sch_netem')
        name, far, _ = SIDES[side]
        run('tc', 'qdisc', 'add', 'dev', far, 'root', 'netem', 'slot', '40ms', '40ms', 'limit', '10000', name=name)
        self.scratch.callback(run, 'tc', 'qdisc', 'del', 'dev', far, 'root', name=name, check=False)

    def switch(self, name, device, feature, on):
        """A feature of a device, for one test."""
        assert ethtool_feature(name, device, feature, on), f'{feature} of {device} cannot be {on}'
        self.scratch.callback(ethtool_feature, name, device, feature, not on)

    def set_mtu(self, mtu, side='core'):
        """MTU of one side's link, both ends."""
        name, far, near = SIDES[side]
        run('ip', 'link', 'set', far, 'mtu', str(mtu), name=name)
        run('ip', 'link', 'set', near, 'mtu', str(mtu), name='gw')

    def wire(self, side):
        """A raw socket at a far end."""
        name, far, near = SIDES[side]
        wire = Wire(name, far, mac('gw', near))
        self.scratch.callback(wire.close)
        return wire

    def port(self, side, port, family=4, address=None):
        """A UDP socket at a far end."""
        sock = Port(SIDES[side][0], address or FAR[side, family], port)
        self.scratch.callback(sock.close)
        return sock
