#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Attacks on the signalling: strangers, neighbours, registered UEs that reach for what is not theirs."""
import asyncio
import contextlib
import os

from lab import LAB_SWITCH, main, scenario
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


if __name__ == '__main__':
    main()
