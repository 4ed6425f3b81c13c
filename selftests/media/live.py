#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""libsrtp2 as the UE: live media both ways in every suite that libsrtp2 gets right."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))

from lib.call import SSRC, Call
from lib.ktap import equal, test
from lib.packets import receiver_report, rtp, sender_report
from lib.paths import run
from lib.topology import Topology
from peers import libsrtp
from peers.suites import ENCRYPTING

PACKETS = 40


class Peer:
    """A UE that speaks through libsrtp2."""

    def __init__(self, call, suite, mki):
        self.call = call
        self.send = libsrtp.Session(suite, *call.in_key.secret, mki, send=True)
        self.take = libsrtp.Session(suite, *call.out_key.secret, mki)
        self.reads_srtcp = libsrtp.reads_srtcp(suite, mki)

    def media(self, first):
        for seq in range(first, first + PACKETS):
            plain = rtp(seq, payload=os.urandom(1 + seq % 160))
            self.call.ue.send(self.send.protect(plain))
            equal(self.call.core.receive(), plain, f'packet {seq} to the core')
            plain = rtp(seq, ssrc=SSRC + 1, payload=os.urandom(1 + seq % 160))
            self.call.core.send(plain)
            equal(self.take.unprotect(self.call.ue.receive()), plain, f'packet {seq} to the UE')

    def control(self):
        for plain in (sender_report(), receiver_report()):
            self.call.ue_rtcp.send(self.send.protect_rtcp(plain))
            equal(self.call.core_rtcp.receive(), plain, 'RTCP to the core')
            self.call.core_rtcp.send(plain)
            srtcp = self.call.ue_rtcp.receive()
            if self.reads_srtcp:
                equal(self.take.unprotect_rtcp(srtcp), plain, 'RTCP to the UE')
            equal(self.call.out_key.oracle.unprotect_rtcp(srtcp)[0], plain, 'RTCP to the UE')


def live(world, mki):
    for suite in libsrtp.LIVE_SUITES:
        call = Call(world, suite, mki)
        peer = Peer(call, suite, mki)
        peer.media(1)
        peer.control()
        peer.media(1 + PACKETS)
        flows = call.show()
        equal(flows['upstream']['packets'], 2 * PACKETS, 'packets upstream')
        equal(flows['downstream']['packets'], 2 * PACKETS, 'packets downstream')
        equal(call.drops(), {}, 'drops')


@test('libsrtp2 and the gateway understand each other both ways')
def plain(world):
    live(world, b'')


@test('libsrtp2 and the gateway understand each other with an MKI of 4 octets')
def with_mki(world):
    live(world, b'\1\2\3\4')


@test('libsrtp2 and the gateway understand each other with an MKI of 128 octets')
def with_long_mki(world):
    live(world, bytes(range(128)))


@test('every suite, AES-192 too, agrees with the oracle both ways')
def oracle(world):
    for suite in ENCRYPTING:
        call = Call(world, suite)
        for seq in range(PACKETS):
            call.up(rtp(seq, csrc=[1, 2], ext=bytes(8)))
            call.down(rtp(seq, ext=b''))
        call.up_rtcp(sender_report(), 7)
        first = call.down_rtcp(sender_report())
        equal(call.down_rtcp(receiver_report()), first + 1, 'SRTCP index')


@test('a call between IPv4 and IPv6 works in all four combinations')
def families(world):
    for pair in ((4, 4), (4, 6), (6, 4), (6, 6)):
        call = Call(world, families=pair)
        for seq in range(10):
            call.up(rtp(seq))
            call.down(rtp(seq))
        call.up_rtcp(sender_report(), 1)
        call.down_rtcp(sender_report())


@test('payloads from none to 1200 octets pass unharmed')
def sizes(world):
    for suite in ('AES_CM_128_HMAC_SHA1_80', 'AEAD_AES_128_GCM'):
        call = Call(world, suite)
        for seq, size in enumerate(list(range(0, 40)) + [159, 160, 161, 1023, 1024, 1199, 1200]):
            call.up(rtp(seq, payload=os.urandom(size)))
            call.down(rtp(seq, payload=os.urandom(size)))


@test('SRTP on both legs is decrypted and encrypted anew')
def both_secure(world):
    core = Call(world, sockets=False)
    world.nl.do('stream-del', stream={'id': core.n})
    call = Call(world, core={'plain': None, 'in-sa': core.in_key.ident,
                             'out-sa': core.out_key.ident})
    for seq in range(20):
        plain = rtp(seq)
        call.ue.send(call.in_key.oracle.protect(plain))
        equal(core.out_key.oracle.unprotect(call.core.receive()), plain, 'to the core')
        call.core.send(core.in_key.oracle.protect(plain))
        equal(call.out_key.oracle.unprotect(call.ue.receive()), plain, 'to the UE')


@test('a plain stream relays RTP and RTCP as they are')
def both_plain(world):
    call = Call(world, access={'in-sa': None, 'out-sa': None, 'plain': True})
    for seq in range(20):
        for here, there in ((call.ue, call.core), (call.core, call.ue),
                            (call.ue_rtcp, call.core_rtcp), (call.core_rtcp, call.ue_rtcp)):
            packet = rtp(seq) if here in (call.ue, call.core) else sender_report()
            here.send(packet)
            equal(there.receive(), packet, 'relayed')


run(Topology)
