# SPDX-License-Identifier: GPL-2.0
"""What is accepted, what is refused and with which status, and what is read in single values."""
import json

from helper import message, octets, request, torture
from lib.ktap import equal, test

VIA = 'Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK77'


def plain(start='OPTIONS sip:bob@example.com SIP/2.0', drop=None, **lines):
    """A request whose lines can be replaced by name, or left out."""
    own = {
        'Via': VIA,
        'From': 'From: <sip:alice@example.com>;tag=1',
        'To': 'To: <sip:bob@example.com>',
        'Call_ID': 'Call-ID: c1',
        'CSeq': 'CSeq: 1 OPTIONS'
    }
    own.update(lines)
    return message(start, *[line for name, line in own.items() if name != drop])


def refusal(world, raw):
    told = world.read(raw)
    return told['error'], told['phrase']


@test('every required header field is missed (RFC 3261, 8.1.1)')
def missing(world):
    equal(refusal(world, plain()), (0, ''), 'the message itself')
    for name in ('Via', 'From', 'To', 'Call_ID', 'CSeq'):
        equal(refusal(world, plain(drop=name)), (400, 'Missing ' + name.replace('_', '-')), name)


@test('a header field that two readers could read differently may be there once')
def twice(world):
    for line in ('From: <sip:eve@example.com>;tag=2', 'f: <sip:eve@example.com>;tag=2', 'To: <sip:x@y>', 't: <sip:x@y>',
                 'i: c2', 'CALL-ID: c2', 'cseq: 1 OPTIONS', 'c: text/plain\r\nContent-Type: a/b',
                 'Max-Forwards: 1\r\nMax-Forwards: 2', 'Expires: 1\r\nExpires: 2', 'x: 90\r\nSession-Expires: 90'):
        equal(refusal(world, plain(more=line)), (400, 'Repeated Header Field'), line)


@test('start lines are read as RFC 3261 has them, and no other way')
def start(world):
    for line, want in (('OPTIONS sip:a@b SIP/2.0', (0, '')), ('OPTIONS sip:a@b sip/2.0', (0, '')),
                       ('OPTIONS sip:a@b SIP/2.1', (505, 'Version Not Supported')), ('OPTIONS sip:a@b HTTP/1.1',
                                                                                     (400, 'Malformed Start Line')),
                       ('OPTIONS sip:a@b', (400, 'Malformed Start Line')), ('OPTIONS\tsip:a@b SIP/2.0',
                                                                            (400, 'Malformed Start Line')),
                       ('OPT(ONS sip:a@b SIP/2.0', (400, 'Malformed Start Line')), ('OPTIONS sip:a@b SIP/2.0\r\n x',
                                                                                    (400, 'Malformed Header Line')),
                       ('OPTIONS sip:a@b\rX SIP/2.0', (400, 'Malformed Start Line')), ('OPTIONS sip:a@b;x=\0 SIP/2.0',
                                                                                       (400, 'Malformed Start Line')),
                       ('OPTIONS sip: SIP/2.0', (400, 'Malformed Request-URI')), ('OPTIONS bob SIP/2.0',
                                                                                  (400, 'Malformed Request-URI')),
                       ('OPTIONS sip:a@b?x=y SIP/2.0',
                        (400, 'Request-URI With Headers')), ('OPTIONS tel:+1-201-555-0123;phone-context=x SIP/2.0',
                                                             (0, '')), ('OPTIONS urn:service:sos SIP/2.0',
                                                                        (0, '')), ('', (400, 'Malformed Start Line')),
                       ('SIP/2.0 200 OK', (0, '')), ('SIP/2.0 200', (0, '')), ('SIP/2.0 99 OK',
                                                                               (400, 'Malformed Start Line')),
                       ('SIP/2.0 700 OK', (400, 'Malformed Start Line')), ('SIP/2.0 0200 OK', (400,
                                                                                               'Malformed Start Line')),
                       ('SIP/2.0 2x0 OK', (400, 'Malformed Start Line')), ('SIP/3.0 200 OK',
                                                                           (505, 'Version Not Supported'))):
        equal(refusal(world, plain(line)), want, repr(line))


