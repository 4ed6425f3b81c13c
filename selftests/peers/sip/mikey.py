# SPDX-License-Identifier: GPL-2.0
"""MIKEY in pre-shared key mode, both roles, written from RFC 3830, RFC 4567 and RFC 7714."""
import collections
import hmac
import os
import time

from peers.sip import aes
from peers.sip import mikeymsg as m
from peers.sip.milenage import xor
from peers.suites import SUITES

# What is derived from a pre-shared key (RFC 3830, 4.1.4) and from a TGK (4.1.3).
_ENCRYPTION, _AUTHENTICATION, _SALT = 0x150533e1, 0x2d22ac75, 0x29b88916
_TEK, _TEK_SALT = 0x2ad01c64, 0x39a2c14b
_FROM_PSK = 0xff
_NTP_EPOCH = 2208988800
SKEW_SECONDS = 300
AUTH_FAILURE, INVALID_TS, INVALID_SP, INVALID_ID, UNSPECIFIED = 0, 1, 9, 7, 12
# SRTP policy: encryption algorithms and the type of the AEAD tag's length.
_CIPHERS = {'null': 0, 'ctr': 1, 'gcm': 6}
_AEAD_TAG = 20

MasterKey = collections.namedtuple('MasterKey', 'suite key salt mki ssrc')
MessageKeys = collections.namedtuple('MessageKeys', 'encryption salt authentication')


class MikeyError(Exception):
    """The message is refused; `number` is that of the error payload (6.12)."""

    def __init__(self, number, why):
        super().__init__(why)
        self.number = number


