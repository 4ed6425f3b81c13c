# SPDX-License-Identifier: GPL-2.0
"""Without CEMA: paths change on their way, and nothing else does."""
import hashlib
import random

from handshakes import as_server
from helper import CORE_URI, UE_URI, take
from lib.ktap import equal, test
from messages import Message, Stream
from net.helper import ended
from relaying import BLOCK, MIB, drink, pour

TEXT = ['Message-ID: 87652491', 'Byte-Range: 1-*/*', 'Content-Type: text/plain']
RELAYED = 'msrps://relay.example:9000/r1;tcp msrps://alice@relay2.example:9000/r2;tcp msrps://10.1.0.2:9/ue7;tcp'


def word(session, method='SEND', tid='d93kswow', side=0, headers=TEXT, body=b'Hi', **more):
    """A request of one peer."""
    return Message(tid, method, session.own[side], (UE_URI, CORE_URI)[side], headers, body, **more)


def pairs(world, **options):
    """A session that is up with a reader for each peer: session, ue, core, from_ue, from_core."""
    session, ue, core = world.pair(cema=False, **options)
    return session, ue, core, Stream(core), Stream(ue)


def stays(session, ue, core, from_ue):
    """It still works."""
    message = word(session, tid='stillthere')
    ue.send(message.octets())
    equal(from_ue.next(), message.via(CORE_URI, session.own[1]))
    core.sendall(Message('stillthere', 200, session.own[1], CORE_URI).octets())


@test('SEND, its response and REPORT get the paths of the other leg')
def paths(world):
    session, ue, core, from_ue, from_core = pairs(world)
    for side, source, sink, back in ((0, ue, from_ue, core), (1, core, from_core, ue)):
        there, own = (CORE_URI, UE_URI)[side], session.own[1 - side]
        message = word(session, side=side)
        source.sendall(message.octets())
        equal(sink.next(), message.via(there, own))
        answer = Message(message.tid, 200, own, there)
        back.sendall(answer.octets())
        equal((from_core, from_ue)[side].next(), answer.via((UE_URI, CORE_URI)[side], session.own[side]))
        report = word(session, 'REPORT', 'dkei38sd', side, ['Message-ID: 1', 'Byte-Range: 1-2/2', 'Status: 000 200 OK'], None)
        source.sendall(report.octets())
        equal(sink.next(), report.via(there, own))


@test('a path of several URIs goes into requests, its first URI into responses to SEND')
def relays(world):
    session, ue, core, from_ue, from_core = pairs(world, ue_path=RELAYED)
    message = word(session, side=1)
    core.sendall(message.octets())
    equal(from_core.next(), message.via(RELAYED, session.own[0]))
    mine = word(session).via(session.own[0], RELAYED)
    ue.send(mine.octets())
    equal(from_ue.next(), mine.via(CORE_URI, session.own[1]))
    core.sendall(Message(mine.tid, 200, session.own[1], CORE_URI).octets())
    equal(from_core.next(), Message(mine.tid, 200, RELAYED.split()[0], session.own[0]))
    # Others are answered all the way back (RFC 4975, 7.2).
    other = word(session, 'INFO', 'otherone', headers=['Content-Type: text/x'], body=b'?').via(session.own[0], RELAYED)
    ue.send(other.octets())
    equal(from_ue.next(), other.via(CORE_URI, session.own[1]))
    for want in (RELAYED, RELAYED.split()[0]):
        core.sendall(Message('otherone', 501, session.own[1], CORE_URI, comment='What?').octets())
        equal(from_core.next(), Message('otherone', 501, want, session.own[0], comment='What?'))


@test('chunks of interleaved messages keep their flags, ranges and bodies, however they are cut')
def chunks(world):
    choice = random.Random(4975)
    for size in (0, 1, 7, 1000):
        session, ue, _, from_ue, _ = pairs(world)
        sent = []
        for number in range(30):
            body = choice.choice([b'', b'x', b'\r\n', b'-------', choice.randbytes(3000), b'\r\n-------chunk00', None,
                                  b'\r\n\r\n-------chunk%04d' % (number + 1), b'\r' * 50, b'\r\n-------chunk%04d%%' % number])
            headers = [f'Message-ID: m{number % 2}', f'Byte-Range: {number * 10 + 1}-*/2000']
            if body is not None:
                headers.append('Content-Type: application/octet-stream')
            sent.append(word(session, tid=f'chunk{number:04}', headers=headers, body=body, flag=choice.choice('+#$')))
        data = b''.join(message.octets() for message in sent)
        at = 0
        while at < len(data):
            step = size or choice.randrange(1, 60)
            # Octets one by one take long; the first messages will do.
            if size == 1 and at > 2000:
                step = 500
            ue.send(data[at:at + step])
            at += step
        for message in sent:
            equal(from_ue.next(), message.via(CORE_URI, session.own[1]))
        session.end()


