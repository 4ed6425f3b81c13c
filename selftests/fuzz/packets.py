#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Broken packets of every kind, the same ones each time: nothing unauthentic comes out."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))

import random
import struct

from lib.call import SSRC, Call
from lib.ktap import equal, run, say, test
from lib.netns import write
from lib.packets import (UDP, bye, checksum, ip, parse_udp, receiver_report, rtp,
                         sender_report, udp)
from lib.topology import FAR, GW, Topology
from peers.oracle import Forged, header_size

ROUNDS = int(os.environ.get('E2AE_FUZZ_ROUNDS', '2500'))
MARK = b'clear text of the fuzzer'


def flip(order, data):
    """Changes up to eight bits."""
    data = bytearray(data)
    for _ in range(order.randrange(1, 9)):
        if data:
            data[order.randrange(len(data))] ^= 1 << order.randrange(8)
    return bytes(data)


def cut(order, data):
    """Takes octets off the end, or all."""
    return data[:order.randrange(len(data) + 1)]


def splice(order, data):
    """Doubles, drops or replaces a piece."""
    at, size = order.randrange(len(data) + 1), order.randrange(1, 40)
    return data[:at] + order.choice((b'', data[at:at + size] * 2, order.randbytes(size))) + \
        data[at + size:]


def lengths(order, data):
    """Puts a wild number where headers keep lengths and counts."""
    data = bytearray(data)
    for at in (0, 2, 3, 12, 14, 15):
        if at < len(data) and order.random() < 0.4:
            data[at] = order.choice((0, 1, 0x7f, 0x80, 0x9f, 0xbf, 0xff, order.randrange(256)))
    return bytes(data)


MUTATIONS = (flip, flip, cut, splice, lengths)


class Source:
    """Makes packets of one far end: payloads, then UDP, then IP; remembers the genuine ones."""

    def __init__(self, call, side, seed):
        self.call, self.side, self.order = call, side, random.Random(seed)
        self.family, self.n = call.families[side], 0
        self.genuine = set()

    def good(self):
        """A genuine payload: SRTP or SRTCP from the UE, RTP or RTCP from the core."""
        self.n += 1
        order, oracle = self.order, self.call.in_key.oracle
        if order.random() < 0.7:
            plain = rtp(self.n, payload=MARK + order.randbytes(order.randrange(120)),
                        csrc=range(order.choice((0, 0, 1, 15))),
                        ext=order.choice((None, None, b'', bytes(12))))
            port, protected = 0, oracle.protect(plain)
        else:
            plain = order.choice((sender_report(), receiver_report(), bye())) + \
                sender_report(SSRC + 7)
            port, protected = 1, oracle.protect_rtcp(plain, self.n)
        if order.random() < 0.2:
            port ^= 1
        return port, plain, protected

    def packet(self):
        """An IP packet with something wrong in it, or nothing."""
        order, (port, plain, protected) = self.order, self.good()
        payload = plain if self.side == 'core' else order.choice((plain, protected, protected))
        kind = order.random()
        if payload is protected:
            self.genuine.add(plain)     # no change that authenticates makes other media of it
        if 0.1 <= kind < 0.6:
            payload = order.choice(MUTATIONS)(order, payload)
        src, dst = FAR[self.side, self.family], GW[self.side, self.family]
        data = udp(src, dst, self.call.far[self.side] + port, self.call.near[self.side] + port,
                   payload)
        if 0.6 <= kind < 0.75:
            data = order.choice(MUTATIONS)(order, data)
        data = data or b'\0'
        whole = ip(src, dst, data, proto=UDP, ident=self.n, ttl=order.choice((64, 64, 2, 1, 255)))
        if kind >= 0.75:
            head = 20 if self.family == 4 else 40
            whole = self.headers(whole[:head]) + whole[head:]
        return whole

    def headers(self, head):
        """A broken IP header; over IPv4 mostly with a right checksum again."""
        order = self.order
        head = bytearray(order.choice((flip, lengths))(order, head))
        head[0] = (0x40 | head[0] & 15) if self.family == 4 else (0x60 | head[0] & 15)
        if self.family == 4 and order.random() < 0.8:
            head[10:12] = b'\0\0'
            head[10:12] = checksum(bytes(head)).to_bytes(2, 'big')
        return bytes(head)


