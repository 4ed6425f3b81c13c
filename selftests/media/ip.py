#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""IP and UDP around the media: TTL, DSCP, checksums, lengths, and odd headers."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))

from lib.call import Call
from lib.ktap import equal, test
from lib.netlink import Netlink
from lib.packets import STUN, ip, octets, parse_udp, rtp, sender_report, udp
from lib.paths import run
from lib.topology import FAR, GW, Port, Topology


def frame(call, side, payload, family=4, csum=None, length=None, **more):
    """An IP packet of a far end to the gateway's RTP port."""
    src, dst = FAR[side, family], GW[side, family]
    data = udp(src, dst, call.far[side], call.near[side], payload, length, csum)
    return ip(src, dst, data, **more)


def srtp(call, seq):
    return call.in_key.oracle.protect(rtp(seq))


@test('TTL and hop limit go down by one, never up')
def ttl(world):
    for family in (4, 6):
        call = Call(world, families=(family, family))
        wire = world.wire('access')
        call.core.report_header()
        for seq, hops in enumerate((255, 64, 5, 2)):
            wire.send(frame(call, 'access', srtp(call, seq), family, ttl=hops))
            equal(call.core.receive_full()[2], hops - 1, 'TTL')
        for seq, hops in enumerate((1, 0)):
            wire.send(frame(call, 'access', srtp(call, 10 + seq), family, ttl=hops))
        call.silent('core')
        equal(call.drops().get('ttl', 0) >= 1, True, 'counted')


@test('DSCP and ECN are kept, or DSCP written where the leg says so')
def dscp(world):
    for family in (4, 6):
        call = Call(world, families=(family, family))
        call.core.report_header()
        wire = world.wire('access')
        for seq, tos in enumerate((0, 0xb8, 0xba, 0x03)):
            wire.send(frame(call, 'access', srtp(call, seq), family, tos=tos))
            equal(call.core.receive_full()[3], tos, 'TOS kept')
        call.change(core={'dscp': 34})
        wire.send(frame(call, 'access', srtp(call, 10), family, tos=0xb9))
        equal(call.core.receive_full()[3], 34 << 2 | 1, 'DSCP written, ECN kept')
        call.change(core={'dscp': 64})
        wire.send(frame(call, 'access', srtp(call, 11), family, tos=0xb8))
        equal(call.core.receive_full()[3], 0xb8, 'kept again')


@test('a wrong UDP checksum is refused, none is right over IPv4 and wrong over IPv6')
def checksums(world):
    for family in (4, 6):
        call = Call(world, families=(family, family))
        for side, there in (('access', call.core), ('core', call.ue)):
            wire = world.wire(side)
            packet = srtp(call, 1) if side == 'access' else rtp(1)
            good = frame(call, side, packet, family)
            at = len(good) - len(packet) - 2
            wire.send(good[:at] + bytes([good[at] ^ 1]) + good[at + 1:])
            equal(there.drain(0.02), [], 'with a wrong checksum')
            wire.send(good)
            there.receive()
        equal(call.drops(), {'udp-checksum': 2}, 'drops')
        world.wire('access').send(frame(call, 'access', srtp(call, 2), family, csum=0))
        if family == 4:
            equal(call.core.receive(), rtp(2), 'without a checksum')
        else:
            call.silent('core')
            equal(call.drops(), {'udp-checksum': 3}, 'drops')


@test('what leaves carries right IP and UDP checksums and the leg\'s addresses')
def outgoing(world):
    for families in ((4, 4), (4, 6), (6, 4), (6, 6)):
        call = Call(world, families=families)
        wires = {side: world.wire(side) for side in ('access', 'core')}
        for seq in range(20):
            call.up(rtp(seq, payload=os.urandom(seq)))
            call.down(rtp(seq, payload=os.urandom(seq)))
        for side, wire in wires.items():
            family = call.families[side]
            got = wire.datagrams(0.02)
            equal(len(got), 20, 'datagrams')
            for one in got:
                assert one.good and one.ip.good, f'checksum or length: {one}'
                equal((one.ip.src, one.sport), (GW[side, family], call.near[side]), 'source')
                equal((one.ip.dst, one.dport), (FAR[side, family], call.far[side]), 'destination')


