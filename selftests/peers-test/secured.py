#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Calls with SRTP between two UEs: SDES and MIKEY end to end, key changes, and misbehaviour."""
import base64
import os

from lab import Lab, bounded
from lib.ktap import equal, run, test
from peers import libsrtp
from peers.sip import sdes, sdp
from peers.sip.scenario import establish, hang_up, on_wire_is_srtp, talk
from peers.sip.situation import BOTH, E2E, MIKEY, SDES, FixedKeyring, Situation
from peers.sip.speech import Recording
from peers.suites import ENCRYPTING

RECORDING = Recording()
PACKETS = 15


def share_psk(alice, bob):
    """Gives two UEs a pre-shared key for MIKEY."""
    psk = os.urandom(32)
    alice.keyring = FixedKeyring(psk, alice.impu, bob.impu)
    bob.keyring = FixedKeyring(psk, bob.impu, alice.impu)


def masters(call):
    """(sending, receiving) master keys of a call's audio, without SSRCs."""
    return tuple(m[:4] for m in call.media.audio.masters())


def shapes(key):
    """How a key might stand in a message."""
    return key, key.hex().encode(), base64.b64encode(key).rstrip(b'=')


def agree(out, into):
    """Both ends use the same keys the other way round, one for each direction."""
    equal(masters(out), tuple(reversed(masters(into))), 'master keys')
    assert masters(out)[0][1] != masters(out)[1][1], 'one key for both directions'


def libsrtp_reads(lab, party, leg):
    """libsrtp2 opens what a leg sent, with the key that its SDP declared on the wire."""
    body = [m.body for m in lab.ladder.seen(party, 'INVITE', out=True) if m.body][-1]
    crypto = sdes.parse(sdp.parse(body).media[0].attribute('crypto'))
    judge = libsrtp.Session(crypto.suite, crypto.key, crypto.salt, crypto.mki)
    for wire, rtp in zip(leg.sent_wire, leg.sent):
        equal(judge.unprotect(wire), rtp, 'RTP as libsrtp2 reads it')


@test('two UEs talk with SDES end to end in every suite, and libsrtp2 reads it too')
def every_suite(_):
    async def work():
        async with Lab() as lab:
            alice, bob = await lab.pair(situation=Situation(E2E, tuple(ENCRYPTING)))
            for suite in ENCRYPTING:
                out, into = await establish(alice, bob, Situation(E2E, (suite,)))
                equal((out.media.outcomes(), masters(out)[0][0]), (['e2e'], suite), 'outcome')
                agree(out, into)
                await talk(out, into, RECORDING, PACKETS)
                on_wire_is_srtp(out, into)
                if suite in libsrtp.LIVE_SUITES:
                    libsrtp_reads(lab, 'alice', out.media.audio)
                await hang_up(out, into)
            lab.core.inspector.assert_clean()
    bounded(work())


@test('an MKI and RTCP on the port of RTP work', seconds=40)
def mki_and_mux(_):
    async def work():
        async with Lab() as lab:
            alice, bob = await lab.pair(situation=Situation(E2E, mux=True))
            out, into = await establish(alice, bob, Situation(E2E, mki=b'\x01\x02\x03\x04', mux=True))
            equal(masters(into)[1][3], b'\x01\x02\x03\x04', 'MKI')
            await talk(out, into, RECORDING, PACKETS)
            libsrtp_reads(lab, 'alice', out.media.audio)
            await hang_up(out, into)
    bounded(work())


@test('two UEs talk with MIKEY, whoever calls, and the keys are in no message')
def mikey_call(_):
    async def work():
        async with Lab() as lab:
            alice, bob = await lab.pair(situation=Situation(MIKEY))
            share_psk(alice, bob)
            for caller, callee in ((alice, bob), (bob, alice)):
                out, into = await establish(caller, callee)
                equal((out.media.outcomes(), into.media.outcomes()), (['mikey'], ['mikey']), 'outcome')
                agree(out, into)
                equal([m.ssrc for m in out.media.audio.masters()], [out.media.audio.ssrc, into.media.audio.ssrc],
                      'SSRCs')
                await talk(out, into, RECORDING, PACKETS)
                on_wire_is_srtp(out, into)
                await hang_up(out, into)
                wires = b''.join(r.raw for r in lab.ladder.rungs)
                for one in masters(out):
                    assert not any(form in wires for form in shapes(one[1])), 'a master key on the wire'
    bounded(work())


@test('an offer with both kinds of keys gets an answer with the preferred one')
def both_kinds(_):
    async def work():
        async with Lab() as lab:
            alice, bob = await lab.pair(situation=Situation(BOTH))
            share_psk(alice, bob)
            for prefer, want in (((MIKEY, SDES), 'mikey'), ((SDES, MIKEY), 'sdes')):
                bob.situation = Situation(BOTH, prefer=prefer)
                out, into = await establish(alice, bob)
                equal(out.media.outcomes(), [want], 'outcome')
                await talk(out, into, RECORDING, PACKETS)
                await hang_up(out, into)
            equal(lab.core.inspector.whats(), {'3ge2ae'}, 'what the core noticed')
    bounded(work())


