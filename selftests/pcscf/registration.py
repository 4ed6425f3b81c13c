#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Steps 1 to 3: a UE registers through e2aed, is challenged, registered, registered again, and gone."""
import asyncio
import re
import time

from lab import MIKEY_ONLY, NOTHING, main, refused, scenario, until
from lib.ktap import equal
from peers.sip import sipmsg
from peers.sip.registration import RegistrationFailed
from peers.sip.scenario import establish, hang_up, subscriber
from peers.sip.scscf import settle
from peers.sip.sipmsg import Message
from peers.sip.situation import MIKEY, Situation

INTEGRITY = {'yes', 'no', 'tls-yes', 'tls-pending', 'tls-connected', 'ip-assoc-yes', 'ip-assoc-pending', 'auth-done'}
TRUSTED = {'yes', 'tls-yes', 'ip-assoc-yes', 'auth-done'}
FQDN = 'pcscf1.visited1.net'
SERVER = {'sdes-srtp;mediasec', *(f'{name};mediasec;id="{FQDN}"' for name in ('e2ae-mikey', 'e2ae-msrp-psk'))}


def authorization(message):
    """The raw Authorization of a REGISTER at the core and its directives."""
    raw = message.get('Authorization')
    return raw, sipmsg.parse_auth(raw)[1]


async def fails(work, *words):
    """Asserts that a registration fails, and how."""
    try:
        await work
    except RegistrationFailed as error:
        assert any(str(word) in str(error) for word in words), error
        return error.response
    raise AssertionError('the registration went through')


async def registrations(lab, count, at=0):
    """Waits until an agent has so many registrations."""
    async def there():
        return len(await lab.agents[at].ask('registrations')) == count
    await until(there, f'{count} registrations at {lab.places[at].name}')


async def calls_refused(ue, target, *statuses):
    """A UE's INVITE is refused by the P-CSCF."""
    call = await ue.invite(target)
    await refused(call, statuses or (403,))


def registers_over(kind, family):
    async def work(lab):
        alice = await lab.ue('alice')
        equal([m.status for m in alice.registration.responses], [401, 200], 'responses')
        equal(alice.registration.leaks, [], 'keys that came to the UE')
        equal(set(alice.registration.security_server), SERVER, 'Security-Server')
        equal(alice.registration.service_route, [f'<{lab.core.own_uri("orig")}>'], 'Service-Route')
        for request in lab.core.seen('REGISTER'):
            path = request.addresses('Path')
            equal(len(path), 1, 'Paths')
            equal(path[0].uri.host.strip('[]'), lab.places[0].core, 'host of Path')
            assert re.fullmatch(r'[\w.~-]{24}', path[0].uri.user), f'user of Path: {path[0].uri.user}'
            assert 'lr' in path[0].uri.params, 'Path without lr'
            equal(sipmsg.unquote(request.get('P-Visited-Network-ID')), 'visited1.net', 'P-Visited-Network-ID')
            assert authorization(request)[1].get('integrity-protected') in INTEGRITY, 'integrity-protected'
            equal([n for n in ('Security-Client', 'Security-Verify', 'Security-Server') if request.all(n)], [],
                  'header fields of sec-agree')
            equal((request.options('Require') | request.options('Proxy-Require')) - {'path'}, set(), 'option-tags')
        equal(len(lab.accounts['alice'].live()), 1, 'bindings')
        await registrations(lab, 1)
    scenario(f'a UE registers with AKA over {kind.upper()} and IPv{family}; neither side sees what is not for it',
             kind=kind, family=family)(work)


for transport in ('udp', 'tcp', 'tls'):
    registers_over(transport, 4)
registers_over('tls', 6)
registers_over('udp', 6)


