#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""No key of a UE reaches the core, in whatever body of whatever message. The core's inspector judges each scenario."""
import os
from dataclasses import replace

from lab import MIKEY_ONLY, NOTHING, SDES_ONLY, main, refused, scenario, until
from hand import asked
from lib.ktap import equal
from peers.sip import sdp
from peers.sip.dialog import with_body
from peers.sip.inspect import Inspector
from peers.sip.scenario import establish, hang_up
from peers.sip.sipmsg import Message, response_to
from peers.sip.situation import MIKEY, PLAIN, SDES, Situation

KEY = b'AES_CM_128_HMAC_SHA1_80 inline:' + b'QUJD' * 10
LINES = (b'a=crypto:1 ' + KEY, b'a=CRYPTO:1 ' + KEY, b'a = Crypto :1 ' + KEY, b'a=3GE2AE:requested', b'a=Key-Mgmt:mikey AQAF',
         b'a=acap:1 crypto:1 ' + KEY, b'k=clear:secret', b'K = Base64 :QUJD', b' k=uri:https://192.0.2.1/key',
         b'k=x-new.method:secret')
# Octets of no text have such lines by chance: one in four hundred of 30,000 octets, if any "k=" with a colon counted.
CHANCE = b'GIF89a\xff\nk=\x80\xfe:\x01\rK=\x00abc:\nk=:\nk=ab:\n' + bytes(range(256))
OTHERS = (('text/plain', b'I like a=b and crypto: both\r\n'), ('image/gif', CHANCE))
KINDS = (sdp.TYPE, 'Application/SDP;x=y', 'text/plain', 'application/x-any', 'message/sipfrag', 'multipart/mixed;boundary=b')


def bodies():
    """(type, body) with something that may not reach the core."""
    for n, line in enumerate(LINES):
        kind = KINDS[n % len(KINDS)]
        body = b'v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\nm=audio 0 RTP/SAVP 8\r\n' + line + b'\r\n'
        if kind.startswith('multipart'):
            body = b'--b\r\nContent-Type: text/x\r\n\r\n' + body + b'\r\n--b--\r\n'
        yield kind, body
    yield 'text/plain', b'first\n' + LINES[0]


def says(side, body, kind, status=200):
    """A side answers requests with a body; returns what undoes it."""
    usual = side.handle

    def handle(transaction):
        if transaction.request.method == 'BYE':
            usual(transaction)
        else:
            transaction.respond(with_body(response_to(transaction.request, status, tag=transaction.tag), body, kind))
    side.handle = handle
    return lambda: setattr(side, 'handle', usual)


@scenario('the inspector of these scenarios sees a key in each of their bodies')
async def judge(_lab):
    for kind, body in bodies():
        inspector = Inspector()
        inspector.look(with_body(Message('INFO', 'sip:x@y'), body, kind))
        assert inspector.findings, (kind, body)
    await _lab.ue('alice')


@scenario('a call with audio and video loses its video: port 0 has neither keys nor SAVP in the core', agents=2)
async def dead_lines(lab):
    for keying, capable in ((SDES, SDES_ONLY), (MIKEY, MIKEY_ONLY)):
        out, into = await establish(await lab.ue('alice' + keying), await lab.ue('bob' + keying, at=1, security_client=capable),
                                    Situation(keying, kinds=('audio', 'video')))
        for one, other in ((out, into), (into, out)):
            one.media.lines[1].active = False
            equal((await one.reinvite()).status, 200, 'a re-INVITE without video')
            await until(lambda: all(len(agent.streams()) == 1 for agent in lab.agents), 'one stream left')
            await lab.talk(out, into)
            assert not other.failure, other.failure
            for line in (out.media.lines[1], into.media.lines[1]):
                line.active = True
            equal((await one.reinvite(one.media.offer(rekey=True))).status, 200, 'a re-INVITE with video')
            await until(lambda: all(len(agent.streams()) == 2 for agent in lab.agents), 'two streams')
        await hang_up(out, into)
        await lab.idle()


