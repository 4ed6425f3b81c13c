#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Real media, both ways, after each thing that may happen to a call: SRTP of the Python oracle on both access legs."""
import asyncio

from lab import MIKEY_ONLY, RECORDING, SDES_ONLY, main, scenario, until
from lib.ktap import equal
from peers.sip.media import assert_same_speech
from peers.sip.scenario import establish, hang_up
from peers.sip.scscf import settle
from peers.sip.situation import MIKEY, SDES, Situation
from wiretap import reads_like_libsrtp

COUNT = 10
GCM, AES80 = 'AEAD_AES_128_GCM', 'AES_CM_128_HMAC_SHA1_80'


async def call(lab, keying=SDES, capable=MIKEY_ONLY, **more):
    """A call that is up, keyed in another way at each end."""
    alice, bob = await lab.pair(into={'security_client': capable})
    return await establish(alice, bob, Situation(keying, **more))


async def lines_talk(out, into, count=COUNT):
    """Every line that both have in use is heard at the other end, both ways."""
    for one, other in zip(out.media.lines, into.media.lines):
        if not one.active:
            continue
        legs = one.leg, other.leg
        start = [len(leg.heard()) for leg in legs]
        sent = await asyncio.gather(*(leg.play(RECORDING, count) for leg in legs))
        for n, leg in enumerate(legs):
            await leg.wait_for(start[n] + count)
            assert_same_speech(leg.heard()[start[n]:], sent[1 - n])


@scenario('re-offers that are refused, with and without new keys and ports, between others that are not: media flow after each',
          agents=2, kernel=True, seconds=60)
async def roll_backs(lab):
    for keying, capable in ((SDES, MIKEY_ONLY), (MIKEY, SDES_ONLY)):
        alice = await lab.ue('alice' + keying)
        bob = await lab.ue('bob' + keying, at=1, security_client=capable)
        out, into = await establish(alice, bob, Situation(keying))
        for one, other in ((out, into), (into, out)):
            for refuse, how in ((1, {}), (0, {'rekey': True}), (1, {'rekey': True}), (1, {}), (0, {'rekey': True, 'move': True}),
                                (1, {'direction': 'sendonly'}), (0, {})):
                other.refuse_offers = 488 if refuse else None
                held = one.media.audio.direction
                equal((await one.reinvite(one.media.offer(**how))).status, 488 if refuse else 200, f'{how}')
                other.refuse_offers = None
                if refuse:
                    one.media.audio.direction = other.media.audio.direction = held
                await lab.talk(out, into)
        await hang_up(out, into)
        await lab.idle()


@scenario('every way to hold, the old one with 0.0.0.0 too, ends with media both ways', agents=2, kernel=True, seconds=60)
async def holds(lab):
    out, into = await call(lab)
    await lab.talk(out, into)
    for one, other in ((out, into), (into, out)):
        for direction in ('sendonly', 'recvonly', 'inactive'):
            equal((await one.reinvite(one.media.offer(direction))).status, 200, direction)
            equal((await one.reinvite(one.media.offer())).status, 200, 'resume')
            await lab.talk(out, into)
        offer = one.media.offer().replace(b'c=IN IP4 ' + one.ue.host.encode(), b'c=IN IP4 0.0.0.0')
        remote = other.media.audio.remote, other.media.audio.remote_rtcp
        equal((await one.reinvite(offer)).status, 200, 'c=0.0.0.0')
        other.media.audio.remote, other.media.audio.remote_rtcp = remote
        equal((await one.reinvite(one.media.offer())).status, 200, 'resume')
        await lab.talk(out, into)
    await hang_up(out, into)


@scenario('video comes and goes in a call, and each line has its own keys and its own media', agents=2, kernel=True, seconds=60)
async def video(lab):
    out, into = await call(lab)
    await lines_talk(out, into)
    out.media.situation = Situation(SDES, kinds=('audio', 'video'))
    for _ in range(2):
        equal((await out.reinvite(out.media.offer(rekey=True))).status, 200, 'with video')
        equal([line.active for line in (*out.media.lines, *into.media.lines)], [True] * 4, 'lines')
        await lines_talk(out, into)
        masters = [line.leg.masters()[n].key for side in (out, into) for line in side.media.lines for n in (0, 1)]
        equal(len(set(masters)), 8, 'different keys')
        out.media.lines[1].active = False
        equal((await out.reinvite()).status, 200, 'without video')
        await until(lambda: all(len(agent.streams()) == 1 for agent in lab.agents), 'one stream')
        await lines_talk(out, into)
        out.media.lines[1].active = into.media.lines[1].active = True
    await hang_up(out, into)


@scenario('other suites at the two ends, after forking too: libsrtp2 reads both legs', agents=2, kernel=True, seconds=60,
          policies=[{'suites': [GCM, AES80]}])
async def suites(lab):
    alice, bob = await lab.pair({'security_client': SDES_ONLY}, {'security_client': SDES_ONLY,
                                                                'situation': Situation(suites=(AES80,))})
    carol = await lab.ue('carol', at=1, security_client=SDES_ONLY, situation=Situation(suites=(GCM,)))
    lab.core.forks['sip:team@home1.net'] = [ue.aor() for ue in (bob, carol)]
    for winner in (0, 1):
        out = await alice.invite('sip:team@home1.net', Situation(SDES, suites=(GCM,)))
        forks = [await ue.incoming() for ue in (bob, carol)]
        for fork in forks:
            assert await fork.ring(183, reliable=True, answer=True), fork.failure
            await until(lambda out=out: not out.media.pending, 'an answer')
        assert await forks[winner].accept(), forks[winner].failure
        equal((await out.answered()).status, 200, 'answer')
        await forks[winner].acknowledged()
        await lab.talk(out, forks[winner])
        equal(forks[winner].media.audio.masters()[0].suite, (AES80, GCM)[winner], 'suite')
        reads_like_libsrtp(forks[winner])
        await hang_up(out, forks[winner])
        await lab.idle()


