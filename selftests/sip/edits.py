# SPDX-License-Identifier: GPL-2.0
"""Each edit changes what it says and not one octet more, also of folded, compact and oddly spelled lines."""
import difflib
import random

from helper import message, octets, request, torture
from lib.ktap import equal, test

# A message as unpleasant as it may be.
HARD = message('INVITE sip:bob@example.com;x=%41 SIP/2.0',
               'v: SIP/2.0/UDP a.example:5061 ;rport ; branch=z9hG4bK1,SIP / 2.0 / TCP b;branch=z9hG4bK2',
               'X-Unknown:   ;;,,;  ', 'VIA : SIP/2.0/UDP c;branch=z9hG4bK3', 'f:"A, \\"B" <sip:a@b>\r\n ;tag=1',
               't : <sip:bob@example.com>', 'i:c,1', 'cseq: 007\r\n\tINVITE',
               'Route: <sip:p1;lr> , <sip:p2;lr>,\r\n  <sip:p3;lr>', 'Route: <sip:p4>',
               'm:"x" <sip:a@192.0.2.1>;+g.e2ae;q=1', 'Security-Client: ipsec-3gpp;alg=hmac, sdes-srtp;mediasec ,tls',
               'security-client: sdes-srtp;mediasec', 'Require: mediasec, 100rel,sec-agree', 'Require: Mediasec',
               'Proxy-Require:mediasec', 'Max-Forwards:\t70', 'Subject: a\r\n  folded\r\n\tvalue', 'c: application/sdp',
               'l:  4 ', body=b'v=0\n')
ANSWER = message(
    'SIP/2.0 401 Unauthorized', 'Via: SIP/2.0/UDP a;branch=z9hG4bK1', 'From: <sip:a@b>;tag=1', 'To: <sip:a@b>;tag=2',
    'Call-ID: 1', 'CSeq: 1 REGISTER',
    'WWW-Authenticate: Digest realm="x",\r\n nonce="n,ck=1",ck="00" , ik="11",  algorithm=AKAv1-MD5,unknown=z',
    'WWW-Authenticate: Digest ck="22"',
    'Authorization: Digest username="u", auts="a", integrity-protected="no",response="r"', 'Content-Length: 0')


def change(world, raw, *commands, swaps):
    """Asserts that commands put in a message a new text for each old one, and change nothing else."""
    want = raw
    for old, new in swaps:
        old, new = octets(old), octets(new)
        equal(want.count(old), 1, f'occurrences of {old}')
        want = want.replace(old, new)
    got = world.edit(raw, *commands)
    if got != want:
        lines = difflib.ndiff(*(text.decode('latin-1').replace('\r', '<CR>').split('\n') for text in (want, got)))
        raise AssertionError(f'{commands}: ' + '\n'.join(line for line in lines if line[0] != ' '))


@test('a message that no edit touched is written as it came, octet by octet')
def untouched(world):
    equal(world.edit(HARD), HARD, 'request')
    equal(world.edit(ANSWER), ANSWER, 'response')


@test('the Request-URI is set and nothing else of the start line')
def uri(world):
    change(world, HARD, 'uri', 'sip:c@d;lr', swaps=[('sip:bob@example.com;x=%41', 'sip:c@d;lr')])
    change(world, HARD, 'uri', 'sip:x', 'uri', 'tel:+1', swaps=[('sip:bob@example.com;x=%41', 'tel:+1')])
    for bad in ('', 'sip:a b', 'sip:a@b\r\nX: y', 'bob', 'sip:a@b?x=y', '<sip:a@b>'):
        equal(world.fault('edit', HARD, 'uri', bad), 'EINVAL', bad)
    equal(world.fault('edit', ANSWER, 'uri', 'sip:a'), 'EINVAL', 'of a response')


@test('the first element of Via or Route is popped, with its line if it was alone')
def pop(world):
    change(world, HARD, 'element-remove', 'Via', 0,
           swaps=[('SIP/2.0/UDP a.example:5061 ;rport ; branch=z9hG4bK1,', '')])
    change(world, HARD, 'element-remove', 'Via', 0, 'element-remove', 'Via', 0,
           swaps=[('v: SIP/2.0/UDP a.example:5061 ;rport ; branch=z9hG4bK1,SIP / 2.0 / TCP b;branch=z9hG4bK2\r\n', '')])
    change(world, HARD, 'element-remove', 'Via', 2, swaps=[('VIA : SIP/2.0/UDP c;branch=z9hG4bK3\r\n', '')])
    change(world, HARD, 'element-remove', 'Route', 0, swaps=[('<sip:p1;lr> , ', '')])
    change(world, HARD, 'element-remove', 'Route', 1, swaps=[(', <sip:p2;lr>', '')])
    change(world, HARD, 'element-remove', 'Route', 2, swaps=[(',\r\n  <sip:p3;lr>', '')])
    change(world, HARD, *['element-remove', 'Route', 0] * 4,
           swaps=[('Route: <sip:p1;lr> , <sip:p2;lr>,\r\n  <sip:p3;lr>\r\nRoute: <sip:p4>\r\n', '')])
    equal(world.fault('edit', HARD, 'element-set', 'Route', 0, '\r\nX: y'), 'EINVAL', 'a line end in an element')


