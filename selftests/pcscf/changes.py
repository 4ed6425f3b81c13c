#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Everything that happens to a call between its INVITE and its end."""
import asyncio
import re

from lab import MIKEY_ONLY, NOTHING, SDES_ONLY, LAB_SWITCH, main, refused, scenario, until
from lib.ktap import equal
from peers.sip import sdp
from peers.sip.dialog import with_body
from peers.sip.scenario import establish, hang_up
from peers.sip.scscf import settle
from peers.sip.situation import MIKEY, PLAIN, SDES, Situation

CALLEE = {'security_client': MIKEY_ONLY}


async def call(lab, keying=SDES, into=None, **more):
    """A call that is up; the called side has MIKEY."""
    alice, bob = await lab.pair(into={**CALLEE, **(into or {})})
    return await establish(alice, bob, Situation(keying), **more)


def directions(out, into):
    """Of the media at both ends."""
    return out.media.audio.direction, into.media.audio.direction


@scenario('hold and resume from either side, by re-INVITE and UPDATE, change both ends, and media flow again', agents=2)
async def hold(lab):
    out, into = await call(lab)
    for change, want in ((out.hold, ('sendonly', 'recvonly')), (into.hold, ('inactive', 'inactive')),
                         (into.resume, ('sendrecv', 'sendrecv')),
                         (lambda: into.update(direction='recvonly'), ('sendonly', 'recvonly')),
                         (out.update, ('sendrecv', 'sendrecv'))):
        equal((await change()).status, 200, 'answer')
        equal(directions(out, into), want, 'directions')
    await lab.talk(out, into)
    await hang_up(into, out)


@scenario('a re-INVITE with the same keys goes on with the same context, from either side, in each profile', agents=2)
async def again(lab):
    out, into = await call(lab)
    await lab.talk(out, into)
    for one in (out, into, out):
        before = one.media.audio.masters()
        equal((await one.reinvite()).status, 200, 'answer')
        if one is out:
            equal(one.media.audio.masters()[0][:4], before[0][:4], 'own key')
        await lab.talk(out, into)
    await hang_up(out, into)


@scenario('new keys from either side, by re-INVITE and by UPDATE, are used from then on', agents=2)
async def rekey(lab):
    out, into = await call(lab)
    await lab.talk(out, into)
    for one in (out, into):
        for change in (lambda one=one: one.reinvite(one.media.offer(rekey=True)), lambda one=one: one.update(rekey=True)):
            before = one.media.audio.masters()[0]
            equal((await change()).status, 200, 'answer')
            assert one.media.audio.masters()[0].key != before.key, 'the same key'
            await lab.talk(out, into)
    await hang_up(out, into)


@scenario('a UE that moves to another port takes its media along, from either side', agents=2)
async def move(lab):
    out, into = await call(lab)
    await lab.talk(out, into)
    for one in (out, into):
        port = one.media.audio.port
        equal((await one.reinvite(one.media.offer(rekey=True, move=True))).status, 200, 'answer')
        assert one.media.audio.port != port, 'the same port'
        await lab.talk(out, into)
    await hang_up(out, into)


@scenario('a plain call moves as well', agents=2)
async def plain_move(lab):
    out, into = await call(lab, PLAIN, {'security_client': NOTHING})
    await lab.talk(out, into)
    for one in (out, into):
        equal((await one.reinvite(one.media.offer(move=True))).status, 200, 'answer')
        await lab.talk(out, into)
    await hang_up(out, into)


@scenario('another codec passes, and the media go on', agents=2)
async def codec(lab):
    out, into = await call(lab)
    offer = out.media.offer().replace(b'SAVP 8 101', b'SAVP 0 8 101')
    offer = offer.replace(b'a=rtpmap:8', b'a=rtpmap:0 PCMU/8000\r\na=rtpmap:8')
    equal((await out.reinvite(offer)).status, 200, 'answer')
    assert b'rtpmap:0 PCMU' in into.requests[-1].body, 'the codec did not arrive'
    await lab.talk(out, into)
    await hang_up(out, into)


def answers_with(side, body):
    """The next offers to a side of a call are answered with a body of our own; returns what undoes it."""
    usual = side.media.answer
    side.media.answer = lambda _offer: body
    return lambda: setattr(side.media, 'answer', usual)


