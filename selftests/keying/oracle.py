# SPDX-License-Identifier: GPL-2.0
"""MIKEY with pre-shared keys, written from RFC 3830 and RFC 7714 for the tests; shares nothing with it.

HMAC is Python's, AES is libcrypto's by way of peers/oracle.py.
"""
import base64
import hmac
import os
import struct

from peers.oracle import _Cipher

TEK, TEK_SALT = 0x2AD01C64, 0x39A2C14B
PSK_ENC, PSK_AUTH, PSK_SALT = 0x150533E1, 0x2D22AC75, 0x29B88916
KEMAC, T, ID, V, SP, RAND, ERR, EXT = 1, 5, 6, 9, 10, 11, 12, 21
# name: (encryption algorithm, key, salt, tag)
SUITES = {
    'AES_CM_128_HMAC_SHA1_80': (1, 16, 14, 10), 'AES_CM_128_HMAC_SHA1_32': (1, 16, 14, 4),
    'AES_192_CM_HMAC_SHA1_80': (1, 24, 14, 10), 'AES_192_CM_HMAC_SHA1_32': (1, 24, 14, 4),
    'AES_256_CM_HMAC_SHA1_80': (1, 32, 14, 10), 'AES_256_CM_HMAC_SHA1_32': (1, 32, 14, 4),
    'AEAD_AES_128_GCM': (6, 16, 12, 16), 'AEAD_AES_256_GCM': (6, 32, 12, 16),
}


class Bad(Exception):
    """The message is not what it should be."""


def _sha1(key, data):
    return hmac.new(key, data, 'sha1').digest()


def prf(inkey, label, length):
    """RFC 3830, 4.1.2; length in octets."""
    blocks = [inkey[i:i + 32] for i in range(0, len(inkey), 32)]
    out = 0
    for s in blocks:
        p, a = b'', label
        while len(p) < length:
            a = _sha1(s, a)
            p += _sha1(s, a + label)
        out ^= int.from_bytes(p[:length], 'big')
    return out.to_bytes(length, 'big')


def kdf(key, *params):
    """TS 33.220, B.2 with FC 0xF0."""
    s = b'\xf0' + b''.join(p + struct.pack('>H', len(p)) for p in params)
    return hmac.new(key, s, 'sha256').digest()


class Message:
    """A message taken apart: header fields and a list of (payload type, octets after its next-payload octet)."""

    def __init__(self, octets):
        self.octets = octets
        self.version, self.kind, first, flags, self.csb = struct.unpack('>BBBBI', octets[:8])
        self.v, self.prf = flags >> 7, flags & 127
        count, self.map_type = octets[8], octets[9]
        self.cs = [struct.unpack('>BII', octets[10 + 9 * i:19 + 9 * i]) for i in range(count)]
        at = 10 + 9 * count
        self.payloads, kind = [], first
        while kind:
            length = self._length(kind, octets[at + 1:])
            if at + 1 + length > len(octets):
                raise Bad('cut off')
            self.payloads.append((kind, octets[at + 1:at + 1 + length]))
            kind = octets[at]
            at += 1 + length
        if at != len(octets):
            raise Bad('octets are left')

    @staticmethod
    def _length(kind, body):
        def word(at):
            return struct.unpack('>H', body[at:at + 2])[0]
        if kind == T:
            return 5 if body[0] == 2 else 9
        if kind == RAND:
            return 1 + body[0]
        if kind in (ID, EXT):
            return 3 + word(1)
        if kind == SP:
            return 4 + word(2)
        if kind == KEMAC:
            return 3 + word(1) + 1 + (20 if body[3 + word(1)] == 1 else 0)
        if kind == V:
            return 1 + (20 if body[0] == 1 else 0)
        if kind == ERR:
            return 3
        raise Bad(f'payload {kind}')

    def all(self, kind):
        return [body for k, body in self.payloads if k == kind]

    def one(self, kind):
        found = self.all(kind)
        if len(found) != 1:
            raise Bad(f'{len(found)} payloads of type {kind}')
        return found[0]

    @property
    def order(self):
        return [k for k, _ in self.payloads]

    @property
    def time(self):
        return self.one(T)[1:]

    @property
    def ids(self):
        return [(body[0], body[3:]) for body in self.all(ID)]

    def policy(self, number=0):
        """Parameters of the policy of that number, by type."""
        for body in self.all(SP):
            if body[0] == number and body[1] == 0:
                params, at, out = body[4:], 0, {}
                while at < len(params):
                    out[params[at]] = int.from_bytes(params[at + 2:at + 2 + params[at + 1]], 'big')
                    at += 2 + params[at + 1]
                return out
        raise Bad('no policy')