@test('hold keeps the keys, a new key replaces them, a move of ports too, from either end')
def key_changes(_):
    async def work():
        for keying in (E2E, MIKEY):
            async with Lab() as lab:
                alice, bob = await lab.pair(situation=Situation(keying))
                share_psk(alice, bob)
                out, into = await establish(alice, bob)
                first = masters(out)
                await out.hold()
                await out.resume()
                equal(masters(out), first, f'{keying}: keys after hold')
                await talk(out, into, RECORDING, PACKETS)
                await out.update(rekey=True)
                agree(out, into)
                assert masters(out)[0] != first[0], f'{keying}: the sending key is the old one'
                await talk(out, into, RECORDING, PACKETS)
                second = masters(out)
                await into.reinvite(into.media.offer(rekey=True, move=True))
                agree(out, into)
                assert masters(out)[1] != second[1], f'{keying}: the receiving key is the old one'
                await talk(out, into, RECORDING, PACKETS)
                await hang_up(into, out)
    bounded(work())


ANSWERS = {'tag': E2E, 'suite': E2E, 'no crypto': E2E, 'two cryptos': E2E, 'avp': E2E, 'profile': E2E,
           'echo': E2E, 'no mikey': MIKEY, 'mac': MIKEY}


@test('every wrong answer is noticed: acknowledged, and ended with BYE')
def wrong_answers(_):
    async def work():
        async with Lab() as lab:
            alice, bob = await lab.pair()
            share_psk(alice, bob)
            for wrong, keying in ANSWERS.items():
                bob.situation = Situation(keying, wrong=frozenset((wrong,)))
                out = await alice.invite(bob.aor(), Situation(keying))
                into = await bob.incoming()
                assert await into.accept()
                equal((await out.answered()).status, 200, wrong)
                await into.acknowledged()
                await into.ended()
                await out.ended()
                assert out.failure, f'{wrong} was not noticed'
                equal([r.method for r in into.requests], ['BYE'], wrong)
    bounded(work())


@test('every wrong offer of MIKEY, a replayed one too, is refused with 488 and a Warning')
def wrong_offers(_):
    async def work():
        async with Lab() as lab:
            alice, bob = await lab.pair()
            share_psk(alice, bob)
            out, into = await establish(alice, bob, Situation(MIKEY))
            old = out.media.lines[0].i_messages[0]
            await hang_up(out, into)
            for wrong in ('mac', 'clock', 'protocols', 'replay'):
                out = await alice.invite(bob.aor(), Situation(MIKEY, wrong=frozenset((wrong,)), replay=old))
                into = await bob.incoming()
                assert not await into.accept(), f'{wrong} was taken'
                response = await out.answered()
                equal((response.status, bool(response.get('Warning'))), (488, True), wrong)
                assert 'MIKEY' in into.failure, into.failure
    bounded(work())


@test('keys that should have ended at the edge are noticed at the core')
def noticed(_):
    async def work():
        async with Lab(allow_e2e=False) as lab:
            alice, bob = await lab.pair()
            share_psk(alice, bob)
            for keying, want in ((SDES, {'3ge2ae', 'crypto', 'RTP/SAVP'}), (MIKEY, {'key-mgmt', 'RTP/SAVP'})):
                lab.core.inspector.findings.clear()
                out, into = await establish(alice, bob, Situation(keying))
                equal(lab.core.inspector.whats(), want, keying)
                await hang_up(out, into)
    bounded(work())


@test('what a UE takes is up to its situation')
def choice(_):
    async def work():
        async with Lab() as lab:
            alice, bob = await lab.pair()
            for accept, keying, status in (({'plain'}, E2E, 488), ({'e2e'}, 'plain', 488), ({'sdes'}, SDES, 200)):
                bob.situation = Situation(accept=frozenset(accept))
                out = await alice.invite(bob.aor(), Situation(keying))
                into = await bob.incoming()
                await into.accept()
                equal((await out.answered()).status, status, f'{keying} where {accept} is taken')
                if status == 200:
                    await into.acknowledged()
                    await hang_up(out, into)
    bounded(work())


@test('SRTP across the roll-over of the sequence number arrives')
def rollover(_):
    async def work():
        async with Lab() as lab:
            alice, bob = await lab.pair()
            out, into = await establish(alice, bob, Situation(E2E))
            out.media.audio.seq = 65530
            await talk(out, into, RECORDING, PACKETS)
            assert out.media.audio.seq < 100, 'no roll-over'
            libsrtp_reads(lab, 'alice', out.media.audio)
            await hang_up(out, into)
    bounded(work())


@test('a packet that is forged or in the clear does not open')
def forged(_):
    async def work():
        async with Lab() as lab:
            out, into = await establish(*await lab.pair(), Situation(E2E))
            sent = await out.media.audio.play(RECORDING, 1)
            wire = out.media.audio.sent_wire[0]
            for bad in (wire[:-1] + bytes([wire[-1] ^ 1]), sent[0], wire[:20]):
                out.media.audio.send_raw(bad)
            assert await into.media.audio.wait_for(4), 'packets were lost'
            equal((into.media.audio.heard(), len(into.media.audio.refused())), (sent, 3), 'packets')
            await hang_up(out, into)
    bounded(work())


if __name__ == '__main__':
    run()
