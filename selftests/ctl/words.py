# SPDX-License-Identifier: GPL-2.0
"""What e2aectl understands and what it refuses, without a module: a namespace that is not there stands for one."""
import os
import time

from lib.ktap import equal, test
from lib.spec import SPEC
from tool import SUITES, ctl, key_file, memory_has, running

NOWHERE = ('-n', '/nowhere/at/all')
STREAM = 'stream add 1 access 192.0.2.1:4000 access-peer latch core 10.0.0.1:4000 core-peer 10.0.0.2:5000'.split()


def refused(words, sentence, about=None, text=''):
    """Asserts on a usage error: status 2, the sentence first, then how that verb alone is used."""
    done = ctl(*words, text=text)
    equal(done.returncode, 2, f'status of {words}: {done.stderr}')
    first, *rest = done.stderr.splitlines()
    if not first.startswith('e2aectl: ') or sentence not in first:
        raise AssertionError(f'{words}: said {first!r}, want {sentence!r}')
    equal(done.stdout, '', 'standard output')
    if about:
        equal([line for line in rest if line.startswith('usage:')],
              [line for line in rest if line.startswith(f'usage: e2aectl {about}')], 'usage lines')
        equal(len([line for line in rest if line.startswith('usage:')]), 1, 'usage lines')


def understood(*words, text=''):
    """Asserts that the words are right: only the namespace is missing."""
    done = ctl(*NOWHERE, *words, text=text)
    if done.returncode != 1 or 'cannot enter network namespace /nowhere/at/all' not in done.stderr:
        raise AssertionError(f'{words}: status {done.returncode}, {done.stderr}')


@test('words that are wrong are refused with status 2, a sentence and the usage of that verb')
def wrong(world):
    key = key_file(world.path('k30'), bytes(30))
    sa = ['sa', 'add', '1', 'suite', 'AES_CM_128_HMAC_SHA1_80', 'key-file', key]
    for words, sentence, about in (
            ([], 'what is to be done', None), (['-x', 'stats'], '-x is no option', None),
            (['-n'], '-n is no option, or its value is missing', None),
            (['-b', '-', 'stats'], 'no command may follow', None),
            (['peer'], 'there is no object peer', 'help'), (['s', 'show'], 'there is no object s', 'help'),
            (['sa'], 'sa needs a verb', None), (['sa', 'sho'], 'sa has no verb sho', None),
            (['stats', 'now'], 'nothing may follow stats', 'stats'), (['flush', '1'], 'nothing may follow', 'flush'),
            (['sa', 'add'], 'the ID is missing', 'sa add'), (['sa', 'del', '0'], '0 is no ID', 'sa del'),
            (['sa', 'del', '4294967296'], 'is no ID', 'sa del'), (['sa', 'del', '-1'], '-1 is no ID', 'sa del'),
            (['sa', 'show', '1', '2'], 'nothing may follow the ID', 'sa show'),
            (['sa', 'del', '1', 'force'], 'nothing may follow the ID', 'sa del'),
            (['sa', 'set', '1'], 'nothing is to be changed', 'sa set'),
            (['sa', 'set', '1', 'window', '128'], 'sa set has no word window', 'sa set'),
            (['sa', 'add', '1', 'suite', 'AES_CM_128_HMAC_SHA1_80'], 'key-file is missing', 'sa add'),
            (['sa', 'add', '1', 'key-file', key], 'suite is missing', 'sa add'),
            (['sa', 'add', '1', 'suite', 'AES_CM', 'key-file', key], 'there is no suite AES_CM', 'sa add'),
            (sa + ['suite', 'AEAD_AES_128_GCM'], 'suite is given twice', 'sa add'),
            (sa + ['window'], 'window needs a value: N', 'sa add'),
            (sa + ['window', '12x'], '12x is no number', 'sa add'),
            (sa + ['window', '4294967296'], 'is no number that fits', 'sa add'),
            (sa + ['window', '+1'], '+1 is no number', 'sa add'), (sa + ['window', '0x'], '0x is no number', 'sa add'),
            (sa + ['hard-packets', '18446744073709551616'], 'is no number that fits', 'sa add'),
            (sa + ['mki', ''], 'is not 1 to 128 octets', 'sa add'), (sa + ['mki', '123'], 'is not 1 to 128', 'sa add'),
            (sa + ['mki', 'zz'], 'is not 1 to 128', 'sa add'), (sa + ['mki', '00' * 129], 'is not 1 to 128', 'sa add'),
            (STREAM[:3] + ['core', '10.0.0.1:4000'], 'access is missing', 'stream add'),
            (STREAM[:-2], 'core-peer is missing', 'stream add'),
            (STREAM + ['rtcp', '5001'], '5001 is none of mux|next', 'stream add'),
            (STREAM + ['access-rtcp', '0'], '0 is none of mux|next|PORT', 'stream add'),
            (STREAM + ['access-rtcp', '65536'], 'is none of', 'stream add'),
            (STREAM + ['source', 'open'], 'open is none of strict|latch|any', 'stream add'),
            (STREAM + ['nonmedia', 'pass'], 'pass is none of drop|local', 'stream add'),
            (STREAM + ['access-dscp', '64'], '64 is not 0 to 63 or keep', 'stream add'),
            (STREAM + ['core-rtcp-peer', '10.0.0.1'], 'is not ADDR:PORT', 'stream add'),
            (STREAM + ['sourc', 'any'], 'stream add has no word sourc', 'stream add'),
            (['help', 'nothing'], 'there is no nothing', 'help')):
        refused(words, sentence, about)


