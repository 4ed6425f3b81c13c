#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The roll-over counter: loss and reordering around it, both directions."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))

from lib.call import SSRC, Call
from lib.ktap import equal, test
from lib.packets import rtp
from lib.paths import run
from lib.topology import Topology
from peers import libsrtp
from peers.suites import ENCRYPTING

# Indices in the order in which they travel; everything stays within the window of 128.
PATHS = (
    ('in order', list(range(65530, 65545))),
    ('the last and the first swapped', [65530, 65534, 65536, 65535, 65537]),
    ('late ones from before', [65535 - 20, 65536 + 30, 65535, 65534, 65536, 65535 - 19, 65567]),
    ('zero itself lost', [65533, 65537, 65538, 65535]),
    ('a long loss across it', [65536 - 20000, 65536 + 12000, 65536 + 12001]),
)


def at(index, **more):
    """RTP with that index: the sequence number is its lower half."""
    return rtp(index & 0xffff, payload=index.to_bytes(6, 'big') * 4, **more)


@test('a receiver counts every roll-over, whatever was lost or late')
def receive(world):
    for suite in ENCRYPTING:
        for name, path in PATHS:
            call = Call(world, suite)
            for index in path:
                call.up(at(index), index >> 16)
            top = max(path)
            equal(call.state(call.in_key)[:2], (top >> 16, top & 0xffff), name)
            equal(call.drops(), {}, name)
        world.settle()


@test('a sender counts every roll-over, whatever the core lost or delayed')
def send(world):
    for suite in ENCRYPTING:
        for name, path in PATHS:
            call = Call(world, suite)
            for index in path:
                call.down(at(index), index >> 16)
            top = max(path)
            equal(call.state(call.out_key)[:2], (top >> 16, top & 0xffff), name)
        world.settle()


@test('ten roll-overs in a row keep both directions in step')
def many(world):
    call = Call(world)
    for index in range(60000, 60000 + 10 * 65536, 21845):
        call.up(at(index), index >> 16)
        call.down(at(index), index >> 16)


@test('libsrtp2 as sender and as receiver stays in step over roll-overs')
def peer(world):
    for suite in libsrtp.LIVE_SUITES:
        call = Call(world, suite)
        send_, take = (libsrtp.Session(suite, *k.secret, send=s)
                       for k, s in ((call.in_key, True), (call.out_key, False)))
        for index in list(range(65500, 65570)) + list(range(70000, 3 * 65536, 9000)):
            call.ue.send(send_.protect(at(index)))
            equal(call.core.receive(), at(index), f'index {index} up')
            call.core.send(at(index))
            equal(take.unprotect(call.ue.receive()), at(index), f'index {index} down')


@test('a source that starts late takes the ROC its SA was given')
def given(world):
    for roc in (1, 5, 0xfffffffe):
        call = Call(world, in_sa={'roc': roc}, out_sa={'roc': roc})
        for seq in (65535, 0, 1):
            up = roc + (seq != 65535)
            call.up(rtp(seq), up)
            call.down(rtp(seq), up)


@test('the last index of a key is used and none after it')
def last(world):
    call = Call(world, in_sa={'roc': 0xffffffff}, out_sa={'roc': 0xffffffff})
    call.up(rtp(65535), 0xffffffff)
    call.down(rtp(65535), 0xffffffff)
    call.ue.send(call.in_key.oracle.protect(rtp(0), 0))
    call.core.send(rtp(0))
    call.silent('core')
    call.silent('access')
    drops = call.drops()
    equal(drops.get('tx-expired'), 1, 'tx-expired')
    equal(sum(drops.values()), 2, 'drops')


@test('a packet from far behind a roll-over is refused, not taken for the future')
def far_behind(world):
    call = Call(world)
    call.up(at(65535), 0)
    call.up(at(65536 + 100), 1)
    call.ue.send(call.in_key.oracle.protect(at(65000), 0))
    call.silent('core')
    equal(call.state(call.in_key, SSRC)[:2], (1, 100), 'state')
    equal(call.drops(), {'rx-old': 1}, 'drops')


run(Topology)
