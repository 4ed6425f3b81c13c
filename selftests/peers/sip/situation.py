# SPDX-License-Identifier: GPL-2.0
"""What a UE wants of its media, where it misbehaves, and which pre-shared keys it has."""
from dataclasses import dataclass

from peers.sip import kdf

PLAIN, SDES, MIKEY, E2E, BOTH, PSK_TLS = 'plain', 'sdes', 'mikey', 'e2e', 'both', 'psk-tls'
DEFAULT_SUITE = 'AES_CM_128_HMAC_SHA1_80'

# Ways to misbehave, in answers and in offers.
WRONG = {
    'tag': 'answers with a tag that was not offered',
    'suite': 'answers with another suite than that of the tag',
    'no crypto': 'answers SAVP without a=crypto',
    'two cryptos': 'answers with two a=crypto lines',
    'avp': 'answers SAVP with AVP and without keys',
    'profile': 'answers SAVP with AVP, keys and all',
    'echo': "answers with the offerer's own key",
    'no mikey': 'answers without the R_MESSAGE',
    'mac': 'sends MIKEY with a MAC that does not hold',
    'clock': 'sends MIKEY with a clock that is ten minutes late',
    'protocols': 'sends MIKEY without the list of protocols',
    'replay': 'offers the I_MESSAGE of `replay` instead of a new one',
}


@dataclass(frozen=True)
class Situation:
    """How a UE secures its media.

    keying: what it offers. profile: that of m=, if not the usual one. accept: what it takes as an
    answerer. prefer: the order where an offer has more than one. mki: carried in a=crypto. msrp and what begins with
    it: of lines of MSRP: psk-tls or plain, a=setup, a=msrp-cema, version of TLS and its cipher, which K_mm (0: the newest),
    a path instead of its own.
    """
    keying: str = PLAIN
    suites: tuple = (DEFAULT_SUITE,)
    profile: str = None
    indicator: str = 'requested'
    accept: frozenset = frozenset((PLAIN, SDES, MIKEY, E2E))
    prefer: tuple = (MIKEY, SDES)
    mux: bool = False
    mki: bytes = b''
    wrong: frozenset = frozenset()
    replay: bytes = b''
    kinds: tuple = ('audio',)
    msrp: str = PLAIN
    msrp_setup: str = 'actpass'
    msrp_cema: bool = False
    msrp_tls: str = '1.3'
    msrp_cipher: str = None
    msrp_generation: int = 0
    msrp_path: str = None

    def __post_init__(self):
        unknown = set(self.wrong) - set(WRONG)
        if unknown or self.keying not in (PLAIN, SDES, MIKEY, E2E, BOTH):
            raise ValueError(f'no such situation: {self.keying} {sorted(unknown)}')

    @property
    def offered_profile(self):
        """The profile of its offers."""
        return self.profile or ('RTP/AVP' if self.keying == PLAIN else 'RTP/SAVP')

    def is_wrong(self, what):
        """Whether it misbehaves in a way."""
        if what not in WRONG:
            raise ValueError(what)
        return what in self.wrong


class Keyring:
    """The pre-shared keys of one call, from the generations of K_mm (newest first).

    me: our identity; fqdn: the P-CSCF's; call_id, from_tag, role: of the INVITE that made the dialog.
    """

    def __init__(self, generations, me, fqdn, call_id, from_tag, role):
        self.generations, self.me, self.fqdn = list(generations), me, fqdn
        self._call = call_id, from_tag, role

    def _line(self, k_mm, index):
        call_id, from_tag, role = self._call
        return kdf.Line(k_mm, call_id, from_tag, index, role)

    def initiate(self, index):
        """(PSK, peer's identity) to send an I_MESSAGE with."""
        if not self.generations:
            raise LookupError('no K_mm: not registered with AKA')
        line = self._line(self.generations[0], index)
        return line.mikey(), f'{line.key_id()}@{self.fqdn}'

    def psk_tls(self, index, label, client, generation=0):
        """(PSK, identity) of MSRP over TLS, for a version and a client of it."""
        line = self._line(self.generations[generation], index)
        return line.tls(label, client), f'{line.key_id()}@{self.fqdn}'

    def respond(self, index, initiator):
        """The PSK for an I_MESSAGE from an identity, which names its generation; None if unknown."""
        for k_mm in self.generations:
            line = self._line(k_mm, index)
            if initiator == f'{line.key_id()}@{self.fqdn}':
                return line.mikey()
        return None


class FixedKeyring:
    """One pre-shared key that two UEs agreed on before: for tests without a P-CSCF."""

    def __init__(self, psk, me, peer):
        self.psk, self.me, self.peer = psk, me, peer

    def initiate(self, _index):
        """(PSK, peer's identity)."""
        return self.psk, self.peer

    def respond(self, _index, initiator):
        """The PSK."""
        return self.psk if initiator == self.peer else None