@scenario('digits (RFC 4733), comfort noise and feedback pass with the speech', agents=2, kernel=True)
async def others(lab):
    out, into = await call(lab)
    await lab.talk(out, into)
    for one, other in ((out, into), (into, out)):
        leg, heard = one.media.audio, len(other.media.audio.heard())
        wanted = []
        for kind, body in ((101, b'\x05\x0a\x00\xa0'), (101, b'\x05\x8a\x03\x20'), (13, b'\x40')):
            wanted.append(bytes((0x80, kind)) + leg.seq.to_bytes(2, 'big') + bytes(4) + leg.ssrc.to_bytes(4, 'big') + body)
            leg.seq = (leg.seq + 1) & 0xffff
            leg.send(wanted[-1])
        await other.media.audio.wait_for(heard + 3)
        equal(other.media.audio.heard()[heard:], wanted, 'packets')
        reports = len(other.media.audio.received_rtcp)
        nack = bytes((0x81, 205, 0, 3)) + leg.ssrc.to_bytes(4, 'big') + other.media.audio.ssrc.to_bytes(4, 'big') + b'\0\1\0\0'
        leg.send_rtcp(nack)
        assert await other.media.audio.wait_for(reports + 1, rtcp=True), 'no feedback came'
        equal(other.media.audio.received_rtcp[-1].plain, nack, 'feedback')
    await lab.talk(out, into)
    await hang_up(out, into)


def short_lived(ue):
    """The keys that a UE declares last for 32 packets; returns what undoes it."""
    usual = ue.dress

    def dress(message):
        message = usual(message)
        message.body = message.body.replace(b'\r\na=3ge2ae', b'|2^5\r\na=3ge2ae')
        return message
    ue.dress = dress
    return lambda: setattr(ue, 'dress', usual)


@scenario('a key whose lifetime is over ends the call, after a word in the log in good time', agents=2, kernel=True)
async def lifetime(lab):
    alice, bob = await lab.pair(into={'security_client': MIKEY_ONLY})
    undo = short_lived(alice)
    out, into = await establish(alice, bob, Situation(SDES))
    undo()
    found = [sa for sa in lab.agents[0].sas() if 32 in sa.values()]
    assert found, f'no SA ends after 32 packets: {lab.agents[0].sas()}'
    await out.media.audio.play(RECORDING, 29)
    await until(lambda: b'limit=soft' in lab.agents[0].log(), 'the soft limit')
    equal((out.state, into.state), ('up', 'up'), 'states')
    await out.media.audio.play(RECORDING, 8)
    await asyncio.gather(out.ended(8), into.ended(8))
    assert b'way=in limit=hard' in lab.agents[0].log(), 'the hard limit is not in the log'
    assert len(into.media.audio.heard()) <= 32, 'more packets than the key may protect'


@scenario('a new key in time sets a lifetime back, and the call goes on', agents=2, kernel=True)
async def renewed(lab):
    alice, bob = await lab.pair(into={'security_client': MIKEY_ONLY})
    undo = short_lived(alice)
    out, into = await establish(alice, bob, Situation(SDES))
    for _ in range(3):
        await lab.talk(out, into, 25)
        equal((await out.reinvite(out.media.offer(rekey=True))).status, 200, 'a new key')
    undo()
    await lab.talk(out, into, 25)
    await hang_up(out, into)


@scenario('forks of one MIKEY offer with the same SSRC: no index to the UE is used twice', agents=2, kernel=True, seconds=60)
async def same_ssrc(lab):
    alice, bob = await lab.pair({'security_client': MIKEY_ONLY}, {'security_client': SDES_ONLY})
    carol = await lab.ue('carol', at=1, security_client=SDES_ONLY)
    lab.core.forks['sip:team@home1.net'] = [ue.aor() for ue in (bob, carol)]
    out = await alice.invite('sip:team@home1.net', Situation(MIKEY))
    forks = [await ue.incoming() for ue in (bob, carol)]
    for n, fork in enumerate(forks):
        assert await fork.ring(183, reliable=True, answer=True), fork.failure
        await settle(0.3)
        leg = fork.media.audio
        leg.ssrc, leg.seq = 0xabcdef, 1000 + COUNT + 5
        for seq in range(1000, 1000 + COUNT + 5 * n):       # the second says other things under the same numbers
            leg.send(b'\x80\x08' + seq.to_bytes(2, 'big') + bytes(4) + leg.ssrc.to_bytes(4, 'big') + bytes([n]) * 160)
            await asyncio.sleep(0.02)
        await out.media.audio.wait_for(COUNT + 5 * n)
    assert await forks[1].accept(), forks[1].failure
    equal((await out.answered()).status, 200, 'answer')
    await forks[1].acknowledged()
    seen = {}
    for one in out.media.audio.received:
        index = one.raw[2:4] + one.raw[8:12]
        equal(seen.setdefault(index, one.raw), one.raw, 'a packet of one index')
    equal([len(seen), [one[12] for one in out.media.audio.heard()]], [COUNT + 5, [0] * COUNT + [1] * 5], 'what came')
    await lab.talk(out, forks[1])
    await hang_up(out, forks[1])


if __name__ == '__main__':
    main()
