# SPDX-License-Identifier: GPL-2.0
"""Messages of our own: responses, requests within a dialog, CANCEL and ACK."""
from edits import HARD
from helper import message, request, torture
from lib.ktap import equal, test

VIAS = ('v: SIP/2.0/UDP a.example:5061 ;rport ; branch=z9hG4bK1,SIP / 2.0 / TCP b;branch=z9hG4bK2',
        'VIA : SIP/2.0/UDP c;branch=z9hG4bK3')
DIALOG = ('<sip:me@a>;tag=l', '"You" <sip:you@b>;tag=r', 'call@id', 'sip:you@192.0.2.9:5061;x=y')


@test('a response has Via, From, To, Call-ID and CSeq as the request wrote them (RFC 3261, 8.2.6)')
def reply(world):
    want = message('SIP/2.0 488 Not Acceptable Here', *VIAS, 'f:"A, \\"B" <sip:a@b>\r\n ;tag=1',
                   't : <sip:bob@example.com>;tag=new', 'i:c,1', 'cseq: 007\r\n\tINVITE', 'Warning: 399 x "y"',
                   'Content-Length: 0')
    equal(world.good('reply', HARD, 488, 'Not Acceptable Here', 'new', 'Warning', '399 x "y"'), want, '488')
    want = message('SIP/2.0 100 Trying', *VIAS, 'f:"A, \\"B" <sip:a@b>\r\n ;tag=1', 't : <sip:bob@example.com>',
                   'i:c,1', 'cseq: 007\r\n\tINVITE', 'Timestamp: 54.1', 'Content-Length: 0')
    equal(world.good('reply', HARD.replace(b'Subject', b'Timestamp: 54.1\r\nSubject'), 100, 'Trying', 'new'), want,
          '100 has no tag of ours')
    within = request().replace(b'To: <sip:bob@example.com>', b'To: <sip:bob@example.com>;tag=old')
    equal(b'\r\nTo: <sip:bob@example.com>;tag=old\r\n' in world.good('reply', within, 200, 'OK', 'new'), True,
          'a tag stays')
    body = world.good('reply', request(), 200, '', 'new', 'Content-Type', 'a/b', 'body')
    equal((body[:13], body[-60:].split(b'\r\n')[-4:]),
          (b'SIP/2.0 200 \r\n'[:13], [b'Content-Type: a/b', b'Content-Length: 4', b'', b'body']), 'body')


@test('a response says nothing that its maker did not mean')
def injected(world):
    for reason, tag, name, value in (('a\r\nX: y', 't', 'N', 'v'), ('a', 't\r\nX: y', 'N', 'v'),
                                     ('a', 't', 'N\r\nX', 'v'), ('a', 't', 'N', 'v\r\nX: y'), ('a', 't', 'N', 'v\n')):
        equal(world.fault('reply', request(), 400, reason, tag, name, value), 'EINVAL', repr(
            (reason, tag, name, value)))
    for status in (0, 99, 700):
        equal(world.fault('reply', request(), status, 'x', 't'), 'EINVAL', status)
    equal(world.fault('reply', torture()['unreason'], 400, 'x', 't'), 'EINVAL', 'to a response')


@test('every refused request that has a Via is answered, with what it has of the fields')
def refused(world):
    n = 0
    for name, raw in torture().items():
        told = world.read(raw)
        if not told['err'] or not told['request']:
            continue
        if name == 'test':
            equal(world.fault('reply', raw, told['error'], told['phrase'], 'new'), 'ENOENT', 'without a Via')
            continue
        out = world.good('reply', raw, told['error'], told['phrase'], 'new')
        equal(out.startswith(f'SIP/2.0 {told["error"]} {told["phrase"]}\r\n'.encode()), True, name)
        lines = {line['name'].lower(): line['value'] for line in told['lines']}
        equal(lines['via' if 'via' in lines else 'v'].encode('latin-1') in out, True, f'Via of {name}')
        equal(world.read(out)['status'], told['error'], name)
        n += 1
    equal(n, 20, 'messages')


@test('a request within a dialog follows its route set (RFC 3261, 12.2.1.1)')
def dialog(world):
    step = ('BYE', 4294967295, 'SIP/2.0/TLS me;branch=z9hG4bKb')
    common = ('Via: SIP/2.0/TLS me;branch=z9hG4bKb', 'Max-Forwards: 70', 'From: <sip:me@a>;tag=l',
              'To: "You" <sip:you@b>;tag=r', 'Call-ID: call@id', 'CSeq: 4294967295 BYE')
    equal(world.good('dialog', *step, *DIALOG, 0, ''),
          message('BYE sip:you@192.0.2.9:5061;x=y SIP/2.0', *common, 'Content-Length: 0'), 'no route')
    equal(
        world.good('dialog', *step, *DIALOG, 2, '<sip:p1;lr>', '"P" <sip:p2>;z', ''),
        message('BYE sip:you@192.0.2.9:5061;x=y SIP/2.0', 'Route: <sip:p1;lr>', 'Route: "P" <sip:p2>;z', *common,
                'Content-Length: 0'), 'loose')
    equal(
        world.good('dialog', *step, *DIALOG, 2, '<sip:p1;x>;lr', '<sip:p2;lr>', 'body'),
        message('BYE sip:p1;x SIP/2.0', 'Route: <sip:p2;lr>', 'Route: <sip:you@192.0.2.9:5061;x=y>', *common,
                'Content-Length: 4', body=b'body'), 'strict')
    for i, bad in enumerate(('B YE', 1, 'x\r\ny', 'x\r\ny', 'x\r\ny', 'x\ny', 'sip:a b')):
        args = [*step, *DIALOG]
        if i == 1:
            continue
        args[i] = bad
        equal(world.fault('dialog', *args, 0, ''), 'EINVAL', f'argument {i}')
    equal(world.fault('dialog', *step, *DIALOG, 1, 'no route', ''), 'EINVAL', 'a route that is none')


@test('CANCEL and ACK of a failure are made from the INVITE that was sent (RFC 3261, 9.1 and 17.1.1.3)')
def hop(world):
    own = ('Via: SIP/2.0/UDP a.example:5061 ;rport ; branch=z9hG4bK1',
           'Route: <sip:p1;lr> , <sip:p2;lr>,\r\n  <sip:p3;lr>', 'Route: <sip:p4>', 'Max-Forwards: 70',
           'f:"A, \\"B" <sip:a@b>\r\n ;tag=1')
    equal(
        world.good('hop', HARD, 'CANCEL', '<sip:bob@example.com>', 'Reason', 'SIP;cause=200'),
        message('CANCEL sip:bob@example.com;x=%41 SIP/2.0', *own, 'To: <sip:bob@example.com>', 'i:c,1',
                'CSeq: 7 CANCEL', 'Reason: SIP;cause=200', 'Content-Length: 0'), 'CANCEL')
    equal(
        world.good('hop', HARD, 'ACK', '<sip:bob@example.com>;tag=9'),
        message('ACK sip:bob@example.com;x=%41 SIP/2.0', *own, 'To: <sip:bob@example.com>;tag=9', 'i:c,1',
                'CSeq: 7 ACK', 'Content-Length: 0'), 'ACK')
    equal(world.fault('hop', torture()['insuf'], 'ACK', '<sip:a>'), 'ENOENT', 'from a message that lacks something')
