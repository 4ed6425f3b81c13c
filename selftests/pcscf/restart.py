#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""kill -9 and a new start: media of known calls go on, everything else is removed, and nothing is left in the end."""
import asyncio
import os
import pwd
import subprocess

from lab import LAB_SWITCH, NOTHING, SDES_ONLY, main, scenario, until
from hand import asked
from lib.ctl import Ctl
from lib.ktap import equal
from peers.sip.dialog import Dialog
from peers.sip.scenario import establish, hang_up
from peers.sip.situation import PLAIN, SDES, Situation


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


@scenario('SIGTERM waits for the last call, not for what lingers behind it', agents=2, t1=500)
async def drained(lab):
    alice, bob = await lab.pair()
    out, into = await establish(alice, bob, Situation(SDES))
    stopping = asyncio.create_task(lab.agents[0].stop(patient=True))
    await asyncio.sleep(1)
    equal(stopping.done(), False, 'it left with a call up')
    call = await alice.invite(bob.aor())
    equal((await call.answered()).status, 503, 'a new call')
    await hang_up(out, into)
    equal(await asyncio.wait_for(stopping, 5), 0, 'exit status')


@scenario('calls that go on for longer than drain-seconds are ended both ways with a reason', agents=2, more={'drain-seconds': 1})
async def cut(lab):
    alice, bob = await lab.pair()
    out, into = await establish(alice, bob, Situation(SDES))
    ringing = await bob.invite(alice.aor())
    await (await alice.incoming()).ring(180)
    status = await lab.agents[0].stop(patient=True)
    equal(status, 0, 'exit status')
    for end in (out, into):
        await end.ended()
        equal(end.requests[-1].get('Reason'), 'SIP ;cause=503 ;text="Shutdown"', 'Reason')
    equal((await ringing.answered()).status, 503, 'the call that rang')
    await until(lambda: not lab.agents[1].streams(), 'no stream left at the other gateway')


@scenario('SIGTERM with calls up ends them both ways and leaves nothing', agents=2)
async def terminated(lab):
    alice, bob = await lab.pair(into={'security_client': NOTHING})
    out, into = await establish(alice, bob, Situation(SDES))
    stopping = asyncio.create_task(lab.agents[0].stop(patient=True))
    await hang_up(into, out) if not out.over.is_set() else None
    equal(await stopping, 0, 'exit status')
    await until(lambda: not lab.agents[0].streams(), 'no stream left')


OFF = [{'originating': 'off', 'terminating': 'off'}]


def resumed(sentence, work, media, **options):
    """A call over kill -9 of the caller's or the callee's gateway; media: SDES, or in the clear past the gateway."""
    for at, side in enumerate(('caller', 'callee')):
        async def run(lab, at=at):
            capable = {} if media else {'security_client': NOTHING}
            alice, bob = await lab.pair(capable, capable)
            out, into = await establish(alice, bob, Situation(SDES if media else PLAIN))
            if media:
                await lab.talk(out, into)
            await known(lab.agents[at])
            lab.agents[at].kill()
            lab.agents[at].start()
            ends = (out, into) if at == 0 else (into, out)
            await work(lab, *ends, (alice, bob)[at])
            for agent in lab.agents:
                await until(lambda agent=agent: not agent.streams(), 'no stream left')
        scenario(f"after kill -9 of the {side}'s gateway {sentence}{', with media' if media else ''}", agents=2, seconds=40,
                 policies=() if media else OFF, kernel=media, **options)(run)


async def known(agent):
    """Waits until a gateway has seen the ACK of its call, so that its journal knows it."""
    async def there():
        return [one['state'] for one in await agent.ask('calls')] == ['up']
    await until(there, 'the call is up')


async def near_ends(_lab, near, far, ue):
    await back(ue)
    await hang_up(near, far)


async def far_ends(_lab, near, far, ue):
    await back(ue)
    await hang_up(far, near)


async def owed(lab, near, far, ue):
    equal((await far.bye()).status, 200, 'BYE of the other side')
    await until(lambda: not lab.agents[lab.ues.index(ue)].streams(), 'media end at once')
    equal(near.state == 'over', False, 'the UE knows')
    await back(ue)
    await near.ended()


async def changes(_lab, near, far, ue):
    await back(ue)
    for one, other in ((near, far), (far, near)):
        equal((await one.reinvite(one.media.offer())).status, 488, 're-INVITE')
        equal((await one.ask('INFO')).status, 200, 'INFO')
        equal(other.requests[-1].method, 'INFO', 'what arrived')
    await hang_up(near, far)


for with_media in (False, True):
    resumed('its UE comes back and ends the call', near_ends, with_media)
    resumed('the other side ends the call when the UE is back', far_ends, with_media)
    resumed('the other side ends the call, and the UE hears it when it is back', owed, with_media)
    resumed('requests within the call pass, and what would change media is refused', changes, with_media)


