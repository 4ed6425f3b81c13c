#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""UEs behind a small edge: Path, Service-Route, sec-agree, and keys that both sides derive."""
import contextlib

from lab import Lab, bounded     # first: it finds the other modules
from edge import FQDN, SERVER, Edge
from lib.ktap import equal, run, test
from peers.sip import kdf
from peers.sip.registration import CAPABILITIES
from peers.sip.scenario import establish, hang_up, subscriber, talk
from peers.sip.scscf import settle
from peers.sip.situation import Keyring
from peers.sip.speech import Recording
from peers.sip.ue import Ue, running


@contextlib.asynccontextmanager
async def behind_edge(*names):
    """(lab, edge, UEs that are registered through it)."""
    async with Lab(send_keys=True, allow_e2e=False) as lab:
        edge = Edge(lab.core.own_uri(), ladder=lab.ladder)
        try:
            await edge.start('udp')
            ues = []
            for name in names:
                who = subscriber(name)
                lab.accounts[name] = lab.core.registrar.add(who)
                ues.append(Ue(name, who, (*edge.addresses['udp'], 'udp'), ladder=lab.ladder,
                              edge_route=f'<{edge.own_uri("orig")}>', security_client=CAPABILITIES))
            async with running(*ues):
                yield lab, edge, ues
            edge.check()
        finally:
            await edge.close()


@test('nothing of sec-agree, ck or ik passes the edge, in either direction')
def clean(_):
    async def work():
        async with behind_edge('alice') as (lab, edge, (alice,)):
            equal(alice.registration.leaks, [], 'keys at the UE')
            equal(', '.join(alice.registration.security_server), SERVER, 'Security-Server')
            await alice.register()
            equal((await alice.subscribe_reg()).status, 200, 'SUBSCRIBE')
            await alice.notified(1)
            lab.core.inspector.assert_clean()
            equal(edge.faults, [], 'faults')
            equal(lab.core.seen('REGISTER')[-1].get('Path'), f'<{edge.own_uri("term")}>', 'Path')
    bounded(work())


@test('a Security-Verify that is not the list of the server is noticed')
def bid_down(_):
    async def work():
        async with behind_edge('alice') as (_, edge, (alice,)):
            alice.registration.verify = ['sdes-srtp;mediasec']
            await alice.register()
            equal(set(edge.faults), {'Security-Verify in REGISTER'}, 'faults')
    bounded(work())


@test('a UE and its edge have the same K_mm after each challenge')
def same_keys(_):
    async def work():
        async with behind_edge('alice') as (_, edge, (alice,)):
            await alice.register()
            await alice.register()
            equal(alice.registration.edge(), FQDN, 'FQDN')
            equal(alice.registration.generations, list(reversed(edge.k_mm))[:2], 'K_mm')
            ring = Keyring(alice.registration.generations, alice.impu, FQDN, 'c', 't', kdf.UE_CALLED)
            for n in (0, 1):
                line = kdf.Line(edge.k_mm[-1 - n], 'c', 't', 1, kdf.UE_CALLED)
                equal(ring.respond(1, f'{line.key_id()}@{FQDN}'), line.mikey(), f'generation {n}')
            line = kdf.Line(edge.k_mm[0], 'c', 't', 1, kdf.UE_CALLED)
            equal(ring.respond(1, f'{line.key_id()}@{FQDN}'), None, 'a generation that is gone')
    bounded(work())


@test('a call takes the Path to a UE and the recorded route afterwards')
def routed(_):
    async def work():
        async with behind_edge('alice', 'bob') as (lab, edge, (alice, bob)):
            out, into = await establish(alice, bob, ring=180)
            await talk(out, into, Recording(), 10)
            await out.hold()
            await hang_up(into, out)
            equal(len(edge.seen_responses('INVITE')), 10, 'responses to INVITE and re-INVITE, both ways')
            equal([len(m.list('Record-Route')) for m in lab.ladder.seen('bob', 'INVITE')], [3, 0], 'Record-Routes')
            equal(len(lab.core.seen('BYE')), 1, 'BYEs at the core')
            lab.core.inspector.assert_clean()
    bounded(work())


@test('what a core adds to a message reaches the UE, for tests of what an edge should remove')
def tampered(_):
    async def work():
        async with behind_edge('alice', 'bob') as (lab, _, (alice, bob)):
            def pose(message):
                if message.method == 'INVITE':
                    message.add('Security-Server', 'posing;mediasec')
                    message.body += b'a=3ge2ae:applied\r\n'
            lab.core.tamper = pose
            out, into = await establish(alice, bob)
            equal((into.request.get('Security-Server'), into.media.lines[0].indicator),
                  ('posing;mediasec', 'applied'), 'what came')
            await hang_up(out, into)
            await settle(0.05)
    bounded(work())


if __name__ == '__main__':
    run()
