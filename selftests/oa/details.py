# SPDX-License-Identifier: GPL-2.0
"""What else stands in descriptions: RTCP, ICE, bundles, families, bandwidth, MKIs, and keys that are odd."""
import base64
import os
import re

from helper import ACCESS, CORE, MO, MT, Call, No, clean, media, refused
from lib.ktap import equal, test
from peers.sip import mikey, sdp
from peers.sip.situation import DEFAULT_SUITE, E2E, MIKEY, SDES, Situation

KEY = base64.b64encode(bytes(range(30))).decode()
SECURE = f'a=crypto:1 {DEFAULT_SUITE} inline:{KEY}\r\na=3ge2ae:requested\r\n'


def body(*lines, address='192.0.2.7', version=1):
    family = 'IP6' if ':' in address else 'IP4'
    head = ['v=0', f'o=- 77 {version} IN {family} {address}', 's=-', f'c=IN {family} {address}', 't=0 0']
    return ''.join(f'{line}\r\n' for line in (*head, *lines)).encode()


def offered(*more, profile='RTP/SAVP', port=4000, kind='audio', **how):
    """An offer of a UE with a key for the edge."""
    return body(f'm={kind} {port} {profile} 0', 'a=rtpmap:0 PCMU/8000', *SECURE.split('\r\n')[:-1], *more, **how)


def plain(*more, port=6000, address='192.0.2.9', profile='RTP/AVP', **how):
    return body(f'm=audio {port} {profile} 0', *more, address=address, **how)


def mo(world, offer, answer, **terms):
    """(what the core got, what the UE got, the stream)."""
    call = Call(world, MO, profiles='sdes', **terms)
    passed = call.offer(ACCESS, offer)
    back = call.answer(CORE, answer)
    return passed, back, call.streams()[0]


@test('RTCP is multiplexed on each leg as its own side agreed')
def _(world):
    for ue in (False, True):
        for core in (False, True):
            passed, back, stream = mo(world, offered(*['a=rtcp-mux'] * ue), plain(*['a=rtcp-mux'] * core))
            equal([b'rtcp-mux' in one for one in (passed, back)], [ue, ue], 'attributes')
            equal((stream['access']['mux'], stream['core']['mux']), (ue, ue and core), 'modes')
            equal(stream['access']['rtcp'], ['', 0] if ue else ['192.0.2.7', 4001], "the UE's RTCP")
            equal(stream['core']['rtcp'], ['', 0] if ue and core else ['192.0.2.9', 6001], "the core's RTCP")
            world.settle()


@test('a UE that can do nothing but multiplexing has it, and the core has the choice')
def _(world):
    passed, back, stream = mo(world, offered('a=rtcp-mux', 'a=rtcp-mux-only'), plain())
    equal((b'mux-only' in passed, b'a=rtcp-mux\r\n' in passed, b'a=rtcp-mux\r\n' in back), (False, True, True), 'mux')
    equal((stream['access']['mux'], stream['core']['mux']), (True, False), 'modes')


@test('a=rtcp is followed, and not passed on')
def _(world):
    passed, back, stream = mo(world, offered('a=rtcp:4010'), plain('a=rtcp:6020 IN IP4 192.0.2.10'))
    equal([b'a=rtcp' in one for one in (passed, back)], [False, False], 'attributes')
    equal((stream['access']['rtcp'], stream['core']['rtcp']), (['192.0.2.7', 4010], ['192.0.2.10', 6020]), 'peers')