@test('a UDP length that is more than there is, or less than a header, is refused')
def lengths(world):
    for family in (4, 6):
        call = Call(world, families=(family, family))
        wire = world.wire('access')
        body = srtp(call, 1)
        for length in (0, 7, len(body) + 9, 65535):
            wire.send(frame(call, 'access', body, family, length=length))
        call.silent('core')
        equal(call.drops(), {'udp-length': 4}, 'drops')
        call.up(rtp(1))


@test('octets behind the UDP datagram are not taken for media')
def trailing(world):
    for family in (4, 6):
        call = Call(world, families=(family, family))
        wire = world.wire('access')
        src, dst = FAR['access', family], GW['access', family]
        data = udp(src, dst, call.far['access'], call.near['access'], srtp(call, 1))
        wire.send(ip(src, dst, data + b'trailing octets'))
        found = call.core.drain(0.05)
        equal(found in ([], [rtp(1)]), True, f'came out: {found}')
        wire.send(ip(src, dst, data, total=(20 + len(data)) if family == 4 else len(data)) + b'pad')
        found += call.core.drain(0.05)
        equal(found, [rtp(1)], 'with padding of the link')


@test('IPv4 options and an IPv6 extension header do no harm')
def options(world):
    call = Call(world)
    wire = world.wire('access')
    wire.send(frame(call, 'access', srtp(call, 1), options=b'\x94\x04\0\0'))
    equal(call.core.drain(0.05) in ([], [rtp(1)]), True, 'with router alert')
    wire.send(frame(call, 'access', srtp(call, 2), options=b'\1\1\1\0'))
    equal(call.core.receive(), rtp(2), 'with padding options')
    call = Call(world, families=(6, 6))
    src, dst = FAR['access', 6], GW['access', 6]
    data = udp(src, dst, call.far['access'], call.near['access'], srtp(call, 1))
    world.wire('access').send(ip(src, dst, b'\x11\0\1\4\0\0\0\0' + data, proto=60))
    equal(call.core.receive(), rtp(1), 'with destination options')


@test('IPv6 media behind more extension headers, or in a fragment of its own, passes unharmed')
def chains(world):
    call = Call(world, families=(6, 6))
    wire = world.wire('access')
    src, dst = FAR['access', 6], GW['access', 6]
    pad = bytes([1, 4, 0, 0, 0, 0])
    done = bytes([17, 0, 4, 0, 0, 0, 0, 0])             # a routing header with nothing left to go
    heads = ((0, bytes([17, 0]) + pad), (60, bytes([60, 0]) + pad + bytes([17, 0]) + pad),
             (0, bytes([60, 0]) + pad + bytes([43, 0]) + pad + done),
             (44, bytes([17, 0, 0, 0, 0, 0, 0, 9])))    # RFC 6946: offset 0 and no more to come
    for seq, (first, head) in enumerate(heads):
        data = udp(src, dst, call.far['access'], call.near['access'], srtp(call, seq))
        wire.send(ip(src, dst, head + data, proto=first))
        equal(call.core.receive(2), rtp(seq), f'behind {head.hex()}')
    equal(call.drops(), {}, 'drops')
    for head in (bytes([17, 255]) + pad, bytes([60, 0]) + pad + b'\x11'):
        data = udp(src, dst, call.far['access'], call.near['access'], srtp(call, 90))
        wire.send(ip(src, dst, head + data, proto=60))
    wire.send(ip(src, dst, (bytes([60, 0]) + pad) * 20 + bytes([17, 0]) + pad + data, proto=60))
    call.silent('core')
    call.up(rtp(90))


@test('IPv6 media under AH or on its way elsewhere is not taken as it is')
def foreign_headers(world):
    call = Call(world, families=(6, 6))
    wire, core = world.wire('access'), world.wire('core')
    src, dst = FAR['access', 6], GW['access', 6]
    data = udp(src, dst, call.far['access'], call.near['access'], srtp(call, 1))
    ah = b'\x11\x04\0\0' + (77).to_bytes(4, 'big') + (1).to_bytes(4, 'big') + bytes(12)
    wire.send(ip(src, dst, ah + data, proto=51))
    for kind in (0, 2, 4):                              # one more segment to go
        route = bytes([17, 2, kind, 1, 0, 0, 0, 0]) + octets(FAR['core', 6])
        wire.send(ip(src, dst, route + data, proto=43))
    equal([s for s in core.packets(0.05) if s.src == GW['core', 6]], [], 'media that came out')
    call.up(rtp(1))