@test('no line end but CRLF ends or hides a header line')
def smuggling(world):
    for line in ('Subject: x\nP-Asserted-Identity: <sip:eve@x>', 'Subject: x\rP-Asserted-Identity: <sip:eve@x>',
                 'Subject: x\0y', 'Subject: x\r\r', 'Subject: \\\r\n x', 'No colon', 'Na me: x', ': x', 'Nam\xe9: x',
                 '"a": b'):
        equal(refusal(world, plain(more=line)), (400, 'Malformed Header Line'), repr(line))
    equal(refusal(world, plain('OPTIONS sip:a@b SIP/2.0\r\n Via: x')), (400, 'Malformed Header Line'),
          'a fold with nothing before it')
    for line in ('Subject: a\r\n b', 'Subject: "\\\0"', 'Subject:', 'Subject :x', 'Subject\t: x', 'X:\r\n \r\n ',
                 'Subject: "open <'):
        equal(refusal(world, plain(more=line)), (0, ''), repr(line))


@test('Via is read in all its spellings, and refused in others')
def via(world):
    for text, want in (('SIP/2.0/TLS a.b;branch=z9hG4bKx', ('TLS', 'a.b', 0, 'z9hG4bKx', '', -1, 1)),
                       ('SIP / 2.0 / UDP  [2001:db8::1] : 5061 ; rport ; branch = z9hG4bKx',
                        ('UDP', '[2001:db8::1]', 5061, 'z9hG4bKx', '', 0,
                         1)), ('sip/2.0/TCP h:1;received=192.0.2.9;rport=99', ('TCP', 'h', 1, '', '192.0.2.9', 99, 0)),
                       ('SIP/2.0/UDP h;branch=Z9HG4BKx', ('UDP', 'h', 0, 'Z9HG4BKx', '', -1, 1)),
                       ('SIP/2.0/UDP h;x="a,b;branch=c"', ('UDP', 'h', 0, '', '', -1, 0))):
        told = world.read(plain(Via='Via: ' + text))
        equal(told['err'], 0, text)
        equal(
            tuple(told['Via'][0][key]
                  for key in ('transport', 'host', 'port', 'branch', 'received', 'rport', 'unique')), want, text)
    for text in ('', 'SIP/2.0/UDP', 'SIP/2.0/UDP ;branch=x', 'SIP/1.0/UDP h', 'HTTP/2.0/UDP h', 'SIP/2.0/UDP h:0',
                 'SIP/2.0/UDP h:65536', 'SIP/2.0/UDP h:x', 'SIP/2.0/UDP [::1', 'SIP/2.0/UDP ::1',
                 'SIP/2.0/UDP h;branch=1;branch=2', 'SIP/2.0/UDP h;rport=x', 'SIP/2.0/UDP h;', 'SIP/2.0/UDP h,',
                 ',SIP/2.0/UDP h', 'SIP/2.0/UDP h,,SIP/2.0/UDP i', 'SIP/2.0UDP h', 'SIP/2.0/UDP/h',
                 'SIP/2.0/UDP h;branch="x'):
        equal(refusal(world, plain(Via='Via: ' + text)), (400, 'Malformed Via'), text)


@test('CSeq and Max-Forwards are numbers within their limits')
def numbers(world):
    for text, good in (('2147483647 OPTIONS', 1), ('2147483648 OPTIONS', 0), ('0001\t OPTIONS', 1), ('1OPTIONS', 0),
                       ('OPTIONS', 0), ('1', 0), ('-1 OPTIONS', 0), ('1 OPTIONS x', 0), ('0 OPTIONS', 1)):
        equal(refusal(world, plain(CSeq='CSeq: ' + text)), (0, '') if good else (400, 'Malformed CSeq'), text)
    equal(refusal(world, plain(CSeq='CSeq: 1 options')), (400, 'CSeq Does Not Match Method'), 'methods have a case')
    for text, good in (('0', 1), ('255', 1), ('0070', 1), ('256', 0), ('-1', 0), ('x', 0), ('', 0)):
        equal(refusal(world, plain(more='Max-Forwards: ' + text)), (0, '') if good else (400, 'Malformed Max-Forwards'),
              text)


