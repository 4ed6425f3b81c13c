#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The life of SAs and streams: what is shown, what goes with what, what is lab only."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))

from lib import module
from lib.call import Call, Key
from lib.ktap import equal, eventually, run, test
from lib.netlink import Refused
from lib.packets import octets, rtp, sender_report
from lib.topology import GW, Port, Topology
from peers.suites import ENCRYPTING


LONG = 600000       # milliseconds: not over within a test


def sa_ids(world):
    return [s['sa'][0]['id'] for s in world.nl.dump('sa-get')[0]]


@test('a stream is shown as it was asked for, with all its defaults')
def shown(world):
    call = Call(world)
    got = call.show()
    equal((got['timeout'], got['clock-rate'], got['grace']), (0, 8000, 5000), 'defaults')
    access, core = got['access'], got['core']
    equal((access['local-addr'], access['local-port']), (octets('10.1.0.1'), call.near['access']),
          'local')
    equal((access['peer-addr'], access['peer-port']), (octets('10.1.0.2'), call.far['access']),
          'peer')
    equal((access['rtcp-port'], access['rtcp-peer-port']),
          (call.near['access'] + 1, call.far['access'] + 1), 'RTCP')
    equal((access['source'], access['nonmedia'], access['rtcp-mode']), (0, 0, 0), 'rules')
    equal((access.get('secure'), core.get('plain')), (True, True), 'kind')
    equal(('plain' in access, 'secure' in core, 'in-sa' in core), (False,) * 3, 'the other kind')
    equal((access['in-sa'], access['out-sa']), (call.in_key.ident, call.out_key.ident), 'SAs')


@test('an SA is shown as it was asked for, with all its defaults')
def sa_shown(world):
    call = Call(world, 'AEAD_AES_256_GCM', mki=b'\7\7\7', out_sa={'window': 65})
    got = call.sa(call.in_key)
    equal((got['suite'], got['mki'], got['window'], got['ssrc-max'], got['roc']),
          (8, b'\7\7\7', 128, 8, 0), 'defaults')
    equal((got['soft-packets'], got['hard-packets']), (0, 1 << 48), 'limits')
    equal((got['direction'], got['streams']), (1, 1), 'use')
    out = call.sa(call.out_key)
    equal((out['direction'], out['window']), (2, 128), 'rounded up')
    world.nl.do('stream-del', stream={'id': call.n})
    equal(call.sa(call.in_key)['streams'], 0, 'streams')


@test('dumps are in the order of ids, whatever the order of making')
def order(world):
    ids = [77, 3, 4000000000, 12, 500000]
    for n in ids:
        world.nl.do('sa-new', sa=Key(n).values())
    equal(sa_ids(world), sorted(ids), 'SAs')


@test('an SA with autodel goes with its last stream, another stays')
def autodel(world):
    call = Call(world, in_sa={'autodel': True})
    world.nl.do('stream-del', stream={'id': call.n})
    equal(sa_ids(world), [call.out_key.ident], 'SAs left')


@test('a replaced receive SA with autodel goes when its grace is over')
def autodel_grace(world):
    call = Call(world, in_sa={'autodel': True}, grace=LONG)
    new = Key(5000)
    call.change(sas=[new.values()], access={'in-sa': new.ident})
    equal(sa_ids(world), [call.in_key.ident, call.out_key.ident, new.ident], 'within the grace')
    try:
        world.nl.do('sa-del', sa={'id': call.in_key.ident})
        raise AssertionError('an SA within its grace was removed')
    except Refused:
        pass
    call = Call(world, in_sa={'autodel': True}, grace=100)
    new = Key(5002)
    call.change(sas=[new.values()], access={'in-sa': new.ident})
    eventually('the SA does not go', lambda: call.in_key.ident not in sa_ids(world))
    equal(call.show()['access'].get('old-in-sa'), None, 'old-in-sa after the grace')
    equal({new.ident, call.out_key.ident} <= set(sa_ids(world)), True, 'the others stay')
    call.ue.send(new.oracle.protect(rtp(1)))
    equal(call.core.receive(), rtp(1), 'under the new key')


@test('a replaced send SA with autodel goes at once')
def autodel_out(world):
    call = Call(world, out_sa={'autodel': True})
    new = Key(5001)
    call.change(sas=[new.values()], access={'out-sa': new.ident})
    equal(sa_ids(world), [call.in_key.ident, new.ident], 'SAs left')


@test('one new SA for both legs, whose SAs had its key, is refused or works')
def both_legs(world):
    call = Call(world, core={'plain': None, 'in-sa': None, 'secure': True})
    secret = call.in_key.secret
    other, new = Key(6000, secret=secret), Key(6001, secret=secret)
    try:
        call.change(sas=[other.values()], core={'in-sa': other.ident})
        call.change(sas=[new.values()], access={'in-sa': new.ident}, core={'in-sa': new.ident})
    except Refused as no:
        assert no.sentence, no
    world.nl.do('stream-del', stream={'id': call.n})


@test('an id and a port can be used again at once')
def again(world):
    call = Call(world)
    call.up(rtp(1))
    for _ in range(50):
        world.nl.do('stream-del', stream={'id': call.n})
        world.nl.do('sa-del', sa={'id': call.in_key.ident})
        world.nl.do('sa-del', sa={'id': call.out_key.ident})
        call.in_key, call.out_key = Key(call.in_key.ident), Key(call.out_key.ident)
        call._make({}, {}, {})
    call.up(rtp(1))
    call.down(rtp(1))


@test('after the stream is gone its packets are left to the host')
def gone(world):
    call = Call(world)
    world.nl.do('stream-del', stream={'id': call.n})
    local = Port('gw', GW['access', 4], call.near['access'])
    world.scratch.callback(local.close)
    call.ue.send(rtp(1))
    equal(local.receive(), rtp(1), 'at the host')
    call.silent('core')


@test('the NULL suites work only where the lab switch is set, and authenticate')
def null(world):
    module.parameter('allow_null', 1)
    try:
        for suite in ('NULL_HMAC_SHA1_80', 'NULL_HMAC_SHA1_32'):
            call = Call(world, suite)
            call.ue.send(call.in_key.oracle.protect(rtp(1)))
            equal(call.core.receive(), rtp(1), 'up')
            call.core.send(rtp(1))
            equal(call.ue.receive(), call.out_key.oracle.protect(rtp(1)), 'down')
            call.core_rtcp.send(sender_report())
            equal(call.ue_rtcp.receive(), call.out_key.oracle.protect_rtcp(sender_report(), 0),
                  'RTCP down')
            call.up_rtcp(sender_report(), 4)
            srtp = call.in_key.oracle.protect(rtp(2))
            call.ue.send(srtp[:-1] + bytes([srtp[-1] ^ 1]))
            call.ue.send(rtp(3))
            call.silent('core')
    finally:
        module.parameter('allow_null', 0)


@test('the fallback cipher can be forced for one packet in three')
def fallback(world):
    module.parameter('force_fallback', 3)
    try:
        before = world.nl.do('stats-get')['stats']['fallback']
        for suite in ENCRYPTING:
            call = Call(world, suite)
            for seq in range(30):
                call.up(rtp(seq))
                call.down(rtp(seq))
        used = world.nl.do('stats-get')['stats']['fallback'] - before
    finally:
        module.parameter('force_fallback', 0)
    want = len(ENCRYPTING) * 60 / 3
    assert 0.8 * want <= used <= 1.2 * want, f'{used} of {3 * want:.0f}'


run(Topology)
