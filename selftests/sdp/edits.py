# SPDX-License-Identifier: GPL-2.0
"""Edits of session descriptions: the whole body that comes out is compared, octet by octet."""
import difflib

from helper import sample, samples
from lib.ktap import equal, test

CRYPTO = '1 AES_CM_128_HMAC_SHA1_80 inline:QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIz'


def changed(body, changes):
    """A body of which the lines numbered (from 1) are replaced by lists of lines; '=' stands for the line itself.

    New lines end like the line that was there, or like the body's first line if that had no end.
    """
    out = []
    for number, line in enumerate(body.splitlines(keepends=True), 1):
        text = line.rstrip(b'\r\n')
        end = line[len(text):]
        new = [text if one == '=' else one.encode() for one in changes.get(number, ['='])]
        if not end and len(new) > 1:
            end = b'\r\n' if b'\r\n' in body else b'\n'
        out += [one + end for one in new]
    return b''.join(out)


def same(got, want, what):
    """Asserts equality of bodies, shows a diff."""
    lines = [[repr(line) for line in body.splitlines(keepends=True)] for body in (want, got)]
    if got != want:
        raise AssertionError('\n'.join([what, *difflib.unified_diff(*lines, 'wanted', 'got', lineterm='')]))


def check(world, name, commands, changes):
    """Asserts on a sample with CRLF, with LF, and without its last line end."""
    for body in (sample(name), sample(name, b'\n'), sample(name)[:-2], sample(name, b'\n')[:-1]):
        same(world.edit(body, *commands), changed(body, changes), f'{name}: {commands}')


@test('without an edit every sample comes out as it went in')
def untouched(world):
    for name in samples():
        check(world, name, [], {})


@test('an m-line gets another port, and no number of ports; nothing else of it changes')
def port(world):
    check(world, 'video', ['port 1 4000', 'port 2 65535', 'port 2 0'], {
        8: ['m=audio 4000 RTP/AVP 98 8'], 14: ['m=video 0 RTP/AVPF 99']})
    check(world, 'odd', ['port 1 7'], {12: ['m=audio\t 7  rtp/savp   0']})
    check(world, 'odd', ['port 1 3456'], {12: ['m=audio\t 3456  rtp/savp   0']})
    equal(world.run(sample('video'), 'port', 4, 1), ('ENOENT', b''), 'no such line')
    equal(world.run(sample('video'), 'port', 0, 1), ('ENOENT', b''), 'the session')


@test('transports are exchanged for their secure and plain counterparts, and only those that have one')
def secure(world):
    check(world, 'video', ['secure 1 1', 'secure 2 1'], {
        8: ['m=audio 40000 RTP/SAVP 98 8'], 14: ['m=video 40002 RTP/SAVPF 99']})
    check(world, 'desk-e2e', ['secure 1 0', 'secure 2 0', 'secure 3 1', 'secure 3 0', 'port 1 9'], {
        6: ['m=audio 9 RTP/AVP 9 0 101']})
    check(world, 'odd', ['secure 1 0', 'port 1 9'], {12: ['m=audio\t 9  RTP/AVP   0']})
    check(world, 'msrp-tls', ['secure 1 0', 'secure 2 1'], {
        6: ['m=message 7394 TCP/MSRP *'], 12: ['m=message 7395 TCP/TLS/MSRP *']})
    for name, line in (('t38', 2), ('video', 3), ('webrtc', 1), ('webrtc', 3)):
        for way in (0, 1):
            fault = world.run(sample(name), 'secure', line, way)[0]
            # What is secure, or plain, already and is known by name stays.
            stays = (name, line, way) in (('t38', 2, 0), ('webrtc', 1, 1))
            equal(fault, None if stays else 'EPROTONOSUPPORT', f'{name} {line} {way}')


@test('an address replaces the m-line\'s own; the session\'s if nobody else needs it; else the m-line gets one')
def connection(world):
    check(world, 'volte-sdes', ['connection 1 192.0.2.1'], {10: ['c=IN IP4 192.0.2.1']})
    check(world, 'volte-plain', ['connection 1 2001:db8::9'], {4: ['c=IN IP6 2001:db8::9']})
    check(world, 'rfc8866', ['connection 1 192.0.2.1'], {10: ['=', 'c=IN IP4 192.0.2.1']})
    check(world, 'rfc8866', ['connection 1 192.0.2.1', 'connection 2 192.0.2.2'], {
        8: ['c=IN IP4 192.0.2.2'], 10: ['=', 'c=IN IP4 192.0.2.1']})
    check(world, 'rfc8866', ['connection 2 192.0.2.2', 'connection 2 192.0.2.3', 'connection 3 192.0.2.4'], {
        11: ['=', 'c=IN IP4 192.0.2.3'], 13: ['c=IN IP4 192.0.2.4']})
    # After i=; the rejected third line needs no address.
    check(world, 'video', ['connection 1 192.0.2.1', 'connection 2 192.0.2.2'], {
        4: ['c=IN IP4 192.0.2.2'], 9: ['=', 'c=IN IP4 192.0.2.1']})
    check(world, 'video', ['connection 0 192.0.2.1'], {4: ['c=IN IP4 192.0.2.1']})
    check(world, 'rfc4567-session', ['connection 2 192.0.2.1'], {11: ['=', 'c=IN IP4 192.0.2.1']})
    # Several addresses, of which none may stay.
    check(world, 'odd', ['connection 1 192.0.2.1'], {16: ['c=IN IP4 192.0.2.1'], 17: []})
    equal(world.run(sample('t38'), 'connection', 0, '192.0.2.1'), ('ENOENT', b''), 'no c= to replace')
    equal(world.run(sample('t38'), 'connection', 3, '192.0.2.1'), ('ENOENT', b''), 'no such line')


