#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Peers that misbehave, strangers that attack, and messages that nobody should send: afterwards calls still work."""
import asyncio
import base64
import contextlib
import json
import os
import random
import re
import socket

from lab import LAB_SWITCH, MIKEY_ONLY, NOTHING, SDES_ONLY, main, refused, scenario, until
from agent import TLS_PORT, UDP_PORT        # behind lab, which finds the other modules
from lib.ktap import equal
from lib.netns import inside
from lib.spec import TOP
from peers.sip import sdp
from peers.sip.mikey import Initiator
from peers.sip.scenario import establish, hang_up
from peers.sip.scscf import settle
from peers.sip.sipmsg import Message, response_to
from peers.sip.situation import DEFAULT_SUITE, MIKEY, PLAIN, SDES, WRONG, Situation

SEED = int(os.environ.get('E2AE_SEED', '20250101'))
WRONG_SDES = ('tag', 'suite', 'no crypto', 'two cryptos', 'avp', 'profile', 'echo')
WRONG_MIKEY = ('no mikey', 'mac', 'avp', 'profile')
WRONG_OFFERS = ('mac', 'clock', 'protocols', 'replay')
assert set(WRONG_SDES) | set(WRONG_MIKEY) | set(WRONG_OFFERS) == set(WRONG), 'a way to misbehave is not tested'


async def good_call(lab, alice=None, bob=None):
    """The agent still serves a call."""
    alice, bob = alice or await lab.ue('alice'), bob or await lab.ue('bob', at=len(lab.agents) - 1)
    out, into = await establish(alice, bob, Situation(SDES if alice.registration.security_client else PLAIN), ring=180)
    await lab.talk(out, into, 5)
    await hang_up(out, into)


# UEs that negotiate wrongly.

def wrong_answer(wrong, capable, early):
    async def work(lab):
        alice, bob = await lab.pair({'security_client': NOTHING}, {
            'security_client': capable, 'situation': Situation(wrong=frozenset((wrong,)))})
        out = await alice.invite(bob.aor())
        into = await bob.incoming()
        if early:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(into.ring(183, reliable=True, answer=True), 3)
        else:
            assert await into.accept(), into.failure
        response = await refused(out, 488)
        assert response.all('Warning'), 'no Warning'
        await into.ended()
        if not early:
            equal([r.method for r in into.requests], ['BYE'], 'what the UE was told')
        await lab.idle()
        bob.situation = Situation()
        await good_call(lab, alice, bob)
    profile = 'mikey' if capable is MIKEY_ONLY else 'sdes'
    where = 'a reliable 183 is cancelled' if early else 'its 200 is acknowledged and ended with BYE'
    scenario(f'a UE asked for {profile} that {WRONG[wrong]}: {where}, and the caller gets 488')(work)


for way in WRONG_SDES:
    wrong_answer(way, SDES_ONLY, False)
for way in WRONG_MIKEY:
    wrong_answer(way, MIKEY_ONLY, False)
wrong_answer('tag', SDES_ONLY, True)
wrong_answer('mac', MIKEY_ONLY, True)


@scenario('a UE that offers wrong MIKEY gets 488 with a Warning, nobody is called, and its next offer works')
async def wrong_offers(lab):
    alice, bob = await lab.pair()
    out, into = await establish(alice, bob, Situation(MIKEY))
    old = out.media.lines[0].i_messages[0]
    await hang_up(out, into)
    for wrong in WRONG_OFFERS:
        out = await alice.invite(bob.aor(), Situation(MIKEY, wrong=frozenset((wrong,)), replay=old))
        response = await refused(out, 488)
        assert response.all('Warning'), f'{wrong}: no Warning'
        equal(len(lab.ladder.seen('bob', 'INVITE')), 1, 'INVITEs')
        await lab.idle()
    await good_call(lab, alice, bob)


