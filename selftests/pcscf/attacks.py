#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Attacks on the signalling: strangers, neighbours, registered UEs that reach for what is not theirs."""
import asyncio
import contextlib
import os
import socket

from lab import main, scenario
from agent import UDP_PORT        # behind lab, which finds the other modules
from hand import asked, heard, prepared, raw
from lib.ktap import equal
from lib.netns import inside
from peers.sip import sipmsg
from peers.sip.scenario import establish, hang_up
from peers.sip.scscf import settle


async def transactions(lab):
    """How many there are."""
    return (await lab.agents[0].status())['transactions']


@scenario('what a stranger sends is answered once, keeps nothing, and reaches nobody', kind='udp', clean=False)
async def strangers(lab):
    with lab.socket(lab.places[0]) as sock:
        for method in ('INVITE', 'BYE', 'MESSAGE', 'SUBSCRIBE', 'CANCEL', 'UPDATE', 'FOO'):
            for to in ('<sip:bob@home1.net>', '<sip:bob@home1.net>;tag=x'):
                sock.send(raw(method, 'sip:bob@home1.net', sock, to=to))
                # An INVITE's refusal would be repeated for 64*T1 if there were a transaction.
                got = await heard(sock, 0.6 if method == 'INVITE' else 0.1)
                equal([m.status for m in got], [481 if method == 'CANCEL' else 403], f'answers to {method}')
    equal(await transactions(lab), 0, 'transactions')
    equal(lab.core.requests, [], 'requests at the core')


@scenario('a response of a registered UE that answers nothing goes nowhere, whatever its Via says', kind='udp')
async def stray_responses(lab):
    alice = await lab.ue('alice')
    place = lab.places[0]
    with lab.socket(place, port=0) as victim:
        here = '%s:%d' % victim.getsockname()[:2]
        for below in (f'{lab.core.host}:{UDP_PORT}', f'{lab.core.host}:9', here, f'x.invalid;received={lab.core.host};rport=9'):
            for kind in ('UDP', 'TCP'):
                alice.flow.send_raw(
                    f'SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP {place.core}:{UDP_PORT};branch=z9hG4bKno-such-branch\r\n'
                    f'Via: SIP/2.0/{kind} {below};branch=z9hG4bKcore\r\nFrom: <sip:a@home1.net>;tag=1\r\n'
                    'To: <sip:b@home1.net>;tag=2\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\nContact: <sip:x@y>\r\n'
                    'Content-Length: 0\r\n\r\n'.encode())
        equal(await heard(victim), [], 'what the victim of Via got')
    equal([r.raw for r in lab.ladder.rungs if r.party == 'scscf' and b'z9hG4bKno-such-branch' in r.raw or b'z9hG4bKcore' in r.raw
           and not r.out], [], 'what the core got')
    equal((await lab.agents[0].status())['stray-responses'], 8, 'strays')


@scenario('a Route that only seems to be the Service-Route is the Service-Route when it reaches the core', kind='udp')
async def loose_service_route(lab):
    alice, bob = await lab.pair()
    real, = alice.registration.service_route
    for fake in (real.replace(';lr', ''), real.replace(';lr', ';lr;x=y'), real.replace('<', '"A" <') + ';z=1',
                 real.replace(';lr', ';LR=on')):
        request = asked(alice, 'MESSAGE', bob.aor(), alice.edge_route, fake)
        status = (await alice.ask_proxy(request)).status
        last = [r.message for r in lab.ladder.rungs if r.party == 'scscf' and not r.out and r.message.method == 'MESSAGE']
        equal((status, [m.get('Route') for m in last if m.call_id == request.call_id]),
              (403, []) if '=on' in fake else (200, [real]), f'Route {fake}')


@scenario('a To tag of its own making opens no way past the Service-Route', kind='udp')
async def made_up_dialog(lab):
    alice, bob = await lab.pair()
    token = lab.core.seen('REGISTER')[1].get('Path')
    before = len(lab.core.requests)
    for method in ('MESSAGE', 'OPTIONS', 'PUBLISH', 'SUBSCRIBE', 'NOTIFY', 'REFER', 'X-NEW', 'INFO', 'BYE', 'INVITE', 'UPDATE'):
        request = asked(alice, method, bob.aor(), token, f'<sip:term@{lab.core.host}:{UDP_PORT};lr>', tag='mine')
        equal((await alice.ask_proxy(request)).status, 481 if method in ('INFO', 'BYE', 'INVITE', 'UPDATE') else 403, method)
    alice.flow.send(prepared(alice, asked(alice, 'ACK', bob.aor(), token, tag='mine')))
    await settle(0.1)
    equal([r.method for r in lab.core.requests[before:]], [], 'requests at the core')