@scenario('what the UE says in Authorization and the rest of REGISTER reaches the core octet by octet')
async def octets(lab):
    alice = await lab.ue('alice', register=False)
    dress = alice.registration.add_security

    def more(message):
        dress(message)
        message.add('X-Unknown', 'a  b;c="d, e"')
    alice.registration.add_security = more
    await alice.register()
    sent = [m for m in lab.ladder.seen('alice', 'REGISTER', out=True)]
    for ours, there in zip(sent, lab.core.seen('REGISTER')):
        equal(there.get('X-Unknown'), 'a  b;c="d, e"', 'an unknown header field')
        for name in ('Call-ID', 'CSeq', 'From', 'To', 'Supported'):
            equal(there.get(name).replace(', path', ''), ours.get(name), name)
        raw, _ = authorization(there)
        left = re.sub(r',\s*integrity-protected="?[\w-]+"?', '', raw)
        equal(left, ours.get('Authorization'), 'Authorization')


@scenario('a UE cannot vouch for itself: integrity-protected and P-Asserted-Identity of its own are taken away', kind='udp')
async def impostor(lab):
    alice = await lab.ue('alice', register=False)
    make = alice.registration._authorization
    alice.registration._authorization = lambda uri: make(uri) + ', integrity-protected="yes"'
    await alice.register()
    for request in lab.core.seen('REGISTER'):
        raw, given = authorization(request)
        equal(raw.count('integrity-protected'), 1, 'integrity-protected')
        assert given['integrity-protected'] not in TRUSTED, f'vouched for: {raw}'


@scenario('a Security-Verify that is not what was offered on this flow is refused with 494, one that is left out is not')
async def bid_down(lab):
    alice, bob = await lab.pair()
    before = len(lab.core.requests)
    alice.registration.verify = ['sdes-srtp;mediasec', 'tls;q=0.1']
    response = await fails(alice.register(), 494)
    assert response.all('Security-Server'), 'a 494 without the list'
    await calls_refused(alice, bob.aor(), 494)
    equal(len(lab.core.requests), before, 'requests that reached the core')
    alice.registration.verify = []
    out, into = await establish(alice, bob)
    await hang_up(out, into)


@scenario('requests of a UE that is not registered are refused with 403 and do not reach the core', kind='udp')
async def stranger(lab):
    await lab.ue('bob')
    mallory = await lab.ue('mallory', register=False)
    before = len(lab.core.requests)
    await calls_refused(mallory, 'sip:bob@home1.net')
    for method in ('MESSAGE', 'SUBSCRIBE', 'OPTIONS', 'PUBLISH', 'BYE', 'UPDATE', 'PRACK', 'INFO', 'NOTIFY', 'REFER'):
        request = plain_request(mallory, method, 'sip:bob@home1.net')
        equal((await mallory.ask_proxy(request)).status, 403, method)
    equal(len(lab.core.requests), before, 'requests that reached the core')


def plain_request(ue, method, target, routes=(), **more):
    """A request outside dialogs, without anything that the UE would add."""
    out = Message(method, target)
    for name, value in (('Max-Forwards', 70), ('From', f'<{ue.impu}>;tag=1x{method}'), ('To', f'<{target}>'),
                        ('Call-ID', f'{time.monotonic_ns()}@{ue.party}'), ('CSeq', f'1 {method}'),
                        ('Contact', ue.contact())):
        out.add(name, value)
    for route in routes:
        out.add('Route', route)
    for name, value in more.items():
        out.add(name.replace('_', '-'), value)
    return out


@scenario('after de-registration a UE is a stranger, and can register again')
async def de_registered(lab):
    alice, bob = await lab.pair()
    await alice.deregister()
    await registrations(lab, 1)
    await calls_refused(alice, bob.aor())
    await alice.register()
    out, into = await establish(alice, bob)
    await hang_up(out, into)
    await bob.deregister()
    call = await alice.invite(bob.aor())
    await refused(call, (480, 404, 430, 410))


@scenario('a registration that is not refreshed expires, and its UE is a stranger')
async def expired(lab):
    alice, bob = await lab.pair()
    await alice.register(2)
    await registrations(lab, 1)
    await calls_refused(alice, bob.aor())


@scenario('an interval that the core corrects with 423 is taken, and its own shorter one counts',
          registrar={'min_expires': 2, 'max_expires': 3})
