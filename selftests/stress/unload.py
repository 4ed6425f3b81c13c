#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The module and its namespaces go away under full traffic."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))

import contextlib
import time

from lib import module
from lib.call import SSRC, Call
from lib.child import flood
from lib.ktap import equal, eventually, test
from lib.netns import run as command
from lib.packets import rtp, sender_report
from lib.paths import run
from lib.topology import Topology

STREAMS = 8


class Rising:
    """Sends RTP with rising numbers for ever: each packet is encrypted."""

    def __init__(self, call):
        self.call, self.packet, self.seq = call, bytearray(rtp(0, payload=bytes(160))), 0

    def __call__(self):
        self.seq = (self.seq + 1) & 0xffff
        self.packet[2:4] = self.seq.to_bytes(2, 'big')
        self.call.core.send(self.packet)


class Recorded:
    """Sends SRTP and SRTCP made beforehand, over and over."""

    def __init__(self, call):
        oracle = call.in_key.oracle
        self.call, self.at = call, 0
        self.packets = [oracle.protect(rtp(seq, ssrc=SSRC + 1)) for seq in range(500)]
        self.rtcp = oracle.protect_rtcp(sender_report(), 1)

    def __call__(self):
        self.at = (self.at + 1) % len(self.packets)
        self.call.ue.send(self.packets[self.at])
        if not self.at % 50:
            self.call.ue_rtcp.send(self.rtcp)


@contextlib.contextmanager
def traffic(world):
    """Media both ways on several streams, from both CPUs, and well under way."""
    suites = ('AES_CM_128_HMAC_SHA1_80', 'AEAD_AES_128_GCM')
    calls = [Call(world, suites[n % 2], families=((4, 4), (6, 6))[n // 2 % 2], timeout=1)
             for n in range(STREAMS)]
    if module.parameter('gather') != '0':
        for side in ('access', 'core'):
            world.bursts(side)
    children = [flood(1, *(Rising(c) for c in calls)), flood(0, *(Recorded(c) for c in calls))]
    world.nl.in_order = False
    try:
        start = world.relayed()
        eventually('no traffic', lambda: world.relayed() >= start + 500, 30, 0.1)
        yield calls
    finally:
        for child in children:
            child.stop()
        world.nl.in_order = True
        world.scratch.close()


@test('the module unloads under traffic and works when it is loaded again')
def unload(_):
    with Topology() as world:
        for _ in range(4):
            with traffic(world):
                module.unload()
                equal(module.loaded(), False, 'still loaded')
                time.sleep(0.2)
            world.reload()
            call = Call(world)
            call.up(rtp(1))
            call.down(rtp(1))
            world.settle()


@test('a namespace goes away under traffic, with all its streams')
def namespace(_):
    for _ in range(3):
        with Topology() as world:
            with traffic(world):
                world.nl.close()
                world.remove('gw')
                time.sleep(0.3)
            # Leaving the world unloads the module: nothing may hold it.


@test('flush under traffic leaves nothing, again and again')
def flush(_):
    with Topology() as world:
        for _ in range(5):
            with traffic(world):
                world.nl.do('flush')
                equal(world.nl.dump('stream-get')[0] + world.nl.dump('sa-get')[0], [], 'left')
                time.sleep(0.1)
            world.settle()


@test('devices go away under traffic')
def device(_):
    with Topology() as world:
        with traffic(world):
            command('ip', 'link', 'del', 'acc0', name='gw')
            time.sleep(0.3)
            command('ip', 'link', 'set', 'core0', 'down', name='gw')
            time.sleep(0.3)
            world.nl.do('flush')


run(contextlib.nullcontext, ('ingress', 'gathered'))