@test('addresses are taken apart: display name, URI, parameters of the header field')
def addresses(world):
    rows = (('"A \\"B\\" <x>, C" <sip:a@b;lr>;tag=1;+g.e2ae;expires=60', '"A \\"B\\" <x>, C"', 'sip:a@b;lr', 1,
             60), ('sip:a@b;expires=7', '', 'sip:a@b', 0, 7), ('<sip:a@b>', '', 'sip:a@b', 1, -1),
            ('A B <tel:+1>', 'A B', 'tel:+1', 1, -1), ('A<sip:a@b>;expires=99999999999', 'A', 'sip:a@b', 1, 4294967295),
            ('J\xfcrg <sip:a@b>', 'J\xfcrg', 'sip:a@b', 1, -1), ('<sip:a@b?x=y>', '', 'sip:a@b?x=y', 1, -1),
            ('<sip:a@b> ; +sip.instance="<urn:x;y>" ; expires="60"', '', 'sip:a@b', 1,
             -75), ('sip:a@b;x="<y>"', '', 'sip:a@b', 0, -1), ('<sip:a@b>;a=1;expires=3;A=2', '', 'sip:a@b', 1, 3))
    for text, display, uri, angle, expires in rows:
        told = world.read(plain(more='Contact: ' + text))
        equal(told['err'], 0, text)
        one = told['Contact'][0]
        equal((one['display'], one['text'], one['angle'], one['expires']), (display, uri, angle, expires), text)
    for text in ('<sip:a@b', 'sip:a@b>', '"A <sip:a@b>', '"A" sip:a@b', 'A, B <sip:a@b', '<sip:a@b> x', '<sip:a@b>;',
                 '<sip:a b>', '< sip:a@b>', '<>', 'sip:a@b?x=y', '<sip:a@b>;=x', '<sip:a@b>;x="y', '<sip:a@b>,',
                 '<sip:a@b>;expires=1;EXPIRES=2;'):
        equal(refusal(world, plain(more='Contact: ' + text)), (400, 'Malformed Contact'), text)
    equal(refusal(world, plain(more='Contact: *')), (0, ''), 'star')
    equal(refusal(world, plain('SIP/2.0 399 x', more='Contact: x')), (400, 'Malformed Contact'), 'of a redirection')
    equal(refusal(world, plain('SIP/2.0 400 x', more='Contact: x')), (0, ''), 'of a failure, where it is of no use')
    equal(refusal(world, plain(From='From: *')), (400, 'Malformed From'), 'star as From')
    equal(refusal(world, plain(From='From: <sip:a@b>;tag=1;tag=2')), (400, 'Malformed From'), 'two tags')
    equal(refusal(world, plain(more='Route: sip:a@b')), (400, 'Malformed Route'), 'a route without brackets')


@test('lists are one list over all their lines, and commas in quotes and brackets divide nothing')
def lists(world):
    told = world.read(
        plain(more='Contact: <sip:1@h;x=a%2cb>, "2, \\", x" <sip:2@h> ,\r\n\t<sip:3,4@h>\r\n'
              'X: y\r\nm: <sip:5@h>;a=",;"'))
    equal(told['err'], 0, told['phrase'])
    equal([one['text'] for one in told['Contact']], ['sip:1@h;x=a%2cb', 'sip:2@h', 'sip:3,4@h', 'sip:5@h'], 'Contact')
    told = world.read(plain(more='Route: <sip:1@h;lr>, <sip:2@h;lr>\r\nRoute: <sip:3@h>'))
    equal([one['text'] for one in told['Route']], ['sip:1@h;lr', 'sip:2@h;lr', 'sip:3@h'], 'Route')


