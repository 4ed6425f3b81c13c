# SPDX-License-Identifier: GPL-2.0
"""Whole calls in one line each, for tests and demos."""
import asyncio
import os

from lib.packets import sender_report
from peers.sip.media import assert_same_speech
from peers.sip.ue import Subscriber

PACKETS = 50


def subscriber(name, home='home1.net', more=()):
    """A subscriber with random keys; `more` are further public identities."""
    impus = tuple(f'sip:{one}@{home}' for one in (name, *more))
    return Subscriber(f'{name}_private@{home}', impus, os.urandom(16), os.urandom(16))


async def establish(caller, callee, situation=None, ring=None, with_offer=True, target=None):
    """A call that is up: (the caller's side, the called side).

    ring: a provisional status before the 200.
    """
    out = await caller.invite(target or callee.aor(), situation, with_offer)
    into = await callee.incoming()
    if ring:
        await into.ring(ring)
    assert await into.accept(), f'{callee.party} refuses: {into.failure}'
    response = await out.answered()
    assert response.status == 200, f'the call was answered with {response.status}'
    await into.acknowledged()
    assert not out.failure and not into.failure, out.failure or into.failure
    return out, into


async def talk(one, other, recording, count=PACKETS):
    """Both play the recording and send a report; each has to hear the other, octet by octet."""
    ends = one.media.audio, other.media.audio
    start = [len(leg.heard()) for leg in ends]
    reports = [len(leg.received_rtcp) for leg in ends]
    sent = await asyncio.gather(*(leg.play(recording, count) for leg in ends))
    for leg in ends:
        leg.send_rtcp(sender_report(leg.ssrc, count))
    for n, leg in enumerate(ends):
        await leg.wait_for(start[n] + count)
        assert_same_speech(leg.heard()[start[n]:], sent[1 - n])
        assert not leg.refused(), f'{len(leg.refused())} packets that do not open'
        assert await leg.wait_for(reports[n] + 1, rtcp=True), 'no RTCP came'
        want = sender_report(ends[1 - n].ssrc, count)
        assert leg.received_rtcp[-1].plain == want, 'not the RTCP that was sent'


def on_wire_is_srtp(*calls):
    """What the calls sent is longer than their RTP and shows none of its payload."""
    for call in calls:
        leg = call.media.audio
        assert leg.sent, 'nothing was sent'
        for rtp, wire in zip(leg.sent, leg.sent_wire):
            assert len(wire) > len(rtp) and rtp[12:28] not in wire, 'clear speech on the wire'


async def hang_up(one, other):
    """One ends the call; the other has to notice."""
    response = await one.bye()
    assert response.status == 200, f'BYE was answered with {response.status}'
    await other.ended()
    assert one.state == other.state == 'over'
