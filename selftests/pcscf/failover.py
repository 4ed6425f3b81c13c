#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Where a request goes when the first target is silent (RFC 3263, 4.3), and messages that are large for UDP."""
import asyncio
import os
import socket
import time

from lab import LAB_SWITCH, NOTHING, main, refused, scenario, until
from agent import UDP_PORT      # behind lab, which finds the other modules
from lib.ktap import equal
from hand import asked
from net.dnsserver import DnsServer
from peers.sip.scenario import establish, hang_up
from peers.sip.situation import SDES, Situation
from places import in_guest

HOP, DEAD = 'core.home1.net', '127.2.0.8'
T1 = 50
SILENT = 64 * T1 / 1000     # seconds until a target counts as silent
RECORDS = {(f'_sip._udp.{HOP}', 'SRV'): [(1, 0, UDP_PORT, f'dead.{HOP}'), (2, 0, UDP_PORT, f'live.{HOP}')],
           (f'live.{HOP}', 'A'): ['127.2.0.9'], (f'dead.{HOP}', 'A'): [DEAD]}
CALLEE = {'security_client': NOTHING}
PATIENT = {'t1': 500, 'seconds': 60}       # few repetitions: they are large


class Dead:
    """The first target: takes datagrams, and answers as it is told to."""

    def __init__(self):
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.setblocking(False)
        self.sock.bind((DEAD, UDP_PORT))
        self.answer = None

    def heard(self):
        """Methods of the requests that came since the last time, each once for each Via, ACK aside."""
        seen = {}
        while True:
            try:
                data, addr = self.sock.recvfrom(65536)
            except BlockingIOError:
                return [method for method in seen.values() if method != 'ACK']
            lines = data.decode().split('\r\n')
            seen[lines[1], lines[0].split()[0]] = lines[0].split()[0]
            if self.answer and not lines[0].startswith('ACK'):
                kept = [line for line in lines if line.split(':')[0] in ('Via', 'From', 'To', 'Call-ID', 'CSeq')]
                self.sock.sendto('\r\n'.join([self.answer, *kept, 'Content-Length: 0', '', '']).encode(), addr)


def two_targets(sentence, **options):
    """A scenario of a core with two targets, of which the first is Dead."""
    def setup(lab):
        lab.dns, lab.dead = DnsServer(), Dead()
        lab.dns.ttl = 0         # scenarios change what it says
        lab.dns.records.update(RECORDS)
        lab.conf['more'] = {**LAB_SWITCH, 'dns': lab.dns.address, 'next-hop': f'sip:{HOP};transport=udp', 'reg-event': False}

    def add(function):
        async def work(lab):
            lab.core.own_uri = lambda user='scscf': f'sip:{user}@{HOP};transport=udp;lr'
            lab.core._is_own = lambda uri: uri.host in (HOP, '127.2.0.9')
            try:
                await function(lab)
            finally:
                lab.dns.close()
                lab.dead.sock.close()
        if not in_guest():
            scenario(sentence, kind='udp', setup=setup, t1=T1, seconds=60, **options)(work)
        return function
    return add


@two_targets('REGISTER that the first target does not answer goes to the second one, and all that follows goes there at once')
async def silent(lab):
    start = time.monotonic()
    alice = await lab.ue('alice')
    assert time.monotonic() - start >= SILENT, 'the first target had no time to answer'
    equal(lab.dead.heard(), ['REGISTER'], 'what the first target got')
    start = time.monotonic()
    bob = await lab.ue('bob', **CALLEE)
    out, into = await establish(alice, bob, Situation(SDES))
    await hang_up(out, into)
    assert time.monotonic() - start < SILENT, 'the dead target was waited for again'
    equal(lab.dead.heard(), [], 'what the first target got')


def live(lab, dead=False):
    """Which of the two targets answers."""
    names = [f'{name}.{HOP}' for name in ('dead', 'live')]
    lab.dns.records[f'_sip._udp.{HOP}', 'SRV'] = [(1 + n, 0, UDP_PORT, name) for n, name in enumerate(names[::1 if dead else -1])]


async def registered(lab):
    """Alice and Bob, who registered when the live target was the first one."""
    live(lab)
    pair = await lab.ue('alice'), await lab.ue('bob', **CALLEE)
    lab.dead.heard()
    live(lab, dead=True)
    return pair


