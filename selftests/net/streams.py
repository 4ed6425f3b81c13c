# SPDX-License-Identifier: GPL-2.0
"""SIP over TCP: framing, the ends of connections, reuse."""
import socket
import time

from helper import ended, message, receive, text_of
from lib.ktap import equal, test

BODY = bytes(range(256)) * 200


@test('messages come whole, in whatever pieces they are sent')
def pieces(world):
    own = world.net('tcp4', 'tcp6', mode='echo')
    for kind in ('tcp4', 'tcp6'):
        sock = world.connect(own[kind])
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for octet in message(b'abc'):
            sock.sendall(bytes([octet]))
        event = world.wait('message')
        equal(bytes.fromhex(event['data']), message(b'abc'))
        equal((event['kind'], event['local'], event['sent_by'], event['remote']),
              ('tcp', own[kind], own[kind], text_of(sock.getsockname())))
        equal(receive(sock, len(message(b'abc'))), message(b'abc'))
        several = message() + b'\r\n' + message(BODY) + message(b'z') + b'\r\n\r\n' + message(b'end')
        for cut in (1, 300, len(several) // 2, len(several) - 2):
            sock.sendall(several[:cut])
            time.sleep(0.02)
            sock.sendall(several[cut:])
            got = [bytes.fromhex(world.wait('message')['data']) for _ in range(4)]
            equal(got, [message(), message(BODY), message(b'z'), message(b'end')])
            want = message() + message(BODY) + message(b'z') + b'\r\n' + message(b'end')
            equal(receive(sock, len(want)), want)


@test('the largest message fits, a larger one is answered and ends the connection')
def large(world):
    own = world.net('tcp4', mode='echo')
    sock = world.connect(own['tcp4'])
    most = message(b'x' * 65535)
    sock.sendall(most)
    equal(receive(sock, len(most)), most)
    sock.sendall(message(b'x' * 65536))
    equal(ended(sock), b'Message Too Large')
    equal(world.wait('bad')['status'], 513)
    world.wait('closed')
    for data in (b'OPTIONS sip:a SIP/2.0\r\n' + b'X: y\r\n' * 6000, b'\xff\xff', b'\rX', b'(' * 70000,
                 message().replace(b'Content-Length: 0', b'Content-Length: 4294967297'),
                 message().replace(b'Content-Length: 0', b'X-None: 1')):
        sock = world.connect(own['tcp4'])
        sock.sendall(data)
        assert world.wait('bad')['alive']
        equal(world.wait('closed')['alive'], 0)
        assert ended(sock)


@test('a ping is answered, by itself and between pieces')
def ping(world):
    own = world.net('tcp4', idle=60, message=1)
    sock = world.connect(own['tcp4'])
    for data in (b'\r\n\r\n', b'\r', b'\n\r', b'\n'):
        sock.sendall(data)
        time.sleep(0.05)
    equal(receive(sock, 4), b'\r\n\r\n')
    # One line end is no beginning of a message that would have to go on.
    sock.sendall(b'\r\n')
    world.none('closed', 1.5)
    sock.sendall(message())
    world.wait('message')


@test('a request and the end of the stream: it is handled, answered, and closed')
def half(world):
    own = world.net('tcp4', mode='echo')
    sock = world.connect(own['tcp4'])
    sock.sendall(message(BODY) + message()[:50])
    sock.shutdown(socket.SHUT_WR)
    equal(ended(sock), message(BODY))
    world.wait('closed')


@test('a handler may close, and what it sent before still arrives')
def closing(world):
    own = world.net('tcp4', mode='close')
    sock = world.connect(own['tcp4'])
    sock.sendall(message(BODY) + message() * 20)
    equal(ended(sock), b'bye')
    world.wait('message')
    world.wait('closed')
    world.none('message')
    world.none('closed')


@test('handlers may do anything to a connection')
def abused(world):
    own = world.net('tcp4', mode='abuse')
    for _ in range(20):
        sock = world.connect(own['tcp4'])
        sock.sendall(message() * 3 + message()[:9])
        equal(ended(sock)[:1] in (b'x', b'z', b''), True)
        world.wait('message')
        world.wait('closed')
    world.none('message')


@test('a dead flow stays valid while it is held')
def dead(world):
    own = world.net('tcp4', mode='hold')
    sock = world.connect(own['tcp4'])
    sock.sendall(message())
    flow = world.wait('message')['flow']
    sock.close()
    equal(world.wait('closed')['owned'], 1)
    equal(world.fault('send', flow, '00'), 'ENOTCONN')
    equal(world.fault('find', flow), 'ENOENT')
    equal(world.fault('export', flow, 'x', '-', 8), 'ENOTSUP')
    world.do('close', flow)
    world.do('put', flow)
    equal(world.fault('put', flow), 'ENOENT')


@test('a reset is an end like another')
def reset(world):
    own = world.net('tcp4')
    sock = world.connect(own['tcp4'])
    sock.sendall(message())
    flow = world.wait('message')['flow']
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b'\1\0\0\0\0\0\0\0')
    sock.close()
    equal(world.wait('closed')['flow'], flow)


