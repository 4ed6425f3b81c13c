# SPDX-License-Identifier: GPL-2.0
"""A client of rtpengine's ng protocol: one call with plain RTP on the core side, SRTP with SDES on the access side."""
import base64
import os
import re
import socket

PLACE = ('127.0.0.1', 2223)
TRIES = 40


def encode(value):
    """Bencoding of numbers, text, octets, lists and dicts."""
    if isinstance(value, int):
        return b'i%de' % value
    if isinstance(value, str):
        value = value.encode()
    if isinstance(value, bytes):
        return b'%d:%s' % (len(value), value)
    if isinstance(value, list):
        return b'l' + b''.join(encode(one) for one in value) + b'e'
    return b'd' + b''.join(encode(key) + encode(value[key]) for key in sorted(value)) + b'e'


def decode(data, at=0):
    """(value, where it ends)."""
    kind = data[at:at + 1]
    if kind == b'i':
        end = data.index(b'e', at)
        return int(data[at + 1:end]), end + 1
    if kind in (b'l', b'd'):
        out, at = [], at + 1
        while data[at:at + 1] != b'e':
            one, at = decode(data, at)
            out.append(one)
        if kind == b'd':
            out = {key.decode(): value for key, value in zip(out[::2], out[1::2])}
        return out, at + 1
    colon = data.index(b':', at)
    end = colon + 1 + int(data[at:colon])
    return data[colon + 1:end], end


def ask(**request):
    """The answer to a request; the daemon may still be starting."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(0.5)
        cookie = os.urandom(6).hex().encode()
        for _ in range(TRIES):
            try:
                sock.sendto(cookie + b' ' + encode(request), PLACE)
                answer = decode(sock.recv(65536).partition(b' ')[2])[0]
                break
            except (TimeoutError, ConnectionError):
                continue
        else:
            raise RuntimeError('rtpengine does not answer')
    if answer.get('result') not in (b'ok', b'pong'):
        raise RuntimeError(f'rtpengine: {request["command"]}: {answer}')
    return answer


def _sdp(host, port, profile, crypto=''):
    return (f'v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\nm=audio {port} {profile} 0\r\n'
            f'a=rtpmap:0 PCMU/8000\r\n{crypto}a=sendrecv\r\n')


def _port(sdp):
    return int(re.search(r'm=audio (\d+)', sdp)[1])


def call(suite, core, access, key):
    """Sets a call up, from `core` (host, port) to `access`; `key` is what the access side sends with.

    Returns (port for the core side, port for the access side, key of what the access side is sent).
    """
    secure, ident = suite != 'plain', os.urandom(8).hex()
    profile = 'RTP/SAVP' if secure else 'RTP/AVP'
    same = {'call-id': ident, 'from-tag': 'core', 'ICE': 'remove', 'DTLS': 'off', 'rtcp-mux': ['demux'],
            'flags': ['asymmetric'], 'replace': ['origin']}
    more = {'SDES': [f'only-{suite}']} if secure else {}
    offer = ask(command='offer', direction=['core', 'access'], sdp=_sdp(*core, 'RTP/AVP'),
                **{'transport-protocol': profile}, **more, **same)['sdp'].decode()
    crypto, out = '', b''
    if secure:
        tag, text = re.search(rf'a=crypto:(\d+) {suite} inline:([A-Za-z0-9+/=]+)', offer).groups()
        out = base64.b64decode(text + '=' * (-len(text) % 4))
        crypto = f'a=crypto:{tag} {suite} inline:{base64.b64encode(key).decode().rstrip("=")}\r\n'
    answer = ask(command='answer', sdp=_sdp(*access, profile, crypto), **{'transport-protocol': 'RTP/AVP', 'to-tag': 'access'},
                 **same)['sdp'].decode()
    return _port(answer), _port(offer), out
