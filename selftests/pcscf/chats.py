#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Sessions of MSRP as their calls change, fork, fail and end: at whatever step, nothing is left."""
import asyncio
import os
from dataclasses import replace

from lab import main, refused, scenario, until
from lib.ktap import SLOW, equal
from messaging import CAN, CANNOT, SAFE, TEXT, begin, calls_of, chat, each_role, join, msrp, transports
from peers.msrp import channel
from peers.sip.scenario import establish, hang_up
from peers.sip.situation import PSK_TLS, SDES

ACTIVE = replace(SAFE, msrp_setup='active')


async def nothing_left(lab):
    """No session, and nobody listens or is connected for media any more."""
    async def look():
        for agent in lab.agents:
            status = await agent.status()
            if any(status[name] for name in ('msrp-sessions', 'msrp-up', 'calls-up', 'access-ports', 'core-ports')):
                return False
        return True
    await until(look, 'no session left')
    for agent in lab.agents:
        left = [where for where in sockets(agent.process.pid) if where >= 20000]
        equal(left, [], f'sockets of MSRP of {agent.place.name}')


def sockets(pid):
    """Local ports of the TCP sockets of a process."""
    inodes = set()
    for fd in os.listdir(f'/proc/{pid}/fd'):
        try:
            link = os.readlink(f'/proc/{pid}/fd/{fd}')
        except OSError:
            continue
        if link.startswith('socket:['):
            inodes.add(link[8:-1])
    for table in ('tcp', 'tcp6'):
        with open(f'/proc/{pid}/net/{table}', encoding='ascii') as f:
            for line in f.readlines()[1:]:
                words = line.split()
                # a connection of SIP that the agent made has a port of the system's choice as well
                if words[9] in inodes and int(words[2].rpartition(':')[2], 16) not in (5060, 5061):
                    yield int(words[1].rpartition(':')[2], 16)


@each_role('a call that ends at any step of the session leaves nothing', seconds=60)
async def every_step(lab, role):
    alice, bob = await lab.pair(CAN, CANNOT)
    alice.situation, bob.situation = SAFE, TEXT
    caller, callee = (alice, bob) if role == 'calls' else (bob, alice)
    for step in ('cancelled', 'refused', 'answered', 'connected', 'one leg', 'handshake', 'used'):
        out = await caller.invite(callee.aor(), caller.situation)
        into = await callee.incoming()
        await into.ring(180)
        await out.provisional(180)
        equal((await lab.agents[0].status())['msrp-sessions'], 1, f'{step}: a session that listens')
        if step == 'cancelled':
            out.cancel()
            await refused(out, 487)
            await into.ended()
        elif step == 'refused':
            into.reject(486)
            await refused(out, 486)
        else:
            assert await into.accept(), into.failure
            await out.answered()
            await into.acknowledged()
            ours, theirs = (out, into) if role == 'calls' else (into, out)
            await reach(step, msrp(ours), msrp(theirs))
            await hang_up(out, into)
        await nothing_left(lab)


async def reach(step, ours, theirs):
    """Goes on to a step of the session."""
    if step == 'connected' and ours.connects:       # TCP without a word of TLS
        ours.channels.append(await channel.connect(ours.host, ours.target(), ours.netns))
    elif step == 'one leg':
        await ours.channel()
        await asyncio.sleep(0.3 * SLOW)
    elif step == 'handshake' and ours.connects:     # half a hello
        made = await channel.connect(ours.host, ours.target(), ours.netns)
        made.writer.write(bytes.fromhex('16030100c8010000c40303') + os.urandom(40))
        ours.channels.append(made)
        await asyncio.sleep(0.2 * SLOW)
    elif step == 'used':
        await chat(*await asyncio.gather(ours.join(), theirs.join()))


@scenario('a call whose offer comes with the 200 has its session, in both roles')
async def late_offer(lab):
    alice, bob = await lab.pair(CAN, CANNOT)
    alice.situation, bob.situation = SAFE, TEXT
    for caller, callee in ((alice, bob), (bob, alice)):
        out, into = await establish(caller, callee, caller.situation, with_offer=False)
        ours, theirs = (out, into) if caller is alice else (into, out)
        equal((msrp(ours).outcome, msrp(theirs).outcome), (PSK_TLS, 'plain'), 'keying')
        await chat(*await join(ours, theirs))
        await hang_up(out, into)


@scenario('with a reliable 183 the session is there before the call is answered, and stays', agents=2)
async def early(lab):
    alice, bob = await lab.pair(CAN, CAN)
    bob.situation = SAFE
    out = await alice.invite(bob.aor(), SAFE)
    into = await bob.incoming()
    assert await into.ring(183, reliable=True, answer=True)
    await until(lambda: msrp(out).outcome, 'the early answer')
    one, other = await join(out, into)
    await chat(one, other)
    assert await into.accept(), into.failure
    equal((await out.answered()).status, 200, 'the answer')
    await into.acknowledged()
    await chat(one, other)
    equal((await lab.agents[0].status())['msrp-established'], 1, 'sessions that were made')
    await hang_up(out, into)