KEY = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
BAD_CRYPTO = ('', '1', '1 AES_CM_128_HMAC_SHA1_80', '1 AES_CM_128_HMAC_SHA1_80 inline:', '1 NO_SUCH_SUITE inline:' + KEY,
              '1 AES_CM_128_HMAC_SHA1_80 inline:AAAA', '1 AES_CM_128_HMAC_SHA1_80 inline:' + KEY + '|2^99',
              '1 AES_CM_128_HMAC_SHA1_80 inline:' + KEY + ' UNENCRYPTED_SRTP', '-1 AES_CM_128_HMAC_SHA1_80 inline:' + KEY,
              '1 AES_CM_128_HMAC_SHA1_80 inline:' + KEY + ' KDR=3', '1 AES_CM_128_HMAC_SHA1_80 inline:' + KEY + ' NEW_PARAM',
              '1 AES_CM_128_HMAC_SHA1_80 inline:' + KEY + '|1:999', '1 AES_CM_128_HMAC_SHA1_80 inline:' + 'A' * 9000)


@scenario('offers whose every a=crypto is unusable get 488, one good line among bad ones is enough')
async def bad_crypto(lab):
    alice, bob = await lab.pair(into={'security_client': NOTHING})
    for line in BAD_CRYPTO:
        new = b'a=crypto:' + line.encode()
        out = await offered(alice, bob.aor(), lambda body, new=new: re.sub(rb'a=crypto:[^\r]*', new, body))
        await refused(out, (488, 400, 413))
    equal(lab.ladder.seen('bob', 'INVITE'), [], 'INVITEs that reached the other side')
    bad = ''.join(f'a=crypto:{line.replace("1 ", f"{50 + n} ", 1)}\r\n' for n, line in enumerate(BAD_CRYPTO[2:-1])
                  if not line.startswith('-')).encode()
    out = await offered(alice, bob.aor(), lambda body: body.replace(b'a=crypto:', bad + b'a=crypto:'))
    into = await bob.incoming()
    assert await into.accept(), into.failure
    equal((await out.answered()).status, 200, 'answer')
    await into.acknowledged()
    await hang_up(out, into)


async def offered(ue, target, change):
    """An INVITE with SDES whose body is changed on its way out."""
    make = ue.dress

    def dress(message):
        if message.method == 'INVITE':
            message.body = change(message.body)
        return make(message)
    ue.dress = dress
    try:
        return await ue.invite(target, Situation(SDES))
    finally:
        ue.dress = make


@scenario('bodies that are no session description are refused or passed, and never break a call')
async def bad_bodies(lab):
    alice, bob = await lab.pair(into={'security_client': NOTHING})
    rng = random.Random(SEED)
    bodies = [b'', b'v=0\r\n', b'\xff' * 500, b'v=0\r\n' * 3000, b'm=audio 1 RTP/SAVP 0\r\n' * 500, b'v=0\r\nm=\r\n',
              b'=\r\n' * 99]
    base = out_body(alice)
    bodies += [mutated(base, rng) for _ in range(60)]
    for body in bodies:
        out = await offered(alice, bob.aor(), lambda _old, body=body: body)
        task = asyncio.create_task(out.answered())
        while not task.done():
            with contextlib.suppress(TimeoutError):
                (await bob.incoming(0.05)).reject(486)
        assert task.result().status >= 400, task.result().status
    lab.core.inspector.findings.clear()
    lab.checked = False
    await lab.idle()
    await good_call(lab, alice, await lab.ue('carol'))


def out_body(ue):
    """A session description with an SDES line."""
    return (f'v=0\r\no=- 1 1 IN IP4 {ue.host}\r\ns=-\r\nc=IN IP4 {ue.host}\r\nt=0 0\r\nm=audio 4000 RTP/SAVP 8\r\n'
            f'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}\r\na=3ge2ae:requested\r\n').encode()


def mutated(data, rng, most=8):
    """Octets with some of them changed, left out or repeated."""
    data = bytearray(data)
    for _ in range(rng.randint(1, most)):
        at = rng.randrange(len(data))
        what = rng.randrange(4)
        if what == 0:
            data[at] = rng.randrange(256)
        elif what == 1:
            del data[at:at + rng.randint(1, 12)]
        elif what == 2:
            data[at:at] = data[at:at + rng.randint(1, 40)]
        else:
            data[at:at] = bytes(rng.randrange(256) for _ in range(rng.randint(1, 6)))
        if not data:
            data = bytearray(b'x')
    return bytes(data)


# Strangers and neighbours.

