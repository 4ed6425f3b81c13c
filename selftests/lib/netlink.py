# SPDX-License-Identifier: GPL-2.0
"""A generic-netlink client of the tests' own, for well-formed and malformed messages.

Values are dicts with the names of uapi/e2ae.yaml; enums are numbers or their names.
"""
import errno
import os
import socket
import struct
import time

from lib.netns import incoming, inside, processed
from lib.spec import SPEC

NETLINK_GENERIC = 16
SOL_NETLINK = 270
ADD_MEMBERSHIP, CAP_ACK, EXT_ACK, GET_STRICT_CHK = 1, 10, 11, 12
REQUEST, MULTI, ACK, DUMP_INTR, DUMP = 1, 2, 4, 0x10, 0x300
NLMSG_ERROR, NLMSG_DONE, GENL_ID_CTRL = 2, 3, 16
NESTED = 0x8000
ERR_MSG, ERR_OFFS, ERR_MISS_TYPE = 1, 2, 5

_INTS = {'u8': 'B', 'u16': 'H', 'u32': 'I', 'u64': 'Q', 's32': 'i', 's64': 'q'}


class Refused(Exception):
    """The kernel said no: errno, its sentence, and the path of the attribute at fault."""

    def __init__(self, number, sentence, where, missing):
        super().__init__(f'{errno.errorcode.get(number, number)}: {sentence or "(no sentence)"}'
                         f' at {where}')
        self.errno, self.sentence, self.where, self.missing = number, sentence, where, missing


def attr(number, payload, nested=False):
    """One attribute with its padding."""
    kind = number | (NESTED if nested else 0)
    return struct.pack('=HH', 4 + len(payload), kind) + payload + bytes(-len(payload) % 4)


def _encode_one(row, value):
    if row.type == 'nest':
        return attr(row.number, encode(row.nested, value), True)
    if row.type == 'flag':
        return attr(row.number, b'') if value else b''
    if row.type == 'string':
        return attr(row.number, value.encode() + b'\0')
    if row.type == 'binary' or isinstance(value, bytes):
        return attr(row.number, value)
    if isinstance(value, str):
        value = SPEC.enums[row.enum][value]
    return attr(row.number, struct.pack('=' + _INTS[row.type], value))


def encode(set_name, values):
    """Attributes of a set, in the order of the dict; a key 'raw' holds ready octets."""
    out = b''
    for name, value in values.items():
        if name == 'raw':
            out += value
            continue
        row = SPEC.sets[set_name][name]
        for one in value if row.multi and isinstance(value, list) else [value]:
            out += _encode_one(row, one)
    return out


def attrs(data):
    """Splits octets into (number, payload, offset)."""
    at = 0
    while at + 4 <= len(data):
        size, kind = struct.unpack_from('=HH', data, at)
        if size < 4 or at + size > len(data):
            raise ValueError(f'bad attribute at {at} of {data.hex()}')
        yield kind & 0x3fff, data[at + 4:at + size], at
        at += (size + 3) & ~3


def _decode_one(row, payload):
    if row.type == 'nest':
        return decode(row.nested, payload)
    if row.type == 'flag':
        return True
    if row.type == 'string':
        return payload.rstrip(b'\0').decode()
    if row.type == 'binary':
        return payload
    return struct.unpack('=' + _INTS[row.type], payload)[0]


def decode(set_name, data):
    """A dict of a set's attributes; unknown ones fail, the padding attribute excepted."""
    rows = {r.number: r for r in SPEC.sets[set_name].values()}
    out = {}
    for number, payload, _ in attrs(data):
        if not number:
            continue
        row = rows[number]
        value = _decode_one(row, payload)
        if row.multi:
            out.setdefault(row.name, []).append(value)
        else:
            out[row.name] = value
    return out


def _locate(set_name, data, base, offset):
    """The path of names down to the attribute that starts at an offset of the message."""
    rows = {r.number: r for r in SPEC.sets[set_name].values()}
    for number, payload, at in attrs(data):
        row, start = rows.get(number), base + at
        if start == offset:
            return row.name if row else f'#{number}'
        if start < offset < start + 4 + len(payload) and row and row.nested:
            return f'{row.name}/{_locate(row.nested, payload, start + 4, offset)}'
    return f'offset {offset}'


