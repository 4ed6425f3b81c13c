#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The module unloads while one processor has time for nothing but packets, each of which takes long.

What a packet asks for that is on its way meanwhile is asked late, and done only once the processor has time again.
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))

import contextlib
import time

from lib import module, nft
from lib.call import Call
from lib.child import only_packets
from lib.ktap import equal, eventually, run, test
from lib.packets import rtp
from lib.topology import Topology

SEGMENTS = 60
RULES = 15000       # that each of them has to pass, so that all together take a tenth of a second


@test('what the last packets asked for is not done after the module has gone')
def late(_):
    packets = [rtp(seq, payload=bytes(160)) for seq in range(SEGMENTS)]
    with Topology() as world:
        for _ in range(3):
            nft.rules(world, *nft.chain('output', 0, *['udp dport 1 counter'] * RULES))
            calls = [Call(world, access={'plain': True, 'in-sa': None, 'out-sa': None}) for _ in range(2)]
            with only_packets(1, *(lambda c=c: c.core.send_coalesced(packets) for c in calls)):
                eventually('no traffic', lambda: world.relayed() >= SEGMENTS)
                module.unload()
            equal(module.loaded(), False, 'still loaded')
            time.sleep(0.3)
            world.scratch.close()
            world.reload()


run(contextlib.nullcontext)
