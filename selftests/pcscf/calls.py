#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Steps 4 to 11: calls between UEs that secure their access legs in each way, through one gateway or two."""
import asyncio
import contextlib

from lab import MIKEY_ONLY, NOTHING, SDES_ONLY, LAB_SWITCH, main, refused, scenario, until
from lib.ktap import equal
from peers.sip import sdp
from peers.sip.scenario import establish, hang_up, on_wire_is_srtp
from peers.sip.situation import BOTH, E2E, MIKEY, PLAIN, SDES, Situation
from peers.suites import ENCRYPTING
from wiretap import Tap, core_is_plain, reads_like_libsrtp

CAPABLE = {PLAIN: NOTHING, SDES: SDES_ONLY, MIKEY: MIKEY_ONLY}


def tapped(lab):
    """A tap on the core's side of gateway a, where there are wires."""
    return Tap('core', 'to-a') if lab.world.kernel else contextlib.nullcontext()


async def speak(lab, out, into):
    """Both talk; the core wire shows their RTP."""
    with tapped(lab) as tap:
        await lab.talk(out, into)
    if tap and len(lab.agents) == 2:
        core_is_plain(tap, out, into)


def judge_legs(lab, *calls):
    """Each secured leg was SRTP, by libsrtp2 too."""
    if not lab.world.kernel:
        return
    for call in calls:
        if call.media.lines[0].outcome != PLAIN:
            on_wire_is_srtp(call)
            reads_like_libsrtp(call)


def core_saw_plain(lab):
    """Every session description at the core is plain RTP."""
    for request in lab.core.seen('INVITE'):
        if request.body:
            equal({m.profile for m in sdp.parse(request.body).media}, {'RTP/AVP'}, 'profiles at the core')


def combination(caller, callee, agents):
    where = 'one gateway' if agents == 1 else 'two gateways'

    async def work(lab):
        alice, bob = await lab.pair({'security_client': CAPABLE[caller]}, {'security_client': CAPABLE[callee]})
        out, into = await establish(alice, bob, Situation(caller), ring=180)
        equal((out.media.outcomes(), into.media.outcomes()), ([caller], [callee]), 'keying')
        indicators = out.media.lines[0].indicator, into.media.lines[0].indicator
        equal(indicators[0] == 'applied', caller == SDES, f'3ge2ae in the answer: {indicators[0]}')
        equal(indicators[1] == 'applied', callee == SDES, f'3ge2ae in the offer: {indicators[1]}')
        equal(into.request.get('P-Asserted-Identity'), f'<{alice.impu}>', 'P-Asserted-Identity')
        await speak(lab, out, into)
        core_saw_plain(lab)
        await hang_up(into, out)
        judge_legs(lab, out, into)
    scenario(f'a UE with {caller} calls a UE with {callee} through {where}', agents=agents)(work)


for one in CAPABLE:
    for another in CAPABLE:
        combination(one, another, 2)
combination(MIKEY, SDES, 1)
combination(SDES, MIKEY, 1)
combination(PLAIN, PLAIN, 1)


@scenario('every suite works in both profiles, with an MKI where one is offered', agents=2, seconds=60,
          policies=[{'suites': ENCRYPTING}])
async def suites(lab):
    alice, bob = await lab.pair(into={'security_client': SDES_ONLY})
    for suite in ENCRYPTING:
        for keying in (SDES, MIKEY):
            mki = b'\0\0\0\x01' if keying == SDES else b''
            bob.situation = Situation(suites=(suite,))
            out, into = await establish(alice, bob, Situation(keying, (suite,), mki=mki))
            if lab.world.kernel:
                equal(out.media.audio.masters()[0].suite, suite, f'{keying}: suite')
            await lab.talk(out, into, 6)
            await hang_up(out, into)
            judge_legs(lab, out, into)


@scenario('UEs on IPv6, with an IPv6 core, talk', agents=2, family=6)
async def six(lab):
    alice, bob = await lab.pair(into={'security_client': SDES_ONLY})
    out, into = await establish(alice, bob, Situation(MIKEY))
    await speak(lab, out, into)
    await hang_up(out, into)
    judge_legs(lab, out, into)


