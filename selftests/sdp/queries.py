# SPDX-License-Identifier: GPL-2.0
"""What agent/media says of session descriptions, against reference.py and against what they were written to say."""
import random

from helper import sample, samples
from lib.ktap import equal, test
from reference import E2AE, E2E, EBADMSG, ENOENT, ERANGE, KEY_MGMT, NONE, OFF, UNUSABLE, Description

SECURITY = {
    'volte-sdes': [E2AE], 'volte-plain': [NONE], 'video': [NONE, NONE, OFF], 't38': [OFF, NONE],
    'msrp-tls': [E2AE, NONE], 'webrtc': [E2E, OFF, E2E, E2E],
    'desk-e2e': [E2E, E2E, E2AE, UNUSABLE, UNUSABLE, UNUSABLE, E2E], 'rfc4567-session': [KEY_MGMT, NONE],
    'rfc4567-media': [KEY_MGMT, NONE, KEY_MGMT], 'rfc4568': [E2E], 'rfc3264': [NONE, OFF, NONE, NONE],
    'rfc8866': [NONE, NONE, NONE], 'rfc5939': [NONE], 'odd': [E2AE, NONE, E2E, NONE],
}
# sample: m-line: facts
FACTS = {
    'volte-sdes': {0: {'as': 49, 'direction': 0}, 1: {
        'media': 'audio', 'port': 50010, 'proto': 'RTP/SAVP', 'formats': '127 126 107 106 105 104 101 102',
        'secure': 1, 'other': 'RTP/AVP', 'six': 1, 'octets': '20010db80041002e0000000000000007', 'clock': 16000,
        'ptime': 20000, 'e2ae': 1, 'as': 49, 'direction': 0, 'ice': 0}},
    'volte-plain': {1: {'addr': '10.20.30.40', 'octets': '0a141e28', 'direction': 3, 'clock': 16000, 'other': 'RTP/SAVP'}},
    'video': {1: {'direction': 2, 'rtcp': {'x': 0, 'err': 0, 'mux': 0, 'only': 0, 'given': 1, 'port': 40007},
                  'ssrcs': [0, 0x12345678], 'clock': 8000, 'other': 'RTP/SAVP'},
              2: {'direction': 1, 'ssrcs': [0, 1, 2], 'as': 960, 'clock': 90000, 'other': 'RTP/SAVPF'},
              3: {'port': 0, 'clock': ENOENT}},
    't38': {2: {'proto': 'udptl', 'other': '', 'secure': 0, 'clock': ENOENT, 'addr': '198.51.100.9'}},
    'msrp-tls': {1: {'path': 'msrps://203.0.113.5:7394/2s93i93idj;tcp', 'setup': 3, 'cema': 1, 'e2ae': 1,
                     'other': 'TCP/MSRP'}, 2: {'cema': 0, 'setup': 1, 'e2ae': 0, 'other': 'TCP/TLS/MSRP'}},
    'webrtc': {0: {'ice': 0b110000}, 1: {'ice': 0b100001111, 'bundled': 1, 'clock': 48000, 'ptime': 2500},
               2: {'bundled': 1, 'ice': 0, 'clock': 90000}, 3: {'bundled': 1, 'ice': 0b11001100}, 4: {'bundled': 0}},
    'rfc4567-session': {1: {'host': 1, 'any': 0, 'addr': 'lost.example.com', 'key_mgmt': [
        0, {'x': 0, 'session': 1, 'protocol': 'mikey', 'data': 'AQAFgM0XflABAAAAAAAAAAAAAAsAyO...'},
        {'x': 0, 'session': 1, 'protocol': 'keyp1', 'data': '727gkdOshsuiSDF9sdhsdKnD/dhsoSJokdo7eWD...'},
        {'x': 0, 'session': 1, 'protocol': 'keyp2', 'data': 'DFsnuiSDSh9sdhKksd/dhsoddo7eOok727gWsJD...'}]},
        2: {'key_mgmt': [0]}},
    'rfc4567-media': {1: {'key_mgmt': [0, {'x': 0, 'session': 0, 'protocol': 'mikey',
                                           'data': 'AQAFgM0XflABAAAAAAAAAAAAAAsAy...'}]}},
    'odd': {1: {'port': 3456, 'ports': 2, 'secure': 1, 'other': 'RTP/AVP', 'ptime': 30500, 'direction': 3, 'as': 64,
                'addr': '239.1.2.3', 'e2ae': 1, 'clock': 8000, 'rtcp': {'x': 0, 'err': EBADMSG}, 'setup': 4},
            2: {'any': 1, 'host': 1}, 3: {'any': 1, 'host': 0, 'secure': 1, 'other': ''},
            4: {'rtcp': {'x': 0, 'err': ERANGE}, 'any': 1, 'addr': '0.0.0.0'}},
}