@test('STUN and DTLS are dropped, or reach a local socket where the leg says so')
def nonmedia(world):
    call = Call(world)
    for packet in (STUN, b'\x16\xfe\xfd' + bytes(20), b'\x40\x00\x00\x04' + bytes(4), b'\0', b''):
        call.ue.send(packet)
        call.core.send(packet)
    call.silent('core')
    call.silent('access')
    equal(call.drops(), {'nonmedia': 10}, 'drops')
    for rtcp in ('next', 'mux'):
        call = Call(world, rtcp=rtcp, access={'nonmedia': 'local'})
        local = Port('gw', GW['access', 4], call.near['access'])
        world.scratch.callback(local.close)
        call.ue.send(STUN)
        equal(local.receive(), STUN, 'STUN at the host')
        local.send(STUN, (FAR['access', 4], call.far['access']))
        equal(call.ue.receive(), STUN, 'answer of the host')
        call.up(rtp(1))
        call.ue.send(rtp(2))
        equal(local.drain(0.02), [], 'media at the host')
        call.core.send(STUN)
        call.silent('access')


@test('STUN for the host is no forwarded packet: its TTL may be 1')
def nonmedia_ttl(world):
    for family in (4, 6):
        call = Call(world, families=(family, family), access={'nonmedia': 'local'})
        local = Port('gw', GW['access', family], call.near['access'])
        world.scratch.callback(local.close)
        world.wire('access').send(frame(call, 'access', STUN, family, ttl=1))
        equal(local.receive(), STUN, 'STUN at the host')


@test('packets from the wire that claim to come from the gateway itself are refused')
def martians(world):
    call = Call(world, core={'local-addr': octets('127.0.0.1'), 'peer-addr': octets('127.0.0.9')},
                sockets=False)
    lone = Call(world, core={'peer-addr': octets(GW['core', 4]), 'peer-port': 7999}, sockets=False)
    taps = [world.wire(side) for side in ('access', 'core')]
    for tap in taps:
        for one, src, dst, sport in ((call, '127.0.0.9', '127.0.0.1', call.far['core']),
                                     (lone, GW['core', 4], GW['core', 4], 7999)):
            data = udp(src, dst, sport, one.near['core'], rtp(1))
            tap.send(ip(src, dst, data))
    for tap in taps:
        equal(tap.packets(0.05), [], 'frames')


@test('another port and another address of the gateway are left alone')
def not_ours(world):
    call = Call(world)
    other = Port('gw', GW['access', 4], 6900)
    same = Port('gw', GW['core', 4], call.near['access'])
    for port in (other, same):
        world.scratch.callback(port.close)
    call.ue.send(rtp(1), (GW['access', 4], 6900))
    equal(other.receive(), rtp(1), 'to another port')
    call.core.send(rtp(1), (GW['core', 4], call.near['access']))
    equal(same.receive(), rtp(1), 'to another address')


@test('other namespaces know nothing of a stream')
def namespaces(world):
    call = Call(world)
    call.up(rtp(1))
    with Netlink('core') as other:
        equal(other.dump('stream-get')[0], [], 'streams')
        equal(other.dump('sa-get')[0], [], 'SAs')
        other.do('flush')
    call.up(rtp(2))
    call.down_rtcp(sender_report())


@test('no frame but the relayed ones leaves in a whole call')
def quiet(world):
    wires = {side: world.wire(side) for side in ('access', 'core')}
    call = Call(world)
    for seq in range(100):
        call.up(rtp(seq))
        call.down(rtp(seq))
    for side, wire in wires.items():
        seen = wire.packets(0.02)
        equal(len(seen), 100, f'packets on {side}')
        equal(all(parse_udp(s) for s in seen), True, 'all UDP')


run(Topology)