@two_targets('an INVITE that the first target does not answer goes to the second one, with a Via and Record-Route of its own')
async def invite(lab):
    alice, bob = await registered(lab)
    out, into = await establish(alice, bob, Situation(SDES))
    equal(lab.dead.heard(), ['INVITE'], 'what the first target got')
    equal(len(lab.core.seen('INVITE')), 1, 'INVITEs at the second one')
    equal(len(lab.core.seen('INVITE')[0].list('Record-Route')), 2, 'Record-Routes')
    await hang_up(out, into)


@two_targets('an INVITE that is cancelled while the first target is silent goes to no other: 487')
async def cancelled(lab):
    alice, bob = await registered(lab)
    out = await alice.invite(bob.aor(), Situation(SDES))
    await out.provisional(100)
    out.cancel()
    await refused(out, 487)
    await asyncio.sleep(0.3)
    equal((lab.dead.heard(), lab.core.seen('INVITE')), (['INVITE'], []), 'INVITEs at the targets')


@two_targets('503 of the first target is asked no more of it for the time of Retry-After')
async def unavailable(lab):
    alice, bob = await registered(lab)
    lab.dead.answer = 'SIP/2.0 503 Service Unavailable\r\nRetry-After: 2 (busy);duration=9'

    async def dead():
        while True:
            seen.extend(lab.dead.heard())
            await asyncio.sleep(0.02)
    seen = []
    task = asyncio.create_task(dead())
    try:
        for wanted in (['INVITE'], [], ['INVITE']):
            seen.clear()
            await hang_up(*await establish(alice, bob, Situation(SDES)))
            equal(seen, wanted, 'what the first target got')
            await asyncio.sleep(0 if wanted else 2.1)
    finally:
        task.cancel()


@two_targets('a request that nobody behind the core answers says nothing of the target')
async def behind(lab):
    alice, bob = await registered(lab)
    live(lab)
    out, into = await establish(alice, bob, Situation(SDES))
    bob.handle = lambda transaction: None
    live(lab, dead=True)
    response = await alice.ask_proxy(asked(alice, 'MESSAGE', bob.aor(), *alice.initial_routes()))
    equal(response.status >= 400, True, 'MESSAGE')
    del bob.handle
    lab.dead.heard()
    live(lab)
    await hang_up(out, into)
    equal(lab.dead.heard(), [], 'what the dead target got')


# Large messages (RFC 3261, 18.1.1).

async def both_ways(lab, alice, bob, sizes):
    """Bodies of these sizes arrive as they were sent, in both directions."""
    for one in (*lab.ues, lab.core):
        one.t1 = PATIENT['t1'] / 1000
    for size in sizes:
        for one, other in ((alice, bob), (bob, alice)):
            body = os.urandom(size)
            request = asked(one, 'MESSAGE', other.aor(), *one.initial_routes(), Content_Type='x/y')
            request.body = body
            equal((await one.ask_proxy(request)).status, 200, f'MESSAGE of {size} octets')
            equal(lab.ladder.seen(other.party, 'MESSAGE', out=False)[-1].body == body, True, f'{size} octets are the same')


@scenario('messages of 1 to 60 KB reach a UE that registered over UDP on its flow, and the core over TCP', kind='udp',
          core_kinds=('udp', 'tcp'), more=LAB_SWITCH, **PATIENT)
async def large(lab):
    alice, bob = await lab.pair(into=CALLEE)
    await both_ways(lab, alice, bob, (900, 1400, 1500, 4000, 30000, 60000))
    equal({(kind, *where) for ue in lab.ues for kind, *where in ue.flows}, {('udp', lab.places[0].access, UDP_PORT)},
          'ways to the UEs')
    sizes = {len(m.body) > 1300: kind for kind, m in lab_flows(lab, 'MESSAGE')}
    equal(sizes[True], 'tcp', 'the way to the core of what is large')


def lab_flows(lab, method):
    """(transport, message) of each request that the core got."""
    return [(rung.kind, rung.message) for rung in lab.ladder.rungs
            if rung.party == lab.core.party and not rung.out and rung.message.method == method]


@scenario('where the core has UDP alone, large messages go there in one datagram', kind='udp', core_kinds=('udp',),
          more=LAB_SWITCH, **PATIENT)
async def large_udp(lab):
    alice, bob = await lab.pair(into=CALLEE)
    await both_ways(lab, alice, bob, (1400, 4000, 30000))
    out = await alice.invite(bob.aor(), Situation(SDES), headers=[('X-Long', 'x' * 6000)])
    into = await bob.incoming()
    equal(len(into.request.get('X-Long')), 6000, 'the long header field')
    assert await into.accept(), into.failure
    equal((await out.answered()).status, 200, 'answer')
    await into.acknowledged()
    await hang_up(out, into)


if __name__ == '__main__':
    main()