@test('URIs are taken apart, and malformed ones are refused')
def uris(world):
    rows = (('sip:h', None, 'h', 0, []), ('SIPS:u:p@h:5061;lr;transport=tls', 'u', 'h', 5061, [
        ('lr', None), ('transport', 'tls')
    ]), ('sip:+1;phone-context=a@h;user=phone', '+1;phone-context=a', 'h', 0, [
        ('user', 'phone')
    ]), ('sip:*31#@h', '*31#', 'h', 0, []), ('sip:[::1]:5060;maddr=[::2]', None, '[::1]', 5060, [('maddr', '[::2]')]),
            ('sip:a%40b@192.0.2.1', 'a%40b', '192.0.2.1', 0, []))
    for text, user, host, port, params in rows:
        told = world.uri(text)
        equal((told.get('user'), told['host'], told['port'], [(p['name'], p.get('value')) for p in told['params']]),
              (user, host, port, params), text)
    for text in ('', 'sip', 'sip:', ':x', 'sip:@h', 'sip:u@', 'sip:u@h:', 'sip:u@h:0', 'sip:u@h:99999', 'sip:u@h;',
                 'sip:u@h;;lr', 'sip:u@h?', 'sip:u%4@h', 'sip:u@h;x=%4', 'sip:u@h;x=%', 'sip:u%zz@h', 'sip:u v@h',
                 'sip:u@h;x="y"', 'sip:<h>', 'sip:a@b@c', 'sip:[::1', 'sip:[::g]', 'sip:[1.2.3.4]', 'sip:u@h;a=b?',
                 'sip:u@-h', 'sip:\xe9@h', 'sip:u@h?a=b&', 'sip:u@h_;x=\x7f'):
        equal(world.fault('uri', text), 'EBADMSG', text)
    told = world.uri('tel:+1-201;phone-context=x')
    equal((told['sip'], told['scheme'], told['rest']), (0, 'tel', '+1-201;phone-context=x'), 'tel')


# RFC 3261, 19.1.4, and what follows from its rules.
EQUAL = (('sip:%61lice@atlanta.com;transport=TCP',
          'sip:alice@AtLanTa.CoM;Transport=tcp'), ('sip:carol@chicago.com', 'sip:carol@chicago.com;newparam=5'),
         ('sip:carol@chicago.com', 'sip:carol@chicago.com;security=on'), ('sip:carol@chicago.com;newparam=5',
                                                                          'sip:carol@chicago.com;security=on'),
         ('sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com',
          'sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com'),
         ('sip:alice@atlanta.com?subject=project%20x&priority=urgent',
          'sip:alice@atlanta.com?priority=urgent&subject=project%20x'),
         ('sip:a@[2001:DB8::1]', 'sip:a@[2001:db8:0:0::1]'), ('tel:+1', 'TEL:+1'), ('sip:%00@h', 'sip:%00@h'))
DIFFERENT = (('SIP:ALICE@AtLanTa.CoM;Transport=udp',
              'sip:alice@AtLanTa.CoM;Transport=UDP'), ('sip:bob@biloxi.com', 'sip:bob@biloxi.com:5060'),
             ('sip:bob@biloxi.com', 'sip:bob@biloxi.com;transport=udp'), ('sip:bob@biloxi.com',
                                                                          'sip:bob@biloxi.com:6000;transport=tcp'),
             ('sip:carol@chicago.com',
              'sip:carol@chicago.com?Subject=next%20meeting'), ('sip:bob@phone21.boxesbybob.com', 'sip:bob@192.0.2.4'),
             ('sip:carol@chicago.com;security=on', 'sip:carol@chicago.com;security=off'), ('sip:a@h', 'sips:a@h'),
             ('sip:a@h', 'sip:h'), ('sip:a:p@h', 'sip:a@h'), ('sip:a:p@h', 'sip:a:P@h'),
             ('sip:a@h;user=phone', 'sip:a@h'), ('sip:a@h;ttl=1', 'sip:a@h'), ('sip:a@h;maddr=x', 'sip:a@h'),
             ('sip:a@h;method=X', 'sip:a@h'), ('sip:a%3Bb@h', 'sip:a;b@h'), ('sip:a%40@h', 'sip:a@h'), ('sip:%00@h',
                                                                                                        'sip:%00%00@h'),
             ('sip:a@h?x=1', 'sip:a@h?x=1&y=2'), ('tel:+1', 'tel:+2'), ('sip:a@h;x', 'sip:a@h;x=1'), ('sip:a%2561@h',
                                                                                                      'sip:a%61@h'))


