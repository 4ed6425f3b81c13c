# SPDX-License-Identifier: GPL-2.0
"""The library under test, built with sanitizers into selftests/sip/drive.c and kept running."""
import errno
import glob
import json
import os
import struct
import subprocess
import tempfile

from lib.ktap import equal

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
FLAGS = [
    '-std=gnu11', '-D_GNU_SOURCE', '-O1', '-g', '-Wall', '-Wextra', '-Werror', '-Wshadow',
    '-fsanitize=address,undefined', '-fno-sanitize-recover=all'
]
LIMITS = (32768, 256, 65535)


def sources():
    """Of the library, and of the texts that it shares with agent/media."""
    return sorted(glob.glob(os.path.join(TOP, 'agent', 'sip',
                                         '*.c'))) + [os.path.join(TOP, 'agent', 'media', 'sdp_text.c')]


def torture():
    """name: octets of the messages of RFC 4475 and RFC 5118."""
    with open(os.path.join(HERE, 'torture.jsonl'), encoding='ascii') as file:
        rows = [json.loads(line) for line in file]
    assert len(rows) == 62, len(rows)
    return {row['name']: row['octets'].encode('latin-1') for row in rows}


def message(*lines, body=b''):
    """A message of these lines; str is latin-1."""
    head = [line if isinstance(line, bytes) else line.encode('latin-1') for line in lines]
    return b'\r\n'.join(head) + b'\r\n\r\n' + body


def request(*extra, method='OPTIONS', uri='sip:bob@example.com', body=b''):
    """A plain request, with these lines after its own."""
    return message(f'{method} {uri} SIP/2.0', 'Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK77', 'Max-Forwards: 70',
                   'From: <sip:alice@example.com>;tag=1', 'To: <sip:bob@example.com>', 'Call-ID: c1',
                   f'CSeq: 1 {method}', *extra, body=body)


def octets(text):
    return text.encode('latin-1')


class World:
    """The helper program, running."""

    def __enter__(self):
        self.dir = tempfile.TemporaryDirectory()
        path = os.path.join(self.dir.name, 'drive')
        own = sorted(glob.glob(os.path.join(HERE, '*.c')))
        subprocess.run(['gcc', *FLAGS, '-o', path, *own, *sources()], check=True)
        self.process = subprocess.Popen([path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        return self

    def __exit__(self, kind, *_):
        self.process.stdin.close()
        status = self.process.wait(20)
        self.process.stdout.close()
        self.dir.cleanup()
        if kind is None:
            equal(status, 0, 'exit status of the helper')

    def call(self, *args):
        """(result, octets) of a function; arguments are octets, or become them."""
        data = [arg if isinstance(arg, bytes) else str(arg).encode('latin-1') for arg in args]
        self.process.stdin.write(
            struct.pack('=I', len(data)) + b''.join(struct.pack('=I', len(one)) + one for one in data))
        self.process.stdin.flush()
        result, size = struct.unpack('=iI', self.process.stdout.read(8))
        return result, self.process.stdout.read(size)

    def good(self, *args):
        """The octets of a function that succeeds."""
        result, out = self.call(*args)
        equal(result >= 0, True, f'result {result} of {args[0]} {args[2:]}')
        return out

    def fault(self, *args):
        """The errno name of a function that fails, and says nothing."""
        result, out = self.call(*args)
        equal(result < 0, True, f'failure of {args[0]} {args[1:]}')
        equal(out, b'', 'what a failure wrote')
        return errno.errorcode[-result]

    def read(self, raw, kind='datagram'):
        """What it reads in a message, as a dict."""
        return json.loads(self.good('message', kind, raw))

    def uri(self, text):
        return json.loads(self.good('uri', text))

    def edit(self, raw, *commands):
        """The edited message."""
        return self.good('edit', raw, *commands)

    def frames(self, data, piece=1 << 20, pinging=0, limits=LIMITS):
        """[(kind, size)] in a stream that comes in pieces, and what is left over at the end."""
        rows = json.loads(self.good('stream', *limits, pinging, piece, data))
        return [(row['kind'], row['size']) for row in rows[:-1]], rows[-1]['size']

    def datagram(self, data, limits=LIMITS):
        return json.loads(self.good('datagram', *limits, data))[0]
