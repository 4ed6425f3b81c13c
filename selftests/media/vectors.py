#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Every known answer through the real module: both directions, RTP and RTCP, both ciphers."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))

import re

from lib import module
from lib.call import Call
from lib.ktap import Skip, equal, say, test
from lib.paths import run
from lib.topology import Topology
from lib.vectors import load
from peers.oracle import header_size

# What a CPU with AES instructions must give; all else is slow code picked by mistake.
FAST = re.compile(r'ctr-aes-(aesni|vaes)|generic-gcm-(aesni|vaes)')


def call_for(world, v):
    """A call whose next packets are the vector's."""
    rtcp = {'ssrc': int.from_bytes(v['rtcp'][4:8], 'big'), 'rtcp-index': v['rtcp_index']}
    secret = (v['key'], v['salt'])
    other = (bytes(len(v['key'])), bytes(len(v['salt'])))
    ins = Call(world, v['suite'], v['mki'], secrets=(secret, other), in_sa={'roc': v['roc']})
    out = Call(world, v['suite'], v['mki'], secrets=(other, secret),
               out_sa={'roc': v['roc'], 'state': [rtcp]})
    return ins, out


def one(world, v):
    ins, out = call_for(world, v)
    what = f"{v['suite']} {v['rtp'][:12].hex()}"
    ins.ue.send(v['srtp'])
    equal(ins.core.receive(), v['rtp'], f'{what}: unprotected')
    ins.ue_rtcp.send(v['srtcp'])
    equal(ins.core_rtcp.receive(), v['rtcp'], f'{what}: RTCP unprotected')
    out.core.send(v['rtp'])
    equal(out.ue.receive(), v['srtp'], f'{what}: protected')
    out.core_rtcp.send(v['rtcp'])
    equal(out.ue_rtcp.receive(), v['srtcp'], f'{what}: RTCP protected')


def has_text(v, packet, header):
    """Whether there is anything for the cipher to do: AEAD always has its tag."""
    return v['suite'].endswith('GCM') or len(packet) > header


def every(world, forced):
    module.parameter('force_fallback', forced)
    try:
        before = world.nl.do('stats-get')['stats']['fallback']
        for v in load():
            one(world, v)
            world.settle()
        return world.nl.do('stats-get')['stats']['fallback'] - before
    finally:
        module.parameter('force_fallback', 0)


@test('the module makes and opens every known answer')
def fast(world):
    every(world, 0)


@test('the module makes and opens every known answer with the fallback cipher')
def fallback(world):
    used = every(world, 1)
    want = sum(2 * (has_text(v, v['rtp'], header_size(v['rtp'])) + has_text(v, v['rtcp'], 8))
               for v in load())
    equal(used, want, 'operations that took the fallback')


@test('each suite runs on the ciphers of the CPU')
def drivers(world):
    with open('/proc/cpuinfo', encoding='ascii') as f:
        if not re.search(r'flags.*\baes\b', f.read()):
            raise Skip('the CPU has no AES instructions')
    for suite in sorted({v['suite'] for v in load()}):
        sa = (call := Call(world, suite, sockets=False)).sa(call.in_key)
        say(suite, sa['cipher'], sa['fallback'], sa.get('mac', '-'))
        assert FAST.match(sa['cipher']), f"{suite} runs on {sa['cipher']}"
        equal('mac' in sa, not suite.endswith('GCM'), f'{suite}: a MAC driver is named')
        if 'mac' in sa:
            assert 'sha1' in sa['mac'], sa['mac']
        assert not sa['fallback'].startswith('cryptd'), sa['fallback']


run(Topology)