def policy_octets(suite):
    """Only what is not a default, in an order of our own."""
    enc, key, salt, tag = SUITES[suite]
    params = {4: salt, 1: key, 0: enc}
    params.update({20: 16} if enc == 6 else {11: tag})
    body = b''.join(bytes((k, 1, v)) for k, v in params.items())
    return bytes((0, 0)) + struct.pack('>H', len(body)) + body


def encode(kind, csb, cs, payloads, v=True):
    """payloads: (type, octets after next payload)."""
    out = struct.pack('>BBBBI', 1, kind, payloads[0][0], 0x80 if v else 0, csb) + bytes((len(cs), 0))
    out += b''.join(struct.pack('>BII', *row) for row in cs)
    following = [k for k, _ in payloads[1:]] + [0]
    return out + b''.join(bytes((n,)) + body for n, (_, body) in zip(following, payloads))


class Bundle:
    """Keys of a crypto session bundle on one side."""

    def __init__(self, psk, csb, rand, idi, idr):
        self.psk, self.csb, self.rand, self.idi, self.idr = psk, csb, rand, idi, idr
        self.tgk = self.salt = b''
        self.mki = b''

    def _key(self, inkey, constant, cs, length):
        return prf(inkey, struct.pack('>IBI', constant, cs, self.csb) + self.rand, length)

    def crypt(self, time, data):
        salt = self._key(self.psk, PSK_SALT, 255, 14)
        mask = bytes(2) + struct.pack('>I', self.csb) + time.rjust(8, b'\0')
        iv = bytes(a ^ b for a, b in zip(salt, mask)) + bytes(2)
        return _Cipher('ctr', self._key(self.psk, PSK_ENC, 255, 16)).ctr(iv, data)

    def mac(self, data):
        return _sha1(self._key(self.psk, PSK_AUTH, 255, 20), data)

    def tail(self, time):
        return self.idi[1] + self.idr[1] + time

    def check(self, message, verification):
        """Raises unless the MAC at the end holds."""
        data = message.octets[:-20] + (self.tail(message.time) if verification else b'')
        if self.mac(data) != message.octets[-20:]:
            raise Bad('MAC')

    def key(self, cs, suite):
        """(master key, master salt) of a crypto session."""
        _, key, salt, _ = SUITES[suite]
        return (self._key(self.tgk, TEK, cs, key),
                self.salt or self._key(self.tgk, TEK_SALT, cs, salt))

    def take(self, message):
        """Gets the TGK out of an I_MESSAGE whose MAC holds."""
        body = message.one(KEMAC)
        size = struct.unpack('>H', body[1:3])[0]
        if body[0] != 1 or body[3 + size] != 1:
            raise Bad('algorithms')
        if size:
            plain = self.crypt(message.time, body[3:3 + size])
            if plain[:2] != b'\0\0' or struct.unpack('>H', plain[2:4])[0] != len(plain) - 4:
                raise Bad('key data')
            self.tgk = plain[4:]

    def offer(self, time, cs, suite, protocols, update=False, data=None):
        """An I_MESSAGE; time is the T payload, data the key data before encryption."""
        if data is None:
            kind = bytes((0, (1 if self.salt else 0) << 4 | (1 if self.mki else 0)))
            data = kind + struct.pack('>H', len(self.tgk)) + self.tgk
            data += struct.pack('>H', len(self.salt)) + self.salt if self.salt else b''
            data += bytes((len(self.mki),)) + self.mki if self.mki else b''
        ids = [(ID, bytes((kind,)) + struct.pack('>H', len(text)) + text) for kind, text in (self.idi, self.idr)]
        data = self.crypt(time[1:], data)
        payloads = [(T, time)] + [(RAND, bytes((len(self.rand),)) + self.rand)] * (not update) + ids + [
            (EXT, b'\0' + struct.pack('>H', 4) + b'test'), (SP, policy_octets(suite)),
            (EXT, b'\1' + struct.pack('>H', len(protocols)) + protocols),
            (KEMAC, b'\1' + struct.pack('>H', len(data)) + data + b'\1')]
        out = encode(0, self.csb, cs, payloads)
        return out + self.mac(out)

    def answer(self, message, cs, with_id=True):
        """The R_MESSAGE to an I_MESSAGE."""
        idr = [(ID, bytes((self.idr[0],)) + struct.pack('>H', len(self.idr[1])) + self.idr[1])]
        payloads = [(T, message.one(T))] + idr * with_id + [(V, b'\1')]
        out = encode(1, self.csb, cs, payloads, v=False)
        return out + self.mac(out + self.tail(message.time))


def new_bundle(psk, idi, idr, tgk=16):
    bundle = Bundle(psk, int.from_bytes(os.urandom(4), 'big'), os.urandom(16), idi, idr)
    bundle.tgk = os.urandom(tgk)
    return bundle


def to_text(octets):
    return base64.b64encode(octets).decode()


def from_text(text):
    return Message(base64.b64decode(text))
