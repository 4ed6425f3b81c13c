#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Keys change while media flows: make before break, and never back."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))

import time

from lib.call import Call, Key, judge
from lib.ktap import equal, eventually, test
from lib.netlink import Events, Refused
from lib.packets import rtp, sender_report
from lib.paths import run
from lib.topology import Topology
from peers.suites import ENCRYPTING

# Milliseconds. Whatever a busy machine does, LONG is not over within a test; SHORT is waited for.
LONG, SHORT = 600000, 100
_ids = iter(range(1000, 100000))


def fresh(call, **more):
    """A new key with an SA id of its own."""
    return Key(next(_ids), call.in_key.suite, **more)


def swap(call, in_key=None, out_key=None):
    """Gives the stream new SAs in one message."""
    access, sas = {}, []
    for name, key in (('in-sa', in_key), ('out-sa', out_key)):
        if key:
            access[name] = key.ident
            sas.append(key.values())
    call.change(sas=sas, access=access)
    old = call.in_key, call.out_key
    call.in_key, call.out_key = in_key or call.in_key, out_key or call.out_key
    return old


def grace_over(call):
    """Waits until the old receive key is gone."""
    eventually('the grace does not end', lambda: call.show()['access'].get('old-in-sa') is None)


@test('a new receive key works at once, and the old one within its grace')
def grace(world):
    for suite in ('AES_CM_128_HMAC_SHA1_80', 'AEAD_AES_128_GCM'):
        call = Call(world, suite, grace=LONG)
        for seq in range(10):
            call.up(rtp(seq))
        old, _ = swap(call, in_key=fresh(call))
        equal(call.show()['access'].get('old-in-sa'), old.ident, 'old-in-sa')
        for seq in range(10, 20):
            call.ue.send(old.oracle.protect(rtp(seq)))
            equal(call.core.receive(), rtp(seq), 'old key within its grace')
            call.up(rtp(seq + 100))
        call.ue.send(old.oracle.protect(rtp(5)))
        call.silent('core')


@test('when its grace is over the old receive key ends')
def grace_ends(world):
    for suite in ('AES_CM_128_HMAC_SHA1_80', 'AEAD_AES_128_GCM'):
        call = Call(world, suite, grace=SHORT)
        call.up(rtp(1))
        old, _ = swap(call, in_key=fresh(call))
        time.sleep(SHORT / 1000 + 0.05)
        call.ue.send(old.oracle.protect(rtp(50)))
        call.silent('core')
        equal(call.drops(), {'rx-auth': 1}, 'old key after its grace')
        call.up(rtp(200))
        grace_over(call)


@test('the MKI tells the old and the new receive key apart')
def mki(world):
    call = Call(world, mki=b'\1', grace=LONG)
    call.up(rtp(1))
    old, _ = swap(call, in_key=fresh(call, mki=b'\2\2'))
    for seq in range(2, 12):
        call.up(rtp(seq + 100))
        call.ue.send(old.oracle.protect(rtp(seq)))
        equal(call.core.receive(), rtp(seq), 'old MKI within its grace')
    equal(call.drops(), {}, 'drops')
    call.change(grace=SHORT)
    last, _ = swap(call, in_key=fresh(call, mki=b'\3'))
    grace_over(call)
    call.ue.send(last.oracle.protect(rtp(200)))
    call.silent('core')
    equal(call.drops(), {'rx-mki': 1}, 'drops')


@test('a late packet of the old key is not taken for an old one of the new key')
def late(world):
    for suite in ENCRYPTING:
        call = Call(world, suite, grace=LONG)
        call.up(rtp(18000))
        call.up_rtcp(sender_report(), 2000)
        old, _ = swap(call, in_key=fresh(call))
        call.up(rtp(20000))
        call.up_rtcp(sender_report(), 3000)
        for seq in (18000 - 5, 18001):      # far below the window of the new key
            call.ue.send(old.oracle.protect(rtp(seq)))
            equal(call.core.receive(), rtp(seq), 'old key within its grace')
        call.ue_rtcp.send(old.oracle.protect_rtcp(sender_report(), 2001))
        equal(call.core_rtcp.receive(), sender_report(), 'RTCP under the old key')
        call.ue.send(old.oracle.protect(rtp(18001)))
        call.ue.send(call.in_key.oracle.protect(rtp(20000)))
        call.ue.send(call.in_key.oracle.protect(rtp(18002)))
        call.silent('core')
        drops = call.drops()
        equal((drops.get('rx-replay'), sum(drops.values())), (1, 3), f'drops of {drops}')