@scenario("within a call a UE's requests go the way of the dialog, whatever their Route says", kind='udp')
async def other_way(lab):
    alice, bob = await lab.pair()
    out, into = await establish(alice, bob)
    for one, other in ((out, into), (into, out)):
        kept = list(one.dialog.routes)
        others = '127.0.0.1:9', f'x@{lab.core.host}:9;transport=tcp', f'x@{lab.places[0].core}:{UDP_PORT}'
        for routes in (kept[:2], *([*kept[:2], f'<sip:{other_hop};lr>'] for other_hop in others), [*kept, kept[-1]],
                       [*kept[:-1], kept[-1].replace(';lr', '')]):
            one.dialog.routes = routes
            equal((await one.ask('INFO')).status, 200, f'INFO along {routes[2:]}')
            equal(other.requests[-1].method, 'INFO', 'what arrived')
        one.dialog.routes = kept
    await hang_up(out, into)


@scenario('a UE cannot turn responses and dialogs elsewhere: Via and Record-Route are those of the request', kind='udp')
async def copied(lab):
    alice, bob = await lab.pair()
    with lab.socket(lab.places[0]) as victim:
        here = '%s:%d' % victim.getsockname()[:2]
        make = bob.flow.send

        def bend(message, *more):
            if message.status:
                vias, routes = message.all('Via'), message.all('Record-Route')
                message.replace('Via', [vias[0], f'SIP/2.0/UDP {here};branch=z9hG4bKx', *vias[1:-1]])
                if routes:
                    message.replace('Record-Route', [f'<sip:{here};lr>', *routes[1:]])
            return make(message, *more)
        bob.flow.send = bend
        out = await alice.invite(bob.aor())
        into = await bob.incoming()
        await into.ring(180)
        assert await into.accept(), into.failure
        response = await out.answered()
        equal(response.status, 200, 'answer')
        invite = lab.ladder.seen('bob', 'INVITE', out=False)[0]
        *routes, own = response.list('Record-Route')
        equal([*routes, own.partition(';m=')[0] + '>'], invite.list('Record-Route'), 'Record-Route')
        await into.acknowledged()
        bob.flow.send = make
        await hang_up(out, into)
        equal(await heard(victim, 0.1), [], 'what the victim got')


@scenario('a preferred identity is asserted as it was registered, and what only networks say is taken away', kind='udp')
async def dressed_up(lab):
    alice, bob = await lab.pair()
    names = ('P-Called-Party-ID', 'P-Associated-URI', 'Attestation-Info', 'Origination-Id', 'P-Private-Network-Indication',
             'Feature-Caps', 'P-Served-User', 'P-Charging-Vector')
    request = asked(alice, 'MESSAGE', bob.aor(), *alice.initial_routes(),
                    P_Preferred_Identity=f'<{alice.impu};user=phone;x=y?Privacy=none>',
                    **{name.replace('-', '_'): 'forged' for name in names})
    request.add('P-Access-Network-Info', '3GPP-E-UTRAN-FDD; cell=1, 3GPP-UTRAN-TDD; cell=2; "Network-Provided"')
    request.add('P-Access-Network-Info', 'IEEE-802.11;network-provided')
    equal((await alice.ask_proxy(request)).status, 200, 'MESSAGE')
    there = lab.core.seen('MESSAGE')[-1]
    equal(there.all('P-Asserted-Identity'), [f'<{alice.impu}>'], 'P-Asserted-Identity')
    equal([n for n in (*names, 'P-Preferred-Identity') if there.all(n)], [], 'header fields at the core')
    equal(there.all('P-Access-Network-Info'), ['3GPP-E-UTRAN-FDD; cell=1'], 'P-Access-Network-Info')


@scenario('an answer to a request without rport goes to the port that Via says, and to no other address', kind='udp', clean=False)
async def without_rport(lab):
    place = lab.places[0]
    with lab.socket(place) as sock, lab.socket(place) as listening, lab.socket(place, host=place.ues[0]) as victim:
        port = listening.getsockname()[1]
        host = sock.getsockname()[0]
        for sent_by in (f'{host}:{port}', f'{victim.getsockname()[0]}:{port}', f'a.invalid:{port}',
                        f'{host}:{port};maddr={victim.getsockname()[0]}', f'{host}:{port};received={victim.getsockname()[0]}'):
            request = raw('OPTIONS', 'sip:home1.net', sock).decode()
            top = request.split('\r\n')[1]
            sock.send(request.replace(top, f'Via: SIP/2.0/UDP {sent_by};branch=z9hG4bK{os.urandom(4).hex()}').encode())
            equal([m.status for m in await heard(listening, 0.2)], [403], f'where Via says {sent_by}')
        request = raw('REGISTER', 'sip:home1.net', sock, 'Contact: <sip:x@y>').replace(b';rport', b'')
        sock.send(request.replace(f':{sock.getsockname()[1]};'.encode(), f':{port};'.encode()))
        equal([m.status for m in await heard(listening, 0.5)], [403], 'of a transaction')
        equal((await heard(sock, 0.1), await heard(victim, 0.1)), ([], []), 'elsewhere')