@test('URIs are compared as RFC 3261, 19.1.4 has it')
def compare(world):
    for pairs, want in ((EQUAL, 1), (DIFFERENT, 0)):
        for one, other in pairs:
            for a, b in ((one, other), (other, one)):
                equal(json.loads(world.good('same', a, b))['equal'], want, f'{a} {b}')
    equal(json.loads(world.good('same', 'sip:a@h;x=1', 'sip:%61@H;x=2'))['user'], 1, 'as addresses of record')
    equal(json.loads(world.good('same', 'sip:a@h', 'sip:a@h:5060'))['user'], 0, 'with a port')


@test('parameters of challenges and credentials are found, without their quotes')
def auth(world):
    challenge = ('Digest realm="ims, \\"x\\"", nonce="abc==",\r\n ck="00112233445566778899aabbccddeeff" ,ik=ffee, '
                 'algorithm=AKAv1-MD5, qop="auth,auth-int"')
    for name, want in (('realm', b'ims, "x"'), ('NONCE', b'abc=='), ('ck', b'00112233445566778899aabbccddeeff'),
                       ('ik', b'ffee'), ('qop', b'auth,auth-int'), ('algorithm', b'AKAv1-MD5')):
        equal(world.good('auth', challenge, name, 200), want, name)
    equal(world.fault('auth', challenge, 'opaque', 200), 'ENOENT', 'one that is missing')
    equal(world.fault('auth', challenge, 'ck', 32), 'ENOSPC', 'one that does not fit')
    equal(world.good('auth', challenge, 'ck', 33), b'00112233445566778899aabbccddeeff', 'one that just fits')
    for text in ('Digest a="b" ck="c"', 'Digest ck="c', 'Digest ck="1", ck="2"', 'Digest ,ck=1', 'Digest ck=1,',
                 'Digest ck=1,,a=b', '', '"x"', 'Digest="x"'):
        equal(world.fault('auth', text, 'ck', 99), 'EBADMSG', text)


@test('an unfolded copy has one blank for each fold (RFC 3261, 7.3.1)')
def unfold(world):
    equal(world.good('unfold', 'a  b\r\n  c \t\r\n\td', 50), b'a  b c d', 'value')
    equal(world.good('unfold', 'a\r\n b', 3), b'a b', 'room just enough')
    equal(world.fault('unfold', 'a\r\n b', 2), 'ENOSPC', 'room too small')


@test('any prefix of any torture message is refused or is itself a message, and nothing breaks', seconds=120)
def prefixes(world):
    for name in ('wsinv', 'intmeth', 'mpart01', 'esc01', 'ipv6-in-sdp'):
        whole = torture()[name]
        for cut in range(0, len(whole), 1 if len(whole) < 700 else 3):
            told = world.read(whole[:cut])
            equal(told['err'] < 0, True, f'{name} cut at {cut}')


@test('names of header fields are kept as they are written')
def names(world):
    told = world.read(request('cOnTaCt: <sip:a@b>', 'K: 100rel', 'X-Any : \t y '))
    equal([(line['name'], line['value']) for line in told['lines'][-3:]], [('cOnTaCt', '<sip:a@b>'), ('K', '100rel'),
                                                                           ('X-Any', 'y')], 'lines')
    equal(octets(told['body']), b'', 'body')
