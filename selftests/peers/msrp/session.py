# SPDX-License-Identifier: GPL-2.0
"""One end of an MSRP session (RFC 4975, 7)."""
import asyncio
import hashlib
from dataclasses import dataclass, field

from peers.msrp.wire import BadMsrp, Message, Parser, byte_range, token

READ = 1 << 18
SECONDS = 20
CHUNK = 2048
KEEP = 16 << 20


@dataclass
class Received:
    """A message that came, perhaps in chunks, not all at once."""
    id: str
    content_type: str = None
    parts: dict = field(default_factory=dict)       # first octet, from 1: octets; of a large one only the digest is kept
    chunks: int = 0
    size: int = 0               # octets that came
    total: int = None
    flag: str = '+'
    sha: object = field(default_factory=hashlib.sha256)

    def take(self, first, octets):
        """A chunk; False if it is not the next one."""
        follows = first == self.size + 1
        self.chunks, self.size = self.chunks + 1, self.size + len(octets)
        self.sha.update(octets)
        if (self.total or 0) <= KEEP:
            self.parts[first] = octets
        return follows

    def body(self):
        """All of it, if there are no gaps."""
        at, out = 1, []
        for first, part in sorted(self.parts.items()):
            if first != at:
                raise BadMsrp(f'octet {at} of a message is missing')
            out.append(part)
            at += len(part)
        return b''.join(out)

    def digest(self):
        """SHA-256 of it, as it came."""
        return self.sha.hexdigest()


class Session:
    """reader, writer: the connection. own, peer: values of a=path. any_path: of the peer's only what comes is noted."""

    def __init__(self, reader, writer, own, peer):
        self.reader, self.writer, self.own, self.peer = reader, writer, own, peer
        self.faults, self.ended = [], asyncio.Event()
        self.came, self.reports = asyncio.Queue(), asyncio.Queue()
        self.raw_in = 0
        self.answer = 200           # to requests that come
        self.slow = 0               # seconds before each read
        self._open, self._waits = {}, {}
        self._task = asyncio.get_running_loop().create_task(self._read())

    # What comes.

    async def _read(self):
        parser = Parser()
        try:
            while octets := await self.reader.read(READ):
                self.raw_in += len(octets)
                for message in parser.feed(octets):
                    self._take(message)
                if self.slow:
                    await asyncio.sleep(self.slow)
        except (ConnectionError, OSError):
            pass
        except BadMsrp as error:
            self.faults.append(str(error))
        finally:
            self.ended.set()
            for wait in self._waits.values():
                if not wait.done():
                    wait.set_exception(ConnectionError('the connection ended'))

    def _take(self, message):
        expected = self.own, self.peer
        got = message.get('To-Path'), message.get('From-Path')
        if got[0] != expected[0] or (message.status and got[1] != self.peer.split()[0]) or \
                (not message.status and got[1] != expected[1]):
            self.faults.append(f'{message.what}: paths {got}, not {expected}')
            if not message.status and message.what != 'REPORT':
                self._respond(message, 481)
            return
        if message.status:
            wait = self._waits.pop(message.tid, None)
            if not wait:
                self.faults.append(f'a response to nothing: {message.what}')
            elif not wait.done():
                wait.set_result(message)
        elif message.what == 'REPORT':
            self.reports.put_nowait(message)
        elif message.what == 'SEND':
            self._take_send(message)
        else:
            self._respond(message, 501)

    def _respond(self, request, status):
        """To a request, by its From-Path's first URI (RFC 4975, 7.2)."""
        if request.get('Failure-Report') == 'no':
            return
        to = request.get('From-Path') if len(self.peer.split()) == 1 else request.get('From-Path').split()[0]
        self.write(Message(f'{status} OK' if status == 200 else str(status), request.tid,
                           [('To-Path', to), ('From-Path', self.own)]))

    def _take_send(self, message):
        self._respond(message, self.answer)
        if self.answer != 200 or message.body is None:
            return
        one = self._open.setdefault(message.get('Message-ID'), Received(message.get('Message-ID')))
        first, _, total = byte_range(message.get('Byte-Range', f'1-{len(message.body)}/{len(message.body)}'))
        one.content_type, one.total, one.flag = message.get('Content-Type'), total, message.flag
        if not one.take(first, message.body):
            self.faults.append(f'octet {first} came after {one.size - len(message.body)}')
        if message.flag == '+':
            return
        del self._open[one.id]
        if message.flag == '$' and one.size != total:
            self.faults.append(f'{one.size} octets of {total} came')
        if message.get('Success-Report') == 'yes' and message.flag == '$':
            self.write(Message('REPORT', headers=[
                ('To-Path', message.get('From-Path')), ('From-Path', self.own), ('Message-ID', one.id),
                ('Byte-Range', f'1-{one.size}/{one.size}'), ('Status', '000 200 OK')]))
        self.came.put_nowait(one)

    async def expect(self, seconds=SECONDS):
        """The next message that is complete, or was given up by its sender."""
        return await asyncio.wait_for(self.came.get(), seconds)

    async def report(self, seconds=SECONDS):
        """The next REPORT."""
        return await asyncio.wait_for(self.reports.get(), seconds)

    # What goes.

    def write(self, message):
        """Sends a message as it is."""
        self.writer.write(message.encode())

    async def ask(self, message, seconds=SECONDS):
        """Sends a request; its response."""
        wait = self._waits[message.tid] = asyncio.get_running_loop().create_future()
        self.write(message)
        await self.writer.drain()
        return await asyncio.wait_for(wait, seconds)

    def chunk(self, id_, first, octets, total, content_type='text/plain', flag='$', more=()):
        """A SEND with a part of a message."""
        last = first + len(octets) - 1
        return Message('SEND', headers=[
            ('To-Path', self.peer), ('From-Path', self.own), ('Message-ID', id_), *more,
            ('Byte-Range', f'{first}-{last}/{total}'), ('Content-Type', content_type)], body=octets, flag=flag)

    async def hello(self):
        """The request without a body with which the one that connects makes itself known (RFC 4975, 5.4)."""
        return await self.ask(Message('SEND', headers=[('To-Path', self.peer), ('From-Path', self.own),
                                                       ('Message-ID', token())]))

    async def send(self, octets, content_type='text/plain', size=CHUNK, success=False, seconds=SECONDS, window=8):
        """A message in chunks, some of them unanswered at a time; its Message-ID. Each has to be answered with 200."""
        id_, total, asked = token(), len(octets), []
        more = [('Success-Report', 'yes')] if success else []
        for at in range(0, max(total, 1), size):
            part = octets[at:at + size]
            flag = '$' if at + size >= total else '+'
            asked.append(asyncio.ensure_future(
                self.ask(self.chunk(id_, at + 1, part, total, content_type, flag, more), seconds)))
            await asyncio.sleep(0)
            while len(asked) >= window:
                self._judge(await asked.pop(0))
        for one in asked:
            self._judge(await one)
        return id_

    @staticmethod
    def _judge(response):
        if response.status != 200:
            raise AssertionError(f'a chunk was answered with {response.what}')

    def check(self):
        """Fails if anything was not as it has to be."""
        assert not self.faults, self.faults

    async def close(self):
        """Ends the connection."""
        self._task.cancel()
        self.writer.close()
