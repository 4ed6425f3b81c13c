#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""SIP around the call: session timers, transports, DNS, NAT, reliable responses, what is refused and what passes."""
import asyncio
import contextlib
import os
import shutil
import socket
import ssl
import struct

from lab import LAB_SWITCH, NOTHING, main, no_calls, refused, scenario, until
from agent import TLS_PORT, UDP_PORT, host_port, listeners     # behind lab, which finds the other modules
from lib.ktap import equal
from lib.netns import inside
from net.dnsserver import DnsServer
from places import Certificates
from peers.sip.registration import RegistrationFailed
from peers.sip.scenario import establish, hang_up
from peers.sip.sipmsg import Message
from peers.sip.situation import MIKEY, PLAIN, SDES, Situation
from peers.sip.transport import client_context

CALLEE = {'security_client': NOTHING}
TIMED = {'t1': 50}      # a session that ran out ends 64 * T1 later
HOP = 'core.home1.net'


async def call(lab, keying=SDES):
    """A call that is up, from alice to bob, who has no security."""
    alice, bob = await lab.pair(into=CALLEE)
    return await establish(alice, bob, Situation(keying))


def message(ue, target, method='MESSAGE', body=b'', routes=None, hops=70, **more):
    """A request of a UE outside dialogs."""
    out = Message(method, target)
    for name, value in (('Max-Forwards', hops), ('From', f'<{ue.impu}>;tag=1'), ('To', f'<{target}>'),
                        ('Call-ID', os.urandom(8).hex()), ('CSeq', f'1 {method}')):
        out.add(name, value)
    for route in ue.initial_routes() if routes is None else routes:
        out.add('Route', route)
    for name, value in more.items():
        out.add(name.replace('_', '-'), value)
    out.body = body
    return out


# Session timers (RFC 4028).

def expires_in(lab, seconds):
    """The called side wants a session timer."""
    def tamper(one):
        if one.status == 200 and one.cseq[1] in ('INVITE', 'UPDATE'):
            one.set('Session-Expires', f'{seconds};refresher=uac')
    lab.core.tamper = tamper


@scenario('a session that nobody refreshes ends with BYE to both sides', **TIMED)
async def session_over(lab):
    expires_in(lab, 1)
    out, into = await call(lab)
    await asyncio.gather(out.ended(15), into.ended(15))
    for party in ('alice', 'bob'):
        bye = lab.ladder.seen(party, 'BYE', out=False)
        assert bye and 'cause=408' in bye[-1].get('Reason', ''), f'no BYE with a reason for {party}'


def refreshed(name, refresh):
    async def work(lab):
        expires_in(lab, 1)
        out, into = await call(lab)
        for one in (out, into, out, into):
            await asyncio.sleep(1.6)
            equal((await refresh(one)).status, 200, name)
        equal((out.state, into.state), ('up', 'up'), 'the call after five lifetimes')
        await hang_up(out, into)
    scenario(f'a session that {name} refreshes from either side goes on', **TIMED)(work)


refreshed('re-INVITE', lambda one: one.reinvite())
refreshed('UPDATE with an offer', lambda one: one.update())
refreshed('UPDATE without a body', lambda one: one.ask('UPDATE'))


@scenario('Session-Expires and Min-SE pass to the called side, and its 422 with Min-SE back')
async def too_small(lab):
    alice, bob = await lab.pair(into=CALLEE)
    out = await alice.invite(bob.aor(), Situation(SDES), headers=[('Session-Expires', '120'), ('Min-SE', '100')])
    into = await bob.incoming()
    equal((into.request.get('Session-Expires'), into.request.get('Min-SE')), ('120', '100'), 'what arrived')
    into.reject(422, [('Min-SE', '1800')])
    equal((await refused(out, 422)).get('Min-SE'), '1800', 'Min-SE')


@scenario('a session interval below the minimum gets 422 with Min-SE where timers are supported, else it is raised',
          more={'min-session-expires': 600})
