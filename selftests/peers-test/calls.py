#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Calls between two UEs through the S-CSCF stand-in, with plain RTP: every kind of signalling."""
import asyncio

from lab import Lab, bounded, certificates
from lib.ktap import equal, run, test
from peers.sip.scenario import establish, hang_up, talk
from peers.sip.scscf import settle
from peers.sip.sipmsg import Address
from peers.sip.situation import Situation
from peers.sip.speech import Recording

RECORDING = Recording()


def whole_call(kind, tls=None):
    async def work():
        async with Lab(kind, tls, allow_e2e=False) as lab:
            alice, bob = await lab.pair()
            out, into = await establish(alice, bob, ring=180)
            equal((out.media.outcomes(), into.media.outcomes()), (['plain'], ['plain']), 'keying')
            await talk(out, into, RECORDING)
            await hang_up(out, into)
            equal(into.request.get('P-Asserted-Identity'), '<sip:alice@home1.net>', 'P-Asserted-Identity')
            equal(into.request.get('P-Called-Party-ID'), '<sip:bob@home1.net>', 'P-Called-Party-ID')
            equal(len(lab.core.seen('BYE')), 1, 'BYEs that took the recorded route')
            lab.core.inspector.assert_clean()
    bounded(work())


for transport in ('udp', 'tcp', 'tls'):
    test(f'two UEs talk to each other, signalling over {transport.upper()}')(
        lambda tls, transport=transport: whole_call(transport, tls if transport == 'tls' else None))


@test('hold, resume and UPDATE change directions at both ends')
def hold(_):
    async def work():
        async with Lab() as lab:
            out, into = await establish(*await lab.pair())
            for change, want in ((out.hold, ('sendonly', 'recvonly')), (into.hold, ('inactive', 'inactive')),
                                 (into.resume, ('sendrecv', 'sendrecv')),
                                 (lambda: into.update(direction='recvonly'), ('sendonly', 'recvonly')),
                                 (out.update, ('sendrecv', 'sendrecv'))):
                equal((await change()).status, 200, 'answer')
                equal((out.media.audio.direction, into.media.audio.direction), want, 'directions')
            await talk(out, into, RECORDING, 10)
            await hang_up(into, out)
    bounded(work())


@test('a reliable 183 with the answer is acknowledged by PRACK, once, and media flow before the 200')
def prack(_):
    async def work():
        async with Lab() as lab:
            alice, bob = await lab.pair()
            out = await alice.invite(bob.aor())
            into = await bob.incoming()
            assert await into.ring(183, reliable=True, answer=True)
            await talk(out, into, RECORDING, 10)
            assert await into.ring(180, reliable=True)
            equal((await out.update()).status, 200, 'UPDATE before the 200')
            assert await into.accept()
            equal((await out.answered()).body, b'', 'a second answer in the 200')
            await into.acknowledged()
            equal(len(lab.core.seen('PRACK')), 2, 'PRACKs')
            await hang_up(out, into)
    bounded(work())


@test('a session description that is missing in the INVITE is offered in the 200 or in a reliable 183')
def late_offer(_):
    async def work():
        async with Lab() as lab:
            alice, bob = await lab.pair()
            out, into = await establish(alice, bob, with_offer=False)
            await talk(out, into, RECORDING, 10)
            await hang_up(out, into)
            out = await alice.invite(bob.aor(), with_offer=False)
            into = await bob.incoming()
            assert await into.ring(183, reliable=True, answer=True)
            await talk(out, into, RECORDING, 10)
            assert await into.accept()
            equal((await out.answered()).status, 200, 'answer')
            await into.acknowledged()
            await hang_up(into, out)
            bodies = [bool(m.body) for m in lab.ladder.seen('bob', 'PRACK') + lab.ladder.seen('bob', 'ACK')]
            equal(bodies, [True, True, False], 'answers in PRACK, first and second ACK')
    bounded(work())


@test('a call that is cancelled ends with 487 at both ends')
def cancel(_):
    async def work():
        async with Lab() as lab:
            alice, bob = await lab.pair()
            out = await alice.invite(bob.aor())
            into = await bob.incoming()
            await into.ring()
            await out.provisional(180)
            out.cancel()
            equal((await out.answered()).status, 487, 'final response')
            await into.ended()
            equal(into.failure, 'cancelled', 'reason')
            equal(len(lab.ladder.seen('bob', 'ACK')), 1, 'ACKs')
    bounded(work())


@test('busy, unknown, not registered and out of service reach the caller as they are')
def refusals(_):
    async def work():
        async with Lab() as lab:
            alice, bob = await lab.pair()
            await lab.ue('carol')
            lab.core.behaviour['sip:dave@home1.net'] = 503
            for target, status in (('nobody', 404), ('carol', 480), ('dave', 503)):
                out = await alice.invite(f'sip:{target}@home1.net')
                equal((await out.answered()).status, status, target)
            out = await alice.invite(bob.aor())
            (await bob.incoming()).reject(486)
            equal((await out.answered()).status, 486, 'bob')
            assert out.over.is_set() and not alice.calls and not bob.calls, 'a call is left'
    bounded(work())


