# SPDX-License-Identifier: GPL-2.0
"""How sessions end: by time, by either peer at every step, by their owner; and that nothing is left."""
import gc
import os
import resource
import socket
import time

from helper import IDENTITY, take, ue_keys
from lib.ktap import equal, say, test
from net.helper import ended
from tls import Tls, TlsError

# As many as this process may have files for.
MANY = min(int(os.environ.get('E2AE_MSRP_SESSIONS', '500')), (resource.getrlimit(resource.RLIMIT_NOFILE)[1] - 200) // 2)
LINGER = b'\1\0\0\0\0\0\0\0'


def reset(sock):
    """Ends a connection with RST."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER)
    sock.close()


def fin(sock):
    """Ends it with FIN."""
    sock.close()


def ue_at(step, session):
    """The UE, gone so far: its socket."""
    sock = session.connect(0)
    if step == 'half a hello':
        sock.sendall(b'\x16\x03\x01\x02\x00\x01\x00')
    if step in ('hello', 'data'):
        tls = Tls(sock, IDENTITY, ue_keys())
        if step == 'data':
            tls.handshake()
            tls.send(b'x' * 30000)
            session.keep = tls
        else:
            sock.setblocking(False)
            try:
                tls.handshake()
            except TlsError:
                pass
            session.keep = tls
    return sock


@test('whoever ends at whatever step, nothing is left', seconds=120)
def every_step(world):
    # A core that sends its end before RST may be gone unseen: then time ends it.
    world.open(idle=2000)
    before = None
    for turn in range(2):
        for step in ('connected', 'half a hello', 'hello', 'data'):
            for end in (fin, reset):
                for who in ('UE', 'core', 'owner'):
                    for cema in (True, False):
                        one_end(world, step, end, who, cema)
        world.settle_sockets()
        gc.collect()
        world.do('counts')
        counts = world.wait('counts')
        equal((counts['sessions'], counts['up']), (0, 0), 'sessions')
        now = world.process_now()
        if turn:
            equal(now['files'], before['files'], 'files of the driver')
            assert now['memory'] < before['memory'] + 65536, f'memory grew: {before} {now}'
        before = now


def one_end(world, step, end, who, cema):
    """One session that somebody ends."""
    session = world.session()
    listener, at = world.listener()
    equal(session.start(cema=cema, core=at), 0)
    core = world.accept(listener)
    ue = ue_at(step, session)
    if step == 'data':
        session.up()
    if who == 'owner':
        session.end()
        ended(core)
    elif who == 'UE':
        end(ue)
    else:
        end(core)
    if who != 'owner':
        if step == 'data' or who == 'core':
            ue_over(world, session, step, who)
        session.end()
    world.settle_sockets()
    world.events = []


def ue_over(world, session, step, who):
    """It is told, if the session was up."""
    if step != 'data':
        return
    why = session.over()
    allowed = {'UE': ('torn', 'reset', 'message', 'record'), 'core': ('closed', 'reset', 'message', 'torn', 'idle')}[who]
    equal(why in allowed, True, f'{who} ended it: {why}')


@test('the owner may end a session when it is told of it')
def inside(world):
    for when in (0, 1):
        session = world.session(end_when=when)
        listener, at = world.listener()
        equal(session.start(core=at), 0)
        ue = session.ue()
        core = world.accept(listener)
        session.up()
        if when:
            ue.close()
            session.over()
        equal(ended(core), b'')
        world.do('counts')
        equal(world.wait('counts')['sessions'], 0)


@test('sessions end by time: without both legs, idle, and at last')
def times(world):
    # Times in which a busy machine gets its handshakes done.
    world.open(connect=2000, idle=2000, total=5000)
    session = world.session()
    equal(session.start(), 0)
    ue = session.ue()
    session.over('connect')
    equal(ended(ue.sock)[:1] in (b'', b'\x15', b'\x17'), True)
    start = time.monotonic()
    session, ue, core = world.pair()
    session.over('idle')
    assert time.monotonic() - start >= 2, 'not before'
    start = time.monotonic()
    session, ue, core = world.pair()
    while time.monotonic() < start + 10:
        try:
            ue.send(b'x')
            take(core, 1)
        except (OSError, TlsError, AssertionError):
            break
        time.sleep(0.05)
    session.over('total')
    assert time.monotonic() - start >= 5, 'octets keep it from being idle'


@test('an end after a silence leaves the other peer its whole time')
def silent_end(world):
    world.open(idle=4000)
    for cema in (True, False):
        _, ue, core = world.pair(cema=cema)
        time.sleep(3)
        ue.shut()
        equal(ended(core), b'')
        time.sleep(2)
        core.shutdown(socket.SHUT_WR)
        equal(ue.recv(), b'', 'the end as TLS has it')


@test('when one direction has ended, the other has half a minute for its next octet')
def half_idle(world):
    session, ue, core = world.pair()
    core.shutdown(1)
    equal(ue.recv(), b'')
    start = time.monotonic()
    for _ in range(2):
        ue.send(b'x')
        take(core, 1)
        time.sleep(1)
    session.world.wait('told', 40, session=session.number, what='over', why='idle')
    assert time.monotonic() - start >= 31, 'octets count'


@test('a start that says the same changes nothing, one that says more connects anew')
def restarts(world):
    session, ue, core = world.pair()
    at = f'127.0.0.1:{core.getsockname()[1]}'
    equal(session.start(core=at), 0)
    core.sendall(b'still')
    equal(take(ue, 5), b'still')
    listener, at = world.listener()
    equal(session.start(core=at), 0)
    equal(ended(core), b'')
    world.none('told')
    session.come(listener, b'anew')


@test('what cannot be is refused')
def wrong(world):
    session = world.session()
    equal(session.start(core='127.0.0.1:0'), -22, 'no port to connect to')
    equal(session.start(cema=False, ue_path='x' * 3000), -22, 'a path too long')
    equal(world.call('new', 5000, *session.local, -1, IDENTITY, *['00' * 32] * 4), -98, 'ports that are taken')
    equal(world.call('new', 5000, *session.local, -1), -22, 'no keys')
    equal(world.call('new', 5000, *session.local, -1, 'x' * 271, *['00' * 32] * 4), -98, 'the longest identity is none')
    world.open(sessions=1)
    session = world.session()
    equal(world.call('new', 5000, *session.local, -1, IDENTITY, *['00' * 32] * 4), -87, 'too many sessions')


@test(f'{MANY} sessions side by side cost few files and little memory each', seconds=120 + MANY // 10)
def many(world):
    before, listener = world.process_now(), world.listener()
    # 4000 on each address: there are not more ports.
    pairs = [world.pair(hosts=2 * (f'127.0.1.{1 + number // 4000}',), listener=listener) for number in range(MANY)]
    for _, ue, core in pairs:
        core.sendall(b'ping')
        equal(take(ue, 4), b'ping')
        ue.send(b'pong')
        equal(take(core, 4), b'pong')
    now = world.process_now()
    files = (now['files'] - before['files']) / MANY
    memory = (now['memory'] - before['memory']) / MANY
    say(f'{files:.2f} files and {memory:.0f} octets a session, idle')
    assert files <= 2.5, 'files of an idle session'
    if world.kernel:
        assert memory < 8192, 'memory of an idle session whose TLS is the kernel\'s'
    world.do('counts')
    equal(world.wait('counts')['up'], MANY)
    for _, ue, core in pairs:
        ue.shut()
        core.close()
    for session, _, _ in pairs:
        session.over()
        session.end()
    after = world.process_now()
    equal(after['files'] - before['files'] <= 2 * 64, True, 'only spare pipes are kept')