class Netlink:
    """One socket in a namespace."""

    in_order = True     # requests wait for the packets that were sent before; not against a flood

    def __init__(self, name=None, strict=True):
        with inside(name):
            self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_GENERIC)
        self.sock.bind((0, 0))
        self.sock.setsockopt(SOL_NETLINK, EXT_ACK, 1)
        self.sock.setsockopt(SOL_NETLINK, CAP_ACK, 1)
        if strict:
            self.sock.setsockopt(SOL_NETLINK, GET_STRICT_CHK, 1)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        self.sock.settimeout(20)
        self.seq = int.from_bytes(os.urandom(3), 'big')
        self.buffer = bytearray(1 << 17)
        self.resolve()

    def close(self):
        """Closes the socket."""
        self.sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def message(self, family, command, payload, flags, version=1):
        """A whole message with the next sequence number."""
        self.seq = (self.seq + 1) & 0x7fffffff
        head = struct.pack('=BBH', command, version, 0)
        return struct.pack('=IHHII', 20 + len(payload), family, flags, self.seq, 0) + head + payload

    def _receive(self):
        """The next datagram. One buffer for all: new ones of this size cost a mapping each."""
        size = self.sock.recv_into(self.buffer)
        return bytes(memoryview(self.buffer)[:size])

    def _received(self, seq):
        """Yields (type, flags, body) of the answers to a request."""
        while True:
            data = self._receive()
            at = 0
            while at + 16 <= len(data):
                size, kind, flags, got, _ = struct.unpack_from('=IHHII', data, at)
                if got == seq:
                    yield kind, flags, data[at + 16:at + size]
                at += (size + 3) & ~3

    def _refusal(self, number, sent, tail):
        found = {k: p for k, p, _ in attrs(tail)}
        sentence = found.get(ERR_MSG, b'').rstrip(b'\0').decode()
        where = missing = None
        if ERR_OFFS in found:
            where = _locate('e2ae', sent[20:], 20, struct.unpack('=I', found[ERR_OFFS])[0])
        if ERR_MISS_TYPE in found:
            missing = struct.unpack('=I', found[ERR_MISS_TYPE])[0]
        return Refused(number, sentence, where, missing)

    def _check(self, kind, body, sent, flags=0):
        """Raises on an error message; whether the message ends the exchange."""
        if kind == NLMSG_ERROR:
            code = struct.unpack_from('=i', body)[0]
            if code:
                raise self._refusal(-code, sent, body[20:] if flags & 0x200 else b'')
            return True
        if kind == NLMSG_DONE:
            code = struct.unpack_from('=i', body)[0] if len(body) >= 4 else 0
            if code < 0:
                raise self._refusal(-code, sent, body[4:])
            return True
        return False

    def transact(self, message):
        """Sends octets that ask for an ACK; returns the bodies of the answers, genl head cut."""
        self.sock.send(message)
        out = []
        for kind, flags, body in self._received(struct.unpack_from('=I', message, 8)[0]):
            if self._check(kind, body, message, flags):
                return out
            out.append(body[4:])
        return out

    def resolve(self):
        """Asks for the family's number and its groups, which a module gets when it is loaded."""
        request = attr(2, SPEC.name.encode() + b'\0')
        body = self.transact(self.message(GENL_ID_CTRL, 3, request, REQUEST | ACK))[0]
        found = {k: p for k, p, _ in attrs(body)}
        self.groups = {}
        for _, row, _ in attrs(found[7]):
            one = {k: p for k, p, _ in attrs(row)}
            self.groups[one[1].rstrip(b'\0').decode()] = struct.unpack('=I', one[2])[0]
        self.family = struct.unpack('=H', found[1])[0]

    def raw(self, command, payload, flags=0):
        """A request with ready octets for attributes."""
        number = SPEC.commands.get(command, command)
        return self.transact(self.message(self.family, number, payload, REQUEST | ACK | flags))

    def do(self, command, **values):
        """A request; returns the answer's dict, or None where there is none.

        It comes after all packets that were sent before.
        """
        if self.in_order:
            processed()
        bodies = self.raw(command, encode('e2ae', values))
        return decode('e2ae', bodies[0]) if bodies else None

    def dump(self, command):
        """All objects, and whether the kernel said that they changed meanwhile."""
        message = self.message(self.family, SPEC.commands[command], b'', REQUEST | DUMP)
        self.sock.send(message)
        out, interrupted = [], False
        for kind, flags, body in self._received(self.seq):
            interrupted = interrupted or bool(flags & DUMP_INTR)
            if self._check(kind, body, message, flags):
                return out, interrupted
            out.append(decode('e2ae', body[4:]))
        return out, interrupted

    def batch(self, requests):
        """Many (command, values) at once; returns {index: errno} of those that were refused."""
        wanted, failed = {}, {}
        for start in range(0, len(requests), 64):
            wanted.clear()
            data = b''
            for i, (command, values) in enumerate(requests[start:start + 64], start):
                data += self.message(self.family, SPEC.commands[command], encode('e2ae', values),
                                     REQUEST | ACK)
                wanted[self.seq] = i
            self.sock.send(data)
            while wanted:
                self._drain(wanted, failed)
        return failed

    def _drain(self, wanted, failed):
        data, at = self._receive(), 0
        while at + 16 <= len(data):
            size, kind, _, seq, _ = struct.unpack_from('=IHHII', data, at)
            if kind == NLMSG_ERROR and seq in wanted:
                code = struct.unpack_from('=i', data, at + 16)[0]
                index = wanted.pop(seq)
                if code:
                    failed[index] = -code
            at += (size + 3) & ~3


class Events(Netlink):
    """Listens to the family's multicast groups."""

    def __init__(self, name=None, groups=None):
        super().__init__(name)
        for group in groups or SPEC.groups:
            self.sock.setsockopt(SOL_NETLINK, ADD_MEMBERSHIP, self.groups[group])
        self.commands = {n: name for name, n in SPEC.commands.items()}

    def read(self, seconds=0.0):
        """Events of the next moments as (name, dict); those of all packets sent before at the least."""
        out = []
        processed()
        for _ in incoming(self.sock, seconds):
            data, at = self._receive(), 0
            while at + 20 <= len(data):
                size, command = struct.unpack_from('=I', data, at)[0], data[at + 16]
                out.append((self.commands[command], decode('event', data[at + 20:at + size])))
                at += (size + 3) & ~3
        return out

    def wait(self, wanted, seconds=20.0):
        """Waits for an event of that name; returns its dict."""
        end = time.monotonic() + seconds
        seen = []
        while time.monotonic() < end:
            for name, values in self.read(0.05):
                if name == wanted:
                    return values
                seen.append(name)
        raise AssertionError(f'no event {wanted} within {seconds} s; seen {seen}')
