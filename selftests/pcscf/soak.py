#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Many calls of every kind, side by side: afterwards no stream, no SA, no port is left, and memory has not grown.

E2AE_SOAK_CALLS says how many; E2AE_SOAK_AT_ONCE how many at the same time.
"""
import asyncio
import os
import random
import time
from collections import Counter

from lab import LAB_SWITCH, MIKEY_ONLY, NOTHING, SDES_ONLY, Lab, main, until
from agent import SANITIZER     # behind lab, which finds the other modules
from lib.ktap import SLOW, say, test
from peers.sip import mline
from peers.sip.ladder import Ladder
from peers.sip.registration import CAPABILITIES, MSRP_CAPABILITY
from peers.sip.scenario import hang_up
from peers.sip.situation import MIKEY, PLAIN, PSK_TLS, SDES, Situation

CALLS = int(os.environ.get('E2AE_SOAK_CALLS', '2000'))
AT_ONCE = int(os.environ.get('E2AE_SOAK_AT_ONCE', '12'))
SEED = int(os.environ.get('E2AE_SEED', '20250101'))
SECONDS = max(150, CALLS // 8)
GROWTH = 1.05       # of allocated memory, after the first third
# What was freed comes back soon, so that resident memory tells something.
os.environ['ASAN_OPTIONS'] = SANITIZER['ASAN_OPTIONS'] + ':quarantine_size_mb=4:thread_local_quarantine_size_kb=64'
CALLERS = 4
CHATS = 0.2         # of the calls with MSRP, those in which it is used
CORE = {'ports': '10000-19999'}     # none that the kernel gives to sockets of peers, which MSRP would collide with


class Quiet(Ladder):
    """A ladder that keeps nothing."""

    def saw(self, *_args):
        """Nothing."""


class Media:
    """Stands for the media of a call where none are sent: no sockets, only ports."""

    port_at = 20000

    def __init__(self, host, _netns=None):
        self.host, self.ssrc, self.direction = host, int.from_bytes(os.urandom(4), 'big'), 'sendrecv'
        self.remote = self.remote_rtcp = None
        self.secured, self._masters = False, (None, None)
        self.open()

    def open(self):
        """Another port."""
        Media.port_at = 20000 + (Media.port_at - 19998) % 30000
        self.port = Media.port_at

    def plain(self):
        """No keys."""
        self.secured, self._masters = False, (None, None)

    def keys(self, *masters):
        """The keys that were agreed on."""
        self.secured, self._masters = True, masters

    def masters(self):
        """(sending, receiving)."""
        return self._masters

    def close(self):
        """Nothing to close."""


class Soak:
    """The calls."""

    def __init__(self, lab):
        self.lab, self.rng, self.kinds = lab, random.Random(SEED), Counter()
        self.callers, self.callees, self.busy = [], [], {}

    async def set_up(self):
        """UEs of every sort on both sides."""
        for n in range(CALLERS):
            self.callers.append(await self.lab.ue(f'caller{n}', kind='tls' if n % 2 else 'udp',
                                                  security_client=(*CAPABILITIES, MSRP_CAPABILITY)))
        for n, capable in enumerate((NOTHING, SDES_ONLY, MIKEY_ONLY, (*MIKEY_ONLY, *SDES_ONLY, MSRP_CAPABILITY))):
            ue = await self.lab.ue(f'callee{n}', at=len(self.lab.agents) - 1, kind='tls' if n % 2 else 'tcp',
                                   security_client=capable)
            self.callees.append(ue)
        for n, ue in enumerate(self.callees):
            self.lab.core.forks[f'sip:fork{n}@home1.net'] = [ue.aor(), self.callees[n - 1].aor()]

    def _some_kind(self):
        """What the next call is to be."""
        kind = self.rng.choices((self.answered, self.changed, self.early, self.cancelled, self.rejected, self.forked, self.late,
                                 self.refused_change, self.crossed, self.unanswered, self.chatted),
                                (20, 15, 10, 15, 15, 10, 5, 5, 3, 2, 8))[0]
        self.kinds[kind.__name__] += 1
        return kind

    async def _ring(self, target=None, **more):
        caller, callee = self.rng.choice(self.callers), self.rng.choice(self.callees)
        situation = Situation(self.rng.choice((PLAIN, SDES, MIKEY)), **more)
        out = await caller.invite(target or callee.aor(), situation, with_offer=True)
        return out, await self._into(callee, out)

    async def _into(self, callee, out):
        """The call at its other end: several arrive at once, so that they are told apart."""
        async def there():
            while not callee._waiting.empty():
                call = callee._waiting.get_nowait()
                self.busy[call.request.call_id, callee.party] = call
            return self.busy.pop((out.request.call_id, callee.party), None)
        return await until(there, f'the call comes to {callee.party}; {out.responses[-1:]}', 8 * SLOW)

    async def _up(self, **more):
        out, into = await self._ring(**more)
        await into.ring()
        assert await into.accept(), into.failure
        response = await out.answered()
        assert response.status == 200, response.status
        await into.acknowledged()
        return out, into

    async def answered(self):
        """From INVITE to BYE."""
        await self._end(*await self._up())

    async def chatted(self):
        """MSRP beside the audio, now and then used."""
        out, into = await self._up(kinds=('audio', 'message'), msrp=PSK_TLS, msrp_cema=self.rng.random() < 0.5)
        one, other = (call.media.lines[1] for call in (out, into))
        if self.rng.random() < CHATS:
            ends = await asyncio.gather(one.join(), other.join())
            await ends[0].send(b'Hello')
            assert (await ends[1].expect()).body() == b'Hello', 'another message'
        await self._end(out, into)
        for line in (one, other):
            for channel in line.channels:
                await channel.close()

    async def _end(self, *both):
        await hang_up(*self.rng.sample(both, 2))

    async def changed(self):
        """Hold, resume, new keys, another port, in some order and from either side."""
        out, into = await self._up()
        for _ in range(self.rng.randint(1, 4)):
            one = self.rng.choice((out, into))
            change = self.rng.choice((one.hold, one.resume, one.update, lambda one=one: one.update(rekey=True),
                                      lambda one=one: one.reinvite(one.media.offer(rekey=True, move=True))))
            response = await change()
            assert response.status == 200, response.status
        await self._end(out, into)

    async def early(self):
        """A reliable 183 with the answer, and PRACK."""
        out, into = await self._ring()
        assert await into.ring(183, reliable=True, answer=True), into.failure
        if self.rng.random() < 0.5:
            out.cancel()
            await out.answered()
            await into.ended()
            return
        assert await into.accept()
        await out.answered()
        await into.acknowledged()
        await self._end(out, into)

    async def cancelled(self):
        """CANCEL while it rings."""
        out, into = await self._ring()
        await into.ring()
        await out.provisional(180)
        out.cancel()
        assert (await out.answered()).status == 487
        await into.ended()

    async def rejected(self):
        """A refusal, by the other UE or by the core."""
        if self.rng.random() < 0.3:
            out = await self.rng.choice(self.callers).invite('sip:nobody@home1.net', Situation(SDES))
            assert (await out.answered()).status == 404
            return
        out, into = await self._ring()
        into.reject(self.rng.choice((302, 403, 480, 486, 500, 603)))
        assert (await out.answered()).status >= 300

    async def forked(self):
        """Two UEs ring; one takes it."""
        n = self.rng.randrange(len(self.callees))
        out = await self.rng.choice(self.callers).invite(f'sip:fork{n}@home1.net', Situation(SDES))
        both = [await self._into(ue, out) for ue in (self.callees[n], self.callees[n - 1])]
        for one in both:
            await one.ring()
        winner, loser = self.rng.sample(both, 2)
        assert await winner.accept(), winner.failure
        await out.answered()
        await winner.acknowledged()
        await loser.ended()
        await self._end(out, winner)

    async def late(self):
        """The offer is in the 200."""
        caller, callee = self.rng.choice(self.callers), self.rng.choice(self.callees)
        out = await caller.invite(callee.aor(), Situation(SDES), with_offer=False)
        into = await self._into(callee, out)
        assert await into.accept(), into.failure
        await out.answered()
        await into.acknowledged()
        await self._end(out, into)

    async def refused_change(self):
        """A re-INVITE that is refused."""
        out, into = await self._up()
        into.refuse_offers = 488
        assert (await out.hold()).status == 488
        await self._end(out, into)

    async def crossed(self):
        """BYE from both sides at once."""
        both = await self._up()
        await asyncio.gather(*(one.ask('BYE') for one in both))
        for one in both:
            one.finish()

    async def unanswered(self):
        """It rings, and the caller loses its patience without a word: the called side gives up."""
        out, into = await self._ring()
        await into.ring()
        await asyncio.sleep(0.5)
        into.reject(480)
        await out.answered()

    async def run(self, count):
        """So many calls, some at a time; returns what went wrong."""
        left, wrong, start = [count], [], time.monotonic()

        async def worker():
            while left[0] > 0 and len(wrong) < 10:
                left[0] -= 1
                kind = self._some_kind()
                try:
                    await asyncio.wait_for(kind(), 20 * SLOW)
                except Exception as error:      # all are told at the end
                    wrong.append(f'{time.monotonic() - start:.1f} s, {kind.__name__}: {type(error).__name__} {error}')
        await asyncio.gather(*(worker() for _ in range(AT_ONCE)))
        return wrong

    def forget(self):
        """The UEs forget what is over, so that only the agent's memory counts."""
        for ue in self.lab.ues:
            ue.old_calls.clear()
        self.lab.core.requests.clear()


