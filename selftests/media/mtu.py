#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Packets that grow: fragments in and out, and senders that are told."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))

import struct

from lib.call import Call
from lib.ktap import equal, eventually, test
from lib.netns import run as command
from lib.packets import checksum, fragments, ip, octets, parse_udp, rtp, udp
from lib.paths import run
from lib.topology import FAR, GW, Topology

DF = 0x4000
CM_TAG = 10


def datagram(call, side, family, payload):
    """A UDP datagram of a far end to the gateway's RTP port."""
    src, dst = FAR[side, family], GW[side, family]
    return src, dst, udp(src, dst, call.far[side], call.near[side], payload)


def filler(size):
    """A payload that makes an IP packet of `size` octets with IPv4, UDP and RTP headers."""
    return os.urandom(size - 20 - 8 - 12)


@test('fragmented SRTP is reassembled before it is judged')
def fragments_in(world):
    for family in (4, 6):
        call = Call(world, families=(family, family))
        wire = world.wire('access')
        for seq, size in enumerate((300, 1300, 1400)):
            packet = rtp(seq, payload=os.urandom(size))
            src, dst, data = datagram(call, 'access', family, call.in_key.oracle.protect(packet))
            for part in fragments(src, dst, data, 256, ident=100 + seq):
                wire.send(part)
            equal(call.core.receive(), packet, 'from fragments')
        for part in reversed(fragments(src, dst, datagram(
                call, 'access', family, call.in_key.oracle.protect(rtp(9)))[2], 64, ident=7)):
            wire.send(part)
        equal(call.core.receive(), rtp(9), 'from fragments in reverse order')


@test('of a lone fragment of SRTP or RTP nothing goes on; when its time is over its sender is told')
def lone(world):
    command('sysctl', '-qw', 'net.ipv4.ipfrag_time=1', name='gw')
    world.scratch.callback(command, 'sysctl', '-qw', 'net.ipv4.ipfrag_time=30', name='gw')
    call = Call(world)
    wires = {side: world.wire(side) for side in ('access', 'core')}
    for side, payload in (('access', call.in_key.oracle.protect(rtp(1))), ('core', rtp(1))):
        src, dst, data = datagram(call, side, 4, payload)
        for n, part in enumerate(fragments(src, dst, data, 64, ident=5)[:-1]):
            if n != 1:
                wires[side].send(part)
    for side, wire in wires.items():
        seen = eventually(f'nothing came to {side}', lambda wire=wire: wire.packets(0.1))
        equal([(one.proto, *one.body[:2], one.body[8 + 12:8 + 20]) for one in seen],
              [(1, 11, 1, octets(FAR[side, 4]) + octets(GW[side, 4]))], f'packets at {side}')
    call.up(rtp(1))


@test('without DF an IPv4 packet that grew too big is fragmented and opens at the far end')
def fragments_out(world):
    call = Call(world)
    wire = world.wire('core')
    for seq, size in enumerate((1490, 1491, 1495, 1500)):
        packet = rtp(seq, payload=filler(size))
        src, dst, data = datagram(call, 'core', 4, packet)
        wire.send(ip(src, dst, data))
        equal(call.out_key.oracle.unprotect(call.ue.receive()), packet, f'{size} octets')
    equal(call.drops(), {}, 'drops')


@test('SRTP that arrives in fragments and RTP that leaves in fragments are the same packet')
def large(world):
    for family in (4, 6):
        call = Call(world, families=(family, family))
        wire, core = world.wire('access'), world.wire('core')
        packet = rtp(1, payload=os.urandom(4000))
        src, dst, data = datagram(call, 'access', family, call.in_key.oracle.protect(packet))
        for part in fragments(src, dst, data, 1400):
            wire.send(part)
        equal(call.core.receive(), packet, 'large RTP')
        packet = rtp(1, payload=os.urandom(4000))
        src, dst, data = datagram(call, 'core', family, packet)
        for part in fragments(src, dst, data, 1400):
            core.send(part)
        equal(call.out_key.oracle.unprotect(call.ue.receive()), packet, 'large SRTP')


