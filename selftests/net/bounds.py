# SPDX-License-Identifier: GPL-2.0
"""Limits: how many connections, how long, how much waits."""
import os
import socket
import time

from helper import address, ended, message, receive
from lib.ktap import equal, say, test


def alive(sock):
    """Whether the net answers a ping."""
    try:
        sock.sendall(b'\r\n\r\n')
        return sock.recv(10) == b'\r\n'
    except ConnectionError:
        return False


@test('a listener has so many connections, and an address so many of them')
def many(world):
    own = world.net('tcp4', 'tcp6', connections=4, each=3)
    socks = [world.connect(own['tcp4']) for _ in range(5)]
    equal([alive(s) for s in socks], [True] * 3 + [False] * 2)
    other = [socket.create_connection(address(own['tcp4']), 10, ('127.0.0.2', 0)) for _ in range(2)]
    world.sockets += other
    equal([alive(s) for s in other], [True, False])
    equal(alive(world.connect(own['tcp6'])), True)
    socks[0].close()
    world.wait('closed')
    equal(alive(world.connect(own['tcp4'])), True)


@test('connections that we make are bounded too')
def outgoing(world):
    world.net('tcp4', connections=2)
    for _ in range(2):
        world.do('connect', 0, 'tcp', world.listen()[1], '-')
    equal(world.fault('connect', 0, 'tcp', world.listen()[1], '-'), 'EUSERS')


@test('a silent connection is closed unless it is held')
def idle(world):
    own = world.net('tcp4', idle=1)
    loose, held = (world.connect(own['tcp4']) for _ in range(2))
    loose.sendall(message())
    first = world.wait('message')['flow']
    held.sendall(message())
    second = world.wait('message')['flow']
    world.do('hold', second)
    start = time.monotonic()
    equal(world.wait('closed')['flow'], first)
    assert 0.5 < time.monotonic() - start < 3
    world.none('closed', 1.5)
    world.do('put', second)
    equal(world.wait('closed')['flow'], second)


@test('pings do not keep a connection that nobody holds')
def pinging(world):
    own = world.net('tcp4', idle=1)
    sock = world.connect(own['tcp4'])
    start = time.monotonic()
    while alive(sock):
        time.sleep(0.1)
        assert time.monotonic() - start < 5
    world.wait('closed')


@test('a message has to be there in time, however it is dribbled')
def dribble(world):
    own = world.net('tcp4', message=1)
    sock = world.connect(own['tcp4'])
    start = time.monotonic()
    try:
        for octet in message(b'x' * 1000):
            sock.sendall(bytes([octet]))
            time.sleep(0.05)
        raise AssertionError('there was time for all')
    except ConnectionError:
        pass
    assert 0.5 < time.monotonic() - start < 5
    world.wait('closed')


@test('a peer that does not read is closed when too much waits')
def unread(world):
    own = world.net('tcp4', mode='count', out=100000)
    sock = world.connect(own['tcp4'])
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    world.do('mode', 'none')
    sock.sendall(message())
    flow = world.wait('message')['flow']
    world.do('hold', flow)
    sent, result = 0, 0
    while not result:
        result = world.call('send', flow, '00' * 50000)
        sent += 50000
        assert sent < 100 << 20
    equal(-result, 105, 'ENOBUFS')
    equal(world.wait('closed')['flow'], flow)


@test('a peer that does not read is closed in time, a slow one is not')
def slow(world):
    own = world.net('tcp4', message=1, out=4 << 20)
    socks = []
    for _ in range(2):
        sock = socket.socket()
        world.sockets.append(sock)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.settimeout(10)
        sock.connect(address(own['tcp4']))
        sock.sendall(message())
        socks.append((sock, world.wait('message')['flow']))
    for _, flow in socks:
        world.do('hold', flow)
        for _ in range(64):
            world.do('send', flow, '00' * 65536)
    start, got = time.monotonic(), 0
    while time.monotonic() - start < 3 and got < 4 << 20:
        got += len(socks[1][0].recv(65536))
        time.sleep(0.02)
    equal(world.wait('closed')['flow'], socks[0][1])
    receive(socks[1][0], (4 << 20) - got)
    world.none('closed')


@test('without files accepting pauses and goes on')
def files(world):
    own = world.net('tcp4')
    count = len(os.listdir(f'/proc/{world.process.pid}/fd'))
    world.do('files', count + 3)
    socks = [world.connect(own['tcp4']) for _ in range(8)]
    time.sleep(0.5)
    before = cpu(world)
    time.sleep(0.5)
    assert cpu(world) - before < 0.2, 'it spins'
    world.do('files', 1000)
    equal([alive(s) for s in socks], [True] * 8)


def cpu(world):
    """Seconds of processor that the driver has used."""
    with open(f'/proc/{world.process.pid}/stat', encoding='ascii') as file:
        fields = file.read().rpartition(')')[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


@test('a flood of connections and junk leaves nothing behind')
def flood(world):
    own = world.net('tcp4', 'tls4', mode='quiet', connections=50)
    before = len(os.listdir(f'/proc/{world.process.pid}/fd'))
    for turn in range(400):
        sock = world.connect(own['tls4' if turn % 2 else 'tcp4'])
        try:
            sock.sendall(os.urandom(turn) if turn % 3 else message()[:turn])
        except ConnectionError:
            pass
        if turn % 5:
            sock.close()
    world.settle_sockets()
    for _ in range(100):
        if len(os.listdir(f'/proc/{world.process.pid}/fd')) <= before:
            break
        time.sleep(0.1)
    sock = world.connect(own['tcp4'])
    sock.sendall(message())
    equal(receive(sock, len(message())), message())
    equal(len(os.listdir(f'/proc/{world.process.pid}/fd')), before + 1, 'files')


def resident(pid):
    """KiB of memory that a process has in use."""
    with open(f'/proc/{pid}/status', encoding='ascii') as file:
        return next(int(line.split()[1]) for line in file if line.startswith('VmRSS'))


@test('an idle connection takes less than 2 KiB of memory')
def memory(world):
    world.stop()
    plain, world.path = world.path, world.path + '-plain'
    try:
        world.build_plain()
        world.start()
        own = world.net('tcp4', mode='quiet')
        socks = [world.connect(own['tcp4']) for _ in range(50)]
        before = resident(world.process.pid)
        more = [world.connect(own['tcp4']) for _ in range(400)]
        for sock in more + socks:
            sock.sendall(message(b'x' * 20000))
            receive(sock, len(message(b'x' * 20000)))
        each = (resident(world.process.pid) - before) / len(more)
        say(f'{each:.2f} KiB')
        assert each < 2, f'{each} KiB'
        world.do('free')
        world.stop()
    finally:
        world.path = plain
        world.start()


@test('a message that is abandoned ends with its connection')
def abandoned(world):
    own = world.net('tcp4')
    sock = world.connect(own['tcp4'])
    sock.sendall(message(b'x' * 60000)[:50000])
    time.sleep(0.1)
    sock.shutdown(socket.SHUT_WR)
    equal(ended(sock), b'')
    world.wait('closed')
    world.none('message')
