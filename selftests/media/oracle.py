#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The judges are judged first: oracle and libsrtp2 against the known answers."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))

from lib.ktap import equal, run, test
from lib.vectors import load
from peers import libsrtp
from peers.oracle import Forged, Oracle
from peers.suites import ENCRYPTING


@test('six known answers exist for each suite')
def complete(_):
    lines = load()
    for suite in ENCRYPTING:
        equal(sum(v['suite'] == suite for v in lines), 6, suite)


@test('the oracle makes and opens every known answer')
def known(_):
    for v in load():
        oracle = Oracle(v['suite'], v['key'], v['salt'], v['mki'])
        equal(oracle.protect(v['rtp'], v['roc']), v['srtp'], v['suite'])
        equal(oracle.unprotect(v['srtp'], v['roc']), v['rtp'], v['suite'])
        equal(oracle.protect_rtcp(v['rtcp'], v['rtcp_index']), v['srtcp'], v['suite'])
        equal(oracle.unprotect_rtcp(v['srtcp']), (v['rtcp'], v['rtcp_index']), v['suite'])


def refuses(function, packet, *more):
    try:
        function(packet, *more)
    except Forged:
        return
    raise AssertionError('a changed packet was accepted')


@test('the oracle refuses every packet with a changed bit')
def changed(_):
    for v in load():
        oracle = Oracle(v['suite'], v['key'], v['salt'], v['mki'])
        for name, call in (('srtp', lambda p: oracle.unprotect(p, v['roc'])),
                           ('srtcp', oracle.unprotect_rtcp)):
            packet = v[name]
            for at in {4, 11, len(packet) // 2, len(packet) - 1}:
                if name == 'srtcp' and at >= 8 and at < 12:
                    continue
                bad = bytearray(packet)
                bad[at] ^= 1
                refuses(call, bytes(bad))


@test('libsrtp2 and the oracle understand each other in every suite that libsrtp2 gets right')
def agree(_):
    for v in load():
        if v['suite'] not in libsrtp.LIVE_SUITES:
            continue
        args = v['suite'], v['key'], v['salt'], v['mki']
        if not v['roc']:
            equal(libsrtp.Session(*args, send=True).protect(v['rtp']), v['srtp'], v['suite'])
            equal(libsrtp.Session(*args).unprotect(v['srtp']), v['rtp'], v['suite'])
        if libsrtp.reads_srtcp(v['suite'], v['mki']):
            equal(libsrtp.Session(*args).unprotect_rtcp(v['srtcp']), v['rtcp'], v['suite'])
        made = libsrtp.Session(*args, send=True).protect_rtcp(v['rtcp'])
        equal(Oracle(*args).unprotect_rtcp(made), (v['rtcp'], 1), v['suite'])


run()
