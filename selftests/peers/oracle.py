# SPDX-License-Identifier: GPL-2.0
"""SRTP by the letter of RFC 3711, RFC 6188 and RFC 7714, without state.

The caller says which ROC or index a packet has, so that a captured packet can be judged on its
own. AES comes from OpenSSL's libcrypto, HMAC from Python. Checked against known answers by
media/oracle.py before anything relies on it.
"""
import ctypes
import hmac
import struct

from peers.suites import SUITES

_lib = ctypes.CDLL('libcrypto.so.3')
for _name in ('EVP_CIPHER_CTX_new', 'EVP_aes_128_ctr', 'EVP_aes_192_ctr', 'EVP_aes_256_ctr',
              'EVP_aes_128_gcm', 'EVP_aes_256_gcm'):
    getattr(_lib, _name).restype = ctypes.c_void_p
_lib.EVP_CIPHER_CTX_free.argtypes = [ctypes.c_void_p]
_lib.EVP_CipherInit_ex.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p,
                                   ctypes.c_char_p, ctypes.c_char_p, ctypes.c_int]
_lib.EVP_CipherUpdate.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p,
                                  ctypes.c_char_p, ctypes.c_int]
_lib.EVP_CipherFinal_ex.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p]
_lib.EVP_CIPHER_CTX_ctrl.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_int, ctypes.c_void_p]
_GET_TAG, _SET_TAG = 0x10, 0x11
E_BIT = 0x80000000


class Forged(Exception):
    """The packet does not authenticate."""


class _Cipher:
    """An EVP context of one key; iv given for each use."""

    def __init__(self, mode, key):
        self.ctx = ctypes.c_void_p(_lib.EVP_CIPHER_CTX_new())
        self.kind = getattr(_lib, f'EVP_aes_{8 * len(key)}_{mode}')()
        self.key = key

    def __del__(self):
        _lib.EVP_CIPHER_CTX_free(self.ctx)

    def start(self, iv, encrypt):
        if _lib.EVP_CipherInit_ex(self.ctx, self.kind, None, self.key, iv, encrypt) != 1:
            raise RuntimeError('EVP_CipherInit_ex')

    def update(self, data, keep=True):
        out = ctypes.create_string_buffer(len(data) + 32) if keep else None
        size = ctypes.c_int()
        if _lib.EVP_CipherUpdate(self.ctx, out, ctypes.byref(size), data, len(data)) != 1:
            raise RuntimeError('EVP_CipherUpdate')
        return out.raw[:size.value] if keep else b''

    def final(self):
        out = ctypes.create_string_buffer(32)
        return _lib.EVP_CipherFinal_ex(self.ctx, out, ctypes.byref(ctypes.c_int())) == 1

    def ctr(self, iv, data):
        self.start(iv, 1)
        return self.update(data) if data else b''

    def seal(self, iv, aad, data):
        self.start(iv, 1)
        self.update(aad, keep=False)
        out = self.update(data) if data else b''
        if not self.final():
            raise RuntimeError('EVP_CipherFinal_ex')
        tag = ctypes.create_string_buffer(16)
        _lib.EVP_CIPHER_CTX_ctrl(self.ctx, _GET_TAG, 16, tag)
        return out + tag.raw

    def open(self, iv, aad, sealed):
        self.start(iv, 0)
        tag = ctypes.create_string_buffer(sealed[-16:], 16)
        _lib.EVP_CIPHER_CTX_ctrl(self.ctx, _SET_TAG, 16, tag)
        self.update(aad, keep=False)
        out = self.update(sealed[:-16]) if len(sealed) > 16 else b''
        if not self.final():
            raise Forged('AEAD')
        return out


def derive(key, salt, label, size):
    """RFC 3711, 4.3.1 with a key derivation rate of 0; an AEAD salt is padded at its end."""
    x = int.from_bytes(salt.ljust(14, b'\0'), 'big') ^ (label << 48)
    return _Cipher('ctr', key).ctr((x << 16).to_bytes(16, 'big'), bytes(size))


class _Keys:
    def __init__(self, suite, key, salt, rtcp):
        base = 3 if rtcp else 0
        self.salt = int.from_bytes(derive(key, salt, base + 2, suite.salt), 'big')
        self.auth = derive(key, salt, base + 1, 20)
        self.cipher = None
        if suite.cipher != 'null':
            self.cipher = _Cipher(suite.cipher, derive(key, salt, base, suite.key))


def header_size(rtp):
    """Octets of the RTP header with its CSRCs and extension."""
    size = 12 + 4 * (rtp[0] & 15)
    if rtp[0] & 0x10:
        size += 4 + 4 * struct.unpack_from('>H', rtp, size + 2)[0]
    return size


