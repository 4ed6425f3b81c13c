# SPDX-License-Identifier: GPL-2.0
"""MIKEY messages as octets: the payloads of RFC 3830, 6 that the pre-shared key mode uses."""
import struct
from dataclasses import dataclass, field

PRE_SHARED, PSK_ANSWER, ERROR = 0, 1, 6     # data types (6.1)
LAST, KEMAC, T, ID, V, SP, RAND, ERR, KEY_DATA, EXT = 0, 1, 5, 6, 9, 10, 11, 12, 20, 21
NTP_UTC, NTP, COUNTER = 0, 1, 2
_STAMP_OCTETS = {NTP_UTC: 8, NTP: 8, COUNTER: 4}
NAI, URI = 0, 1
AES_CM_128, HMAC_SHA1 = 1, 1
_MAC_OCTETS = {0: 0, HMAC_SHA1: 20}
SDP_IDS = 1


class Malformed(Exception):
    """The octets are no MIKEY message of this mode."""


@dataclass
class Stream:
    """What the CS ID map says of one crypto session (6.1.1)."""
    ssrc: int = 0
    roc: int = 0
    policy: int = 0


@dataclass
class Payload:
    """One payload: its type, a number (what the octet after `next` says) and its data."""
    kind: int
    number: int
    data: bytes
    extra: object = None


@dataclass
class Message:
    """A whole message; payloads in their order."""
    data_type: int
    csb_id: int
    streams: list = field(default_factory=list)
    payloads: list = field(default_factory=list)
    answer_wanted: bool = False
    prf: int = 0

    def all(self, kind):
        """The payloads of a type."""
        return [p for p in self.payloads if p.kind == kind]

    def one(self, kind):
        """The only payload of a type, or None."""
        found = self.all(kind)
        if len(found) > 1:
            raise Malformed(f'payload {kind} more than once')
        return found[0] if found else None

    def need(self, kind):
        """The only payload of a type, which has to be there."""
        found = self.one(kind)
        if not found:
            raise Malformed(f'payload {kind} is missing')
        return found


class _Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, size):
        if self.at + size > len(self.data):
            raise Malformed('shorter than it says')
        self.at += size
        return self.data[self.at - size:self.at]

    def number(self, size):
        return int.from_bytes(self.take(size), 'big')


# Encoding: what follows the `next payload` octet.

def _body(payload):
    kind, number, data = payload.kind, payload.number, payload.data
    if kind in (T, V):
        return bytes([number]) + data
    if kind == RAND:
        return bytes([len(data)]) + data
    if kind in (ID, EXT):
        return struct.pack('>BH', number, len(data)) + data
    if kind == SP:
        return struct.pack('>BBH', number, 0, len(data)) + data
    if kind == ERR:
        return struct.pack('>BH', number, 0)
    if kind == KEMAC:
        alg, mac = payload.extra
        return struct.pack('>BH', number, len(data)) + data + bytes([alg]) + mac
    raise Malformed(f'payload {kind} is unknown')


def encode(message):
    """The octets of a message."""
    kinds = [p.kind for p in message.payloads] + [LAST]
    out = struct.pack('>BBBBIBB', 1, message.data_type, kinds[0],
                      message.answer_wanted << 7 | message.prf, message.csb_id,
                      len(message.streams), 0)
    for stream in message.streams:
        out += struct.pack('>BII', stream.policy, stream.ssrc, stream.roc)
    for payload, following in zip(message.payloads, kinds[1:]):
        out += bytes([following]) + _body(payload)
    return out


def _payload(kind, reader):
    if kind == RAND:
        return Payload(kind, 0, reader.take(reader.number(1)))
    number = reader.number(1)
    if kind == T:
        if number not in _STAMP_OCTETS:
            raise Malformed('type of timestamp')
        return Payload(kind, number, reader.take(_STAMP_OCTETS[number]))
    if kind == V:
        return Payload(kind, number, reader.take(_mac_octets(number)))
    if kind in (ID, EXT):
        return Payload(kind, number, reader.take(reader.number(2)))
    if kind == SP:
        if reader.number(1):
            raise Malformed('a policy that is not of SRTP')
        return Payload(kind, number, reader.take(reader.number(2)))
    if kind == ERR:
        return Payload(kind, number, reader.take(2))
    if kind == KEMAC:
        data, alg = reader.take(reader.number(2)), reader.number(1)
        return Payload(kind, number, data, (alg, reader.take(_mac_octets(alg))))
    raise Malformed(f'payload {kind} is unknown')


def _mac_octets(alg):
    if alg not in _MAC_OCTETS:
        raise Malformed('MAC algorithm')
    return _MAC_OCTETS[alg]


def decode(data):
    """The message in octets, or Malformed."""
    reader = _Reader(data)
    version, kind, following, flags, csb, count, map_type = struct.unpack('>BBBBIBB', reader.take(10))
    if version != 1 or map_type:
        raise Malformed('version or map type')
    message = Message(kind, csb, answer_wanted=bool(flags >> 7), prf=flags & 127)
    for _ in range(count):
        policy, ssrc, roc = struct.unpack('>BII', reader.take(9))
        message.streams.append(Stream(ssrc, roc, policy))
    while following != LAST:
        here, following = following, reader.number(1)
        message.payloads.append(_payload(here, reader))
    if reader.at != len(data):
        raise Malformed('octets behind the last payload')
    return message


# Security policies: type, length, value (6.10.1).

def encode_policy(values):
    """The parameters of an SRTP policy; each value is one octet."""
    return b''.join(bytes([kind, 1, value]) for kind, value in values.items())


def decode_policy(data):
    """{type: number} of an SRTP policy."""
    reader, out = _Reader(data), {}
    while reader.at < len(data):
        kind = reader.number(1)
        out[kind] = reader.number(reader.number(1))
    return out


@dataclass
class KeyData:
    """A key data sub-payload (6.13): a TGK or, with is_tek, a TEK itself."""
    key: bytes
    salt: bytes = b''
    mki: bytes = b''
    is_tek: bool = False


def encode_keys(keys):
    """The plain text of KEMAC."""
    out = b''
    for n, one in enumerate(keys, 1):
        kind = one.is_tek << 1 | bool(one.salt)
        out += struct.pack('>BBH', KEY_DATA if n < len(keys) else LAST, kind << 4 | bool(one.mki),
                           len(one.key)) + one.key
        if one.salt:
            out += struct.pack('>H', len(one.salt)) + one.salt
        if one.mki:
            out += bytes([len(one.mki)]) + one.mki
    return out


def decode_keys(data):
    """The key data of KEMAC's plain text."""
    reader, out, following = _Reader(data), [], KEY_DATA if data else LAST
    while following == KEY_DATA:
        following, kind = reader.number(1), reader.number(1)
        if kind & 15 > 1:
            raise Malformed('key validity that is not an SPI')
        one = KeyData(reader.take(reader.number(2)), is_tek=bool(kind >> 5 & 1))
        if kind >> 4 & 1:
            one.salt = reader.take(reader.number(2))
        if kind & 15:
            one.mki = reader.take(reader.number(1))
        out.append(one)
    if reader.at != len(data):
        raise Malformed('octets behind the last key')
    return out