async def shorter(lab):
    alice, bob = await lab.pair(into=CALLEE)
    # Every INVITE of these UEs supports session timers.
    out = await alice.invite(bob.aor(), Situation(SDES), headers=[('x', '599;refresher=uac'), ('Min-SE', '100')])
    equal((await refused(out, 422)).get('Min-SE'), '600', 'Min-SE')
    equal(lab.core.seen('INVITE'), [], 'what reached the core')
    out = await alice.invite(bob.aor(), Situation(SDES), headers=[('Session-Expires', '600')])
    into = await bob.incoming()
    equal((into.request.get('Session-Expires'), into.request.get('Min-SE')), ('600', None), 'what arrived')
    assert await into.accept(), into.failure
    equal((await out.answered()).status, 200, 'answer')
    await into.acknowledged()
    for one, other, before, after in (
            (out, into, (('Session-Expires', '90;refresher=uas'),), ('600;refresher=uas', '600')),
            (into, out, (('Session-Expires', '500'), ('Min-SE', '400;x=y')), ('600', '600;x=y')),
            (into, out, (('Session-Expires', '599'), ('Min-SE', '900')), ('900', '900')),
            (out, into, (('Session-Expires', '601'), ('Min-SE', '100')), ('601', '100')),
            (out, into, (('Session-Expires', 'soon'), ('Min-SE', '100')), ('soon', '100'))):
        await one.ask('UPDATE', headers=before)
        there = other.requests[-1]
        equal((there.method, there.get('Session-Expires'), there.get('Min-SE')), ('UPDATE', *after), f'of {before}')
    for one in (out, into):
        response = await one.ask('UPDATE', headers=[('Supported', 'foo, timer'), ('Session-Expires', '599')])
        equal((response.status, response.get('Min-SE')), (422, '600'), 'UPDATE')
    equal((out.state, into.state), ('up', 'up'), 'the call')
    await hang_up(out, into)


# Transports.

def core_tls(lab):
    """TLS between the P-CSCF and the core, where each wants to see the other's certificate."""
    tls, place = lab.world.certificates, lab.places[0]
    lab.core.tls[True].load_verify_locations(tls.certificate)
    lab.core.tls[True].verify_mode = ssl.CERT_REQUIRED
    lab.core.tls[False].load_cert_chain(tls.certificate, tls.key)
    lab.conf['core'] = {'listen': listeners(place.core, 'udp', 'tcp', 'tls'), 'certificate': tls.certificate,
                        'private-key': tls.key, 'ca': tls.certificate}


@scenario('calls go over TLS to the core and back, and both sides show a certificate', core_kinds=('tls',), setup=core_tls)
async def tls_core(lab):
    out, into = await call(lab)
    equal({kind for kind, *_ in lab.core.flows}, {'tls'}, 'transports at the core')
    equal((await into.reinvite()).status, 200, 're-INVITE')
    await hang_up(into, out)


@scenario('to the core and to the UE there is one connection each, whatever goes over it', kind='tcp',
          core_kinds=('tcp', 'udp'), more=LAB_SWITCH)
async def reuse(lab):
    out, into = await call(lab)
    await hang_up(out, into)
    await hang_up(*reversed(await establish(into.ue, out.ue, Situation(PLAIN))))
    equal([len(ue.flows) for ue in lab.ues], [1, 1], 'connections of the UEs')
    # One that the P-CSCF made, and one that the core made.
    equal(sum(kind == 'tcp' for kind, *_ in lab.core.flows) <= 2, True, f'connections of the core: {list(lab.core.flows)}')


def break_core(lab):
    """All connections of the core are gone."""
    for flow in lab.core.flows.values():
        if flow.writer:
            flow.open = False
            flow.writer.close()


def connection_breaks(side):
    async def work(lab):
        calls = list(await call(lab))
        if side == 'called':
            calls.reverse()
        break_core(lab)
        await asyncio.sleep(0.2)
        equal((await calls[0].reinvite()).status, 200, 're-INVITE')
        break_core(lab)
        await asyncio.sleep(0.2)
        await hang_up(*calls)
    scenario(f'when the connection to the core breaks in a call, the {side} side goes on over a new one',
             core_kinds=('tcp', 'udp'))(work)


connection_breaks('calling')
connection_breaks('called')


def mixed(lab):
    """IPv6 towards the UEs, IPv4 towards the core."""
    lab.places = [lab.world.place('a', 6)._replace(core=lab.places[0].core)]