@scenario('requests in a dialog, and their responses, take no keys to the core')
async def in_dialog(lab):
    alice, bob = await lab.pair()
    out, into = await establish(alice, bob, Situation(SDES))
    for kind, body in bodies():
        for one, other in ((out, into), (into, out)):
            undo = says(other, body, kind)
            for method in ('INFO', 'MESSAGE', 'REFER', 'OPTIONS', 'STRANGE'):
                message = with_body(one.dialog.request(method), body, kind)
                equal((await one.ue.ask_proxy(one._dress(message))).status, 200, method)
            undo()
    await hang_up(out, into)


@scenario('BYE and its response take no keys to the core')
async def bye(lab):
    alice, bob = await lab.pair()
    for kind, body in bodies():
        out, into = await establish(alice, bob, Situation(SDES))
        into._bye = lambda transaction, into=into, kind=kind, body=body: (
            transaction.respond(with_body(response_to(transaction.request, 200), body, kind)), into.finish())
        equal((await alice.ask_proxy(out._dress(with_body(out.dialog.request('BYE'), body, kind)))).status, 200, 'BYE')
        out.finish()
        await into.ended()
        await lab.idle()


@scenario('refusals take no keys to the core: of an INVITE, a re-INVITE and an UPDATE')
async def refusals(lab):
    alice, bob = await lab.pair()
    for kind, body in bodies():
        out = await alice.invite(bob.aor(), Situation(SDES))
        into = await bob.incoming()
        into.transaction.respond(with_body(response_to(into.request, 488, tag=into.transaction.tag), body, kind))
        equal(len((await refused(out, 488)).body), 0, 'the body that reached the caller')
    out, into = await establish(alice, bob, Situation(SDES))
    for kind, body in bodies():
        for one, other in ((out, into), (into, out)):
            undo = says(other, body, kind, 488)
            equal([(await change()).status for change in (one.reinvite, one.update)], [488, 488], 'answers')
            undo()
    await hang_up(out, into)


@scenario('an INVITE whose body is no offer, or hides one beside it, takes no keys to the core')
async def no_offer(lab):
    alice, bob = await lab.pair()
    for kind, body in bodies():
        if kind.lower().startswith(sdp.TYPE):
            continue
        out = await asked_with(alice, bob, lambda _offer, body=body, kind=kind: (body, kind))
        into = await bob.incoming()
        into.reject(486)
        await refused(out, 486)

    def beside(offer):
        parts = (b'--b\r\nContent-Type: ' + one + b'\r\n\r\n' + text + b'\r\n'
                 for one, text in ((b'application/sdp', offer), (b'text/plain', LINES[0])))
        return b''.join(parts) + b'--b--\r\n', 'multipart/mixed;boundary=b'
    await refused(await asked_with(alice, bob, beside), 488)
    await refused(await asked_with(alice, bob, lambda offer: (offer, None)), (400, 488))


async def asked_with(ue, callee, make):
    """An INVITE whose body and type are made of the offer."""
    usual = ue.dress

    def dress(message):
        message = usual(message)
        if message.method == 'INVITE':
            message.body, kind = make(message.body)
            message.remove('Content-Type')
            if kind:
                message.add('Content-Type', kind)
        return message
    ue.dress = dress
    try:
        return await ue.invite(callee.aor(), Situation(SDES))
    finally:
        ue.dress = usual


@scenario('requests outside calls, and the responses to them, take no keys to the core, and other bodies stay')
async def outside(lab):
    alice, bob = await lab.pair()
    for kind, body in (*bodies(), *OTHERS):
        for method in ('MESSAGE', 'OPTIONS', 'PUBLISH'):
            undo = says(bob, body, kind)
            message = Message(method, bob.aor())
            for name, value in (('From', f'<{alice.impu}>;tag=1'), ('To', f'<{bob.aor()}>'), ('Max-Forwards', 70),
                                ('Call-ID', os.urandom(8).hex()), ('CSeq', f'1 {method}')):
                message.add(name, value)
            response = await alice.ask_proxy(alice.dress(with_body(message, body, kind)))
            undo()
            want = body if (kind, body) in OTHERS else b''
            equal((response.status, response.body), (200, want), f'{method} {kind}')
            equal(lab.ladder.seen('bob', method, out=False)[-1].body, want, f'what arrived of {method} {kind}')


