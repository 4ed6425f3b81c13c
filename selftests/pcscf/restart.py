#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""kill -9 and a new start: media of known calls go on, everything else is removed, and nothing is left in the end."""
import asyncio

from lab import NOTHING, main, scenario, until
from lib.ctl import Ctl
from lib.ktap import equal
from peers.sip.scenario import establish, hang_up
from peers.sip.situation import SDES, Situation


@scenario('streams of known calls stay over kill -9, media go on without a gap, others are removed', agents=2,
          kernel=True, seconds=40)
async def killed(lab):
    alice, bob = await lab.pair()
    out, into = await establish(alice, bob, Situation(SDES))
    await lab.talk(out, into)
    agent = lab.agents[0]
    before = {one['id'] for one in agent.streams()}
    agent.kill()
    await lab.talk(out, into)
    ctl = Ctl(agent.place.netns)
    place = agent.place
    ctl(f'stream add 77 access {place.access}:29000 access-peer {place.ues[0]}:9 core {place.core}:39000 '
        f'core-peer {lab.core.host}:9 plain')
    agent.start()
    await until(lambda: 77 not in {one['id'] for one in agent.streams()}, 'the strange stream is removed')
    equal({one['id'] for one in agent.streams()}, before, 'streams of the known call')
    await lab.talk(out, into)
    await back(alice)
    await end(lab, out, into)


@scenario('after kill -9 a UE registers again and calls as before', seconds=40)
async def again(lab):
    alice, bob = await lab.pair()
    lab.agents[0].kill()
    lab.agents[0].start()
    for ue in (alice, bob):
        await back(ue)
    out, into = await establish(alice, bob, Situation(SDES))
    await lab.talk(out, into)
    await hang_up(out, into)


@scenario('a call whose side is gone at the core is forgotten after a restart: the media timeout ends it', agents=2, kernel=True,
          more={'media-timeout': 2}, seconds=40)
async def forgotten(lab):
    alice, bob = await lab.pair()
    out, into = await establish(alice, bob, Situation(SDES))
    await lab.talk(out, into)
    lab.agents[0].kill()
    lab.agents[0].start()
    await until(lambda: not lab.agents[0].streams(), 'no stream left', 15)
    await until(lambda: not lab.agents[1].streams(), 'nor at the other gateway', 15)
    for one in (out, into):
        one.finish()


@scenario('SIGTERM with calls up ends them both ways and leaves nothing', agents=2)
async def terminated(lab):
    alice, bob = await lab.pair(into={'security_client': NOTHING})
    out, into = await establish(alice, bob, Situation(SDES))
    stopping = asyncio.create_task(lab.agents[0].stop(patient=True))
    await hang_up(into, out) if not out.over.is_set() else None
    equal(await stopping, 0, 'exit status')
    await until(lambda: not lab.agents[0].streams(), 'no stream left')


async def back(ue):
    """A UE whose connection broke comes again."""
    ue.flow.writer.close()
    await asyncio.sleep(0.05)
    ue.registration.security_server = []
    await ue.register()


async def end(lab, out, into):
    """The other side hangs up; whatever the restarted gateway still knows, nothing may be left."""
    response = await into.ask('BYE')
    assert response.status in (200, 404, 408, 480, 481), response.status
    into.finish()
    out.finish()
    await until(lambda: not lab.agents[0].streams(), 'no stream left', 8)


if __name__ == '__main__':
    main()
