# SPDX-License-Identifier: GPL-2.0
"""libe2ae against a kernel played here: selftests/ctl/nl.c makes the calls, this file decodes by uapi/e2ae.yaml."""
import json
import os
import shlex
import socket
import struct
import subprocess
import tempfile

from lib.ktap import equal, test
from lib.netlink import ACK, DUMP, DUMP_INTR, MULTI, NLMSG_DONE, NLMSG_ERROR, REQUEST, attr, decode, encode
from lib.spec import SPEC, TOP
from tool import CTL

FAMILY = 0x1234
CAPPED, TLVS = 0x100, 0x200
EEXIST, EPERM, EOPNOTSUPP, ENOENT = 17, 1, 95, 2


class World:
    """The helper program, built, and a folder for files."""

    def __enter__(self):
        self.dir = tempfile.TemporaryDirectory()
        self.nl = os.path.join(self.dir.name, 'nl')
        agent, build = os.path.join(TOP, 'agent'), os.path.dirname(CTL)
        libs = subprocess.run(['pkg-config', '--cflags', '--libs', 'libnl-genl-3.0'],
                              capture_output=True, text=True, check=True).stdout
        objects = [os.path.join(build, 'ctl', name) for name in ('json.o', 'addr.o', 'number.o')]
        subprocess.run(['gcc', '-std=gnu11', '-D_GNU_SOURCE', '-O1', '-g', '-Wall', '-Wextra', '-Werror',
                        *shlex.split(os.environ.get('CFLAGS', '')),
                        f'-I{TOP}/uapi', f'-I{agent}/nl', '-o', self.nl,
                        os.path.join(TOP, 'selftests', 'ctl', 'nl.c'), *objects,
                        os.path.join(build, 'libe2ae.a'), *shlex.split(libs)], check=True)
        return self

    def __exit__(self, *_):
        self.dir.cleanup()

    def path(self, name):
        """A file of the tests' own."""
        return os.path.join(self.dir.name, name)


class Kernel:
    """The other end of the helper's socket."""

    def __init__(self, world, *words):
        self.sock, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.sock.settimeout(20)
        self.process = subprocess.Popen([world.nl, str(theirs.fileno()), *words], pass_fds=[theirs.fileno()],
                                        stdout=subprocess.PIPE, text=True)
        theirs.close()

    def messages(self):
        """The requests of one system call: (seq, flags, command, dict)."""
        data, at = self.sock.recv(1 << 18), 0
        while at < len(data):
            size, family, flags, seq, port = struct.unpack_from('=IHHII', data, at)
            command, version, rest = struct.unpack_from('=BBH', data, at + 16)
            equal((family, port, version, rest), (FAMILY, 0, 1, 0), 'head')
            yield seq, flags, command, decode('e2ae', data[at + 20:at + size])
            at += (size + 3) & ~3

    def answer(self, *messages):
        """Sends messages of (type, flags, seq, body) in one datagram."""
        out = b''
        for kind, flags, seq, body in messages:
            out += struct.pack('=IHHII', 16 + len(body), kind, flags, seq, 0) + body + bytes(-len(body) % 4)
        self.sock.send(out)

    def output(self):
        """What the helper printed, line by line."""
        text, _ = self.process.communicate(timeout=20)
        equal(self.process.returncode, 0, 'exit status of the helper')
        self.sock.close()
        return text.splitlines()


def error(seq, number, sentence=None, offset=None):
    """An error or an acknowledgement as the kernel sends it with NETLINK_CAP_ACK."""
    body = struct.pack('=iIHHII', -number, 20, FAMILY, REQUEST, seq, 0)
    flags = CAPPED
    if sentence is not None:
        body += attr(1, sentence.encode() + b'\0')
        flags |= TLVS
    if offset is not None:
        body += attr(2, struct.pack('=I', offset))
    return NLMSG_ERROR, flags, seq, body


SA = {
    'id': 7, 'suite': SPEC.enums['suite']['aes-192-cm-hmac-sha1-32'], 'key': b'\xab' * 24, 'salt': b'\xcd' * 14,
    'mki': b'\1\2\3', 'window': 192, 'ssrc-max': 9, 'roc': 0x10203,
    'state': [{'ssrc': 0xdeadbeef, 'roc': 10, 'seq': 65535, 'rtcp-index': 1 << 31},
              {'ssrc': 0xdeadbef0, 'rtcp-index': (1 << 31) - 1}],
    'guard': 500, 'fixed-ssrcs': True, 'soft-packets': 1 << 40, 'hard-packets': 1 << 48, 'autodel': True,
}


def leg(base):
    """The leg of nl.c with that base."""
    addr = bytes([0x20 + base]) * (16 if base else 4)
    return {
        'local-addr': addr, 'local-port': 4000 + base, 'peer-addr': b'\x09' + addr[1:], 'peer-port': 5000 + base,
        'latch-addr': b'\x08' + addr[1:], 'latch-prefix': 24 + base, 'rtcp-mode': 2, 'rtcp-port': 6000 + base,
        'rtcp-peer-addr': addr, 'rtcp-peer-port': 7000 + base, 'source': 2, 'nonmedia': 1, 'ifindex': 3 + base,
        'in-sa': 100 + base, 'out-sa': 200 + base, 'plain': True, 'secure': True, 'dscp': 46 + base,
        'mark': 0xffff0000 + base,
    }


