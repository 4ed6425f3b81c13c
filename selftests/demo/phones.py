# SPDX-License-Identifier: GPL-2.0
"""The far ends: ffmpeg and libsrtp2 as the UE, plain sockets as the core."""
import base64
import signal
import subprocess
import time

from calls import KEYS, write_private
from lib.netns import inside
from lib.packets import receiver_report, sender_report
from peers import libsrtp
from recording import CLOCK, PT_PCMA

FFMPEG = ('ffmpeg', '-nostdin', '-v', 'warning')


class Ffmpeg:
    """An ffmpeg in the UE's namespace. Its standard output is never kept: it shows keys there."""

    def __init__(self, log, *words):
        with open(log, 'wb') as errors:
            self.process = subprocess.Popen(('ip', 'netns', 'exec', 'ue', *FFMPEG, *words),
                                            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors)

    def finish(self, seconds):
        """Waits for its own end; returns whether it came in time."""
        try:
            return self.process.wait(seconds) == 0
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(5)
            return False


def inline(secret):
    """Master key and salt as SDES writes them (RFC 4568, 6.1)."""
    return base64.b64encode(b''.join(secret)).decode()


def listener(call, packets, out, log):
    """ffmpeg that decrypts so many packets of a call into a file."""
    sdp = (f'v=0\no=- 0 0 IN IP4 {call.near("access")}\ns=e2ae\nc=IN IP4 {call.near("access")}\nt=0 0\n'
           f'm=audio {call.port["access"]} RTP/SAVP {PT_PCMA}\na=rtpmap:{PT_PCMA} PCMA/{CLOCK}\n'
           f'a=crypto:1 {call.suite} inline:{inline(call.secret["down"])}\n')
    path = write_private(f'{KEYS}/{call.ident}.sdp', sdp.encode())
    phone = Ffmpeg(log, '-protocol_whitelist', 'file,rtp,udp,srtp,crypto', '-i', path, '-map', '0:a',
                   '-c', 'copy', '-frames:a', str(packets), '-f', 'alaw', '-y', out)
    wait_for_port(call.port['access'], 10)
    return phone


def talker(call, speech, first_seq, log):
    """ffmpeg that sends a file of speech to a call as SRTP; the key comes from a file of options."""
    options = (f'srtp_out_suite={call.suite}\nsrtp_out_params={inline(call.secret["up"])}\n')
    preset = write_private(f'{KEYS}/{call.ident}.ffpreset', options.encode())
    port = call.port['access']
    url = f'srtp://{call.near("access")}:{port}?localrtpport={port}&localrtcpport={port + 1}&pkt_size=266'
    return Ffmpeg(log, '-re', '-f', 'alaw', '-ar', str(CLOCK), '-ac', '1', '-i', speech, '-c', 'copy',
                  '-f', 'rtp', '-seq', str(first_seq), '-fpre', preset, url)


def wait_for_port(port, seconds):
    """Until something in the UE's namespace listens on a UDP port."""
    end, wanted = time.monotonic() + seconds, f':{port:04X} '
    while time.monotonic() < end:
        with inside('ue'), open('/proc/self/net/udp', encoding='ascii') as table:
            if wanted in table.read():
                return
        time.sleep(0.05)
    raise RuntimeError(f'nothing listens on port {port}')


class Phone:
    """Sockets for RTP and RTCP at one far end of a call."""

    def __init__(self, world, call, side):
        self.call, self.side = call, side
        self.rtp, self.rtcp = (self._port(world, more) for more in (0, 1))

    def _port(self, world, more):
        number = self.call.port[self.side] + more
        port = world.port(self.side, number, self.call.family[self.side])
        port.peer = (self.call.near(self.side), number)
        return port

    def send(self, rtp):
        """RTP as it is."""
        self.rtp.send(rtp)

    def send_rtcp(self, rtcp):
        """RTCP as it is."""
        self.rtcp.send(rtcp)

    def take(self, seconds=0.0):
        """RTP that arrived."""
        return self.rtp.drain(seconds)

    def take_rtcp(self, seconds=0.0):
        """RTCP that arrived."""
        return self.rtcp.drain(seconds)


class SrtpPhone(Phone):
    """The UE of a call, through libsrtp2; what does not decrypt is None."""

    def __init__(self, world, call):
        super().__init__(world, call, 'access')
        mki = bytes.fromhex(call.mki)
        self.out = libsrtp.Session(call.suite, *call.secret['up'], mki, send=True)
        self.into = libsrtp.Session(call.suite, *call.secret['down'], mki)
        self.sent = None    # the last packet as it was on the wire

    def send(self, rtp):
        self.sent = self.out.protect(rtp)
        self.rtp.send(self.sent)

    def send_rtcp(self, rtcp):
        self.rtcp.send(self.out.protect_rtcp(rtcp))

    def take(self, seconds=0.0):
        return [opened(self.into.unprotect, one) for one in super().take(seconds)]

    def take_rtcp(self, seconds=0.0):
        return [opened(self.into.unprotect_rtcp, one) for one in super().take_rtcp(seconds)]


def opened(unprotect, packet):
    """The plain packet, or None where libsrtp2 refuses it."""
    try:
        return unprotect(packet)
    except libsrtp.SrtpError:
        return None


def reports(ssrc, other, packets):
    """The RTCP of a call's way: what it was told to send after so many packets."""
    return sender_report(ssrc, packets) + receiver_report(ssrc, other)
