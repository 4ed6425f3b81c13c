#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A large gateway: 100,000 SAs and 50,000 streams made, read and removed."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))

import contextlib
import time

from lib.call import Call, leg_values, sa_values
from lib.child import Child, cpu
from lib.ktap import equal, run, say, test
from lib.netlink import Netlink, Refused
from lib.packets import rtp
from lib.topology import GW, Topology
from peers.oracle import Oracle

STREAMS = int(os.environ.get('E2AE_SCALE_STREAMS', '50000'))
SAS = 2 * STREAMS
CHURN = 1 << 30         # ids from here on come and go


@contextlib.contextmanager
def timed(what, count):
    """Says how long it took."""
    start = time.monotonic()
    yield
    took = time.monotonic() - start
    say(f'{what}: {count} in {took:.2f} s, {1e6 * took / count:.1f} us each')


def free_memory():
    with open('/proc/meminfo', encoding='ascii') as f:
        rows = dict(line.split(':') for line in f)
    return int(rows['MemAvailable'].split()[0])


def sa(ident):
    return sa_values(ident, 'AEAD_AES_128_GCM' if ident % 2 else 'AES_CM_128_HMAC_SHA1_80',
                     ident.to_bytes(16, 'big'), bytes(12 if ident % 2 else 14))


def stream(n):
    """A muxed stream on ports of its own, with SAs 2n-1 and 2n."""
    port, host = 10000 + n % 50000, 1 + n // 50000
    return {'id': n,
            'access': leg_values(f'10.1.0.{host}', port, '10.1.0.2', 5000, in_sa=2 * n - 1,
                                 out_sa=2 * n, rtcp_mode='mux'),
            'core': leg_values(f'10.2.0.{host}', port, '10.2.0.2', 8000, plain=True,
                               rtcp_mode='mux')}


def requests(command, name, make, numbers):
    for at in range(0, len(numbers), 2000):
        yield [(command, {name: make(n)}) for n in numbers[at:at + 2000]]


def all_of(world, command, name, make, count):
    for part in list(requests(command, name, make, range(1, count + 1))):
        equal(world.nl.batch(part), {}, 'refused')


def ids(world, command):
    objects, interrupted = world.nl.dump(command)
    name = command[:-4]
    return [o[name][0]['id'] if name == 'sa' else o[name]['id'] for o in objects], interrupted


def churn(seconds):
    """Makes and removes SAs and streams among and behind the others."""
    cpu(1)
    nl, end, n = Netlink('gw'), time.monotonic() + seconds, 0
    while time.monotonic() < end:
        n += 1
        ident = CHURN + n % 50 if n % 2 else CHURN - 1 - n % 50
        for command, values in (('sa-new', sa(ident)), ('sa-del', {'id': ident})):
            try:
                nl.do(command, sa=values)
            except Refused as no:
                raise AssertionError(str(no)) from no


@test('a hundred thousand SAs and fifty thousand streams are made, read and removed', seconds=170)
def make(world):
    before = free_memory()
    with timed('make SAs', SAS):
        all_of(world, 'sa-new', 'sa', sa, SAS)
    after = free_memory()
    say(f'memory: {1024 * (before - after) // SAS} octets an SA')
    with timed('make streams', STREAMS):
        all_of(world, 'stream-new', 'stream', stream, STREAMS)
    say(f'memory: {1024 * (after - free_memory()) // STREAMS} octets a stream')
    for command, count in (('sa-get', SAS), ('stream-get', STREAMS)):
        with timed(f'dump {command}', count):
            found, _ = ids(world, command)
        equal(found == list(range(1, count + 1)), True, f'{command}: every id once, in order')
    working(world)
    changing(world)
    with timed('flush', SAS + STREAMS):
        world.nl.do('flush')
    shown = world.nl.do('stats-get')['stats']
    equal((shown['sas'], shown['streams']), (0, 0), 'left')


def working(world):
    """Among all these a call works as ever."""
    number = STREAMS // 2
    values = sa(2 * number)
    ue, core = world.port('access', 5000), world.port('core', 8000)
    core.send(rtp(1), (GW['core', 4], 10000 + number % 50000))
    oracle = Oracle('AES_CM_128_HMAC_SHA1_80', values['key'], values['salt'])
    equal(oracle.unprotect(ue.receive()), rtp(1), 'through one of many')


def changing(world):
    """Dumps while others come and go."""
    worker = Child(churn, 5)
    rounds = interrupted = 0
    end = time.monotonic() + 4
    while time.monotonic() < end:
        found, changed = ids(world, 'sa-get')
        rounds, interrupted = rounds + 1, interrupted + changed
        old = [n for n in found if n <= SAS]
        equal(old == list(range(1, SAS + 1)), True, 'untouched SAs, every one once and in order')
        equal(found == sorted(set(found)), True, 'ids once and in order')
    worker.join()
    say(f'{rounds} dumps under changes, {interrupted} said so')
    assert interrupted, 'no dump said that objects changed meanwhile'


@test('after it all a call works as on the first day')
def afterwards(world):
    call = Call(world)
    call.up(rtp(1))
    call.down(rtp(1))


run(Topology)
