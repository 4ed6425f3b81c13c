#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""RTCP: on the next port, muxed, on a port of its own; its index and its end."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))

from lib.call import SSRC, Call
from lib.ktap import equal, test
from lib.packets import bye, receiver_report, rtp, sender_report
from lib.paths import run
from lib.topology import Topology
from peers.suites import ENCRYPTING

KINDS = (sender_report(), receiver_report(), bye(), sender_report() + receiver_report() + bye())


def feedback(kind):
    """RTCP of another packet type."""
    return bytes([0x81, kind, 0, 2]) + SSRC.to_bytes(4, 'big') + bytes(4)


@test('RTCP of every kind passes both ways in every mode and suite')
def modes(world):
    for suite in ENCRYPTING:
        for mode in ('next', 'mux', 'explicit'):
            call = Call(world, suite, rtcp=mode)
            for index, packet in enumerate(KINDS):
                call.up_rtcp(packet, index)
                call.down_rtcp(packet)
            call.up(rtp(1))
            call.down(rtp(1))
            equal(call.drops(), {}, 'drops')
        world.settle()


@test('with mux the payload type decides, marker bit and all')
def mux(world):
    call = Call(world, rtcp='mux')
    for kind in (192, 199, 200, 205, 206, 207, 222, 223):
        call.up_rtcp(feedback(kind), kind)
        call.down_rtcp(feedback(kind))
    for seq, (pt, marker) in enumerate(((0, 1), (63, 1), (96, 0), (96, 1), (127, 1))):
        call.up(rtp(seq, pt=pt, marker=marker))
        call.down(rtp(seq, pt=pt, marker=marker))
    equal(call.show()['upstream']['rtcp-packets'], 8, 'RTCP packets')


@test('one leg may mux while the other does not')
def mixed(world):
    call = Call(world, rtcp='mux', core={'rtcp-mode': 'next'})
    beside = world.port('core', call.far['core'] + 1)
    call.ue.send(call.in_key.oracle.protect_rtcp(sender_report(), 1))
    equal(beside.receive(), sender_report(), 'RTCP beside RTP')
    call.up(rtp(1))
    beside.send(receiver_report(), (call.core.peer[0], call.near['core'] + 1))
    equal(call.out_key.oracle.unprotect_rtcp(call.ue.receive())[0], receiver_report(), 'muxed')


@test('the mode can change while the stream lives')
def change(world):
    call = Call(world)
    call.up_rtcp(sender_report(), 1)
    call.change(access={'rtcp-mode': 'mux'}, core={'rtcp-mode': 'mux'})
    call.ue.send(call.in_key.oracle.protect_rtcp(sender_report(), 2))
    equal(call.core.receive(), sender_report(), 'muxed')
    call.change(access={'rtcp-mode': 'next'}, core={'rtcp-mode': 'next'})
    call.up_rtcp(sender_report(), 3)
    call.down_rtcp(sender_report())


@test('the SRTCP index counts from 0, for each SSRC on its own')
def index(world):
    call = Call(world)
    for n in range(5):
        equal(call.down_rtcp(sender_report()), n, 'index')
        equal(call.down_rtcp(sender_report(SSRC + 1)), n, 'index of another SSRC')
    equal(call.state(call.out_key)[2], 5, 'next index shown')


@test('the last SRTCP index is used and none after it')
def last(world):
    state = {'ssrc': SSRC, 'rtcp-index': 0x7fffffff}
    call = Call(world, out_sa={'state': [state]})
    equal(call.down_rtcp(sender_report()), 0x7fffffff, 'last index')
    for _ in range(3):
        call.core_rtcp.send(sender_report())
    call.silent('access')
    equal(call.drops(), {'tx-expired': 3}, 'drops')


@test('what is no RTCP does not pass on a port for RTCP')
def not_rtcp(world):
    call = Call(world)
    for packet in (rtp(1), rtp(2, pt=96), b'\x80', b'\x80\xc8', sender_report()[:7], b'', b'\0' * 20,
                   feedback(191), feedback(224)):
        call.core_rtcp.send(packet)
    call.silent('access')
    drops = call.drops()
    equal(sum(drops.values()), 9, drops)
    equal(set(drops) <= {'rtcp-header', 'nonmedia'}, True, drops)


run(Topology)