def too_big(seen, family, packet, mtu):
    """Judges the one ICMP error."""
    equal(len(seen), 1, 'ICMP errors')
    one = seen[0]
    equal(one.proto, 1 if family == 4 else 58, 'protocol')
    if family == 4:
        equal(tuple(one.body[:2]), (3, 4), 'type and code')
        equal(struct.unpack_from('>H', one.body, 6)[0], mtu, 'MTU told')
        equal(checksum(one.body), 0, 'ICMP checksum')
        equal(one.body[8 + 12:8 + 20], octets(FAR['core', 4]) + octets(GW['core', 4]), 'quote')
    else:
        equal(tuple(one.body[:2]), (2, 0), 'type and code')
        equal(struct.unpack_from('>I', one.body, 4)[0], mtu, 'MTU told')
    assert packet[12:40] not in one.raw, 'payload in the ICMP error'


@test('an IPv4 packet with DF that would not fit is refused and its sender told')
def df4(world):
    call = Call(world)
    wire, far = world.wire('core'), world.wire('access')
    for size in (1491, 1500):
        packet = rtp(size, payload=filler(size))
        src, dst, data = datagram(call, 'core', 4, packet)
        wire.send(ip(src, dst, data, frag=DF))
        too_big(wire.packets(0.05), 4, packet, 1500 - CM_TAG)
        equal(far.packets(0.02), [], 'frames')
    equal(call.drops(), {'too-big': 2}, 'drops')
    packet = rtp(1490, payload=filler(1490))
    src, dst, data = datagram(call, 'core', 4, packet)
    wire.send(ip(src, dst, data, frag=DF))
    equal(call.out_key.oracle.unprotect(call.ue.receive()), packet, 'what just fits')


@test('an IPv6 packet that would not fit is refused and its sender told')
def df6(world):
    call = Call(world, families=(6, 6))
    wire, far = world.wire('core'), world.wire('access')
    packet = rtp(1, payload=filler(1500 - 20))
    src, dst, data = datagram(call, 'core', 6, packet)
    wire.send(ip(src, dst, data))
    too_big(wire.packets(0.05), 6, packet, 1500 - CM_TAG)
    equal(far.packets(0.02), [], 'frames')
    equal(call.drops(), {'too-big': 1}, 'drops')
    packet = rtp(2, payload=filler(1490 - 20))
    src, dst, data = datagram(call, 'core', 6, packet)
    wire.send(ip(src, dst, data))
    equal(call.out_key.oracle.unprotect(call.ue.receive()), packet, 'what just fits')


@test('a packet that was refused as too big did not use up its number')
def number(world):
    call = Call(world)
    wire = world.wire('core')
    src, dst, data = datagram(call, 'core', 4, rtp(7, payload=filler(1495)))
    wire.send(ip(src, dst, data, frag=DF))
    call.silent('access')
    call.down(rtp(7))


@test('from IPv4 to IPv6 the longer header counts')
def across(world):
    call = Call(world, families=(6, 4))
    wire = world.wire('core')
    packet = rtp(1, payload=filler(1480))
    src, dst, data = datagram(call, 'core', 4, packet)
    wire.send(ip(src, dst, data, frag=DF))
    too_big(wire.packets(0.05), 4, packet, 1500 - CM_TAG - 20)
    packet = rtp(2, payload=filler(1470))
    src, dst, data = datagram(call, 'core', 4, packet)
    wire.send(ip(src, dst, data, frag=DF))
    equal(call.out_key.oracle.unprotect(call.ue.receive()), packet, 'what just fits')
    call.ue.drain()


@test('where the way on is too narrow for what is added alone, the least MTU there is is told')
def narrow(world):
    command('ip', '-n', 'gw', 'route', 'add', '10.1.0.2/32', 'dev', 'acc0', 'mtu', '130')
    world.scratch.callback(command, 'ip', '-n', 'gw', 'route', 'del', '10.1.0.2/32', 'dev', 'acc0')
    call = Call(world, mki=bytes(128))
    wire = world.wire('core')
    packet = rtp(1, payload=filler(100))
    src, dst, data = datagram(call, 'core', 4, packet)
    wire.send(ip(src, dst, data, frag=DF))
    too_big(wire.packets(0.05), 4, packet, 68)
    call.silent('access')


