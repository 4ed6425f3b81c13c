# SPDX-License-Identifier: GPL-2.0
"""AES of OpenSSL's libcrypto: a single block, and counter mode."""
import ctypes

_lib = ctypes.CDLL('libcrypto.so.3')
_MODES = {(size, mode): getattr(_lib, f'EVP_aes_{size}_{mode}')
          for size in (128, 192, 256) for mode in ('ecb', 'ctr')}
for _get in (_lib.EVP_CIPHER_CTX_new, *_MODES.values()):
    _get.restype = ctypes.c_void_p
_lib.EVP_CIPHER_CTX_free.argtypes = [ctypes.c_void_p]
_lib.EVP_CIPHER_CTX_set_padding.argtypes = [ctypes.c_void_p, ctypes.c_int]
_lib.EVP_EncryptInit_ex.argtypes = [ctypes.c_void_p] * 3 + [ctypes.c_char_p] * 2
_lib.EVP_EncryptUpdate.argtypes = [ctypes.c_void_p] * 3 + [ctypes.c_char_p, ctypes.c_int]


def _encrypt(mode, key, iv, data):
    ctx = _lib.EVP_CIPHER_CTX_new()
    try:
        kind = _MODES[8 * len(key), mode]()
        out, size = ctypes.create_string_buffer(len(data) + 16), ctypes.c_int()
        good = (_lib.EVP_EncryptInit_ex(ctx, kind, None, key, iv) == 1
                and _lib.EVP_CIPHER_CTX_set_padding(ctx, 0) == 1
                and _lib.EVP_EncryptUpdate(ctx, out, ctypes.byref(size), data, len(data)) == 1)
        if not good or size.value != len(data):
            raise RuntimeError(f'libcrypto refuses AES {mode}')
        return out.raw[:size.value]
    finally:
        _lib.EVP_CIPHER_CTX_free(ctx)


def block(key, data):
    """One block of 16 octets, encrypted."""
    if len(data) != 16:
        raise ValueError('an AES block has 16 octets')
    return _encrypt('ecb', key, None, data)


def counter(key, iv, data):
    """Data of any length, encrypted or decrypted in counter mode from a counter block of 16 octets."""
    if len(iv) != 16:
        raise ValueError('a counter block has 16 octets')
    return _encrypt('ctr', key, iv, data) if data else b''