@test('what leads around the edge goes, and the rest stays as it was')
def _(world):
    more = ['a=candidate:1 1 UDP 1 192.0.2.7 4000 typ host', 'a=ice-ufrag:abcd', 'a=ice-pwd:' + 'x' * 22,
            'a=fingerprint:sha-256 00:11', 'a=tcap:1 RTP/SAVP', 'a=pcfg:1 t=1', 'a=acap:1 crypto:1 x inline:y',
            'a=x-unknown:  kept', 'a=ssrc:1234 cname:x', 'z=odd']
    passed, back, _ = mo(world, offered(*more), plain('a=candidate:1 1 UDP 1 192.0.2.9 6000 typ host', 'a=note: kept '))
    for gone in (b'candidate', b'ice-', b'fingerprint', b'cap', b'pcfg', b'crypto', b'3ge2ae'):
        equal(gone in passed, False, gone)
    for kept in (b'a=x-unknown:  kept\r\n', b'a=ssrc:1234 cname:x\r\n', b'z=odd\r\n'):
        equal(kept in passed, True, kept)
    equal((b'candidate' in back, b'a=note: kept \r\n' in back), (False, True), 'the answer')


@test('lines that are not secured keep every octet beside those that are')
def _(world):
    beside = ['m=video 5000 RTP/AVP 96', 'c=IN IP4 192.0.2.8', 'a=rtpmap:96  H264/90000', 'm=message 5002 TCP/MSRP *',
              'a=path:msrp://192.0.2.7:5002/x;tcp']
    tail = ''.join(f'{line}\r\n' for line in beside).encode()
    call = Call(world, MO, profiles='sdes')
    passed = call.offer(ACCESS, offered(*beside))
    equal(passed.endswith(tail), True, 'the lines beside')
    session = sdp.parse(passed)
    equal([session.address(one)[0] for one in session.media], ['10.1.0.1', '192.0.2.8', '192.0.2.7'], 'addresses')
    equal(call.how(), ['sdes', 'plain', 'untouched'], 'how')


@test('bundles are taken apart, and a line that is in one alone is rejected')
def _(world):
    video = ['m=video 0 RTP/SAVP 96', 'a=bundle-only', 'a=mid:v']
    call = Call(world, MO, profiles='sdes')
    offer = offered('a=mid:a', *video).replace(b't=0 0\r\n', b't=0 0\r\na=group:BUNDLE a v\r\n')
    passed = call.offer(ACCESS, offer)
    equal((b'BUNDLE' in passed, b'bundle-only' in passed, media(passed, 1).port), (False, False, 0), 'bundle')
    equal(call.how(), ['sdes', 'off'], 'how')


@test('each leg has its own family of addresses')
def _(world):
    for ue, core, want in (('192.0.2.7', '192.0.2.9', ('10.0.0.1', '10.1.0.1')),
                           ('2001:db8::7', '192.0.2.9', ('2001:db8::1', '10.1.0.1'))):
        passed, back, stream = mo(world, offered(address=ue), plain(address=core))
        equal((stream['access']['local'][0], stream['core']['local'][0]), want, 'own addresses')
        equal((sdp.parse(back).address(media(back))[0], sdp.parse(passed).address(media(passed))[0]), want, 'c=')
        world.settle()
    passed, back, stream = mo(world, offered(), plain(address='2001:db8:1::9'), family=10)
    equal(stream['core']['local'][0], '2001:db8:1::1', 'a core of IPv6')
    call = Call(world, MT, access_family=10)
    equal(sdp.parse(call.offer(CORE, plain())).connection(), '2001:db8::1', 'a UE of IPv6')


@test('an answer of another family than the offer is refused')
def _(world):
    call = Call(world, MO, profiles='sdes')
    call.offer(ACCESS, offered())
    refused(488, 'address', call.answer, CORE, plain(address='2001:db8::9'))


@test('an address that is a name cannot be anchored')
def _(world):
    offer = offered().replace(b'c=IN IP4 192.0.2.7', b'c=IN IP4 ue.example')
    refused(488, 'address', Call(world, MO).offer, ACCESS, offer)


