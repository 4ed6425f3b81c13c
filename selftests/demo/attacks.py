# SPDX-License-Identifier: GPL-2.0
"""What must not come out: clear text, forgeries, replays, strangers, and the gateway's own mistakes.

Each attack is judged by what arrives at the far end, and by the drop counter that has to name the cause. Each ends
with a good packet that does arrive, so that silence never means a dead path.
"""
from lib.packets import STUN
from lib.topology import other_address
from peers.libsrtp import Session
from peers.suites import fresh_key
from recording import restamp

WAIT = 0.12     # seconds in which what passes has long arrived
MANY = 5


class Victim:
    """A call with a phone at either end that goes on where the media ended."""

    def __init__(self, gateway, call, phones, recording, sources):
        self.gateway, self.call = gateway, call
        self.ue, self.core = phones['access'], phones['core']
        self.packets = [rtp for _, rtp in recording.packets]
        self.source = dict(sources)     # way -> (SSRC, next sequence number)
        self.good = {'up': [], 'down': []}

    def next(self, way):
        """The next packet of a way that was never sent."""
        ssrc, seq = self.source[way]
        self.source[way] = (ssrc, seq + 1)
        return restamp(self.packets[seq % len(self.packets)], ssrc, seq)

    def passes(self, way):
        """Whether a good packet arrives as it was sent, and nothing else."""
        near, far = (self.ue, self.core) if way == 'up' else (self.core, self.ue)
        rtp = self.next(way)
        near.send(rtp)
        self.good[way].append(rtp)
        return far.take(WAIT) == [rtp]


class Attempt:
    """Packets that were sent and must vanish, over all victims; told as one line."""

    def __init__(self, title):
        self.title, self.sent, self.out, self.fine = title, 0, 0, True
        self.counted, self.more = {}, ''

    def make(self, victim, cause, far, act):
        """act sends and returns how many; cause is the counter that must count as many."""
        before = victim.gateway.drops()[cause]
        sent = act()
        out = len(far.take(WAIT))
        counted = victim.gateway.drops()[cause] - before
        self.sent += sent
        self.out += out
        self.counted[cause] = self.counted.get(cause, 0) + counted
        self.fine = self.fine and not out and counted == sent

    def expect(self, arrived):
        """A good packet has to have arrived as it was sent."""
        if not arrived:
            self.fine, self.more = False, '; the good packet with them did not arrive'

    def row(self):
        """(what, proof, verdict)."""
        counters = ', '.join(f'{name} +{n}' for name, n in self.counted.items())
        return self.title, f'{self.sent} sent, {self.out} came out; {counters}{self.more}', self.fine


def clear_text(attempt, v):
    """Plain RTP from the UE's own address."""
    def act():
        for _ in range(MANY):
            v.ue.rtp.send(v.next('up'))
        return MANY
    attempt.make(v, 'rx-mki' if v.call.mki else 'rx-auth', v.core, act)
    attempt.expect(v.passes('up'))


def forged(attempt, v):
    """A bit changed in the header, in the payload, in the tag; then the packet as it was."""
    rtp = v.next('up')
    srtp = v.ue.out.protect(rtp)

    def act():
        # Behind the tag an AEAD packet has its MKI, and the others have theirs in front of it.
        for at in (4, 40, len(srtp) - 1):
            bad = bytearray(srtp)
            bad[at] ^= 1
            v.ue.rtp.send(bytes(bad))
        return 3
    attempt.make(v, 'rx-auth', v.core, act)
    v.ue.rtp.send(srtp)
    v.good['up'].append(rtp)
    attempt.expect(v.core.take(WAIT) == [rtp])


def other_key(attempt, v):
    """Well-formed SRTP under a key that nobody agreed on."""
    wrong = Session(v.call.suite, *fresh_key(v.call.suite), bytes.fromhex(v.call.mki), send=True)

    def act():
        for _ in range(MANY):
            v.ue.rtp.send(wrong.protect(v.next('up')))
        return MANY
    attempt.make(v, 'rx-auth', v.core, act)
    attempt.expect(v.passes('up'))


def replayed(attempt, v):
    """A packet that was accepted, once more."""
    attempt.expect(v.passes('up'))

    def act():
        for _ in range(MANY):
            v.ue.rtp.send(v.ue.sent)
        return MANY
    attempt.make(v, 'rx-replay', v.core, act)
    attempt.expect(v.passes('up'))


def stranger(attempt, v, world):
    """Authentic SRTP, but not from the UE's address; then from there."""
    rtp = v.next('up')
    srtp = v.ue.out.protect(rtp)
    family = v.call.family['access']
    port = world.port('access', v.call.port['access'], family, other_address('access', family, 9))

    def act():
        port.send(srtp, v.ue.rtp.peer)
        return 1
    attempt.make(v, 'source', v.core, act)
    v.ue.rtp.send(srtp)
    v.good['up'].append(rtp)
    attempt.expect(v.core.take(WAIT) == [rtp])


def no_media(attempt, v):
    """A STUN request."""
    def act():
        v.ue.rtp.send(STUN)
        return 1
    attempt.make(v, 'nonmedia', v.core, act)


def core_repeats(attempt, v):
    """The core sends other speech under a sequence number it used: two packets would share keystream."""
    attempt.expect(v.passes('down'))
    last = v.good['down'][-1]

    def act():
        v.core.send(last[:12] + bytes(len(last) - 12))
        return 1
    attempt.make(v, 'tx-repeat', v.ue, act)
    attempt.expect(v.passes('down'))


def no_key(attempt, v):
    """The send SA is taken from the leg: it must fall silent, not fall back to clear text."""
    v.gateway.do(f'stream set {v.call.ident} out-sa 0')

    def act():
        for _ in range(MANY):
            v.core.send(v.next('down'))
        return MANY
    attempt.make(v, 'tx-no-sa', v.ue, act)
    v.gateway.do(f'stream set {v.call.ident} out-sa {v.call.sa["down"]}')
    attempt.expect(v.passes('down'))


ATTACKS = (
    ('clear-text RTP sent to the secured port', clear_text),
    ('forged SRTP: one bit changed', forged),
    ('forged SRTP: made under another key', other_key),
    ('replayed SRTP', replayed),
    ('authentic SRTP from a stranger\'s address', stranger),
    ('STUN to a port that carries media alone', no_media),
    ('the core repeats a sequence number', core_repeats),
    ('the secured leg has no send key', no_key),
)


def attack(victims, world):
    """Makes all attacks on all victims; yields (what, proof, verdict)."""
    for title, act in ATTACKS:
        attempt = Attempt(title)
        try:
            for victim in victims:
                act(attempt, victim, *([world] if act is stranger else []))
        except Exception as error:     # pylint: disable=broad-except
            yield title, f'stopped: {error}', False
        else:
            yield attempt.row()