@test('every sample says what it was written to say')
def facts(world):
    for name in samples():
        told = world.ask(sample(name))
        equal(told['check'], 0, f'{name}: check')
        equal([level['security'] for level in told['levels'][1:]], SECURITY[name], f'{name}: security')
        for level, wanted in FACTS.get(name, {}).items():
            for key, value in wanted.items():
                equal(told['levels'][level].get(key), value, f'{name}: {level}: {key}')


@test('of every sample, with CRLF and with LF, a parser written apart says the same')
def samples_agree(world):
    for name in samples():
        for ending in (b'\r\n', b'\n'):
            body = sample(name, ending)
            equal(world.ask(body), Description(body).told(), name)


def mangle(rng, body):
    """One of the ways to spoil a body."""
    lines = body.splitlines(keepends=True)
    pick = rng.randrange(len(lines))
    way = rng.randrange(8)
    if way == 0:
        del lines[pick]
    elif way == 1:
        lines.insert(rng.randrange(len(lines)), lines[pick])
    elif way == 2:
        other = rng.randrange(len(lines))
        lines[pick], lines[other] = lines[other], lines[pick]
    elif way == 3:
        words = lines[pick].split(b' ')
        del words[rng.randrange(len(words))]
        lines[pick] = b' '.join(words)
    elif way == 4:
        lines[pick] = lines[pick].replace(b' ', rng.choice((b'  ', b'\t', b' \t', b'')), 1)
    elif way == 5:
        return body[:rng.randrange(len(body))]
    elif way == 6:
        lines[pick] = lines[pick].swapcase()
    else:
        at = rng.randrange(len(body))
        return body[:at] + bytes([rng.choice(b'\r\n\0 \t:/0129=am\xff')]) + body[at + rng.randrange(2):]
    return b''.join(lines)


@test('of 3000 spoilt samples a parser written apart says the same, and unedited they come out as they are')
def spoilt_agree(world):
    rng, refused = random.Random(4566), 0
    for _ in range(3000):
        body = sample(rng.choice(samples()), rng.choice((b'\r\n', b'\n')))
        for _ in range(rng.randrange(1, 6)):
            body = mangle(rng, body) or b'v=0'
        told = world.ask(body)
        equal(told, Description(body).told(), repr(body))
        equal(world.run(body), (None, body), 'unedited')
        refused += told['check'] != 0
    if not 300 < refused < 2700:
        raise AssertionError(f'{refused} of 3000 were refused: they show little')


@test('what other parsers could read differently, or edits cannot work on, is refused')
def refused(world):
    good = sample('volte-plain')
    for old, new in ((b'v=0', b'v=1'), (b'v=0\r\n', b''), (b's=-', b's=-\rm=audio 1 RTP/AVP 0'), (b's=-', b's=\0'),
                     (b'o=- 184', b'x=- 184'), (b' IN IP4 10.20.30.40\r\ns', b' IN IP4\r\ns'), (b'm=audio 30000', b'm=audio'),
                     (b'30000', b'65536'), (b'30000', b'-1'), (b'30000', b'30000/0'), (b'c=IN IP4 10.20.30.40\r\n', b''),
                     (b'c=IN IP4 10.20.30.40', b'c=IN IP4'), (b'c=IN IP4 10.20.30.40', b'c=IN IP4 1 2'),
                     (b's=-\r\n', b's=-\r\r\n')):
        assert old in good, old
        equal(world.run(good.replace(old, new, 1), 'check'), ('EBADMSG', b''), f'{old} to {new}')
    for old, new in ((b'c=IN IP4', b'c=ATM NSAP'), (b'c=IN IP4', b'c=IN IP5')):
        equal(world.run(good.replace(old, new, 1), 'check'), ('EAFNOSUPPORT', b''), f'{new}')
    equal(world.run(b'', 'check'), ('EBADMSG', b''), 'nothing')
    equal(world.run(good.replace(b'30000', b'0').replace(b'c=IN IP4 10.20.30.40\r\n', b''), 'check'), (None, good.replace(
        b'30000', b'0').replace(b'c=IN IP4 10.20.30.40\r\n', b'')), 'a rejected line needs no address')


@test('too large, too many lines and too many m-lines are refused; the largest allowed are not')
def limits(world):
    head = b'v=0\r\n'
    for body, fault in ((head + b'a' * (65535 - 5), None), (head + b'a' * (65536 - 5), 'EMSGSIZE'),
                        (b'\n' * 1024, None), (b'\n' * 1025, 'E2BIG'),
                        (head + b'm=a 1 b c\n' * 64, None), (head + b'm=a 1 b c\n' * 65, 'E2BIG')):
        equal(world.run(body), (fault, b'' if fault else body), f'{len(body)} octets')
