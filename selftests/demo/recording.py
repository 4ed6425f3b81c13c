# SPDX-License-Identifier: GPL-2.0
"""The media: G.711 speech of a real call, captured in 2002, from Debian's sip-tester package."""
import hashlib
import struct

from wire import datagrams

PATH = '/usr/share/sip-tester/g711a.pcap'
PT_PCMA, CLOCK = 8, 8000    # RFC 3551, table 4
HEADER = 12                 # the capture has neither CSRCs nor extensions


def sha256(data):
    """Digest for the report."""
    return hashlib.sha256(data).hexdigest()


def payload(rtp):
    """What follows the RTP header of one of our packets."""
    return rtp[HEADER:]


def restamp(rtp, ssrc, seq):
    """The same packet as another source would send it."""
    return rtp[:2] + struct.pack('>H', seq & 0xffff) + rtp[4:8] + struct.pack('>I', ssrc) + rtp[12:]


class Recording:
    """The packets of the capture as (seconds since the first, RTP), and the speech in them."""

    def __init__(self, path=PATH):
        found = [(at, one.payload) for at, one in datagrams(path)]
        if len(found) < 200 or any(rtp[0] != 0x80 or rtp[1] & 0x7f != PT_PCMA for _, rtp in found):
            raise SystemExit(f'{path} is not the recording that this demo knows')
        self.packets = [(at - found[0][0], rtp) for at, rtp in found]
        self.speech = b''.join(payload(rtp) for _, rtp in found)

    @property
    def ssrc(self):
        """The synchronisation source of the capture."""
        return int.from_bytes(self.packets[0][1][8:12], 'big')

    @property
    def seconds(self):
        """How long it sounds."""
        return len(self.speech) / CLOCK

    def as_source(self, ssrc, first_seq):
        """All packets as another source would send them."""
        return [restamp(rtp, ssrc, first_seq + n) for n, (_, rtp) in enumerate(self.packets)]