@scenario('of three forks the one that answers has the session', seconds=60)
async def forked(lab):
    alice, bob = await lab.pair(CAN, CANNOT)
    carol, dave = [await lab.ue(name, **CANNOT) for name in ('carol', 'dave')]
    callees = (bob, carol, dave)
    lab.core.forks['sip:team@home1.net'] = [ue.aor() for ue in callees]
    for ue in callees:
        ue.situation = replace(TEXT, msrp_setup='passive')
    for winner in range(3):
        out = await alice.invite('sip:team@home1.net', ACTIVE)
        forks = [await ue.incoming() for ue in callees]
        for fork in forks:
            await fork.ring(180)
        await until(lambda out=out: len(out.forks) == 3, 'three early dialogs')
        assert await forks[winner].accept(), forks[winner].failure
        equal((await out.answered()).status, 200, 'the answer')
        await forks[winner].acknowledged()
        await chat(*await join(out, forks[winner]))
        await hang_up(out, forks[winner])
        for fork in forks:
            await fork.ended()
    await nothing_left(lab)


@scenario('a re-offer that is refused leaves the session as it is')
async def refused_again(lab):
    ours, theirs = await begin(lab, 'calls')
    one, other = await join(ours, theirs)
    theirs.refuse_offers = 488
    path = msrp(ours).path()
    assert (await ours.reinvite(ours.media.offer(move=True))).status == 488
    theirs.refuse_offers = None
    assert path != msrp(ours).path()
    await chat(one, other)
    await hang_up(ours, theirs)


@scenario('the registration of a UE ends: its call and its session end too')
async def gone(lab):
    ours, theirs = await begin(lab, 'calls')
    one, other = await join(ours, theirs)
    await chat(one, other)
    await ours.ue.deregister()
    await theirs.ended()
    await asyncio.wait_for(other.ended.wait(), 10 * SLOW)
    await nothing_left(lab)
    ours.finish()


@scenario('after kill -9 a call that had nothing but MSRP is ended, since its connections are gone', agents=2, seconds=60)
async def killed(lab):
    ours, theirs = await begin(lab, 'calls')
    one, other = await join(ours, theirs)
    await chat(one, other)
    agent = lab.agents[0]
    await asyncio.sleep(0.2)
    agent.kill()
    await asyncio.wait_for(asyncio.gather(one.ended.wait(), other.ended.wait()), 10 * SLOW)
    agent.start()
    await theirs.ended()
    equal('Media lost' in theirs.requests[-1].get('Reason', ''), True, 'Reason')
    ours.finish()


@scenario('MSRP over TLS between the UEs themselves passes untouched, and no session is made', allow_e2e=True, clean=False)
async def end_to_end(lab):
    alice, bob = await lab.pair(CAN, CAN)
    more = b'a=fingerprint:sha-256 ' + b':'.join([b'AB'] * 32) + b'\r\n'
    offer = []

    def change(body):
        offer.append(body.replace(b'TCP/MSRP', b'TCP/TLS/MSRP').replace(b'path:msrp:', b'path:msrps:') + more)
        return offer[0]
    start = alice.send_proxy

    async def send(message, on_response=None):
        if message.method == 'INVITE':
            message.body = change(message.body)
        return await start(message, on_response)
    alice.send_proxy = send
    out = await alice.invite(bob.aor(), TEXT)
    into = await bob.incoming()
    equal((into.request.body, transports(into)), (offer[0], ['TCP/TLS/MSRP']), 'the offer')
    equal((await lab.agents[0].status())['msrp-sessions'], 0, 'sessions')
    into.reject(486)
    await refused(out, 486)


@scenario('without a free session a call gets 503, and audio still passes', limits={'msrp-sessions': 1})
async def full(lab):
    alice, bob = await lab.pair(CAN, CANNOT)
    bob.situation = TEXT
    out, into = await establish(alice, bob, SAFE)
    await refused(await alice.invite(bob.aor(), SAFE), 503)
    more = await establish(alice, bob, replace(SAFE, keying=SDES, kinds=('audio',)))
    await hang_up(*more)
    await chat(*await join(out, into))
    await hang_up(out, into)
    again = await establish(alice, bob, SAFE)
    await chat(*await join(*again))
    await hang_up(*again)


@scenario('with msrp-source strict a connection from elsewhere is refused, key or no key', access={'msrp-source': 'strict'})
async def strict(lab):
    ours, theirs = await begin(lab, 'calls')
    line = msrp(ours)
    elsewhere = lab.places[0].ues[-1]
    made = await channel.tls_connect(elsewhere, line.target(), line.key(), line.netns)
    equal(await asyncio.wait_for(made.reader.read(10), 8 * SLOW), b'', 'from elsewhere')
    await made.close()
    await chat(*await join(ours, theirs))
    equal(int((await calls_of(lab.agents[0], line1_session='up'))['line1-refused']), 1, 'refused')
    await hang_up(ours, theirs)


if __name__ == '__main__':
    main()
