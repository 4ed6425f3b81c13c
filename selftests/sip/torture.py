# SPDX-License-Identifier: GPL-2.0
"""The torture messages of RFC 4475 and RFC 5118: what they say is read, what is wrong is refused as the RFC has it."""
from helper import torture
from lib.ktap import equal, test

# The status that answers a bad request, and the RFC's section. 0: a response, which is dropped.
REFUSED = {
    'badinv01': (400, 'Malformed Via', '3.1.2.1'),
    'clerr': (400, 'Content-Length Exceeds Datagram', '3.1.2.2'),
    'ncl': (400, 'Bad Content-Length', '3.1.2.3'),
    'scalar02': (400, 'Malformed CSeq', '3.1.2.4'),
    'scalarlg': (0, 'Malformed CSeq', '3.1.2.5'),
    'quotbal': (400, 'Malformed To', '3.1.2.6'),
    'ltgtruri': (400, 'Malformed Request-URI', '3.1.2.7'),
    'lwsruri': (400, 'Malformed Start Line', '3.1.2.8'),
    'lwsstart': (400, 'Malformed Start Line', '3.1.2.9'),
    'trws': (400, 'Malformed Start Line', '3.1.2.10'),
    'escruri': (400, 'Request-URI With Headers', '3.1.2.11'),
    'regbadct': (400, 'Malformed Contact', '3.1.2.13'),
    'badaspec': (400, 'Malformed To', '3.1.2.14'),
    # Its empty line is missing in the archive; the test below adds it.
    'baddn': (400, 'Unfinished Header', '3.1.2.15'),
    'badvers': (505, 'Version Not Supported', '3.1.2.16'),
    'mismatch01': (400, 'CSeq Does Not Match Method', '3.1.2.17'),
    'mismatch02': (400, 'CSeq Does Not Match Method', '3.1.2.18'),
    'bigcode': (0, 'Malformed Start Line', '3.1.2.19'),
    'insuf': (400, 'Missing From', '3.3.1'),
    'multi01': (400, 'Repeated Header Field', '3.3.8'),
    'mcl01': (400, 'Bad Content-Length', '3.3.9'),
    # Only in the archive.
    'test': (400, 'Malformed Start Line', 'A'),
    'ipv6-bad': (400, 'Malformed Request-URI', 'RFC 5118, 4.2'),
}

