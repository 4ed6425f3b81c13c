# SPDX-License-Identifier: GPL-2.0
"""What scenarios of MSRP share: situations, sessions, messages."""
import asyncio

from lab import NOTHING, scenario, until
from lib.ktap import equal
from peers.sip import sdp
from peers.sip.registration import CAPABILITIES, MSRP_CAPABILITY
from peers.sip.scenario import establish
from peers.sip.situation import PSK_TLS, Situation

CAN = {'security_client': (*CAPABILITIES, MSRP_CAPABILITY)}
CANNOT = {'security_client': NOTHING}
TEXT = Situation(kinds=('message',))
SAFE = Situation(kinds=('message',), msrp=PSK_TLS)
WORDS = b'Good morning, Bob. \xc3\xa4\r\nMSRP 1234 200 OK\r\n-------1234$\r\n'


def msrp(call):
    """The last line of a call."""
    return call.media.lines[-1]


async def join(out, into):
    """Both ends of a session."""
    return await asyncio.gather(msrp(out).join(), msrp(into).join())


async def chat(one, other, words=WORDS):
    """A message each way, judged by both ends."""
    for sender, taker in ((one, other), (other, one)):
        await sender.send(words)
        came = await taker.expect()
        equal((came.body(), came.content_type), (words, 'text/plain'), 'the message')
        sender.check()
        taker.check()


async def calls_of(agent, **want):
    """Waits until an agent tells so of a call with MSRP; that call."""
    async def look():
        for call in await agent.ask('calls'):
            if all(call.get(name.replace('_', '-')) == value for name, value in want.items()):
                return call
        return None
    return await until(look, f'a call with {want}')


def transports(call):
    return [m.profile for m in sdp.parse(call.request.body).media]


async def begin(lab, role, ue=SAFE, far=TEXT):
    """A call between a UE that can and one that cannot: (the protected side, the other side)."""
    alice, bob = await lab.pair(CAN, CANNOT)
    if role == 'calls':
        bob.situation = far
        return await establish(alice, bob, ue)
    alice.situation = ue
    out, into = await establish(bob, alice, far)
    return into, out


def each_role(sentence, **options):
    """A scenario for each role of the UE."""
    def add(function):
        for role in ('calls', 'is called'):
            async def work(lab, role=role):
                await function(lab, role)
            scenario(f'a UE that {role}: {sentence}', **options)(work)
        return function
    return add