@test('a re-offer that is refused with 488 leaves the call as it was')
def rollback(_):
    async def work():
        async with Lab() as lab:
            out, into = await establish(*await lab.pair())
            into.refuse_offers = 488
            equal((await out.reinvite()).status, 488, 're-INVITE')
            equal((await out.update()).status, 488, 'UPDATE')
            await talk(out, into, RECORDING, 10)
            await hang_up(out, into)
    bounded(work())


@test('a call rings at both forks, one takes it and the other is cancelled')
def forking(_):
    async def work():
        async with Lab() as lab:
            alice, bob = await lab.pair()
            carol = await lab.ue('carol')
            await carol.register()
            lab.core.forks['sip:team@home1.net'] = ['sip:bob@home1.net', 'sip:carol@home1.net']
            out = await alice.invite('sip:team@home1.net')
            one, other = await bob.incoming(), await carol.incoming()
            await one.ring()
            await other.ring()
            await settle(0.05)
            equal(len(out.forks), 2, 'early dialogs')
            assert await other.accept()
            equal((await out.answered()).status, 200, 'answer')
            await one.ended()
            equal(one.failure, 'cancelled', 'the other fork')
            await talk(out, other, RECORDING, 10)
            await hang_up(out, other)
    bounded(work())


@test('a fork that refuses twice, since its ACK was lost, leaves the other its time')
def refused_twice(_):
    async def work():
        async with Lab(t1=0.1) as lab:
            alice, bob = await lab.pair()
            carol = await lab.ue('carol')
            await carol.register()
            lab.core.forks['sip:team@home1.net'] = ['sip:bob@home1.net', 'sip:carol@home1.net']
            lose(bob, 'ACK', 1)
            out = await alice.invite('sip:team@home1.net')
            one, other = await bob.incoming(), await carol.incoming()
            one.reject(480)
            await settle(0.5)
            assert len(lab.ladder.seen('bob', 'INVITE', 480, out=True)) > 1, 'the 480 came once'
            assert await other.accept()
            equal((await out.answered()).status, 200, 'answer')
            await hang_up(out, other)
    bounded(work())


@test('when both forks take a call, the caller ends the second with BYE')
def two_answers(_):
    async def work():
        async with Lab() as lab:
            alice, bob = await lab.pair()
            carol = await lab.ue('carol')
            await carol.register()
            lab.core.forks['sip:team@home1.net'] = ['sip:bob@home1.net', 'sip:carol@home1.net']
            out = await alice.invite('sip:team@home1.net')
            both = [await bob.incoming(), await carol.incoming()]
            assert all([await one.accept() for one in both])
            await out.answered()
            await asyncio.wait({asyncio.create_task(one.ended()) for one in both},
                               return_when=asyncio.FIRST_COMPLETED, timeout=5)
            equal(sorted(one.state for one in both), ['over', 'up'], 'forks')
            for one in both:
                await one.acknowledged()
            await hang_up(out, next(one for one in both if one.state == 'up'))
    bounded(work())


@test('a 200 is repeated until its ACK comes, and repeated requests are answered once')
def repeats(_):
    async def work():
        async with Lab(t1=0.1) as lab:
            alice, bob = await lab.pair()
            lose(lab.core, 'ACK', 1)
            lose(bob, 'INVITE', 1)
            lose(alice, 200, 1)
            out, into = await establish(alice, bob)
            lose(alice, 200, 1)
            await hang_up(out, into)
            assert len(lab.ladder.seen('bob', 'INVITE', 200, out=True)) > 1, 'the 200 came once'
            assert len(lab.ladder.seen('alice', 'BYE', out=True)) > 1, 'BYE was sent once'
            equal([r.method for r in into.requests], ['BYE'], 'requests at bob')
            equal(len(bob.old_calls), 1, 'calls at bob')
    bounded(work())


def lose(party, what, count):
    """Lets a party lose the first messages of a method or status that come."""
    receive, left = party.received, [count]

    def received(message, flow):
        if what in (message.method, message.status) and left[0]:
            left[0] -= 1
        else:
            receive(message, flow)
    party.received = received


@test('a UE with two m-lines has media on each')
def two_lines(_):
    async def work():
        async with Lab() as lab:
            alice, bob = await lab.pair(situation=Situation(kinds=('audio', 'video')))
            out, into = await establish(alice, bob)
            equal([line.kind for line in into.media.lines], ['audio', 'video'], 'lines')
            for one, other in zip(out.media.lines, into.media.lines):
                sent = await one.leg.play(RECORDING, 5, 0)
                assert await other.leg.wait_for(5), 'no media'
                equal(other.leg.heard(), sent, one.kind)
            await hang_up(out, into)
    bounded(work())


@test('a request outside any dialog gets 481, and one that is out of order 500')
def strays(_):
    async def work():
        async with Lab() as lab:
            alice, bob = await lab.pair()
            out, into = await establish(alice, bob)
            out.dialog.local_seq -= 5
            equal((await out.ask('INFO')).status, 500, 'an old sequence number')
            out.dialog.local_seq += 10
            tag = Address.parse(out.dialog.remote)
            tag.params['tag'] = 'gone'
            right, out.dialog.remote = out.dialog.remote, str(tag)
            equal((await out.ask('BYE')).status, 481, 'another tag')
            out.dialog.remote = right
            await hang_up(out, into)
    bounded(work())


if __name__ == '__main__':
    run(certificates)