# What people read in the others: start line, Call-ID, CSeq, tags, branch of the first Via, number of Vias and of Contacts.
READ = {
    'wsinv': ('INVITE sip:vivekg@chair-dnrc.example.com;unknownparam', '98asjd8', 'wsinv.ndaksdj@192.0.2.1', 9,
              '1918181833n', '390skdjuw', 3, 1),
    'intmeth': (
        "!interesting-Method0123456789_*+`.%indeed'~ sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,"
        "weird!*pas$wo~d_too.(doesn't-it)@example.com", "_token~1'+`*%!-.",
        'intmeth.word%ZK-!.*_+\'@word`~)(><:\\/"][?}{', 139122385, None, 'z9hG4bK-.!%66*_+`\'~', 1, 0),
    'esc01': ('INVITE sip:sips%3Auser%40example.com@example.net', '938', 'esc01.239409asdfakjkn23onasd0-3234', 234234,
              None, 'z9hG4bKkdjuw', 1, 1),
    'escnull': ('REGISTER sip:example.com', '839923423', 'escnull.39203ndfvkjdasfkq3w4otrq0adsfdfnavd', 14398234, None,
                'z9hG4bKkdjuw', 1, 2),
    'esc02': ('RE%47IST%45R sip:registrar.example.com', 'f232jadfj23', 'esc02.asdfnqwo34rq23i34jrjasdcnl23nrlknsdf',
              29344, None, 'z9hG4bK209%fzsnel234', 1, 2),
    'lwsdisp': ('OPTIONS sip:user@example.com', '323', 'lwsdisp.1234abcd@funky.example.com', 60, None, 'z9hG4bKkdjuw',
                1, 0),
    'dblreq': ('REGISTER sip:example.com', '43251j3j324', 'dblreq.0ha0isndaksdj99sdfafnl3lk233412', 8, None,
               'z9hG4bKkdjuw23492', 1, 1),
    'semiuri': ('OPTIONS sip:user;par=u%40example.net@example.com', '33242', 'semiuri.0ha0isndaksdj', 8, None,
                'z9hG4bKkdjuw', 1, 0),
    'transports': ('OPTIONS sip:user@example.com', '323', 'transports.kijh4akdnaqjkwendsasfdj', 60, None,
                   'z9hG4bKkdjuw', 5, 0),
    'mpart01': ('MESSAGE sip:kumiko@example.org', '2fb0dcc9', '3d9485ad0c49859b@Zmx1ZmZ5LW1hYy0xNi5sb2NhbA..', 1, None,
                'z9hG4bK-d87543-4dade06d0bdb11ee-1--d87543-', 1, 1),
    'unreason': (
        '200 = 2**3 * 5**2 \xd0\xbd\xd0\xbe \xd1\x81\xd1\x82\xd0\xbe \xd0\xb4\xd0\xb5\xd0\xb2\xd1\x8f\xd0\xbd\xd0\xbe'
        '\xd1\x81\xd1\x82\xd0\xbe \xd0\xb4\xd0\xb5\xd0\xb2\xd1\x8f\xd1\x82\xd1\x8c - \xd0\xbf\xd1\x80\xd0\xbe\xd1\x81\xd1'
        '\x82\xd0\xbe\xd0\xb5', '11141343', 'unreason.1234ksdfak3j2erwedfsASdf', 35, '2229', 'z9hG4bK1324923', 1, 1),
    'noreason': ('100 ', '39ansfi3', 'noreason.asndj203insdf99223ndf', 35, '902jndnke3', 'z9hG4bK2398ndaoe', 1, 1),
    'badbranch': ('OPTIONS sip:user@example.com', '33242', 'badbranch.sadonfo23i420jv0as0derf3j3n', 8, None, 'z9hG4bK',
                  1, 0),
    'inv2543': ('INVITE sip:UserB@example.com', None, 'inv2543.1717@ift.client.example.com', 56, None, '', 1, 0),
    'ipv6-good': ('REGISTER sip:[2001:db8::10]', '81x2', 'SSG9559905523997077@hlau_4100', 98176, None, 'z9hG4bKas3-111',
                  1, 1),
    'mult-ip-in-header': ('BYE sip:user@host.example.net', '81x2', '997077@lau_4100', 89187, '9817--94',
                          'z9hG4bKas3-111', 3, 0),
}


def tag(address):
    return address.get('tag')


def key_fields(told):
    start = f'{told["method"]} {told["uri"]}' if told['request'] else f'{told["status"]} {told["reason"]}'
    return (start, tag(told['from']), told['call_id'], told['cseq'], tag(told['to']), told['Via'][0]['branch'],
            len(told['Via']), len(told['Contact']))


@test('the malformed torture messages are refused with the status that RFC 4475 and RFC 5118 ask for')
def refused(world):
    messages = torture()
    for name, (status, phrase, section) in REFUSED.items():
        told = world.read(messages[name])
        equal(told['err'] < 0, True, f'{name} ({section}) is refused')
        equal((told['error'] if told['request'] else 0, told['phrase']), (status, phrase), f'{name} ({section})')


@test('display names with characters that want quotes are refused (RFC 4475, 3.1.2.15)')
def display(world):
    told = world.read(torture()['baddn'] + b'\r\n')
    equal((told['error'], told['phrase']), (400, 'Malformed From'), 'baddn')


@test('all other torture messages are accepted and written back octet by octet')
def accepted(world):
    messages = torture()
    good = [name for name in messages if name not in REFUSED]
    equal(len(good), 39, 'messages')
    for name in good:
        told = world.read(messages[name])
        equal((told['err'], told['phrase']), (0, ''), name)
        equal(world.edit(messages[name]), messages[name][:told['size']], name)
        equal(told['size'] < len(messages[name]), name == 'dblreq', f'{name} has a tail')
        equal(octets_of(told), messages[name].split(b'\r\n\r\n', 1)[1][:len(told['body'])], f'body of {name}')


