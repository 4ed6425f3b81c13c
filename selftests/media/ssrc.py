#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Sources under one key: many, one more than many, and only those that were named."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))

import time

from lib.call import SSRC, Call
from lib.ktap import equal, test
from lib.netlink import Events
from lib.packets import rtp
from lib.paths import run
from lib.spec import SPEC
from lib.topology import Topology

TICK = 0.025        # more than a jiffy: the least recently used must be certain


def listen(world):
    events = Events('gw', ['sa'])
    world.scratch.callback(events.close)
    return events


def ssrcs(call, key):
    return sorted(s['ssrc'] for s in call.sa(key)['state'])


@test('each SSRC has an index of its own, both ways')
def own_index(world):
    call = Call(world)
    for seq in (10, 20, 30):
        for ssrc in range(1, 9):
            call.up(rtp(seq * ssrc, ssrc=ssrc))
            call.down(rtp(seq * ssrc, ssrc=ssrc))
    equal(ssrcs(call, call.in_key), list(range(1, 9)), 'SSRCs received')
    equal(ssrcs(call, call.out_key), list(range(1, 9)), 'SSRCs sent')


@test('a receiver forgets the least recently used SSRC for the ninth, and says so')
def evict(world):
    events = listen(world)
    call = Call(world)
    for seq, ssrc in enumerate((*range(1, 9), 1, 3)):
        call.up(rtp(seq, ssrc=ssrc))
        time.sleep(TICK)
    call.up(rtp(7, ssrc=9))
    told = [(v['ssrc'], v['change']) for name, v in events.read(0.1)
            if name == 'sa-ssrc' and v['sa'] == call.in_key.ident]
    equal([s for s, c in told if c == 0], list(range(1, 10)), 'new ones told')
    equal([s for s, c in told if c == 1], [2], 'the one forgotten')
    equal(ssrcs(call, call.in_key), [1, 3, 4, 5, 6, 7, 8, 9], 'SSRCs kept')
    call.up(rtp(500, ssrc=2))


@test('a sender refuses the ninth SSRC and goes on with eight')
def limit(world):
    call = Call(world)
    for ssrc in range(1, 9):
        call.down(rtp(1, ssrc=ssrc))
    for seq in range(5):
        call.core.send(rtp(seq, ssrc=9))
    call.silent('access')
    equal(call.drops(), {'tx-ssrc-limit': 5}, 'drops')
    for ssrc in range(1, 9):
        call.down(rtp(2, ssrc=ssrc))


@test('the bound on SSRCs can be set')
def bound(world):
    for most in (1, 2, SPEC.consts['max-ssrcs']):
        call = Call(world, in_sa={'ssrc_max': most}, out_sa={'ssrc_max': most})
        for ssrc in range(1, most + 1):
            call.down(rtp(1, ssrc=ssrc))
            call.up(rtp(1, ssrc=ssrc))
        call.core.send(rtp(1, ssrc=most + 1))
        call.silent('access')
        call.up(rtp(1, ssrc=most + 1))
        equal(len(ssrcs(call, call.in_key)), most, 'SSRCs kept')


@test('with fixed SSRCs no other is accepted or sent')
def fixed(world):
    state = [{'ssrc': SSRC, 'roc': 0, 'seq': 0}]
    call = Call(world, in_sa={'state': state, 'fixed-ssrcs': True},
                out_sa={'state': state, 'fixed-ssrcs': True})
    call.up(rtp(1))
    call.down(rtp(1))
    call.ue.send(call.in_key.oracle.protect(rtp(2, ssrc=SSRC + 1)))
    call.core.send(rtp(2, ssrc=SSRC + 1))
    call.silent('core')
    call.silent('access')
    equal(call.drops(), {'rx-ssrc': 1, 'tx-ssrc-limit': 1}, 'drops')


@test('a change of SSRC in mid-stream starts at ROC 0 and is told')
def change(world):
    events = listen(world)
    call = Call(world)
    call.up(rtp(65535))
    call.up(rtp(0), 1)
    call.up(rtp(3, ssrc=99))
    call.up(rtp(1), 1)
    told = [v['ssrc'] for name, v in events.read(0.1) if name == 'sa-ssrc']
    equal(told, [SSRC, 99], 'told')
    equal(call.show()['upstream']['ssrcs'], 3, 'changes of SSRC')


run(Topology)
