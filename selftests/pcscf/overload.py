#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Too much of everything, with limits that are small: 503 with Retry-After, what is there goes on, and service comes back."""
import asyncio
import os

from lab import NOTHING, main, refused, scenario, until
from hand import asked, heard, prepared, raw        # behind lab, which finds the other modules
from lib.ktap import SLOW, equal
from peers.sip.scenario import establish, hang_up, subscriber
from peers.sip.registration import RegistrationFailed

AGAIN = 64 * 0.1 + 1        # seconds until transactions over UDP are forgotten


async def statuses(lab, ue, count, method='MESSAGE'):
    """Sends requests without waiting; the final responses that came to each."""
    begin, ids = len(lab.ladder.rungs), set()
    for n in range(count):
        request = prepared(ue, asked(ue, method, 'sip:nobody@home1.net', *ue.initial_routes()))
        ids.add(request.call_id)
        ue.flow.send(request)
        if n % 10 == 9:
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.5)
    return [r.message for r in lab.ladder.rungs[begin:] if r.party == ue.party and not r.out and r.message.status
            and r.message.status >= 200 and r.message.call_id in ids]


@scenario('too many transactions: new requests get 503 with Retry-After, a BYE passes, and afterwards all is well', kind='udp',
          limits={'transactions': 80}, seconds=60)
async def transactions(lab):
    plain = {'security_client': NOTHING}
    alice, bob = await lab.pair(plain, plain)
    mallory = await lab.ue('mallory', **plain)
    out, into = await establish(alice, bob)
    responses = await statuses(lab, mallory, 200)
    busy = [m for m in responses if m.status == 503]
    assert len(busy) > 100, f'{len(busy)} of 200 are refused'
    assert all(m.get('Retry-After', '').isdigit() for m in busy), 'a 503 without Retry-After'
    response = await (await alice.invite(bob.aor())).answered()
    equal((response.status, bool(response.get('Retry-After'))), (503, True), 'a new call')
    equal((await out.ask('INFO')).status, 200, 'a request within the call')
    await hang_up(out, into)
    counted = (await lab.agents[0].status())['overload']
    assert counted >= len(busy) + 1, f'{counted} are counted of {len(busy)} and a call'
    await asyncio.sleep(AGAIN * SLOW)
    equal((await lab.agents[0].status())['transactions'], 0, 'transactions that are left')
    await hang_up(*await establish(alice, bob))


@scenario('a flood of REGISTERs from strangers leaves half of all transactions to those who are registered', kind='udp',
          limits={'transactions': 100}, seconds=60)
async def strangers(lab):
    plain = {'security_client': NOTHING}
    alice, bob = await lab.pair(plain, plain)
    with lab.socket(lab.places[0]) as sock:
        for n in range(200):
            sock.send(raw('REGISTER', 'sip:home1.net', sock, f'Contact: <sip:x{n}@127.0.0.1>', to='<sip:bob@home1.net>'))
            if n % 10 == 9:
                await asyncio.sleep(0.01)
        got = [m for m in await heard(sock) if m.status == 503]
    assert len(got) > 100 and all(m.get('Retry-After') for m in got), f'{len(got)} were refused'
    await hang_up(*await establish(alice, bob))
    await asyncio.sleep(AGAIN * SLOW)
    await lab.ue('carol', **plain)
    lab.core.inspector.findings.clear()


@scenario('too many calls get 503, too many of one subscriber 503 from it and 486 to it, and then calls are served again',
          limits={'calls': 4, 'calls-per-subscriber': 1})
async def calls(lab):
    plain = {'security_client': NOTHING}
    alice, bob = await lab.pair(plain, plain)
    carol = await lab.ue('carol', **plain)
    # The call passes twice: one of each subscriber.
    out, into = await establish(alice, bob)
    assert (await refused(await alice.invite(carol.aor()), 503)).get('Retry-After'), 'no Retry-After'
    await refused(await carol.invite(bob.aor()), 486)
    dave, erin = await lab.ue('dave', **plain), await lab.ue('erin', **plain)
    one, other = await establish(dave, erin)
    assert (await refused(await carol.invite(erin.aor()), 503)).get('Retry-After'), 'no Retry-After'
    await hang_up(out, into)
    await hang_up(one, other)
    await lab.idle()
    await hang_up(*await establish(dave, erin))


@scenario('too many registrations get 503 with Retry-After, too many of one subscriber 403, until one of them ends',
          limits={'registrations': 2, 'contacts': 1})
async def registrations(lab):
    who = subscriber('alice')
    alice, bob = await lab.ue('alice', who=who), await lab.ue('bob')
    other = await lab.ue('alice-too', who=who, account=False, register=False)
    carol = await lab.ue('carol', register=False)
    for ue, status in ((other, (403, 503)), (carol, (503,))):
        try:
            await ue.register()
        except RegistrationFailed as failed:
            assert failed.response.status in status, failed
            assert failed.response.status == 403 or failed.response.get('Retry-After'), 'no Retry-After'
        else:
            raise AssertionError(f'{ue.party} is registered')
    await alice.register()
    await bob.deregister()
    await carol.register()
    await hang_up(*await establish(alice, carol))


@scenario('a UE that reads nothing is cut off when too much waits for it', kind='tcp', limits={'output': 200000}, seconds=60)
async def deaf(lab):
    plain = {'security_client': NOTHING}
    alice, bob = await lab.pair(plain, plain)
    bob.flow.writer.transport.pause_reading()
    body = os.urandom(20000)
    for _ in range(400):
        request = asked(alice, 'MESSAGE', bob.aor(), *alice.initial_routes())
        request.body = body
        alice.flow.send(prepared(alice, request))
        await asyncio.sleep(0.005)

    async def gone():
        return len(await lab.agents[0].ask('registrations')) == 1
    await until(gone, 'the connection of the deaf UE is closed', 20)
    status = await lab.agents[0].status()
    assert status['memory'] < 64 << 20, f'{status["memory"]} octets'
    lab.checked = False
    await lab.ue('carol', **plain)


if __name__ == '__main__':
    main()