@test('an SA is sent with every attribute a client can give, and with no other')
def sends_sa(world):
    kernel = Kernel(world, 'sa-new')
    (seq, flags, command, values), = kernel.messages()
    equal((flags, command), (REQUEST | ACK, SPEC.commands['sa-new']), 'flags and command')
    equal(values, {'sa': [SA]}, 'request')
    kernel.answer(error(seq, 0))
    equal(kernel.output(), ['0 '], 'result')


@test('a stream is sent with every attribute a client can give, and its SAs in the same message')
def sends_stream(world):
    kernel = Kernel(world, 'stream-new')
    (seq, _, command, values), = kernel.messages()
    equal(command, SPEC.commands['stream-new'], 'command')
    equal(values, {'stream': {'id': 0xffffffff, 'access': leg(0), 'core': leg(1), 'timeout': 30, 'clock-rate': 48000,
                              'grace': 1234}, 'sa': [SA, {**SA, 'id': 8}]}, 'request')
    kernel.answer(error(seq, 0))
    equal(kernel.output(), ['0 '], 'result')


@test('a refusal is the kernel\'s sentence with the path of the attribute at fault')
def refusal(world):
    for sentence, offset, want in (
            ('this id is taken', None, '-17 this id is taken'),
            ('this id is taken', 24, '-17 this id is taken (sa.id)'),
            ('no such suite', 32, '-17 no such suite (sa.suite)'),
            ('whatever', 20, '-17 whatever (sa)'),
            ('beyond', 60000, '-17 beyond')):
        kernel = Kernel(world, 'sa-new')
        (seq, *_), = kernel.messages()
        kernel.answer(error(seq, EEXIST, sentence, offset))
        equal(kernel.output(), [want], 'result')


@test('a fault deep in a stream is named by its whole path')
def deep_refusal(world):
    kernel = Kernel(world, 'stream-new')
    data = kernel.sock.recv(1 << 18)
    seq = struct.unpack_from('=I', data, 8)[0]
    port = attr(SPEC.sets['leg']['peer-port'].number, struct.pack('=H', 5001))
    kernel.answer(error(seq, EEXIST, 'no', data.index(port)))
    equal(kernel.output(), ['-17 no (stream.core.peer-port)'], 'result')


@test('what the kernel\'s core refuses without a sentence gets one')
def own_sentences(world):
    for number, want in ((EPERM, "needs CAP_NET_ADMIN in the network namespace's user namespace"),
                         (EOPNOTSUPP, 'the e2ae module does not know this operation'),
                         (ENOENT, 'the e2ae module is not loaded'), (12, 'Cannot allocate memory')):
        kernel = Kernel(world, 'sa-new')
        (seq, *_), = kernel.messages()
        kernel.answer(error(seq, number))
        equal(kernel.output(), [f'-{number} {want}'], 'result')


@test('answers to other requests are passed over')
def stale(world):
    kernel = Kernel(world, 'sa-new')
    (seq, *_), = kernel.messages()
    kernel.answer(error(seq - 1, EEXIST, 'an old one'))
    kernel.answer(error(seq, 0))
    equal(kernel.output(), ['0 '], 'result')


def play_batch(world, n, bad):
    """Plays the kernel for a batch of n; returns the sizes of its chunks and what the helper printed."""
    kernel, chunks, got = Kernel(world, 'batch', str(n)), [], 0
    while got < n:
        requests = list(kernel.messages())
        chunks.append(len(requests))
        out = []
        for i, (seq, flags, command, values) in enumerate(requests):
            got += 1
            last = i == len(requests) - 1
            equal((command, flags), (SPEC.commands['sa-del'], REQUEST | (ACK if last else 0)), 'request')
            equal(values, {'sa': [{'id': got}]}, 'request')
            if got in bad:
                out.append(error(seq, ENOENT, f'there is no SA {got}', 24))
            elif last:
                out.append(error(seq, 0))
        for one in out:
            kernel.answer(one)
    return chunks, kernel.output()


@test('a batch travels in chunks, and says which of its requests failed and why')
def batch(world):
    bad = [1, 2, 128, 129, 300, 500]
    chunks, lines = play_batch(world, 500, bad)
    equal(chunks, [128, 128, 128, 116], 'chunks')
    equal(lines, [f'{i - 1} -2 there is no SA {i} (sa.id)' for i in bad] + ['6 '], 'failures')


@test('a batch of which everything is refused still ends')
def batch_all_bad(world):
    _, lines = play_batch(world, 200, range(1, 201))
    equal(len(lines), 201, 'lines')
    equal(lines[-1], '200 ', 'result')