def image(host, port):
    """T.38."""
    return (f'v=0\r\no=- 1 9 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\nm=image {port} udptl t38\r\n'
            'a=T38FaxVersion:0\r\na=T38FaxUdpEC:t38UDPRedundancy\r\n').encode()


@scenario('a call turns from speech to fax (T.38), without keys then, and back', agents=2)
async def fax(lab):
    out, into = await call(lab)
    undo = answers_with(into, image(into.ue.host, 6002))
    take, out.media.take_answer = out.media.take_answer, lambda data: got.append(data)
    got = []
    equal((await out.reinvite(image(out.ue.host, 6000))).status, 200, 'answer')
    for body in (into.requests[-1].body, got[0]):
        one = sdp.parse(body).media[0]
        equal((one.kind, one.profile, one.attributes('crypto'), one.attributes('key-mgmt')),
              ('image', 'udptl', [], []), 'the image line')
        assert one.port, 'the image line was refused'
    undo()
    out.media.take_answer = take
    equal((await out.reinvite(out.media.offer(rekey=True))).status, 200, 'answer')
    await lab.talk(out, into)
    await hang_up(out, into)


@scenario('a call with audio and video secures both, one that takes audio only has one stream', agents=2)
async def several(lab):
    alice, bob = await lab.pair(into=CALLEE)
    situation = Situation(SDES, kinds=('audio', 'video'))
    out, into = await establish(alice, bob, situation)
    equal((out.media.outcomes(), into.media.outcomes()), (['sdes'] * 2, ['mikey'] * 2), 'keying')
    equal(len(lab.agents[0].streams()), 2, 'streams')
    await lab.talk(out, into)
    out.media.lines[1].active = False
    equal((await out.reinvite()).status, 200, 'a re-INVITE without video')
    await until(lambda: all(len(agent.streams()) == 1 for agent in lab.agents), 'one stream left')
    await lab.talk(out, into)
    await hang_up(out, into)


@scenario('a line that the called side refuses with port 0 has no stream and no keys', agents=2)
async def port_zero(lab):
    alice, bob = await lab.pair(into=CALLEE)
    out = await alice.invite(bob.aor(), Situation(SDES, kinds=('audio', 'video')))
    into = await bob.incoming()
    usual = into.media.answer

    def without_video(offer):
        body = usual(offer)
        head, _, _ = body.partition(b'm=video')
        return head + b'm=video 0 RTP/SAVP 96\r\n'
    into.media.answer = without_video
    assert await into.accept(), into.failure
    equal((await out.answered()).status, 200, 'answer')
    await into.acknowledged()
    assert not out.failure and not out.media.lines[1].active, out.failure
    await until(lambda: all(len(agent.streams()) == 1 for agent in lab.agents), 'one stream')
    await lab.talk(out, into)
    await hang_up(out, into)


@scenario('a reliable 183 with the answer lets media flow before the 200, after its PRACK; UPDATE works in between', agents=2)
async def prack(lab):
    alice, bob = await lab.pair(into=CALLEE)
    out = await alice.invite(bob.aor(), Situation(SDES))
    into = await bob.incoming()
    assert await into.ring(183, reliable=True, answer=True), into.failure
    await lab.talk(out, into)
    equal((await out.update(rekey=True)).status, 200, 'UPDATE before the 200')
    await lab.talk(out, into)
    assert await into.ring(180, reliable=True)
    assert await into.accept()
    equal((await out.answered()).status, 200, 'answer')
    await into.acknowledged()
    equal(len(lab.core.seen('PRACK')), 2, 'PRACKs')
    await lab.talk(out, into)
    await hang_up(out, into)