@scenario("another UE cannot end, change or acknowledge a call that is not its own", agents=1)
async def neighbour(lab):
    alice, bob = await lab.pair()
    mallory = await lab.ue('mallory')
    out, into = await establish(alice, bob, Situation(SDES))
    await lab.talk(out, into)
    before = len(lab.core.requests), len(out.requests), len(into.requests)
    for method in ('BYE', 'UPDATE', 'INVITE', 'INFO', 'PRACK', 'REFER', 'ACK', 'CANCEL'):
        for victim in (out, into):
            request = victim.dialog.request(method, seq=victim.dialog.local_seq + 100)
            if method in ('ACK', 'CANCEL'):
                request.push('Via', mallory.via(mallory.flow))
                mallory.flow.send(request)
            else:
                equal((await mallory.ask_proxy(mallory.dress(request))).status, 403, f'{method} on another flow')
    await settle(0.1)
    equal((len(lab.core.requests), len(out.requests), len(into.requests)), before, 'requests that got through')
    await lab.talk(out, into)
    await hang_up(out, into)


@scenario('a response on the wrong flow is dropped', kind='udp', more=LAB_SWITCH)
async def wrong_response(lab):
    alice, bob = await lab.pair()
    mallory = await lab.ue('mallory')
    out = await alice.invite(bob.aor(), Situation(SDES))
    into = await bob.incoming()
    forged = response_to(into.request, 200, tag='forged')
    forged.add('Contact', mallory.contact())
    forged.add('Content-Type', sdp.TYPE)
    forged.body = out_body(mallory)
    mallory.flow.send(forged)
    mallory.flow.send(response_to(into.request, 486, tag='forged'))
    await settle(0.2)
    assert not out.over.is_set() and all(r.status < 200 for r in out.responses), 'the forged response was taken'
    assert await into.accept()
    equal((await out.answered()).to_tag, into.transaction.tag, 'who answered')
    await into.acknowledged()
    await hang_up(out, into)


@scenario('a stranger who knows the ids of a call gets 403 or silence', kind='udp', more=LAB_SWITCH)
async def outsider(lab):
    alice, bob = await lab.pair()
    out, into = await establish(alice, bob, Situation(SDES))
    stranger = await lab.ue('stranger', register=False, account=False)
    for method in ('BYE', 'INVITE', 'UPDATE'):
        request = out.dialog.request(method, seq=out.dialog.local_seq + 100)
        equal((await stranger.ask_proxy(request)).status, 403, method)
    await lab.talk(out, into)
    await hang_up(out, into)


@scenario('tokens that nobody was given lead nowhere, from the access and from the core')
async def forged_tokens(lab):
    alice, bob = await lab.pair()
    path = lab.core.seen('REGISTER')[-1].get('Path')
    for user in ('x' * 24, '', 'term', '0' * 24, 'x' * 2000, '%00' * 8):
        route = re.sub('sip:[^@]*@', f'sip:{user}@', path)
        response = await ask_from_core(lab)(request_with(lab, alice, 'MESSAGE', route))
        assert 400 <= response.status < 500, f'{user} from the core: {response.status}'
        if len(user) == 24:     # another user part is no token: then it is a request like any other
            response = await alice.ask_proxy(request_with(lab, alice, 'MESSAGE', route))
            equal(response.status, 403, f'{user} from the access')
    await settle(0.1)
    equal(lab.ladder.seen('bob', 'MESSAGE'), [], 'MESSAGEs that arrived')
    await good_call(lab, alice, bob)


def ask_from_core(lab):
    """Sends a request to the agent's core side, as a configured peer; returns what answers."""
    async def ask(message):
        flow = await lab.core.flow_to(lab.places[0].core, UDP_PORT, 'udp')
        return await lab.core.ask(message, flow)
    return ask


def request_with(lab, ue, method, route):
    """A request along a route."""
    out = Message(method, 'sip:bob@home1.net')
    for name, value in (('Max-Forwards', 70), ('From', f'<{ue.impu}>;tag=1'), ('To', '<sip:bob@home1.net>'),
                        ('Call-ID', os.urandom(8).hex()), ('CSeq', f'1 {method}'), ('Route', route)):
        out.add(name, value)
    return out