def over(kind, core):
    async def work(lab):
        alice, bob = await lab.pair()
        for situation in (Situation(SDES), Situation(MIKEY)):
            out, into = await establish(alice, bob, situation, ring=180)
            await lab.talk(out, into)
            await out.hold()
            await into.resume()
            await out.resume()
            await hang_up(into, out)
        kinds = {r.kind for r in lab.ladder.rungs if r.party == 'scscf' and r.message.cseq[1] == 'BYE'}
        assert core[0] in kinds, f'the core was spoken to over {kinds}'
    scenario(f'calls work with UEs over {kind.upper()} and the core over {core[0].upper()}', kind=kind, core_kinds=core,
             agents=2, more=LAB_SWITCH)(work)


for access in ('udp', 'tcp', 'tls'):
    over(access, ('udp', 'tcp'))
    over(access, ('tcp',))


@scenario('UEs on different transports behind one gateway reach each other', more=LAB_SWITCH)
async def mixed(lab):
    ues = {kind: await lab.ue(kind, kind=kind) for kind in ('udp', 'tcp', 'tls')}
    for kind, caller in ues.items():
        for other, callee in ues.items():
            if kind != other:
                out, into = await establish(caller, callee, Situation(SDES))
                routes = into.request.list('Record-Route')
                equal(len(routes), 5, 'Record-Routes: two of each passage and the core')
                await out.hold()
                await hang_up(into, out)


@scenario('an INVITE that is too large for UDP goes over TCP to the core', kind='tls')
async def large(lab):
    alice, bob = await lab.pair()
    out = await alice.invite(bob.aor(), headers=[('X-Large', 'x' * 3000)])
    into = await bob.incoming()
    into.reject(486)
    await refused(out, 486)
    kinds = [r.kind for r in lab.ladder.rungs if r.party == 'scscf' and not r.out and r.message.method == 'INVITE']
    equal(kinds, ['tcp'], 'transports of the INVITE')
    equal(into.request.get('X-Large'), 'x' * 3000, 'the header field')


@scenario('RTCP shares the port of RTP where both ends say so, and not where one does not', agents=2)
async def mux(lab):
    alice, bob = await lab.pair()
    for ours, theirs in ((True, True), (True, False), (False, False)):
        bob.situation = Situation(mux=theirs)
        out, into = await establish(alice, bob, Situation(SDES, mux=ours))
        await lab.talk(out, into)
        await hang_up(out, into)
        judge_legs(lab, out, into)


@scenario('an offer with both a=crypto and key-mgmt is answered with exactly one, and the core sees none')
async def both(lab):
    alice, bob = await lab.pair(into={'security_client': NOTHING})
    out, into = await establish(alice, bob, Situation(BOTH))
    assert out.media.outcomes()[0] in (SDES, MIKEY), out.media.outcomes()
    await lab.talk(out, into)
    await hang_up(out, into)
    judge_legs(lab, out)


@scenario('keys between the two UEs pass untouched', agents=2, allow_e2e=True)
async def e2e(lab):
    alice, bob = await lab.pair()
    out, into = await establish(alice, bob, Situation(E2E))
    equal((out.media.outcomes(), into.media.outcomes()), ([E2E], [E2E]), 'keying')
    sent, got = (sdp.parse(lab.crypto_of(party, out=side)).media[0].attributes('crypto')
                 for party, side in (('alice', True), ('bob', False)))
    equal(got, sent, 'a=crypto')
    await lab.talk(out, into)
    await hang_up(out, into)


@scenario('what the agent need not change in a session description arrives octet by octet')
async def octets(lab):
    alice, bob = await lab.pair({'security_client': NOTHING}, {'security_client': NOTHING})
    strange = b'a=x-unknown:  1 2;3\r\na=curious\r\n'
    out = await offered(alice, bob.aor(), Situation(), lambda body: body.replace(b't=0 0\r\n', b't=0 0\r\n' + strange)
                        + b'a=ptime:20\r\na=x-last:\xc3\xa4\r\n')
    into = await bob.incoming()
    theirs, ours = into.request.body, out.request.body
    for line in ours.split(b'\r\n'):
        if not line.startswith((b'c=', b'm=', b'o=', b'a=rtcp:')):
            assert line in theirs.split(b'\r\n'), f'{line} did not arrive'
    into.reject(486)
    await refused(out, 486)


