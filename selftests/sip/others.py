# SPDX-License-Identifier: GPL-2.0
"""What tshark, which shares nothing with this project, reads in the same messages."""
import os
import re
import struct
import subprocess

from helper import TOP, request, torture
from lib.ktap import equal, test
from lib.packets import ip, udp

DEPS = os.path.join(TOP, 'selftests', 'rig', 'deps')
FIELDS = ('Method', 'r-uri', 'Status-Code', 'CSeq.seq', 'CSeq.method', 'Call-ID', 'from.addr', 'from.tag', 'to.addr',
          'to.tag', 'Via.branch', 'Via.transport', 'contact.uri', 'msg_hdr', 'msg_body')
# What tshark does not read: a method that is no word, a URI that is not SIP, blanks around semicolons and slashes.
BLIND = {('intmeth', 'CSeq.method'), ('unksm2', 'to.addr'), ('wsinv', 'from.tag'), ('wsinv', 'to.addr'),
         ('wsinv', 'to.tag'), ('wsinv', 'Via.branch')}


def straight(raw):
    """A message without folds in its header and blanks before colons: tshark reads neither."""
    head, end, body = raw.partition(b'\r\n\r\n')
    return re.sub(rb'\n([\w-]+)[ \t]+:', rb'\n\1:', re.sub(rb'\r\n[ \t]+', b' ', head)) + end + body


def capture(path, messages):
    """A file of raw IP packets, one for each message."""
    with open(path, 'wb') as file:
        file.write(struct.pack('=IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 262144, 101))
        for data in messages:
            packet = ip('192.0.2.1', '192.0.2.2', udp('192.0.2.1', '192.0.2.2', 5060, 5060, data))
            file.write(struct.pack('=IIII', 0, 0, len(packet), len(packet)) + packet)


def dissect(world, messages):
    """For each message, what tshark reads: field: list of values."""
    path = os.path.join(world.dir.name, 'sip.pcap')
    capture(path, messages)
    fields = [word for name in FIELDS for word in ('-e', 'sip.' + name)]
    done = subprocess.run([
        'tshark', '-n', '-r', path, '-d', 'udp.port==5060,sip', '-T', 'fields', '-E', 'aggregator=\x01', '-E',
        'separator=\x02', *fields
    ], capture_output=True, text=True, timeout=100, check=True)
    rows = done.stdout.rstrip('\n').split('\n')
    equal(len(rows), len(messages), 'packets')
    return [{name: told.split('\x01') if told else [] for name, told in zip(FIELDS, row.split('\x02'))} for row in rows]


def ours(told):
    """The same, as the library reads it."""
    return {
        'Method': [told['method']] if told['request'] else [],
        'r-uri': [told['uri']] if told['request'] else [],
        'Status-Code': [] if told['request'] else [str(told['status'])],
        'CSeq.seq': [str(told['cseq'])],
        'CSeq.method': [told['cseq_method']],
        'Call-ID': [told['call_id']],
        'from.addr': [told['from']['text']],
        'from.tag': [told['from']['tag']] if 'tag' in told['from'] else [],
        'to.addr': [told['to']['text']],
        'to.tag': [told['to']['tag']] if 'tag' in told['to'] else [],
        'Via.branch': [via['branch'] for via in told['Via'] if via['branch']],
        'Via.transport': [via['transport'] for via in told['Via']],
        'contact.uri': [one['text'] for one in told['Contact']]
    }


@test('tshark reads in the torture messages what the library reads', seconds=200)
def tshark(world):
    subprocess.run([DEPS, '=tshark'], check=True)
    reads = {name: world.read(raw) for name, raw in torture().items()}
    names = [name for name, told in reads.items() if not told['err']]
    equal(len(names), 39, 'messages')
    for name, theirs in zip(names, dissect(world, [straight(torture()[name]) for name in names])):
        for field, want in ours(reads[name]).items():
            if (name, field) not in BLIND:
                equal(theirs[field], want, f'{name} {field}')


@test('tshark reads in edited messages what the edits were to say', seconds=100)
def edited(world):
    raw = request('Contact: <sip:a@192.0.2.1>', 'Via: SIP/2.0/TCP x;branch=z9hG4bKx, SIP/2.0/TLS y;branch=z9hG4bKy')
    out = world.edit(raw, 'uri', 'sip:new@example.net', 'insert', 'Via', 'SIP/2.0/UDP me;branch=z9hG4bKme',
                     'element-remove', 'Via', 1, 'element-remove', 'Via', 1, 'line-param-set', 'To', 0, 'tag', 'new',
                     'param-set', 'Contact', 0, 'expires', '60', 'append', 'Content-Type', 'text/plain', 'body',
                     'hello')
    told = dissect(world, [out])[0]
    equal({name: told[name]
           for name in ('Method', 'r-uri', 'Via.branch', 'Via.transport', 'to.tag', 'contact.uri')}, {
               'Method': ['OPTIONS'],
               'r-uri': ['sip:new@example.net'],
               'Via.branch': ['z9hG4bKme', 'z9hG4bKy'],
               'Via.transport': ['UDP', 'TLS'],
               'to.tag': ['new'],
               'contact.uri': ['sip:a@192.0.2.1']
           }, 'fields')
