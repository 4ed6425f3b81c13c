#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""MSRP over TLS with pre-shared keys between UEs and their gateways, plain MSRP in the core."""
import asyncio
import hashlib
import os
from dataclasses import replace

from lab import main, refused, scenario
from lib.ktap import SLOW, equal
from messaging import CAN, CANNOT, SAFE, TEXT, begin, calls_of, chat, each_role, join, msrp, transports
from peers.msrp import channel
from peers.msrp.wire import Message, token
from peers.sip.registration import CAPABILITIES
from peers.sip.scenario import establish, hang_up, on_wire_is_srtp
from peers.sip.situation import MIKEY, PLAIN, PSK_TLS, SDES

FILE_OCTETS = int(os.environ.get('E2AE_MSRP_OCTETS', 64 << 20))
CHUNK = 64 << 10


@each_role('its MSRP is TLS to the gateway and plain in the core, messages pass both ways')
async def messages(lab, role):
    ours, theirs = await begin(lab, role)
    equal((msrp(ours).outcome, msrp(theirs).outcome, msrp(ours).indicator), (PSK_TLS, PLAIN, 'applied'), 'keying')
    one, other = await join(ours, theirs)
    await chat(one, other)
    call = await calls_of(lab.agents[0], line1_session='up')
    equal((call['line1-how'], call['line1-tls'], call['secured'], call['line1-cema']), (PSK_TLS, 'TLSv1.3', True, False), 'told')
    assert msrp(theirs).peer.startswith('msrp://') and msrp(ours).peer.startswith('msrps://'), 'schemes'
    status = await lab.agents[0].status()
    equal((status['msrp-up'], status['msrp-established']), (1, 1), 'status')
    await hang_up(ours, theirs)
    await asyncio.wait_for(asyncio.gather(one.ended.wait(), other.ended.wait()), 5 * SLOW)
    equal((await lab.agents[0].status())['msrp-sessions'], 0, 'sessions that are left')


@each_role('either side may be the one that connects, TLS 1.3 and 1.2, with CEMA and without', seconds=60)
async def directions(lab, role):
    alice, bob = await lab.pair(CAN, CANNOT)
    for setup in ('active', 'passive'):
        for version in ('1.3', '1.2'):
            for cema in ((True, True), (False, True), (True, False), (False, False)):
                ue = replace(SAFE, msrp_setup='actpass' if role == 'calls' else setup, msrp_tls=version, msrp_cema=cema[0])
                other = {'active': 'passive', 'passive': 'active'}[setup]
                far = replace(TEXT, msrp_setup=other if role == 'calls' else 'actpass', msrp_cema=cema[1])
                alice.situation, bob.situation = ue, far
                ours, theirs = await establish(*((alice, bob, ue) if role == 'calls' else (bob, alice, far)))
                if role != 'calls':
                    ours, theirs = theirs, ours
                what = f'{setup} {version} {cema}'
                if setup == 'active' or not cema[0] or role != 'calls':
                    equal(msrp(ours).connects, setup == 'active', what)
                one, other = await join(ours, theirs)
                await chat(one, other)
                call = await calls_of(lab.agents[0], line1_session='up')
                equal((call['line1-cema'], call['line1-tls']), (all(cema), f'TLSv{version}'), what)
                if all(cema):
                    equal((one.peer, other.peer), (other.own, one.own), 'paths')
                else:
                    offerer, answerer = (one, other) if role == 'calls' else (other, one)
                    assert offerer.peer != answerer.own, 'the path of the answer was not replaced'
                await hang_up(ours, theirs)
                await lab.idle()


