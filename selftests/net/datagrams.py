# SPDX-License-Identifier: GPL-2.0
"""SIP over UDP, and addresses."""
import os
import socket
import struct

from helper import message, text_of
from lib.ktap import equal, test

COOKIE = 0x2112a442


@test('addresses are read and written')
def addresses(world):
    for text, host, port in (('192.0.2.1:5060', '192.0.2.1', 5060), ('192.0.2.1', '192.0.2.1', 0),
                             ('[2001:db8::1]:5061', '[2001:db8::1]', 5061), ('[::1]', '[::1]', 0),
                             ('2001:db8::1', '[2001:db8::1]', 0), ('1.2.3.4:65535', '1.2.3.4', 65535)):
        world.do('addr', text)
        event = world.wait('addr')
        equal((event['host'], event['port'], event['text']), (host, port, f'{host}:{port}'), text)
    for text in ('192.0.2.1:65536', 'localhost', '192.0.2:5060', '[192.0.2.1]:5060', ':5060', '[::1', '1.2.3.4:',
                 '[::1]:x', '[]', '1.2.3.4:-1', '::g', '[::1]5060', '01.2.3.4', '1' * 99):
        equal(world.fault('addr', text), 'EINVAL', text)
        world.wait('addr')


@test('addresses belong to networks')
def networks(world):
    for one, net, prefix, want in (('10.1.2.3', '10.0.0.0', 8, 1), ('11.1.2.3', '10.0.0.0', 8, 0),
                                   ('10.1.2.3', '10.1.2.2', 31, 1), ('10.1.2.4', '10.1.2.2', 31, 0),
                                   ('10.1.2.3', '10.1.2.3', 32, 1), ('10.1.2.3', '10.1.2.2', 32, 0),
                                   ('10.1.2.3', '0.0.0.0', 0, 1), ('::1', '0.0.0.0', 0, 0),
                                   ('2001:db8::5', '2001:db8::', 64, 1), ('2001:db9::5', '2001:db8::', 31, 1),
                                   ('2001:db9::5', '2001:db8::', 32, 0), ('::1', '::1', 128, 1), ('::1', '::1', 255, 1)):
        equal(world.call('within', one, net, prefix), want, f'{one} in {net}/{prefix}')


@test('a datagram is a message, and the answer goes back where it came from')
def both_ways(world):
    own = world.net('udp4', 'udp6', mode='echo')
    for version in ('udp4', 'udp6'):
        peer = world.datagrams(own[version])
        peer.send(message(b'abc'))
        event = world.wait('message')
        equal(bytes.fromhex(event['data']), message(b'abc'))
        equal((event['kind'], event['side'], event['local'], event['sent_by'], event['remote']),
              ('udp', 0, own[version], own[version], text_of(peer.getsockname())))
        equal(peer.recv(65536), message(b'abc'))
        equal(world.fault('find', event['flow']), 'ENOENT')


@test('a flow of UDP is one only while it is held, and its id is not used again')
def held(world):
    own = world.net('udp4', mode='hold')
    peer = world.datagrams(own['udp4'])
    peer.send(message())
    first = world.wait('message')['flow']
    world.do('mode', 'none')
    peer.send(message())
    equal(world.wait('message')['flow'], first)
    world.do('connect', 0, 'udp', text_of(peer.getsockname()), '-')
    equal(world.wait('flow')['flow'], first)
    world.do('send', first, b'hello'.hex())
    equal(peer.recv(100), b'hello')
    world.do('close', first)
    equal(world.fault('send', first, '00'), 'ENOTCONN')
    peer.send(message())
    second = world.wait('message')['flow']
    assert second > first
    peer.send(message())
    assert world.wait('message')['flow'] > second
    for _ in range(2):
        world.do('put', first)
    world.none('closed')


@test('a flow of UDP to a new address can be made')
def made(world):
    own = world.net('udp4', 'udp6')
    peer = world.datagrams(own['udp6'])
    world.do('connect', 0, 'udp', text_of(peer.getsockname()), '-')
    flow = world.wait('flow')['flow']
    world.do('send', flow, message().hex())
    equal(peer.recv(65536), message())
    peer.send(message())
    equal(world.wait('message')['flow'], flow)
    equal(world.fault('connect', 1, 'udp', '127.0.0.1:9', '-'), 'EAFNOSUPPORT')
    equal(world.fault('send', flow, '00' * 66000), 'EMSGSIZE')


