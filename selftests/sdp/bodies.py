# SPDX-License-Identifier: GPL-2.0
"""Session descriptions inside multipart bodies; Python's email package says independently what is in them."""
import email.parser
import email.policy
import itertools
import random

from edits import same
from helper import sample
from lib.ktap import equal, test

SDP = sample('volte-sdes')
EDIT = 'port 1 20000 ; keys 1 3'.split()
EDITED = (SDP.replace(b'm=audio 50010', b'm=audio 20000').replace(b'a=3ge2ae: requested\r\n', b''))
EDITED = b''.join(line for line in EDITED.splitlines(keepends=True) if not line.startswith(b'a=crypto'))
XML = b'<?xml version="1.0"?>\r\n<ims-3gpp version="1"><boundary>--frontier</boundary></ims-3gpp>\r\n'


def part(content, *header):
    return b''.join(line + b'\r\n' for line in header) + b'\r\n' + content


def multipart(boundary, *parts, preamble=b'', epilogue=b'', close=True):
    out = preamble
    for one in parts:
        out += b'--' + boundary + b'\r\n' + one + b'\r\n'
    return out + (b'--' + boundary + b'--\r\n' if close else b'') + epilogue


def mime(kind, body):
    """The leaves of a body as (type, octets), by the email package."""
    kind = b'/'.join(word.strip() for word in kind.split(b'/'))
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(b'Content-Type: ' + kind + b'\r\n\r\n' + body)
    return [(leaf.get_content_type(), leaf.get_payload(decode=True)) for leaf in message.walk() if not leaf.is_multipart()]


def edited(world, kind, body):
    """Edits the description in a body; asserts that all else is as before, for a second parser too."""
    fault, out = world.run(body, 'body', kind.decode('latin-1'), *EDIT)
    equal(fault, None, f'error in {kind}')
    before, after = mime(kind, body), mime(kind, out)
    equal([leaf for leaf in after if leaf[0] != 'application/sdp'],
          [leaf for leaf in before if leaf[0] != 'application/sdp'], 'the other parts')
    equal([leaf[1].rstrip() for leaf in after if leaf[0] == 'application/sdp'], [EDITED.rstrip()], 'the description')
    return out


@test('a body that is a description is edited as a whole')
def single(world):
    for kind in (b'application/sdp', b'Application/SDP', b' application / sdp ;charset=utf-8', b'application/sdp; x="a;b"'):
        same(edited(world, kind, SDP), EDITED, str(kind))


@test('in a multipart of any kind the description is edited and nothing else changes')
def simple(world):
    sdp = part(SDP, b'Content-Type: application/sdp', b'Content-Disposition: session;handling=required')
    new = part(EDITED, b'Content-Type: application/sdp', b'Content-Disposition: session;handling=required')
    xml = part(XML, b'Content-Type: application/3gpp-ims+xml')
    bare = part(b'no header')
    for kind, order in itertools.product((b'mixed', b'alternative', b'related;type="application/sdp"', b'Mixed', b'x-new'),
                                         ((0, 1), (1, 0), (2, 1, 0))):
        old, want = (multipart(b'frontier', *([one, xml, bare][i] for i in order)) for one in (sdp, new))
        for how in (b';boundary=frontier', b'; Boundary="frontier"', b';boundary="fron\\tier" ; x=y',
                    b' ;x ;boundary = frontier'):
            same(edited(world, b'multipart/' + kind + how, old), want, f'{kind} {how}')


@test('preamble, epilogue, blanks after delimiters, a missing end, folded headers and LF are kept')
def odd(world):
    head = b'Content-Type:application/sdp\r\nX-Long: a\r\n  b: c\r\nContent-Transfer-Encoding: BINARY\r\n\r\n'
    epilogue = b'--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n'
    for kwargs in ({'preamble': b'read this --b\r\n-- b\r\n'}, {'epilogue': epilogue}, {'close': False}, {}):
        old, want = (multipart(b'b', part(b'x', b'Content-Type: text/plain'), head + sdp, **kwargs) for sdp in (SDP, EDITED))
        for was, now in ((b'\r\n', b'\r\n'), (b'--b\r\n', b'--b \t\r\n'), (b'\r\n', b'\n')):
            equal(world.run(old.replace(was, now), 'body', 'multipart/mixed; boundary=b', *EDIT),
                  (None, want.replace(was, now)), f'{kwargs} {now}')
    folded = b'Content-Type:\r\n application/sdp;\r\n\tcharset=utf-8\r\n\r\n'
    same(edited(world, b'multipart/mixed;boundary=b', multipart(b'b', folded + SDP)), multipart(b'b', folded + EDITED), 'folded')


