# SPDX-License-Identifier: GPL-2.0
"""What registrations and calls that are held take of the agent's memory."""
import collections
import contextlib
import socket
import time

from load import CORE, EDGE, PORT, core, resident, ues, SECURE

Held = collections.namedtuple('Held', 'count allocated resident status')
HEADS = ('Via', 'From', 'To', 'Call-ID', 'CSeq', 'Contact', 'Path')
NONCE = 'MTIzNDU2Nzg5MDEyMzQ1NjEyMzQ1Njc4OTAxMjM0NTY='
CHALLENGE = (f'WWW-Authenticate: Digest realm="home1.net", nonce="{NONCE}", algorithm=AKAv1-MD5, '
             f'ck="{"00" * 16}", ik="{"11" * 16}"')
WARM = 200      # registrations and calls before the first look at the memory
RATE = 400      # calls a second


class Registrar:
    """Answers REGISTERs for many UEs in this process, and is these UEs too."""

    def __init__(self):
        self.core = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.core.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.core.bind((CORE, PORT))
        self.core.settimeout(5)

    def _answer(self, number, seq, status, more):
        lines = []
        while f'Call-ID: {number}' not in lines or f'CSeq: {seq} REGISTER' not in lines:    # others are repeated ones
            data, source = self.core.recvfrom(65536)
            lines = data.decode().split('\r\n')
        heads = [line for line in lines if line.partition(':')[0] in HEADS]
        heads = [line + ';tag=c' if line.startswith('To:') else line for line in heads]
        self.core.sendto('\r\n'.join([f'SIP/2.0 {status}', *heads, *more, 'Content-Length: 0', '', '']).encode(), source)

    def register(self, number):
        """Registers UE number n, from an address of its own."""
        host = f'127.1.{10 + number // 250}.{1 + number % 250}'
        name = f'+4930{number:08}'
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.bind((host, 6000))
            sock.connect((EDGE, PORT))
            sock.settimeout(5)
            for seq, (status, nonce, more) in enumerate((
                    ('401 Unauthorized', '', [CHALLENGE]),
                    ('200 OK', NONCE, [f'Service-Route: <sip:orig@{CORE}:{PORT};lr>',
                                       f'P-Associated-URI: <sip:{name}@home1.net>, <tel:{name}>'])), 1):
                sock.send((f'REGISTER sip:home1.net SIP/2.0\r\nVia: SIP/2.0/UDP {host}:6000;branch=z9hG4bK{number}x{seq}\r\n'
                           f'Max-Forwards: 70\r\nFrom: <sip:{name}@home1.net>;tag=1\r\nTo: <sip:{name}@home1.net>\r\n'
                           f'Call-ID: {number}\r\nCSeq: {seq} REGISTER\r\nContact: <sip:{name}@{host}:6000>;expires=3600\r\n'
                           f'Authorization: Digest username="{name}_private@home1.net", realm="home1.net", uri="sip:home1.net", '
                           f'nonce="{nonce}", response="{"0" * 32 if nonce else ""}"\r\nSecurity-Client: sdes-srtp;mediasec, '
                           'e2ae-mikey;mediasec\r\nRequire: mediasec\r\nContent-Length: 0\r\n\r\n').encode())
                self._answer(number, seq, status, more)
                sock.recv(65536)


def _growth(gateway, before, count, what):
    """What memory grew by for each."""
    status = gateway.quiet()
    if status[what] < count:
        raise RuntimeError(f'{status[what]} {what} are held, not {count}')
    allocated, own = before
    return Held(count, (status['memory'] - allocated) / count, 1024 * (resident(gateway.pid) - own) / count, status)


def _memory(gateway):
    return gateway.quiet()['memory'], resident(gateway.pid)


def registrations(gateway, count):
    """Octets of a registration; they are held from now on."""
    registrar = Registrar()
    try:
        for number in range(WARM):
            registrar.register(number)
        before = _memory(gateway)
        for number in range(WARM, WARM + count):
            registrar.register(number)
            time.sleep(0.0002)
        return _growth(gateway, before, count, 'registrations')
    finally:
        registrar.core.close()


@contextlib.contextmanager
def calls(folder, gateway, count, callers, seconds):
    """Octets of a call; they are held, with a core that answers more, at least so many seconds."""
    gateway.register(folder, callers, '-r', '400')
    with core(folder, 'callee'):
        before = _memory(gateway)
        driver = ues(folder, 'caller', callers, SECURE, '-m', str(count), '-r', str(RATE), '-l', str(count),
                     '-d', str(1000 * (count // RATE + 60 + seconds)))
        try:
            time.sleep(count / RATE + 1)
            yield _growth(gateway, before, count, 'calls-up')
        finally:
            driver.stop()
