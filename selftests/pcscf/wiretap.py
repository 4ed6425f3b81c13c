# SPDX-License-Identifier: GPL-2.0
"""What was on a wire, and whether it is what it has to be."""
import asyncio
import socket
import time

from lib.ktap import equal
from lib.netns import inside
from lib.packets import parse_ip, parse_udp
from peers.libsrtp import LIVE_SUITES, Session

SO_RCVBUFFORCE = 33


class Tap:
    """Every UDP datagram on a device, as (seconds, Datagram), while it is open."""

    def __init__(self, netns, device):
        with inside(netns):
            self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
            self.sock.bind((device, 3))
        self.sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 16 << 20)
        self.sock.setblocking(False)
        self.seen, self.frames = [], []

    def __enter__(self):
        asyncio.get_running_loop().add_reader(self.sock, self._readable)
        return self

    def __exit__(self, *_exc):
        self._readable()
        asyncio.get_running_loop().remove_reader(self.sock)
        self.sock.close()

    def _readable(self):
        while True:
            try:
                frame = self.sock.recv(1 << 16)
            except OSError:
                return
            if frame[12:14] not in (b'\x08\x00', b'\x86\xdd'):
                continue
            seen = parse_ip(frame[14:])
            one = parse_udp(seen)
            if one:
                self.seen.append((time.time(), one))

    def rtp(self):
        """RTP and SRTP packets: version 2, and a payload type that is none of RTCP."""
        return [one for _, one in self.seen
                if len(one.payload) >= 12 and one.payload[0] >> 6 == 2 and not 192 <= one.payload[1] <= 223]


def core_is_plain(tap, *calls):
    """The RTP that the calls sent, and nothing else, was on the core's wire, in the clear and octet by octet."""
    sent = sorted(rtp for call in calls for rtp in call.media.audio.sent)
    equal(len(tap.rtp()), len(sent), 'RTP packets on the core wire')
    assert sorted(one.payload for one in tap.rtp()) == sent, 'what is on the core wire is not what was sent'


def reads_like_libsrtp(call):
    """libsrtp2 opens both directions of a secured leg, and finds what was sent and heard."""
    leg = call.media.audio
    for master, wire, plain in zip(leg.masters(), (leg.sent_wire, [one.raw for one in leg.received]),
                                   (leg.sent, [one.plain for one in leg.received])):
        assert master and wire, 'no key, or nothing on the wire'
        if master.suite in LIVE_SUITES:
            judge = Session(master.suite, master.key, master.salt, master.mki)
            for secret, want in zip(wire, plain):
                equal(judge.unprotect(secret), want, 'RTP as libsrtp2 reads it')
