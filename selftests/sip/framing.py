# SPDX-License-Identifier: GPL-2.0
"""Where messages begin and end, in streams that come in any pieces and in datagrams."""
from helper import LIMITS, message, request, torture
from lib.ktap import equal, test

PIECES = (1, 2, 3, 5, 7, 64, 1000, 1 << 20)
STUN = bytes.fromhex('000100002112a442') + bytes(12)


def sized(body, name='Content-Length', colon=': '):
    return request(f'{name}{colon}{len(body)}', body=body)


@test('a stream gives the same messages in whatever pieces it comes')
def pieces(world):
    parts = [
        sized(b'abc'),
        sized(b''),
        sized(b'\r\n\r\nx' * 9, 'l'),
        sized(b'\0' * 500, 'CONTENT-LENGTH', ' :\r\n '),
        torture()['wsinv'],
        torture()['longreq'],
        torture()['mpart01']
    ]
    want = [('message', len(part)) for part in parts]
    for piece in PIECES:
        equal(world.frames(b''.join(parts), piece), (want, 0), f'pieces of {piece}')


@test('an unfinished message waits, and the octets that are there stay')
def unfinished(world):
    whole = sized(b'abcdef')
    for cut in range(1, len(whole)):
        equal(world.frames(whole + whole[:cut], 11), ([('message', len(whole))], cut), f'cut at {cut}')


@test('a double CRLF is a ping, other line ends before a message are nothing (RFC 5626, 3.5.1; RFC 3261, 7.5)')
def ping(world):
    one = sized(b'x')
    for piece in PIECES:
        equal(world.frames(b'\r\n\r\n' + one + b'\r\n\r\n' * 2 + b'\r\n' + one + b'\r\n',
                           piece), ([('ping', 4), ('message', len(one)), ('ping', 4), ('ping', 4), ('blank', 2),
                                     ('message', len(one))], 2), f'pieces of {piece}')


@test('on a connection that we ping a CRLF is a pong, at once')
def pong(world):
    one = sized(b'x')
    for piece in PIECES:
        equal(world.frames(b'\r\n' + one + b'\r\n', piece, pinging=1), ([('pong', 2), ('message', len(one)),
                                                                         ('pong', 2)], 0), f'pieces of {piece}')


@test('a stream ends at the first message without a plain Content-Length')
def length(world):
    good = sized(b'x')
    for lines, error in ((('X: y', ), 400), (('Content-Length: -1', ), 400), (('Content-Length: +1', ), 400),
                         (('Content-Length: 0x1', ), 400), (('Content-Length:', ), 400),
                         (('Content-Length: 1 1', ), 400), (('Content-Length: 1', 'l: 1'), 400),
                         (('Content-Length: 1', 'Content-Length: 2'), 400), (('Content-Length: 1, 1', ),
                                                                             400), (('Content-Length: 65536', ), 513),
                         (('Content-Length: 4294967297', ), 513), (('Content-Length: 99999999999999999999999', ), 513)):
        bad = request(*lines)
        for piece in (1, 50, 4096):
            equal(world.frames(good + bad + b'xx', piece)[0], [('message', len(good)), ('bad', len(bad))], f'{lines}')
        told = world.read(bad, 'stream')
        equal(told['err'] < 0 and told['request'], True, f'{lines} is refused alike')
        equal(told['error'], 400 if lines == ('Content-Length: 65536', ) else error, f'status for {lines}')


@test('what is no SIP ends a stream at its first octets')
def garbage(world):
    for data in (b'\x16\x03\x01\x02\0', b'\n\n', b'\rX', b' X', b'\0', b'{"a":1}', STUN):
        equal(world.frames(data)[0], [('bad', 0)], repr(data))
        equal(world.frames(data, 1)[0], [('bad', 0)], repr(data))


@test('a header without end, with too many lines or with too many octets ends a stream at its limit')
def limits(world):
    limits = (600, 10, 100)
    for piece in (1, 13, 10000):
        frames, left = world.frames(b'OPTIONS sip:a SIP/2.0\r\nX: ' + b'y' * 5000, piece, limits=limits)
        equal(frames, [('bad', 0)], 'without end')
        equal(left <= 600 + piece, True, f'{left} octets were held')
    many = request('Content-Length: 0', 'A: b', 'A: b')
    equal(world.frames(many, limits=limits)[0], [('message', len(many))], 'nine lines')
    for extra in (['A: b'] * 5, ['A: ' + 'b' * 500]):
        bad = request('Content-Length: 0', *extra)
        equal(world.frames(bad, limits=limits)[0][0][0], 'bad', 'too much')
    equal(world.frames(sized(b'x' * 100), limits=limits)[0][0][0], 'message', 'a body at the limit')
    equal(world.frames(sized(b'x' * 101), limits=limits)[0][0][0], 'bad', 'a body over it')
    equal(world.frames(sized(b'x' * 101)[:-101], limits=limits)[0][0][0], 'bad', 'is told before the body comes')


@test('a datagram is a message, keep-alive or STUN, and what follows a message in it is nothing (RFC 3261, 18.3)')
def datagram(world):
    whole = sized(b'abc')
    for data, kind, size in ((whole, 'message', len(whole)), (whole + b'tail', 'message', len(whole)),
                             (request(body=b'to the end'), 'message', len(request()) + 10), (b'', 'blank', 0),
                             (b'\r\n', 'blank', 2), (b'\0\0\0\0', 'blank', 4), (b'\r\n\r\n', 'ping', 4),
                             (STUN, 'stun', 20), (STUN[:19], 'bad', 0), (b'jaK', 'bad', 0), (whole[:50], 'bad', 0),
                             (request('l: 4', body=b'abc'), 'bad', len(request('l: 4'))), (b'\xff\xff', 'bad', 0)):
        told = world.datagram(data)
        equal((told['kind'], told['size'], told['skip']), (kind, size, 0), repr(data))
    told = world.datagram(b'\r\n\r\n\r\n' + whole)
    equal((told['kind'], told['size'], told['skip']), ('message', len(whole), 6), 'line ends before a message')
    equal(world.datagram(request(body=b'x' * 99), (LIMITS[0], 256, 98))['error'], 513, 'body over the limit')
    equal(world.datagram(whole, (100, 256, 100))['error'], 513, 'header over the limit')
    equal(world.datagram(whole, (1000, 6, 100))['error'], 513, 'lines over the limit')


@test('framing and parser agree on every torture message')
def agree(world):
    for name, data in torture().items():
        told, read = world.datagram(data), world.read(data)
        if told['kind'] == 'bad':
            equal(read['error'], told['error'], name)
        else:
            equal(told['size'], read['size'], name)


@test('a message of 256 lines passes and one of 257 does not')
def lines(world):
    for n, error in ((256, 0), (257, 513)):
        data = message('OPTIONS sip:a@b SIP/2.0', 'Via: SIP/2.0/UDP h;branch=z9hG4bK1', 'From: <sip:a@b>;tag=1',
                       'To: <sip:a@b>', 'Call-ID: 1', 'CSeq: 1 OPTIONS', *['Z: y'] * (n - 5))
        equal(world.read(data)['error'], error, f'{n} lines')
        equal(world.datagram(data)['error'], error, f'{n} lines in a datagram')