@test('a description one multipart deeper is found, and lengths in headers around it are kept true')
def nested(world):
    def build(sdp):
        inner = multipart(b'in:ner', part(sdp, b'Content-Length: %d' % len(sdp), b'Content-Type: application/sdp'),
                          part(b'alternatively', b'Content-Type: text/plain', b'Content-Length: 13'))
        return multipart(b'outer', part(b'first', b'Content-Length: 5', b'Content-Type: text/plain'),
                         part(inner, b'Content-Type: multipart/alternative; boundary="in:ner"',
                              b'Content-Length: %d' % len(inner)),
                         part(b'last', b'Content-Length: 4', b'Content-Type: text/plain'))
    same(edited(world, b'multipart/mixed; boundary=outer', build(SDP)), build(EDITED), 'nested')
    # Shorter by a digit, so that the outer number changes for the inner one too.
    grown = world.run(build(EDITED), 'body', 'multipart/mixed;boundary=outer', 'add', 1, 'x', 'y' * (1010 - len(EDITED)))
    text = EDITED + b'a=x:' + b'y' * (1010 - len(EDITED)) + b'\r\n'
    equal((len(EDITED) < 1000, len(text) > 1000), (True, True), 'the sample crosses 1000 octets')
    equal(grown, (None, build(text)), 'grown')


@test('what is ambiguous, hidden, malformed or not to be edited is refused')
def refused(world):
    sdp = part(SDP, b'Content-Type: application/sdp')
    text = part(b'x', b'Content-Type: text/plain')
    one = multipart(b'b', sdp)
    deep = multipart(b'd', part(multipart(b'e', sdp), b'Content-Type: multipart/mixed;boundary=e'))
    cases = [
        ('ENOENT', 'text/plain', SDP), ('EBADMSG', '', SDP), ('EBADMSG', 'application', SDP),
        ('EBADMSG', 'application/sdp x', SDP),
        ('EBADMSG', 'multipart/mixed', one), ('EBADMSG', 'multipart/mixed;boundary=', one),
        ('EBADMSG', 'multipart/mixed;boundary=c', one), ('EBADMSG', 'multipart/mixed;boundary="b', one),
        ('EBADMSG', 'multipart/mixed;boundary=b;boundary=b', one), ('EBADMSG', 'multipart/mixed;boundary=' + 'b' * 71, one),
        ('ENOENT', 'multipart/mixed;boundary=b', multipart(b'b', text)), ('ENOENT', 'multipart/mixed;boundary=b', b'--b--'),
        ('EBADMSG', 'multipart/mixed;boundary=b', b''),
        ('ENOTUNIQ', 'multipart/mixed;boundary=b', multipart(b'b', sdp, text, sdp)),
        ('EBADMSG', 'multipart/mixed;boundary=b', multipart(b'b', sdp).replace(b'--b\r\n', b'--bc\r\n') + one),
        ('EBADMSG', 'multipart/mixed;boundary=b', multipart(b'b', part(SDP, b'Content-Type: application/sdp', b'c: text/plain'))),
        ('EBADMSG', 'multipart/mixed;boundary=b', multipart(b'b', b'no colon\r\n' + sdp)),
        ('ENOTSUP', 'multipart/mixed;boundary=b', multipart(b'b', part(
            SDP, b'Content-Transfer-Encoding: base64', b'Content-Type: application/sdp'))),
        ('ENOTSUP', 'multipart/signed;boundary=b', one), ('ENOTSUP', 'multipart/encrypted;boundary=b', one),
        ('ELOOP', 'multipart/mixed;boundary=c', multipart(b'c', part(deep, b'Content-Type: multipart/mixed;boundary=d'))),
        ('E2BIG', 'multipart/mixed;boundary=b', multipart(b'b', *[text] * 33)),
        ('EMSGSIZE', 'multipart/mixed;boundary=b', multipart(b'b', part(b'x' * 262144))),
    ]
    for fault, kind, body in cases:
        equal(world.run(body, 'body', kind or ' '), (fault, b''), f'{kind}: {body[:60]}')
    equal(world.run(multipart(b'b', *[text] * 31, sdp), 'body', 'multipart/mixed;boundary=b')[0], None, '32 parts')
    equal(world.run(multipart(b'b' * 70, sdp), 'body', 'multipart/mixed;boundary=' + 'b' * 70)[0], None, '70 octets')
    same(edited(world, b'multipart/mixed;boundary=d', deep), deep.replace(SDP, EDITED), 'two levels')


