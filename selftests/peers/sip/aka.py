# SPDX-License-Identifier: GPL-2.0
"""AKA between an ISIM and its home network, and Digest AKA on top (RFC 3310, RFC 4169).

Digest itself is RFC 2617 as RFC 3261 uses it; the algorithm is MD5, as IMS has it.
"""
import base64
import collections
import hashlib
import hmac
import os

from peers.sip.milenage import AMF, AUTN, RAND, SQN, Milenage, xor

# The AMF that goes into MAC-S (TS 33.102, 6.3.3).
AMF_RESYNC = bytes(AMF)
# How far SQN may run ahead of the ISIM's (TS 33.102, C.2.1).
DELTA = 1 << 28

Vector = collections.namedtuple('Vector', 'rand autn xres ck ik')


class AkaError(Exception):
    """The ISIM or the home network refuses."""


class BadMac(AkaError):
    """The challenge or the resynchronisation token is forged."""


class OutOfStep(AkaError):
    """SQN is outside the ISIM's range; `auts` tells the home network where it stands."""

    def __init__(self, auts):
        super().__init__('the sequence number is out of range')
        self.auts = auts


class Home:
    """The authentication centre's side of one subscriber."""

    def __init__(self, k, opc, amf=b'\x80\x00', sqn=0):
        self._functions, self._amf, self.sqn = Milenage(k, opc), amf, sqn

    def challenge(self, rand=None, step=True):
        """A new authentication vector; step=False uses the same SQN once more."""
        rand = rand or os.urandom(RAND)
        self.sqn += step
        sqn = self.sqn.to_bytes(SQN, 'big')
        keys = self._functions.keys(rand)
        mac, _ = self._functions.macs(rand, sqn, self._amf)
        autn = xor(sqn, keys.ak) + self._amf + mac
        return Vector(rand, autn, keys.res, keys.ck, keys.ik)

    def resynchronise(self, rand, auts):
        """Takes over the ISIM's SQN (TS 33.102, 6.3.5), or BadMac."""
        sqn = xor(auts[:SQN], self._functions.keys(rand).ak_resync)
        _, mac = self._functions.macs(rand, sqn, AMF_RESYNC)
        if not hmac.compare_digest(mac, auts[SQN:]):
            raise BadMac('AUTS')
        self.sqn = int.from_bytes(sqn, 'big')


class Isim:
    """The subscriber's side."""

    def __init__(self, k, opc, sqn=0):
        self._functions, self.sqn = Milenage(k, opc), sqn

    def answer(self, rand, autn):
        """(RES, CK, IK) of a challenge; BadMac or OutOfStep if it is refused."""
        keys = self._functions.keys(rand)
        sqn, amf, mac = xor(autn[:SQN], keys.ak), autn[SQN:SQN + AMF], autn[SQN + AMF:]
        want, _ = self._functions.macs(rand, sqn, amf)
        if not hmac.compare_digest(mac, want):
            raise BadMac('AUTN')
        number = int.from_bytes(sqn, 'big')
        if not self.sqn < number <= self.sqn + DELTA:
            raise OutOfStep(self._auts(rand, keys))
        self.sqn = number
        return keys.res, keys.ck, keys.ik

    def _auts(self, rand, keys):
        own = self.sqn.to_bytes(SQN, 'big')
        _, mac = self._functions.macs(rand, own, AMF_RESYNC)
        return xor(own, keys.ak_resync) + mac


def nonce_of(vector, server_data=b''):
    """The nonce of a challenge (RFC 3310, 3.2)."""
    return base64.b64encode(vector.rand + vector.autn + server_data).decode()


def parse_nonce(nonce):
    """(RAND, AUTN) of a nonce."""
    try:
        raw = base64.b64decode(nonce, validate=True)
    except ValueError as error:
        raise AkaError(f'the nonce is not base64: {error}') from None
    if len(raw) < RAND + AUTN:
        raise AkaError('the nonce is too short for RAND and AUTN')
    return raw[:RAND], raw[RAND:RAND + AUTN]


def password(algorithm, res, ck, ik):
    """The digest password of an answer: RFC 3310, 3.3, or RFC 4169, 2.1."""
    if algorithm == 'AKAv1-MD5':
        return res
    if algorithm == 'AKAv2-MD5':
        return base64.b64encode(hmac.digest(res + ik + ck, b'http-digest-akav2-password', 'md5'))
    raise AkaError(f'the algorithm {algorithm} is unknown')


def _md5(data):
    return hashlib.md5(data).hexdigest().encode()


def digest(secret, method, auth):
    """The `response` of Digest for the directives in `auth` (RFC 2617, 3.2.2), secret in octets."""
    first = _md5(auth['username'].encode() + b':' + auth['realm'].encode() + b':' + secret)
    second = _md5(f'{method}:{auth["uri"]}'.encode())
    middle = auth['nonce']
    if 'qop' in auth:
        if auth['qop'] != 'auth':
            raise AkaError(f'qop {auth["qop"]} is unknown')
        middle += f':{auth["nc"]}:{auth["cnonce"]}:auth'
    return _md5(first + b':' + middle.encode() + b':' + second).decode()


def auts_text(auts):
    """AUTS as a directive's value (RFC 3310, 3.4)."""
    return base64.b64encode(auts).decode()


def parse_auts(text):
    """AUTS of a directive's value."""
    raw = base64.b64decode(text)
    if len(raw) != SQN + 8:
        raise AkaError('AUTS has 14 octets')
    return raw
