# SPDX-License-Identifier: GPL-2.0
"""Octets from one leg to the other with CEMA: nobody looks at them, and nobody has to hold many."""
import hashlib
import os
import random
import signal
import socket
import threading
import time

from attacks import carry
from helper import CORE_URI, UE_URI, WAIT, free_port, take
from lib.ktap import equal, say, test
from messages import Message
from net.helper import ended
from tls import V12, V13

MIB = 1 << 20
BLOCK = random.Random(4975).randbytes(MIB)
GCM_1_2 = 'DHE-PSK-AES128-GCM-SHA256:@SECLEVEL=2'


def pour(sock, blocks, shut=None):
    """Sends that many MiB, no two alike, in a thread; its digest is what comes back from join()."""
    def run():
        for number in range(blocks):
            block = number.to_bytes(8, 'big') + BLOCK[8:]
            digest.update(block)
            sock.sendall(block)
        if shut:
            shut()

    digest = hashlib.sha256()
    thread = threading.Thread(target=run, daemon=True)
    thread.start()

    def finish():
        thread.join(WAIT * 6)
        assert not thread.is_alive(), 'all is sent'
        return digest.hexdigest()

    return finish


def drink(sock, size, pause=0):
    """Receives that many octets: their digest."""
    digest, left = hashlib.sha256(), size
    while left:
        more = sock.recv(min(left, 256 * 1024))
        assert more, f'the end, {left} of {size} octets are missing'
        digest.update(more)
        left -= len(more)
        if pause:
            time.sleep(pause)
    return digest.hexdigest()


@test('64 MiB arrive as they were sent, in both directions and versions', seconds=180)
def large(world):
    for options in ({'versions': (V13, V13)}, {'versions': (V12, V12), 'ciphers': GCM_1_2}):
        session, ue, core = world.pair(**options)
        for source, sink, name in ((ue, core, 'access'), (core, ue, 'core')):
            before, start = world.process_now(), time.monotonic()
            finish = pour(source, 64)
            equal(drink(sink, 64 * MIB), finish(), 'digest at the far end')
            took, after = time.monotonic() - start, world.process_now()
            counts = session.counts()
            equal(counts[name], 64 * MIB, f'octets counted from the {name}')
            say(counts['version'], f'from the {name}: {64 / took:.0f} MiB/s, {after["cpu"] - before["cpu"]} ms of processor,',
                'spliced' if counts['spliced'] else 'copied')
        equal(counts['kernel_in'], int(world.kernel), 'the kernel opens the records')
        equal(counts['kernel_out'], int(world.kernel), 'and seals them')
        equal(counts['spliced'], 128 * MIB if world.kernel else 0, 'octets no process saw')
        session.end()


@test('what the core has sent goes to the UE in whole records, with none for what is left over')
def whole(world):
    for cema in (True, False):
        session, ue, core = world.pair(cema=cema)
        message = Message('whole001', 'SEND', session.own[1], CORE_URI, ['Content-Type: x/y'], bytes(63 * 1024))
        want = message.octets() if cema else message.via(UE_URI, session.own[0]).octets()
        # All of it is there before the relay looks.
        world.process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, world.process.pid, os.WSTOPPED)
        core.sendall(message.octets())
        world.process.send_signal(signal.SIGCONT)
        ue.records = 0
        equal(take(ue, len(want)), want)
        assert ue.records <= 6, f'{ue.records} records for {len(want)} octets'
        session.end()


@test('both directions at the same time', seconds=120)
def both(world):
    for options in ({}, {'versions': (V12, V12), 'ciphers': GCM_1_2}):
        _, ue, core = world.pair(**options)
        results = []
        # OpenSSL is not for two threads, so the UE takes turns.
        finish = pour(core, 8)
        reader = threading.Thread(target=lambda: results.append(drink(core, 8 * MIB)), daemon=True)
        reader.start()
        sent, got = hashlib.sha256(), hashlib.sha256()
        for number in range(8):
            block = number.to_bytes(8, 'big') + BLOCK[8:]
            for at in range(0, MIB, 16384):
                sent.update(block[at:at + 16384])
                ue.sendall(block[at:at + 16384])
                got.update(take(ue, 16384))
        reader.join(WAIT * 6)
        equal(got.hexdigest(), finish(), 'digest at the UE')
        equal(results, [sent.hexdigest()], 'digest at the core')


@test('a slow reader holds the sender back, and costs no memory', seconds=120)
def slow(world):
    for cema in (True, False):
        for from_core in (False, True):
            session, ue, core = world.pair(cema=cema)
            source, sink = (core, ue) if from_core else (ue, core)
            head = b''
            if not cema:
                name = 'core' if from_core else 'ue'
                uri = session.own[1] if from_core else session.own[0]
                head = f'MSRP slow1234 SEND\r\nTo-Path: {uri}\r\nFrom-Path: msrp://{name};tcp\r\n' \
                       'Content-Type: text/plain\r\n\r\n'.encode()
            before = world.process_now()['memory']
            source.sendall(head + b'x')
            equal(sink.recv(65536)[-1:], b'x')
            finish = pour(source, 48)
            counts, last = session.counts(), None
            until = time.monotonic() + WAIT * 3
            while counts != last and time.monotonic() < until:
                time.sleep(0.4)
                last, counts = counts, session.counts()
            idle = world.process_now()['cpu']
            time.sleep(0.4)
            assert world.process_now()['cpu'] - idle < 100, 'waiting costs no processor'
            passed = counts['core' if from_core else 'access']
            memory = world.process_now()['memory'] - before
            say(f'{passed >> 10} KiB in the socket, {memory >> 10} KiB here')
            assert passed < 44 * MIB, 'the sender waits'
            assert memory < 256 * 1024, f'{memory} octets are held'
            equal(drink(sink, 48 * MIB), finish(), 'digest')
            session.end()


