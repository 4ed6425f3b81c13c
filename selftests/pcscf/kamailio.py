#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Calls with SDES through Kamailio as the core's registrar and proxy, with Path, Service-Route and Record-Route."""
import asyncio
import contextlib
import os
import socket
import subprocess
import tempfile
import time

from lab import SDES_ONLY, UDP_PORT, main, refused, scenario
from lib.ktap import SLOW, equal
from peers.msrp import channel
from peers.msrp.session import Session
from peers.msrp.wire import Message, token
from peers.sip import sdp
from peers.sip.registration import CAPABILITIES, MSRP_CAPABILITY
from peers.sip.scenario import establish, hang_up, subscriber
from peers.sip.situation import PSK_TLS, SDES, Situation
from places import die_with_parent

CORE = '127.2.0.8'
HOP = f'sip:{CORE}:{UDP_PORT}'
MSRP_PORT = 2855
HERE = os.path.dirname(os.path.abspath(__file__))
START_SECONDS, STOP_SECONDS = 15 * SLOW, 10 * SLOW
OPTIONS = b'\r\n'.join((b'OPTIONS sip:nobody@home1.net SIP/2.0', b'Via: SIP/2.0/UDP %s;branch=z9hG4bKprobe;rport',
                        b'From: <sip:probe@home1.net>;tag=1', b'To: <sip:nobody@home1.net>', b'Call-ID: probe',
                        b'CSeq: 1 OPTIONS', b'Max-Forwards: 5', b'Content-Length: 0', b'', b''))


def answers():
    """Whether Kamailio is there."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(('127.2.0.7', 0))
        probe.settimeout(0.2)
        try:
            probe.connect((CORE, UDP_PORT))
            probe.send(OPTIONS % b'127.2.0.7')
            return bool(probe.recv(4096))
        except OSError:
            return False


@contextlib.contextmanager
def kamailio(conf='kamailio.cfg'):
    """The process and its children, as long as the block runs."""
    with tempfile.TemporaryDirectory(prefix='e2ae-kamailio-') as folder:
        path, log_path = os.path.join(folder, 'conf'), os.path.join(folder, 'log')
        with open(os.path.join(HERE, conf), encoding='ascii') as f, open(path, 'w', encoding='ascii') as out:
            out.write(f.read().replace('CORE', CORE))
        with open(log_path, 'wb') as log:
            process = subprocess.Popen(['kamailio', '-DD', '-E', '-m', '64', '-f', path, '-Y', folder, '-P',
                                        os.path.join(folder, 'pid')], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                       preexec_fn=die_with_parent)
        try:
            end = time.monotonic() + START_SECONDS
            while not answers():
                if process.poll() is not None or time.monotonic() > end:
                    with open(log_path, encoding='utf-8', errors='replace') as f:
                        raise AssertionError(f'Kamailio does not start: {f.read()[-1500:]}')
                time.sleep(0.05)
            yield
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)
    assert not answers(), 'Kamailio is still there'


def through(sentence):
    """A scenario whose core is Kamailio."""
    def add(function):
        async def work(lab):
            with kamailio():
                await function(lab)
                await lab.idle()
        scenario(sentence, agents=2, seconds=40, clean=False, more={'next-hop': HOP, 'reg-event': False})(work)
    return add


async def pair(lab):
    """Alice and Bob, behind two gateways."""
    return await lab.pair(security_client=SDES_ONLY)


@through('two UEs register at Kamailio and call each other')
async def calls(lab):
    alice, bob = await pair(lab)
    for ue in (alice, bob):
        equal(ue.registration.service_route, [f'<sip:orig@{CORE}:{UDP_PORT};lr>'], 'Service-Route')
    for caller, callee in ((alice, bob), (bob, alice)):
        out, into = await establish(caller, callee, Situation(SDES), ring=180)
        equal((out.media.outcomes(), into.media.outcomes()), ([SDES], [SDES]), 'keying')
        routes = into.request.list('Record-Route')
        equal((len(routes), sum(CORE in one for one in routes)), (5, 1), 'Record-Routes, and those of Kamailio')
        await out.hold()
        await into.resume()
        await out.resume()
        await hang_up(into, out)


@through('a call through Kamailio is cancelled, another refused')
async def cancelled(lab):
    alice, bob = await pair(lab)
    out = await alice.invite(bob.aor(), Situation(SDES))
    into = await bob.incoming()
    await into.ring(180)
    await out.provisional(180)
    out.cancel()
    await refused(out, 487)
    await into.ended()
    out = await alice.invite(bob.aor(), Situation(SDES))
    into = await bob.incoming()
    into.reject(486)
    await refused(out, 486)


@through('Kamailio forks a call to two contacts: one answers, the other is cancelled')
async def forked(lab):
    alice, bob = await pair(lab)
    twin = await lab.ue('twin', at=1, who=subscriber('bob')._replace(impi='twin_private@home1.net'), security_client=SDES_ONLY)
    out = await alice.invite(bob.aor(), Situation(SDES))
    first, second = await asyncio.gather(bob.incoming(), twin.incoming())
    await asyncio.gather(first.ring(180), second.ring(180))
    assert await second.accept(), second.failure
    equal((await out.answered()).status, 200, 'the answer')
    await second.acknowledged()
    await first.ended()
    equal({sdp.parse(one.request.body).media[0].profile for one in (first, second)}, {'RTP/SAVP'}, 'profiles at the contacts')
    await hang_up(out, second)


@scenario('an endpoint behind Kamailio as MSRP relay talks to a UE with TLS behind the gateway', seconds=40)
async def relayed(lab):
    alice, bob = await lab.pair({'security_client': (*CAPABILITIES, MSRP_CAPABILITY)}, {'security_client': ()})
    with kamailio('kamailio-msrp.cfg'):
        relay = f'msrp://{CORE}:{MSRP_PORT}/{token()};tcp'
        far = f'msrp://{bob.host}:9/{token()};tcp'
        made = await channel.connect(bob.host, (CORE, MSRP_PORT))
        auth = Session(made.reader, made.writer, far, relay)
        response = await auth.ask(Message('AUTH', headers=[('To-Path', relay), ('From-Path', far)]))
        equal((response.status, response.get('Use-Path')), (200, relay), 'AUTH')
        for caller in (alice, bob):
            bob.situation = Situation(kinds=('message',), msrp_path=f'{relay} {far}', msrp_setup='passive')
            alice.situation = Situation(kinds=('message',), msrp=PSK_TLS, msrp_setup='active')
            out, into = await establish(caller, bob if caller is alice else alice, caller.situation)
            ours, theirs = (out, into) if caller is alice else (into, out)
            auth.peer = f'{relay} {theirs.media.lines[0].peer}'
            one = await ours.media.lines[0].join()
            for sender, taker in ((one, auth), (auth, one)):
                await sender.send(b'over a relay', success=True, size=5)
                equal((await taker.expect()).body(), b'over a relay', 'the message')
                equal((await sender.report()).get('Status'), '000 200 OK', 'REPORT')
                sender.check()
                taker.check()
            await hang_up(out, into)
        await auth.close()


if __name__ == '__main__':
    main()