@scenario("an error message of MIKEY goes to a UE, not to the core, though the core's caller is refused", clean=True)
async def error_message(lab):
    alice, bob = await lab.pair({'security_client': NOTHING}, {
        'security_client': MIKEY_ONLY, 'situation': Situation(MIKEY, wrong=frozenset(('mac',)))})
    out = await alice.invite(bob.aor(), with_offer=False)
    into = await bob.incoming()
    await into.accept()
    response = await refused(out, 488)
    equal((response.body, bool(response.all('Warning'))), (b'', True), 'what the caller is told')
    await into.ended()
    bob.situation = replace(bob.situation, wrong=frozenset())
    alice.situation = Situation(PLAIN)
    out, into = await establish(alice, bob, Situation(PLAIN))
    await hang_up(out, into)


@scenario('of a body with several parts those with keys go, the others arrive octet by octet')
async def parts(lab):
    alice, bob = await lab.pair()
    out, into = await establish(alice, bob, Situation(SDES))
    text, xml = b'--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n', b'--b\r\nContent-Type: application/xml\r\n\r\n<x/>\r\n'
    kind = 'multipart/mixed;boundary=b'
    for _, body in bodies():
        bad = b'--b\r\nContent-Type: text/x\r\n\r\n' + (body if not body.startswith(b'--b') else body[4:-6]) + b'\r\n'
        for sent, left in (([text, bad, xml], [text, xml]), ([bad, text, bad], [text]), ([bad, bad], [])):
            want = b''.join(left) + b'--b--\r\n' if left else b''
            message = with_body(out.dialog.request('INFO'), b''.join(sent) + b'--b--\r\n', kind)
            equal((await alice.ask_proxy(out._dress(message))).status, 200, 'INFO')
            equal((into.requests[-1].body, into.requests[-1].get('Content-Type')), (want, kind if left else None), 'what arrived')
            message = with_body(asked(alice, 'MESSAGE', bob.aor(), *alice.initial_routes()), b''.join(sent) + b'--b--\r\n', kind)
            equal((await alice.ask_proxy(message)).status, 200, 'MESSAGE')
            equal(lab.ladder.seen('bob', 'MESSAGE', out=False)[-1].body, want, 'what arrived')
    # Some between the parts, and a multipart whose parts belong together.
    for kind, body in ((kind, LINES[0] + b'\r\n' + text + b'--b--\r\n'),
                       ('multipart/related;boundary=b', text + bad + b'--b--\r\n')):
        message = with_body(out.dialog.request('INFO'), body, kind)
        equal((await alice.ask_proxy(out._dress(message))).status, 200, 'INFO')
        equal(into.requests[-1].body, b'', f'what arrived of {kind}')
    await hang_up(out, into)


@scenario('REGISTER and its responses have no keys in a body')
async def registers(lab):
    alice = await lab.ue('alice', register=False)
    for kind, body in bodies():
        request = with_body(alice.registration._request(600), body, kind)
        equal((await alice.ask_proxy(request)).status, 401, 'REGISTER')
        equal(lab.core.seen('REGISTER')[-1].body, b'', f'a body of {kind} with keys')
        back = says(lab.core, body, kind, 403)
        response = await alice.ask_proxy(alice.registration._request(600))
        equal((response.status, response.body), (403, b''), f'a body of {kind} with keys to the UE')
        back()
    request = with_body(alice.registration._request(600), b'<x/>', 'application/xml')
    await alice.ask_proxy(request)
    equal(lab.core.seen('REGISTER')[-1].body, b'<x/>', 'a body without')
    await alice.register()


if __name__ == '__main__':
    main()