def prf(key, label, size):
    """MIKEY-1 (4.1.2): `size` octets."""
    rounds, out = -(-size // 20), bytes(size)
    for at in range(0, len(key), 32):
        part, a, made = key[at:at + 32], label, b''
        for _ in range(rounds):
            a = hmac.digest(part, a, 'sha1')
            made += hmac.digest(part, a + label, 'sha1')
        out = xor(out, made[:size])
    return out


def _label(constant, cs_id, csb_id, rand):
    return constant.to_bytes(4, 'big') + bytes([cs_id]) + csb_id.to_bytes(4, 'big') + rand


def message_keys(psk, csb_id, rand):
    """What encrypts and authenticates the messages of a bundle."""
    return MessageKeys(*(prf(psk, _label(constant, _FROM_PSK, csb_id, rand), size) for constant, size in
                         ((_ENCRYPTION, 16), (_SALT, 14), (_AUTHENTICATION, 20))))


def session_key(tgk, cs_id, csb_id, rand, suite):
    """(TEK, salt) of a crypto session, in the sizes of its suite."""
    return (prf(tgk, _label(_TEK, cs_id, csb_id, rand), SUITES[suite].key),
            prf(tgk, _label(_TEK_SALT, cs_id, csb_id, rand), SUITES[suite].salt))


def wrap(keys, csb_id, stamp, data):
    """Key data, encrypted or decrypted (4.2.3)."""
    inner = bytes(2) + csb_id.to_bytes(4, 'big') + stamp.rjust(8, b'\0')
    return aes.counter(keys.encryption, xor(keys.salt, inner) + bytes(2), data)


def ntp(seconds):
    """A timestamp of NTP-UTC for Unix time."""
    return (int((seconds + _NTP_EPOCH) * (1 << 32)) & (1 << 64) - 1).to_bytes(8, 'big')


def policy_of(suite):
    """The SRTP policy's parameters of a suite (6.10.1; RFC 7714, 14.3)."""
    one = SUITES[suite]
    out = {0: _CIPHERS[one.cipher], 1: one.key, 2: 1, 3: 20, 4: one.salt, 5: 0, 6: 0, 7: 1, 8: 1, 9: 0,
           10: 1, 11: one.rtp_tag, 12: 0}
    if one.cipher == 'gcm':
        for kind in (2, 3, 10, 11):
            del out[kind]
        out[_AEAD_TAG] = one.rtp_tag
    return out


def suite_of(values):
    """The suite of an SRTP policy, or MikeyError."""
    for name, one in SUITES.items():
        tag = values.get(_AEAD_TAG, 16) if one.cipher == 'gcm' else values.get(11, 10)
        if (values.get(0, 1), values.get(1, 16), tag) == (_CIPHERS[one.cipher], one.key, one.rtp_tag):
            return name
    raise MikeyError(INVALID_SP, f'no suite has the policy {values}')


def identity(text):
    """The ID payload of a SIP URI or of user@realm."""
    kind = m.URI if text.split(':')[0] in ('sip', 'sips', 'tel') else m.NAI
    return m.Payload(m.ID, kind, text.encode())


class ReplayCache:
    """What was taken already: one for all responders of a party (5.4)."""

    def __init__(self):
        self.seen = set()

    def add(self, *what):
        """Notes an authentic message; MikeyError if it was there."""
        if what in self.seen:
            raise MikeyError(INVALID_TS, 'the message is a replay')
        self.seen.add(what)


class Bundle:
    """A crypto session bundle: what both ends know after an exchange."""

    def __init__(self, psk, csb_id, rand):
        self.psk, self.csb_id, self.rand = psk, csb_id, rand
        self.message_keys = message_keys(psk, csb_id, rand)
        self.key = None         # m.KeyData
        self.suite, self.streams = None, []

    def authenticate(self, data):
        """The MAC over octets."""
        return hmac.digest(self.message_keys.authentication, data, 'sha1')

    def answer_mac(self, r_message, idi, idr, stamp):
        """The MAC of the verification message; r_message ends before it (5.2)."""
        return self.authenticate(r_message + idi + idr + stamp)

    def session_keys(self):
        """The master keys, the first for CS ID 1."""
        out = []
        for cs_id, stream in enumerate(self.streams, 1):
            if self.key.is_tek:
                tek, salt = self.key.key, self.key.salt
            else:
                tek, salt = session_key(self.key.key, cs_id, self.csb_id, self.rand, self.suite)
            out.append(MasterKey(self.suite, tek, self.key.salt or salt, self.key.mki, stream.ssrc))
        return out


class Initiator:
    """The side that makes I_MESSAGEs for one bundle.

    ssrcs: its own SSRCs, one for each line that is secured; 0 binds late. skew: seconds by which
    its clock is wrong.
    """

    def __init__(self, psk, idi, idr, suite, ssrcs=(0,), protocols='mikey', skew=0):
        self.idi, self.idr = identity(idi), identity(idr)
        self.suite, self.protocols, self.skew = suite, protocols, skew
        self.bundle = Bundle(psk, int.from_bytes(os.urandom(4), 'big'), os.urandom(16))
        for ssrc in ssrcs:
            self.bundle.streams += [m.Stream(ssrc), m.Stream(0)]
        self.stamp, self._agreed = b'', None

    def _next_stamp(self):
        now = ntp(time.time() + self.skew)
        after = (int.from_bytes(self.stamp, 'big') + 1).to_bytes(8, 'big')
        return max(now, after)

    def offer(self, rekey=True):
        """An I_MESSAGE: the first of the bundle, or an update, which may keep the keys."""
        first = not self.stamp
        self.stamp, bundle = self._next_stamp(), self.bundle
        payloads = [m.Payload(m.T, m.NTP_UTC, self.stamp)]
        payloads += [m.Payload(m.RAND, 0, bundle.rand)] if first else []
        payloads += [self.idi, self.idr,
                     m.Payload(m.SP, 0, m.encode_policy(policy_of(self.suite)))]
        if self.protocols:
            payloads.append(m.Payload(m.EXT, m.SDP_IDS, self.protocols.encode()))
        keys = b''
        if first or rekey:
            bundle.key, bundle.suite = m.KeyData(os.urandom(16)), self.suite
            keys = wrap(bundle.message_keys, bundle.csb_id, self.stamp, m.encode_keys([bundle.key]))
        payloads.append(m.Payload(m.KEMAC, m.AES_CM_128, keys, (m.HMAC_SHA1, b'')))
        message = m.encode(m.Message(m.PRE_SHARED, bundle.csb_id, bundle.streams, payloads, True))
        return message + bundle.authenticate(message)

    def finish(self, r_message):
        """Verifies an R_MESSAGE; returns the master keys in order of CS ID."""
        message, bundle = m.decode(r_message), self.bundle
        if message.data_type == m.ERROR:
            errors = [p.number for p in message.all(m.ERR)]
            raise MikeyError(errors[0] if errors else UNSPECIFIED, f'the responder says error {errors}')
        if message.data_type != m.PSK_ANSWER or message.csb_id != bundle.csb_id:
            raise MikeyError(UNSPECIFIED, 'no answer to this message')
        mac, idr = message.need(m.V).data, message.one(m.ID) or self.idr
        want = bundle.answer_mac(r_message[:len(r_message) - len(mac)], self.idi.data, idr.data,
                                 self.stamp)
        if message.need(m.V).number != m.HMAC_SHA1 or not hmac.compare_digest(mac, want):
            raise MikeyError(AUTH_FAILURE, 'the MAC of the R_MESSAGE is wrong')
        if message.need(m.T).data != self.stamp or idr.data != self.idr.data:
            raise MikeyError(AUTH_FAILURE, 'the R_MESSAGE has another timestamp or identity')
        if len(message.streams) == len(bundle.streams):
            for own, said in zip(bundle.streams, message.streams):
                own.ssrc = own.ssrc or said.ssrc
        self._agreed = bundle.key, bundle.suite
        return bundle.session_keys()

    def withdraw(self):
        """The offer was refused: back to the keys before it; False if there were none, so that the bundle is no more."""
        if self._agreed:
            self.bundle.key, self.bundle.suite = self._agreed
        return bool(self._agreed)


class Responder:
    """The side that takes I_MESSAGEs of one bundle.

    me: the identity that the IDr has to have; ssrcs: its own, one for each secured line.
    """

    def __init__(self, psk, me, ssrcs=(0,), replay=None, skew=SKEW_SECONDS):
        self.psk, self.me, self.ssrcs = psk, me, ssrcs
        self.replay, self.skew = replay or ReplayCache(), skew
        self.bundle = self.stamp = self.idi = self.idr = None

    def _open(self, data):
        message = m.decode(data)
        if message.data_type != m.PRE_SHARED or message.prf:
            raise MikeyError(UNSPECIFIED, 'no I_MESSAGE with a pre-shared key')
        rand = message.one(m.RAND)
        if rand:
            bundle = Bundle(self.psk, message.csb_id, rand.data)
        elif self.bundle and self.bundle.csb_id == message.csb_id:
            bundle = self.bundle
        else:
            raise MikeyError(UNSPECIFIED, 'an update of a bundle that is not there')
        alg, mac = message.need(m.KEMAC).extra
        if alg != m.HMAC_SHA1 or not hmac.compare_digest(mac, bundle.authenticate(data[:-20])):
            raise MikeyError(AUTH_FAILURE, 'the MAC of the I_MESSAGE is wrong')
        return message, bundle

    def _check(self, message, protocols):
        stamp, ids = message.need(m.T), message.all(m.ID)
        if stamp.number == m.NTP_UTC:
            seconds = int.from_bytes(stamp.data, 'big') / (1 << 32) - _NTP_EPOCH
            if abs(seconds - time.time()) > self.skew:
                raise MikeyError(INVALID_TS, 'the clock of the initiator is wrong')
        if len(ids) != 2 or ids[1].data != self.me.encode():
            raise MikeyError(INVALID_ID, 'the identities are not those of this call')
        listed = [p.data.decode() for p in message.all(m.EXT) if p.number == m.SDP_IDS]
        if listed != [protocols]:
            raise MikeyError(UNSPECIFIED, f'protocols {listed}, the SDP offers {protocols}')
        self.replay.add(ids[0].data, message.csb_id, stamp.data)
        return stamp.data, ids

    def take(self, data, protocols='mikey'):
        """Verifies an I_MESSAGE; returns the master keys in order of CS ID."""
        message, bundle = self._open(data)
        stamp, ids = self._check(message, protocols)
        policy = message.all(m.SP)
        if policy:
            bundle.suite = suite_of(m.decode_policy(policy[0].data))
        kemac = message.need(m.KEMAC)
        if kemac.number != m.AES_CM_128:
            raise MikeyError(4, 'encryption algorithm')
        keys = m.decode_keys(wrap(bundle.message_keys, bundle.csb_id, stamp, kemac.data))
        if not keys and not bundle.key or not bundle.suite:
            raise MikeyError(UNSPECIFIED, 'no key or no policy')
        bundle.key = keys[0] if keys else bundle.key
        bundle.streams = message.streams
        for line, ssrc in enumerate(self.ssrcs):
            if 2 * line + 1 < len(bundle.streams) and not bundle.streams[2 * line + 1].ssrc:
                bundle.streams[2 * line + 1].ssrc = ssrc
        self.bundle, self.stamp = bundle, stamp
        self.idi, self.idr = ids
        return bundle.session_keys()

    def reply(self):
        """The R_MESSAGE to what was taken last."""
        message = m.Message(m.PSK_ANSWER, self.bundle.csb_id, self.bundle.streams,
                            [m.Payload(m.T, m.NTP_UTC, self.stamp), self.idr,
                             m.Payload(m.V, m.HMAC_SHA1, b'')])
        out = m.encode(message)
        return out + self.bundle.answer_mac(out, self.idi.data, self.idr.data, self.stamp)


def error_message(i_message, number):
    """An unauthenticated error message about an I_MESSAGE (5.1.2)."""
    message = m.decode(i_message)
    return m.encode(m.Message(m.ERROR, message.csb_id, message.streams,
                              [m.Payload(m.T, m.NTP_UTC, message.need(m.T).data),
                               m.Payload(m.ERR, number, b'')]))


def spoil(message):
    """The same message with a MAC that does not hold."""
    return message[:-1] + bytes([message[-1] ^ 1])
