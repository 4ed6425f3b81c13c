#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Attacks on the signalling: strangers, neighbours, registered UEs that reach for what is not theirs."""
import asyncio
import contextlib
import os

from lab import LAB_SWITCH, main, scenario
from agent import UDP_PORT        # behind lab, which finds the other modules
from lib.ktap import equal
from peers.sip import sipmsg
from peers.sip.scenario import establish, hang_up
from peers.sip.scscf import settle


def raw(method, uri, sock, *headers, cseq=1, to='<sip:bob@home1.net>', body=b'', branch=None, rport=True):
    """Octets of a request as a socket without any manners sends it."""
    host, port = sock.getsockname()[:2]
    lines = [f'{method} {uri} SIP/2.0',
             f'Via: SIP/2.0/UDP {host}:{port};branch={branch or "z9hG4bK" + os.urandom(6).hex()}{";rport" if rport else ""}',
             'Max-Forwards: 70', f'From: <sip:mallory@home1.net>;tag={os.urandom(3).hex()}', f'To: {to}',
             f'Call-ID: {os.urandom(8).hex()}', f'CSeq: {cseq} {method}', *headers, f'Content-Length: {len(body)}']
    return '\r\n'.join(lines).encode() + b'\r\n\r\n' + body


async def heard(sock, seconds=0.5):
    """Messages that come to a socket within a while."""
    loop, out = asyncio.get_running_loop(), []
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while True:
                out.append(sipmsg.parse(await loop.sock_recv(sock, 1 << 16)))
    return out


async def transactions(lab):
    """How many there are."""
    return (await lab.agents[0].status())['transactions']


@scenario('what a stranger sends is answered once, keeps nothing, and reaches nobody', kind='udp', clean=False)
async def strangers(lab):
    with lab.socket(lab.places[0]) as sock:
        for method in ('INVITE', 'BYE', 'MESSAGE', 'SUBSCRIBE', 'CANCEL', 'UPDATE', 'FOO'):
            for to in ('<sip:bob@home1.net>', '<sip:bob@home1.net>;tag=x'):
                sock.send(raw(method, 'sip:bob@home1.net', sock, to=to))
                # An INVITE's refusal would be repeated for 64*T1 if there were a transaction.
                got = await heard(sock, 0.6 if method == 'INVITE' else 0.1)
                equal([m.status for m in got], [481 if method == 'CANCEL' else 403], f'answers to {method}')
    equal(await transactions(lab), 0, 'transactions')
    equal(lab.core.requests, [], 'requests at the core')


@scenario('a response of a registered UE that answers nothing goes nowhere, whatever its Via says', kind='udp')
async def stray_responses(lab):
    alice = await lab.ue('alice')
    place = lab.places[0]
    with lab.socket(place, port=0) as victim:
        here = '%s:%d' % victim.getsockname()[:2]
        for below in (f'{lab.core.host}:{UDP_PORT}', f'{lab.core.host}:9', here, f'x.invalid;received={lab.core.host};rport=9'):
            for kind in ('UDP', 'TCP'):
                alice.flow.send_raw(
                    f'SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP {place.core}:{UDP_PORT};branch=z9hG4bKno\r\n'
                    f'Via: SIP/2.0/{kind} {below};branch=z9hG4bKcore\r\nFrom: <sip:a@home1.net>;tag=1\r\n'
                    'To: <sip:b@home1.net>;tag=2\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\nContact: <sip:x@y>\r\n'
                    'Content-Length: 0\r\n\r\n'.encode())
        equal(await heard(victim), [], 'what the victim of Via got')
    equal([r.raw for r in lab.ladder.rungs if r.party == 'scscf' and b'z9hG4bKno' in r.raw or b'z9hG4bKcore' in r.raw
           and not r.out], [], 'what the core got')
    equal((await lab.agents[0].status())['stray-responses'], 8, 'strays')


if __name__ == '__main__':
    main()