@scenario('the core side drops what comes from anybody but the configured peers')
async def spoofed_core(lab):
    alice, bob = await lab.pair()
    before = (await lab.agents[0].status()).get('forbidden', 0)
    place, path = lab.places[0], lab.core.seen('REGISTER')[-1].get('Path')
    message = request_with(lab, alice, 'MESSAGE', path)
    for kind in ('udp', 'tcp'):
        host = place.ues[-1]
        with inside(place.ue_netns):
            sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM if kind == 'udp' else socket.SOCK_STREAM)
        with sock:
            sock.bind((host, 0))
            sock.settimeout(1)
            message.set('Via', f'SIP/2.0/{kind.upper()} {host}:{sock.getsockname()[1]};branch=z9hG4bK{kind}')
            with contextlib.suppress(OSError):
                sock.connect((place.core, UDP_PORT))
                sock.send(message.encode())
                got = await asyncio.to_thread(sock.recv, 4096)
                equal(got, b'', f'an answer over {kind}')
    equal(lab.ladder.seen('bob', 'MESSAGE'), [], 'MESSAGEs that arrived')
    assert (await lab.agents[0].status()).get('forbidden', 0) > before, 'not counted'
    await good_call(lab, alice, bob)


@scenario('what the core says as if it were the edge is taken away before a UE sees it')
async def posing_core(lab):
    alice, bob = await lab.pair({'security_client': NOTHING}, {'security_client': NOTHING})

    mikey = Initiator(os.urandom(32), 'sip:edge@home1.net', 'AAAAAAAAAAAAAAAA@pcscf1.visited1.net', DEFAULT_SUITE).offer()
    attributes = b'a=3ge2ae:applied\r\na=key-mgmt:mikey ' + base64.b64encode(mikey) + b'\r\n'

    def pose(message):
        if message.method == 'INVITE' or message.status in (183, 200):
            for name in ('Security-Server', 'Security-Client', 'Security-Verify'):
                message.add(name, 'posing;mediasec')
            if message.body:
                message.body += attributes
    lab.core.tamper = pose
    out = await alice.invite(bob.aor())
    into = await bob.incoming()
    assert not any(word in into.request.body for word in (b'3ge2ae', b'key-mgmt')), 'the offer at the UE'
    equal([n for n, _ in into.request.headers if n.startswith('Security-')], [], 'header fields at the UE')
    assert await into.accept(), into.failure
    response = await out.answered()
    assert b'3ge2ae' not in response.body and not any(n.startswith('Security-S') and 'posing' in v
                                                       for n, v in response.headers), 'the answer at the caller'
    await into.acknowledged()
    lab.core.tamper = lambda message: None
    if out.state != 'over':
        await hang_up(out, into)


@scenario('a request that goes round is stopped: Max-Forwards, and a loop through the gateway')
async def loops(lab):
    alice, bob = await lab.pair()
    request = request_with(lab, alice, 'MESSAGE', alice.edge_route)
    request.set('Max-Forwards', '0')
    equal((await alice.ask_proxy(request)).status, 483, 'Max-Forwards: 0')
    request = request_with(lab, alice, 'MESSAGE', lab.core.seen('REGISTER')[-1].get('Path'))
    request.set('Max-Forwards', '0')
    equal((await ask_from_core(lab)(request)).status, 483, 'from the core')
    await good_call(lab, alice, bob)


# Messages.

def torture():
    """The messages of RFC 4475 and RFC 5118."""
    with open(os.path.join(TOP, 'selftests/sip/torture.jsonl'), encoding='ascii') as f:
        rows = [json.loads(line) for line in f]
    assert len(rows) > 50, 'the torture messages are missing'
    return {row['name']: row['octets'].encode('latin-1') for row in rows}


async def send_each(lab, sock, messages, stream=False):
    """Sends octets one after the other; takes what comes back meanwhile."""
    loop, got = asyncio.get_running_loop(), []
    for n, data in enumerate(messages):
        with contextlib.suppress(OSError):
            await loop.sock_sendall(sock, data)
        if n % 8 == 0 or stream:
            await asyncio.sleep(0.01)
        with contextlib.suppress(OSError):
            while True:
                got.append(sock.recv(1 << 16))
                if not got[-1]:
                    return got
        assert lab.agents[0].alive(), f'the agent died of {data[:200]!r}'
    return got


