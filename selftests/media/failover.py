#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A standby takes a call over from state that was read back, and reuses no index."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))

from lib.call import SSRC, Call, judge
from lib.ktap import equal, test
from lib.netlink import Refused
from lib.packets import rtp, sender_report
from lib.paths import run
from lib.topology import Topology

KEEP = ('ssrc', 'roc', 'seq', 'rtcp-index')


def state_of(call, key):
    return [{k: s[k] for k in KEEP if k in s} for s in call.sa(key).get('state', [])]


def taken_over(world, call, guard=0):
    """The same call on a gateway that knows only what was read back."""
    ins, out = state_of(call, call.in_key), state_of(call, call.out_key)
    secrets = call.in_key.secret, call.out_key.secret
    world.settle()
    return Call(world, secrets=secrets, in_sa={'state': ins},
                out_sa={'state': out, 'guard': guard})


@test('a receiver goes on at its ROC and refuses what it has heard')
def receive(world):
    call = Call(world)
    for index in (65000, 65530, 65536 + 5, 65536 + 40):
        call.up(rtp(index & 0xffff), index >> 16)
    call.up_rtcp(sender_report(), 77)
    after = taken_over(world, call)
    equal(after.state(after.in_key)[:2], (1, 40), 'state restored')
    for index in (65536 + 5, 65536 + 40, 65530):
        after.ue.send(after.in_key.oracle.protect(rtp(index & 0xffff), index >> 16))
    after.ue_rtcp.send(after.in_key.oracle.protect_rtcp(sender_report(), 77))
    after.silent('core')
    after.up(rtp(41), 1)
    after.up(rtp(30000), 1)
    after.up(rtp(60000), 1)
    after.up(rtp(0), 2)
    after.up_rtcp(sender_report(), 78)


@test('a sender goes on past what was sent and encrypts nothing twice')
def send(world):
    call = Call(world)
    for index in (65000, 65530, 65536 + 5, 65536 + 40):
        call.down(rtp(index & 0xffff), index >> 16)
    last = call.down_rtcp(sender_report())
    after = taken_over(world, call)
    for seq in (5, 30, 40):
        after.core.send(rtp(seq, payload=b'something else'))
    after.silent('access')
    equal(after.drops(), {'tx-repeat': 3}, 'drops')
    after.down(rtp(41), 1)
    equal(after.down_rtcp(sender_report()), last + 1, 'SRTCP index')


@test('with a guard nothing sent after the state was read is sent again')
def guard(world):
    call = Call(world)
    wire = world.wire('access')
    for seq in range(50):
        call.down(rtp(seq))
        call.down_rtcp(sender_report())
    ins, out = state_of(call, call.in_key), state_of(call, call.out_key)
    for seq in range(50, 90):                      # sent after the reading
        call.down(rtp(seq))
        call.down_rtcp(sender_report())
    captured = wire.datagrams(0.05)
    first = [d for d in captured if d.sport == call.near['access']]
    used = {(s, i) for s, i, _ in judge(call.out_key.oracle, first)}
    used_rtcp = {call.out_key.oracle.unprotect_rtcp(d.payload)[1] for d in captured
                 if d.sport == call.near['access'] + 1}
    secrets = call.in_key.secret, call.out_key.secret
    world.settle()
    wire = world.wire('access')
    after = Call(world, secrets=secrets, in_sa={'state': ins},
                 out_sa={'state': out, 'guard': 64})
    for seq in range(40, 140):
        after.core.send(rtp(seq, payload=b'of the standby'))
    index = after.down_rtcp(sender_report())
    captured = [d for d in wire.datagrams(0.05) if d.sport == after.near['access']]
    again = [(s, i) for s, i, _ in judge(after.out_key.oracle, captured)]
    equal(used & set(again), set(), 'indices of both gateways')
    equal(index in used_rtcp, False, 'SRTCP index of both gateways')
    equal([i for _, i in again], list(range(50 + 64, 140)), 'what the standby sent')


@test('the largest guard leads to no packet under a ROC that its receiver does not have')
def largest_guard(world):
    state = [{'ssrc': SSRC, 'roc': 2, 'seq': 1000, 'rtcp-index': 5}]
    most = 0x10000
    while most:
        try:
            call = Call(world, out_sa={'state': state, 'guard': most})
            break
        except Refused:
            most //= 2
    wire = world.wire('access')
    for seq in range(1001, 1001 + most + 300, 97):
        call.core.send(rtp(seq & 0xffff, payload=seq.to_bytes(4, 'big')))
    left = [d for d in wire.datagrams(0.05) if d.sport == call.near['access']]
    for _, index, plain in judge(call.out_key.oracle, left, range(6)):
        equal(index, (2 << 16) + int.from_bytes(plain[12:], 'big'), 'index')
    assert left, f'nothing left after a guard of {most}'


@test('several SSRCs are restored, a new one starts as usual')
def many(world):
    call = Call(world)
    for ssrc in range(1, 7):
        call.up(rtp(ssrc * 100, ssrc=ssrc))
        call.down(rtp(ssrc * 100, ssrc=ssrc))
    after = taken_over(world, call)
    for ssrc in range(1, 7):
        after.ue.send(after.in_key.oracle.protect(rtp(ssrc * 100, ssrc=ssrc)))
        after.core.send(rtp(ssrc * 100, ssrc=ssrc))
    after.silent('core')
    after.silent('access')
    for ssrc in range(1, 7):
        after.up(rtp(ssrc * 100 + 1, ssrc=ssrc))
        after.down(rtp(ssrc * 100 + 1, ssrc=ssrc))
    after.up(rtp(3, ssrc=SSRC))


@test('state at the very end of a key lets nothing more be sent')
def end(world):
    last = [{'ssrc': SSRC, 'roc': 0xffffffff, 'seq': 65535, 'rtcp-index': 0x80000000}]
    call = Call(world, out_sa={'state': last, 'guard': 1000})
    for seq in (0, 1, 65535):
        call.core.send(rtp(seq))
    call.core_rtcp.send(sender_report())
    call.silent('access')
    equal(sum(call.drops().values()), 4, 'drops')


run(Topology)
