# SPDX-License-Identifier: GPL-2.0
"""Offer and answer of a whole session (RFC 3264): lines, directions, versions."""
import os

from peers.msrp.line import MsrpLine
from peers.sip import sdp
from peers.sip.mline import Line, Refused

_HOLD = {'sendrecv': 'sendonly', 'recvonly': 'inactive', 'sendonly': 'sendonly', 'inactive': 'inactive'}


class Negotiation:
    """The media of one call of a UE."""

    def __init__(self, ue, situation, keyring):
        self.ue, self.situation, self.keyring = ue, situation, keyring
        self.lines, self.version = [], 0
        self.id = int.from_bytes(os.urandom(4), 'big')
        self.pending = False        # an offer of ours is out
        self.agreed = 0             # exchanges that came to an end

    def _session(self):
        self.version += 1
        return sdp.new(self.ue.host, self.id, self.version)

    def _make_lines(self, kinds):
        for kind in kinds[len(self.lines):]:
            make = MsrpLine if kind == 'message' else Line
            self.lines.append(make(len(self.lines) + 1, kind, self.ue, self.situation, self.keyring))

    def offer(self, direction='sendrecv', rekey=False, move=False):
        """An offer's octets. rekey: with new keys; move: from new ports."""
        self._make_lines(self.situation.kinds)
        session = self._session()
        for line in self.lines:
            if move:
                line.leg.open()
            line.leg.direction = direction
            session.media.append(line.offer(direction, rekey))
        self.pending = True
        return session.encode()

    def hold(self):
        """An offer that holds the media."""
        return self.offer(_HOLD[self.lines[0].leg.direction])

    def take_answer(self, data):
        """Takes the answer to our offer, or Refused."""
        self.pending = False
        session = _parse(data)
        if [m.kind for m in session.media] != [line.kind for line in self.lines]:
            raise Refused('the answer has other m-lines than the offer')
        for line, media in zip(self.lines, session.media):
            line.take_answer(media)
            self._connect(line, session, media)
        self.agreed += 1

    def withdraw(self):
        """Our offer was refused: what was agreed on before still holds."""
        self.pending = False
        for line in self.lines:
            line.withdraw()

    def answer(self, data):
        """The answer to an offer, or Refused."""
        session = _parse(data)
        self._make_lines([m.kind for m in session.media])
        out = self._session()
        for line, media in zip(self.lines, session.media):
            direction = sdp.REVERSED[session.direction_of(media)]
            line.leg.direction = direction
            out.media.append(line.answer(media, direction))
            self._connect(line, session, media)
        self.agreed += 1
        return out.encode()

    def _connect(self, line, session, media):
        if media.port:
            host, port, rtcp = session.address(media, line.situation.mux)
            line.leg.remote, line.leg.remote_rtcp = (host, port), (host, rtcp)

    @property
    def audio(self):
        """The leg of the first line."""
        return self.lines[0].leg

    def outcomes(self):
        """What was agreed on, line by line."""
        return [line.outcome for line in self.lines]

    def close(self):
        """Ends all media."""
        for line in self.lines:
            line.close()


def _parse(data):
    try:
        return sdp.parse(data)
    except ValueError as error:
        raise Refused(f'SDP: {error}') from None