@scenario('UEs on TLS over IPv6 and a core on UDP over IPv4 meet in dialogs through two Record-Routes', setup=mixed)
async def across(lab):
    alice, bob = await lab.pair()
    out, into = await establish(alice, bob, Situation(SDES))
    records = lab.core.seen('INVITE')[0].addresses('Record-Route')
    equal([(r.uri.host.strip('[]'), r.uri.params.get('transport')) for r in records],
          [(lab.places[0].core, None), (lab.places[0].access, 'tls')], 'Record-Route at the core')
    equal(len({r.uri.user for r in records}), 1, 'tokens')
    for one in (out, into):
        equal((await one.reinvite()).status, 200, 're-INVITE')
    await hang_up(into, out)


def shown(lab):
    """The certificate that the agent shows to UEs now, as octets."""
    place = lab.places[0]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with inside(place.ue_netns):
        sock = socket.socket()
    sock.settimeout(5)
    sock.bind((place.ues[-1], 0))
    sock.connect((place.access, TLS_PORT))
    with context.wrap_socket(sock) as tls:
        return tls.getpeercert(True)


def in_file(path):
    """The certificate in a file."""
    with open(path, encoding='ascii') as file:
        return ssl.PEM_cert_to_DER_cert(file.read())


def own_files(lab):
    """Certificate and key of this scenario alone."""
    for name in ('now', 'next'):
        os.mkdir(os.path.join(lab.folder, name))
    lab.tls = Certificates(os.path.join(lab.folder, 'now'))
    lab.conf['access'] = {'certificate': lab.tls.certificate, 'private-key': lab.tls.key}


@scenario('a new certificate and key count from the next handshake after SIGHUP, bad ones never; connections go on',
          setup=own_files)
async def new_certificate(lab):
    agent, loop = lab.agents[0], asyncio.get_running_loop()

    async def reloaded(word):
        before = agent.log().count(word)
        agent.reload()
        await until(lambda: agent.log().count(word) > before, word)
        return await loop.run_in_executor(None, shown, lab)
    context = client_context(lab.tls.certificate)
    alice = await lab.ue('alice', tls_client=context)
    bob = await lab.ue('bob', tls_client=context, **CALLEE)
    out, into = await establish(alice, bob, Situation(SDES))
    old, fresh = in_file(lab.tls.certificate), Certificates(os.path.join(lab.folder, 'next'))
    equal(await reloaded(b'tls.renewed'), old, 'the certificate that did not change')
    shutil.copy(fresh.certificate, lab.tls.certificate)
    equal(await reloaded(b'tls.refused'), old, 'the certificate when the key is of another')
    shutil.copy(fresh.key, lab.tls.key)
    equal(await reloaded(b'tls.renewed'), in_file(fresh.certificate), 'the new certificate')
    with open(lab.tls.certificate, 'w', encoding='ascii') as file:
        file.write('-----BEGIN CERTIFICATE-----\n')
    equal(await reloaded(b'tls.refused'), in_file(fresh.certificate), 'the certificate when the file is bad')
    os.unlink(lab.tls.certificate)
    equal(await loop.run_in_executor(None, shown, lab), in_file(fresh.certificate), 'the certificate without a file')
    equal((await out.reinvite()).status, 200, 're-INVITE on the connection that was there')
    await hang_up(out, into)
    await hang_up(*await establish(await lab.ue('carol', tls_client=client_context(fresh.certificate)), bob, Situation(SDES)))


# RFC 3263.

def by_name(sentence, records, hop=f'sip:{HOP}', **options):
    def setup(lab):
        lab.dns = DnsServer()
        lab.dns.records.update(records)
        lab.conf['more'] = {'dns': lab.dns.address, 'next-hop': hop}

    async def work(lab):
        try:
            out, into = await call(lab)
            await hang_up(out, into)
            assert lab.dns.asked, 'DNS was not asked'
        finally:
            lab.dns.close()
    scenario(sentence, setup=setup, **options)(work)


SRV = {(f'_sip._udp.{HOP}', 'SRV'): [(1, 0, UDP_PORT, f'live.{HOP}')], (f'live.{HOP}', 'A'): ['127.2.0.9'],
       (HOP, 'NAPTR'): [(10, 50, 's', 'SIP+D2U', '', f'_sip._udp.{HOP}')]}
FAILOVER = {(f'_sip._tcp.{HOP}', 'SRV'): [(2, 0, UDP_PORT, f'live.{HOP}'), (1, 0, UDP_PORT, f'dead.{HOP}')],
            (f'live.{HOP}', 'A'): ['127.2.0.9'], (f'dead.{HOP}', 'A'): ['127.2.0.8'],
            (HOP, 'NAPTR'): [(10, 50, 's', 'SIP+D2T', '', f'_sip._tcp.{HOP}')]}
