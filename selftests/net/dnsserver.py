# SPDX-License-Identifier: GPL-2.0
"""A DNS server with a few records, on loopback, over UDP and TCP."""
import socket
import struct
import threading

TYPES = {'A': 1, 'AAAA': 28, 'SRV': 33, 'NAPTR': 35, 'CNAME': 5}


def encode_name(name):
    """Octets of a domain name."""
    labels = [label.encode() for label in name.strip('.').split('.') if label]
    return b''.join(bytes([len(label)]) + label for label in labels) + b'\0'


def encode_data(kind, data):
    """Octets of a record's data."""
    if kind == 'A':
        return socket.inet_aton(data)
    if kind == 'AAAA':
        return socket.inet_pton(socket.AF_INET6, data)
    if kind == 'CNAME':
        return encode_name(data)
    if kind == 'SRV':
        return struct.pack('>HHH', *data[:3]) + encode_name(data[3])
    order, preference, *texts, replacement = data
    strings = b''.join(bytes([len(text)]) + text.encode() for text in texts)
    return struct.pack('>HH', order, preference) + strings + encode_name(replacement)


def _one_port():
    """A UDP socket and a TCP one on a port that is free in both."""
    for attempt in range(100):
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.bind(('127.0.0.1', 0))
        try:
            return udp, socket.create_server(udp.getsockname())
        except OSError:
            udp.close()
            if attempt == 99:
                raise


class DnsServer:
    """records: {(name, type): [data]}, which hold for `ttl` seconds; soa: (ttl, minimum) of what is not there.

    Names in `dead` get no answer, in `broken` SERVFAIL, in `junk` nonsense.
    """

    def __init__(self):
        self.records, self.asked, self.ttl, self.soa = {}, [], 60, None
        self.dead, self.broken, self.junk, self.big = set(), set(), set(), set()
        self.udp, self.tcp = _one_port()
        self.address = f'127.0.0.1:{self.udp.getsockname()[1]}'
        for work in (self._datagrams, self._streams):
            threading.Thread(target=work, daemon=True).start()

    def close(self):
        """Ends both threads."""
        for sock in (self.udp, self.tcp):
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            sock.close()

    def _datagrams(self):
        try:
            while True:
                query, peer = self.udp.recvfrom(4096)
                answer = self.answer(query, False) if query else None
                if answer:
                    self.udp.sendto(answer, peer)
        except OSError:
            pass

    def _streams(self):
        try:
            while True:
                peer, _ = self.tcp.accept()
                with peer:
                    size, = struct.unpack('>H', peer.recv(2, socket.MSG_WAITALL))
                    answer = self.answer(peer.recv(size, socket.MSG_WAITALL), True)
                    peer.sendall(struct.pack('>H', len(answer)) + answer)
        except (OSError, struct.error):
            pass

    def answer(self, query, stream):
        """Octets of the answer to a query."""
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode())
            at += 1 + query[at]
        name, end = '.'.join(labels).lower(), at + 5
        code, = struct.unpack('>H', query[at + 1:at + 3])
        kind = next((k for k, v in TYPES.items() if v == code), str(code))
        self.asked.append((name, kind))
        if name in self.dead:
            return b''
        if name in self.broken:
            return query[:2] + b'\x81\x82' + query[4:6] + bytes(6) + query[12:end]
        found = [] if name in self.big and not stream else self.records.get((name, kind), [])
        flags = 0x8380 if name in self.big and not stream else 0x8180
        if not any(n == name for n, _ in self.records):
            flags |= 3
        rows = b''
        for data in found:
            octets = encode_data(kind, data)
            if name in self.junk:
                octets = octets[:3]
            rows += b'\xc0\x0c' + struct.pack('>HHIH', code, 1, self.ttl, len(octets)) + octets
        soa = b''
        if self.soa and not found:
            data = encode_name('ns.example') + encode_name('root.example') + struct.pack('>IIIII', 1, 2, 3, 4, self.soa[1])
            soa = b'\xc0\x0c' + struct.pack('>HHIH', 6, 1, self.soa[0], len(data)) + data
        return query[:2] + struct.pack('>HHHHH', flags, 1, len(found), bool(soa), 0) + query[12:end] + rows + soa
