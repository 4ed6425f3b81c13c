#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""e2aectl: a whole call by its words, its output, its refusals, its batches."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))

import json
import signal
import subprocess
import tempfile

from lib.call import SSRC, Call, Key
from lib.child import at_rest
from lib.ctl import CTL, ENV, Ctl, CtlError, key_line
from lib.ktap import equal, run, test
from lib.packets import octets, rtp, sender_report
from lib.topology import FAR, GW, Topology, other_address
from peers.oracle import Forged
from peers.suites import ENCRYPTING, fresh_key

CTL_GW = Ctl('gw')
CM80 = ENCRYPTING[0]


def refused(status, part, text, stdin=b''):
    """Runs what must fail; returns what was said."""
    try:
        CTL_GW(text, stdin)
    except CtlError as no:
        equal(no.status, status, text)
        assert part in no.said, f'{text}: "{no.said}" has no "{part}"'
        return no.said
    raise AssertionError(f'accepted: {text}')


def address(side, family, port):
    text = GW[side, family]
    return f'[{text}]:{port}' if family == 6 else f'{text}:{port}'


def peer(side, family, port):
    text = FAR[side, family]
    return f'[{text}]:{port}' if family == 6 else f'{text}:{port}'


class ByHand(Call):
    """A call that e2aectl makes."""

    def __init__(self, world, *args, words='', **kwargs):
        self.words = words
        super().__init__(world, *args, **kwargs)

    def _make(self, access, core, stream):
        CTL_GW.sa_add(self.in_key)
        CTL_GW.sa_add(self.out_key)
        family = self.families
        CTL_GW(f'stream add {self.n}'
               f' access {address("access", family["access"], self.near["access"])}'
               f' access-peer {peer("access", family["access"], self.far["access"])}'
               f' core {address("core", family["core"], self.near["core"])}'
               f' core-peer {peer("core", family["core"], self.far["core"])}'
               f' in-sa {self.in_key.ident} out-sa {self.out_key.ident} {self.words}')


@test('a call made by e2aectl alone carries media both ways')
def whole_call(world):
    for families in ((4, 4), (6, 6), (4, 6)):
        for suite in (CM80, 'AES_192_CM_HMAC_SHA1_32', 'AEAD_AES_256_GCM'):
            call = ByHand(world, suite, mki=b'\xab\xcd', families=families)
            call.up(rtp(1))
            call.down(rtp(1))
            call.up_rtcp(sender_report(), 0)
            call.down_rtcp(sender_report())
            CTL_GW(f'stream del {call.n}')
            CTL_GW(f'sa del {call.in_key.ident}')
            CTL_GW(f'sa del {call.out_key.ident}')
            equal(world.nl.dump('sa-get')[0], [], 'SAs left')


@test('what was said by words is what the kernel has')
def words(world):
    call = ByHand(world, words='access-rtcp mux core-rtcp 7777 access-source latch timeout 30'
                  ' access-nonmedia local core-dscp 46 access-mark 7 grace 100 clock-rate 16000'
                  ' access-dev acc0', rtcp='mux', sockets=False)
    got = call.show()
    equal((got['timeout'], got['grace'], got['clock-rate']), (30, 100, 16000), 'stream')
    access, core = got['access'], got['core']
    equal((access['rtcp-mode'], core['rtcp-mode'], core['rtcp-port']), (1, 2, 7777), 'RTCP')
    equal((access['source'], access['nonmedia'], access['mark']), (1, 1, 7), 'access leg')
    equal((core['dscp'], 'plain' in core, access['ifindex'] > 0), (46, True, True), 'legs')
    CTL_GW(f'stream set {call.n} source any timeout 0 core-peer 10.2.0.9:9000')
    got = call.show()
    equal((got['timeout'], got['access']['source'], got['core']['source']), (0, 2, 0), 'changed')
    equal((got['core']['peer-addr'], got['core']['peer-port']), (octets('10.2.0.9'), 9000), 'peer')
    key = Key(500, CM80)
    CTL_GW.sa_add(key, 'window', 4096, 'soft-packets', 10, 'hard-packets', 20, 'roc', 3,
                  'ssrc-max', 4, 'state', '0000abcd:5:6:7', 'guard', 2, 'fixed-ssrcs')
    sa = call.sa(key)
    equal([sa[n] for n in ('window', 'soft-packets', 'hard-packets', 'roc', 'ssrc-max')],
          [4096, 10, 20, 3, 4], 'SA')
    equal(sa['state'][0]['seq'], 8, 'SEQ and guard')
    CTL_GW('sa set 500 hard-packets 30')
    equal(call.sa(key)['hard-packets'], 30, 'hard-packets')


