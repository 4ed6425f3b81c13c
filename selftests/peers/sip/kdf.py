# SPDX-License-Identifier: GPL-2.0
"""Where the pre-shared keys of an access leg come from: the KDF of 3GPP TS 33.220, annex B.

K_mm belongs to a registration; below it each m-line of a call has keys of its own for each label.
"""
import base64
import hmac

FC = 0xf0
MEDIA = b'ims-e2ae-media'
MIKEY = b'ims-e2ae-mikey-psk'
TLS13 = b'ims-e2ae-msrp-tls13-psk'
TLS12 = b'ims-e2ae-msrp-tls12-psk'
KEY_ID = b'ims-e2ae-key-id'
EXPORTER = b'EXPERIMENTAL-ims-e2ae-media'

# Who sent the INVITE, and who is the TLS client.
UE_CALLS, UE_CALLED = 1, 2
CLIENT_UE, CLIENT_MSF = 1, 2
_KEY_ID_OCTETS = 12


def kdf(key, *parameters):
    """HMAC-SHA-256 over FC and each parameter with its length behind it."""
    text = bytes([FC]) + b''.join(p + len(p).to_bytes(2, 'big') for p in parameters)
    return hmac.digest(key, text, 'sha256')


def _octets(text):
    return text.encode() if isinstance(text, str) else text


def k_mm(ck, ik, impi, rand, fqdn):
    """K_mm of an AKA registration."""
    return kdf(ck + ik, MEDIA, _octets(impi), rand, _octets(fqdn))


def k_mm_tls(exported, impi, fqdn):
    """K_mm of a registration whose TLS exporter value stands for CK and IK."""
    return kdf(exported, MEDIA, _octets(impi), b'', _octets(fqdn))


class Line:
    """The keys of one m-line.

    call_id and from_tag are those of the INVITE that made the dialog, as the UE's leg shows it;
    index counts m-lines from 1, 0 is the session level.
    """

    def __init__(self, master, call_id, from_tag, index, role):
        self._key = master
        self._more = (_octets(call_id), _octets(from_tag), index.to_bytes(2, 'big'), bytes([role]))

    def mikey(self):
        """The pre-shared key of MIKEY."""
        return kdf(self._key, MIKEY, *self._more)

    def tls(self, label, client):
        """The pre-shared key of MSRP over TLS for a label and a TLS client."""
        return kdf(self._key, label, *self._more, bytes([client]))

    def key_id(self):
        """The name of the generation of K_mm, as text."""
        cut = kdf(self._key, KEY_ID, *self._more)[:_KEY_ID_OCTETS]
        return base64.urlsafe_b64encode(cut).decode()
