#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The peers' SIP and SDP parsers, and how they take messages off a stream."""
import lab
from lib.ktap import equal, run, test
from peers.sip import sdp, sipmsg
from peers.sip.dialog import Dialog
from peers.sip.sipmsg import Address, Uri, Via

TORTURE = (b'INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0\r\n'
           b'TO :\r\n sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n\r\n'
           b'from   : "J Rosenberg \\\\\\""       <sip:jdrosen@example.com>\r\n  ;\r\n  tag = 98asjd8\r\n'
           b'MaX-fOrWaRdS: 0068\r\nCall-ID: wsinv.ndaksdj@192.0.2.1\r\nContent-Length   : 3\r\n'
           b'cseq: 0009\r\n  INVITE\r\nVia  : SIP  /   2.0\r\n /UDP\r\n    192.0.2.2;branch=390skdjuw\r\n'
           b's :\r\nNewFangledHeader:   newfangled value\r\n continued newfangled value\r\n'
           b'v:  SIP  / 2.0  / TCP     spindle.example.com   ;\r\n  branch  =   z9hG4bK9ikj8  ,\r\n'
           b' SIP  /    2.0   / UDP  192.168.255.111   ; branch=\r\n z9hG4bK30239\r\n'
           b'm:"Quoted string \\"\\"" <sip:jdrosen@example.com> ; newparam =\r\n      newvalue ;\r\n'
           b'  secondparam ; q = 0.33\r\n\r\nabcdef')
SIMPLE = (b'OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP h:5;branch=z9hG4bK%d\r\nFrom: <sip:c@d>;tag=1\r\n'
          b'To: <sip:a@b>\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\nContent-Length: 3\r\n\r\nb%dd')


@test('the short torturous INVITE of RFC 4475, 3.1.1.1 is understood')
def torture(_):
    message = sipmsg.parse(TORTURE)
    equal(message.body, b'abc', 'body')
    equal((message.from_tag, message.to_tag, message.cseq), ('98asjd8', '1918181833n', (9, 'INVITE')), 'dialog')
    equal([Via.parse(v).host for v in message.list('Via')],
          ['192.0.2.2', 'spindle.example.com', '192.168.255.111'], 'Vias')
    equal(message.via.params['branch'], '390skdjuw', 'branch')
    equal(Address.parse(message.get('From')).display, 'J Rosenberg \\"', 'display name')
    contact = message.addresses('Contact')[0]
    equal((str(contact.uri), contact.params['q'], contact.params['secondparam']),
          ('sip:jdrosen@example.com', '0.33', None), 'Contact')
    equal(message.get('Subject'), '', 'compact form')
    equal(message.get('NewFangledHeader'), 'newfangled value continued newfangled value', 'folded field')


@test('what is no SIP message is refused')
def refused(_):
    for bad in (b'', b'\r\n\r\n', b'INVITE sip:a@b SIP/1.0\r\n\r\n', b'SIP/2.0 20 OK\r\n\r\n',
                b'OPTIONS sip:a@b SIP/2.0\r\nno colon\r\n\r\n', b'OPTIONS sip:a@b SIP/2.0\r\nVia: x\r\n',
                b'OPTIONS sip:a@b SIP/2.0\r\nContent-Length: 9\r\n\r\nabc', b'\xff\xfe sip:a@b SIP/2.0\r\n\r\n'):
        try:
            sipmsg.parse(bad)
        except sipmsg.BadMessage:
            continue
        raise AssertionError(f'taken: {bad!r}')


@test('a message that is written is read again as it was')
def again(_):
    message = sipmsg.parse(TORTURE)
    second = sipmsg.parse(message.encode())
    equal([h for h in second.headers if h[0] != 'Content-Length'],
          [h for h in message.headers if h[0] != 'Content-Length'], 'fields')
    equal(second.body, message.body, 'body')


@test('URIs and addresses keep their parts, IPv6 and odd users too')
def uris(_):
    for text in ('sip:alice@home1.net', 'sip:[2001:db8::1]:5070;lr', 'tel:+358-555-1234567;postd=pp22',
                 'sip:a;day=tue@h.example:5061;transport=tls', 'sips:h.example'):
        equal(str(Uri.parse(text)), text, 'URI')
    equal(Uri.parse('sip:[::1]:5070;transport=TCP').address(), ('::1', 5070, 'tcp'), 'address')
    equal(Uri.parse('sip:h').address(), ('h', 5060, 'udp'), 'address')
    one = Address.parse('"a, <b>" <sip:x@y;lr>;expires=5;+g.e2ae')
    equal((one.display, str(one.uri), one.params), ('a, <b>', 'sip:x@y;lr', {'expires': '5', '+g.e2ae': None}),
          'address')
    equal(Address.parse('sip:x@y;tag=7').params, {'tag': '7'}, 'parameters behind a URI without brackets')
    equal(sipmsg.split('a;x="1,2", <b,c>,d'), ['a;x="1,2"', '<b,c>', 'd'], 'list')