by_name('a next hop that is a name is found by NAPTR and SRV', SRV)
by_name('a next hop with a transport is found by SRV alone', {k: v for k, v in FAILOVER.items() if k[1] != 'NAPTR'},
        f'sip:{HOP};transport=tcp', core_kinds=('tcp', 'udp'))
by_name('where the first target of a name is dead the second one serves', FAILOVER, core_kinds=('tcp', 'udp'))


# NAT.

class Nat:
    """A NAT for one UE: what it sends to `inside` leaves from `outside` for the P-CSCF."""

    def __init__(self, place):
        self.place, self.ue, self.seen = place, None, []
        self.inside = self.outside = self.proxy = None

    async def start(self):
        """Opens both sides."""
        loop, (near, far) = asyncio.get_running_loop(), self.place.ues[-2:]
        self.inside, _ = await loop.create_datagram_endpoint(lambda: _Side(self.leaves), local_addr=(near, 0))
        self.outside, _ = await loop.create_datagram_endpoint(lambda: _Side(self.enters), local_addr=(far, 0))
        self.proxy = (*self.inside.get_extra_info('sockname')[:2], 'udp')

    def leaves(self, data, addr):
        """From the UE."""
        self.ue = addr
        self.outside.sendto(data, (self.place.access, UDP_PORT))

    def enters(self, data, _addr):
        """From the P-CSCF."""
        self.seen.append(data)
        if self.ue:
            self.inside.sendto(data, self.ue)

    def close(self):
        """Closes both sides."""
        self.inside.close()
        self.outside.close()


class _Side(asyncio.DatagramProtocol):
    def __init__(self, took):
        self.datagram_received = took


def stun():
    """A binding request (RFC 5389)."""
    return struct.pack('>HHI', 1, 0, 0x2112A442) + os.urandom(12)


@scenario('a UE behind a NAT is reached on the address that the NAT gave it, keeps it alive and calls both ways',
          kind='udp', more=LAB_SWITCH)
async def behind_nat(lab):
    nat = Nat(lab.places[0])
    await nat.start()
    try:
        alice = await lab.ue('alice', proxy=nat.proxy, edge_route=f'<sip:{host_port(lab.places[0].access, UDP_PORT)};lr>')
        bob = await lab.ue('bob', **CALLEE)
        out, into = await establish(alice, bob, Situation(SDES))
        for one in (into, out):
            equal((await one.reinvite()).status, 200, 're-INVITE')
        await hang_up(into, out)
        for _ in range(2):
            alice.flow.send_raw(b'\r\n\r\n')
        request = stun()
        alice.flow.send_raw(request)
        reply = await until(lambda: [d for d in nat.seen if d[:2] == b'\1\1'], 'STUN is answered')
        equal(reply[0][4:20], request[4:20], 'its transaction')
        await hang_up(*await establish(bob, alice, Situation(PLAIN)))
        equal(list(alice.flows), [('udp', *nat.proxy[:2])], 'from where the UE heard anything')
        alice.bad.clear()       # STUN is no SIP
    finally:
        nat.close()


# An address of UDP that another subscriber has now.

async def held(lab, name, **more):
    """A UE on the address of alice, who is gone without a word."""
    alice = lab.ues[0]
    host, port = alice.addresses['udp']
    await alice.close()
    return await lab.ue(name, host=host, port=port, **more)


async def holders(lab):
    """Private identities that are registered."""
    return sorted(one['impi'].partition('_')[0] for one in await lab.agents[0].ask('registrations'))


@scenario('a UE that has the UDP address of one that is gone registers there; the binding before and its call end',
          kind='udp', more=LAB_SWITCH)
async def reused(lab):
    out, into = await call(lab)
    carol = await held(lab, 'carol')
    equal(await holders(lab), ['bob', 'carol'], 'registrations')
    await into.ended()
    await until(lambda: no_calls(lab.agents[0]), 'the call is over')
    await hang_up(*await establish(carol, lab.ues[1], Situation(SDES)))
    await hang_up(*await establish(lab.ues[1], carol, Situation(PLAIN)))
    assert out.state != 'over', 'the UE that is gone heard something'


