#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Packet limits and silence: what is told, when, and that sending stops."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))

import time

from lib.call import Call
from lib.ktap import SLOW, equal, test
from lib.netlink import Events, Refused
from lib.packets import rtp, sender_report
from lib.paths import run
from lib.topology import Topology

TIMEOUT = 2         # seconds of silence; a machine may stand still for so long and no longer


def listen(world, *groups):
    events = Events('gw', groups)
    world.scratch.callback(events.close)
    return events


def expiries(events, key):
    """(expiry) of the events about a key, 0 soft and 1 hard."""
    return [v['expiry'] for n, v in events.read(0.05) if n == 'sa-expire' and v['sa'] == key.ident]


@test('the soft limit is told once and stops nothing')
def soft(world):
    events = listen(world, 'sa')
    call = Call(world, in_sa={'soft-packets': 10}, out_sa={'soft-packets': 12})
    for seq in range(9):
        call.up(rtp(seq))
        call.down(rtp(seq))
    equal(expiries(events, call.in_key), [], 'too early')
    for seq in range(9, 30):
        call.up(rtp(seq))
        call.down(rtp(seq))
    told = [(v['sa'], v['expiry']) for n, v in events.read(0.05) if n == 'sa-expire']
    equal(told, [(call.in_key.ident, 0), (call.out_key.ident, 0)], 'told')
    equal(call.drops(), {}, 'drops')


@test('the hard limit stops sending and receiving for good, and is told')
def hard(world):
    events = listen(world, 'sa')
    call = Call(world, in_sa={'hard-packets': 10}, out_sa={'hard-packets': 15})
    for seq in range(10):
        call.up(rtp(seq))
    for seq in range(15):
        call.down(rtp(seq))
    told = [(v['sa'], v['expiry']) for n, v in events.read(0.05) if n == 'sa-expire']
    equal(told, [(call.in_key.ident, 1), (call.out_key.ident, 1)], 'told')
    for seq in range(15, 30):
        call.ue.send(call.in_key.oracle.protect(rtp(seq)))
        call.core.send(rtp(seq))
    call.silent('core')
    call.silent('access')
    equal(call.drops(), {'rx-expired': 15, 'tx-expired': 15}, 'drops')
    equal(call.sa(call.out_key).get('expired'), True, 'shown')
    equal(expiries(events, call.in_key), [], 'told again')


@test('SRTCP has its own count under the same limit')
def rtcp(world):
    call = Call(world, out_sa={'hard-packets': 5})
    for seq in range(4):
        call.down(rtp(seq))
    for _ in range(5):
        call.down_rtcp(sender_report())
    call.core_rtcp.send(sender_report())
    call.silent('access')


@test('limits can be set on a living SA')
def later(world):
    events = listen(world, 'sa')
    call = Call(world)
    for seq in range(20):
        call.down(rtp(seq))
    world.nl.do('sa-set', sa={'id': call.out_key.ident, 'soft-packets': 25, 'hard-packets': 30})
    for seq in range(20, 30):
        call.down(rtp(seq))
    equal(expiries(events, call.out_key), [0, 1], 'told')
    call.core.send(rtp(30))
    call.silent('access')
    shown = call.sa(call.out_key)
    equal((shown['soft-packets'], shown['hard-packets']), (25, 30), 'shown')


@test('an expired send SA does not come back with a higher limit')
def expired(world):
    call = Call(world, out_sa={'hard-packets': 3})
    for seq in range(3):
        call.down(rtp(seq))
    call.core.send(rtp(3))
    try:
        world.nl.do('sa-set', sa={'id': call.out_key.ident, 'hard-packets': 100})
    except Refused:
        pass
    call.core.send(rtp(4))
    call.silent('access')


@test('a replay does not spend an SA')
def replays(world):
    call = Call(world, in_sa={'hard-packets': 10})
    first = call.in_key.oracle.protect(rtp(0))
    call.up(rtp(0))
    for _ in range(50):
        call.ue.send(first)
        call.ue.send(rtp(1) + os.urandom(10))
    for seq in range(1, 10):
        call.up(rtp(seq))


def until_told(events, act, limit=20 * SLOW):
    """Acts ten times a second until something is told: what it was, and when at the earliest."""
    end = time.monotonic() + limit
    while True:
        before = time.monotonic()
        told = [(n, v['leg']) for n, v in events.read(0)]
        if told:
            return told, before
        assert before < end, 'nothing told'
        act()
        time.sleep(0.1)


@test('silence on a leg is told after the timeout, and so is its end')
def timeout(world):
    events = listen(world, 'stream')
    start = time.monotonic()
    call = Call(world, timeout=TIMEOUT)
    numbers = iter(range(10000))
    told, when = until_told(events, lambda: call.up(rtp(next(numbers))))
    equal(told, [('media-timeout', 1)], 'with media from the UE alone')
    assert when + 0.2 > start + TIMEOUT, f'too early: after {when - start:.2f} s'
    last = time.monotonic()
    call.up(rtp(next(numbers)))
    told, when = until_told(events, lambda: None)
    equal(told, [('media-timeout', 0)], 'with no media at all')
    assert when + 0.2 > last + TIMEOUT, f'too early: after {when - last:.2f} s'
    call.up(rtp(next(numbers)))
    equal(events.wait('media-resume')['leg'], 0, 'access leg resumes')
    call.down(rtp(1))
    equal(events.wait('media-resume')['leg'], 1, 'core leg resumes')
    call.down_rtcp(sender_report())


@test('RTCP counts as a sign of life, forged packets and replays do not')
def life(world):
    events = listen(world, 'stream')
    call = Call(world, timeout=TIMEOUT)
    numbers, end = iter(range(10000)), time.monotonic() + 1.5 * TIMEOUT
    while time.monotonic() < end:
        number = next(numbers)
        call.up_rtcp(sender_report(), number)
        call.down(rtp(number))
        time.sleep(0.1)
    equal(events.read(0), [], 'nothing told while RTCP flows')

    def attack():
        call.ue.send(rtp(1) + os.urandom(10))
        call.ue_rtcp.send(call.in_key.oracle.protect_rtcp(sender_report(), number))
        call.down(rtp(next(numbers)))
    told, _ = until_told(events, attack)
    equal(told, [('media-timeout', 0)], 'told in spite of forged packets')


@test('several silent streams are all told')
def several(world):
    events = listen(world, 'stream')
    calls = [Call(world, timeout=1) for _ in range(5)]
    want, told = {(c.n, leg) for c in calls for leg in (0, 1)}, []
    end = time.monotonic() + 20 * SLOW
    while set(told) != want and time.monotonic() < end:
        told += [(v['stream'], v['leg']) for n, v in events.read(0.1) if n == 'media-timeout']
    equal(sorted(told), sorted(want), 'told, each once')


@test('without a timeout silence is not told')
def never(world):
    events = listen(world, 'stream')
    call = Call(world, timeout=1)
    call.change(timeout=0)
    time.sleep(1.6)
    equal(events.read(0), [], 'told')


run(Topology)