@scenario('connections to the core side from anybody but its peers end before a word', clean=False, seconds=40)
async def core_connections(lab):
    place, loop = lab.places[0], asyncio.get_running_loop()
    for _ in range(30):
        with inside(place.ue_netns):
            sock = socket.socket()
        with sock:
            sock.bind((place.ues[-1], 0))
            sock.setblocking(False)
            await loop.sock_connect(sock, (place.core, UDP_PORT))
            with contextlib.suppress(ConnectionResetError):
                equal(await asyncio.wait_for(loop.sock_recv(sock, 100), 2), b'', 'what a stranger hears')
    equal((await lab.agents[0].status())['forbidden'], 30, 'counted')


FORGED = 'forged@home1.net'
SMUGGLED = (b'p-ASSERTED-identity: <sip:%s>', b'P-Asserted-Identity : <sip:%s>', b'P-Asserted-Identity:\r\n <sip:%s>',
            b'P-Asserted-Identity\r\n : <sip:%s>', b' P-Asserted-Identity: <sip:%s>', b'X: y\nP-Asserted-Identity: <sip:%s>',
            b'X: y\rP-Asserted-Identity: <sip:%s>', b'P-Asserted-Identity\0: <sip:%s>', b'\0P-Asserted-Identity: <sip:%s>',
            b'P-Asserted-Identity\t: <sip:%s>', b'P-Asserted-Identity: <sip:a@b>, <sip:%s>',
            b'P-Asserted-Identity: <tel:1>\r\n\t, <sip:%s>',
            b'X: \0\r\nP-Asserted-Identity: <sip:%s>', b'P-Asserted-Identity: "\r\n <sip:%s>', b'P-Asserted-Identity:: <sip:%s>',
            b'P-Asserted-Identity\xa0: <sip:%s>', b'P-Asserted-Identity;x: <sip:%s>', b'"P-Asserted-Identity": <sip:%s>',
            b'P-Asserted-Identity:%s', b'X:"\r\nP-Asserted-Identity:<sip:%s>\r\nY:"')


@scenario('an identity cannot be smuggled past the P-CSCF, however its header field is written', kind='udp', clean=False)
async def smuggled(lab):
    alice, bob = await lab.pair()
    lab.checked = False
    for line in SMUGGLED:
        request = prepared(alice, asked(alice, 'MESSAGE', bob.aor(), *alice.initial_routes()))
        text = request.encode().replace(b'Contact:', line % FORGED.encode() + b'\r\nContact:')
        alice.flow.send_raw(text)
    await settle(0.5)
    there = [r.raw for r in lab.ladder.rungs if r.party == 'scscf' and not r.out and r.raw.startswith(b'MESSAGE')]
    equal([raw[:2000] for raw in there if FORGED.encode() in raw], [], 'what reached the core')


ODD = (('From: <sip:eve@home1.net>;tag=2',), ('f: <sip:eve@home1.net>;tag=2',), ('To: <sip:eve@home1.net>',),
       ('t: <sip:eve@home1.net>',), ('Call-ID: other',), ('i: other',), ('CSeq: 2 MESSAGE',),
       ('Max-Forwards: 3',), ('l: 0',), ('Content-Length: 5',),
       ('CONTENT-LENGTH : 1',))
NUMBERS = (('CSeq', '4294967296 MESSAGE'), ('CSeq', '99999999999999999999999 MESSAGE'), ('CSeq', '-1 MESSAGE'),
           ('CSeq', '1 INVITE'), ('CSeq', '1'), ('Max-Forwards', '256'), ('Max-Forwards', '-1'),
           ('Max-Forwards', '99999999999999999999'), ('Max-Forwards', ''),
           ('Via', 'x'),
           ('From', '<sip:a@b>;tag=1;tag=2'),
           ('To', '<sip:a@b>;tag=1;TAG=2'), ('Call-ID', ''), ('Route', '<sip:x'), ('Route', 'sip:x;lr'))


