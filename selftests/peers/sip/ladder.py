# SPDX-License-Identifier: GPL-2.0
"""A ladder: every message that a party saw, with time and direction, one line each and no key."""
import os
import struct
import time
from dataclasses import dataclass

from lib import packets
from peers.sip import sdp

_RAW_IP = 101       # LINKTYPE_RAW


def write_datagrams(path, datagrams):
    """Writes (seconds, source, destination, payload) as UDP into a pcap file.

    The file may hold keys; only its owner may read it.
    """
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 'wb') as f:
        f.write(struct.pack('<IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 1 << 18, _RAW_IP))
        for at, src, dst, payload in datagrams:
            udp = packets.udp(src[0], dst[0], src[1], dst[1], payload)
            frame = packets.ip(src[0], dst[0], udp)
            f.write(struct.pack('<IIII', int(at), int(at % 1 * 1e6), len(frame), len(frame)))
            f.write(frame)


@dataclass
class Rung:
    """One message as one party saw it."""
    at: float
    party: str
    out: bool
    kind: str
    local: tuple
    remote: tuple
    message: object
    raw: bytes

    def line(self, start):
        """The rung as text."""
        one = self.message
        text = one.start_line().removesuffix(' SIP/2.0').removeprefix('SIP/2.0 ')
        if one.status:
            text += f' ({one.get("CSeq", "").partition(" ")[2]})'
        if one.body:
            kind = one.get('Content-Type', '')
            text += f' [{sdp.brief(one.body) if kind.startswith(sdp.TYPE) else kind}]'
        host = f'[{self.remote[0]}]' if ':' in self.remote[0] else self.remote[0]
        arrow = '-->' if self.out else '<--'
        return f'{self.at - start:8.3f}  {self.party:10} {arrow} {host}:{self.remote[1]}/{self.kind:3}  {text}'


class Ladder:
    """Collects rungs; tell(line), if given, hears of each at once."""

    def __init__(self, tell=None):
        self.rungs, self.start, self._tell = [], time.time(), tell

    def saw(self, party, out, flow, message, raw):
        """Notes a message that went over a flow."""
        rung = Rung(time.time(), party, out, flow.kind, flow.local, flow.remote, message, raw)
        self.rungs.append(rung)
        if self._tell:
            self._tell(rung.line(self.start))

    def seen(self, party=None, method=None, status=None, out=None):
        """Messages by party, method (for a response that of CSeq), status and direction."""
        return [r.message for r in self.rungs
                if (party is None or r.party == party) and (out is None or r.out == out)
                and (method is None or (r.message.method or r.message.cseq[1]) == method)
                and (status is None or r.message.status == status)
                and (status is not None or method is None or r.message.method)]

    def text(self):
        """All lines."""
        return '\n'.join(r.line(self.start) for r in self.rungs)

    def write_pcap(self, path):
        """Writes what was sent as UDP datagrams, whatever carried it, for dissectors."""
        write_datagrams(path, ((r.at, r.local, r.remote, r.raw) for r in self.rungs if r.out))
