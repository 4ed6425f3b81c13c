# SPDX-License-Identifier: GPL-2.0
"""Messages of MSRP as octets (RFC 4975, 9)."""
import os
import re
from dataclasses import dataclass, field

HEAD_MOST = 16384
_START = re.compile(rb'MSRP ([!-~]+) ([A-Z]+|\d{3}(?: [^\r\n]*)?)\Z')


class BadMsrp(ValueError):
    """Not MSRP."""


def token():
    """A transaction identifier, or a Message-ID."""
    return os.urandom(10).hex()


@dataclass
class Message:
    """A request or a response. what: the method, or status and phrase. body: None for a message without one."""
    what: str
    tid: str = field(default_factory=token)
    headers: list = field(default_factory=list)
    body: bytes = None
    flag: str = '$'

    def get(self, name, otherwise=None):
        """The value of a header field."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), otherwise)

    @property
    def status(self):
        """Of a response, else None."""
        return int(self.what[:3]) if self.what[:3].isdigit() else None

    def encode(self):
        """The octets."""
        lines = [f'MSRP {self.tid} {self.what}', *(f'{name}: {value}' for name, value in self.headers)]
        head = ''.join(f'{line}\r\n' for line in lines).encode()
        end = f'-------{self.tid}{self.flag}\r\n'.encode()
        return head + end if self.body is None else b''.join((head, b'\r\n', self.body, b'\r\n', end))


def byte_range(text):
    """(first, last or None, total or None) of a Byte-Range."""
    found = re.fullmatch(r'(\d+)-(\d+|\*)/(\d+|\*)', text or '')
    if not found:
        raise BadMsrp(f'no Byte-Range: {text!r}')
    return int(found[1]), *(None if part == '*' else int(part) for part in found.groups()[1:])


class Parser:
    """Takes octets as they come, gives messages."""

    def __init__(self):
        self._data, self._head, self._from = bytearray(), None, 0

    def feed(self, octets):
        """The messages that are complete with these octets."""
        self._data += octets
        out = []
        while one := self._next():
            out.append(one)
        return out

    def _next(self):
        if not self._head and not self._read_head():
            return None
        message, size, has_body = self._head
        mark = f'-------{message.tid}'.encode()
        end = self._data.find(mark, max(size, self._from - len(mark)))
        if end < 0 or len(self._data) < end + len(mark) + 3:
            self._from = end + len(mark) if end >= 0 else len(self._data)
            return None
        flag = self._data[end + len(mark):end + len(mark) + 3]
        if flag[1:] != b'\r\n' or flag[:1] not in (b'$', b'+', b'#'):
            raise BadMsrp(f'end line goes on with {bytes(flag)!r}')
        if has_body:
            if self._data[end - 2:end] != b'\r\n':
                raise BadMsrp('no CRLF before the end line')
            message.body = bytes(self._data[size:end - 2])
        elif end != size:
            raise BadMsrp('the end line is not where the header ends')
        message.flag = flag[:1].decode()
        del self._data[:end + len(mark) + 3]
        self._head, self._from = None, 0
        return message

    def _read_head(self):
        """Reads the header once it is there: up to an empty line, or up to the end line without a body."""
        first = self._data.find(b'\r\n')
        if first < 0:
            if len(self._data) > HEAD_MOST:
                raise BadMsrp('no start line')
            return False
        start = _START.match(bytes(self._data[:first]))
        if not start:
            raise BadMsrp(f'no start line: {bytes(self._data[:80])!r}')
        mark = b'\r\n-------' + start[1]
        blank, end = self._data.find(b'\r\n\r\n', first), self._data.find(mark, first)
        ends = [at for at in (blank, end) if at >= 0]
        if not ends:
            if len(self._data) > HEAD_MOST:
                raise BadMsrp('no end of the header')
            return False
        at = min(ends)
        message = Message(start[2].decode(), start[1].decode())
        for line in bytes(self._data[first + 2:at]).decode().split('\r\n') if at > first else ():
            name, colon, value = line.partition(': ')
            if not colon:
                raise BadMsrp(f'no header field: {line!r}')
            message.headers.append((name, value))
        self._head = message, at + (4 if at == blank else 2), at == blank
        return True
