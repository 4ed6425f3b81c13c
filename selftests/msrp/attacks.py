# SPDX-License-Identifier: GPL-2.0
"""Strangers, replays and downgrades at the access leg."""
import socket
import subprocess
import threading
import time

from handshakes import as_server, talk
from helper import IDENTITY, WAIT, take, ue_keys
from lib.ktap import equal, test
from net.helper import certificate, ended
from tls import V12, V13, Tls, TlsError

BOTH = (V12, V13)
HANDSHAKE = 22


def opened(world, **options):
    """A session that waits for the UE; the core's listener."""
    session = world.session(**options)
    listener, at = world.listener()
    equal(session.start(core=at), 0, 'start')
    return session, listener


def arrives(world, session, listener, **options):
    """The real UE gets through, and octets flow."""
    ue = session.ue(**options)
    core = world.accept(listener)
    session.up()
    return talk(session, ue, core)


def records(data):
    """(type, octets) of each record, whole ones only."""
    while len(data) >= 5 and len(data) >= 5 + int.from_bytes(data[3:5], 'big'):
        size = 5 + int.from_bytes(data[3:5], 'big')
        yield data[0], data[:size]
        data = data[size:]


class Between:
    """Somebody between UE and relay: keeps what the UE sends, and may change its first record."""

    def __init__(self, world, session, change=None, back=None):
        self.sent, self.world, self.session, self.change, self.back = b'', world, session, change, back
        self.listener, self.at = world.listener()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def connect(self):
        """The UE's socket."""
        sock = socket.create_connection(self.listener.getsockname(), WAIT)
        self.world.sockets.append(sock)
        return sock

    def _run(self):
        near = self.listener.accept()[0]
        far = socket.create_connection((self.session.hosts[0], self.session.ports[0]), WAIT)
        back = threading.Thread(target=self._pipe, args=(far, near, self.back), daemon=True)
        back.start()
        self._pipe(near, far, self.change, True)
        back.join(WAIT)
        near.close()
        far.close()

    def _pipe(self, source, sink, change, keep=False):
        try:
            while data := source.recv(65536):
                if keep:
                    self.sent += data
                sink.sendall(change(data) if change else data)
                change = None
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass


def failure(ue):
    """How a handshake fails: (alerts, messages of the peer)."""
    try:
        ue.handshake()
    except TlsError:
        return ue.alerts, [kind for write, kind in ue.messages if not write]
    raise AssertionError('it succeeds')


@test('a wrong key, an unknown identity and one of another session fail alike')
def alike(world):
    other = world.session(identities=('other@pcscf',))
    for version in BOTH:
        session, listener = opened(world)
        wrong = {version: bytes(32)}
        seen = []
        for identity, keys in ((IDENTITY, wrong), ('nobody@pcscf', ue_keys('nobody@pcscf')),
                               ('other@pcscf', ue_keys('other@pcscf')), ('x' * 255, wrong), ('x' * 127, wrong),
                               (IDENTITY[:-1], ue_keys()), (IDENTITY + 'x', ue_keys())):
            seen.append(failure(session.raw_ue(identity, keys, versions=(version, version))))
        equal([one for one in seen if one != seen[0]], [], 'failures that are not like the first')
        equal(len(seen[0][0]), 1, 'alerts of a failure')
        equal(session.counts()['refused'], len(seen), 'refused')
        arrives(world, session, listener, versions=(version, version))
    other.end()


@test('an identity is good for one connection')
def once(world):
    for version in BOTH:
        session, listener = opened(world)
        late = session.raw_ue(versions=(version, version))
        early = session.connect(0)
        arrives(world, session, listener, versions=(version, version))
        # Connections that were open are closed, others are not let in.
        equal(ended(early), b'')
        try:
            late.handshake()
            raise AssertionError('a second connection with the same identity')
        except TlsError:
            pass
        try:
            session.connect(0)
            raise AssertionError('somebody still listens')
        except ConnectionRefusedError:
            pass


@test('a lost connection comes back with a new exchange of offer and answer, and only then')
def again(world):
    session, ue, core = world.pair()
    ue.close()
    session.over('torn')
    equal(ended(core), b'')
    # The port is ours, but nobody is looked at.
    raw = session.raw_ue()
    raw.sock.settimeout(0.3)
    raw.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, (0).to_bytes(8, 'little') + (300000).to_bytes(8, 'little'))
    try:
        raw.handshake()
        raise AssertionError('it came back by itself')
    except TlsError:
        raw.close()
    listener, at = world.listener()
    equal(session.start(core=at), 0)
    session.come(listener, b'again')


@test('who says nothing, or little, does not keep the UE out')
def silent(world):
    for hello in (b'', b'\x16\x03\x01\x02\x00\x01\x00', b'\x16\x03\x01\x00\x05\x01\x00\x00\xfc\x03'):
        session, listener = opened(world)
        socks = [session.connect(0) for _ in range(12)]
        for sock in socks:
            sock.sendall(hello)
        arrives(world, session, listener)
        for sock in socks:
            equal(ended(sock), b'')
        equal(session.counts()['refused'] >= 8, True, 'refused')


@test('who has begun a handshake is not pushed out by connections that say nothing')
def pushed(world):
    session = world.session()
    equal(session.start(), 0)
    near, sock = socket.socketpair()
    far = session.connect(0)
    ue = session.raw_ue(sock=sock, versions=(V13, V13))
    thread = threading.Thread(target=ue.handshake, daemon=True)
    thread.start()
    far.sendall(near.recv(65536))
    near.sendall(far.recv(65536))
    thread.join(WAIT)
    finished = near.recv(65536)
    socks = [session.connect(0) for _ in range(12)]
    until = time.monotonic() + WAIT
    while session.counts()['refused'] < 9 and time.monotonic() < until:
        time.sleep(0.02)
    equal(session.counts()['refused'], 9, 'of 12 silent ones 3 may stay')
    far.sendall(finished)
    session.connect(1)
    session.up()
    for one in socks:
        equal(ended(one), b'')
    near.close()