async def offered(ue, target, situation, change):
    """An INVITE whose offer is changed before it is sent."""
    start, calls = ue.send_proxy, []

    async def send(message, on_response=None):
        if message.method == 'INVITE':
            message.body = change(message.body)
            calls.append(message)
        return await start(message, on_response)
    ue.send_proxy = send
    try:
        return await ue.invite(target, situation)
    finally:
        ue.send_proxy = start


@scenario('a session description inside multipart/mixed is secured as well, and the other part is left alone')
async def multipart(lab):
    alice, bob = await lab.pair(into={'security_client': NOTHING})
    other = b'--x1\r\nContent-Type: text/plain\r\n\r\nsome  text\r\n'

    def wrap(body):
        return other + b'--x1\r\nContent-Type: application/sdp\r\n\r\n' + body + b'\r\n--x1--\r\n'
    start = alice.send_proxy

    async def send(message, on_response=None):
        if message.method == 'INVITE':
            message.body = wrap(message.body)
            message.set('Content-Type', 'multipart/mixed;boundary=x1')
        return await start(message, on_response)
    alice.send_proxy = send
    out = await alice.invite(bob.aor(), Situation(SDES))
    into = await bob.incoming()
    assert into.request.body.startswith(other), 'the first part'
    for word in (b'crypto', b'3ge2ae', b'SAVP'):
        assert word not in into.request.body, f'{word} reached the other side'
    into.reject(486)
    await refused(out, 486)


@scenario('ICE candidates are taken from lines that are anchored')
async def ice(lab):
    alice, bob = await lab.pair(into={'security_client': NOTHING})
    more = b'a=candidate:1 1 UDP 2130706431 192.0.2.7 8998 typ host\r\na=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuv\r\n'
    out = await offered(alice, bob.aor(), Situation(SDES), lambda body: body + more)
    into = await bob.incoming()
    assert b'candidate' not in into.request.body, 'candidates passed'
    into.reject(486)
    await refused(out, 486)


@scenario('media take ports of the gateway only, and different ones in each call', agents=2)
async def ports(lab):
    alice, bob = await lab.pair()
    calls = [await establish(alice, bob, Situation(SDES)) for _ in range(4)]
    seen = set()
    for out, into in calls:
        for call, place in ((out, lab.places[0]), (into, lab.places[1])):
            host, port = call.media.audio.remote
            equal(host, place.access, 'address that the UE sends to')
            assert port % 2 == 0 and 20000 <= port < 30000, port
            assert (host, port) not in seen, 'a port twice'
            seen.add((host, port))
    await until(lambda: len(lab.agents[0].streams()) == 4, 'four streams')
    await asyncio.gather(*(hang_up(out, into) for out, into in calls))


@scenario('ports rest for the quarantine; without any a call gets 503, which is counted', more={'quarantine': 2},
          access={'ports': '20000-20001'})
async def rest(lab):
    alice, bob = await lab.pair(into={'security_client': NOTHING})
    await hang_up(*await establish(alice, bob, Situation(SDES)))
    await refused(await alice.invite(bob.aor(), Situation(SDES)), 503)
    equal((await lab.agents[0].status())['ports-exhausted'], 1, 'ports-exhausted')
    await asyncio.sleep(2.2)
    await hang_up(*await establish(alice, bob, Situation(SDES)))


@scenario('a stream is there before the answer that lets the UE send is relayed')
async def in_time(lab):
    alice, bob = await lab.pair()
    out = await alice.invite(bob.aor(), Situation(SDES))
    into = await bob.incoming()
    found = []
    take = out.media.take_answer

    def taken(data):
        found.append(len(lab.agents[0].streams()))
        take(data)
    out.media.take_answer = taken
    await into.accept()
    await out.answered()
    await into.acknowledged()
    equal(found, [2], 'streams when the answer came: one for each passage')
    await hang_up(out, into)


if __name__ == '__main__':
    main()