@test('a plain core leg latches into the network that was named')
def latch(world):
    CTL_GW.sa_add(a := Key(501, CM80))
    CTL_GW.sa_add(b := Key(502, CM80))
    CTL_GW(f'stream add 500 access {GW["access", 4]}:6900 access-peer latch core'
           f' {GW["core", 4]}:7900 core-peer latch=10.2.0.0/29 in-sa 501 out-sa 502 rtcp mux')
    near = world.port('core', 8900, address=other_address('core', 4, 5))
    far = world.port('core', 8901, address=other_address('core', 4, 9))
    ue = world.port('access', 5900)
    ue.send(a.oracle.protect(rtp(1)), (GW['access', 4], 6900))
    far.send(rtp(1), (GW['core', 4], 7900))
    near.send(rtp(2), (GW['core', 4], 7900))
    equal(b.oracle.unprotect(ue.receive()), rtp(2), 'from inside')
    equal(ue.drain(0.02), [], 'from outside')
    refused(1, 'latch', f'stream add 501 access {GW["access", 4]}:6910 access-peer latch core'
            f' {GW["core", 4]}:7910 core-peer latch in-sa 501 out-sa 502')


@test('JSON is valid and says what netlink says')
def as_json(world):
    call = ByHand(world)
    call.up(rtp(7))
    call.down(rtp(8))
    sas = {s['id']: s for s in CTL_GW.json('sa', 'show', options=['-s'])}
    equal(set(sas), {call.in_key.ident, call.out_key.ident}, 'ids')
    for key in (call.in_key, call.out_key):
        want, got = call.sa(key), sas[key.ident]
        equal(set(got) - {'expired', 'drops', 'autodel', 'fixed-ssrcs', 'mki'} - set(want), set(),
              'names')
        for name in ('window', 'roc', 'ssrc-max', 'streams', 'cipher', 'stats'):
            equal(got[name], want[name], name)
        equal(got['state'][0]['seq'], want['state'][0]['seq'], 'SEQ')
    got = CTL_GW.json('stream', 'show', call.n)[0]
    equal((got['access']['local-addr'], got['access']['local-port'], got['access']['in-sa']),
          ('10.1.0.1', call.near['access'], call.in_key.ident), 'access leg')
    stats = CTL_GW.json('stats')
    equal(stats['streams'], 1, 'streams')
    equal(stats['relayed'], world.nl.do('stats-get')['stats']['relayed'], 'relayed')
    assert CTL_GW.json('version')['module'], 'version'
    for text in ('sa show', 'stream show', 'stats', 'version'):
        assert CTL_GW(text).strip(), text


@test('a call is taken over with the words that sa show gave')
def failover(world):
    call = ByHand(world)
    for seq in (65535, 0, 9):
        call.up(rtp(seq), seq != 65535)
        call.down(rtp(seq), seq != 65535)
    call.down_rtcp(sender_report())
    states = {}
    for key in (call.in_key, call.out_key):
        one = CTL_GW.json('sa', 'show', key.ident)[0]['state'][0]
        states[key.ident] = f'{one["ssrc"]:08x}:{one["roc"]}:{one["seq"]}:{one["rtcp-index"]}'
    CTL_GW('flush')
    for key, more in ((call.in_key, ()), (call.out_key, ('guard', 10))):
        CTL_GW.sa_add(key, 'state', states[key.ident], *more)
    CTL_GW(f'stream add {call.n} access {GW["access", 4]}:{call.near["access"]}'
           f' access-peer {FAR["access", 4]}:{call.far["access"]} core {GW["core", 4]}:'
           f'{call.near["core"]} core-peer {FAR["core", 4]}:{call.far["core"]}'
           f' in-sa {call.in_key.ident} out-sa {call.out_key.ident}')
    for seq in (9, 10, 19):
        call.core.send(rtp(seq, payload=b'again'))
    call.ue.send(call.in_key.oracle.protect(rtp(9), 1))
    call.silent('core')
    call.silent('access')
    call.up(rtp(10), 1)
    call.down(rtp(20), 1)
    equal(call.down_rtcp(sender_report()), 11, 'SRTCP index past the guard')


@test('a key that is replaced by words is replaced')
def rekey(world):
    call = ByHand(world)
    call.down(rtp(1))
    CTL_GW.sa_add(new := Key(510, CM80))
    CTL_GW(f'stream set {call.n} out-sa 510')
    call.core.send(rtp(2))
    srtp = call.ue.receive()
    equal(new.oracle.unprotect(srtp), rtp(2), 'under the new key')
    try:
        call.out_key.oracle.unprotect(srtp)
    except Forged:
        return
    raise AssertionError('still under the old key')


