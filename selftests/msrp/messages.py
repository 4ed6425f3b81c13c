# SPDX-License-Identifier: GPL-2.0
"""MSRP messages as a peer makes and reads them (RFC 4975, 9)."""
import re

START = re.compile(rb'MSRP ([A-Za-z0-9][A-Za-z0-9.+%=-]{3,31}) (?:([A-Z]+)|(\d{3})(?: ([^\r\n]*))?)\r\n')


class Message:
    """A request (method) or a response (status); body is None without."""

    def __init__(self, tid, what, to, sender, headers=(), body=None, flag='$', comment='OK'):
        self.tid, self.what, self.to, self.sender = tid, what, to, sender
        self.headers, self.body, self.flag, self.comment = list(headers), body, flag, comment

    def octets(self):
        """As on the wire."""
        what = f'{self.what} {self.comment}' if isinstance(self.what, int) else self.what
        lines = [f'MSRP {self.tid} {what}', f'To-Path: {self.to}', f'From-Path: {self.sender}', *self.headers]
        data = '\r\n'.join(lines).encode() + b'\r\n'
        if self.body is not None:
            data += b'\r\n' + self.body + b'\r\n'
        return data + f'-------{self.tid}{self.flag}\r\n'.encode()

    def facts(self):
        """All of it, to compare."""
        return (self.tid, self.what, self.to, self.sender, self.headers, self.body, self.flag, self.comment)

    def __eq__(self, other):
        return self.facts() == other.facts()

    def __repr__(self):
        return repr(self.facts())

    def via(self, to, sender):
        """The same with other paths."""
        return Message(self.tid, self.what, to, sender, self.headers, self.body, self.flag, self.comment)


class Stream:
    """Reads messages from a connection."""

    def __init__(self, sock):
        self.sock, self.data = sock, b''

    def _until(self, mark, start=0):
        while (at := self.data.find(mark, start)) < 0:
            start = max(0, len(self.data) - len(mark))
            more = self.sock.recv(65536)
            assert more, f'the end after {self.data[-200:]!r}'
            self.data += more
        return at

    def next(self):
        """The next message."""
        self._until(b'\r\n')
        start = START.match(self.data)
        assert start, f'no start line: {self.data[:100]!r}'
        tid = start[1]
        end, lines, at = re.compile(rb'-------' + re.escape(tid) + rb'([+#$])$'), [], start.end()
        body, flag = None, None
        while flag is None:
            stop = self._until(b'\r\n', at)
            line, at = self.data[at:stop], stop + 2
            if not line:
                body, flag, at = self._body(tid, at)
            elif found := end.match(line):
                flag = found[1]
            else:
                lines.append(line.decode())
        self.data = self.data[at:]
        assert lines[0].startswith('To-Path: ') and lines[1].startswith('From-Path: '), lines
        what = start[2].decode() if start[2] else int(start[3])
        comment = (start[4] or b'').decode() if not start[2] else 'OK'
        return Message(tid.decode(), what, lines[0][9:], lines[1][11:], lines[2:], body, flag.decode(), comment)

    def _body(self, tid, at):
        mark = b'\r\n-------' + tid
        begin = at
        while True:
            found = self._until(mark, at)
            self._until(b'\r\n', found + 2)
            rest = self.data[found + len(mark):found + len(mark) + 3]
            if rest[:1] in (b'+', b'#', b'$') and rest[1:] == b'\r\n':
                return self.data[begin:found], rest[:1], found + len(mark) + 3
            at = found + 2
