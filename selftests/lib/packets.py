# SPDX-License-Identifier: GPL-2.0
"""Builds and reads RTP, RTCP, UDP, IPv4, IPv6 and Ethernet."""
import collections
import ipaddress
import struct

UDP = 17


def rtp(seq, ssrc=0x11223344, payload=None, ts=None, pt=0, marker=0, csrc=(), ext=None):
    """An RTP packet; the payload says its sequence number unless given."""
    if payload is None:
        payload = struct.pack('>I', seq) * 40
    if ts is None:
        ts = (160 * seq) & 0xffffffff
    first = 0x80 | (0x10 if ext is not None else 0) | len(csrc)
    out = struct.pack('>BBHII', first, marker << 7 | pt, seq & 0xffff, ts, ssrc)
    out += b''.join(struct.pack('>I', c) for c in csrc)
    if ext is not None:
        out += struct.pack('>HH', 0xbede, len(ext) // 4) + ext
    return out + payload


def sender_report(ssrc=0x11223344, packets=1):
    """RTCP: a sender report without blocks, and an SDES chunk with a CNAME."""
    sr = struct.pack('>BBHIQIII', 0x80, 200, 6, ssrc, 0x1122334455667788, 160, packets, 160 * packets)
    return sr + struct.pack('>BBHIBB', 0x81, 202, 3, ssrc, 1, 5) + b'a@b.c' + b'\0'


def receiver_report(ssrc=0x11223344, about=0x55667788):
    """RTCP: a receiver report with one block."""
    return struct.pack('>BBHIIIIIII', 0x81, 201, 7, ssrc, about, 0, 100, 3, 0, 0)


def bye(ssrc=0x11223344):
    """RTCP: BYE, the shortest packet there is."""
    return struct.pack('>BBHI', 0x81, 203, 1, ssrc)


STUN = bytes.fromhex('000100002112a442') + bytes(range(12))


def checksum(data):
    """The Internet checksum's one's complement sum, inverted (RFC 1071)."""
    if len(data) % 2:
        data += b'\0'
    total = sum(struct.unpack(f'>{len(data) // 2}H', data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return total ^ 0xffff


def _pseudo(src, dst, proto, size):
    if len(src) == 4:
        return src + dst + struct.pack('>BBH', 0, proto, size)
    return src + dst + struct.pack('>IHBB', size, 0, 0, proto)


def octets(address):
    """4 or 16 octets of an address in text."""
    return ipaddress.ip_address(address).packed


def udp(src, dst, sport, dport, payload, length=None, csum=None):
    """A UDP datagram; length and checksum are right unless given."""
    size = 8 + len(payload)
    head = struct.pack('>HHHH', sport, dport, size if length is None else length, 0)
    if csum is None:
        csum = checksum(_pseudo(octets(src), octets(dst), UDP, size) + head + payload) or 0xffff
    return head[:6] + struct.pack('>H', csum) + payload


def ip(src, dst, body, proto=UDP, ttl=64, tos=0, ident=0, frag=0, total=None, options=b'',
       csum=None):
    """An IPv4 or IPv6 packet; frag is the IPv4 field of flags and offset."""
    src, dst = octets(src), octets(dst)
    if len(src) == 16:
        size = len(body) if total is None else total
        return struct.pack('>IHBB', 6 << 28 | tos << 20, size, proto, ttl) + src + dst + body
    words = 5 + len(options) // 4
    size = 4 * words + len(body) if total is None else total
    head = struct.pack('>BBHHHBBH', 0x40 | words, tos, size, ident, frag, ttl, proto, 0)
    head += src + dst + options
    if csum is None:
        csum = checksum(head)
    return head[:10] + struct.pack('>H', csum) + head[12:] + body


def fragments(src, dst, datagram, size, ident=77, **kwargs):
    """A datagram in IP fragments of at most `size` octets of payload (a multiple of 8)."""
    out = []
    for at in range(0, len(datagram), size):
        part, more = datagram[at:at + size], at + size < len(datagram)
        if ':' in src:
            head = struct.pack('>BBHI', UDP, 0, at | more, ident)
            out.append(ip(src, dst, head + part, proto=44, **kwargs))
        else:
            out.append(ip(src, dst, part, ident=ident, frag=at // 8 | more << 13, **kwargs))
    return out


Seen = collections.namedtuple('Seen', 'version src dst ttl tos flags proto body raw good')
Datagram = collections.namedtuple('Datagram', 'ip sport dport length good payload')


def parse_ip(data):
    """Reads an IP packet; `good` says whether the IPv4 header checksum holds."""
    if data[0] >> 4 == 6:
        word, size, proto, ttl = struct.unpack_from('>IHBB', data)
        src, dst = (str(ipaddress.ip_address(data[a:a + 16])) for a in (8, 24))
        return Seen(6, src, dst, ttl, word >> 20 & 255, 0, proto, data[40:40 + size], data, True)
    n = 4 * (data[0] & 15)
    _, tos, total, _, flags, ttl, proto = struct.unpack_from('>BBHHHBB', data)
    src, dst = (str(ipaddress.ip_address(data[a:a + 4])) for a in (12, 16))
    good = checksum(data[:n]) == 0
    return Seen(4, src, dst, ttl, tos, flags, proto, data[n:total], data, good)


def parse_udp(seen):
    """Reads the UDP datagram of an unfragmented IP packet, or None; `good` is its checksum."""
    if seen.proto != UDP or len(seen.body) < 8 or seen.flags & 0x3fff:
        return None
    sport, dport, length, csum = struct.unpack_from('>HHHH', seen.body)
    pseudo = _pseudo(octets(seen.src), octets(seen.dst), UDP, length)
    good = length == len(seen.body) and bool(csum) and checksum(pseudo + seen.body) == 0
    return Datagram(seen, sport, dport, length, good, seen.body[8:length])
