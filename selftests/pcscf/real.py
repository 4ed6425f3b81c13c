#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Calls with clients that are not ours.

baresip is a UE with SDES and an SRTP stack of its own. It knows neither AKA nor sec-agree, so a Python UE registers
for it, and hands it the gateway's requests octet by octet on the flow it registered: offers, keys and answers are
those of e2aed and baresip alone, and media go between the gateway and baresip directly.

As the one that calls, baresip registers by itself, with a password, through a Door that adds what it does not know to say.
"""
import asyncio
import contextlib

from baresip import DOOR_PORT, SIP_PORT, Baresip, Door, Front
from lab import LAB_SWITCH, MIKEY_ONLY, NOTHING, RECORDING, SDES_ONLY, T1, main, scenario, until
from lib.ktap import SLOW, equal
from peers.sip import sdp
from peers.sip.scenario import subscriber
from peers.sip.situation import MIKEY, PLAIN, SDES, Situation
from peers.sip.speech import payload

PLAYED, EXACT = 150, 40 * 160
WAIT_SECONDS = 15 * SLOW


async def front(lab):
    """A registered baresip at the last gateway: (it, its Front)."""
    place, who = lab.places[-1], subscriber('bob')
    lab.core.registrar.add(who)
    one = Front('bob', who, lab.proxy_of(place, 'udp'), place.ues[1], netns=place.ue_netns, ladder=lab.ladder, t1=T1,
                security_client=SDES_ONLY)
    lab.ues.append(one)
    await one.start()
    await one.register()
    phone = Baresip(lab.folder, place.ues[0], who.impi.partition('@')[0], place.ue_netns, RECORDING.speech)
    phone.start()
    one.behind = phone.host, SIP_PORT
    return phone, one


def common(part, whole, size=EXACT):
    """Whether so much of a part, from anywhere in it, is in the whole."""
    return any(part[at:at + size] in whole for at in range(0, len(part) - size + 1, 160))


async def media(lab, phone, out):
    """baresip hears what the caller plays, sample by sample, and the caller what baresip plays."""
    leg = out.media.audio
    sent = b''.join(payload(rtp) for rtp in await leg.play(RECORDING, PLAYED))
    assert await leg.wait_for(PLAYED, WAIT_SECONDS), f'baresip sent {len(leg.received)} packets'
    assert not leg.refused(), f'{len(leg.refused())} packets that do not open'
    heard = b''.join(payload(rtp) for rtp in leg.heard())
    assert common(heard, RECORDING.speech), 'the caller does not hear what baresip plays'
    return sent


def called(keying):
    async def work(lab):
        alice = await lab.ue('alice', kind='udp')
        phone, bob = await front(lab)
        try:
            out = await alice.invite(bob.aor(), Situation(keying))
            response = await out.answered(WAIT_SECONDS)
            equal((response.status, out.failure), (200, None), 'the answer')
            equal(out.media.outcomes(), [keying], 'keying of the caller')
            offers = [sdp.parse(r.body).media[0] for r in lab.core.seen('INVITE')]
            equal({m.profile for m in offers}, {'RTP/AVP'}, 'profiles at the core')
            assert b'a=3ge2ae:applied' in phone.log() and b'a=crypto:' in phone.log(), 'no SDES at baresip'
            sent = await media(lab, phone, out) if lab.world.kernel else None
            equal((await out.bye()).status, 200, 'BYE')
            await until(lambda: b'session closed' in phone.log() or b'terminated' in phone.log(), 'the end at baresip')
            await asyncio.sleep(0.2)
        except BaseException:
            shown(phone)
            raise
        finally:
            phone.stop()
        if sent:
            assert common(sent, phone.heard()), 'baresip does not hear what the caller plays'
    scenario(f'a UE with {keying} calls baresip, which has an SRTP stack of its own', agents=2, more=LAB_SWITCH,
             seconds=40)(work)


for one in (PLAIN, SDES, MIKEY):
    called(one)


async def caller(lab, security='srtp-mand', secure=True):
    """A baresip that has registered by itself at the first gateway: (it, its Door)."""
    place, who = lab.places[0], subscriber('alice')._replace(impi='alice@home1.net')
    lab.core.registrar.add(who)
    door = Door(place, place.ues[0], place.ues[1])
    door.secure = secure
    await door.start()
    account = f'auth_user={who.impi};auth_pass={who.k.hex()};outbound="sip:{door.host}:{DOOR_PORT}";regint=600'
    phone = Baresip(lab.folder, place.ues[0], 'alice', place.ue_netns, RECORDING.speech, account, security)
    try:
        phone.start()
        await until(lambda: b'200 OK' in phone.log(), 'the registration of baresip', WAIT_SECONDS)
    except BaseException:
        shown(phone)
        phone.stop()
        door.close()
        raise
    return phone, door


def shown(phone):
    """What baresip said, for whoever looks for the fault."""
    print(*(f'# {line}' for line in phone.log().decode(errors='replace').splitlines()[-80:]), sep='\n')


@contextlib.asynccontextmanager
async def calls(lab, **bob):
    """Baresip's call to Bob, who has not answered yet: (it, its Door, Bob's side of the call)."""
    lab.core.registrar.digest = True
    phone, door = await caller(lab)
    lab.core.registrar.digest = False
    try:
        bob = await lab.ue('bob', at=1, kind='udp', **bob)
        phone.tell('dial', bob.aor())
        into = await bob.incoming(WAIT_SECONDS)
        equal([sdp.parse(r.body).media[0].profile for r in lab.core.seen('INVITE')], ['RTP/AVP'], 'profiles at the core')
        yield phone, door, into
    except BaseException:
        shown(phone)
        raise
    finally:
        phone.stop()
        door.close()


async def answer(into):
    """Bob takes the call."""
    await into.ring(180)
    assert await into.accept(), into.failure
    await into.acknowledged(WAIT_SECONDS)


def calling(keying):
    async def work(lab):
        capable = {PLAIN: NOTHING, SDES: SDES_ONLY, MIKEY: MIKEY_ONLY}[keying]
        async with calls(lab, security_client=capable) as (phone, door, into):
            await answer(into)
            equal(into.media.outcomes(), [keying], 'keying of the called UE')
            answers = [d for d in door.seen if d.startswith(b'SIP/2.0 200') and b'a=crypto:' in d]
            assert answers and b'a=3ge2ae:applied' in answers[0], 'no SDES in the answer to baresip'
            sent = await media(lab, phone, into) if lab.world.kernel else None
            phone.tell('hangup')
            await into.ended(WAIT_SECONDS)
        if sent:
            assert common(sent, phone.heard()), 'baresip does not hear what the other plays'
    scenario(f'baresip registers by itself, with a password, and calls a UE with {keying}', agents=2, more=LAB_SWITCH,
             seconds=40)(work)


for one in (PLAIN, SDES, MIKEY):
    calling(one)


@scenario('baresip holds a call, resumes it, and media flow both ways again', agents=2, more=LAB_SWITCH, seconds=60)
async def hold(lab):
    async with calls(lab, security_client=MIKEY_ONLY) as (phone, _, into):
        await answer(into)
        for n, order in enumerate(('hold', 'resume')):
            phone.tell(order)
            await until(lambda n=n: len(lab.ladder.seen('bob', 'INVITE', out=False)) == n + 2, order, WAIT_SECONDS)
            await until(lambda n=n: len(lab.ladder.seen('bob', 'ACK', out=False)) == n + 2, f'ACK of {order}', WAIT_SECONDS)
        into.media.audio.received.clear()
        if lab.world.kernel:
            await media(lab, phone, into)
        equal((await into.bye()).status, 200, 'BYE')


@scenario('baresip gives up a call that rings', agents=2, more=LAB_SWITCH, seconds=40)
async def give_up(lab):
    async with calls(lab, security_client=SDES_ONLY) as (phone, door, into):
        await into.ring(180)
        await until(lambda: any(d.startswith(b'SIP/2.0 180') for d in door.seen), '180', WAIT_SECONDS)
        phone.tell('hangup')
        await into.ended(WAIT_SECONDS)
        await until(lambda: any(d.startswith(b'SIP/2.0 487') for d in door.seen), '487', WAIT_SECONDS)

if __name__ == '__main__':
    main()