@test('a dump goes on over several datagrams and tells of a change meanwhile')
def dump(world):
    for interrupted in (False, True):
        kernel = Kernel(world, 'dump')
        (seq, flags, command, values), = kernel.messages()
        equal((flags, command, values), (REQUEST | DUMP, SPEC.commands['sa-get'], {}), 'request')
        mark = MULTI | (DUMP_INTR if interrupted else 0)
        for ids in ((1, 2), (3,)):
            kernel.answer(*((FAMILY, mark, seq, bytes([4, 1, 0, 0]) + encode('e2ae', {'sa': {'id': i}})) for i in ids))
        kernel.answer((NLMSG_DONE, MULTI, seq, struct.pack('=i', 0)))
        equal(kernel.output(), ['sa 1', 'sa 2', 'sa 3', f'{int(interrupted)} '], 'dump')


@test('a dump that fails at its end fails with its sentence')
def dump_fails(world):
    kernel = Kernel(world, 'dump')
    (seq, *_), = kernel.messages()
    kernel.answer((NLMSG_DONE, MULTI | TLVS, seq, struct.pack('=i', -12) + attr(1, b'no more\0')))
    equal(kernel.output(), ['-12 no more'], 'result')


@test('an event is decoded, others are passed over')
def event(world):
    kernel = Kernel(world, 'event')
    body = encode('event', {'stream': 5, 'leg': 'core', 'rtcp': True, 'addr': bytes([192, 0, 2, 1]), 'port': 5000})
    kernel.answer((FAMILY + 1, 0, 0, bytes([SPEC.commands['latched'], 1, 0, 0])),
                  (FAMILY, 0, 0, bytes([200, 1, 0, 0])),
                  (FAMILY, 0, 0, bytes([SPEC.commands['latched'], 1, 0, 0]) + body))
    equal([json.loads(line) for line in kernel.output()],
          [{'event': 'latched', 'stream': 5, 'leg': 'core', 'rtcp': True, 'addr': '192.0.2.1', 'port': 5000}], 'event')


def sample(set_name, number):
    """A value for every attribute of a set, as sent, and as JSON has it."""
    sent, told = {}, {}
    for i, (name, row) in enumerate(SPEC.sets[set_name].items(), number):
        if row.type == 'nest':
            value, json_value = sample(row.nested, number + i)
            sent[name] = [value, value] if row.multi else value
            told[name] = [json_value, json_value] if row.multi else json_value
            continue
        if row.enum:
            label = list(SPEC.enums[row.enum])[-1]
            sent[name], told[name] = label, label
        elif row.type == 'binary' and name.endswith('addr'):
            sent[name], told[name] = bytes([10, 0, 0, i % 256]), f'10.0.0.{i % 256}'
        elif row.type == 'binary':
            sent[name], told[name] = bytes([i, 0, 255]), bytes([i, 0, 255]).hex()
        elif row.type == 'string':
            sent[name] = told[name] = f'{name}("\\\x01\x7f")'
        elif row.type == 'flag':
            sent[name] = told[name] = True
        else:
            sent[name] = told[name] = {'u8': i % 256, 's64': -i, 'u64': (1 << 63) + i}.get(row.type, 1000 + i)
    for secret in ('key', 'salt'):
        if set_name == 'sa':
            del told[secret]
    return sent, told


@test('every attribute of the spec is understood and printed as JSON under its name; keys are not')
def decodes(world):
    for set_name in ('sa', 'stream', 'stats', 'event'):
        sent, told = sample(set_name, 1)
        done = subprocess.run([world.nl, '-', 'decode', set_name], input=encode(set_name, sent).hex(),
                              capture_output=True, text=True, check=True)
        equal(json.loads(done.stdout), told, set_name)


@test('attributes of a later kernel are passed over, malformed ones are an error')
def decodes_strange(world):
    for octets, want in ((encode('sa', {'id': 4}) + attr(999, b'x'), '"id":4,'),
                         (attr(1, b'\1\2'), 'malformed'), (attr(1, bytes(8)), 'malformed'),
                         (attr(5, bytes(129)), 'malformed'), (attr(18, b'x' * 128), 'malformed'),
                         (b''.join(attr(9, b'', True) for _ in range(65)), 'malformed'),
                         (encode('sa', {'id': 4}) + b'\xff\xff', 'malformed')):
        done = subprocess.run([world.nl, '-', 'decode', 'sa'], input=octets.hex(), capture_output=True, text=True,
                              check=True)
        if want not in done.stdout.replace('}', ',}'):
            raise AssertionError(f'{octets.hex()}: got {done.stdout}')


@test('after a call the library keeps no copy of a key')
def keys(world):
    kernel = Kernel(world, 'keys')
    for _ in range(2):
        requests = list(kernel.messages())
        equal(len(requests[0][3]['sa'][0]['key']), 24, 'octets of the key sent')
        kernel.answer(error(requests[-1][0], 0))
    equal(kernel.output(), ['given 1', 'sent 1 0', 'queued 2', 'committed 1 0', 'wiped 0', 'closed 0'],
          'copies of the key')
