# SPDX-License-Identifier: GPL-2.0
"""What was on the wires: tcpdump's captures, read by us and by tshark."""
import math
import os
import select
import signal
import struct
import subprocess
import time
from collections import Counter

from lib.packets import UDP, parse_ip, parse_udp

TCP = 6

# Longest run of octets of the speech that is still called chance.
SNIPPET = 16


def frames(path):
    """(seconds, frame) of a pcap file of Ethernet frames."""
    with open(path, 'rb') as f:
        data = f.read()
    order = '<' if data[:4] == b'\xd4\xc3\xb2\xa1' else '>'
    magic, _, _, _, _, _, link = struct.unpack(order + 'IHHiIII', data[:24])
    if magic != 0xa1b2c3d4 or link != 1:
        raise ValueError(f'{path}: no pcap file of Ethernet frames')
    at = 24
    while at < len(data):
        sec, usec, size, _ = struct.unpack_from(order + 'IIII', data, at)
        yield sec + usec / 1e6, data[at + 16:at + 16 + size]
        at += 16 + size


def datagrams(path):
    """(seconds, UDP datagram) of a capture; everything else is left out."""
    for at, frame in frames(path):
        if frame[12:14] in (b'\x08\x00', b'\x86\xdd'):
            one = parse_udp(parse_ip(frame[14:]))
            if one:
                yield at, one


def octets(path):
    """All that was carried over UDP and TCP, what belongs to one direction of a flow in one piece."""
    flows = {}
    for _, frame in frames(path):
        if frame[12:14] not in (b'\x08\x00', b'\x86\xdd'):
            continue
        seen = parse_ip(frame[14:])
        at = 8 if seen.proto == UDP else 4 * (seen.body[12] >> 4) if seen.proto == TCP else len(seen.body)
        flows.setdefault((seen.proto, seen.src, seen.dst, seen.body[:4]), bytearray()).extend(seen.body[at:])
    return b'\n\n'.join(flows.values())


class Capture:
    """tcpdump on a far end's device, until it is stopped."""

    def __init__(self, name, device, path, what='udp or icmp or icmp6'):
        self.path = path
        command = ['ip', 'netns', 'exec', name, 'tcpdump', '-Z', 'root', '-n', '-U', '--immediate-mode',
                   '-s', '16384', '-B', '16384', '-i', device, '-w', path, what]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.PIPE)
        self._wait_for(b'listening on', 10)

    def _wait_for(self, words, seconds):
        said, end = b'', time.monotonic() + seconds
        while words not in said:
            left = max(0, end - time.monotonic())
            if not select.select([self.process.stderr], [], [], left)[0]:
                raise RuntimeError('tcpdump does not start')
            more = os.read(self.process.stderr.fileno(), 4096)
            if not more:
                raise RuntimeError(f'tcpdump: {said.decode()}')
            said += more

    def stop(self):
        """Ends the capture; what was on the wire until then is in the file."""
        time.sleep(0.3)
        self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=10)


class Speech:
    """Looks for the recording in what was on a wire."""

    def __init__(self, speech):
        self.snippets = {speech[at:at + SNIPPET] for at in range(len(speech) - SNIPPET + 1)}

    def occurs(self, data):
        """Whether any 16 octets of the recording are in it."""
        return any(data[at:at + SNIPPET] in self.snippets for at in range(len(data) - SNIPPET + 1))


def entropy(data):
    """Bits per octet (Shannon); about 8 is noise."""
    counts = Counter(data)
    return -sum(n / len(data) * math.log2(n / len(data)) for n in counts.values()) if data else 0.0


def dissect(path, ports):
    """RTP packets as tshark dissects them: [(source port, SSRC, sequence number, payload)]."""
    command = ['tshark', '-n', '-r', path, '-Y', 'rtp', '-T', 'fields']
    for port in ports:
        command += ['-d', f'udp.port=={port},rtp']
    for field in ('udp.srcport', 'rtp.ssrc', 'rtp.seq', 'rtp.payload'):
        command += ['-e', field]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    out = []
    for line in done.stdout.splitlines():
        port, ssrc, seq, octets = line.split('\t')
        out.append((int(port), int(ssrc, 0), int(seq), bytes.fromhex(octets.replace(':', ''))))
    return out