@scenario('an offer in PRACK is secured like any other', agents=2)
async def prack_offer(lab):
    alice, bob = await lab.pair(into=CALLEE)
    out = await alice.invite(bob.aor(), Situation(SDES))
    into = await bob.incoming()
    described, once = out._described, []

    def with_offer(response, tag):
        if once:        # the 183 is repeated until its PRACK arrives
            return None, b''
        once.append(response)
        failure, _ = described(response, tag)
        return failure, out.media.offer(rekey=True)
    out._described = with_offer
    prack_it = out._prack_it

    async def prack_and_take(dialog, response, answer):
        message = dialog.request('PRACK', answer)
        message.add('RAck', f'{response.get("RSeq")} {response.get("CSeq")}')
        got = await alice.ask_proxy(out._dress(message))
        out.media.take_answer(got.body)
    out._prack_it = prack_and_take
    assert await into.ring(183, reliable=True, answer=True), into.failure
    await until(lambda: not out.media.pending, 'the answer to PRACK')
    out._described, out._prack_it = described, prack_it
    await lab.talk(out, into)
    assert await into.accept()
    await out.answered()
    await into.acknowledged()
    await hang_up(out, into)


def late(keying, capable, reliable):
    async def work(lab):
        alice, bob = await lab.pair({'security_client': SDES_ONLY}, {'security_client': capable,
                                                                     'situation': Situation(keying)})
        out = await alice.invite(bob.aor(), with_offer=False)
        into = await bob.incoming()
        if reliable:
            assert await into.ring(183, reliable=True, answer=True), into.failure
            await lab.talk(out, into)
        assert await into.accept(), into.failure
        equal((await out.answered()).status, 200, 'answer')
        await into.acknowledged()
        assert not out.failure and not into.failure, out.failure or into.failure
        equal((out.media.outcomes(), into.media.outcomes()), ([SDES], [keying]), 'keying')
        await lab.talk(out, into)
        await hang_up(out, into)
    where = 'a reliable 183, answered in PRACK' if reliable else 'the 200, answered in ACK'
    scenario(f'a late offer with {keying} comes in {where}', agents=2)(work)


for kind, can in ((PLAIN, NOTHING), (SDES, SDES_ONLY), (MIKEY, MIKEY_ONLY)):
    late(kind, can, False)
late(SDES, SDES_ONLY, True)


@scenario('a re-INVITE without an offer is answered with one, and the media go on', agents=2)
async def empty(lab):
    out, into = await call(lab, SDES, {'security_client': SDES_ONLY, 'situation': Situation(SDES)})
    message = out._dress(out.dialog.request('INVITE'))
    acked = []

    def responded(response):
        if response.status == 200 and not acked:
            acked.append(out.media.answer(response.body))
            out._acknowledge(message.cseq[0], acked[0])
    transaction = await out.ue.send_proxy(message, responded)
    equal((await asyncio.wait_for(transaction.done, 5)).status, 200, 'answer')
    await until(lambda: not into.media.pending, 'the answer in ACK')
    assert not into.failure, into.failure
    await lab.talk(out, into)
    await hang_up(out, into)


@scenario('CANCEL while it rings ends the call with 487 at both ends', agents=2)
async def cancel(lab):
    alice, bob = await lab.pair()
    for reliable in (False, True):
        out = await alice.invite(bob.aor(), Situation(SDES))
        into = await bob.incoming()
        await into.ring(183 if reliable else 180, reliable=reliable, answer=reliable)
        await out.provisional(183 if reliable else 180)
        out.cancel()
        await refused(out, 487)
        await into.ended()
        equal(into.failure, 'cancelled', 'reason')
        await lab.idle()


@scenario('a 200 that crosses a CANCEL is a call, which the caller ends')
async def crossing(lab):
    alice, bob = await lab.pair()
    out = await alice.invite(bob.aor(), Situation(SDES))
    into = await bob.incoming()
    await into.ring()
    await out.provisional(180)
    into.transaction.on_cancel = lambda: None
    out.cancel()
    await into.accept()
    equal((await out.answered()).status, 200, 'answer')
    await into.acknowledged()
    await hang_up(out, into)


@scenario('refusals of every class reach the caller as they are, and leave nothing', agents=2)
async def refusals(lab):
    alice, bob = await lab.pair()
    for status in (302, 403, 404, 408, 415, 480, 484, 486, 500, 503, 600, 603):
        out = await alice.invite(bob.aor(), Situation(SDES))
        into = await bob.incoming()
        await into.ring()
        into.reject(status, [('X-Why', 'because'), *([('Contact', '<sip:c@d.example>')] if status == 302 else [])])
        response = await refused(out, (status, 500) if status == 503 else status)
        equal(response.get('X-Why'), 'because' if response.status == status else None, f'{status}: a header field')
        await lab.idle()