async def intervals(lab):
    alice = await lab.ue('alice', register=False)
    await alice.register(1)
    assert 423 in [m.status for m in alice.registration.responses], 'no 423'
    await alice.register(4000)
    await registrations(lab, 1)
    await settle(2)
    await registrations(lab, 0)


@scenario('a UE whose SQN is ahead resynchronises through the P-CSCF, and its keys are those of the second challenge')
async def resync(lab):
    alice = await lab.ue('alice', register=False)
    alice.isim.sqn = 5000
    await alice.register()
    equal([m.status for m in alice.registration.responses], [401, 401, 200], 'responses')
    auts = [authorization(m)[1].get('auts') for m in lab.core.seen('REGISTER')]
    equal([bool(a) for a in auts], [False, True, False], 'AUTS')
    bob = await lab.ue('bob')
    out, into = await establish(alice, bob, Situation(MIKEY))
    equal(out.media.outcomes(), ['mikey'], 'keying')
    await hang_up(out, into)


@scenario('a wrong answer to the challenge is refused and registers nobody')
async def wrong_answer(lab):
    alice = await lab.ue('alice', register=False)
    answer = alice.isim.answer
    alice.isim.answer = lambda *args: (b'12345678', *answer(*args)[1:])
    await fails(alice.register(), 403)
    equal(lab.core.registrar.failures, ['wrong response'], 'failures')
    await registrations(lab, 0)
    await calls_refused(alice, 'sip:bob@home1.net')


@scenario('each challenge gives new keys to both sides, and a call keeps those it began with')
async def generations(lab):
    alice, bob = await lab.pair(into={'security_client': MIKEY_ONLY})
    out, into = await establish(alice, bob, Situation(MIKEY))
    for _ in range(2):
        await alice.register()
        await bob.register()
        equal((await out.reinvite(out.media.offer(rekey=True))).status, 200, 're-INVITE under the old keys')
        equal((await into.reinvite(into.media.offer(rekey=True))).status, 200, 're-INVITE from the other side')
        await lab.talk(out, into)
        one, other = await establish(bob, alice, Situation(MIKEY))
        equal((one.media.outcomes(), other.media.outcomes()), (['mikey'], ['mikey']), 'keying under the new keys')
        await hang_up(one, other)
    await hang_up(out, into)


@scenario('a challenge that somebody else provokes does not touch the keys of the subscriber')
async def provoked(lab):
    alice, bob = await lab.pair()
    mallory = await lab.ue('mallory', who=lab_subscriber(alice), account=False, register=False)
    mallory.isim.answer = lambda rand, autn: (b'x' * 8, b'x' * 16, b'y' * 16)
    await fails(mallory.register(), 403)
    for _ in range(2):
        out, into = await establish(alice, bob, Situation(MIKEY))
        await hang_up(out, into)
    await alice.register()
    await calls_refused(mallory, bob.aor())


def lab_subscriber(ue):
    """Somebody who says to be another UE's subscriber, and has other keys."""
    other = subscriber('other')
    return other._replace(impi=ue.impi, impus=(ue.impu,))


@scenario('a de-registration by the network reaches the P-CSCF, which forgets the keys and ends the calls')
async def by_network(lab):
    alice, bob = await lab.pair()
    await until(lambda: len(lab.core.seen('SUBSCRIBE')) == 2, 'the P-CSCF subscribes to both registrations')
    for request in lab.core.seen('SUBSCRIBE'):
        equal(request.get('Event').partition(';')[0], 'reg', 'Event')
    out, into = await establish(alice, bob, Situation(MIKEY))
    lab.core.registrar.deregister(lab.accounts['alice'])
    await registrations(lab, 1)
    await asyncio.gather(out.ended(), into.ended())
    await calls_refused(alice, bob.aor())


@scenario('a re-registration that the core does not challenge leaves the keys, and one of a UE without keys is challenged',
          registrar={'challenge': 'unprotected'})
async def unchallenged(lab):
    alice, bob = await lab.pair()
    keys = list(alice.registration.generations)
    await alice.register()
    if len(alice.registration.responses) == 3:
        equal(alice.registration.generations, keys, 'keys')
    out, into = await establish(alice, bob, Situation(MIKEY))
    await hang_up(out, into)