@scenario('what two readers could read differently is refused, and numbers that are none', kind='udp', clean=False)
async def ambiguous(lab):
    alice, bob = await lab.pair()
    lab.checked = False
    before = len(lab.core.seen('MESSAGE'))

    def one():
        return prepared(alice, asked(alice, 'MESSAGE', bob.aor(), *alice.initial_routes()))
    texts = [one().encode().replace(b'Contact:', line.encode() + b'\r\nContact:') for line, in ODD]
    for name, value in NUMBERS:
        request = one()
        request.remove(name)
        request.headers.insert(1, (name, value))
        texts.append(request.encode())
    for text in texts:
        alice.flow.send_raw(text)
    await settle(0.5)
    equal([m.encode() for m in lab.core.seen('MESSAGE')[before:]], [], 'what reached the core')
    equal((await alice.ask_proxy(asked(alice, 'MESSAGE', bob.aor(), *alice.initial_routes()))).status, 200, 'afterwards')


@scenario('a registration is neither taken over nor ended by who cannot answer for it', kind='udp')
async def stolen(lab):
    alice, bob = await lab.pair()
    mallory = await lab.ue('mallory')
    thief = await lab.ue('thief', register=False, account=False)
    path = lab.core.seen('REGISTER')[1].get('Path')
    her, his, digest = alice.contact(), thief.contact(), f'Digest username="{alice.impi}"'
    for who in (thief, mallory):
        for expires, contact in ((600, her), (0, her), (0, '*'), (600, his), (600, f'{her}, {his}')):
            for auth in (None, f'{digest}, nonce="", uri="sip:home1.net", response="", integrity-protected="yes"',
                         f'{digest},INTEGRITY-PROTECTED=tls-yes,integrity-protected="yes",nonce="",response=""'):
                request = alice.registration._request(expires)
                request.set('Call-ID', os.urandom(5).hex())
                request.set('Contact', contact)
                request.remove('Authorization')
                if auth:
                    request.add('Authorization', auth)
                request.add('Path', path)
                assert (await who.ask_proxy(request)).status in (400, 401, 403), f'{who.party} {expires} {contact} {auth}'
    for request in lab.core.seen('REGISTER')[-12:]:
        given = request.get('Authorization')
        assert not given or given.lower().count('integrity-protected') == 1 and '"no"' in given, given
        equal(len(request.list('Path')), 1, 'Paths')
    one, = [r for r in await lab.agents[0].ask('registrations') if r['impi'] == alice.impi]
    equal(one['remote'], '%s:%d' % alice.flow.local, 'where alice is')
    await hang_up(*await establish(bob, alice))


@scenario('keys that stand in other responses than the 401 to REGISTER do not reach a UE', kind='udp')
async def other_challenges(lab):
    alice, bob = await lab.pair()
    keys = 'ck="b40ba9a3c58b2a05bbf0d987b21bf8cb", IK=f769bcd751044604127672711c6d3441'
    good, bad = f'Digest realm="h", nonce="x", {keys}', f'Digest nonce="x" {keys}'

    def leak(message):
        if message.status and message.status >= 300:
            for name in ('WWW-Authenticate', 'Proxy-Authenticate'):
                message.add(name, good)
                message.add(name, bad)
    lab.core.tamper = leak
    out = await alice.invite(bob.aor())
    (await bob.incoming()).reject(407)
    response = await out.answered()
    equal(response.status, 407, 'answer')
    for name in ('WWW-Authenticate', 'Proxy-Authenticate'):
        equal(response.all(name), ['Digest realm="h", nonce="x"'], name)
    equal([r.raw for r in lab.ladder.rungs if r.party != 'scscf' and b'b40ba9a3' in r.raw and not r.out], [], 'keys at a UE')


BODY = (b'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 RTP/SAVP 8\r\n'
        b'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:%s\r\na=3ge2ae:applied\r\n' % (b'A' * 40))


@scenario('keys in descriptions that nobody negotiates pass in no direction: MESSAGE, OPTIONS and their responses', kind='udp')
async def descriptions(lab):
    alice, bob = await lab.pair()
    make = bob.handle

    def answer(transaction):
        if transaction.request.method not in ('MESSAGE', 'OPTIONS'):
            make(transaction)
            return
        response = sipmsg.response_to(transaction.request, 200, tag='x')
        response.add('Content-Type', 'application/sdp')
        response.body = BODY
        transaction.respond(response)
    bob.handle = answer
    for method in ('MESSAGE', 'OPTIONS'):
        request = asked(alice, method, bob.aor(), *alice.initial_routes(), Content_Type='application/sdp')
        request.body = BODY
        response = await alice.ask_proxy(request)
        equal((response.status, b'crypto' in response.body), (200, False), f'answer to {method}')
        equal(b'crypto' in lab.ladder.seen('bob', method, out=False)[-1].body, False, method)


if __name__ == '__main__':
    main()
