#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A CPU goes and comes back while packets are on it, and while some wait there for each other."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))

from lib.call import Call
from lib.child import Child, cpu
from lib.ktap import Skip, equal, test
from lib.packets import rtp
from lib.paths import run_gathered
from lib.topology import Topology

ONLINE = '/sys/devices/system/cpu/cpu1/online'
SUITES = ('AES_CM_128_HMAC_SHA1_80', 'AEAD_AES_128_GCM')
ROUNDS, BURST, CALLS = 12, 40, 6


def online(there):
    """Takes the second CPU away, or brings it back."""
    with open(ONLINE, 'w', encoding='ascii') as file:
        file.write('1' if there else '0')


def sends(calls, srtp, first, begun):
    """Packets both ways from the second CPU, for as long as it is there."""
    cpu(1)
    for n in range(first, first + BURST):
        if n == first + BURST // 4:
            os.write(begun, b'.')
        for call, packets in zip(calls, srtp):
            call.ue.send(packets[n])
            call.core.send(rtp(n))


def all_there(calls, first):
    """What was sent has arrived, once each; who moved from one CPU to another may have been overtaken."""
    wanted = {rtp(n) for n in range(first, first + BURST)}
    for call in calls:
        up = [call.core.receive() for _ in range(BURST)]
        down = [call.out_key.oracle.unprotect(call.ue.receive()) for _ in range(BURST)]
        equal((set(up), set(down)), (wanted, wanted), 'what arrived')
        call.silent('core')
        call.silent('access')


@test('a CPU that goes and comes back under traffic costs no packet', seconds=100)
def hotplug(world):
    if not os.path.exists(ONLINE):
        raise Skip('no second CPU that can go')
    calls = [Call(world, SUITES[n % 2]) for n in range(CALLS)]
    srtp = [[call.in_key.oracle.protect(rtp(n)) for n in range(ROUNDS * BURST)] for call in calls]
    world.scratch.callback(online, True)
    for side in ('access', 'core'):
        world.bursts(side)
    before = world.nl.do('stats-get')['stats']['gathered']
    under_way, begun = os.pipe()
    for fd in (under_way, begun):
        world.scratch.callback(os.close, fd)
    for first in range(0, ROUNDS * BURST, BURST):
        child = Child(sends, calls, srtp, first, begun)
        os.read(under_way, 1)
        online(False)
        child.join()
        online(True)
        all_there(calls, first)
    waited = world.nl.do('stats-get')['stats']['gathered'] - before
    equal(waited, 2 * CALLS * ROUNDS * BURST, 'packets that waited')
    for call in calls:
        equal(call.drops(), {}, 'drops')


run_gathered(Topology)