@test('an old and a new receive key under the same MKI are told apart by their tags')
def same_mki(world):
    for suite in ('AES_CM_128_HMAC_SHA1_80', 'AEAD_AES_128_GCM'):
        call = Call(world, suite, mki=b'\1', grace=LONG)
        call.up(rtp(1))
        old, _ = swap(call, in_key=fresh(call, mki=b'\1'))
        for seq in range(2, 12):
            call.up(rtp(seq + 100))
            call.ue.send(old.oracle.protect(rtp(seq)))
            equal(call.core.receive(), rtp(seq), 'old key within its grace')
        equal(call.drops(), {}, 'drops')


@test('without a grace the old key ends at once')
def no_grace(world):
    call = Call(world, grace=0)
    call.up(rtp(1))
    old, _ = swap(call, in_key=fresh(call))
    call.ue.send(old.oracle.protect(rtp(2)))
    call.silent('core')
    call.up(rtp(2))


@test('a new send key is used from the next packet on')
def send(world):
    call = Call(world)
    for seq in range(10):
        call.down(rtp(seq))
    swap(call, out_key=fresh(call))
    for seq in range(10, 20):
        call.down(rtp(seq))
    call.down_rtcp(sender_report())


@test('both keys change in one message while packets are under way')
def both(world):
    call = Call(world)
    for turn in range(20):
        for seq in range(turn * 10, turn * 10 + 10):
            call.up(rtp(seq))
            call.down(rtp(seq))
        swap(call, fresh(call), fresh(call))
    equal(call.drops(), {}, 'drops')


@test('the same receive key offered again keeps the ROC and refuses replays')
def again(world):
    for suite in ('AES_CM_128_HMAC_SHA1_80', 'AEAD_AES_256_GCM'):
        call = Call(world, suite)
        call.up(rtp(65530))
        call.up(rtp(5), 1)
        call.up_rtcp(sender_report(), 4)
        swap(call, in_key=fresh(call, secret=call.in_key.secret))
        call.ue.send(call.in_key.oracle.protect(rtp(5), 1))
        call.ue.send(call.in_key.oracle.protect(rtp(65530), 0))
        call.ue_rtcp.send(call.in_key.oracle.protect_rtcp(sender_report(), 4))
        call.silent('core')
        equal(call.state(call.in_key)[:2], (1, 5), 'ROC and SEQ')
        call.up(rtp(6), 1)
        call.up_rtcp(sender_report(), 5)


def no_repeats(call, wire, secrets, want):
    """What left was under known keys, and no (key, SSRC, index) twice."""
    used = []
    for one in wire.datagrams(0.05):
        for n, key in enumerate(secrets):
            try:
                used += [(n, s, i) for s, i, _ in judge(key.oracle, [one], range(3))]
                break
            except AssertionError:
                continue
        else:
            raise AssertionError('left under no known key')
    equal(len(used), len(set(used)), 'distinct (key, SSRC, index)')
    equal(len(used), want, 'packets that left')
    call.ue.drain()


@test('the same send key offered again never encrypts an index again')
def send_again(world):
    call = Call(world)
    wire = world.wire('access')
    first = call.out_key
    for _ in range(3):
        for seq in range(30):
            call.core.send(rtp(seq, payload=os.urandom(20)))
        swap(call, out_key=fresh(call, secret=first.secret))
    no_repeats(call, wire, [first], 30)


@test('a send key that comes back after another one never encrypts an index again')
def send_back(world):
    call = Call(world)
    wire = world.wire('access')
    first, second = call.out_key, fresh(call)
    for seq in range(30):
        call.core.send(rtp(seq, payload=os.urandom(20)))
    swap(call, out_key=second)
    for seq in range(30):
        call.core.send(rtp(seq, payload=os.urandom(20)))
    try:
        swap(call, out_key=fresh(call, secret=first.secret))
    except Refused:
        pass
    for seq in range(30):
        call.core.send(rtp(seq, payload=os.urandom(20)))
    no_repeats(call, wire, [first, second], 60)


