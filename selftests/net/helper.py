# SPDX-License-Identifier: GPL-2.0
"""The library under test, built with sanitizers into selftests/net/drive.c and driven from here."""
import errno
import glob
import json
import os
import queue
import socket
import subprocess
import tempfile
import threading
import time

from lib.ktap import equal

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
FLAGS = [
    '-std=gnu11', '-D_GNU_SOURCE', '-O1', '-g', '-Wall', '-Wextra', '-Werror', '-Wshadow',
    '-fsanitize=address,undefined', '-fno-sanitize-recover=all', '-fno-omit-frame-pointer'
]
LIBRARIES = ['libevent_core', 'libssl', 'libcrypto', 'libcares']
LIMITS = {'connections': 0, 'each': 0, 'out': 0, 'connect': 0, 'message': 0, 'idle': 0, 'head': 0, 'body': 0}
HOST = {4: '127.0.0.1', 6: '::1'}
WAIT = 10


def build(path, *flags):
    """Builds the driver with the sources of the library."""
    parts = [os.path.join(TOP, 'agent', part, '*.c') for part in ('net', 'sip')]
    sources = [name for part in [os.path.join(HERE, '*.c'), *parts] for name in sorted(glob.glob(part))]
    libraries = subprocess.run(['pkg-config', '--cflags', '--libs', *LIBRARIES], check=True, capture_output=True,
                               text=True).stdout.split()
    subprocess.run(['gcc', *(flags or FLAGS), '-o', path, *sources,
                    os.path.join(TOP, 'agent', 'media', 'sdp_text.c'), *libraries], check=True)


def certificate(folder, name, names, issuer=None, days=2):
    """Makes NAME.pem and NAME.key; by itself a CA, else issued by one."""
    base = os.path.join(folder, name)
    extra = ['-addext', f'subjectAltName={names}'] if names else []
    if issuer:
        extra += ['-CA', f'{issuer}.pem', '-CAkey', f'{issuer}.key', '-addext', 'basicConstraints=CA:FALSE']
    request = ['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
               '-days', str(days), '-subj', f'/CN={name}', '-keyout', f'{base}.key', '-out', f'{base}.pem', *extra]
    done = subprocess.run(request, capture_output=True, text=True)
    if not done.returncode:
        return base
    # OpenSSL before 3.2 has no -CA here.
    return _issued(base, name, names, issuer, days)


def _issued(base, name, names, issuer, days):
    subprocess.run(['openssl', 'req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
                    '-subj', f'/CN={name}', '-keyout', f'{base}.key', '-out', f'{base}.csr'],
                   check=True, capture_output=True)
    with open(f'{base}.ext', 'w', encoding='ascii') as file:
        file.write(f'basicConstraints=CA:FALSE\nsubjectAltName={names}\n')
    subprocess.run(['openssl', 'x509', '-req', '-in', f'{base}.csr', '-CA', f'{issuer}.pem', '-CAkey',
                    f'{issuer}.key', '-CAcreateserial', '-days', str(days), '-extfile', f'{base}.ext', '-out',
                    f'{base}.pem'], check=True, capture_output=True)
    return base


def address(text):
    """(host, port) of "127.0.0.1:5060" or "[::1]:5060"."""
    host, _, port = text.rpartition(':')
    return host.strip('[]'), int(port)


def message(body=b'', method='OPTIONS', extra=()):
    """A request as a peer would send it."""
    lines = [f'{method} sip:bob@example.com SIP/2.0', 'Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK77',
             'Max-Forwards: 70', 'From: <sip:alice@example.com>;tag=1', 'To: <sip:bob@example.com>', 'Call-ID: c1',
             f'CSeq: 1 {method}', *extra, f'Content-Length: {len(body)}', '', '']
    return '\r\n'.join(lines).encode() + body


