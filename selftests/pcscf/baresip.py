# SPDX-License-Identifier: GPL-2.0
"""baresip as a UE with SDES: a process of its own, behind a Python UE that registers for it or behind a Door."""
import asyncio
import glob
import json
import os
import re
import socket
import subprocess
import time
import wave

from places import die_with_parent       # first: it finds the other modules
from lib.g711 import decode, encode
from lib.ktap import SLOW
from lib.netns import inside
from peers.sip.ue import Ue

SIP_PORT, DOOR_PORT, CONTROL_PORT = 5060, 5070, 4444
START_SECONDS, STOP_SECONDS = 15 * SLOW, 5 * SLOW
MODULES = '/usr/lib/baresip/modules'
CONFIG = """sip_listen {host}:{port}
audio_player aubridge,silence
audio_source aufile,{speech}
audio_alert aubridge,silence
ausrc_srate 8000
auplay_srate 8000
ctrl_tcp_listen 127.0.0.1:{control}
ausrc_channels 1
auplay_channels 1
rtp_ports 20000-20999
jitter_buffer_delay 2-20
snd_path {folder}
module_path {modules}
module g711.so
module srtp.so
module ctrl_tcp.so
module aufile.so
module aubridge.so
module sndfile.so
module_app account.so
module_app menu.so
"""


class Front(Ue):
    """Registers with AKA, and lets everything else pass between the gateway and baresip, octet by octet."""

    behind = None

    def datagram(self, data, addr):
        """To baresip, unless it answers our REGISTER; from baresip to the gateway."""
        if addr[:2] == self.behind:
            self.flow.send_raw(data)
        elif not self.behind or re.search(rb'(?im)^CSeq:\s*\d+\s+REGISTER', data):
            super().datagram(data, addr)
        else:
            self._udp.sendto(data, self.behind)


class Door(asyncio.DatagramProtocol):
    """Stands before the gateway for a baresip that registers and calls by itself, and says what baresip cannot say: that
    it knows SDES to the edge (Security-Client), and that it wants it (a=3ge2ae). It does not touch keys."""

    def __init__(self, place, phone_host, host):
        self.edge, self.phone = (place.access, SIP_PORT), (phone_host, SIP_PORT)
        self.names = [f'{where}:{port}'.encode() for where, port in (self.edge, (host, DOOR_PORT))]
        self.host, self.netns, self.transport, self.seen = host, place.ue_netns, None, []
        self.secure = True

    async def start(self):
        """Opens its socket."""
        with inside(self.netns):
            sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.bind((self.host, DOOR_PORT))
        self.transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: self, sock=sock)

    def close(self):
        """Closes it."""
        self.transport.close()

    def datagram_received(self, data, addr):
        """Hands a message to the other side; each knows the Door by its own name of it."""
        self.seen.append(data)
        if addr[:2] == self.edge:
            self.transport.sendto(data.replace(self.names[0], self.names[1]), self.phone)
        elif addr[:2] == self.phone:
            data = data.replace(self.names[1], self.names[0])
            self.transport.sendto(self.say(data) if self.secure else data, self.edge)

    def say(self, data):
        """A message with what baresip leaves out."""
        head, _, body = data.partition(b'\r\n\r\n')
        if head.startswith(b'REGISTER'):
            head = head.replace(b'\r\nFrom:', b'\r\nSecurity-Client: sdes-srtp;mediasec\r\nFrom:', 1)
        if b'\r\na=crypto:' in body:
            body = body.replace(b'\r\na=crypto:', b'\r\na=3ge2ae:requested\r\na=crypto:', 1)
            head = re.sub(rb'(?m)^Content-Length:\s*\d+', b'Content-Length: %d' % len(body), head)
        return head + b'\r\n\r\n' + body


class Baresip:
    """The process, which takes every call, plays a recording and writes down what it hears."""

    def __init__(self, folder, host, user, netns, speech, more='regint=0', security='srtp-mand'):
        self.host, self.folder, self.netns, self.process = host, os.path.join(folder, 'baresip'), netns, None
        os.mkdir(self.folder)
        played = os.path.join(self.folder, 'played.wav')
        with wave.open(played, 'wb') as f:
            f.setparams((1, 2, 8000, 0, 'NONE', ''))
            f.writeframes(decode(speech))
        self._write('config', CONFIG.format(host=host, port=SIP_PORT, control=CONTROL_PORT, speech=played,
                                            folder=self.folder, modules=MODULES))
        self._write('accounts', f'<sip:{user}@home1.net>;{more};answermode=auto;'
                    f'{security and "mediaenc=" + security + ";"}audio_codecs=PCMA\n')
        self._write('contacts', '')

    def _write(self, name, text):
        with open(os.path.join(self.folder, name), 'w', encoding='ascii') as f:
            f.write(text)

    def start(self):
        """Starts it; it is there when its port is taken."""
        command = ['baresip', '-f', self.folder, '-s']
        if self.netns:
            command = ['ip', 'netns', 'exec', self.netns, *command]
        with open(self.log_path, 'wb') as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            cwd=self.folder, preexec_fn=die_with_parent)
        end = time.monotonic() + START_SECONDS
        while b'baresip is ready' not in self.log():
            if self.process.poll() is not None or time.monotonic() > end:
                raise AssertionError(f'baresip does not start: {self.log().decode(errors="replace")}')
            time.sleep(0.05)

    @property
    def log_path(self):
        """What it says."""
        return os.path.join(self.folder, 'log')

    def log(self):
        """What it said so far."""
        with open(self.log_path, 'rb') as f:
            return f.read()

    def tell(self, command, words=''):
        """Gives it an order."""
        order = json.dumps({'command': command, 'params': words})
        with inside(self.netns):
            sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        with sock:
            sock.settimeout(START_SECONDS)
            sock.connect(('127.0.0.1', CONTROL_PORT))
            sock.sendall(f'{len(order)}:{order},'.encode())
            sock.recv(4096)

    def stop(self):
        """Ends it."""
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(STOP_SECONDS)

    def heard(self):
        """What came out of its decoder, as G.711 again."""
        paths = glob.glob(os.path.join(self.folder, 'dump-*-dec.wav'))
        assert len(paths) == 1, f'baresip wrote {len(paths)} recordings'
        with wave.open(paths[0], 'rb') as f:
            return encode(f.readframes(f.getnframes()))