@test('one mechanism and one option-tag go from their lists, wherever they stand')
def strip(world):
    change(world, HARD, 'weed', 'Security-Client', 'sdes-srtp;mediasec',
           swaps=[(', sdes-srtp;mediasec ,tls', ' ,tls'), ('security-client: sdes-srtp;mediasec\r\n', '')])
    change(world, HARD, 'strip', 'Require', 'mediasec', swaps=[('mediasec, 100rel', '100rel'),
                                                               ('Require: Mediasec\r\n', '')])
    change(world, HARD, 'strip', 'Require', 'sec-agree', swaps=[('100rel,sec-agree', '100rel')])
    change(world, HARD, 'strip', 'Proxy-Require', 'mediasec', swaps=[('Proxy-Require:mediasec\r\n', '')])
    change(world, HARD, 'strip', 'Supported', 'x', swaps=[])
    equal(world.call('edit', HARD, 'strip', 'Require', 'mediasec')[0], 2, 'how many')
    equal(world.call('edit', HARD, 'weed', 'Security-Client', 'sdes-srtp;mediasec')[0], 2, 'how many')
    same = request('Require: a,a , a\t,\r\n a', 'require: a')
    equal(world.edit(same, 'strip', 'Require', 'a'), request(), 'all of a list')
    equal(world.edit(request('Require: b, a,a,c ,a'), 'strip', 'Require', 'a'), request('Require: b,c '),
          'between others')
    equal(world.edit(request('Require: a,' + '\r\n ' * 30 + 'a , b'), 'strip', 'Require', 'a'), request('Require: b'),
          'a long way')
    equal(world.edit(request('Require: a,', 'Require: ,a'), 'strip', 'Require', 'a'), request(), 'beside nothing')
    equal(world.edit(request('Require: a,,a,'), 'strip', 'Require', 'a'), request('Require: ,'), 'between nothing')
    equal(world.fault('edit', request('Require: a, "b'), 'strip', 'Require', 'a'), 'EBADMSG', 'a list that has no end')


@test('lines are put at the top of their kind, at the top, at the end, replaced and removed')
def lines(world):
    change(world, HARD, 'insert', 'Via', 'SIP/2.0/TCP me;branch=z9hG4bK0',
           swaps=[('v: SIP', 'Via: SIP/2.0/TCP me;branch=z9hG4bK0\r\nv: SIP')])
    change(world, HARD, 'insert', 'Route', '<sip:me>', swaps=[('Route: <sip:p1', 'Route: <sip:me>\r\nRoute: <sip:p1')])
    change(world, HARD, 'insert', 'Path', '<sip:me>', 'insert', 'Path', '<sip:you>',
           swaps=[('v: SIP', 'Path: <sip:you>\r\nPath: <sip:me>\r\nv: SIP')])
    change(world, HARD, 'append', 'Warning', '399 x "y"', 'append', 'X', '',
           swaps=[('l:  4 ', 'l:  4 \r\nWarning: 399 x "y"\r\nX: ')])
    change(world, HARD, 'set', 'Max-Forwards', '69', swaps=[('Max-Forwards:\t70', 'Max-Forwards:\t69')])
    change(world, HARD, 'set', 'Route', '<sip:n>',
           swaps=[('<sip:p1;lr> , <sip:p2;lr>,\r\n  <sip:p3;lr>\r\nRoute: <sip:p4>', '<sip:n>')])
    change(world, HARD, 'set', 'Expires', '60', swaps=[('l:  4 ', 'l:  4 \r\nExpires: 60')])
    change(world, HARD, 'set', 'Content-Type', 'text/plain', swaps=[('c: application/sdp', 'c: text/plain')])
    change(world, HARD, 'line-remove', 'Route', 1, swaps=[('Route: <sip:p4>\r\n', '')])
    change(world, HARD, 'remove', 'Subject', swaps=[('Subject: a\r\n  folded\r\n\tvalue\r\n', '')])
    change(world, HARD, 'remove', 'Contact', swaps=[('m:"x" <sip:a@192.0.2.1>;+g.e2ae;q=1\r\n', '')])
    change(world, HARD, 'insert', 'Route', '<sip:me>', 'element-remove', 'Route', 0, swaps=[])
    for command in ('insert', 'append', 'set'):
        for name, value in (('X Y', 'z'), ('', 'z'), ('X:', 'z'), ('X', 'y\r\nEvil: z'), ('X', 'y\nz'), ('X', 'a\rb'),
                            ('X', 'a\0b')):
            equal(world.fault('edit', HARD, command, name, value), 'EINVAL', f'{command} {name!r} {value!r}')