@scenario('the torture messages of RFC 4475 and RFC 5118, from strangers, over UDP and TCP, break nothing', seconds=60)
async def tortured_by_strangers(lab):
    with lab.socket(lab.places[0]) as sock:
        got = await send_each(lab, sock, torture().values())
        await asyncio.sleep(0.2)
        got += await send_each(lab, sock, [b'\r\n\r\n'])
    for data in torture().values():
        with lab.socket(lab.places[0], 'tcp') as sock:
            await send_each(lab, sock, [data, b'x'], True)
    equal({r.method for r in lab.core.requests} - {'REGISTER'}, set(), 'requests at the core')
    await good_call(lab)


@scenario('the torture messages, from a registered UE and from the core, break nothing', kind='tcp', clean=False, more=LAB_SWITCH,
          seconds=60)
async def tortured_by_friends(lab):
    alice, bob = await lab.pair()
    for data in torture().values():
        if not alice.flow.open:
            await alice.register()
        with contextlib.suppress(OSError):
            alice.flow.send_raw(data)
        await asyncio.sleep(0.02)
    flow = await lab.core.flow_to(lab.places[0].core, UDP_PORT, 'udp')
    for data in torture().values():
        flow.send_raw(data)
        await asyncio.sleep(0.01)
    await settle(0.5)
    lab.checked = False
    alice.registration.security_server = []
    await alice.register()
    await good_call(lab, alice, bob)


@scenario('garbage and changed messages over UDP, from strangers and from the core, break nothing', seconds=60, clean=False)
async def garbage(lab):
    alice, bob = await lab.pair()
    rng = random.Random(SEED)
    out, into = await establish(alice, bob, Situation(SDES))
    await hang_up(out, into)
    samples = [r.raw for r in lab.ladder.rungs] + list(torture().values())
    noise = [b'', b'\0', b'\r\n', b'\xff' * 65000, b'INVITE ' + b'x' * 65000, b'SIP/2.0 200 OK\r\n\r\n', b'a: b\r\n' * 9000]
    noise += [rng.randbytes(rng.randint(1, 1500)) for _ in range(100)]
    noise += [mutated(rng.choice(samples), rng) for _ in range(1000)]
    with lab.socket(lab.places[0]) as sock:
        await send_each(lab, sock, noise)
    flow = await lab.core.flow_to(lab.places[0].core, UDP_PORT, 'udp')
    for n, data in enumerate(noise):
        flow.send_raw(data[:60000])
        if n % 8 == 0:
            await asyncio.sleep(0.01)
            assert lab.agents[0].alive(), f'the agent died of {data[:200]!r}'
    await settle(0.5)
    lab.checked = False
    await until_served(lab)


@scenario('changed messages of registered UEs, within a call and outside, break nothing', kind='udp', more=LAB_SWITCH,
          clean=False, seconds=60)
async def changed_by_friends(lab):
    alice, bob = await lab.pair()
    rng = random.Random(SEED + 1)
    await hang_up(*await establish(alice, bob, Situation(SDES)))
    await establish(alice, bob, Situation(SDES))
    samples = {ue.party: [r.raw for r in lab.ladder.rungs if r.party == ue.party and r.out] for ue in (alice, bob)}
    for n in range(1500):
        ue = (alice, bob)[n % 2]
        ue.flow.send_raw(mutated(rng.choice(samples[ue.party]), rng, 4)[:60000])
        if n % 8 == 0:
            await asyncio.sleep(0.01)
            assert lab.agents[0].alive(), f'the agent died, seed {SEED}'
    await settle(0.5)
    lab.checked = False
    await until_served(lab)
    for ue in (alice, bob):
        await ue.register()
        await ue.deregister()       # their calls end with it


async def until_served(lab):
    """New UEs register and have a call: what was done to the others' dialogs does not matter."""
    await good_call(lab, await lab.ue('carol'), await lab.ue('dave'))


