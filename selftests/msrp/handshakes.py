# SPDX-License-Identifier: GPL-2.0
"""TLS with pre-shared keys: what is agreed to, in both roles."""
import subprocess

from helper import IDENTITY, WAIT, key, take, ue_keys
from lib.ktap import equal, say, test
from tls import V12, V13, Tls, TlsError

SUITES = [(V13, 'TLS_AES_128_GCM_SHA256'), (V13, 'TLS_CHACHA20_POLY1305_SHA256'),
          (V12, 'ECDHE-PSK-CHACHA20-POLY1305'), (V12, 'DHE-PSK-AES128-GCM-SHA256'), (V12, 'PSK-AES128-GCM-SHA256')]
REFUSED_1_2 = ['PSK-AES256-GCM-SHA384', 'DHE-PSK-AES256-GCM-SHA384', 'PSK-AES128-CBC-SHA256', 'DHE-PSK-AES128-CBC-SHA',
               'ECDHE-PSK-AES128-CBC-SHA256', 'PSK-NULL-SHA256', 'PSK-CHACHA20-POLY1305', 'RSA-PSK-AES128-GCM-SHA256',
               'ECDHE-RSA-AES128-GCM-SHA256', 'ADH-AES128-GCM-SHA256']
NAMES = {V12: 'TLSv1.2', V13: 'TLSv1.3'}
KEY_SHARE = (51).to_bytes(2, 'big')
ALLOW_NO_DHE_KEX = 1 << 10


def only(version, suite, level=2):
    """Options of a peer that can this only; level 0: however weak it is."""
    if version == V13:
        return {'versions': (V13, V13), 'suites': suite}
    return {'versions': (V12, V12), 'ciphers': f'{suite}:@SECLEVEL={level}'}


def talk(session, ue, core):
    """A word in both directions, and what was counted."""
    core.sendall(b'from the core')
    equal(take(ue, 13), b'from the core')
    ue.sendall(b'from the UE')
    equal(take(core, 11), b'from the UE')
    counts = session.counts()
    equal((counts['access'], counts['core']), (11, 13), 'octets counted')
    return counts


def as_server(world, session, listener, identity=IDENTITY, keys=None, **options):
    """The UE, to which the relay connects: a TLS server."""
    tls = Tls(world.accept(listener), identity, keys or ue_keys(identity, client=False), server=True, **options)
    world.sockets.append(tls)
    return tls


def judge_kernel(world, counts, suite):
    """Where the kernel can, it does; and it is told which it was."""
    say(suite, 'records by the', 'kernel' if counts['kernel_in'] else 'process')
    equal(counts['kernel_in'], counts['kernel_out'], 'both directions alike')
    if 'AES' in suite:
        equal(bool(counts['kernel_in']), world.kernel, 'the kernel does AES-GCM')
    equal(counts['spliced'], 24 if counts['kernel_in'] else 0, 'octets that were spliced')


@test('the UE connects with each suite of both versions')
def suites_server(world):
    for version, suite in SUITES:
        session, ue, core = world.pair(**only(version, suite))
        counts = talk(session, ue, core)
        equal((counts['version'], counts['cipher']), (NAMES[version], suite))
        equal((ue.version, ue.cipher), (version, suite))
        judge_kernel(world, counts, suite)
        equal([kind for write, kind in ue.messages if not write and kind == 4], [], 'tickets')


@test('the relay connects to the UE with each suite of both versions')
def suites_client(world):
    for version, suite in SUITES:
        session = world.session()
        listener, at = world.listener()
        equal(session.start(ue=at), 0)
        ue = as_server(world, session, listener, tickets=2, **only(version, suite)).handshake()
        equal(ue.shown, IDENTITY.encode(), 'identity shown')
        core = session.connect(1)
        session.up()
        counts = talk(session, ue, core)
        equal((counts['version'], counts['cipher']), (NAMES[version], suite))
        judge_kernel(world, counts, suite)
        session.end()


@test('the better version is taken, and each has keys of its own')
def best(world):
    _, ue, _ = world.pair()
    equal((ue.version, ue.cipher), (V13, 'TLS_AES_128_GCM_SHA256'))
    # A key of the other version, or of the other role, is a wrong key.
    keys = ue_keys()
    for version, wrong in ((V13, keys[V12]), (V12, keys[V13]), (V13, ue_keys(client=False)[V13]),
                           (V12, ue_keys(client=False)[V12])):
        session = world.session()
        listener, at = world.listener()
        equal(session.start(core=at), 0)
        try:
            session.ue(keys={version: wrong}, versions=(version, version))
        except TlsError:
            continue
        raise AssertionError('a key is good for two things')