@scenario('who cannot authenticate does not get the UDP address of a registered UE', kind='udp', more=LAB_SWITCH)
async def not_reused(lab):
    out, into = await call(lab)
    mallory = await held(lab, 'mallory', register=False)
    mallory.isim.answer = lambda rand, autn: (b'x' * 8, b'x' * 16, b'y' * 16)
    with contextlib.suppress(RegistrationFailed):
        await mallory.register()
    equal(await holders(lab), ['alice', 'bob'], 'registrations after a wrong answer')
    lab.core.registrar._trusted = lambda account, given: True
    mallory.registration._challenge = None
    try:
        await mallory.register()
    except RegistrationFailed as error:
        equal(error.response.status, 403, 'a REGISTER that the core does not challenge')
    else:
        raise AssertionError('the address was given away without a challenge')
    equal(await holders(lab), ['alice', 'bob'], 'registrations')
    assert into.state == 'up' and out.state == 'up', 'the call ended'
    into.ue.spawn(into.bye())
    await until(lambda: no_calls(lab.agents[0]), 'the call is over', 10)


@scenario('a subscriber of plain Digest gets the address of one that is gone as well', kind='udp', more=LAB_SWITCH)
async def reused_digest(lab):
    await lab.ue('alice')
    lab.core.registrar.digest = True
    await held(lab, 'carol', **CALLEE)
    equal(await holders(lab), ['carol'], 'registrations')


@scenario('a challenge for another that is provoked from the address of a UE does not cost it its own', kind='udp',
          more=LAB_SWITCH)
async def provoked(lab):
    alice, bob = await lab.pair(into=CALLEE)
    mallory = await lab.ue('mallory', register=False)
    ask, provocations = alice.ask_proxy, []

    async def meanwhile(request):
        if request.method == 'REGISTER' and len(alice.registration.responses) % 2:
            provocations.append((await ask(mallory.registration._request(600))).status)
        return await ask(request)
    alice.ask_proxy = meanwhile
    await alice.register()
    equal(provocations, [401], 'answers to the provocation')
    alice.ask_proxy = ask
    out, into = await establish(alice, bob, Situation(MIKEY))
    equal(out.media.outcomes(), [MIKEY], 'keying with the new keys')
    await hang_up(out, into)


# Reliable provisional responses (RFC 3262).

@scenario('several reliable provisional responses, with and without a description, and UPDATE before the answer', agents=2)
async def reliable(lab):
    alice, bob = await lab.pair()
    out = await alice.invite(bob.aor(), Situation(SDES))
    into = await bob.incoming()
    for status, answer in ((183, True), (182, False), (180, False), (180, False)):
        assert await into.ring(status, reliable=True, answer=answer), into.failure
    equal(len({m.get('RAck') for m in lab.ladder.seen('bob', 'PRACK', out=False)}), 4, 'PRACKs')
    for one in (out, into):
        equal((await one.update()).status, 200, 'UPDATE')
    assert await into.accept()
    equal((await out.answered()).status, 200, 'answer')
    await into.acknowledged()
    await lab.talk(out, into)
    await hang_up(out, into)


# What is refused, and what passes.

@scenario('Max-Forwards 0 gets 483, a loop 482, from either side; nothing of it goes on')
async def loops(lab):
    alice, bob = await lab.pair()
    equal((await alice.ask_proxy(message(alice, bob.aor(), hops=0))).status, 483, 'from the UE')
    around = message(alice, bob.aor())
    for n in range(4):
        around.push('Via', f'SIP/2.0/UDP {lab.places[0].core}:5060;branch=z9hG4bKloop{n}')
    equal((await alice.ask_proxy(around)).status, 482, 'a loop')
    path = lab.core.seen('REGISTER')[-1].list('Path')
    for hops, vias, status in ((0, 0, 483), (70, 4, 482)):
        request = message(alice, bob.contact_uri(), routes=path, hops=hops)
        for n in range(vias):
            request.push('Via', f'SIP/2.0/TLS {lab.places[0].access}:5061;branch=z9hG4bKloop{n}')
        equal((await (await lab.core.send_on(request)).done).status, status, 'from the core')
    equal(lab.ladder.seen('bob', 'MESSAGE', out=False), [], 'what reached bob')