@test('keys come from files and standard input only, and bad ones are refused unseen')
def keys(world):
    key, salt = fresh_key(CM80)
    with tempfile.NamedTemporaryFile(dir='/dev/shm') as f:
        f.write(key_line(key, salt))
        f.flush()
        CTL_GW(f'sa add 1 suite {CM80} key-file {f.name}')
    call = Call(world, secrets=(None, (key, salt)), sockets=False)
    world.nl.do('stream-del', stream={'id': call.n})
    line = key_line(key, salt)
    for bad in (b'', b'\n', line[:20], b'AAAA' + line, b'not base64 at all, is it?\n',
                line.strip() + b'!\n'):
        try:
            CTL_GW(f'sa add 9 suite {CM80} key-file -', bad)
        except CtlError as no:
            assert no.status in (1, 2), no
            assert line[:12].decode() not in no.said, 'a key was shown'
        else:
            raise AssertionError(f'accepted a bad key file: {bad}')
    refused(1, 'No such file', f'sa add 9 suite {CM80} key-file /dev/shm/none')
    equal([s['sa'][0]['id'] for s in world.nl.dump('sa-get')[0] if s['sa'][0]['id'] == 9], [], 'SA 9')
    for options in ((), ('-s',), ('-j', '-s')):
        shown = CTL_GW.run('sa', 'show', options=options)
        assert key.hex() not in shown and line[:20].decode() not in shown, 'a key was shown'


@test('wrong words end with 2 and usage, refusals with 1 and the kernel\'s sentence')
def errors(world):
    for text in ('', 'sa', 'sa bla', 'bla', 'sa ad 1', 'sa add', 'sa add x', 'sa add 1 suite Z',
                 'sa show 1 2', 'stream add 1', 'stream add 1 access 10.1.0.1', 'flush now',
                 'stream add 1 access 10.1.0.1:70000', 'sa del 0', 'sa add 1 window 64',
                 'sa add -1', 'sa add 4294967296', 'stream set 1 rtcp maybe'):
        refused(2, '', text)
    refused(1, 'no SA', 'sa del 77')
    refused(1, 'no stream', 'stream show 77')
    call = ByHand(world)
    refused(1, 'stream names this SA', f'sa del {call.in_key.ident}')
    refused(1, 'in use for receiving', f'stream set {call.n} out-sa {call.in_key.ident}')
    refused(1, 'stays secure', f'stream set {call.n} plain')


def batch(text, *options):
    """Runs a batch; returns its status and what it said."""
    with tempfile.NamedTemporaryFile('w', dir='/dev/shm', suffix='.batch') as f:
        f.write(text)
        f.flush()
        done = subprocess.run([CTL, '-n', 'gw', *options, '-b', f.name], capture_output=True,
                              text=True, timeout=60, env=ENV, check=False)
    return done.returncode, done.stderr


def batch_line(n, more=''):
    port = 10000 + 2 * n
    return (f'stream add {n} plain access 10.1.0.1:{port} access-peer 10.1.0.2:5000'
            f' core 10.2.0.1:{port} core-peer 10.2.0.2:8000 rtcp mux {more}\n')


@test('a batch does all its lines, or says which one failed and does none after it')
def batches(world):
    text = '# a comment\n\n' + ''.join(batch_line(n) for n in range(1, 1001))
    equal(batch(text), (0, ''), 'batch')
    equal(len(world.nl.dump('stream-get')[0]), 1000, 'streams')
    CTL_GW('flush')
    text = ''.join(batch_line(n) for n in range(1, 301)) + batch_line(5) + \
        ''.join(batch_line(n) for n in range(400, 420))
    status, said = batch(text)
    equal(status, 1, 'status')
    assert ':301:' in said and 'taken' in said, said
    left = [s['stream']['id'] for s in world.nl.dump('stream-get')[0]]
    equal(left, list(range(1, 301)), 'streams before the line at fault')
    CTL_GW('flush')
    status, said = batch(text, '-force')
    equal((status, len(world.nl.dump('stream-get')[0])), (1, 320), 'with -force')
    status, said = batch(batch_line(1000) + 'stream nonsense 1\n' + batch_line(1001))
    equal(status, 2, said)
    assert ':2:' in said, said


@test('monitor tells events as they come, one a line')
def monitor(world):
    with subprocess.Popen([CTL, '-n', 'gw', '-j', 'monitor'], stdout=subprocess.PIPE, text=True,
                          env=ENV) as program:
        at_rest(program.pid)
        call = Call(world, access={'peer-addr': None, 'peer-port': None},
                    in_sa={'soft-packets': 2})
        call.up(rtp(1))
        call.up(rtp(2))
        at_rest(program.pid)
        program.send_signal(signal.SIGTERM)
        lines = [json.loads(line) for line in program.stdout]
    told = [line['event'] for line in lines]
    equal(told, ['sa-ssrc', 'latched', 'sa-expire'], 'events')
    equal((lines[0]['ssrc'], lines[1]['addr'], lines[2]['sa'], lines[2]['expiry']),
          (SSRC, '10.1.0.2', call.in_key.ident, 'soft'), 'what they say')


run(Topology)
