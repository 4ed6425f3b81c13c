#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Calls with clients that are not ours.

baresip is a UE with SDES and an SRTP stack of its own. It knows neither AKA nor sec-agree, so a Python UE registers
for it, and hands it the gateway's requests octet by octet on the flow it registered: offers, keys and answers are
those of e2aed and baresip alone, and media go between the gateway and baresip directly. baresip is the one that is called, as it
offers no a=3ge2ae; it needs to know nothing of that to answer.
"""
import asyncio

from baresip import SIP_PORT, Baresip, Front
from lab import LAB_SWITCH, RECORDING, SDES_ONLY, T1, main, scenario, until
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
            print(*(f'# {line}' for line in phone.log().decode(errors='replace').splitlines()[-80:]), sep='\n')
            raise
        finally:
            phone.stop()
        if sent:
            assert common(sent, phone.heard()), 'baresip does not hear what the caller plays'
    scenario(f'a UE with {keying} calls baresip, which has an SRTP stack of its own', agents=2, more=LAB_SWITCH,
             seconds=40)(work)


for one in (PLAIN, SDES, MIKEY):
    called(one)

if __name__ == '__main__':
    main()