class Pages:
    """A file of random pages, which repeat after 1 MiB."""

    def __init__(self, octets):
        self.octets, self.pages = octets, os.urandom(1 << 20)

    def __len__(self):
        return self.octets

    def __getitem__(self, part):
        first, last, _ = part.indices(self.octets)
        at = first % len(self.pages)
        return (self.pages + self.pages[:1 << 17])[at:at + last - first]

    def digest(self):
        """SHA-256 of it."""
        sha = hashlib.sha256()
        for _ in range(self.octets // len(self.pages)):
            sha.update(self.pages)
        return sha.hexdigest()


async def transfer(one, other, octets, size=CHUNK):
    """A file: what came has to have the same digest."""
    data, seconds = Pages(octets), 200 + (octets >> 22)
    sending = asyncio.ensure_future(one.send(data, 'application/octet-stream', size, success=True, seconds=seconds))
    came = await other.expect(seconds)
    await sending
    equal((came.digest(), came.chunks), (data.digest(), -(-len(data) // size)), 'the file')
    report = await one.report()
    equal((report.get('Status'), report.get('Byte-Range')), ('000 200 OK', f'1-{len(data)}/{len(data)}'), 'REPORT')


def file_through(sentence, cema):
    @scenario(sentence, seconds=150 + (FILE_OCTETS >> 22), agents=2)
    async def _(lab):
        alice, bob = await lab.pair(CAN, CAN)
        bob.situation = replace(SAFE, msrp_cema=cema)
        out, into = await establish(alice, bob, bob.situation)
        equal((msrp(out).outcome, msrp(into).outcome), (PSK_TLS, PSK_TLS), 'keying')
        one, other = await join(out, into)
        await transfer(one, other, FILE_OCTETS)
        await transfer(other, one, 1 << 20, 2048)
        one.check()
        other.check()
        for agent in lab.agents:
            call = await calls_of(agent, line1_session='up')
            equal(call['line1-cema'], cema, 'CEMA')
            assert int(call['line1-octets-in']) + int(call['line1-octets-out']) > FILE_OCTETS, call
        await hang_up(out, into)


file_through(f'a file of {FILE_OCTETS >> 20} MiB passes two gateways that rewrite its messages, and arrives as it was', False)
file_through(f'a file of {FILE_OCTETS >> 20} MiB passes two gateways with CEMA, and arrives as it was', True)


@each_role('chunks of two messages may alternate, one may be given up, and reports come back')
async def chunks(lab, role):
    ours, theirs = await begin(lab, role)
    one, other = await join(ours, theirs)
    for sender, taker in ((one, other), (other, one)):
        ids, data = (token(), token()), (os.urandom(9000), os.urandom(7000))
        for at in range(0, 9000, 3000):
            for id_, octets in zip(ids, data):
                part = octets[at:at + 3000]
                if not part:
                    continue
                flag = '$' if at + 3000 >= len(octets) else '+'
                more = [('Success-Report', 'yes')]
                response = await sender.ask(sender.chunk(id_, at + 1, part, len(octets), 'image/png', flag, more))
                equal(response.status, 200, 'a chunk')
        came = {}
        for _ in range(2):
            message = await taker.expect()
            came[message.id] = message.body()
            report = await sender.report()
            equal(report.get('Message-ID'), message.id, 'REPORT')
        equal(came, dict(zip(ids, data)), 'messages')
        gone = token()
        await sender.ask(sender.chunk(gone, 1, b'x' * 500, 5000, flag='+'))
        await sender.ask(sender.chunk(gone, 501, b'y' * 100, 5000, flag='#'))
        message = await taker.expect()
        equal((message.id, message.flag, message.body()), (gone, '#', b'x' * 500 + b'y' * 100), 'the one that was given up')
        taker.answer = 413
        equal((await sender.ask(sender.chunk(token(), 1, b'z', 1))).status, 413, 'a refusal')
        taker.answer = 200
        sender.check()
        taker.check()
    await hang_up(ours, theirs)


async def rejected(line, tls=None):
    """TLS does not come about: nothing of MSRP is said."""
    made = await line.channel(tls)
    made.writer.write(Message('SEND', headers=[('To-Path', line.peer), ('From-Path', line.path())]).encode())
    try:
        got = await asyncio.wait_for(made.reader.read(100), 8 * SLOW)
    except asyncio.TimeoutError:
        raise AssertionError('a connection that should have been refused stays') from None
    equal(got, b'', 'what came from the gateway')
    said = bytes(made.said)
    await made.close()
    return said


@scenario('a wrong key, a strange identity and another version of TLS are refused in the same way; the right key still works')
async def wrong_keys(lab):
    ours, theirs = await begin(lab, 'calls')
    line, right = msrp(ours), msrp(ours).key()
    said = set()
    for wrong in (replace(right, psk='00' * 32), replace(right, identity='somebody@else'),
                  replace(right, identity=right.identity.replace('@', 'x@')), line.key(psk=line.key().psk[2:] + '00')):
        text = await rejected(line, wrong)
        said.add(b'alert' in text)
        assert b'decrypt error' in text or b'alert number 51' in text or b'illegal' in text, text[-300:]
    equal(said, {True}, 'alerts')
    other_version = replace(right, version='1.2')       # the key of 1.3 in 1.2
    await rejected(line, other_version)
    one, other = await join(ours, theirs)
    await chat(one, other)
    call = await calls_of(lab.agents[0], line1_session='up')
    assert int(call['line1-refused']) >= 5, call
    made = await channel.tls_connect(line.host, line.target(), right, line.netns)
    equal(await asyncio.wait_for(made.reader.read(10), 8 * SLOW), b'', 'a second connection with the same identity')
    await made.close()
    await chat(one, other)
    await hang_up(ours, theirs)
    await lab.idle()
    made = await channel.tls_connect(line.host, line.target(), right, line.netns)
    equal(await asyncio.wait_for(made.reader.read(10), 8 * SLOW), b'', 'after the call')
    await made.close()


@scenario('keys of another call, of another line and of the other role open nothing')
async def other_keys(lab):
    alice, bob = await lab.pair(CAN, CANNOT)
    bob.situation = TEXT
    first, far = await establish(alice, bob, SAFE)
    second, far2 = await establish(alice, bob, SAFE)
    await rejected(msrp(second), msrp(first).key())
    line = msrp(second)
    for index, role in ((2, 1), (1, 2)):
        ring = line.keyring
        was = ring._call
        ring._call = (*was[:2], role)
        psk, _ = ring.psk_tls(index, b'ims-e2ae-msrp-tls13-psk', 1)
        ring._call = was
        await rejected(line, replace(line.key(), psk=psk.hex()))
    await chat(*await join(second, far2))
    await hang_up(second, far2)
    await chat(*await join(first, far))
    await hang_up(first, far)


@scenario('after another registration the keys of the one before are still good in a call')
async def generations(lab):
    alice, bob = await lab.pair(CAN, CANNOT)
    await alice.register()
    equal(len(alice.registration.generations), 2, 'generations')
    bob.situation = TEXT
    for generation in (1, 0):
        out, into = await establish(alice, bob, replace(SAFE, msrp_generation=generation))
        await chat(*await join(out, into))
        await hang_up(out, into)


@each_role('either end of the connection goes away: the other is told, the call stays, and another offer connects again')
async def killed(lab, role):
    ours, theirs = await begin(lab, role)
    for who in (0, 1):
        one, other = await join(ours, theirs)
        await chat(one, other)
        gone, left = ((ours, other), (theirs, one))[who]
        await msrp(gone).channels[-1].close()
        await asyncio.wait_for(left.ended.wait(), 10 * SLOW)
        call = await calls_of(lab.agents[0], line1_session='over')
        equal(call['state'], 'up', 'state')
        await msrp(theirs if who == 0 else ours).channels[-1].close()
        assert (await ours.reinvite(ours.media.offer(move=True))).status == 200, 'the re-INVITE'
        await calls_of(lab.agents[0], line1_session='connects')
    await chat(*await join(ours, theirs))
    await hang_up(ours, theirs)


@scenario('a call whose only medium is a session that is over ends, if none comes in its place', more={'media-timeout': 1})
async def silent(lab):
    ours, theirs = await begin(lab, 'calls')
    one, other = await join(ours, theirs)
    await chat(one, other)
    await msrp(ours).channels[-1].close()
    await asyncio.gather(ours.ended(), theirs.ended())
    equal('Media timeout' in theirs.requests[-1].get('Reason', ''), True, 'Reason')


@scenario('a session that is silent for too long is closed, and so is one to which nobody connects', more={
    'msrp-idle': 1, 'msrp-connect': 2, 'end-silent': False})
async def limits(lab):
    ours, theirs = await begin(lab, 'calls')
    one, other = await join(ours, theirs)
    await asyncio.wait_for(asyncio.gather(one.ended.wait(), other.ended.wait()), 10 * SLOW)
    equal((await calls_of(lab.agents[0], line1_session='over'))['line1-why'], 'idle', 'why')
    assert (await ours.reinvite(ours.media.offer(move=True))).status == 200
    equal((await calls_of(lab.agents[0], line1_session='over', line1_why='connect'))['state'], 'up', 'state')
    equal((await lab.agents[0].status())['msrp-timeouts'], 2, 'timeouts')
    await hang_up(ours, theirs)


@scenario('audio with SRTP and MSRP over TLS in one call', agents=2)
async def both(lab):
    for keying in (MIKEY, SDES):
        if keying == MIKEY:
            alice, bob = await lab.pair(CAN, CAN)
        bob.situation = replace(SAFE, kinds=('audio', 'message'))
        out, into = await establish(alice, bob, replace(bob.situation, keying=keying))
        equal((out.media.outcomes()[1], into.media.outcomes()[1]), (PSK_TLS, PSK_TLS), 'MSRP')
        assert out.media.outcomes()[0] == keying and into.media.outcomes()[0] in (MIKEY, SDES), out.media.outcomes()
        one, other = await join(out, into)
        await lab.talk(out, into)
        await chat(one, other)
        if lab.world.kernel:
            on_wire_is_srtp(out, into)
        assert (await out.hold()).status == 200
        await chat(one, other)
        assert (await out.resume()).status == 200
        await lab.talk(out, into)
        await chat(one, other)
        for agent in lab.agents:
            call = await calls_of(agent, line2_session='up')
            equal((call['lines'], call['secured']), (2, True), 'told')
        await hang_up(out, into)


@scenario('a line of MSRP is added to a call, two of them, and taken away again')
async def lines(lab):
    alice, bob = await lab.pair(CAN, CANNOT)
    bob.situation = TEXT
    out, into = await establish(alice, bob, replace(SAFE, keying=SDES, kinds=('audio',)))
    out.media.situation = replace(SAFE, keying=SDES, kinds=('audio', 'message', 'message'))
    assert (await out.reinvite(out.media.offer())).status == 200
    equal(out.media.outcomes(), [SDES, PSK_TLS, PSK_TLS], 'keying')
    sessions = []
    for n in (1, 2):
        sessions.append(await asyncio.gather(out.media.lines[n].join(), into.media.lines[n].join()))
    for one, other in sessions:
        await chat(one, other)
    out.media.lines[1].active = False
    assert (await out.reinvite(out.media.offer())).status == 200
    await asyncio.wait_for(sessions[0][0].ended.wait(), 10 * SLOW)
    await chat(*sessions[1])
    equal((await lab.agents[0].status())['msrp-sessions'], 1, 'sessions')
    await hang_up(out, into)


async def tcpdump(lab, name, netns, device):
    """A capture of TCP on a device: (the process, the file)."""
    path = os.path.join(lab.folder, f'{name}.pcap')
    inside = ['ip', 'netns', 'exec', netns] if netns else []
    words = [*inside, 'tcpdump', '-i', device, '-U', '--immediate-mode', '-B', '8192', '-w', path, 'tcp']
    process = await asyncio.create_subprocess_exec(*words, stderr=asyncio.subprocess.PIPE)
    await asyncio.wait_for(process.stderr.readuntil(b'listening'), 10 * SLOW)
    return process, path


async def tshark(path, *words):
    """Lines of what tshark makes of a capture."""
    process = await asyncio.create_subprocess_exec('tshark', '-n', '-r', path, *words, stdout=asyncio.subprocess.PIPE,
                                                   stderr=asyncio.subprocess.DEVNULL)
    out, _ = await asyncio.wait_for(process.communicate(), 60 * SLOW)
    return out.decode().splitlines()


def fields(*names):
    """Words of tshark's command line."""
    return [word for name in names for word in ('-e', name)]


@scenario('on the access wire there is TLS and no word of a message, in the core there is MSRP as tshark reads it', agents=2,
          seconds=60)
async def wires(lab):
    alice, bob = await lab.pair(CAN, CANNOT)
    bob.situation = TEXT
    place, kernel = lab.places[0], lab.world.kernel
    tapes = [await tcpdump(lab, *where) for where in ((('access', 'ue-a', 'eth0'), ('core', 'core', 'br0')) if kernel else
                                                      (('both', None, 'lo'),))]
    ours, theirs = await establish(alice, bob, SAFE)
    one, other = await join(ours, theirs)
    await chat(one, other, b'Nobody but Bob reads this.')
    port = msrp(theirs).port
    await hang_up(ours, theirs)
    await asyncio.sleep(0.3 * SLOW)
    for process, _ in tapes:
        process.terminate()
        await process.wait()
    access, core = tapes[0][1], tapes[-1][1]
    near = msrp(ours).leg.remote[1]
    seen = await tshark(access, '-Y', f'ip.addr == {alice.host} && ip.addr == {place.access} && tcp.port == {near}', '-d',
                        f'tcp.port=={near},tls', '-T', 'fields',
                        *fields('tcp.payload', 'tls.record.version', 'tls.handshake.type'))
    octets = bytes.fromhex(''.join(line.split('\t')[0] for line in seen))
    assert len(octets) > 500, f'{len(octets)} octets of TLS in {len(seen)} packets'
    assert b'Nobody' not in octets and b'MSRP' not in octets, 'words on the access wire'
    equal({'1', '2'} <= {line.split('\t')[2] for line in seen if line.count('\t') == 2}, True, 'hellos of TLS')
    rows = await tshark(core, '-d', f'tcp.port=={port},msrp', '-Y', f'msrp && ip.addr == {place.core}', '-T', 'fields',
                        *fields('msrp.method', 'msrp.status.code', 'msrp.to.path', 'msrp.from.path'))
    found = [row.split('\t') for row in rows]
    equal([sum(bool(row[n]) for row in found) for n in (0, 1)], [3, 3], 'requests and responses')
    equal({tuple(row[2:4]) for row in found}, {(other.own, other.peer), (other.peer, other.own)}, 'paths')
    data = await tshark(core, '-Y', f'ip.addr == {place.core} && tcp.port == {port}', '-T', 'fields', '-e', 'tcp.payload')
    assert b'Nobody but Bob' in bytes.fromhex(''.join(data)), 'the same search finds nothing in the core'


@scenario('policy decides on MSRP as on audio', policies=[{'originating': 'require', 'terminating': 'require',
                                                          'profiles': ['psk-tls']}])
async def required(lab):
    alice, bob = await lab.pair(CAN, CAN)
    await refused(await alice.invite(bob.aor(), TEXT), 488)
    bob.situation = TEXT
    ours, theirs = await establish(alice, bob, SAFE)
    equal((msrp(ours).outcome, msrp(theirs).outcome), (PSK_TLS, PSK_TLS), 'keying')
    await chat(*await join(ours, theirs))
    await hang_up(ours, theirs)


@scenario('without the capability, and on signalling that anyone reads, MSRP for the edge is refused', kind='tcp')
async def unable(lab):
    alice, bob = await lab.pair(CAN, CANNOT)
    await refused(await alice.invite(bob.aor(), SAFE), 488)
    carol = await lab.ue('carol', kind='tls', security_client=CAPABILITIES)
    await refused(await carol.invite(bob.aor(), SAFE), 488)
    bob.situation = TEXT
    out, into = await establish(carol, bob, TEXT)
    equal(transports(into), ['TCP/MSRP'], 'in the clear it passes')
    await chat(*await join(out, into))
    await hang_up(out, into)


if __name__ == '__main__':
    main()