@test('a=rtcp is replaced, added or removed as wanted, once')
def rtcp(world):
    check(world, 'video', ['rtcp 1 4001', 'rtcp 2 4003 192.0.2.1'], {
        12: ['a=rtcp:4001'], 19: ['a=rtcp:4003 IN IP4 192.0.2.1']})
    check(world, 'video', ['rtcp 1 0', 'rtcp 2 0', 'rtcp 3 0'], {12: [], 19: []})
    check(world, 'volte-plain', ['rtcp 1 30009 2001:db8::1'], {13: ['=', 'a=rtcp:30009 IN IP6 2001:db8::1']})
    twice = sample('video').replace(b'a=rtcp-fb', b'a=RTCP:1\r\na=rtcp-fb')
    equal(world.edit(twice, 'rtcp 2 5'), sample('video').replace(b'a=rtcp:40100 IN IP4 192.0.2.11', b'a=rtcp:5'), 'twice')
    equal(world.edit(twice, 'rtcp 2 0'), sample('video').replace(b'a=rtcp:40100 IN IP4 192.0.2.11\r\n', b''), 'twice')


@test('a=rtcp-mux goes where it is to go')
def mux(world):
    check(world, 'webrtc', ['mux 1 2'], {17: [], 18: []})
    check(world, 'webrtc', ['mux * 3'], {17: [], 18: [], 31: []})
    check(world, 'video', ['mux * 0'], {})


@test('keys and their marks go at the level that is meant, also what a capability hides and a fold carries on')
def keys(world):
    check(world, 'volte-sdes', ['keys 1 3'], {30: [], 31: [], 32: []})
    check(world, 'rfc4567-session', ['keys 1 0', 'keys 2 0'], {})
    check(world, 'rfc4567-session', ['keys 0 3'], {6: [], 7: [], 8: []})
    check(world, 'rfc4567-media', ['keys 1 2'], {10: [], 11: []})
    check(world, 'rfc4567-media', ['keys * 4'], {7: [], 10: [], 11: [], 15: []})
    check(world, 'rfc5939', ['keys 1 2'], {9: [], 10: []})
    check(world, 'odd', ['keys 1 2'], {18: [], 19: [], 20: []})
    check(world, 'odd', ['keys * 4'], {8: [], 11: [], 18: [], 19: [], 20: []})
    check(world, 'odd', ['remove * 3ge2ae 2'], {8: [], 20: []})


@test('attributes are added at the end of their level, in order, and end like their neighbours')
def add(world):
    check(world, 'volte-plain', [['add', 1, 'crypto', CRYPTO], 'add 1 3ge2ae applied', 'secure 1 1'], {
        6: ['m=audio 30000 RTP/SAVP 104 0 96'], 13: ['=', 'a=crypto:' + CRYPTO, 'a=3ge2ae:applied']})
    check(world, 'video', ['add 1 rtcp-mux', ['add', 1, 'key-mgmt', 'mikey AQAF'], 'add 0 tool x'], {
        7: ['=', 'a=tool:x'], 13: ['=', 'a=rtcp-mux', 'a=key-mgmt:mikey AQAF']})
    # Empty lines at the end stay there.
    equal(world.edit(b'v=0\nm=a 1 RTP/AVP 0\n\n\n', 'add 1 b', 'add 0 c d'), b'v=0\na=c:d\nm=a 1 RTP/AVP 0\na=b\n\n\n', 'empty')
    equal(world.run(b'm=a 1 RTP/AVP 0\n', 'add', 0, 'x'), ('ENOENT', b''), 'a session without a line')
    equal(world.run(b'v=0\n', 'add', 1, 'x'), ('ENOENT', b''), 'no such line')


@test('a value with a line end is refused')
def dirty(world):
    for value in ('x\ra=3ge2ae:applied', 'a\vb\r'):
        equal(world.run(sample('video'), 'add', 1, 'x', value), ('EINVAL', b''), repr(value))
        equal(world.run(sample('video'), 'set', 1, 'rtcp', value), ('EINVAL', b''), repr(value))
        equal(world.run(sample('video'), 'add', 1, value), ('EINVAL', b''), repr(value))


