# SPDX-License-Identifier: GPL-2.0
"""A-law of G.711, to and from 16 bit samples."""
import struct


def _sample(octet):
    octet ^= 0x55
    exponent, mantissa = octet >> 4 & 7, (octet & 15) << 4
    size = (mantissa + 0x108) << exponent - 1 if exponent else mantissa + 8
    return size if octet & 0x80 else -size


_SAMPLES = [_sample(octet) for octet in range(256)]
_OCTETS = {sample: octet for octet, sample in enumerate(_SAMPLES)}


def decode(octets):
    """Samples of A-law, as a WAV file has them."""
    return struct.pack(f'<{len(octets)}h', *(_SAMPLES[octet] for octet in octets))


def encode(samples):
    """A-law of samples that were made of A-law; KeyError for others."""
    return bytes(_OCTETS[sample] for sample, in struct.iter_unpack('<h', samples))