@scenario('a re-offer that is refused with 488 leaves the media as they were, from either side', agents=2)
async def roll_back(lab):
    out, into = await call(lab)
    await lab.talk(out, into)
    for one, other in ((out, into), (into, out)):
        for change in (one.hold, lambda one=one: one.reinvite(one.media.offer(rekey=False)), one.update):
            other.refuse_offers = 488
            equal((await change()).status, 488, 'answer')
            for side in (one, other):
                side.media.audio.direction = 'sendrecv'
            await lab.talk(out, into)
        other.refuse_offers = None
        equal((await one.resume()).status, 200, 'a later re-INVITE')
        await lab.talk(out, into)
    await hang_up(out, into)


@scenario('a call rings at several UEs; one takes it, the others are cancelled, and early media of each work', agents=2)
async def forking(lab):
    alice, bob = await lab.pair(into=CALLEE)
    carol = await lab.ue('carol', at=1, security_client=SDES_ONLY)
    dave = await lab.ue('dave', at=1, security_client=NOTHING)
    lab.core.forks['sip:team@home1.net'] = [ue.aor() for ue in (bob, carol, dave)]
    for winner in range(3):
        out = await alice.invite('sip:team@home1.net', Situation(SDES))
        forks = [await ue.incoming() for ue in (bob, carol, dave)]
        for fork in forks:
            await fork.ring(180)
        await until(lambda out=out: len(out.forks) == 3, 'three early dialogs')
        assert await forks[winner].accept(), forks[winner].failure
        equal((await out.answered()).status, 200, 'answer')
        await forks[winner].acknowledged()
        for fork in forks:
            if fork is not forks[winner]:
                await fork.ended()
        await lab.talk(out, forks[winner])
        await hang_up(out, forks[winner])
        await lab.idle()


@scenario('when two UEs take a call, the caller ends the second, and the first goes on', agents=2)
async def two_answers(lab):
    alice, bob = await lab.pair(into=CALLEE)
    carol = await lab.ue('carol', at=1)
    lab.core.forks['sip:team@home1.net'] = [bob.aor(), carol.aor()]
    out = await alice.invite('sip:team@home1.net', Situation(SDES))
    both = [await bob.incoming(), await carol.incoming()]
    assert all([await one.accept() for one in both])
    await out.answered()
    await asyncio.wait({asyncio.create_task(one.ended()) for one in both}, return_when=asyncio.FIRST_COMPLETED, timeout=5)
    equal(sorted(one.state for one in both), ['over', 'up'], 'forks')
    left = next(one for one in both if one.state == 'up')
    await lab.talk(out, left)
    await hang_up(out, left)


@scenario('requests and responses that are lost are repeated, and a 200 until its ACK', kind='udp', more=LAB_SWITCH, seconds=40)
async def lost(lab):
    alice, bob = await lab.pair()
    for party, what in ((lab.core, 'INVITE'), (bob, 'INVITE'), (alice, 200), (lab.core, 'ACK'), (bob, 'ACK'), (lab.core, 200)):
        lose(party, what)
        out, into = await establish(alice, bob, Situation(SDES))
        lose(party, 'BYE')
        await hang_up(out, into)
        await settle(0.3)
        equal([r.method for r in into.requests], ['BYE'], f'{what} was lost: requests at bob')


def lose(party, what):
    """Lets a party lose the first message of a method or status that comes."""
    receive, left = party.received, [1]

    def received(message, flow):
        if what in (message.method, message.status) and left[0]:
            left[0] -= 1
            party.received = receive
        else:
            receive(message, flow)
    party.received = received


@scenario('a called UE that is silent gets the caller a 408 or 480', kind='udp', more=LAB_SWITCH)
async def silent(lab):
    alice, bob = await lab.pair()
    bob.received = lambda message, flow: None
    out = await alice.invite(bob.aor(), Situation(SDES))
    response = await out.answered(15)
    assert response.status in (408, 480, 500, 503, 504), response.status


