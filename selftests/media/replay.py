#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Replayed packets on receive, repeated numbers on send."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))

import random

from lib.call import SSRC, Call, judge
from lib.ktap import equal, test
from lib.packets import receiver_report, rtp, sender_report
from lib.paths import run
from lib.topology import Topology
from peers.suites import ENCRYPTING

TOP = 20000


def refused(call, packets, counter):
    """Sends SRTP that must not come out and must be counted under one name."""
    before = call.drops().get(counter, 0)
    for packet in packets:
        call.ue.send(packet)
    call.silent('core')
    equal(call.drops().get(counter, 0) - before, len(packets), counter)


@test('a replayed SRTP packet does not come out and is counted')
def replayed(world):
    for suite in ENCRYPTING:
        call = Call(world, suite)
        sent = []
        for seq in range(100, 140):
            sent.append(call.in_key.oracle.protect(rtp(seq)))
            call.up(rtp(seq))
        refused(call, sent, 'rx-replay')
        call.up(rtp(140))


@test('a replay window takes what is just inside and refuses what is just outside')
def edges(world):
    for size in (64, 128, 4096):
        call = Call(world, in_sa={'window': size})
        call.up(rtp(TOP))
        call.up(rtp(TOP - size + 1))
        protect = call.in_key.oracle.protect
        refused(call, [protect(rtp(TOP - size)), protect(rtp(TOP - 2 * size - 64))], 'rx-old')
        refused(call, [protect(rtp(TOP - size + 1)), protect(rtp(TOP))], 'rx-replay')
        call.up(rtp(TOP - size // 2))
        call.up(rtp(TOP + 1))
        refused(call, [protect(rtp(TOP - size + 1))], 'rx-old')


@test('every number of a window passes once in any order')
def shuffled(world):
    order = random.Random(1)
    for size in (64, 128, 4096):
        call = Call(world, in_sa={'window': size})
        numbers = list(range(TOP - min(size, 512) + 1, TOP))
        order.shuffle(numbers)
        call.up(rtp(TOP))
        for seq in numbers:
            call.up(rtp(seq))
        refused(call, [call.in_key.oracle.protect(rtp(s)) for s in numbers[:100]], 'rx-replay')


@test('replayed SRTCP does not come out and is counted')
def replayed_rtcp(world):
    for suite in ENCRYPTING:
        call = Call(world, suite)
        for index in (5, 6, 9, 8):
            call.up_rtcp(sender_report(), index)
        for index in (5, 6, 8, 9):
            call.ue_rtcp.send(call.in_key.oracle.protect_rtcp(receiver_report(), index))
        call.up_rtcp(sender_report(), 7)
        call.ue_rtcp.send(call.in_key.oracle.protect_rtcp(sender_report(), 500))
        equal(call.core_rtcp.receive(), sender_report(), 'a jump ahead')
        call.ue_rtcp.send(call.in_key.oracle.protect_rtcp(sender_report(), 10))
        call.silent('core')
        equal(call.drops(), {'rx-replay': 4, 'rx-old': 1}, 'drops')


@test('a replayed first packet of a new SSRC is refused too')
def first(world):
    call = Call(world)
    for ssrc in range(1, 5):
        call.up(rtp(0, ssrc=ssrc))
    refused(call, [call.in_key.oracle.protect(rtp(0, ssrc=s)) for s in range(1, 5)], 'rx-replay')


@test('a sender that repeats a number with another payload is not encrypted again')
def repeated(world):
    for suite in ENCRYPTING:
        call = Call(world, suite)
        for seq in range(50):
            call.down(rtp(seq))
        for seq in range(50):
            call.core.send(rtp(seq, payload=b'something else'))
        call.silent('access')
        equal(call.drops(), {'tx-repeat': 50}, 'drops')
        call.down(rtp(50))


@test('a sender that starts its numbers anew is not encrypted under used indices')
def restarted(world):
    call = Call(world)
    for seq in range(1000, 1200):
        call.down(rtp(seq))
    for seq in range(0, 1200, 7):
        call.core.send(rtp(seq, payload=b'once more'))
    left = call.ue.drain(0.05)
    tops = {1000 + i for i in range(200)}
    for srtp in left:
        index = int.from_bytes(srtp[2:4], 'big')
        assert index not in tops, f'index {index} was encrypted twice'
        equal(call.out_key.oracle.unprotect(srtp, 0)[12:], b'once more', 'payload')


def wander(order, count):
    """Sequence numbers as a broken sender makes them: runs, jumps, repeats, wraps."""
    seq = order.randrange(65536)
    for _ in range(count):
        kind = order.random()
        if kind < 0.6:
            seq += 1
        elif kind < 0.75:
            seq -= order.randrange(200)
        elif kind < 0.9:
            seq += order.randrange(3000)
        else:
            seq = order.randrange(65536)
        seq &= 0xffff
        yield seq


@test('whatever numbers a sender invents, no index of a key is ever used twice')
def never_twice(world):
    order = random.Random(7)
    for suite in ('AES_CM_128_HMAC_SHA1_80', 'AEAD_AES_128_GCM'):
        call = Call(world, suite)
        wire = world.wire('access')
        for n, seq in enumerate(wander(order, 4000)):
            call.core.send(rtp(seq, ssrc=SSRC + n % 2, payload=n.to_bytes(4, 'big') * 5))
        left = judge(call.out_key.oracle, wire.datagrams(0.05), range(0, 400))
        used = [(ssrc, index) for ssrc, index, _ in left]
        equal(len(set(used)), len(used), 'distinct (SSRC, index)')
        assert len(used) > 500, f'only {len(used)} packets left'
        equal(len(used) + call.drops().get('tx-repeat', 0), 4000, 'sent or counted')
        call.ue.drain()


run(Topology)