@test('a send key that went with its SA and comes back never encrypts an index again')
def send_back_deleted(world):
    for autodel in (True, False):
        call = Call(world, out_sa={'autodel': autodel})
        wire = world.wire('access')
        first, second = call.out_key, fresh(call, autodel=True)
        for key in (None, second, fresh(call, secret=first.secret)):
            try:
                if key:
                    swap(call, out_key=key)
            except Refused:
                pass
            if key is second and not autodel:
                world.nl.do('sa-del', sa={'id': first.ident})
            for seq in range(30):
                call.core.send(rtp(seq, payload=os.urandom(20)))
        no_repeats(call, wire, [first, second], 60)


@test('SRTCP under a send key that comes back goes on with its index')
def send_back_rtcp(world):
    call = Call(world, out_sa={'autodel': True})
    first = call.out_key
    used = [call.down_rtcp(sender_report()) for _ in range(5)]
    swap(call, out_key=fresh(call))
    call.down_rtcp(sender_report())
    try:
        swap(call, out_key=fresh(call, secret=first.secret))
        used += [call.down_rtcp(sender_report()) for _ in range(5)]
    except Refused:
        pass
    equal(len(used), len(set(used)), f'distinct SRTCP indices of {used}')


@test('a key that was received under is never sent under')
def turned_round(world):
    call = Call(world)
    call.up(rtp(1))
    new_in, new_out = fresh(call), fresh(call, secret=call.in_key.secret)
    try:
        swap(call, new_in, new_out)
    except Refused as no:
        assert 'key' in no.sentence, no
        return
    raise AssertionError('the peer\'s key was taken for sending')


@test('late packets of the old key within its grace are no burst of forgeries')
def no_burst(world):
    events = Events('gw', ['sa'])
    world.scratch.callback(events.close)
    call = Call(world, grace=LONG)
    call.up(rtp(1))
    old, _ = swap(call, in_key=fresh(call))
    for seq in range(2, 102):
        call.ue.send(old.oracle.protect(rtp(seq)))
        equal(call.core.receive(), rtp(seq), 'late packet')
    equal([n for n, _ in events.read(0.05) if n == 'sa-auth-burst'], [], 'bursts told')
    call.up(rtp(500))
    call.ue.send(call.in_key.oracle.protect(rtp(500)))
    call.silent('core')
    equal(call.drops(), {'rx-replay': 1}, 'drops of the stream')


@test('two streams that send under one key never encrypt an index twice')
def send_twice(world):
    call = Call(world)
    wire = world.wire('access')
    for seq in range(30):
        call.core.send(rtp(seq, payload=os.urandom(20)))
    try:
        other = Call(world, secrets=(None, call.out_key.secret))
        for seq in range(30):
            other.core.send(rtp(seq, payload=os.urandom(20)))
        other.ue.drain()
    except Refused:
        pass
    no_repeats(call, wire, [call.out_key], 30)


@test('a leg whose receive SA is taken away drops all that arrives')
def no_in(world):
    call = Call(world, grace=0)
    call.up(rtp(1))
    call.change(access={'in-sa': 0})
    wire = world.wire('core')
    for seq in range(2, 20):
        call.ue.send(call.in_key.oracle.protect(rtp(seq)))
        call.ue.send(rtp(seq))
    equal(wire.packets(0.05), [], 'frames')
    equal(call.drops(), {'rx-no-sa': 36}, 'drops')
    call.down(rtp(1))


@test('a leg whose send SA is taken away lets nothing leave')
def no_out(world):
    call = Call(world)
    call.down(rtp(1))
    call.change(access={'out-sa': 0})
    wire = world.wire('access')
    for seq in range(2, 20):
        call.core.send(rtp(seq))
        call.core_rtcp.send(sender_report())
    equal(wire.packets(0.05), [], 'frames')
    equal(call.drops(), {'tx-no-sa': 36}, 'drops')
    call.up(rtp(1))
    swap(call, out_key=fresh(call))
    call.down(rtp(50))


@test('a secure leg without any SA yet drops in both directions')
def none_yet(world):
    call = Call(world, access={'in-sa': None, 'out-sa': None, 'secure': True})
    wires = world.wire('core'), world.wire('access')
    for seq in range(10):
        call.ue.send(rtp(seq))
        call.core.send(rtp(seq))
    for wire in wires:
        equal(wire.packets(0.05), [], 'frames')
    equal(call.drops(), {'rx-no-sa': 10, 'tx-no-sa': 10}, 'drops')


run(Topology)