def quote_too_big(wire, family, seen, mtu):
    """An ICMP error of the UE's side about a packet that it saw."""
    src, dst = FAR['access', family], GW['access', family]
    quote = seen.raw[:48 + 20 * (family == 6)]
    if family == 4:
        body = struct.pack('>BBHHH', 3, 4, 0, 0, mtu) + quote
        body = body[:2] + struct.pack('>H', checksum(body)) + body[4:]
        wire.send(ip(src, dst, body, proto=1))
        return
    body = struct.pack('>BBHI', 2, 0, 0, mtu) + quote
    pseudo = octets(src) + octets(dst) + struct.pack('>IHBB', len(body), 0, 0, 58)
    body = body[:2] + struct.pack('>H', checksum(pseudo + body)) + body[4:]
    wire.send(ip(src, dst, body, proto=58))


@test('a path MTU learned by ICMP is kept to, and the sender told')
def learned(world):
    for family in (4, 6):
        call = Call(world, families=(family, family))
        core, access = world.wire('core'), world.wire('access')
        call.down(rtp(1))
        seen = [s for s in access.packets(0.02) if parse_udp(s)][0]
        quote_too_big(access, family, seen, 1400)
        equal(world.nl.do('stats-get')['stats']['icmp-pmtu'] > 0, True, 'icmp-pmtu')
        more = 20 * (family == 6)
        packet = rtp(2, payload=filler(1450 - more))
        src, dst, data = datagram(call, 'core', family, packet)
        core.packets()
        core.send(ip(src, dst, data, frag=DF) if family == 4 else ip(src, dst, data))
        too_big(core.packets(0.05), family, packet, 1400 - CM_TAG)
        equal(call.drops(), {'too-big': 1}, 'drops')
        call.down(rtp(3, payload=filler(1390 - more)))


@test('a datagram that would grow past 65535 octets is refused, not sent broken')
def huge(world):
    for families, size in (((4, 4), 65507 - 12), ((6, 4), 65507 - 12), ((4, 6), 65527 - 12)):
        call = Call(world, families=families)
        core, access = world.wire('core'), world.wire('access')
        family = families[1]
        src, dst, data = datagram(call, 'core', family, rtp(1, payload=os.urandom(size)))
        for part in fragments(src, dst, data, 1400, ident=900 + sum(families)):
            core.send(part)
        found = [s for s in access.packets(0.05) if s.src == GW['access', families[0]]]
        equal(found, [], 'packets that left')
        equal(sum(call.drops().values()), 1, 'counted')
        call.down(rtp(1))


@test('an ICMP error that was sent to another address changes no path MTU')
def elsewhere(world):
    call = Call(world)
    access = world.wire('access')
    call.down(rtp(1))
    seen = [s for s in access.packets(0.02) if parse_udp(s)][0]
    body = struct.pack('>BBHHH', 3, 4, 0, 0, 600) + seen.raw[:48]
    body = body[:2] + struct.pack('>H', checksum(body)) + body[4:]
    before = world.nl.do('stats-get')['stats']['icmp-pmtu']
    access.send(ip(FAR['access', 4], GW['core', 4], body, proto=1))
    equal(world.nl.do('stats-get')['stats']['icmp-pmtu'], before, 'icmp-pmtu')


@test('a quoted packet of somebody else changes no path MTU')
def not_ours(world):
    call = Call(world)
    access = world.wire('access')
    call.down(rtp(1))
    seen = [s for s in access.packets(0.02) if parse_udp(s)][0]
    before = world.nl.do('stats-get')['stats']['icmp-pmtu']
    other = seen.raw[:22] + b'\x13\x99' + seen.raw[24:]
    quote_too_big(access, 4, seen._replace(raw=other), 600)
    equal(world.nl.do('stats-get')['stats']['icmp-pmtu'], before, 'icmp-pmtu')
    call.down(rtp(2, payload=filler(1400)))


run(Topology)