@scenario('a call whose media the restart lost is ended both ways', agents=2, seconds=40)
async def lost(lab):
    alice, bob = await lab.pair()
    out, into = await establish(alice, bob, Situation(SDES))
    agent = lab.agents[0]
    await known(agent)
    agent.kill()
    if lab.world.kernel:
        for one in agent.streams():
            Ctl(agent.place.netns)(f'stream del {one["id"]}')
    else:
        os.unlink(agent.record)
    agent.start()
    await into.ended()
    await back(alice)
    await out.ended()


@scenario("the calls of a former process are not another subscriber's, nor those of another phone", agents=2, seconds=40,
          policies=OFF)
async def not_theirs(lab):
    plain = {'security_client': NOTHING}
    alice, bob = await lab.pair(plain, plain)
    out, into = await establish(alice, bob, Situation(PLAIN))
    old = lab.core.seen('REGISTER')[1].get('Path')
    await known(lab.agents[0])
    lab.agents[0].kill()
    lab.agents[0].start()
    mallory = await lab.ue('mallory', **plain)
    # It asks for alice's token, without being able to answer for her.
    forged = mallory.registration._request(600)
    forged.set('Contact', f'<{alice.contact_uri()}>')
    forged.set('Authorization', forged.get('Authorization').replace(mallory.impi, alice.impi))
    equal((await mallory.ask_proxy(forged)).status, 403, "a REGISTER for alice on mallory's flow")
    stranger = await lab.ue('stranger', register=False, account=False, **plain)
    forged = alice.registration._request(600)
    forged.set('Call-ID', 'forged')
    forged.set('Authorization', forged.get('Authorization').replace('response="', 'response="0'))
    equal((await stranger.ask_proxy(forged)).status in (401, 403), True, 'a REGISTER for alice without her key')
    for thief in (mallory, stranger):
        request = out.dialog.request('BYE', seq=out.dialog.local_seq + 5)
        equal((await thief.ask_proxy(request)).status, 403, f'BYE of {thief.party}')
    equal(into.state == 'over', False, 'the call is over')
    await back(alice)
    equal(lab.core.seen('REGISTER')[-1].get('Path'), old, "Path of the UE's next registration")
    await hang_up(out, into)


def again_there(agent):
    """kill -9 and a new start."""
    agent.kill()
    agent.start()


async def bound(lab):
    """Who is registered."""
    return sorted(one['impi'].partition('_')[0] for one in await lab.agents[0].ask('registrations'))


@scenario('a UE on UDP without keys is still registered after kill -9: its call and subscription go on, new calls come up',
          kind='udp', policies=OFF, seconds=40)
async def still_there(lab):
    plain = {'security_client': NOTHING}
    alice, bob = await lab.pair(plain, plain)
    out, into = await establish(alice, bob, Situation(PLAIN))
    request = asked(alice, 'SUBSCRIBE', alice.impu, *alice.initial_routes(), Event='reg', Expires='600')
    dialog = Dialog.of_caller(request, await alice.ask_proxy(alice.dress(request)))
    await until(lambda: [m for m in lab.core.seen('SUBSCRIBE') if m.call_id == request.call_id], 'SUBSCRIBE')
    agent = lab.agents[0]

    async def both_up():
        return [one['state'] for one in await agent.ask('calls')] == ['up', 'up']
    await until(both_up, 'the call is up')
    registers = len(lab.core.seen('REGISTER'))
    again_there(agent)
    equal(await bound(lab), ['alice', 'bob'], 'registrations')
    for one, other in ((out, into), (into, out)):
        equal((await one.ask('INFO')).status, 200, 'INFO')
        equal(other.requests[-1].method, 'INFO', 'what arrived')
    before = len(lab.core.requests)
    message = dialog.request('SUBSCRIBE')
    message.set('Event', 'reg')
    equal((await alice.ask_proxy(alice.dress(message))).status, 200, 'the next SUBSCRIBE')
    equal(len(lab.core.requests), before + 1, 'the next SUBSCRIBE at the core')
    dialog.routes[0] = dialog.routes[0].replace(';m=', ';m=x')
    equal((await alice.ask_proxy(dialog.request('SUBSCRIBE'))).status, 403, 'a mark that is none')
    await hang_up(into, out)
    await hang_up(*await establish(bob, alice, Situation(PLAIN)))
    equal(len(lab.core.seen('REGISTER')), registers, 'REGISTERs')
    await alice.register()
    fresh = lab.core.seen('REGISTER')[registers]
    equal('integrity-protected="no"' in fresh.get('Authorization'), True, 'how the first REGISTER afterwards is vouched for')
    again_there(agent)
    lab.core.registrar.deregister(lab.accounts['bob'])
    await until(lambda: bound_is(lab, ['alice']), 'the network ends a registration')
    again_there(agent)
    equal(await bound(lab), ['alice'], 'registrations')
    await alice.deregister()
    again_there(agent)
    equal(await bound(lab), [], 'registrations')


async def bound_is(lab, who):
    """Whether these are registered."""
    return await bound(lab) == who