@scenario('messages without end are cut off: header, body, Content-Length that lies', limits={'header': 8192, 'body': 20000})
async def oversized(lab):
    head = b'OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP 1.2.3.4;branch=z9hG4bK1\r\n'
    for data in (head + b'X: ' + b'y' * (1 << 20), head + b'X: y\r\n' * (1 << 18),
                 head + b'Content-Length: 99999999\r\n\r\n' + b'z' * 100000,
                 head + b'Content-Length: -1\r\n\r\n', head + b'Content-Length: 99999999999999999999\r\n\r\n', b'\0' * (1 << 20)):
        loop = asyncio.get_running_loop()
        with lab.socket(lab.places[0], 'tcp') as sock:
            with contextlib.suppress(OSError, TimeoutError):
                await asyncio.wait_for(loop.sock_sendall(sock, data), 3)
                while await asyncio.wait_for(loop.sock_recv(sock, 1 << 16), 3):
                    pass
    await good_call(lab)


@scenario('slow senders and half a message hold up nobody', seconds=40)
async def slow(lab):
    half = b'OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP 1.2.3.4;branch=z9hG4bK1\r\n'
    loop = asyncio.get_running_loop()
    with contextlib.ExitStack() as stack:
        socks = [stack.enter_context(lab.socket(lab.places[0], 'tcp')) for _ in range(20)]
        for at in range(0, len(half), 4):
            for sock in socks:
                with contextlib.suppress(OSError):
                    await loop.sock_sendall(sock, half[at:at + 4])
            await asyncio.sleep(0.01)
        await good_call(lab)


@scenario('a flood of connections from one address leaves the others their service',
          limits={'connections-per-address': 20, 'connections': 200}, seconds=40)
async def flood(lab):
    alice = await lab.ue('alice')
    place = lab.places[0]
    with contextlib.ExitStack() as stack:
        for port in (UDP_PORT, TLS_PORT):
            for _ in range(150):
                with inside(place.ue_netns):
                    sock = stack.enter_context(socket.socket())
                sock.bind((place.ues[-1], 0))
                sock.setblocking(False)
                with contextlib.suppress(OSError):
                    sock.connect((place.access, port))
        await settle(0.5)
        await good_call(lab, alice)


@scenario('what is no TLS on the port of TLS breaks nothing')
async def no_tls(lab):
    place, rng = lab.places[0], random.Random(SEED)
    loop = asyncio.get_running_loop()
    for data in (b'REGISTER sip:a SIP/2.0\r\n\r\n', b'\x16\x03\x01\xff\xff' + rng.randbytes(3000),
                 b'\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00', rng.randbytes(5000), b''):
        with inside(place.ue_netns):
            sock = socket.socket()
        with sock:
            sock.bind((place.ues[-1], 0))
            sock.setblocking(False)
            with contextlib.suppress(OSError, TimeoutError):
                await asyncio.wait_for(loop.sock_connect(sock, (place.access, TLS_PORT)), 2)
                await loop.sock_sendall(sock, data)
                await asyncio.wait_for(loop.sock_recv(sock, 4096), 0.3)
    await good_call(lab)


@scenario('REGISTERs that nobody finishes leave nothing, and no 401 is provoked into keys', kind='udp', seconds=40)
async def unfinished(lab):
    mallory = await lab.ue('mallory', register=False)
    for n in range(300):
        request = mallory.registration._request(600)
        request.set('Call-ID', f'{n}@x')
        mallory.send(request, mallory.flow)
        if n % 20 == 0:
            await asyncio.sleep(0.02)
    await settle(0.5)
    equal(await lab.agents[0].ask('registrations'), [], 'registrations')
    await good_call(lab, await lab.ue('alice', kind='tls'), await lab.ue('bob', kind='tls'))


@scenario('a UE that sends the same INVITE again and again makes one call', kind='udp', more=LAB_SWITCH)
async def repeated(lab):
    alice, bob = await lab.pair()
    out = await alice.invite(bob.aor(), Situation(SDES))
    into = await bob.incoming()
    raw = next(r.raw for r in lab.ladder.rungs if r.party == 'alice' and r.message.method == 'INVITE')
    for _ in range(30):
        alice.flow.send_raw(raw)
    await settle(0.2)
    equal(len(lab.core.seen('INVITE')), 1, 'INVITEs at the core')
    assert await into.accept()
    await out.answered()
    await into.acknowledged()
    await until(lambda: len(lab.agents[0].streams()) == 2, 'two streams')
    await hang_up(out, into)


if __name__ == '__main__':
    main()