def sealed_from(call, payload, rocs):
    """Where the encrypted part of protected media begins; None: the oracle refuses it."""
    for roc in range(rocs + 1):
        try:
            call.out_key.oracle.unprotect(payload, roc)
            return header_size(payload)
        except (Forged, IndexError, struct.error):      # the header does not fit: not RTP
            pass
    try:
        call.out_key.oracle.unprotect_rtcp(payload)
        return 8
    except Forged:
        return None


def from_leg(call, side, seen):
    """The UDP datagram of a packet that a leg sent, or None (ICMP and the like)."""
    one = parse_udp(seen)
    if one and seen.src == GW[side, call.families[side]] and \
            one.sport in (call.near[side], call.near[side] + 1):
        return one
    return None


def judge_ue(call, wire, clear):
    """All that went to the UE."""
    count = 0
    rocs = max([s.get('roc', 0) for s in call.sa(call.out_key).get('state', [])], default=0)
    for seen in wire.packets(0.01):
        one = from_leg(call, 'access', seen)
        shown = seen.raw if seen.proto not in (1, 58) else b''
        if one:
            assert one.good, f'bad UDP left: {one}'
            start = sealed_from(call, one.payload, rocs)
            assert start is not None, f'unauthentic: {one.payload.hex()}'
            shown = one.payload[start:]                 # a mutated header may hold the mark
            count += 1
        assert clear not in shown, f'clear text at the UE: {seen.raw.hex()}'
    return count


def judge_core(call, wire, genuine):
    """All that went to the core."""
    count = 0
    for seen in wire.packets(0.01):
        one = from_leg(call, 'core', seen)
        if one:
            assert one.payload in genuine, f'never protected by the UE: {one.payload.hex()}'
            count += 1
    return count


def fuzz(world, families, suite):
    for family in (4, 6):
        path = 'ipv4/ip_forward' if family == 4 else 'ipv6/conf/all/forwarding'
        write(f'/proc/sys/net/{path}', 0, 'gw')
    call = Call(world, suite, families=families, sockets=False)
    wires = {side: world.wire(side) for side in ('access', 'core')}
    sources = [Source(call, side, f'{suite} {families} {side}') for side in ('access', 'core')]
    out = {'access': 0, 'core': 0}
    for n in range(ROUNDS):
        for source in sources:
            try:
                wires[source.side].send(source.packet())
            except OSError:
                pass                            # too large for the link
        if n % 50 == 49:
            out['access'] += judge_ue(call, wires['access'], MARK)
            out['core'] += judge_core(call, wires['core'], sources[0].genuine)
    say(suite, families, 'came out:', out, 'drops:', call.drops())
    assert out['access'] > ROUNDS / 10 and out['core'] > 0, f'hardly anything genuine: {out}'


@test('nothing of broken IPv4 packets comes out', seconds=120)
def four(world):
    for suite in ('AES_CM_128_HMAC_SHA1_80', 'AEAD_AES_128_GCM'):
        fuzz(world, (4, 4), suite)


@test('nothing of broken IPv6 packets comes out', seconds=120)
def six(world):
    fuzz(world, (6, 6), 'AES_CM_128_HMAC_SHA1_80')
    fuzz(world, (6, 4), 'AEAD_AES_256_GCM')


@test('on a secured core leg too nothing of broken packets comes out', seconds=120)
def plain(world):
    other = Call(world, sockets=False)
    world.nl.do('stream-del', stream={'id': other.n})
    call = Call(world, core={'plain': None, 'in-sa': other.in_key.ident,
                             'out-sa': other.out_key.ident}, sockets=False)
    wires = {side: world.wire(side) for side in ('access', 'core')}
    source = Source(call, 'core', 'secured core')
    for _ in range(ROUNDS):
        try:
            wires['core'].send(source.packet())
        except OSError:
            pass
    equal([s for s in wires['access'].packets(0.02) if from_leg(call, 'access', s)], [],
          'came out of what was never protected')


@test('after it all a call works as on the first day')
def afterwards(world):
    for families in ((4, 4), (6, 6)):
        call = Call(world, families=families)
        for seq in range(20):
            call.up(rtp(seq))
            call.down(rtp(seq))


run(Topology)