@test('what only looks like an end-line is body, and a body may be empty')
def lookalikes(world):
    session, ue, core, from_ue, _ = pairs(world)
    for body in (b'', b'\r\n-------d93kswo', b'\r\n-------D93kswow$', b'\r\n------d93kswow$\r\n', b'\n-------d93kswow$\r\n',
                 b'-------d93kswow', b'\r\n-------d93kswo\r\n-------d93kswo$\r\n', b'\r\r\n\r\r\n-------d93kswow',
                 b'MSRP d93kswow SEND\r\nTo-Path: msrp://x;tcp\r\n\r\n'):
        message = word(session, body=body)
        ue.send(message.octets())
        equal(from_ue.next(), message.via(CORE_URI, session.own[1]))
    # An end-line right after the blank line: some do so.
    odd = word(session, body=b'').octets().replace(b'\r\n\r\n\r\n', b'\r\n\r\n')
    ue.send(odd)
    want = word(session, body=b'').via(CORE_URI, session.own[1]).octets().replace(b'\r\n\r\n\r\n', b'\r\n\r\n')
    equal(take(core, len(want)), want)
    stays(session, ue, core, from_ue)


@test('64 MiB pass in one chunk as they were sent, in both directions', seconds=180)
def large(world):
    session, ue, core, _, _ = pairs(world)
    for source, sink, side in ((ue, core, 0), (core, ue, 1)):
        message = word(session, side=side, body=b'@').octets()
        head, tail = message.split(b'@', 1) if side else message.rsplit(b'@', 1)
        want = word(session, side=side, body=b'@').via((CORE_URI, UE_URI)[side], session.own[1 - side]).octets()
        source.sendall(head)
        equal(take(sink, len(want.rsplit(b'@', 1)[0])), want.rsplit(b'@', 1)[0])
        finish = pour(source, 64)
        equal(drink(sink, 64 * MIB), finish(), 'digest at the far end')
        source.sendall(tail)
        equal(take(sink, len(tail)), tail)


@test('many small messages in a row pass, all of them', seconds=120)
def small(world):
    session, ue, core, from_ue, _ = pairs(world)
    messages = [word(session, tid=f'small{n:06}', body=BLOCK[n:n + n % 50]) for n in range(3000)]
    want = hashlib.sha256(b''.join(m.via(CORE_URI, session.own[1]).octets() for m in messages)).hexdigest()
    size = sum(len(m.via(CORE_URI, session.own[1]).octets()) for m in messages)
    data = b''.join(m.octets() for m in messages)
    blocks = [data[at:at + MIB] for at in range(0, len(data), MIB)]

    class All:
        """Sends what it was given, whatever pour() says."""

        def sendall(self, _):
            """All of it."""
            for block in blocks:
                ue.sendall(block)

    finish = pour(All(), 1)
    equal(drink(core, size), want, 'digest')
    finish()
    stays(session, ue, core, from_ue)


@test('unknown methods pass, AUTH is refused')
def methods(world):
    session, ue, core, from_ue, from_core = pairs(world)
    message = word(session, 'NICKNAME', 'nick0001', headers=['Use-Nickname: "Alice"'], body=None)
    ue.send(message.octets())
    equal(from_ue.next(), message.via(CORE_URI, session.own[1]))
    ue.send(word(session, 'AUTH', 'auth0001', headers=[], body=None).octets())
    refused = from_core.next()
    equal((refused.tid, refused.what, refused.to, refused.sender), ('auth0001', 501, UE_URI, session.own[0]))
    stays(session, ue, core, from_ue)


@test('requests that do not address us are answered with 481 and do not pass')
def strays(world):
    session, ue, core, from_ue, from_core = pairs(world)
    own = session.own[0]
    wrong = ['msrps://other.example:9/x;tcp', own.replace('acc', 'ACC'), own.replace('msrps', 'msrp'), f'{own} {own}',
             own.replace(';tcp', ';sctp'), own.replace('/acc', '/'), 'nonsense']
    for number, to in enumerate(wrong):
        ue.send(word(session, tid=f'stray{number:04}', body=b'not for you').via(to, UE_URI).octets())
        answer = from_core.next()
        equal((answer.tid, answer.what, answer.to, answer.sender), (f'stray{number:04}', 481, UE_URI, own))
    # Equal by the rules of 6.1.
    message = word(session).via(own.replace('msrps', 'MSRPS').replace('//', '//alice@').replace('tcp', 'TCP;x=y'), UE_URI)
    ue.send(message.octets())
    equal(from_ue.next(), message.via(CORE_URI, session.own[1]))
    stays(session, ue, core, from_ue)
    # Enough is enough.
    for _ in range(2):
        ue.send(word(session, tid='straymore').via(wrong[0], UE_URI).octets())
    session.over('message')