@test('a Binding request is answered with its source')
def binding(world):
    own = world.net('udp4', 'udp6')
    for kind in ('udp4', 'udp6'):
        peer = world.datagrams(own[kind])
        transaction = os.urandom(12)
        peer.send(struct.pack('>HHI', 1, 0, COOKIE) + transaction)
        answer = peer.recv(100)
        host, port = peer.getsockname()[:2]
        octets = socket.inet_pton(peer.family, host)
        mask = (struct.pack('>I', COOKIE) + transaction)[:len(octets)]
        value = struct.pack('>BBH', 0, 1 if kind == 'udp4' else 2, port ^ (COOKIE >> 16)) + bytes(
            a ^ b for a, b in zip(octets, mask))
        attribute = struct.pack('>HH', 0x20, len(value)) + value
        equal(answer, struct.pack('>HHI', 0x101, len(attribute), COOKIE) + transaction + attribute)


@test('other STUN and keep-alives get no answer')
def silent(world):
    own = world.net('udp4')
    peer = world.datagrams(own['udp4'], timeout=0.2)
    tail = bytes(12)
    good_software = struct.pack('>HH', 0x8022, 3) + b'abc\0'
    for data in (b'\r\n\r\n', b'\0', b'', b'\r\n', struct.pack('>HHI', 0x11, 0, COOKIE) + tail,
                 struct.pack('>HHI', 1, 4, COOKIE) + tail, struct.pack('>HHI', 1, 4, COOKIE) + tail + b'\0\x24\0\0',
                 struct.pack('>HHI', 1, 4, COOKIE) + tail + b'\x80\x22\0\x09',
                 struct.pack('>HHI', 1, 3, COOKIE) + tail + b'\x80\x22\0',
                 struct.pack('>HHI', 0x101, 0, COOKIE) + tail):
        peer.send(data)
    try:
        raise AssertionError(f'answer {peer.recv(100)}')
    except TimeoutError:
        pass
    peer.send(struct.pack('>HHI', 1, len(good_software), COOKIE) + tail + good_software)
    equal(len(peer.recv(100)), 32)
    world.none('message')
    world.none('bad')


@test('what is no message is told, and does no harm')
def bad(world):
    own = world.net('udp4', head=500, body=500)
    peer = world.datagrams(own['udp4'])
    for data, status in ((b'\xff' * 40, 400), (b'OPTIONS', 400), (message(b'x' * 501), 513),
                         (message().replace(b': 0', b': -1'), 400)):
        peer.send(data)
        equal(world.wait('bad')['status'], status, str(data[:20]))
        assert peer.recv(100)
    # Longer than any message: dropped.
    peer.send(message(b'x' * 2000))
    world.none('bad')
    for _ in range(200):
        peer.send(os.urandom(40))
    peer.send(message())
    world.wait('message')


@test('handlers may do anything to a flow of UDP')
def abused(world):
    own = world.net('udp4', mode='abuse')
    peer = world.datagrams(own['udp4'])
    for _ in range(20):
        peer.send(message())
        world.wait('message')
    equal(peer.recv(10), b'x')


@test('a batch of datagrams from one source does not keep another one waiting')
def fair(world):
    own = world.net('udp4', 'tcp4', mode='quiet')
    flood = world.datagrams(own['udp4'])
    stream = world.connect(own['tcp4'])
    for _ in range(3000):
        flood.send(b'junk')
    stream.sendall(message(method='BYE'))
    equal(stream.recv(65536), message(method='BYE'))


@test('a listener needs an address that can be told to others')
def wildcard(world):
    own = world.net('udp4', side=9)
    equal(world.fault('side', 9, '-', '-', '-'), 'EEXIST')
    for side, text in enumerate(('0.0.0.0:0', '[::]:0')):
        equal(world.fault('side', side, '-', '-', '-', 'udp', text), 'EADDRNOTAVAIL')
    equal(world.fault('side', 3, '-', '-', '-', 'udp', own['udp4']), 'EADDRINUSE')
    equal(world.fault('side', 4, '-', '-', '-', 'tls', '127.0.0.1:0'), 'ENOKEY')
    equal([bool(world.wait('side')['why']) for _ in range(5)], [True] * 5)