@test('a connection is made, what was sent before goes out, and it is used again')
def made(world):
    own = world.net('tcp4', 'tcp6')
    for version in (4, 6):
        server, text = world.listen(version)
        world.do('connect', 0, 'tcp', text, '-')
        flow = world.wait('flow')['flow']
        world.do('send', flow, message(b'1').hex())
        world.do('send', flow, message(b'2').hex())
        sock, _ = server.accept()
        world.sockets.append(sock)
        equal(receive(sock, 2 * len(message(b'1'))), message(b'1') + message(b'2'))
        world.do('connect', 0, 'tcp', text, '-')
        equal(world.wait('flow')['flow'], flow)
        sock.sendall(message(b'3'))
        event = world.wait('message')
        equal((event['flow'], event['sent_by'], event['local'], event['remote']),
              (flow, own[f'tcp{version}'], text_of(sock.getpeername()), text))
        sock.close()
        equal(world.wait('closed')['flow'], flow)
        world.do('connect', 0, 'tcp', text, '-')
        assert world.wait('flow')['flow'] > flow
        server.accept()[0].close()
        world.wait('closed')


@test('a connection that was accepted is used to reach its peer')
def reuse(world):
    own = world.net('tcp4')
    sock = world.connect(own['tcp4'])
    sock.sendall(message())
    flow = world.wait('message')['flow']
    world.do('connect', 0, 'tcp', text_of(sock.getsockname()), '-')
    equal(world.wait('flow')['flow'], flow)
    # Not by another side, which is another network.
    world.side('tcp4', side=1, cert=world.cert)
    world.do('connect', 1, 'tcp', text_of(sock.getsockname()), '-')
    assert world.wait('flow')['flow'] != flow


@test('a connection that is refused or goes nowhere is told once')
def refused(world):
    world.net('tcp4', connect=1)
    server, text = world.listen()
    server.close()
    world.do('connect', 0, 'tcp', text, '-')
    flow = world.wait('flow')['flow']
    world.call('send', flow, '00')
    equal(world.wait('closed')['flow'], flow)
    world.none('closed')
    # A full backlog: SYNs are dropped.
    full = socket.socket()
    world.sockets.append(full)
    full.bind(('127.0.0.1', 0))
    full.listen(0)
    for _ in range(4):
        one = socket.socket()
        one.setblocking(False)
        one.connect_ex(full.getsockname())
        world.sockets.append(one)
    start = time.monotonic()
    world.do('connect', 0, 'tcp', text_of(full.getsockname()), '-')
    flow = world.wait('flow')['flow']
    equal(world.wait('closed')['flow'], flow)
    assert 0.5 < time.monotonic() - start < 5


@test('no more connections are accepted after the end of listening, those that are there go on')
def stopped(world):
    own = world.net('tcp4', 'udp4')
    sock = world.connect(own['tcp4'])
    sock.sendall(message())
    world.wait('message')
    world.do('stop')
    try:
        world.connect(own['tcp4'])
        raise AssertionError('it still listens')
    except ConnectionRefusedError:
        pass
    sock.sendall(message())
    world.wait('message')
    world.datagrams(own['udp4']).send(message())
    equal(world.wait('message')['kind'], 'udp')


@test('everything may end at any time')
def early(world):
    own = world.net('tcp4', mode='hold')
    sock = world.connect(own['tcp4'])
    sock.sendall(message() + message()[:20])
    flow = world.wait('message')['flow']
    world.do('hold', flow)
    _, text = world.listen()
    for _ in range(3):
        world.do('connect', 0, 'tcp', text, '-')
        world.do('send', world.wait('flow')['flow'], '00' * 5000)
    world.do('close', flow)
    world.do('free')
    ended(sock)