@test('elements are replaced')
def elements(world):
    change(world, HARD, 'element-set', 'Route', 1, '<sip:n;lr>', swaps=[('<sip:p2;lr>', '<sip:n;lr>')])
    change(world, HARD, 'element-set', 'Contact', 0, '<sip:n>',
           swaps=[('"x" <sip:a@192.0.2.1>;+g.e2ae;q=1', '<sip:n>')])
    change(world, HARD, 'line-set', 'From', 0, '<sip:n>;tag=2',
           swaps=[('"A, \\"B" <sip:a@b>\r\n ;tag=1', '<sip:n>;tag=2')])


@test('parameters are set in place, added at the end, and removed')
def params(world):
    change(world, HARD, 'param-set', 'Via', 0, 'rport', '5061', swaps=[(';rport ;', ';rport=5061 ;')])
    change(world, HARD, 'param-set', 'Via', 0, 'received', '192.0.2.7',
           swaps=[('branch=z9hG4bK1,', 'branch=z9hG4bK1;received=192.0.2.7,')])
    change(world, HARD, 'param-set', 'Via', 1, 'received', '::1', swaps=[('z9hG4bK2', 'z9hG4bK2;received=::1')])
    change(world, HARD, 'param-set', 'Contact', 0, 'expires', '60', swaps=[(';q=1', ';q=1;expires=60')])
    change(world, HARD, 'param-set', 'Contact', 0, 'Q', '0.5', swaps=[(';q=1', ';q=0.5')])
    change(world, HARD, 'param-set', 'Contact', 0, 'q', '', swaps=[(';q=1', ';q')])
    change(world, HARD, 'param-remove', 'Contact', 0, '+G.E2AE', swaps=[(';+g.e2ae', '')])
    change(world, HARD, 'param-remove', 'Via', 0, 'rport', swaps=[(' ;rport', '')])
    change(world, HARD, 'param-remove', 'Via', 0, 'none', swaps=[])
    change(world, HARD, 'line-param-remove', 'From', 0, 'tag', swaps=[('\r\n ;tag=1', '')])
    change(world, HARD, 'line-param-set', 'To', 0, 'tag', '9',
           swaps=[('t : <sip:bob@example.com>', 't : <sip:bob@example.com>;tag=9')])
    equal(
        world.edit(request('X-L: a;p=1;P;p="2,;" ;q, b;p'), 'param-remove', 'X-L', 0, 'p', 'element-remove', 'X-L', 1),
        request('X-L: a ;q'), 'all of a name')
    equal(world.fault('edit', request('X-L: a;p=1;;q'), 'param-remove', 'X-L', 0, 'q'), 'EBADMSG', 'malformed ones')
    equal(world.fault('edit', HARD, 'param-set', 'Via', 0, 'received', 'x\r\ny'), 'EINVAL', 'a line end')


