# SPDX-License-Identifier: GPL-2.0
"""RTP and SRTP of one m-line: sockets, keys from signalling, and a record of all that came.

SRTP is made and judged by the oracle of selftests/peers.
"""
import asyncio
import os
import random
import socket
import time
from dataclasses import dataclass

from lib.netns import inside
from peers.oracle import Forged, Oracle
from peers.sip.speech import payload, restamp

_PORTS = range(20000, 60000, 2)
_TRIES = 200
_MOST = 65536


@dataclass
class Got:
    """A packet that came: as it was on the wire, and opened (None if it does not open)."""
    at: float
    raw: bytes
    plain: bytes
    source: tuple


class Context:
    """One direction under one master key, with the roll-over counters of its sources."""

    def __init__(self, master):
        self.master = master
        self._oracle = Oracle(master.suite, master.key, master.salt, master.mki)
        self._top, self._rtcp_index = {}, {}

    def _roc(self, packet):
        """The likely ROC (RFC 3711, 3.3.1)."""
        seq, top = int.from_bytes(packet[2:4], 'big'), self._top.get(packet[8:12])
        if top is None:
            return 0, seq
        guess = min((top >> 16) + d for d in (-1, 0, 1)
                    if abs(((top >> 16) + d << 16 | seq) - top) <= 1 << 15)
        return max(guess, 0), max(guess, 0) << 16 | seq

    def _commit(self, packet, index):
        self._top[packet[8:12]] = max(index, self._top.get(packet[8:12], 0))

    def protect(self, rtp):
        """SRTP of RTP."""
        roc, index = self._roc(rtp)
        self._commit(rtp, index)
        return self._oracle.protect(rtp, roc)

    def unprotect(self, srtp):
        """RTP of SRTP, or Forged."""
        roc, index = self._roc(srtp)
        rtp = self._oracle.unprotect(srtp, roc)
        self._commit(srtp, index)
        return rtp

    def protect_rtcp(self, rtcp):
        """SRTCP of RTCP."""
        index = self._rtcp_index[rtcp[4:8]] = self._rtcp_index.get(rtcp[4:8], 0) + 1
        return self._oracle.protect_rtcp(rtcp, index)

    def unprotect_rtcp(self, srtcp):
        """RTCP of SRTCP, or Forged."""
        return self._oracle.unprotect_rtcp(srtcp)[0]


class Leg:
    """The media end of one m-line."""

    def __init__(self, host, netns=None):
        self.host, self.netns = host, netns
        self.ssrc = int.from_bytes(os.urandom(4), 'big')
        self.seq = random.randrange(1 << 15)
        self.remote, self.remote_rtcp, self.direction = None, None, 'sendrecv'
        self.received, self.received_rtcp, self.sent, self.sent_wire = [], [], [], []
        self.secured, self._out, self._in = False, None, []
        self._sockets = []
        self.open()

    @property
    def port(self):
        """The RTP port; RTCP has the next."""
        return self._sockets[0].getsockname()[1]

    def open(self):
        """Binds a new pair of random ports and lets go of the old one."""
        old, self._sockets = self._sockets, self._bind()
        loop = asyncio.get_running_loop()
        for sock in old:
            loop.remove_reader(sock)
            sock.close()
        for sock, rtcp in zip(self._sockets, (False, True)):
            loop.add_reader(sock, self._readable, sock, rtcp)

    def _bind(self):
        version = socket.AF_INET6 if ':' in self.host else socket.AF_INET
        for _ in range(_TRIES):
            with inside(self.netns):
                pair = [socket.socket(version, socket.SOCK_DGRAM) for _ in range(2)]
            port = random.choice(_PORTS)
            try:
                for more, sock in enumerate(pair):
                    sock.setblocking(False)
                    sock.bind((self.host, port + more))
                return pair
            except OSError:
                for sock in pair:
                    sock.close()
        raise OSError('no free pair of ports')

    def close(self):
        """Closes the sockets."""
        for sock in self._sockets:
            asyncio.get_running_loop().remove_reader(sock)
            sock.close()
        self._sockets = []

    # Keys.

    def plain(self):
        """No keys: RTP as it is."""
        self.secured, self._out, self._in = False, None, []

    def keys(self, send, receive):
        """Uses master keys; a context whose key did not change goes on, an old one still receives."""
        self.secured = True
        if not self._out or self._out.master[:4] != send[:4]:
            self._out = Context(send)
        if not self._in or self._in[0].master[:4] != receive[:4]:
            self._in = [Context(receive), *self._in[:1]]
        for one in self.received:       # what came before its key
            if one.plain is None:
                one.plain = self._opened(one.raw, 'unprotect')

    def masters(self):
        """(sending, receiving) master key, None each in the clear."""
        return (self._out.master if self._out else None), (self._in[0].master if self._in else None)

    def _opened(self, raw, how):
        for context in self._in:
            try:
                return getattr(context, how)(raw)
            except Forged:
                continue
        return None

    # Packets.

    def _readable(self, sock, rtcp):
        try:
            raw, source = sock.recvfrom(_MOST)
        except OSError:
            return
        rtcp = rtcp or (len(raw) > 1 and 192 <= raw[1] <= 223)
        how = 'unprotect_rtcp' if rtcp else 'unprotect'
        plain = self._opened(raw, how) if self.secured else raw
        (self.received_rtcp if rtcp else self.received).append(Got(time.monotonic(), raw, plain, source[:2]))

    def _transmit(self, sock, data, to):
        try:
            sock.sendto(data, to)
        except OSError:     # nobody there yet, or no more: media may be lost
            pass

    def send(self, rtp):
        """Sends RTP, protected if there are keys."""
        wire = self._out.protect(rtp) if self.secured else rtp
        self.sent.append(rtp)
        self.sent_wire.append(wire)
        self._transmit(self._sockets[0], wire, self.remote)

    def send_rtcp(self, rtcp):
        """Sends RTCP, protected if there are keys."""
        wire = self._out.protect_rtcp(rtcp) if self.secured else rtcp
        mux = self.remote_rtcp == self.remote
        self._transmit(self._sockets[0 if mux else 1], wire, self.remote_rtcp)

    def send_raw(self, data):
        """Sends octets as they are from the RTP port."""
        self._transmit(self._sockets[0], data, self.remote)

    async def play(self, recording, count=50, spacing=0.02):
        """Sends packets of a recording as our source; returns the RTP that was sent."""
        out = []
        for _, packet in recording.packets[:count]:
            out.append(restamp(packet, self.ssrc, self.seq))
            self.seq = (self.seq + 1) & 0xffff
            self.send(out[-1])
            await asyncio.sleep(spacing)
        return out

    # What came.

    async def wait_for(self, count, seconds=5, rtcp=False):
        """Waits until so many packets came; returns whether they did."""
        end = time.monotonic() + seconds
        box = self.received_rtcp if rtcp else self.received
        while len(box) < count and time.monotonic() < end:
            await asyncio.sleep(0.01)
        return len(box) >= count

    def heard(self):
        """The RTP that came, opened, each once and in order of arrival."""
        return list(dict.fromkeys(one.plain for one in self.received if one.plain is not None))

    def refused(self):
        """Packets that did not open."""
        return [one for one in self.received if one.plain is None]


def assert_same_speech(got, sent):
    """The speech in received RTP is the speech in sent RTP, packet by packet."""
    want, have = ([payload(one) for one in packets] for packets in (sent, got))
    assert want and have == want, f'{len(have)} packets came of {len(want)}, or not the same ones'