class World:
    """The driver, running; settle() gives every test a new net."""

    def __enter__(self):
        self.dir = tempfile.TemporaryDirectory()
        self.path = os.path.join(self.dir.name, 'drive')
        build(self.path)
        self.ca = certificate(self.dir.name, 'ca', '')
        self.cert = certificate(self.dir.name, 'pcscf', 'DNS:pcscf.example,IP:127.0.0.1,IP:::1', self.ca)
        self.client = certificate(self.dir.name, 'scscf', 'DNS:scscf.example', self.ca)
        self.stranger = certificate(self.dir.name, 'stranger', 'DNS:scscf.example')
        self.process, self.sockets = None, []
        self.start()
        return self

    def start(self):
        """Starts the driver."""
        self.events, self.lines = [], queue.SimpleQueue()
        self.process = subprocess.Popen([self.path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        # The driver must never have to wait until somebody reads.
        self.reader = threading.Thread(target=self._collect, args=(self.process.stdout, self.lines), daemon=True)
        self.reader.start()

    @staticmethod
    def _collect(stdout, lines):
        for line in stdout:
            lines.put(line)
        lines.put(None)

    def build_plain(self):
        """Builds the driver without sanitizers, which take memory of their own."""
        build(self.path, '-std=gnu11', '-D_GNU_SOURCE', '-O2')

    def stop(self):
        """Ends the driver; its sanitizers are content."""
        self.process.stdin.close()
        status = self.process.wait(20)
        self.reader.join(20)
        self.process.stdout.close()
        equal(status, 0, 'exit status of the driver')

    def __exit__(self, kind, *_):
        self.settle_sockets()
        try:
            self.stop()
        finally:
            self.dir.cleanup()

    def settle_sockets(self):
        """Closes the peers' sockets."""
        for sock in self.sockets:
            sock.close()
        self.sockets = []

    def settle(self):
        """Between two tests: everything of the last one is gone."""
        self.settle_sockets()
        if self.process.poll() is not None:
            self.start()
        self.do('free')
        self.events = []
        self.limits()

    def _read(self, until):
        try:
            line = self.lines.get(timeout=max(0, until - time.monotonic()))
        except queue.Empty:
            return None
        if line is None:
            raise AssertionError(f'the driver ended with {self.process.wait()}')
        return json.loads(line)

    def call(self, *words):
        """Result of a command."""
        self.process.stdin.write(' '.join(str(w) for w in words).encode() + b'\n')
        self.process.stdin.flush()
        until = time.monotonic() + 20
        while True:
            event = self._read(until)
            assert event, f'no answer to {words[0]}'
            if event['event'] == 'done':
                return event['result']
            self.events.append(event)

    def do(self, *words):
        """A command that succeeds."""
        equal(self.call(*words), 0, f'result of {words[0]}')

    def fault(self, *words):
        """The errno name of a command that fails."""
        result = self.call(*words)
        assert result < 0, f'{words[0]} did not fail'
        return errno.errorcode[-result]

    def wait(self, kind, seconds=WAIT, **want):
        """The next event of a kind (and with these members), which is taken out."""
        until = time.monotonic() + seconds
        while True:
            for event in self.events:
                if event['event'] == kind and all(event[k] == v for k, v in want.items()):
                    self.events.remove(event)
                    return event
            event = self._read(until)
            assert event, f'no {kind} {want}; there are {[(e["event"], e.get("flow")) for e in self.events]}'
            self.events.append(event)

    def none(self, kind, seconds=0.2):
        """Asserts that no event of a kind comes."""
        until = time.monotonic() + seconds
        while True:
            found = [e for e in self.events if e['event'] == kind]
            assert not found, f'unwanted {found[0]}'
            event = self._read(until)
            if not event:
                return
            self.events.append(event)

    def limits(self, **given):
        """Limits of the next net; 0 is the usual one."""
        self.do('limits', *{**LIMITS, **given}.values())

    def net(self, *kinds, side=0, cert=None, ca='-', mode=None, **limits):
        """A new net that listens; kinds like "tcp4". Returns its addresses by kind."""
        self.limits(**limits)
        self.do('new')
        if mode:
            self.do('mode', mode)
        return self.side(*kinds, side=side, cert=cert or self.cert, ca=ca)

    def side(self, *kinds, side, cert, ca='-'):
        """One more side. Returns its addresses by kind."""
        where = []
        for kind in kinds:
            host = HOST[int(kind[-1])]
            where += [kind[:-1], f'[{host}]:0' if ':' in host else f'{host}:0']
        self.do('side', side, f'{cert}.pem', f'{cert}.key', ca, *where)
        event = self.wait('side')
        return {kind: event[kind] for kind in kinds}

    def connect(self, text, timeout=WAIT, **_):
        """A TCP connection to the net."""
        sock = socket.create_connection(address(text), timeout)
        self.sockets.append(sock)
        return sock

    def datagrams(self, text, timeout=WAIT):
        """A UDP socket that is connected to the net."""
        sock = socket.socket(socket.AF_INET6 if text[0] == '[' else socket.AF_INET, socket.SOCK_DGRAM)
        sock.settimeout(timeout)
        sock.connect(address(text))
        self.sockets.append(sock)
        return sock

    def listen(self, version=4):
        """A TCP socket that listens, and its address as text."""
        sock = socket.create_server((HOST[version], 0), family=socket.AF_INET6 if version == 6 else socket.AF_INET)
        sock.settimeout(WAIT)
        self.sockets.append(sock)
        return sock, text_of(sock.getsockname())


def text_of(name):
    """Text of a socket's address."""
    return f'[{name[0]}]:{name[1]}' if ':' in name[0] else f'{name[0]}:{name[1]}'


def receive(sock, size):
    """That many octets of a connection."""
    data = b''
    while len(data) < size:
        more = sock.recv(size - len(data))
        assert more, f'the connection ended after {len(data)} of {size} octets'
        data += more
    return data


def ended(sock):
    """Asserts that the peer closes; returns what comes before."""
    data = b''
    try:
        while more := sock.recv(65536):
            data += more
    except ConnectionError:
        pass
    return data
