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
from lib.ktap import equal, say, test
from lib.netns import inside, processed
from lib.packets import receiver_report, rtp, sender_report
from lib.paths import run
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


class Jitter:
    """RFC 3550, A.8, for arrivals that are known to lie between two times each: its bounds.

    The estimate grows with every difference, so that the bounds of those give those of it.
    """

    def __init__(self, rate):
        self.rate, self.low, self.high, self.last = rate, 0.0, 0.0, None

    def arrived(self, earliest, latest, ts):
        transit = earliest * self.rate - ts, latest * self.rate - ts
        if self.last:
            least, most = transit[0] - self.last[1], transit[1] - self.last[0]
            closest = 0 if least <= 0 <= most else min(abs(least), abs(most))
            self.low += (closest - self.low) / 16
            self.high += (max(abs(least), abs(most)) - self.high) / 16
        self.last = transit


def measured(call, rate, spacing, times):
    """Sends packets at these times; the jitter has to be within what the clock saw."""
    own = Jitter(rate)
    start = time.monotonic()
    for seq, at in enumerate(times):
        time.sleep(max(0, start + at - time.monotonic()))
        ts = int(seq * spacing * rate)
        srtp = call.in_key.oracle.protect(rtp(seq, ts=ts))
        before = time.monotonic()
        call.ue.send(srtp)
        processed()
        own.arrived(before, time.monotonic(), ts)
    shown = call.show()['upstream']['jitter']
    say(f'{rate} Hz: kernel {shown}, own {own.low:.1f} to {own.high:.1f}')
    # The kernel rounds arrivals and the estimate to whole units.
    assert own.low - 2 <= shown <= own.high + 2, f'jitter {shown}'
    call.core.drain()
    return own


@test('jitter is that of RFC 3550 within the accuracy of the machine')
def jitter(world):
    for rate in (8000, 90000):
        order, at, times = random.Random(2), 0.0, []
        for _ in range(150):
            at += order.choice((0.001, 0.004, 0.008))
            times.append(at)
        own = measured(Call(world, clock_rate=rate), rate, 0.004, times)
        assert own.high > 0.001 * rate, 'the test makes no jitter'


@test('packets that come evenly have no more jitter than the machine makes')
def steady(world):
    measured(Call(world), 8000, 0.005, [0.005 * n for n in range(100)])


@test('the time since the last packet is shown')
def idle(world):
    call = Call(world)
    equal(call.show()['upstream'].get('idle'), None, 'before the first')
    before = time.monotonic()
    call.up(rtp(1))
    after = time.monotonic()
    time.sleep(0.3)
    least = 1000 * (time.monotonic() - after)
    shown = call.show()
    most = 1000 * (time.monotonic() - before)
    # A tick of the kernel's coarse clock takes up to 10 ms.
    assert least - 20 <= shown['upstream']['idle'] <= most + 20, shown['upstream']
    equal(shown['downstream'].get('idle'), None, 'the other direction')


def counters():
    processed()
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