def octets_of(told):
    return told['body'].encode('latin-1')


@test('what people read in the torture messages is what the library reads')
def read(world):
    messages = torture()
    for name, want in READ.items():
        equal(key_fields(world.read(messages[name])), want, name)


@test('folds, compact names, blanks around separators and quoted pairs are understood (RFC 4475, 3.1.1.1 and 3.1.1.2)')
def tortuous(world):
    told = world.read(torture()['wsinv'])
    equal([(via['transport'], via['host'], via['branch']) for via in told['Via']],
          [('UDP', '192.0.2.2', '390skdjuw'), ('TCP', 'spindle.example.com', 'z9hG4bK9ikj8'),
           ('UDP', '192.168.255.111', 'z9hG4bK30239')], 'Via')
    contact = told['Contact'][0]
    equal((contact['display'], contact['text']), ('"Quoted string \\"\\""', 'sip:jdrosen@example.com'), 'Contact')
    equal([(one['name'], one.get('value')) for one in contact['params']], [('newparam', 'newvalue'),
                                                                           ('secondparam', None), ('q', '0.33')],
          'parameters')
    equal(told['Route'][0]['text'], 'sip:services.example.com;lr;unknownwith=value;unknown-no-value', 'Route')
    told = world.read(torture()['intmeth'])
    equal(told['to']['display'], '"BEL:\\\x07 NUL:\\\x00 DEL:\\\x7f"', 'display name with a quoted NUL')
    equal(told['from']['display'].split(), ["token1~`", "token2'+_", 'token3*%!.-'], 'display name of tokens')


@test('escapes in URIs are kept, and are only escapes where URIs have them (RFC 4475, 3.1.1.3 to 3.1.1.9)')
def escapes(world):
    messages = torture()
    told = world.read(messages['semiuri'])
    equal(world.uri(told['uri'])['user'], 'user;par=u%40example.net', 'user part')
    told = world.read(messages['escnull'])
    equal([one['text'] for one in told['Contact']], ['sip:%00@host5.example.com', 'sip:%00%00@host5.example.com'],
          'NUL')
    equal(world.read(messages['esc02'])['to']['display'], '"%Z%45"', 'display name')
    equal([via['transport'] for via in world.read(messages['transports'])['Via']],
          ['UDP', 'SCTP', 'TLS', 'UNKNOWN', 'TCP'], 'transports')
    equal(world.read(messages['badbranch'])['Via'][0]['unique'], 0, 'a cookie alone is no identifier')


@test('IPv6 hosts are read with the spellings that RFC 5118 asks for')
def six(world):
    messages = torture()
    equal([(v['host'], v['port'], v['received']) for v in world.read(messages['mult-ip-in-header'])['Via']],
          [('[2001:db8::9:1]', 6050, ''), ('192.0.2.1', 0, ''), ('[2001:db8::9:255]', 0, '192.0.2.200')], 'Via')
    for name, text in (('via-received-param-with-delim', '[2001:db8::9:255]'), ('via-received-param-no-delim',
                                                                                '2001:db8::9:255')):
        equal(world.read(messages[name])['Via'][0]['received'], text, name)
    for name, host, port in (('port-ambiguous', '[2001:db8::10:5070]', 0), ('port-unambiguous', '[2001:db8::10]', 5070),
                             ('ipv6-bug-abnf-3-colons', '[2001:db8:::192.0.2.1]', 0)):
        uri = world.uri(world.read(messages[name])['uri'])
        equal((uri['host'], uri['port'], uri['six']), (host, port, 1), name)
    three, two = (world.read(messages[name])['uri']
                  for name in ('ipv6-bug-abnf-3-colons', 'ipv6-correct-abnf-2-colons'))
    equal(b'"equal":1' in world.good('same', three, two), True, 'both spellings are one host')