@test('ck, ik and others leave a challenge, and credentials change, with nothing else touched')
def auth(world):
    change(world, ANSWER, 'auth-remove', 'WWW-Authenticate', 0, 'ck', swaps=[(',ck="00"', '')])
    change(world, ANSWER, 'auth-remove', 'WWW-Authenticate', 0, 'CK', 'auth-remove', 'WWW-Authenticate', 0, 'ik',
           swaps=[(',ck="00" , ik="11"', '')])
    change(world, ANSWER, 'auth-remove', 'WWW-Authenticate', 0, 'realm', swaps=[('realm="x",\r\n ', '')])
    change(world, ANSWER, 'auth-remove', 'WWW-Authenticate', 0, 'unknown', swaps=[(',unknown=z', '')])
    change(world, ANSWER, 'auth-remove', 'WWW-Authenticate', 1, 'ck', swaps=[('ck="22"', '')])
    change(world, ANSWER, 'auth-remove', 'WWW-Authenticate', 0, 'none', swaps=[])
    change(world, ANSWER, 'auth-set', 'Authorization', 0, 'integrity-protected', '"yes"', swaps=[('"no"', '"yes"')])
    change(world, ANSWER, 'auth-set', 'Authorization', 0, 'nc', '1', swaps=[('response="r"', 'response="r", nc=1')])
    change(world, ANSWER, 'auth-remove', 'WWW-Authenticate', 1, 'ck', 'auth-set', 'WWW-Authenticate', 1, 'a', 'b',
           swaps=[('Digest ck="22"', 'Digest a=b ')])
    for value in ('Digest a="b" ck="c"', 'Digest a=b,,ck=c', 'Digest a="b, ck="c"', '"Digest" ck=c'):
        equal(world.fault('edit', request('WWW-Authenticate: ' + value), 'auth-remove', 'WWW-Authenticate', 0, 'ck'),
              'EBADMSG', value)
    equal(
        world.edit(request('WWW-Authenticate: Digest ck=1, a=b, Ck="2",CK=3'), 'auth-remove', 'WWW-Authenticate', 0,
                   'ck'), request('WWW-Authenticate: Digest a=b'), 'all of them')


@test('a new body brings its length, and stays octet by octet')
def body(world):
    change(world, HARD, 'body', 'v=0\r\n\0\xff', swaps=[('l:  4 ', 'l:  7 '), ('v=0\n', 'v=0\r\n\0\xff')])
    change(world, HARD, 'body', '', 'remove', 'Content-Type', swaps=[('c: application/sdp\r\n', ''),
                                                                     ('l:  4 ', 'l:  0 '), ('v=0\n', '')])
    equal(world.edit(request(body=b'old'), 'body', 'abc'), request('Content-Length: 3', body=b'abc'),
          'without a length before')


@test('a failed edit is never written, whatever comes after it')
def sticky(world):
    equal(world.fault('edit', ANSWER, 'append', 'X', 'a\nb'), 'EINVAL', 'the edit')
    equal(world.fault('edit', request('Z: ' + 'y' * 30000), *['line-param-set', 'Z', 0, 'a', 'b'] * 3), 'ENOSPC',
          'room')
    equal(world.fault('edit', request(*['Z: y'] * 250), *['append', 'Z', 'y'] * 65), 'ENOSPC', 'lines')
    equal(len(world.edit(request(), *['append', 'Z', 'y'] * 20)), len(request()) + 20 * 6, 'twenty lines')


@test('popping all Vias of the torture messages and pushing them again gives the same list', seconds=120)
def again(world):
    seen = 0
    for name, raw in torture().items():
        told = world.read(raw)
        if told['err']:
            continue
        seen += 1
        n = len(told['Via'])
        out = world.read(
            world.edit(raw, *['element-remove', 'Via', 0] * (n - 1), 'insert', 'Via',
                       'SIP/2.0/UDP me;branch=z9hG4bKme'))
        equal([via['branch'] for via in out['Via']], ['z9hG4bKme', told['Via'][-1]['branch']], name)
        for key in ('body', 'call_id', 'cseq', 'from', 'to', 'uri', 'Contact', 'Route'):
            equal(out.get(key), told.get(key), f'{name} {key}')
    equal(seen, 39, 'messages')


@test('random lists lose exactly the words that are taken out', seconds=120)
def random_lists(world):
    rng = random.Random(3261)
    for _ in range(400):
        lines, words = [], []
        for _ in range(rng.randint(1, 4)):
            row = [rng.choice(('a', 'b', 'c;x', '"q,a"')) for _ in range(rng.randint(1, 5))]
            words += row
            blanks = [rng.choice(('', ' ', '\t', '\r\n ')) for _ in range(2 * len(row))]
            lines.append(
                rng.choice(('Require:', 'require : ')) + ','.join(b + w + c
                                                                  for b, w, c in zip(blanks, row, blanks[len(row):])))
        raw = request(*lines)
        out = world.edit(raw, 'strip', 'Require', 'a')
        left = [
            word.strip() for line in out.decode().split('\r\nCSeq: 1 OPTIONS')[1].replace('\r\n ', ' ').replace(
                '\r\n\r\n', '').split('\r\n') if line for word in line.split(':', 1)[1].replace('"q,a"', 'Q').split(',')
        ]
        equal(left, [word.replace('"q,a"', 'Q') for word in words if word != 'a'], raw)
