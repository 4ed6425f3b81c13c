# SPDX-License-Identifier: GPL-2.0
"""Milenage: the authentication functions f1 to f5* of 3GPP TS 35.206."""
import collections

from peers.sip import aes

# Octets of the fields of AKA (TS 33.102, 6.3).
RAND, AUTN, SQN, AMF, MAC, RES = 16, 16, 6, 2, 8, 8

Keys = collections.namedtuple('Keys', 'res ck ik ak ak_resync')

# TS 35.206, 4.1: a rotation in octets and the last octet of a constant for each OUT1 to OUT5.
_ROTATE = {1: 8, 2: 0, 3: 4, 4: 8, 5: 12}
_CONSTANT = {1: 0, 2: 1, 3: 2, 4: 4, 5: 8}


def xor(a, b):
    """The exclusive or of two strings of the same length."""
    if len(a) != len(b):
        raise ValueError('lengths differ')
    return bytes(x ^ y for x, y in zip(a, b))


def opc_of(k, op):
    """OPc of a subscriber key and the operator's OP."""
    return xor(aes.block(k, op), op)


def _turn(number, text):
    """The rotation and the constant of one OUT."""
    shift = _ROTATE[number]
    turned = text[shift:] + text[:shift]
    return turned[:15] + bytes([turned[15] ^ _CONSTANT[number]])


class Milenage:
    """The functions of one subscriber: key K and OPc, 16 octets each."""

    def __init__(self, k, opc):
        self._k, self._opc = k, opc

    def _temp(self, rand):
        return aes.block(self._k, xor(rand, self._opc))

    def macs(self, rand, sqn, amf):
        """(f1, f1*): MAC-A and MAC-S."""
        inner = _turn(1, xor((sqn + amf) * 2, self._opc))
        out = xor(aes.block(self._k, xor(self._temp(rand), inner)), self._opc)
        return out[:8], out[8:]

    def keys(self, rand):
        """f2 to f5 and f5* for a RAND."""
        start = xor(self._temp(rand), self._opc)
        out = {n: xor(aes.block(self._k, _turn(n, start)), self._opc) for n in (2, 3, 4, 5)}
        return Keys(out[2][8:], out[3], out[4], out[2][:6], out[5][:6])
