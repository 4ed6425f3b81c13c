#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The tracepoints, as tracefs tells them. Needs a kernel with tracing: the stock ones."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))

from lib.call import Call
from lib.ktap import equal, run, test
from lib.netns import processed
from lib.packets import rtp
from lib.topology import FAR, Topology

TRACING = '/sys/kernel/tracing'


def write(name, text):
    with open(f'{TRACING}/{name}', 'w') as file:
        file.write(text)


def traced(act):
    """What e2ae's tracepoints say while act() runs: (name, text) pairs."""
    write('trace', '')
    write('events/e2ae/enable', '1')
    try:
        act()
        processed()
    finally:
        write('events/e2ae/enable', '0')
    with open(f'{TRACING}/trace') as file:
        lines = [line.split(' e2ae_', 1)[1] for line in file if ' e2ae_' in line]
    return [tuple(line.strip().split(': ', 1)) for line in lines]


@test('a drop is traced with its stream and cause')
def drop(world):
    call = Call(world)
    forged = bytearray(call.in_key.oracle.protect(rtp(1)))
    forged[-1] ^= 1

    def act():
        call.ue.send(bytes(forged))
        call.ue.send(b'\x00\x01\x00\x00')
        call.silent('core')
    equal(traced(act), [('drop', f'stream {call.n} rx-auth'),
                        ('drop', f'stream {call.n} nonmedia')], 'traced')


@test('a latch is traced with its address')
def latch(world):
    call = Call(world, access={'peer-addr': None, 'peer-port': None})
    address = bytes(map(int, FAR['access', 4].split('.'))).hex().ljust(32, '0')
    told = traced(lambda: call.up(rtp(1)))
    equal(told, [('latch', f'stream {call.n} access rtp IPv4 {address}:{call.far["access"]}')],
          'traced')


@test('both limits of an SA are traced')
def expire(world):
    call = Call(world, in_sa={'soft-packets': 1, 'hard-packets': 2})

    def act():
        call.up(rtp(1))
        call.up(rtp(2))
    equal(traced(act), [('expire', f'sa {call.in_key.ident} soft'),
                        ('expire', f'sa {call.in_key.ident} hard')], 'traced')


@test('what passes leaves no trace')
def nothing(world):
    call = Call(world)

    def act():
        call.up(rtp(1))
        call.down(rtp(1))
    equal(traced(act), [], 'traced')


run(Topology)
