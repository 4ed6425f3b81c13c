#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Packets that do not authenticate: nothing comes out, nothing moves."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))

import hmac
import random
import time

from lib.call import SSRC, Call
from lib.ktap import equal, test
from lib.netlink import Events
from lib.packets import rtp, sender_report
from lib.paths import run
from lib.topology import Topology, other_address
from peers.oracle import Oracle
from peers.suites import ENCRYPTING

COUNTERS = ('rx-auth', 'rx-short', 'rx-mki', 'rtp-header', 'rtcp-header', 'rx-clear', 'nonmedia',
            'rx-replay', 'rx-old')


def flips(packet, order, count):
    """Copies of a packet with one bit changed, the version bits excepted."""
    for _ in range(count):
        bad = bytearray(packet)
        at = order.randrange(1, len(bad))
        bad[at] ^= 1 << order.randrange(8)
        yield bytes(bad)


def moved(call):
    """All that a packet may move."""
    sa = call.sa(call.in_key)
    return [(s['ssrc'], s.get('roc'), s.get('seq'), s.get('rtcp-index'), s.get('packets'))
            for s in sa.get('state', [])]


def attack(call, packets, port=None):
    before, drops = moved(call), sum(call.drops().values())
    for packet in packets:
        (port or call.ue).send(packet)
    call.silent('core')
    equal(moved(call), before, 'state after forged packets')
    equal(sum(call.drops().values()) - drops, len(packets), 'forged packets counted')
    unknown = set(call.drops()) - set(COUNTERS)
    assert not unknown, f'counted under {unknown}'


@test('a packet with any changed bit does not come out and moves no state')
def changed(world):
    order = random.Random(3)
    for suite in ENCRYPTING:
        for mki in (b'', b'\7\7'):
            call = Call(world, suite, mki)
            call.up(rtp(9))
            attack(call, list(flips(call.in_key.oracle.protect(rtp(10)), order, 60)))
            call.up(rtp(10))


@test('a forged number far ahead does not move the index')
def ahead(world):
    call = Call(world)
    call.up(rtp(65000))
    forged = [rtp(s) + os.urandom(10) for s in (65535, 0, 1, 30000, 32768, 64999, 65001)]
    attack(call, forged)
    for seq in (65001, 65535):
        call.up(rtp(seq))
    call.up(rtp(0), 1)


@test('genuine packets of another ROC do not authenticate')
def other_roc(world):
    for suite in ('AES_CM_128_HMAC_SHA1_80', 'AEAD_AES_256_GCM'):
        call = Call(world, suite)
        call.up(rtp(5))
        attack(call, [call.in_key.oracle.protect(rtp(6), roc) for roc in (1, 2, 0xffffffff)])
        call.up(rtp(6))


@test('a forged packet of an unknown SSRC makes no context')
def unknown(world):
    call = Call(world)
    call.up(rtp(1))
    attack(call, [rtp(1, ssrc=s) + os.urandom(10) for s in range(1, 30)])
    equal(len(moved(call)), 1, 'SSRCs')
    equal(moved(call)[0][0], SSRC, 'the SSRC that stays')
    call.up(rtp(2))


@test('forged SRTCP moves nothing, not even with the highest index')
def rtcp(world):
    order = random.Random(4)
    for suite in ENCRYPTING:
        call = Call(world, suite)
        call.up_rtcp(sender_report(), 3)
        oracle = call.in_key.oracle
        high = bytearray(oracle.protect_rtcp(sender_report(), 0x7fffffff))
        high[9] ^= 1
        bad = [p for p in flips(oracle.protect_rtcp(sender_report(), 4), order, 40)]
        attack(call, bad + [bytes(high)], call.ue_rtcp)
        call.up_rtcp(sender_report(), 4)


@test('SRTCP that is authentic but not encrypted is refused')
def clear_rtcp(world):
    call = Call(world)
    keys = Oracle(call.in_key.suite, *call.in_key.secret).rtcp
    body = sender_report() + (5).to_bytes(4, 'big')
    attack(call, [body + hmac.digest(keys.auth, body, 'sha1')[:10]], call.ue_rtcp)
    equal(call.drops(), {'rx-clear': 1}, 'drops')


@test('packets cut short at any length do not come out')
def cut(world):
    for suite in ('AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32', 'AEAD_AES_128_GCM'):
        for mki in (b'', b'abcd'):
            call = Call(world, suite, mki)
            call.up(rtp(1))
            whole = call.in_key.oracle.protect(rtp(2, payload=b'123', csrc=[1], ext=bytes(4)))
            attack(call, [whole[:n] for n in range(0, len(whole))])
            whole = call.in_key.oracle.protect_rtcp(sender_report(), 2)
            attack(call, [whole[:n] for n in range(0, len(whole))], call.ue_rtcp)
            call.up(rtp(2))


@test('packets with octets added do not come out')
def longer(world):
    for suite in ('AES_CM_128_HMAC_SHA1_80', 'AEAD_AES_128_GCM'):
        call = Call(world, suite)
        whole = call.in_key.oracle.protect(rtp(2))
        attack(call, [whole + os.urandom(n) for n in (1, 2, 4, 10, 16, 100)])
        call.up(rtp(2))


@test('a forged packet does not latch, a genuine one from the same place does')
def latch(world):
    call = Call(world, access={'source': 'latch'})
    thief = world.port('access', call.far['access'], address=other_address('access', 4, 9))
    thief.peer = call.ue.peer
    attack(call, [rtp(n) + os.urandom(10) for n in range(5)], thief)
    call.core.send(rtp(1))
    call.ue.receive()
    assert not thief.drain(0.02), 'media went to a thief'
    thief.send(call.in_key.oracle.protect(rtp(1)))
    equal(call.core.receive(), rtp(1), 'genuine from a new place')
    call.core.send(rtp(2))
    equal(call.out_key.oracle.unprotect(thief.receive()), rtp(2), 'to the new place')
    equal(call.show()['access'].get('latched'), True, 'latched')


@test('clear-text RTP and RTCP at a secured port never come out anywhere')
def clear(world):
    for mode in ('next', 'mux'):
        call = Call(world, rtcp=mode)
        wires = world.wire('core'), world.wire('access')
        for seq in range(50):
            call.ue.send(rtp(seq))
            call.ue_rtcp.send(sender_report())
        for wire in wires:
            equal(wire.packets(0.05), [], 'frames')
        call.up(rtp(1))


@test('a burst of forged packets is told, once a second at most')
def burst(world):
    events = Events('gw')
    world.scratch.callback(events.close)
    call = Call(world)
    start = time.monotonic()
    for n in range(200):
        call.ue.send(rtp(n) + os.urandom(10))
    found = [v for name, v in events.read(0.1) if name == 'sa-auth-burst']
    assert 1 <= len(found) <= 2 + time.monotonic() - start, found
    equal(found[0]['sa'], call.in_key.ident, 'SA')
    assert found[0]['failures'] >= 10, found


run(Topology)