@test('2000 spoilt multiparts are refused or come out as they went in')
def spoilt(world):
    rng, good = random.Random(2046), 0
    inner = multipart(b'c', part(SDP[:60], b'Content-Length: 60', b'Content-Type: application/sdp'))
    base = multipart(b'b', part(XML, b'Content-Type: text/xml'), part(inner, b'Content-Type: multipart/mixed; boundary=c'))
    for _ in range(2000):
        body = base
        for _ in range(rng.randrange(4)):
            at = rng.randrange(len(body))
            body = body[:at] + rng.choice((b'', b'--b', b'\r\n', b'\n', b':', b'-', b'"', b'\0')) + body[at + rng.randrange(3):]
        fault, out = world.run(body, 'body', 'multipart/mixed;boundary=b')
        good += fault is None
        equal(out, body if fault is None else b'', repr(body))
    if not 500 < good < 1900:
        raise AssertionError(f'{good} of 2000 were accepted: they show little')


@test('parts can be taken out of a multipart, and all else is octet by octet what it was')
def without(world):
    words = [part(b'a\r\n--not\r\nb', b'Content-Type: text/plain'), part(XML, b'Content-Type: application/xml', b'X: y'),
             part(SDP, b'Content-Type: application/sdp'), part(b''), part(b'--\r\n', b'Content-Type: text/x')]
    bad = [part(b'a secret', b'Content-Type: text/plain'), part(b'x', b'X: secret'),
           part(multipart(b'in', part(b'secret')), b'Content-Type: multipart/mixed;boundary=in')]
    rng = random.Random(7)
    for n in range(300):
        parts = [rng.choice(rng.choice((words, bad))) for _ in range(rng.randint(1, 6))]
        around = {'preamble': rng.choice((b'', b'\r\n', b'This is MIME.\r\n')), 'epilogue': rng.choice((b'', b'\r\nend'))}
        kind = rng.choice((b'multipart/mixed;boundary=frontier', b'Multipart/Alternative; Boundary="frontier"'))
        left = [one for one in parts if one not in bad]
        fault, out = world.run(multipart(b'frontier', *parts, **around), 'without', kind.decode())
        if left:
            equal((fault, out), (None, multipart(b'frontier', *left, **around)), f'{n}: {parts}')
            equal(mime(kind, out), [leaf for leaf in mime(kind, multipart(b'frontier', *left, **around))], f'{n}: {parts}')
        else:
            equal(fault, 'ENOENT', f'{n}: nothing is left')
    one = multipart(b'frontier', *words[:2], bad[0])
    for kind, body, want in ((b'multipart/signed;boundary=frontier', one, 'ENOTSUP'), (b'text/plain', one, 'ENOTSUP'),
                             (b'multipart/related;boundary=frontier', one, 'ENOTSUP'), (b'multipart/mixed', one, 'ENOTSUP'),
                             (b'multipart/mixed;boundary=frontier', one[:-14], 'EBADMSG'),
                             (b'multipart/mixed;boundary=other', one, 'EBADMSG'),
                             (b'multipart/mixed;boundary=frontier', one.replace(b'frontier--', b'frontier-'), 'EBADMSG')):
        equal(world.run(body, 'without', kind.decode())[0], want, f'{kind} {body[-20:]}')
    bare = one.replace(b'\r\n', b'\n')
    equal(world.run(bare, 'without', 'multipart/mixed;boundary=frontier'),
          (None, multipart(b'frontier', *words[:2]).replace(b'\r\n', b'\n')), 'line ends without CR')