@test('nobody answers a REPORT, or who wants no answer')
def silence(world):
    session, ue, core, from_ue, from_core = pairs(world)
    other = 'msrps://other.example:9/x;tcp'
    ue.send(word(session, 'REPORT', body=None, headers=['Status: 000 200 OK']).via(other, UE_URI).octets())
    ue.send(word(session, headers=['Failure-Report: no', *TEXT]).via(other, UE_URI).octets())
    # A response for somebody else is dropped.
    core.sendall(Message('nobody01', 200, other, CORE_URI).octets())
    stays(session, ue, core, from_ue)
    equal(from_core.next().tid, 'stillthere', 'the first that comes back')
    ue.send(word(session, tid='partial1', headers=['Failure-Report: partial', *TEXT]).via(other, UE_URI).octets())
    equal(from_core.next().what, 481)


@test('an answer of ours waits for the end of a message that is on its way')
def waiting(world):
    session, ue, core, _, from_core = pairs(world)
    message = word(session, side=1, tid='longlong', body=b'begin-----end').octets()
    half = message.index(b'-----end')
    core.sendall(message[:half])
    want = word(session, side=1, tid='longlong', body=b'begin').via(UE_URI, session.own[0]).octets()
    begin = want[:want.index(b'begin') + 5]
    equal(take(ue, len(begin)), begin)
    ue.send(word(session, tid='stray001').via('msrps://other.example:9/x;tcp', UE_URI).octets())
    world.none('told')
    core.sendall(message[half:])
    rest = b'-----end\r\n-------longlong$\r\n'
    equal(take(ue, len(rest)), rest)
    equal(from_core.next().tid, 'stray001')


@test('headers that are no headers, or too long, end the session')
def malformed(world):
    session = None
    good = 'MSRP abcd1234 SEND\r\nTo-Path: {own}\r\nFrom-Path: msrps://x;tcp\r\n'
    for text in ('GET / HTTP/1.1\r\n', '\r\n', 'MSRP abc SEND\r\n', f'MSRP {"a" * 33} SEND\r\n', 'MSRP abcd1234 send\r\n\r\n',
                 'MSRP ab/d1234 SEND\r\n', 'MSRP abcd1234 20\r\n\r\n', 'MSRP abcd1234 SEND\n',
                 'MSRP abcd1234 SEND\r\nFrom-Path: x\r\nTo-Path: {own}\r\n\r\n', 'MSRP abcd1234 SEND\r\nTo-Path: {own}\r\n\r\n',
                 good + 'To-Path: {own}\r\n\r\n', good + 'from-path: x\r\n\r\n', good + 'X: a\0b\r\n\r\n',
                 good + '-------abcd1234!\r\n', good.replace('SEND', '200 OK') + 'X: y\r\n\r\n',
                 good + 'X: ' + 'y' * 9000, 'MSRP abcd1234 SEND\r\nTo-Path: ' + 'msrps://x;tcp ' * 700 + '\r\n',
                 good + 'Content-Type: text/plain\r\n\r\nx\r\n-------abcd1234$!'):
        for side in (0, 1):
            session, ue, core = world.pair(cema=False)
            (core if side else ue).sendall(text.format(own=session.own[side]).encode())
            session.over('message')
            session.end()
            if side == 0:
                ended(core)
    world.open(header=200)
    session, ue, core = world.pair(cema=False)
    ue.send(word(session, headers=['X: ' + 'y' * 100], body=None).octets())
    session.over('message')


@test('a connection that ends inside a message ends the session')
def truncated(world):
    for size in (3, 30, -20, -1):
        session, ue, core = world.pair(cema=False)
        ue.send(word(session).octets()[:size])
        ue.shut()
        session.over('torn')
        ended(core)
    session, ue, core, from_ue, _ = pairs(world)
    ue.send(word(session).octets())
    ue.shut()
    from_ue.next()
    equal(ended(core), b'')


@test('if both peers wait, the relay speaks first')
def hello(world):
    session = world.session()
    (ue_listener, ue_at), (core_listener, core_at) = world.listener(), world.listener()
    equal(session.start(cema=False, ue=ue_at, core=core_at), 0)
    ue = as_server(world, session, ue_listener).handshake()
    core = world.accept(core_listener)
    session.up()
    for sock, there, side in ((ue, UE_URI, 0), (core, CORE_URI, 1)):
        first = Stream(sock).next()
        equal((first.what, first.to, first.sender, first.body), ('SEND', there, session.own[side], None))
        equal('Failure-Report: no' in first.headers, True)
