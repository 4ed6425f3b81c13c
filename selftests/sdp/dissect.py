# SPDX-License-Identifier: GPL-2.0
"""What tshark, which shares nothing with this project, reads in edited descriptions."""
import os
import struct
import subprocess

from edits import CRYPTO
from helper import TOP, sample
from lib.ktap import equal, test

DEPS = os.path.join(TOP, 'selftests', 'rig', 'deps')


def packet(body):
    """An IPv4 packet with a SIP message around a body."""
    sip = (b'INVITE sip:a@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\n'
           b'From: <sip:b@example.com>;tag=1\r\nTo: <sip:a@example.com>\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n'
           b'Content-Type: application/sdp\r\nContent-Length: %d\r\n\r\n' % len(body)) + body
    udp = struct.pack('>HHHH', 5060, 5060, 8 + len(sip), 0) + sip
    ip = struct.pack('>BBHHHBBH4s4s', 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0, bytes([192, 0, 2, 1]), bytes([192, 0, 2, 2]))
    return ip + udp


def dissect(world, body, *names):
    """The fields sdp.NAME of a body as tshark tells them: a list of values for each, in order."""
    octets = packet(body)
    path = os.path.join(world.dir.name, 'one.pcap')
    with open(path, 'wb') as file:
        # Link type 101: raw IP.
        file.write(struct.pack('=IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 262144, 101))
        file.write(struct.pack('=IIII', 0, 0, len(octets), len(octets)) + octets)
    fields = [word for name in names for word in ('-e', 'sdp.' + name)]
    done = subprocess.run(['tshark', '-n', '-r', path, '-T', 'fields', '-E', 'aggregator=~', '-E', 'separator=/t', *fields],
                          capture_output=True, text=True, timeout=50, check=True)
    return [told.split('~') for told in done.stdout.rstrip('\n').split('\t')]


@test('tshark reads in edited descriptions what the edits were to say', seconds=300)
def tshark(world):
    subprocess.run([DEPS, '=tshark'], check=True)
    out = world.edit(sample('video'), 'port 1 4000', 'connection 1 192.0.2.1', 'secure 1 1', ['add', 1, 'crypto', CRYPTO],
                     'add 1 3ge2ae applied', 'rtcp 1 0', 'connection 2 2001:db8::1', 'port 2 4002', 'version 1')
    names = ['media.port', 'media.proto', 'connection_info.address', 'owner.version', 'crypto.crypto_suite', 'media_attr']
    ports, transports, addresses, version, suites, attributes = dissect(world, out, *names)
    equal(ports, ['4000', '4002', '0'], 'ports')
    equal(transports, ['RTP/SAVP', 'RTP/AVPF', 'TCP/BFCP'], 'transports')
    equal(addresses, ['2001:db8::1', '192.0.2.1'], 'addresses')
    equal(version, ['201'], 'version')
    equal(suites, ['AES_CM_128_HMAC_SHA1_80'], 'suite')
    equal(attributes.count('3ge2ae:applied'), 1, 'mark')
    equal([value for value in attributes if value.startswith('rtcp:')], ['rtcp:40100 IN IP4 192.0.2.11'], 'a=rtcp')
    before, after = (dissect(world, body, 'media_attr')[0] for body in (
        sample('volte-sdes'), world.edit(sample('volte-sdes'), 'secure 1 0', 'keys 1 3')))
    equal(after, [value for value in before if not value.startswith(('crypto', '3ge2ae'))], 'attributes left')
    equal(len(before) - len(after), 3, 'attributes gone')