class Oracle:
    """One direction under one master key."""

    def __init__(self, suite, key, salt, mki=b''):
        self.suite, self.mki = SUITES[suite], mki
        self.rtp = _Keys(self.suite, key, salt, False)
        self.rtcp = _Keys(self.suite, key, salt, True)

    def _iv(self, keys, ssrc, index):
        if self.suite.cipher == 'gcm':
            return (keys.salt ^ (ssrc << 48) ^ index).to_bytes(12, 'big')
        return ((keys.salt << 16) ^ (ssrc << 64) ^ (index << 16)).to_bytes(16, 'big')

    def _xor(self, keys, ssrc, index, data):
        if not keys.cipher:
            return data
        return keys.cipher.ctr(self._iv(keys, ssrc, index), data)

    def protect(self, rtp, roc=0):
        """SRTP of an RTP packet."""
        n, ssrc = header_size(rtp), int.from_bytes(rtp[8:12], 'big')
        index = roc << 16 | int.from_bytes(rtp[2:4], 'big')
        if self.suite.cipher == 'gcm':
            iv = self._iv(self.rtp, ssrc, index)
            return rtp[:n] + self.rtp.cipher.seal(iv, rtp[:n], rtp[n:]) + self.mki
        body = rtp[:n] + self._xor(self.rtp, ssrc, index, rtp[n:])
        tag = hmac.digest(self.rtp.auth, body + struct.pack('>I', roc), 'sha1')
        return body + self.mki + tag[:self.suite.rtp_tag]

    def unprotect(self, srtp, roc=0):
        """RTP of an SRTP packet, or Forged."""
        n, ssrc = header_size(srtp), int.from_bytes(srtp[8:12], 'big')
        index = roc << 16 | int.from_bytes(srtp[2:4], 'big')
        m = len(self.mki)
        if len(srtp) < n + m + self.suite.rtp_tag:
            raise Forged('too short')
        if self.suite.cipher == 'gcm':
            if srtp[len(srtp) - m:] != self.mki:
                raise Forged('MKI')
            sealed = srtp[n:len(srtp) - m]
            return srtp[:n] + self.rtp.cipher.open(self._iv(self.rtp, ssrc, index), srtp[:n], sealed)
        end = len(srtp) - self.suite.rtp_tag - m
        tag = hmac.digest(self.rtp.auth, srtp[:end] + struct.pack('>I', roc), 'sha1')
        if srtp[end:] != self.mki + tag[:self.suite.rtp_tag]:
            raise Forged('tag or MKI')
        return srtp[:n] + self._xor(self.rtp, ssrc, index, srtp[n:end])

    def protect_rtcp(self, rtcp, index):
        """SRTCP of an RTCP packet."""
        ssrc, bit = int.from_bytes(rtcp[4:8], 'big'), E_BIT if self.rtcp.cipher else 0
        word = struct.pack('>I', bit | index)
        if self.suite.cipher == 'gcm':
            iv = self._iv(self.rtcp, ssrc, index)
            return rtcp[:8] + self.rtcp.cipher.seal(iv, rtcp[:8] + word, rtcp[8:]) + word + self.mki
        body = rtcp[:8] + self._xor(self.rtcp, ssrc, index, rtcp[8:]) + word
        tag = hmac.digest(self.rtcp.auth, body, 'sha1')
        return body + self.mki + tag[:self.suite.rtcp_tag]

    def unprotect_rtcp(self, srtcp):
        """(RTCP, index) of an SRTCP packet, or Forged."""
        ssrc, m = int.from_bytes(srtcp[4:8], 'big'), len(self.mki)
        if len(srtcp) < 12 + m + self.suite.rtcp_tag:
            raise Forged('too short')
        gcm = self.suite.cipher == 'gcm'
        end = len(srtcp) - 4 - m - (0 if gcm else self.suite.rtcp_tag)
        word = struct.unpack_from('>I', srtcp, end)[0]
        index = word & ~E_BIT
        if bool(word & E_BIT) != bool(self.rtcp.cipher):
            raise Forged('E bit')
        if gcm:
            if srtcp[end + 4:] != self.mki:
                raise Forged('MKI')
            iv = self._iv(self.rtcp, ssrc, index)
            aad = srtcp[:8] + srtcp[end:end + 4]
            return srtcp[:8] + self.rtcp.cipher.open(iv, aad, srtcp[8:end]), index
        tag = hmac.digest(self.rtcp.auth, srtcp[:end + 4], 'sha1')[:self.suite.rtcp_tag]
        if srtcp[end + 4:] != self.mki + tag:
            raise Forged('tag or MKI')
        return srtcp[:8] + self._xor(self.rtcp, ssrc, index, srtcp[8:end]), index


class Session:
    """One direction of an Oracle that keeps the indices itself: used as libsrtp.Session is. Tells no replays."""

    def __init__(self, suite, key, salt, mki=b'', send=False):
        self.oracle = Oracle(suite, key, salt, mki)
        self.tops, self.rtcp_indices = {}, {}       # by SSRC: highest index, next index

    def _roc(self, packet):
        """RFC 3711, 3.3.1 and appendix A."""
        seq, top = int.from_bytes(packet[2:4], 'big'), self.tops.get(packet[8:12])
        if top is None:
            return 0
        roc = top >> 16
        if seq - (top & 0xffff) > 0x8000:
            return max(roc - 1, 0)
        return roc + (seq - (top & 0xffff) < -0x8000)

    def _note(self, packet, roc):
        index = roc << 16 | int.from_bytes(packet[2:4], 'big')
        self.tops[packet[8:12]] = max(index, self.tops.get(packet[8:12], 0))

    def protect(self, rtp):
        """SRTP of RTP."""
        roc = self._roc(rtp)
        self._note(rtp, roc)
        return self.oracle.protect(rtp, roc)

    def unprotect(self, srtp):
        """RTP of SRTP, or Forged."""
        roc = self._roc(srtp)
        rtp = self.oracle.unprotect(srtp, roc)
        self._note(srtp, roc)
        return rtp

    def protect_rtcp(self, rtcp):
        """SRTCP of RTCP."""
        index = self.rtcp_indices.get(rtcp[4:8], 0)
        self.rtcp_indices[rtcp[4:8]] = index + 1
        return self.oracle.protect_rtcp(rtcp, index)

    def unprotect_rtcp(self, srtcp):
        """RTCP of SRTCP, or Forged."""
        return self.oracle.unprotect_rtcp(srtcp)[0]