@scenario('after kill -9 a UE with keys, on a connection or at another address is a stranger until it registers', kind='udp',
          more=LAB_SWITCH, seconds=40)
async def not_there(lab):
    plain = {'security_client': NOTHING}
    alice, bob = await lab.ue('alice'), await lab.ue('bob', **plain)
    carol, dave = await lab.ue('carol', kind='tcp', **plain), await lab.ue('dave', security_client=SDES_ONLY)
    with open(os.path.join(lab.agents[0].state, 'journal'), encoding='ascii') as file:
        kept = b''.join(bytes.fromhex(line.split()[3]) for line in file if line.startswith('P') and ' reg.' in line)
    equal([who.encode() + b'_private' in kept for who in ('alice', 'bob', 'carol', 'dave')], [False, True, False, True],
          'who is in the journal')
    again_there(lab.agents[0])
    equal(await bound(lab), ['bob', 'dave'], 'registrations')
    mallory = await lab.ue('mallory', host=bob.addresses['udp'][0], register=False)
    for ue, status in ((alice, 403), (mallory, 403), (bob, 200), (dave, 200)):
        request = asked(ue, 'MESSAGE', bob.aor(), *bob.initial_routes())
        equal((await ue.ask_proxy(request)).status, status, ue.party)
    await alice.register()
    carol.flow.writer.close()
    out, into = await establish(dave, bob, Situation(SDES))
    equal(out.media.outcomes(), [SDES], 'keying of who needs none of the registration')
    await hang_up(out, into)
    equal(await bound(lab), ['alice', 'bob', 'dave'], 'registrations')


TOKEN = 24          # letters; one of the 64 is a dash


def checksum(kind, text):
    """Of a line of the journal."""
    total = 0x811c9dc5
    for octet in (kind + text).encode():
        total = (total ^ octet) * 0x01000193 & 0xffffffff
    return total


@scenario('whatever the token of a registration, it is there after kill -9', kind='udp', more=LAB_SWITCH)
async def any_token(lab):
    bob = await lab.ue('bob', security_client=NOTHING)
    agent, port = lab.agents[0], bob.addresses['udp'][1]
    agent.kill()
    path = os.path.join(agent.state, 'journal')
    with open(path, encoding='ascii') as file:
        lines = [line.split() for line in file]
    record = next(bytes.fromhex(line[3]) for line in lines if line[0] == 'P' and line[2].startswith('reg.'))
    with open(path, 'a', encoding='ascii') as file:
        for at in range(TOKEN):
            # Another subscriber at another port.
            other = record.replace(b'bob', b'b%d' % at).replace(b':%d' % port, b':%d' % (port - at - 1))
            text = f'reg.{"A" * at}-{"A" * (TOKEN - at - 1)} {other.hex()}'
            file.write(f'P {checksum("P", text):08x} {text}\n')
    agent.start()
    equal(await bound(lab), sorted(['bob'] + [f'b{at}' for at in range(TOKEN)]), 'registrations')


@scenario('as an ordinary user with CAP_NET_ADMIN alone it programs the kernel, and its memory is closed to that user', agents=2,
          more={'user': 'nobody'}, seconds=40)
async def ordinary(lab):
    for folder in (lab.folder, os.path.dirname(lab.folder)):
        os.chmod(folder, 0o711)
    nobody = pwd.getpwnam('nobody').pw_uid
    for agent in lab.agents:
        with open(f'/proc/{agent.pid}/status', encoding='ascii') as f:
            rows = dict(line.rstrip('\n').split(':\t', 1) for line in f if ':\t' in line)
        equal(set(rows['Uid'].split()), {str(nobody)}, 'user')
        equal('0' in rows['Gid'].split() + rows['Groups'].split(), False, 'a group of root')
        for name in ('CapPrm', 'CapEff', 'CapBnd', 'CapInh', 'CapAmb'):
            equal(int(rows[name], 16) & ~(1 << 12), 0, f'{name} but CAP_NET_ADMIN')
        equal(rows['NoNewPrivs'], '1', 'no_new_privs')
        with open(f'/proc/{agent.pid}/limits', encoding='ascii') as f:
            equal([line.split()[4:6] for line in f if line.startswith('Max core')], [['0', '0']], 'size of a core')
        # Not dumpable: /proc shows it as root's, also to itself.
        for name in ('mem', 'maps', 'environ', 'auxv', 'stack'):
            done = subprocess.run(['head', '-c', '1', f'/proc/{agent.pid}/{name}'], user=nobody, group=nobody, extra_groups=[],
                                  cwd='/', check=False, capture_output=True)
            equal((done.returncode, done.stdout), (1, b''), f'what its own user reads of {name}')
    alice, bob = await lab.pair()
    out, into = await establish(alice, bob, Situation(SDES))
    await lab.talk(out, into)
    await known(lab.agents[0])
    equal((await out.reinvite(out.media.offer(rekey=True))).status, 200, 're-INVITE')
    await lab.talk(out, into)
    await hang_up(out, into)
    await lab.idle()


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