@test('the UE may show either of two identities')
def generations(world):
    for identity in ('first@pcscf', 'second@pcscf'):
        for version in (V12, V13):
            session = world.session(identities=('first@pcscf', 'second@pcscf'))
            listener, at = world.listener()
            equal(session.start(core=at), 0)
            ue = session.ue(identity, versions=(version, version))
            core = world.accept(listener)
            session.up()
            talk(session, ue, core)


@test('of several identities that are offered ours is found')
def several(world):
    # A ticket of somebody else makes an identity in front of ours.
    sock, _ = world.listener()
    client = Tls(world.connect(f'127.0.0.1:{sock.getsockname()[1]}'), 'x', {V13: key('x', 'x')}, versions=(V13, V13),
                 suites='TLS_AES_128_GCM_SHA256')
    server = Tls(world.accept(sock), 'x', {V13: key('x', 'x')}, server=True, tickets=1)
    ticket = client.ticket_from(server)
    session = world.session()
    listener, at = world.listener()
    equal(session.start(core=at), 0)
    ue = session.raw_ue(versions=(V13, V13), ticket=ticket).handshake()
    core = world.accept(listener)
    session.up()
    talk(session, ue, core)
    client.close()
    server.close()


@test('other versions and suites are refused')
def refused(world):
    session = world.session()
    listener, at = world.listener()
    equal(session.start(core=at), 0)
    tried = [{'versions': (0x0301, 0x0302), 'ciphers': 'PSK-AES128-CBC-SHA:@SECLEVEL=0'},
             {'versions': (V13, V13), 'suites': 'TLS_AES_256_GCM_SHA384'}]
    tried += [only(V12, suite, 0) for suite in REFUSED_1_2]
    for options in tried:
        ue = session.raw_ue(**options)
        try:
            ue.handshake()
        except TlsError:
            assert (True, 1) in ue.messages and ue.alerts, f'{options} came to its judge'
            continue
        raise AssertionError(f'it agrees to {options}')
    # All this has used up nothing.
    ue = session.ue()
    core = world.accept(listener)
    session.up()
    talk(session, ue, core)


@test('a key without an exchange of Diffie and Hellman is never all there is in TLS 1.3')
def dhe(world):
    _, ue, _ = world.pair(versions=(V13, V13), options=ALLOW_NO_DHE_KEX)
    assert KEY_SHARE in ue.server_hello[70:], 'the ServerHello has a key_share'


@test('a weak group of Diffie and Hellman is refused, and that ends the session')
def weak(world):
    session = world.session()
    listener, at = world.listener()
    equal(session.start(ue=at), 0)
    try:
        as_server(world, session, listener, **only(V12, 'DHE-PSK-AES128-GCM-SHA256', 0)).handshake()
    except TlsError:
        session.over('handshake')
        return
    raise AssertionError('1024 bits are enough for it')


@test('there is no renegotiation')
def renegotiation(world):
    session, ue, _ = world.pair(versions=(V12, V12))
    try:
        ue.renegotiate()
    except TlsError:
        return
    finally:
        session.end()
    raise AssertionError('it was done')


@test('openssl s_client and s_server are peers too', seconds=90)
def command_line(world):
    for flag, version in (('-tls1_3', V13), ('-tls1_2', V12)):
        session = world.session()
        listener, at = world.listener()
        equal(session.start(core=at), 0)
        words = ['openssl', 's_client', '-quiet', flag, '-psk_identity', IDENTITY, '-psk', ue_keys()[version].hex(),
                 '-connect', session.local[0]]
        with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
            core = world.accept(listener)
            talk(session, Child(child), core)
            session.end()
        equal(child.wait(WAIT) in (0, 1), True)
        session = world.session()
        at = f'127.0.0.1:{session.ports[0]}'
        words = ['openssl', 's_server', '-quiet', '-nocert', flag, '-psk_identity', IDENTITY, '-psk',
                 ue_keys(client=False)[version].hex(), '-accept', '127.0.0.1:0', '-naccept', '1']
        words.remove('-quiet')
        with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
            at = child.stdout.readline().split()[-1].decode()
            while b'ACCEPT' not in at.encode() and ':' not in at:
                at = child.stdout.readline().split()[-1].decode()
            equal(session.start(ue=at), 0)
            core = session.connect(1)
            session.up()
            core.sendall(b'from the core\n')
            while b'from the core' not in child.stdout.readline():
                pass
            child.stdin.write(b'from the UE\n')
            child.stdin.flush()
            equal(take(core, 12), b'from the UE\n')
            session.end()


class Child:
    """A child's standard input and output as a connection."""

    def __init__(self, child):
        self.child = child

    def recv(self, size):
        """Some octets."""
        return self.child.stdout.read1(size)

    def sendall(self, data):
        """All of it."""
        self.child.stdin.write(data)
        self.child.stdin.flush()