@scenario('without AKA, keys come from the TLS session')
async def known_by_tls(lab):
    lab.core.registrar._trusted = lambda account, given: True       # a core that knows the UE by its TLS
    alice = await lab.ue('alice', exporter=True)
    equal([m.status for m in alice.registration.responses], [200], 'responses')
    equal(len(alice.registration.generations), 1, 'keys')
    bob = await lab.ue('bob', security_client=NOTHING)
    out, into = await establish(alice, bob, Situation(MIKEY))
    equal(out.media.outcomes(), [MIKEY], 'keying')
    await lab.talk(out, into)
    await hang_up(out, into)


async def challenged(lab, ue):
    """A UE registers, and is challenged, since the P-CSCF does not vouch for it."""
    before = len(lab.core.seen('REGISTER'))
    ue.registration.responses.clear()
    ue.registration._challenge = None
    await ue.register()
    equal([m.status for m in ue.registration.responses], [401, 200], 'responses')
    said = [authorization(m)[1]['integrity-protected'] for m in lab.core.seen('REGISTER')[before:]]
    equal(said, ['no', 'no'], 'integrity-protected')


@scenario('keys of a TLS session count once the network has accepted the digest, and on its connection only',
          registrar={'challenge': 'unprotected', 'digest': True})
async def exporter(lab):
    alice = await lab.ue('alice', exporter=True, register=False)
    # What is new on this connection nobody has proven yet: the P-CSCF must not vouch for it.
    await challenged(lab, alice)
    equal((await lab.agents[0].ask('registrations'))[0]['keys-from'], 'tls', 'where the keys are from')
    bob = await lab.ue('bob', security_client=NOTHING)
    out, into = await establish(alice, bob, Situation(MIKEY))
    equal(out.media.outcomes(), [MIKEY], 'keying')
    await lab.talk(out, into)
    # The same connection: it is vouched for, and the keys stay. A new one: neither.
    await alice.register()
    equal(authorization(lab.core.seen('REGISTER')[-1])[1]['integrity-protected'], 'tls-yes', 'the next REGISTER')
    equal(len(set(alice.registration.generations)), 1, 'keys of one connection')
    await hang_up(out, into)
    alice.flow.writer.close()
    await registrations(lab, 1)
    alice.registration.security_server = []
    await challenged(lab, alice)
    equal(len(set(alice.registration.generations)), 2, 'keys of two connections')
    out, into = await establish(alice, bob, Situation(MIKEY))
    await hang_up(out, into)


@scenario('a wrong password on TLS makes neither a registration nor keys', registrar={'digest': True})
async def wrong_password(lab):
    alice = await lab.ue('alice', exporter=True, register=False)
    alice.password = b'wrong'
    await fails(alice.register(), 403)
    await registrations(lab, 0)
    await calls_refused(alice, 'sip:bob@home1.net')


@scenario('a UE that took its keys from AKA is challenged until the P-CSCF has them too', core={'protected': False},
          registrar={'challenge': 'unprotected'}, more={'reg-event': False})
async def keyless(lab):
    alice = await lab.ue('alice')
    await alice.register()
    equal([authorization(m)[1]['integrity-protected'] for m in lab.core.seen('REGISTER')], ['no'] * 4, 'integrity-protected')


@scenario('a UE cannot call under the identity of another')
async def identity(lab):
    alice, bob = await lab.pair()
    for headers in ([('P-Preferred-Identity', f'<{bob.impu}>')], [('P-Asserted-Identity', f'<{bob.impu}>')],
                    [('P-Preferred-Identity', '<sip:nobody@home1.net>')]):
        out = await alice.invite(bob.aor(), headers=headers)
        into = await bob.incoming()
        asserted = lab.core.seen('INVITE')[-1].addresses('P-Asserted-Identity')
        equal([str(a.uri) for a in asserted], [alice.impu], f'P-Asserted-Identity for {headers}')
        into.reject(486)
        await refused(out, 486)


