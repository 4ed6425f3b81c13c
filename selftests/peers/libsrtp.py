# SPDX-License-Identifier: GPL-2.0
"""A binding of libsrtp2: the independent SRTP endpoint of the live tests.

Version 2.5 derives AES-192 session keys wrongly, so it is never asked for that. It also looks for
the MKI of SRTCP with the tag length of SRTP, so that it cannot read SRTCP with MKI of the _32 suites.
"""
import ctypes

from peers.suites import SUITES

_SETTERS = {
    'AES_CM_128_HMAC_SHA1_80': ('srtp_crypto_policy_set_rtp_default',) * 2,
    'AES_CM_128_HMAC_SHA1_32': ('srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32',
                                'srtp_crypto_policy_set_rtcp_default'),
    'AES_256_CM_HMAC_SHA1_80': ('srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80',) * 2,
    'AES_256_CM_HMAC_SHA1_32': ('srtp_crypto_policy_set_aes_cm_256_hmac_sha1_32',
                                'srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80'),
    'AEAD_AES_128_GCM': ('srtp_crypto_policy_set_aes_gcm_128_16_auth',) * 2,
    'AEAD_AES_256_GCM': ('srtp_crypto_policy_set_aes_gcm_256_16_auth',) * 2,
}
LIVE_SUITES = list(_SETTERS)



def reads_srtcp(suite, mki):
    """Whether this version can unprotect the suite's SRTCP."""
    return not mki or SUITES[suite].rtp_tag == SUITES[suite].rtcp_tag


ANY_INBOUND, ANY_OUTBOUND = 2, 3
ERRORS = {7: 'auth_fail', 9: 'replay_fail', 10: 'replay_old', 25: 'bad_mki'}
_ROOM = 2048


class _CryptoPolicy(ctypes.Structure):
    _fields_ = [('cipher_type', ctypes.c_uint32), ('cipher_key_len', ctypes.c_int),
                ('auth_type', ctypes.c_uint32), ('auth_key_len', ctypes.c_int),
                ('auth_tag_len', ctypes.c_int), ('sec_serv', ctypes.c_int)]


class _MasterKey(ctypes.Structure):
    _fields_ = [('key', ctypes.c_void_p), ('mki_id', ctypes.c_void_p), ('mki_size', ctypes.c_uint)]


class _Policy(ctypes.Structure):
    _fields_ = [('ssrc_type', ctypes.c_int), ('ssrc_value', ctypes.c_uint),
                ('rtp', _CryptoPolicy), ('rtcp', _CryptoPolicy), ('key', ctypes.c_void_p),
                ('keys', ctypes.POINTER(ctypes.POINTER(_MasterKey))),
                ('num_master_keys', ctypes.c_ulong), ('deprecated_ekt', ctypes.c_void_p),
                ('window_size', ctypes.c_ulong), ('allow_repeat_tx', ctypes.c_int),
                ('enc_xtn_hdr', ctypes.c_void_p), ('enc_xtn_hdr_count', ctypes.c_int),
                ('next', ctypes.c_void_p)]


def _load():
    lib = ctypes.CDLL('libsrtp2.so.1')
    if lib.srtp_init():
        raise RuntimeError('srtp_init')
    return lib


_lib = _load()


class SrtpError(Exception):
    """libsrtp's verdict on a packet."""


class Session:
    """One direction: protects (send=True) or unprotects under one master key, any SSRC."""

    def __init__(self, suite, key, salt, mki=b'', send=False):
        self.mki = mki
        self.secret = ctypes.create_string_buffer(key + salt, len(key) + len(salt))
        policy = _Policy()
        policy.ssrc_type = ANY_OUTBOUND if send else ANY_INBOUND
        for setter, part in zip(_SETTERS[suite], (policy.rtp, policy.rtcp)):
            getattr(_lib, setter)(ctypes.byref(part))
        assert policy.rtp.auth_tag_len in (0, SUITES[suite].rtp_tag, 16)
        policy.window_size = 1024
        if mki:
            self._mki = ctypes.create_string_buffer(mki, len(mki))
            self._master = _MasterKey(ctypes.addressof(self.secret),
                                      ctypes.addressof(self._mki), len(mki))
            self._list = (ctypes.POINTER(_MasterKey) * 1)(ctypes.pointer(self._master))
            policy.keys = self._list
            policy.num_master_keys = 1
        else:
            policy.key = ctypes.addressof(self.secret)
        self.session = ctypes.c_void_p()
        status = _lib.srtp_create(ctypes.byref(self.session), ctypes.byref(policy))
        if status:
            raise SrtpError(f'srtp_create: {status}')

    def __del__(self):
        if getattr(self, 'session', None):
            _lib.srtp_dealloc(self.session)

    def _call(self, function, packet, *more):
        buffer = ctypes.create_string_buffer(packet, len(packet) + _ROOM)
        size = ctypes.c_int(len(packet))
        status = getattr(_lib, function)(self.session, buffer, ctypes.byref(size), *more)
        if status:
            raise SrtpError(ERRORS.get(status, str(status)))
        return buffer.raw[:size.value]

    def protect(self, rtp):
        """SRTP of RTP."""
        return self._call('srtp_protect_mki', rtp, int(bool(self.mki)), 0)

    def unprotect(self, srtp):
        """RTP of SRTP, or SrtpError."""
        return self._call('srtp_unprotect_mki', srtp, int(bool(self.mki)))

    def protect_rtcp(self, rtcp):
        """SRTCP of RTCP."""
        return self._call('srtp_protect_rtcp_mki', rtcp, int(bool(self.mki)), 0)

    def unprotect_rtcp(self, srtcp):
        """RTCP of SRTCP, or SrtpError."""
        return self._call('srtp_unprotect_rtcp_mki', srtcp, int(bool(self.mki)))

    def set_roc(self, ssrc, roc):
        """The roll-over counter of a source that was already seen."""
        if _lib.srtp_set_stream_roc(self.session, ctypes.c_uint32(ssrc), ctypes.c_uint32(roc)):
            raise SrtpError('set_stream_roc')