@test('an attribute is set in its place, added if it is missing')
def set_attribute(world):
    check(world, 'msrp-tls', ['set 1 path msrp://192.0.2.1:9/abc;tcp', 'set 2 path msrps://192.0.2.1:9/d;tcp',
                              'set 1 setup passive', 'set 2 msrp-cema'], {
        8: ['a=path:msrp://192.0.2.1:9/abc;tcp'], 9: ['a=setup:passive'], 14: ['a=path:msrps://192.0.2.1:9/d;tcp'],
        15: ['=', 'a=msrp-cema']})


@test('all of ICE goes from the level that is meant')
def ice(world):
    check(world, 'webrtc', ['ice 1 6'], {14: [], 15: [], 23: [], 24: [], 25: [], 26: []})
    check(world, 'webrtc', ['ice * 12'], {number: [] for number in (8, 9, 14, 15, 23, 24, 25, 26, 36, 37, 38, 39)})


@test('bundles go, other groups and the m-lines\' names stay')
def bundle(world):
    check(world, 'webrtc', ['bundle 2'], {5: [], 30: []})
    check(world, 'video', ['bundle 0'], {})


@test('b=AS grows and shrinks, within bounds; other limits stay')
def bandwidth(world):
    check(world, 'volte-sdes', ['bandwidth 1 4 1', 'bandwidth 0 4 1'], {4: ['b=AS:53'], 11: ['b=AS:53']})
    check(world, 'video', ['bandwidth 1 -8 1', 'bandwidth 2 -2000 1', 'bandwidth 3 5 0'], {10: ['b=AS:30'], 15: ['b=AS:1']})
    check(world, 'odd', ['bandwidth 1 36 1'], {15: ['b= AS: 100']})
    check(world, 't38', ['bandwidth 2 9 0'], {})
    equal(world.edit(b'v=0\nb=AS:4294967290\nb=AS:1\n', 'bandwidth 0 100 1'), b'v=0\nb=AS:4294967295\nb=AS:1\n', 'top')
    equal(world.edit(b'v=0\nb=AS:0', 'bandwidth 0 100 0'), b'v=0\nb=AS:0', 'nothing at all')
    equal(world.run(b'v=0\nb=AS:x\n', 'bandwidth', 0, 1, 1), ('EBADMSG', b''), 'no number')


@test('the version of the origin counts up, however large it is')
def version(world):
    check(world, 'video', ['version 1'], {2: ['o=alice 100 201 IN IP4 192.0.2.10']})
    check(world, 'volte-plain', ['version 1'], {
        2: ['o=- 18446744073709551615 100000000000000000000 IN IP4 10.20.30.40']})
    check(world, 'odd', ['version 4294967295'], {2: ['o=- 8 4294968294 IN IP4 host.invalid']})
    check(world, 'odd', ['version 0'], {})
    for line in (b'o=- 1 x IN IP4 a', b'o=- 1', b's=-', b'o=- 1 ' + b'9' * 41):
        equal(world.run(b'v=0\n' + line, 'version', 1), ('EBADMSG', b''), repr(line))


@test('a UE\'s e2ae offer becomes the core\'s plain one, and the answer goes back secured')
def whole(world):
    check(world, 'volte-sdes', [
        'check', 'port 1 20000', 'connection 1 10.9.9.9', 'secure 1 0', 'keys * 3', 'ice * 0', 'bundle 0', 'bandwidth 1 -4 1',
        'rtcp 1 0', 'version 0'], {
        9: ['m=audio 20000 RTP/AVP 127 126 107 106 105 104 101 102'], 10: ['c=IN IP4 10.9.9.9'], 11: ['b=AS:45'],
        30: [], 31: [], 32: []})
    check(world, 'volte-plain', [
        'keys * 0', 'port 1 20002', 'connection 1 2001:db8::1', 'secure 1 1', ['add', 1, 'crypto', CRYPTO],
        'add 1 3ge2ae applied', 'bandwidth 1 4 1'], {
        4: ['c=IN IP6 2001:db8::1'], 6: ['m=audio 20002 RTP/SAVP 104 0 96'], 7: ['b=AS:45'],
        13: ['=', 'a=crypto:' + CRYPTO, 'a=3ge2ae:applied']})


@test('queries see the edits made before them')
def seen(world):
    told = world.ask(sample('volte-sdes'), *'keys 1 3 ; secure 1 0 ; port 1 9 ; connection 1 192.0.2.1 ;'.split())['levels'][1]
    equal((told['security'], told['port'], told['addr'], told['crypto']), (1, 9, '192.0.2.1', [0]), 'edited')


@test('an edit without room is an error, and what it left half done is never written')
def room(world):
    body = sample('video')
    equal(world.run(body, *(['add', 1, 'x', 'y' * 3000, ';'] * 11)), ('ENOSPC', b''), 'octets')
    one = ['add', 1, 'x', 'y', ';']
    equal(world.run(body, *(one * 257)), ('ENOSPC', b''), 'lines')
    equal(len(world.run(body, *(one * 256))[1]), len(body) + 256 * 7, 'as many lines as there may be')
