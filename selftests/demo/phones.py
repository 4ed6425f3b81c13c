# SPDX-License-Identifier: GPL-2.0
"""The far ends: ffmpeg, libsrtp2 and OpenSSL as the UE, plain sockets as the core."""
import base64
import signal
import subprocess
import time

from calls import KEYS, write_private
from lib.netns import inside
from lib.packets import receiver_report, sender_report
from peers import libsrtp, oracle
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


def judge(call):
    """Who is the far end of a call's SRTP.

    libsrtp2 2.5 derives the keys of AES-192 wrongly: there it is the tests' oracle, the ciphers of OpenSSL in the
    order of RFC 3711, which the known answers of another implementation have checked.
    """
    return 'libsrtp2' if call.suite in libsrtp.LIVE_SUITES else 'OpenSSL'


def session(call, way, send=False):
    """The far end's SRTP in one direction."""
    kind = libsrtp.Session if judge(call) == 'libsrtp2' else oracle.Session
    return kind(call.suite, *call.secret[way], bytes.fromhex(call.mki), send=send)


class SrtpPhone(Phone):
    """The UE of a call, through an SRTP that is not the gateway's; what does not decrypt is None."""

    def __init__(self, world, call):
        super().__init__(world, call, 'access')
        self.out, self.into = session(call, 'up', send=True), session(call, 'down')
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
    """The plain packet, or None where it is refused."""
    try:
        return unprotect(packet)
    except (libsrtp.SrtpError, oracle.Forged):
        return None


def reports(ssrc, other, packets):
    """The RTCP of a call's way: what it was told to send after so many packets."""
    return sender_report(ssrc, packets) + receiver_report(ssrc, other)