@test('addresses are ADDR:PORT, and [ADDR]:PORT for IPv6; everything else is refused')
def addresses(world):
    for good in ('192.0.2.1:1', '192.0.2.1:65535', '[2001:db8::1]:4000', '[::]:4000', '[fe80::1]:9'):
        understood('stream', 'set', 1, 'access-peer', good)
        understood('stream', 'set', 1, 'core-rtcp-peer', good)
    for bad in ('192.0.2.1', '192.0.2.1:', '192.0.2.1:0', '192.0.2.1:65536', '192.0.2:4000', '192.0.2.256:4000',
                '[192.0.2.1]:4000', '2001:db8::1:4000', '[2001:db8::1]', '[2001:db8::1:4000', 'host:4000', ':4000',
                '[]:4000', '192.0.2.1:4000x', ' 192.0.2.1:4000', ''):
        refused(['stream', 'set', 1, 'core', bad], 'core: ', 'stream set')
    for good in ('latch', 'latch=10.0.0.0/8', 'latch=0.0.0.0/0', 'latch=2001:db8::/128'):
        understood('stream', 'set', 1, 'core-peer', good)
    for bad in ('latch=', 'latch=10.0.0.0', 'latch=10.0.0.0/33', 'latch=2001:db8::/129', 'latch=10.0.0.0/-1',
                'latch:10.0.0.0/8'):
        refused(['stream', 'set', 1, 'core-peer', bad], 'core-peer: ', 'stream set')


@test('every word of the help is understood with a value of its kind')
def every_word(world):
    values = {'N': '1', 'ID': '3', 'HEX': '00ff', 'FILE|-': key_file(world.path('all'), bytes(30)), 'SECONDS': '30',
              'HZ': '8000', 'MS': '100', 'N|keep': 'keep', 'ADDR:PORT': '192.0.2.9:4000',
              'ADDR:PORT|latch|latch=PREFIX': 'latch', 'ADDR:PORT|PORT': '4001', 'mux|next|PORT': '4003',
              'mux|next': 'mux', 'SSRC:ROC:SEQ[:RTCP-INDEX]': 'deadbeef:0:1', 'strict|latch|any': 'any',
              'drop|local': 'local'}
    for line in ctl('help', 'words').stdout.splitlines():
        thing, verb, _, *words = line.split()
        given = []
        for word in words:
            name, equals, kind = word.partition('=')
            if kind == 'IF':    # asks the namespace
                continue
            given.append(name)
            if equals:
                given.append(kind.split('|')[0] if name == 'suite' else values[kind])
        if verb != '-' and words:
            understood(thing, verb, '1', *given)


@test('a state is SSRC:ROC:SEQ[:RTCP-INDEX] with the SSRC as 8 hexadecimal digits')
def states(world):
    path = key_file(world.path('states'), bytes(30))
    sa = ['sa', 'add', '1', 'suite', 'AES_CM_128_HMAC_SHA1_80', 'key-file', path, 'state']
    for good in ('deadbeef:0:0', '0xdeadbeef:4294967295:65535', '0x1:1:1:0', '00000001:1:1:2147483648',
                 'DEADBEEF:-:-:7'):
        understood(*sa, good)
    for bad in ('', 'deadbeef', 'deadbeef:0', '1:0:0', '123456789:0:0', '0x:0:0', '0x123456789:0:0', 'deadbeeg:0:0',
                'deadbeef:4294967296:0', 'deadbeef:0:65536', 'deadbeef:0:0:2147483649', 'deadbeef:0:0:0:0',
                'deadbeef:-:-', 'deadbeef::', 'deadbeef:-1:0'):
        refused(sa + [bad], 'state: ', 'sa add')
    most = SPEC.consts['max-ssrcs']
    many = [word for i in range(most) for word in (f'0x{i:x}:0:0', 'state')]
    understood(*sa, *many[:-1])
    refused(sa + many + ['0x99:0:0'], f'more than {most} times', 'sa add')