@test('a UE that changes its family gets other ports and another key of ours')
def _(world):
    call = Call(world, MO, profiles='sdes')
    call.offer(ACCESS, offered())
    first = call.answer(CORE, plain())
    call.tell('select', call.fork)
    old = call.streams()[0]
    other = base64.b64encode(bytes(range(40, 70))).decode()
    call.offer(ACCESS, offered(address='2001:db8::7', version=2).replace(KEY.encode(), other.encode()), call.fork)
    equal(len(world.msf()['streams']), 1, 'streams until the answer')
    back = call.answer(CORE, plain(version=2))
    stream = call.streams()[0]
    equal((stream['id'] != old['id'], stream['access']['local'][0]), (True, '2001:db8::1'), 'stream')
    equal(media(first).attribute('crypto') != media(back).attribute('crypto'), True, 'our key')
    equal((len(world.msf()['streams']), call.state()['core_ports']), (1, 1), 'the old one went')


@test('b=AS grows towards the UE by what the tag takes, and the other bandwidths stay')
def _(world):
    for suite, more in ((DEFAULT_SUITE, 4), ('AEAD_AES_128_GCM', 7)):
        call = Call(world, MT, profiles='sdes', suites=suite)
        passed = call.offer(CORE, plain('b=AS:64', 'b=TIAS:64000', 'a=ptime:20'))
        equal((f'b=AS:{64 + more}'.encode() in passed, b'b=TIAS:64000' in passed), (True, True), 'bandwidth')
    _, back, _ = mo(world, offered('a=ptime:40'), plain('b=AS:30', 'a=ptime:40'))
    equal(b'b=AS:32\r\n' in back, True, 'with longer packets')


@test('b=AS shrinks towards the core by the same, in offers and answers')
def _(world):
    passed, _, _ = mo(world, offered('b=AS:68', 'b=RS:600', 'a=ptime:20'), plain())
    equal((b'b=AS:64\r\n' in passed, b'b=RS:600' in passed), (True, True), 'offer')
    call = Call(world, MT, profiles='sdes')
    passed = call.offer(CORE, plain('b=AS:64', 'a=ptime:20'))
    own = media(passed).attribute('crypto')
    back = call.answer(ACCESS, offered('b=AS:68').replace(b'a=crypto:1', b'a=crypto:' + own.split()[0].encode()))
    equal(b'b=AS:64\r\n' in back, True, 'answer')


@test('MKI, lifetime and window of a key reach the MSF')
def _(world):
    offer = offered().replace(b'\r\na=3ge2ae', b'|2^20|5:4 WSH=512\r\na=3ge2ae')
    _, _, stream = mo(world, offer, plain())
    sa = stream['access']['in']
    equal((sa['mki'], sa['hard'], sa['soft'], sa['window']), ('00000005', 1 << 20, 7 << 17, 512), 'SA')
    equal((stream['access']['out']['mki'], stream['access']['out']['hard']), ('', 0), 'ours')


@test('lines that cannot be used are passed over')
def _(world):
    bad = [f'a=crypto:2 {DEFAULT_SUITE} inline:{KEY}|1:1;inline:{KEY}|2:1', f'a=crypto:3 {DEFAULT_SUITE} inline:AAAA',
           f'a=crypto:4 {DEFAULT_SUITE} inline:{KEY} UNENCRYPTED_SRTP', f'a=crypto:5 {DEFAULT_SUITE} inline:{KEY} KDR=2',
           f'a=crypto:6 F8_128_HMAC_SHA1_80 inline:{KEY}']
    good = f'a=crypto:7 {DEFAULT_SUITE} inline:{KEY}'
    offer = body('m=audio 4000 RTP/SAVP 0', *bad, good, 'a=3ge2ae:requested')
    _, back, _ = mo(world, offer, plain())
    equal(media(back).attribute('crypto').split()[0], '7', 'tag')
    refused(488, 'no-usable-keys', Call(world, MO, profiles='sdes').offer, ACCESS,
            body('m=audio 4000 RTP/SAVP 0', *bad, 'a=3ge2ae:requested'))


@test('either value of 3ge2ae is taken from a UE, with a stray blank too')
def _(world):
    for value in (b'requested', b'applied', b' requested', b' applied'):
        _, back, _ = mo(world, offered().replace(b'3ge2ae:requested', b'3ge2ae:' + value), plain())
        equal(media(back).attribute('3ge2ae'), 'applied', value)
        world.settle()