@test('a handshake has its time')
def patience(world):
    world.open(handshake=300)
    session, listener = opened(world)
    start = time.monotonic()
    for hello in (b'', b'\x16\x03\x01\x02\x00\x01\x00'):
        sock = session.connect(0)
        sock.sendall(hello)
        equal(ended(sock), b'')
    equal(time.monotonic() - start >= 0.5, True, 'two times 300 ms')
    equal(session.counts()['refused'], 2)
    arrives(world, session, listener)


@test('a ClientHello that is repeated leads nowhere')
def replayed(world):
    for version in BOTH:
        world.open(handshake=500)
        session, listener = opened(world)
        between = Between(world, session)
        ue = session.raw_ue(versions=(version, version), sock=between.connect()).handshake()
        world.accept(listener)
        session.up()
        hello = next(octets for kind, octets in records(between.sent) if kind == HANDSHAKE)
        everything = between.sent
        session.end()
        ue.close()
        # The same keys, as after a reconnect.
        session, listener = opened(world)
        for octets in (hello, everything):
            sock = session.connect(0)
            sock.sendall(octets)
            got = list(records(ended(sock)))
            # The flight of a server, with numbers of its own, and an alert at most.
            equal([kind for kind, _ in got if kind not in (20, 21, HANDSHAKE, 23)], [])
            equal(session.counts()['kernel_in'], 0)
        equal(session.counts()['refused'], 2)
        equal(session.counts()['version'], '', 'no handshake succeeded')
        arrives(world, session, listener, versions=(version, version))


def strip_1_3(data):
    """A ClientHello that no longer says that its sender can TLS 1.3."""
    at = data.index(b'\x00\x2b\x00\x05\x04\x03\x04\x03\x03')
    return data[:at + 5] + b'\x03\x03\x03\x03' + data[at + 9:]


def strip_suite(data):
    """A ClientHello whose best suite of TLS 1.2 is gone."""
    return data.replace(b'\xcc\xac', b'\x00\xa8', 1)


@test('who takes TLS 1.3 or a suite out of a ClientHello is noticed')
def downgraded(world):
    for change in (strip_1_3, strip_suite):
        session, listener = opened(world)
        version = V13 if change == strip_1_3 else V12
        between = Between(world, session, change)
        ue = session.raw_ue(sock=between.connect(), versions=(V12, version))
        try:
            ue.handshake()
            raise AssertionError(f'{change.__doc__} unnoticed')
        except TlsError:
            ue.close()
        # The same in the other role.
        arrives(world, session, listener)


def carry(source, sink):
    """Carries octets one way until their end."""
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


@test('the relay as client notices that TLS 1.3 was taken out')
def downgraded_client(world):
    session = world.session()
    listener, at = world.listener()
    equal(session.start(ue=at), 0)
    raw = world.accept(listener)
    near, sock = socket.socketpair()
    near.sendall(strip_1_3(raw.recv(65536)))
    for pair in ((near, raw), (raw, near)):
        threading.Thread(target=carry, args=pair, daemon=True).start()
    ue = Tls(sock, IDENTITY, ue_keys(client=False), server=True)
    world.sockets += [near, ue]
    equal(failure(ue)[0], [47], 'illegal_parameter (RFC 8446, 4.1.3)')
    session.over('handshake')


@test('a server with a certificate and without our key is none')
def certified(world):
    base = certificate(world.dir.name, 'pcscf', 'DNS:pcscf.example')
    for flag in ('-tls1_3', '-tls1_2'):
        session = world.session()
        words = ['openssl', 's_server', flag, '-cert', f'{base}.pem', '-key', f'{base}.key', '-accept', '127.0.0.1:0']
        with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
            while b'ACCEPT' not in (line := child.stdout.readline()):
                pass
            equal(session.start(ue=line.split()[-1].decode()), 0)
            session.over('handshake')
            child.kill()


@test('a server with a wrong key is none')
def wrong_server(world):
    for version in BOTH:
        session = world.session()
        listener, at = world.listener()
        equal(session.start(ue=at), 0)
        failure(as_server(world, session, listener, keys={version: bytes(32)}, versions=(version, version)))
        session.over('handshake')


@test('connections from other addresses are refused, if it is not allowed')
def sources(world):
    for allowed in (0, 1):
        session = world.session()
        equal(session.start(source='127.0.0.77:0', any_source=allowed), 0)
        if not allowed:
            equal(ended(session.connect(0)), b'')
            equal(ended(session.connect(1)), b'')
            equal(session.counts()['refused'], 2)
            # The right ones get in.
            with socket.socket() as sock:
                sock.bind(('127.0.0.77', 0))
                sock.settimeout(WAIT)
                sock.connect(('127.0.0.1', session.ports[0]))
                ue = session.raw_ue(sock=sock).handshake()
                with socket.socket() as core:
                    core.bind(('127.0.0.77', 0))
                    core.settimeout(WAIT)
                    core.connect(('127.0.0.1', session.ports[1]))
                    session.up()
                    talk(session, ue, core)
                session.end()
            continue
        ue = session.ue()
        core = session.connect(1)
        session.up()
        talk(session, ue, core)


@test('nobody is looked at before the start, and who was early is served then')
def early(world):
    session = world.session()
    ue, core = session.raw_ue(), session.connect(1)
    core.sendall(b'from the core')
    world.none('told')
    equal(session.counts()['refused'], 0)
    equal(session.start(), 0)
    ue.handshake()
    session.up()
    equal(take(ue, 13), b'from the core')