@scenario('a method and a body that nobody knows, small and large, pass octet by octet in both directions')
async def unknown(lab):
    alice, bob = await lab.pair()
    for size in (40, 900, 30000):
        for one, other in ((alice, bob), (bob, alice)):
            body = os.urandom(size)
            request = message(one, other.aor(), 'PLEASE', body, Content_Type='x/y; a="b,c"', X_New=' v ; w = "\\"" ')
            equal((await one.ask_proxy(request)).status, 501, 'PLEASE')
            there = lab.ladder.seen(other.party, 'PLEASE', out=False)[-1]
            equal((there.body == body, there.get('Content-Type'), there.get('X-New')),
                  (True, 'x/y; a="b,c"', 'v ; w = "\\""'), 'what arrived')


@scenario('an option that the P-CSCF does not know gets 420 in Proxy-Require, from either side, and passes in Require')
async def options(lab):
    alice, bob = await lab.pair(into=CALLEE)
    path = lab.core.seen('REGISTER')[-1].list('Path')
    response = await alice.ask_proxy(message(alice, bob.aor(), Proxy_Require='mediasec, strange'))
    equal((response.status, response.get('Unsupported')), (420, 'strange'), 'from the UE')
    request = message(alice, bob.contact_uri(), routes=path, Proxy_Require='strange')
    response = await (await lab.core.send_on(request)).done
    equal((response.status, response.get('Unsupported')), (420, 'strange'), 'from the core')
    equal(lab.ladder.seen('bob', 'MESSAGE', out=False), [], 'what reached bob')
    equal((await alice.ask_proxy(message(alice, bob.aor(), Require='strange'))).status, 200, 'Require')
    equal(lab.ladder.seen('bob', 'MESSAGE', out=False)[-1].get('Require'), 'strange', 'Require')


@scenario('the called UE sees P-Asserted-Identity, unless the caller wants privacy of it')
async def privacy(lab):
    alice, bob = await lab.pair(into=CALLEE)
    for headers, seen in (([], True), ([('Privacy', 'none')], True), ([('Privacy', 'id')], False),
                          ([('Privacy', 'header;id')], False)):
        out = await alice.invite(bob.aor(), Situation(SDES), headers=headers)
        into = await bob.incoming()
        equal(len(lab.core.seen('INVITE')[-1].all('P-Asserted-Identity')), 1, f'at the core with {headers}')
        equal(bool(into.request.all('P-Asserted-Identity')), seen, f'P-Asserted-Identity with {headers}')
        equal(into.request.all('P-Preferred-Identity'), [], 'P-Preferred-Identity')
        into.reject(486)
        await refused(out, 486)


def emergency(registered):
    async def work(lab):
        bob = await lab.ue('bob', **CALLEE)
        lab.core.forks['urn:service:sos'] = [bob.aor()]
        who = await lab.ue('who', register=registered, account=registered, **CALLEE)
        out, into = await establish(who, bob, Situation(PLAIN), target='urn:service:sos')
        equal((await into.reinvite()).status, 200, 're-INVITE')
        await hang_up(out, into)
    scenario(f'an emergency call of a UE that is {"" if registered else "not "}registered comes up in the clear where '
             'security is required', kind='udp', policies=[{'originating': 'require', 'terminating': 'off'}])(work)


emergency(True)
emergency(False)


# Limits.

@scenario('a registration beyond the limit gets 503 with Retry-After', limits={'registrations': 1})
async def full(lab):
    await lab.ue('alice')
    bob = await lab.ue('bob', register=False)
    try:
        await bob.register()
    except RegistrationFailed as error:
        equal((error.response.status, bool(error.response.get('Retry-After'))), (503, True), 'REGISTER')
    else:
        raise AssertionError('one too many')
    await lab.ues[0].register()


@scenario('of 53 calls of a subscriber 50 come up, the others get 503 or 486', 60, limits={'calls-per-subscriber': 50})
async def fifty(lab):
    alice = await lab.ue('alice')
    callees = [await lab.ue(f'callee{n}', **CALLEE) for n in range(3)]
    calls = []
    for n in range(50):
        calls.append(await establish(alice, callees[n % 2], Situation(SDES)))
    for _ in range(3):
        await refused(await alice.invite(callees[2].aor(), Situation(SDES)), (486, 503))
    for one in calls:
        await hang_up(*one)
    await hang_up(*await establish(alice, callees[2], Situation(SDES)))


if __name__ == '__main__':
    main()