@scenario('a further public identity of the subscriber can be preferred')
async def preferred(lab):
    await lab.ue('bob')
    who = subscriber('alice', more=('boss',))
    alice = await lab.ue('alice', who=who)
    out = await alice.invite('sip:bob@home1.net', headers=[('P-Preferred-Identity', '<sip:boss@home1.net>')])
    await until(lambda: lab.core.seen('INVITE'), 'the INVITE reaches the core')
    asserted = lab.core.seen('INVITE')[-1].addresses('P-Asserted-Identity')
    equal([str(a.uri) for a in asserted], ['sip:boss@home1.net'], 'P-Asserted-Identity')
    into = await lab.ues[0].incoming()
    into.reject(486)
    await refused(out, 486)


@scenario('a UE cannot use the token of another UE, nor another route than the Service-Route')
async def tokens(lab):
    alice, bob = await lab.pair()
    path = lab.core.seen('REGISTER')[-1].get('Path')
    assert path != lab.core.seen('REGISTER')[0].get('Path'), 'one token for two UEs'
    before = len(lab.core.requests)
    request = plain_request(alice, 'MESSAGE', bob.contact_uri(), [path])
    equal((await alice.ask_proxy(request)).status, 403, "MESSAGE along another's Path")
    request = plain_request(alice, 'MESSAGE', bob.aor(), [alice.edge_route, '<sip:elsewhere.example;lr>'])
    status = (await alice.ask_proxy(request)).status
    assert status in (400, 403) or lab.core.requests[-1].method == 'MESSAGE', f'another route: {status}'
    equal([r for r in lab.core.requests[before:] if 'elsewhere' in ''.join(r.all('Route'))], [], 'requests at the core')


@scenario('two phones of a subscriber are two registrations, each with its own flow and keys')
async def two_phones(lab):
    who = subscriber('alice')
    one = await lab.ue('alice', who=who)
    other = await lab.ue('alice-too', who=who, account=False, register=False)
    other.isim.sqn = one.isim.sqn
    await other.register()
    await registrations(lab, 2)
    assert one.registration.generations != other.registration.generations, 'one K_mm for both'
    bob = await lab.ue('bob')
    for phone in (one, other):
        out, into = await establish(phone, bob, Situation(MIKEY))
        await hang_up(out, into)


@scenario('a UE that watches its own registration hears of it through the P-CSCF')
async def watcher(lab):
    alice = await lab.ue('alice')
    equal((await alice.subscribe_reg()).status, 200, 'SUBSCRIBE')
    await alice.notified(1)
    await alice.register()
    await alice.notified(2)


@scenario('a MESSAGE passes both gateways with its body and unknown header fields unchanged', agents=2)
async def message(lab):
    alice, bob = await lab.pair()
    body = bytes(range(1, 256)) * 3
    request = plain_request(alice, 'MESSAGE', bob.aor(), alice.initial_routes(), X_Strange='  a ;b, "c"',
                            Content_Type='application/octet-stream')
    request.body = body
    equal((await alice.ask_proxy(request)).status, 200, 'MESSAGE')
    there = lab.ladder.seen('bob', 'MESSAGE', out=False)[-1]
    equal((there.body, there.get('X-Strange'), there.get('Content-Type')),
          (body, 'a ;b, "c"', 'application/octet-stream'), 'what arrived')


@scenario('a ping on a connection is answered (RFC 5626, 4.4.1)', kind='tcp')
async def ping(lab):
    loop, sock = asyncio.get_running_loop(), lab.socket(lab.places[0], 'tcp')
    try:
        await loop.sock_sendall(sock, b'\r\n\r\n')
        equal(await asyncio.wait_for(loop.sock_recv(sock, 100), 3), b'\r\n', 'pong')
    finally:
        sock.close()
    await lab.ue('alice')


@scenario('a connection that breaks takes its registration along, and the UE registers anew')
async def broken(lab):
    alice, bob = await lab.pair()
    alice.flow.writer.close()
    await registrations(lab, 1)
    alice.registration.security_server = []
    await alice.register()
    out, into = await establish(bob, alice)
    await hang_up(out, into)


if __name__ == '__main__':
    main()