@test('a key file holds one line of base64 with the octets of its suite, and nothing else')
def key_files(world):
    for suite, (key, salt) in SUITES.items():
        total = key + salt
        good = key_file(world.path('good'), os.urandom(total))
        understood('sa', 'add', 1, 'suite', suite, 'key-file', good)
        understood('sa', 'add', 1, 'key-file', good, 'suite', suite)
        with open(good, encoding='ascii') as f:
            understood('sa', 'add', 1, 'suite', suite, 'key-file', '-', text=f.read())
        for size in (total - 1, total + 1, 0):
            bad = key_file(world.path('bad'), os.urandom(size))
            sentence = f'holds {size} octets, {suite} needs {total}' if size else 'not one line of base64'
            refused(['sa', 'add', 1, 'suite', suite, 'key-file', bad], sentence, 'sa add')
    for text in ('A' * 39, 'A' * 39 + '!', 'A' * 40 + '\n' + 'A' * 40, '=' * 40, 'A' * 4096, 'inline:' + 'A' * 40,
                 'A' * 36 + '=AA=', '\0' * 40):
        with open(world.path('bad'), 'w', encoding='ascii') as f:
            f.write(text)
        for name in [world.path('bad')] + ['-'] * ('\n' not in text):
            refused(['sa', 'add', 1, 'suite', 'AES_CM_128_HMAC_SHA1_80', 'key-file', name], 'not one line of base64',
                    'sa add', text=text)


@test('a key file that others can read is warned of; one that is not there is told')
def key_modes(world):
    sa = ['sa', 'add', 1, 'suite', 'AES_CM_128_HMAC_SHA1_80', 'key-file']
    for mode, warned in ((0o600, False), (0o400, False), (0o640, True), (0o604, True)):
        done = ctl(*NOWHERE, *sa, key_file(world.path(f'm{mode:o}'), bytes(30), mode))
        equal('others can read or change the key file' in done.stderr, warned, f'warning at {mode:o}')
        equal(done.returncode, 1, 'status')
    done = ctl(*sa, world.path('gone'))
    equal((done.returncode, 'No such file' in done.stderr), (1, True), 'a missing file')


@test('neither a message nor the usage shows a key')
def no_key_shown(world):
    text = 'c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0'
    for words in (['suite', 'AES_256_CM_HMAC_SHA1_80'], ['suite', 'AES_CM_128_HMAC_SHA1_80'], ['suite', 'no']):
        for tail in ('', '!', '\nmore'):
            done = ctl(*NOWHERE, 'sa', 'add', 1, 'key-file', '-', *words, text=text + tail)
            if text[:8] in done.stdout + done.stderr or 'secret' in done.stdout + done.stderr:
                raise AssertionError(f'{words}: {done.stderr}')


def wait_for_line(process, words):
    """Waits until the tool has said something with these words."""
    for line in process.stderr:
        if words in line:
            return
    raise AssertionError(f'e2aectl ended without {words!r}')


@test('while a batch goes on, the tool keeps no key of an earlier line')
def keys_in_memory(world):
    octets = os.urandom(30)
    path = key_file(world.path('memory'), octets)
    with open(path, 'rb') as f:
        text = f.read().strip()
    with running(*NOWHERE, '-force', '-b', '-') as process:
        process.stdin.write(f'sa add 1 suite AES_CM_128_HMAC_SHA1_80 key-file {path}\n')
        process.stdin.flush()
        wait_for_line(process, 'cannot enter')
        time.sleep(0.1)
        equal(memory_has(process.pid, path.encode()), True, 'the name of the key file in memory')
        for what, secret in (('key', octets[:16]), ('salt', octets[16:]), ('base64', text), ('half', text[:20])):
            equal(memory_has(process.pid, secret), False, f'{what} in memory')


@test('a batch tells the line, stops there, and goes on with -force')
def batches(world):
    path = world.path('batch')
    with open(path, 'w', encoding='ascii') as f:
        f.write('# a comment\n\n   help sa del   # more\nsa show x\nhelp sa show\n')
    done = ctl('-b', path)
    equal((done.returncode, 'sa show' in done.stdout), (2, False), 'stopped')
    equal(done.stderr.splitlines()[0], f'e2aectl: {path}:4: x is no ID: a number from 1 to 4294967295', 'sentence')
    done = ctl('-force', '-b', path)
    equal((done.returncode, 'sa show' in done.stdout), (2, True), 'went on')
    done = ctl('-b', '-', text='monitor\n')
    equal((done.returncode, 'no place in a batch' in done.stderr), (2, True), 'monitor')
    done = ctl('-b', '-', text='sa add 1 suite AEAD_AES_128_GCM key-file -\n')
    equal((done.returncode, 'standard input holds the commands' in done.stderr), (2, True), 'key from stdin')
    done = ctl(*NOWHERE, '-b', '-', text='sa del 1\nsa del 2\n')
    equal((done.returncode, 'standard input:1: ' in done.stderr, ':2:' in done.stderr), (1, True, False), 'refused')
    equal(ctl('-b', world.path('none')).returncode, 1, 'status without the file')


@test('help comes on standard output with status 0, for everything, an object, or a verb')
def helps(world):
    for words, count in ((['help'], 18), (['-h'], 18), (['sa', 'help'], 4), (['help', 'stream', 'add'], 1),
                         (['stream', 'add', 'help'], 1)):
        done = ctl(*words)
        equal((done.returncode, done.stderr), (0, ''), f'{words}')
        equal(done.stdout.count('usage: e2aectl'), count, f'usages of {words}')
        equal([line for line in done.stdout.splitlines() if len(line) > 79], [], 'lines too long')
    equal(ctl('-V').stdout.startswith('e2aectl '), True, '-V')
