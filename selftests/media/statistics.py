#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Counters against what the tests counted themselves."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))

import random
import struct
import time

from lib.call import SSRC, Call
from lib.ktap import SLOW, equal, run, say, test
from lib.netns import inside
from lib.packets import receiver_report, rtp, sender_report
from lib.topology import Topology


@test('packets and octets of a stream are those of the plain packets')
def octets(world):
    call = Call(world, mki=b'1234')
    sizes = {'up': 0, 'down': 0}
    for seq in range(50):
        packet = rtp(seq, payload=os.urandom(seq))
        call.up(packet)
        sizes['up'] += len(packet)
        if seq % 2:
            call.down(packet)
            sizes['down'] += len(packet)
    call.up_rtcp(sender_report(), 1)
    call.down_rtcp(receiver_report())
    shown = call.show()
    up, down = shown['upstream'], shown['downstream']
    equal((up['packets'], up['octets']), (50, sizes['up']), 'upstream')
    equal((down['packets'], down['octets']), (25, sizes['down']), 'downstream')
    equal((up['rtcp-packets'], up['rtcp-octets']), (1, len(sender_report())), 'RTCP upstream')
    equal((down['rtcp-packets'], down['rtcp-octets']), (1, len(receiver_report())), 'downstream')
    equal(up['ssrc'], SSRC, 'SSRC')
    equal(call.sa(call.in_key)['stats']['packets'], 50, 'packets of the SA')


@test('lost packets are counted over loss, reordering and roll-over')
def lost(world):
    order = random.Random(5)
    call = Call(world)
    gone = 0
    indices = list(range(65000, 66000))
    kept = [indices[0]]
    for index in indices[1:-1]:
        if order.random() < 0.1:
            gone += 1
        else:
            kept.append(index)
    kept.append(indices[-1])
    for at in range(10, len(kept) - 10, 7):
        kept[at], kept[at + 1] = kept[at + 1], kept[at]
    for index in kept:
        call.up(rtp(index & 0xffff), index >> 16)
    flow = call.show()['upstream']
    equal((flow['lost'], flow['packets']), (gone, len(kept)), 'lost and received')


@test('jitter is that of RFC 3550 within the accuracy of the machine')
def jitter(world):
    for rate in (8000, 90000):
        call = Call(world, clock_rate=rate)
        order, own, before = random.Random(2), 0.0, None
        start = time.monotonic()
        for seq in range(150):
            time.sleep(order.choice((0.001, 0.004, 0.008)))
            ts = int(seq * 0.004 * rate)
            call.ue.send(call.in_key.oracle.protect(rtp(seq, ts=ts)))
            transit = (time.monotonic() - start) * rate - ts
            if before is not None:
                own += (abs(transit - before) - own) / 16
            before = transit
        shown = call.show()['upstream']['jitter']
        say(f'{rate} Hz: kernel {shown}, own {own:.0f}')
        assert 0.5 * own - 4 <= shown <= 1.5 * own + 4, f'jitter {shown}, own {own:.0f}'
        call.core.drain()


@test('regular packets have little jitter')
def steady(world):
    call = Call(world)
    start = time.monotonic()
    for seq in range(100):
        while time.monotonic() < start + 0.005 * seq:
            pass
        call.ue.send(call.in_key.oracle.protect(rtp(seq, ts=40 * seq)))
    shown = call.show()['upstream']['jitter']
    assert shown <= 40 * SLOW, f'jitter {shown} at 8000 Hz'
    call.core.drain()


@test('the time since the last packet is shown')
def idle(world):
    call = Call(world)
    equal(call.show()['upstream'].get('idle'), None, 'before the first')
    call.up(rtp(1))
    time.sleep(0.3)
    shown = call.show()
    assert 250 <= shown['upstream']['idle'] <= 600 * SLOW, shown['upstream']
    equal(shown['downstream'].get('idle'), None, 'the other direction')


def counters():
    with inside('gw'), open('/proc/net/e2ae/stats', encoding='ascii') as f:
        return {k: int(v) for k, v in (line.split() for line in f)}


@test('the counters of the namespace move with the packets, in netlink and in /proc')
def namespace(world):
    before, before_proc = world.nl.do('stats-get')['stats'], counters()
    call = Call(world)
    for seq in range(30):
        call.up(rtp(seq))
        call.down(rtp(seq))
    for seq in range(5):
        call.ue.send(rtp(seq) + bytes(10))
    call.silent('core')
    after, after_proc = world.nl.do('stats-get')['stats'], counters()
    for name, want in (('protected', 30), ('unprotected', 30)):
        equal(after[name] - before[name], want, name)
        equal(after_proc[name] - before_proc[name], want, f'/proc {name}')
    relayed = after['relayed']['packets'] - before['relayed']['packets']
    equal(relayed, 60, 'relayed')
    equal(after_proc['relayed-packets'] - before_proc['relayed-packets'], 60, '/proc relayed')
    total = {k: v - before.get('drops', {}).get(k, 0) for k, v in after['drops'].items()}
    equal({k: v for k, v in total.items() if v}, call.drops(), 'drops')
    moved = {k[5:]: v - before_proc[k] for k, v in after_proc.items()
             if k.startswith('drop-') and v != before_proc[k]}
    equal(moved, call.drops(), '/proc drops')


@test('/proc shows tables to root alone, and statistics to all')
def proc(world):
    call = Call(world)
    call.up(rtp(1))
    with inside('gw'):
        modes = {n: os.stat(f'/proc/net/e2ae/{n}').st_mode & 0o777 for n in ('stats', 'sa', 'stream')}
        with open('/proc/net/e2ae/sa', encoding='ascii') as f:
            sas = f.read()
        with open('/proc/net/e2ae/stream', encoding='ascii') as f:
            streams = f.read()
    equal(modes, {'stats': 0o444, 'sa': 0o400, 'stream': 0o400}, 'modes')
    ids = {line.split()[0] for line in sas.splitlines()[1:]}
    equal(ids, {str(call.in_key.ident), str(call.out_key.ident)}, 'SAs')
    assert 'AES_CM_128_HMAC_SHA1_80' in sas, sas
    assert f'10.1.0.1:{call.near["access"]}' in streams, streams


@test('large tables in /proc are complete')
def table(world):
    keys = [struct.pack('>I', n) * 4 for n in range(1, 601)]
    failed = world.nl.batch([('sa-new', {'sa': {
        'id': n, 'suite': 1, 'key': key, 'salt': bytes(14)}}) for n, key in enumerate(keys, 1)])
    equal(failed, {}, 'refused')
    with inside('gw'), open('/proc/net/e2ae/sa', encoding='ascii', buffering=1) as f:
        ids = [int(line.split()[0]) for line in f.read().splitlines()[1:]]
    equal(ids, list(range(1, 601)), 'ids')


run(Topology)