@test('the end of one direction is passed on, and the other goes on')
def half(world):
    for options in ({}, {'versions': (V12, V12), 'ciphers': GCM_1_2}):
        session, ue, core = world.pair(**options)
        ue.send(b'last words')
        ue.shut()
        equal(ended(core), b'last words')
        finish = pour(core, 4, lambda sock=core: sock.shutdown(1))
        equal(drink(ue, 4 * MIB), finish(), 'digest')
        equal(ue.recv(), b'', 'and then close_notify')
        session.over('closed')
        session, ue, core = world.pair(**options)
        core.sendall(b'last words')
        core.shutdown(1)
        equal(take(ue, 10), b'last words')
        equal(ue.recv(), b'', 'close_notify')
        ue.send(b'but mine')
        ue.shut()
        equal(ended(core), b'but mine')
        session.over('closed')


@test('the end is announced also to a reader that is so slow that there is no room for it')
def slow_end(world):
    for options in ({}, {'versions': (V12, V12), 'ciphers': GCM_1_2}):
        for cema in (True, False):
            for size in range(100_000, 500_000, 80_000):
                narrow(world, size, cema, options)


def narrow(world, size, cema, options):
    """The core sends and ends; the UE has hardly room, and reads later."""
    session = world.session()
    listener, at = world.listener()
    equal(session.start(cema=cema, core=at), 0)
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.settimeout(WAIT)
        sock.connect(('127.0.0.1', session.ports[0]))
        ue = session.raw_ue(sock=sock, **options).handshake()
        core = world.accept(listener)
        session.up()
        head, tail = b'', b''
        if not cema:
            head, tail = Message('slow0001', 'SEND', session.own[1], 'msrp://core;tcp', ['Content-Type: x/y'], b'@').octets(
                ).split(b'@')
        # In one turn the UE has ended before, in the other it has not.
        if early := size // 80_000 % 2:
            ue.shut()
            equal(core.recv(1), b'')
        core.sendall(head + BLOCK[:size] + tail)
        core.shutdown(1)
        time.sleep(0.05)
        got = b''
        while more := ue.recv(16384):
            got += more
        if early:
            session.over('closed')
        equal(BLOCK[:size] in got, True, f'all of {size} octets')
        session.end()


def hold(world, near, far):
    """Carries a first flight, and the rest only with the end behind it, all at one time for the relay."""
    far.sendall(near.recv(65536))
    rest = b''
    while data := near.recv(65536):
        rest += data
    world.process.send_signal(signal.SIGSTOP)
    far.sendall(rest)
    far.shutdown(socket.SHUT_WR)
    world.process.send_signal(signal.SIGCONT)


@test('a UE that says all it has to say before the handshake is done is heard, and answered')
def hasty(world):
    session = world.session()
    equal(session.start(), 0)
    near, sock = socket.socketpair()
    far = session.connect(0)
    for function, words in ((hold, (world, near, far)), (carry, (far, near))):
        threading.Thread(target=function, args=words, daemon=True).start()
    ue = session.raw_ue(sock=sock, versions=(V13, V13))
    ue.handshake()
    ue.send(b'all at once')
    ue.shut()
    core = session.connect(1)
    session.up()
    equal(take(core, 11), b'all at once')
    equal(core.recv(1), b'')
    core.sendall(b'and the answer')
    equal(take(ue, 14), b'and the answer')
    core.shutdown(1)
    session.over('closed')


@test('an end of TCP that TLS does not announce ends the session as torn')
def torn(world):
    session, ue, core = world.pair()
    ue.send(b'half a sent')
    equal(take(core, 11), b'half a sent')
    ue.close()
    session.over('torn')
    equal(ended(core), b'')


@test('a record that is not genuine ends the session')
def forged(world):
    for options in ({}, {'versions': (V12, V12), 'ciphers': GCM_1_2}):
        session, ue, core = world.pair(**options)
        ue.sock.sendall(b'\x17\x03\x03\x00\x30' + bytes(48))
        session.over('record')
        equal(ended(core), b'')


@test('keys are updated in either direction, or the session ends cleanly where the kernel cannot')
def update(world):
    session, ue, core = world.pair(versions=(V13, V13))
    for request in (False, True, True):
        ue.send(b'before')
        equal(take(core, 6), b'before')
        try:
            ue.key_update(request)
            ue.send(b'after')
            got = core.recv(5)
        except OSError:
            got = b''
        if not got:
            equal(world.kernel, True, 'only a kernel may not follow')
            session.over('record')
            say('this kernel cannot change keys')
            return
        equal(got + take(core, 5 - len(got)), b'after')
        core.sendall(b'answer')
        equal(take(ue, 6), b'answer')
    finish = pour(ue, 4)
    equal(drink(core, 4 * MIB), finish(), 'digest')
    say('keys were changed by the', 'kernel' if session.counts()['kernel_in'] else 'process')


@test('each leg may be IPv4 or IPv6')
def families(world):
    for hosts in (('::1', '::1'), ('::1', '127.0.0.1'), ('127.0.0.1', '::1')):
        session = world.session(hosts=hosts)
        listener, at = world.listener(hosts[1])
        equal(session.start(core=at), 0)
        session.come(listener, b'six')


@test('a peer that listens late is connected to all the same')
def late(world):
    session, port = world.session(), free_port()
    equal(session.start(core=f'127.0.0.1:{port}'), 0)
    ue = session.ue()
    ue.send(b'early words')
    world.none('told', 0.6)
    listener, _ = world.listener(port=port)
    core = world.accept(listener)
    session.up()
    equal(take(core, 11), b'early words')
