# SPDX-License-Identifier: GPL-2.0
"""Messages that are made and sent by hand, past what well-behaved peers would do."""
import asyncio
import contextlib
import os

from peers.sip import sipmsg


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


def asked(ue, method, target, *routes, tag='', **more):
    """A request of a registered UE with a Route of its own choice."""
    out = sipmsg.Message(method, target)
    for name, value in (('Max-Forwards', 70), ('From', f'<{ue.impu}>;tag=1x'), ('To', f'<{target}>{tag and ";tag=" + tag}'),
                        ('Call-ID', os.urandom(8).hex()), ('CSeq', f'1 {method}'), ('Contact', ue.contact())):
        out.add(name, value)
    for route in routes:
        out.add('Route', route)
    for name, value in more.items():
        out.add(name.replace('_', '-'), value)
    return out


def prepared(ue, request):
    """With a Via, to be sent without a transaction."""
    request.push('Via', ue.via(ue.flow))
    return request