@test('a line without usable keys is rejected if another survives')
def _(world):
    call = Call(world, MO, profiles='sdes')
    passed = call.offer(ACCESS, offered('m=video 5000 RTP/SAVP 96', 'a=crypto:1 NOTHING inline:x', 'a=3ge2ae:requested'))
    clean(passed.replace(b'm=video 0 RTP/SAVP', b''))
    equal((media(passed, 1).port, call.how()), (0, ['sdes', 'off']), 'the line')
    back = call.answer(CORE, plain('m=video 0 RTP/SAVP 96'))
    equal((media(back, 1).port, media(back, 1).profile), (0, 'RTP/SAVP'), 'the answer')


@test('a core that answers with keys, or with another transport, is refused')
def _(world):
    for profile in ('RTP/SAVP', 'UDP/TLS/RTP/SAVP', 'TCP/MSRP'):
        call = Call(world, MO, profiles='sdes')
        call.offer(ACCESS, offered())
        refused(488, 'answer-profile', call.answer, CORE, plain(profile=profile))
    for answer in (body(), plain('m=audio 7000 RTP/AVP 0')):
        call = Call(world, MO, profiles='sdes')
        call.offer(ACCESS, offered())
        refused(488, 'm-lines', call.answer, CORE, answer)


@test("a UE that sends our own key back in an offer is refused")
def _(world):
    call = Call(world, MO, profiles='sdes')
    call.offer(ACCESS, offered())
    back = call.answer(CORE, plain())
    call.tell('select', call.fork)
    own = re.search(r'inline:(\S+)', media(back).attribute('crypto'))[1]
    refused(488, 'answer-crypto-echo', call.offer, ACCESS, offered(version=2).replace(KEY.encode(), own.encode()), call.fork)


@test('MSRP to the edge is refused without the capability, and MSRP in the clear too where security is required')
def _(world):
    edge = body('m=message 5002 TCP/TLS/MSRP *', 'a=3ge2ae:requested')
    refused(488, 'no-usable-keys', Call(world, MO, msrp=0).offer, ACCESS, edge)
    clear = body('m=message 5002 TCP/MSRP *')
    equal(Call(world, MO).offer(ACCESS, clear), clear, 'in the clear')
    refused(488, 'security-required', Call(world, MO, originating='require').offer, ACCESS, clear)


@test('DTLS is end to end')
def _(world):
    dtls = body('m=audio 5002 UDP/TLS/RTP/SAVPF 0', 'a=fingerprint:sha-256 00')
    for side, role in ((ACCESS, MO), (CORE, MT)):
        call = Call(world, role)
        equal((call.offer(side, dtls), call.how()), (dtls, ['e2e']), 'untouched')
        refused(488, 'end-to-end', Call(world, role, e2e=0).offer, side, dtls)


@test('an answer in the clear to keys end to end is refused where they were to be enough')
def _(world):
    call = Call(world, MO, Situation(E2E), originating='require', enough=1)
    offer = offered(profile='RTP/AVP').replace(b'a=3ge2ae:requested\r\n', b'')
    equal(call.offer(ACCESS, offer), offer, 'the offer')
    refused(488, 'security-required', call.answer, CORE, plain())


@test('a core without an address gets a stream when it has one')
def _(world):
    call = Call(world, MO, profiles='sdes')
    call.offer(ACCESS, offered())
    call.answer(CORE, plain(address='0.0.0.0'))
    call.tell('select', call.fork)
    equal((world.msf()['streams'], call.state()['hold']), ([], 1), 'on hold')
    call.offer(CORE, plain(version=2), call.fork)
    call.answer(ACCESS, offered(version=2))
    equal(call.streams()[0]['core']['peer'], ['192.0.2.9', 6000], 'peer')