@test('authentication fields keep their directives')
def auth(_):
    text = 'Digest realm="h, x", nonce="a=b==", algorithm=AKAv1-MD5, ck="00ff"'
    scheme, have = sipmsg.parse_auth(text)
    equal((scheme, have), ('Digest', {'realm': 'h, x', 'nonce': 'a=b==', 'algorithm': 'AKAv1-MD5', 'ck': '00ff'}),
          'directives')
    equal(sipmsg.format_auth(have), text, 'field')


@test('a route set is that of RFC 3261, 12 at both ends')
def routes(_):
    request = sipmsg.parse(b'INVITE sip:b@z SIP/2.0\r\nRecord-Route: <sip:p2;lr>, <sip:p1;lr>\r\nFrom: <sip:a@z>;tag=1\r\n'
                           b'To: <sip:b@z>\r\nCall-ID: q\r\nCSeq: 5 INVITE\r\nContact: <sip:a@1>\r\n\r\n')
    response = sipmsg.response_to(request, 200, tag='2')
    response.add('Contact', '<sip:b@2>')
    caller, called = Dialog.of_caller(request, response), Dialog.of_called(request, '2')
    equal((caller.routes, caller.tags, str(caller.target)), (['<sip:p1;lr>', '<sip:p2;lr>'], ('1', '2'), 'sip:b@2'),
          'caller')
    equal((called.routes, called.tags, str(called.target)), (['<sip:p2;lr>', '<sip:p1;lr>'], ('2', '1'), 'sip:a@1'),
          'called')
    bye = caller.request('BYE')
    equal((bye.cseq, bye.uri, bye.to_tag), ((6, 'BYE'), 'sip:b@2', '2'), 'BYE')
    assert called.heard(bye) and not called.heard(bye), 'a repeated sequence number is out of order'


@test('a stream gives the same messages however it is cut, and pings are answered')
def stream(_):
    wire = b'\r\n' + SIMPLE % (1, 1) + b'\r\n\r\n' + SIMPLE % (2, 2) + SIMPLE % (3, 3)
    for size in range(1, len(wire) + 1, 7):
        got, pongs = [], []
        endpoint = lab.Scscf('reader')
        endpoint.received = lambda m, _flow, got=got: got.append(m.body)
        flow = type('Wire', (), {'kind': 'tcp', 'local': ('h', 1), 'remote': ('h', 2), 'send_raw': pongs.append})
        buffer = b''
        for at in range(0, len(wire), size):
            buffer = endpoint._frames(buffer + wire[at:at + size], flow)
        equal((got, buffer), ([b'b1d', b'b2d', b'b3d'], b''), f'messages in pieces of {size}')
        endpoint.check()
    assert pongs == [b'\r\n'], 'no pong'


@test('SDP is read and written line by line, with media level before session level')
def description(_):
    text = (b'v=0\r\no=- 1 1 IN IP4 h\r\ns=-\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\na=sendonly\r\n'
            b'm=audio 4000 RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\n'
            b'm=video 4002/2 RTP/SAVP 96\r\nc=IN IP6 ::1\r\na=inactive\r\na=rtcp:5000\r\n'
            b'm=audio 4004 RTP/AVP 8\r\na=rtcp-mux\r\na=sendrecv\r\n')
    session = sdp.parse(text)
    equal([session.address(m) for m in session.media],
          [('10.0.0.1', 4000, 4001), ('::1', 4002, 5000), ('10.0.0.1', 4004, 4004)], 'addresses')
    equal([session.direction_of(m) for m in session.media], ['sendonly', 'inactive', 'sendrecv'], 'directions')
    equal(session.encode().replace(b' 4002 ', b' 4002/2 '), text, 'text')
    for bad in (b'', b'hello', b'o=x\r\nv=0\r\n'):
        try:
            sdp.parse(bad)
        except sdp.BadSdp:
            continue
        raise AssertionError(f'taken: {bad!r}')


if __name__ == '__main__':
    run()