async def at_rest(agent):
    """Whether no transaction of an agent waits for repetitions any more."""
    return not (await agent.status())['transactions']


async def memory_of(agent):
    """KiB that an agent has allocated; 0 from one with a sanitizer, which looks for leaks itself when it ends."""
    return (await agent.status())['memory'] // 1024


@test(f'{CALLS} mixed calls leave no stream, no SA, no port, no memory', SECONDS)
def soak(world):
    async def work():
        async with Lab(world, agents=2, more=LAB_SWITCH, core=CORE) as lab:
            lab.core.ladder = Quiet()
            one = Soak(lab)
            await one.set_up()
            for ue in lab.ues:
                ue.ladder = lab.core.ladder
            start, memory, wrong = time.monotonic(), [], []
            for _ in range(3):
                wrong += await one.run(CALLS // 3)
                one.forget()
                await lab.idle()
                for agent in lab.agents:
                    await until(lambda agent=agent: at_rest(agent), 'no transaction left', 30)
                memory.append([await memory_of(agent) for agent in lab.agents])
            took = time.monotonic() - start
            say(f'{sum(one.kinds.values())} calls in {took:.0f} s: {dict(one.kinds)}; KiB {memory}')
            assert not wrong, f'{len(wrong)} calls went wrong: {wrong[:10]}'
            for first, last in zip(memory[0], memory[-1]):
                assert last <= GROWTH * first, f'memory grew from {first} to {last} KiB'
    before, mline.Leg = mline.Leg, Media if not world.kernel else mline.Leg
    try:
        asyncio.run(asyncio.wait_for(work(), SECONDS * SLOW - 5))
    finally:
        mline.Leg = before


if __name__ == '__main__':
    main()
