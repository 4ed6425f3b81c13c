# SPDX-License-Identifier: GPL-2.0
"""What each gateway did to each message: seen from both of its sides, in words.

A message that enters a gateway on one side leaves it on the other. Both parties next to it write what they send
and get into one ladder, so the two can be laid side by side; the difference is the gateway's decision.
"""
import re
from collections import namedtuple

from peers.sip import sdp, sipmsg

# Header fields that every proxy changes.
_USUAL = {'via', 'route', 'record-route', 'max-forwards', 'content-length', 'content-type'}
_KEYS = re.compile(r'(inline:|key-mgmt:mikey +|[ci]k="?)([A-Za-z0-9+/=]{8,})')
_NAMES = ('key-mgmt', 'crypto', '3ge2ae')

# One arrow: from and to are names of parties or gateways; note is the gateway's decision, where it was made.
Hop = namedtuple('Hop', 'at source target kind message note')


def masked(text):
    """Text in which no key can be read."""
    return _KEYS.sub(r'\1(key)', text)


def title(message):
    """The message in a few words."""
    if message.status:
        return f'{message.status} {message.reason} ({message.cseq[1]})'
    return message.method


def _names(message):
    out = {}
    for name, value in message.headers:
        if name.lower() not in _USUAL:
            out.setdefault(name, []).append(value)
    return out


def _headers(before, after):
    """Sentences on header fields that came, went or changed."""
    old, new = _names(before), _names(after)
    for name in new:
        if name not in old:
            yield f'+ {name}'
    for name in old:
        if name not in new:
            yield f'- {name}'
        elif old[name] != new[name]:
            yield _changed(name, ', '.join(old[name]), ', '.join(new[name]))


def _changed(name, old, new):
    if name == 'WWW-Authenticate' and 'ck=' in old and 'ck=' not in new:
        return 'ck and ik taken out of WWW-Authenticate, kept for K_mm'
    if name == 'Authorization' and 'integrity-protected' in new:
        return f'Authorization: integrity-protected={sipmsg.parse_auth(new)[1].get("integrity-protected")}'
    return f'{name} changed'


def _how(media):
    keys = [name for name in _NAMES if media.attribute(name) is not None]
    return f'{media.profile}{" with " + ", ".join(keys) if keys else ""}'


def _descriptions(before, after):
    """Sentences on session descriptions."""
    if not (before.body and after.body and after.get('Content-Type', '').startswith(sdp.TYPE)):
        return
    old, new = sdp.parse(before.body), sdp.parse(after.body)
    for one, other in zip(old.media, new.media):
        if _how(one) != _how(other):
            yield f'm={one.kind}: {_how(one)} becomes {_how(other)}'
        if old.address(one)[:2] != new.address(other)[:2]:
            yield 'media through {}:{}'.format(*new.address(other)[:2])


def decision(before, after):
    """What a gateway made of a message, as sentences."""
    return [*_descriptions(before, after), *_headers(before, after)]


class Hops:
    """Makes arrows of rungs. places: {gateway: (its core address, its UE)}; core: the S-CSCF's name."""

    def __init__(self, places, core):
        self.places, self.core, self.hops, self._open = places, core, [], {}

    def _gateway(self, rung):
        for name, (address, ue) in self.places.items():
            if rung.party == ue or rung.remote[0] == address:
                return name
        return None

    def saw(self, rung):
        """A message that a party sent or got; returns the arrow, or None for what no gateway passed."""
        gateway, message = self._gateway(rung), rung.message
        if not gateway:
            return None
        key = gateway, message.call_id, message.get('CSeq'), message.status or message.method, message.to_tag
        note = ()
        if rung.out:
            self._open.setdefault(key, (rung.party, message))
            ends = rung.party, gateway
        else:
            before = self._open.get(key)
            if before and before[0] != rung.party:
                note = tuple(decision(before[1], message))
            else:
                note = ('its own',)
            ends = gateway, rung.party
        self.hops.append(Hop(rung.at, *ends, rung.kind, message, note))
        return self.hops[-1]
