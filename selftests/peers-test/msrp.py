#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The MSRP endpoint of selftests/peers/msrp, before anything relies on it: examples of RFC 4975, itself, and openssl."""
import asyncio
import contextlib
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))

from lib.ktap import equal, run, test
from peers.msrp import channel
from peers.msrp.session import Session
from peers.msrp.wire import BadMsrp, Message, Parser, byte_range

HOST = '127.0.0.1'
# RFC 4975, 11.1, and a chunk with what looks like its end line.
EXAMPLE = (b'MSRP d93kswow SEND\r\nTo-Path: msrp://bobpc.biloxi.example.com:8888/9di4eae923wzd;tcp\r\n'
           b'From-Path: msrp://alicepc.example.com:7777/iau39soe2843z;tcp\r\nMessage-ID: 12339sdqwer\r\n'
           b'Byte-Range: 1-16/16\r\nContent-Type: text/plain\r\n\r\nHi, I\'m Alice!\r\n\r\n-------d93kswow$\r\n')
ANSWER = (b'MSRP d93kswow 200 OK\r\nTo-Path: msrp://alicepc.example.com:7777/iau39soe2843z;tcp\r\n'
          b'From-Path: msrp://bobpc.biloxi.example.com:8888/9di4eae923wzd;tcp\r\n-------d93kswow$\r\n')


def go(work):
    asyncio.run(asyncio.wait_for(work, 30))


@test('messages of RFC 4975 are read however they are cut, and written as they were')
def _(_world):
    for size in range(1, len(EXAMPLE) + len(ANSWER) + 1):
        parser, out = Parser(), []
        data = EXAMPLE + ANSWER
        for at in range(0, len(data), size):
            out += parser.feed(data[at:at + size])
        equal([(m.what, m.tid, m.flag) for m in out], [('SEND', 'd93kswow', '$'), ('200 OK', 'd93kswow', '$')], f'{size}')
        equal((out[0].body, out[1].body), (b"Hi, I'm Alice!\r\n", None), 'bodies')
        equal(b''.join(m.encode() for m in out), data, 'written again')


@test('what is no MSRP is not taken for it')
def _(_world):
    for wrong in (b'GET / HTTP/1.1\r\n\r\n', b'MSRP abc SEND\r\nTo-Path\r\n-------abc$\r\n',
                  b'MSRP abc SEND\r\nA: b\r\n-------abc?\r\n',
                  b'MSRP abc SEND\r\nA: b\r\n\r\nbody-------abc$\r\n', b'x' * 20000, b'MSRP abc SEND\r\nA: ' + b'x' * 20000):
        try:
            Parser().feed(wrong)
        except BadMsrp:
            continue
        raise AssertionError(f'{wrong[:40]!r} was taken')
    equal((byte_range('1-16/16'), byte_range('5-*/*')), ((1, 16, 16), (5, None, None)), 'ranges')


@contextlib.asynccontextmanager
async def pair(tls=None, server=None):
    """Two ends of a session: by TCP, or by openssl's client and server."""
    sock = channel.place(HOST)
    where = sock.getsockname()[:2]
    paths = f'msrp://{HOST}:9/a;tcp', f'msrp://{HOST}:{where[1]}/b;tcp'
    if tls:
        sock.close()
        far = await channel.tls_accept(*where, server or tls)
        await asyncio.sleep(0.5)
        near = await channel.tls_connect(HOST, where, tls)
    else:
        near, far = await asyncio.gather(channel.connect(HOST, where), channel.accept(sock))
        sock.close()
    one, other = Session(near.reader, near.writer, *paths), Session(far.reader, far.writer, *paths[::-1])
    try:
        yield one, other
    finally:
        for end in (one, other):
            await end.close()
        await channel.settled()


@test('two ends exchange messages in chunks with reports, over TCP and over TLS with a pre-shared key')
def _(_world):
    async def work(tls):
        async with pair(tls) as (one, other):
            equal((await one.hello()).status, 200, 'hello')
            data = os.urandom(100000)
            await one.send(data, 'image/png', success=True)
            came = await other.expect()
            equal((came.body(), came.chunks, came.content_type), (data, 49, 'image/png'), 'the message')
            equal((await one.report()).get('Byte-Range'), '1-100000/100000', 'REPORT')
            await other.send(b'Hello')
            equal((await one.expect()).body(), b'Hello', 'back')
            one.check()
            other.check()
    for tls in (None, channel.Tls('0f' * 32, 'me@edge'), channel.Tls('0f' * 32, 'me@edge', '1.2')):
        go(work(tls))


@test('a wrong key, or another name, gives no connection')
def _(_world):
    async def work(server):
        async with pair(channel.Tls('0f' * 32, 'me@edge'), server) as (one, _):
            try:
                await one.hello()
            except (ConnectionError, asyncio.TimeoutError):
                return
            raise AssertionError('it went through')
    go(work(channel.Tls('0e' * 32, 'me@edge')))
    go(work(channel.Tls('0f' * 32, 'you@edge')))


@test('an end notices strange paths, gaps and answers to nothing')
def _(_world):
    async def work(wrong, words):
        async with pair() as (one, other):
            one.write(wrong(one))
            end = asyncio.get_running_loop().time() + 5
            while not other.faults and asyncio.get_running_loop().time() < end:
                await asyncio.sleep(0.01)
            assert any(words in fault for fault in other.faults), other.faults

    def strange(one):
        message = one.chunk('id', 1, b'x', 1)
        message.headers[1] = ('From-Path', 'msrp://h:1/other;tcp')
        return message
    for wrong, words in ((strange, 'paths'), (lambda one: one.chunk('id', 1, b'abc', 9), 'octets of 9'),
                         (lambda one: Message('200 OK', headers=[('To-Path', one.peer), ('From-Path', one.own)]), 'nothing')):
        go(work(wrong, words))


if __name__ == '__main__':
    run(contextlib.nullcontext)