@scenario('session timers pass: Session-Expires, Min-SE, 422 and the refresher', agents=2)
async def timers(lab):
    alice, bob = await lab.pair()
    out = await alice.invite(bob.aor(), Situation(SDES), headers=[('Session-Expires', '90'), ('Min-SE', '90')])
    into = await bob.incoming()
    equal((into.request.get('Session-Expires', '').partition(';')[0], into.request.get('Min-SE')), ('90', '90'), 'INVITE')
    into.reject(422, [('Min-SE', '1800')])
    equal((await refused(out, 422)).get('Min-SE'), '1800', 'Min-SE')
    out = await alice.invite(bob.aor(), Situation(SDES), headers=[('Session-Expires', '1800')])
    into = await bob.incoming()
    respond, into._respond = into._respond, lambda *args, **kw: respond(
        *args[:3], headers=[('Session-Expires', '1800;refresher=uac'), ('Require', 'timer')])
    assert await into.accept()
    equal((await out.answered()).get('Session-Expires'), '1800;refresher=uac', 'answer')
    await into.acknowledged()
    equal((await out.ask('UPDATE', headers=[('Session-Expires', '1800;refresher=uac')])).status, 200, 'a refresh')
    await hang_up(out, into)


@scenario('a call whose media stop on both sides is ended by the agent with BYE both ways', agents=2, kernel=True,
          more={'media-timeout': 2, 'end-silent': True})
async def silence(lab):
    out, into = await call(lab)
    await lab.talk(out, into)
    await asyncio.gather(out.ended(12), into.ended(12))
    equal([r.method for r in (*out.requests, *into.requests)], ['BYE', 'BYE'], 'requests at the ends')


@scenario('silence on hold is no death, and silence is none where the operator says so', agents=2, kernel=True,
          more={'media-timeout': 2})
async def held(lab):
    out, into = await call(lab)
    await lab.talk(out, into)
    await out.hold()
    await settle(5)
    equal((out.state, into.state), ('up', 'up'), 'states')
    await out.resume()
    await lab.talk(out, into)
    await hang_up(out, into)


@scenario('a UE that vanishes in a call is hung up for, and nothing is left')
async def vanished(lab):
    out, into = await call(lab)
    out.ue.flow.writer.close()
    await into.ended()
    out.finish()


@scenario('re-INVITEs that cross get 491 and the call goes on')
async def glare(lab):
    out, into = await call(lab)
    both = await asyncio.gather(out.reinvite(), into.reinvite(), return_exceptions=True)
    statuses = [one.status for one in both]
    assert all(status in (200, 491, 500) for status in statuses), statuses
    await settle(0.1)
    equal((await out.reinvite()).status, 200, 'a later one')
    await lab.talk(out, into)
    await hang_up(out, into)


@scenario('BYE from both sides at once ends the call once')
async def two_byes(lab):
    out, into = await call(lab)
    both = await asyncio.gather(out.ask('BYE'), into.ask('BYE'))
    assert all(one.status in (200, 481) for one in both), [one.status for one in both]
    for one in (out, into):
        one.finish()


@scenario('INFO, MESSAGE, REFER and unknown methods pass in a dialog, with bodies as they are')
async def inside(lab):
    out, into = await call(lab)
    for method in ('INFO', 'MESSAGE', 'REFER', 'OPTIONS', 'STRANGE'):
        for one, other in ((out, into), (into, out)):
            message = with_body(one.dialog.request(method), b'\x00\x01 body \xff', 'application/x-any')
            equal((await one.ue.ask_proxy(one._dress(message))).status, 200, method)
            equal(other.requests[-1].body, b'\x00\x01 body \xff', f'body of {method}')
    await hang_up(out, into)


@scenario('a request in no dialog of ours gets 481 from the other end, and leaves nothing')
async def strays(lab):
    out, into = await call(lab)
    right = out.dialog.remote
    out.dialog.remote = re.sub('tag=.*', 'tag=gone', right)
    response = await out.ask('BYE')
    equal(response.status, 481, 'BYE with another tag')
    out.dialog.remote = right
    await lab.talk(out, into)
    await hang_up(out, into)
    equal((await out.ask('BYE')).status, 481, 'a second BYE')


if __name__ == '__main__':
    main()