@test('key management of the whole session gives each line its own keys')
def _(world):
    call = Call(world, MO, profiles='mikey', core=Situation(kinds=('audio', 'video')))
    keyring = call.ue.keyring
    psk, peer = keyring.initiate(0)
    initiator = mikey.Initiator(psk, keyring.me, peer, DEFAULT_SUITE, (11, 22))
    message = base64.b64encode(initiator.offer()).decode()
    offer = body(f'a=key-mgmt:mikey {message}', 'm=audio 4000 RTP/SAVP 0', 'm=video 5000 RTP/SAVP 96')
    passed = call.offer(ACCESS, offer)
    clean(passed)
    back = call.answer(CORE, body('m=audio 6000 RTP/AVP 0', 'm=video 7000 RTP/AVP 96'))
    session = sdp.parse(back)
    value = session.attribute('key-mgmt')
    equal([one.attributes('key-mgmt') for one in session.media], [[], []], 'attributes of lines')
    keys = initiator.finish(base64.b64decode(value.split()[1]))
    got = [one['access'][way]['key'] for one in call.streams() for way in ('in', 'out')]
    equal(got, [key.key.hex() for key in keys], 'keys')
    equal([one['access']['in']['ssrc'] for one in call.streams()], [11, 22], 'SSRCs')


@test('with keys of the session and keys of a line, each line has its own')
def _(world):
    call = Call(world, MO, profiles='sdes,mikey', core=Situation(kinds=('audio', 'video')))
    psk, peer = call.ue.keyring.initiate(0)
    initiator = mikey.Initiator(psk, call.ue.keyring.me, peer, DEFAULT_SUITE, (11, 22))
    message = base64.b64encode(initiator.offer()).decode()
    call.offer(ACCESS, body(f'a=key-mgmt:mikey {message}', 'm=audio 4000 RTP/SAVP 0', *SECURE.split('\r\n')[:-1],
                            'm=video 5000 RTP/SAVP 96'))
    back = call.answer(CORE, body('m=audio 6000 RTP/AVP 0', 'm=video 7000 RTP/AVP 96'))
    keys = initiator.finish(base64.b64decode(sdp.parse(back).attribute('key-mgmt').split()[1]))
    equal(call.how(), [SDES, MIKEY], 'how')
    equal([call.streams()[1]['access'][way]['key'] for way in ('in', 'out')], [one.key.hex() for one in keys[2:]], 'keys')


@test('no key is in a verdict')
def _(world):
    for offer in (offered().replace(b'requested', b'requested\r\na=crypto:1 again inline:' + KEY.encode()),):
        call = Call(world, MO, profiles='sdes', sdes=0)
        no = refused(488, 'no-usable-keys', call.offer, ACCESS, offer)
        equal(KEY in str(vars(no)), False, 'the key')


@test('random octets and cut descriptions are refused or passed, and nothing is left')
def _(world):
    whole = offered('a=rtcp-mux', 'a=ptime:20', 'm=video 5000 RTP/SAVP 96', *SECURE.split('\r\n')[:-1])
    for n in range(0, len(whole), 7):
        call = Call(world, MO, profiles='sdes')
        for spoilt in (whole[:n], whole[:n] + os.urandom(3) + whole[n + 3:]):
            world.ask(call.number, 'offer', ACCESS, '', 1, body=spoilt)
            call.tell('refused')
        if call.number > 40:
            world.settle()


@test('octets of MIKEY that change anywhere are refused')
def _(world):
    call = Call(world, MO, Situation(MIKEY), e2e=0)
    offer = call.run(call.ue.offer)
    raw = base64.b64decode(media(offer).attribute('key-mgmt').split()[1])
    for n in range(len(raw)):
        if n % 40 == 0:
            world.settle()
        call = Call(world, MO, Situation(MIKEY), e2e=0)
        spoilt = base64.b64encode(raw[:n] + bytes([raw[n] ^ 0x41]) + raw[n + 1:])
        try:
            call.offer(ACCESS, offer.replace(base64.b64encode(raw), spoilt))
        except No as no:
            equal(no.verdict.status, 488, f'octet {n}')
        else:
            raise AssertionError(f'octet {n} changed and nobody saw it')
