# SPDX-License-Identifier: GPL-2.0
"""No key of the access leg, and no mark of one, reaches the core: in no line, at no level, in no spelling."""
import base64
import re

from details import KEY, SECURE, body, offered, plain
from helper import ACCESS, CORE, K_MM, MO, MT, Call, No, clean, media, refused
from lib.ktap import equal, test
from peers.sip import sdp
from peers.sip.situation import DEFAULT_SUITE, MIKEY, Situation

CRYPTO = f'a=crypto:1 {DEFAULT_SUITE} inline:{KEY}'
LEAK = re.compile(rb'(?im)^[ \t]*(a[ \t]*=.*(crypto|key-mgmt|3ge2ae)|k=)|inline:|SAVP')


def sealed(passed):
    """Nothing that could be a key, or that promises one, is in what went to the core."""
    found = LEAK.search(passed)
    if found:
        raise AssertionError(f'{found[0]!r} went to the core')


def edge_message(world):
    """The value of an a=key-mgmt for the edge, of some other call."""
    call = Call(world, MO, Situation(MIKEY))
    return media(call.run(call.ue.offer)).attribute('key-mgmt')


@test('a line with port 0 keeps no key and no SAVP towards the core, and its SAVP towards the UE')
def _(world):
    message = edge_message(world)
    for keys in ([CRYPTO], [CRYPTO, 'a=3ge2ae:requested'], [f'a=key-mgmt:{message}'],
                 [CRYPTO, f'a=key-mgmt:{message}', 'a=3ge2ae:applied'], ['k=base64:AAAA'], [f'a=acap:1 crypto:1 x inline:{KEY}']):
        for profile in ('RTP/SAVP', 'RTP/SAVPF', 'RTP/AVP'):
            call = Call(world, MO, profiles='sdes')
            passed = call.offer(ACCESS, offered(f'm=video 0 {profile} 96', *keys))
            sealed(passed)
            equal((media(passed, 1).port, media(passed, 1).profile), (0, profile.replace('SAVP', 'AVP')), 'to the core')
            back = call.answer(CORE, plain(f'm=video 0 {media(passed, 1).profile} 96'))
            equal((media(back, 1).port, media(back, 1).profile, media(back, 1).attributes('crypto')), (0, profile, []),
                  'to the UE')
            world.settle()


@test('a description of dead lines alone has no keys either')
def _(world):
    call = Call(world, MO, profiles='sdes')
    passed = call.offer(ACCESS, body('m=audio 0 RTP/SAVP 0', CRYPTO, 'a=3ge2ae:requested'))
    sealed(passed)
    equal(call.how(), ['off'], 'how')


@test('a line that was secured and ends takes its keys along, and so does one that never was')
def _(world):
    call = Call(world, MO, profiles='sdes')
    video = ['m=video 5000 RTP/SAVP 96', CRYPTO, 'a=3ge2ae:requested', 'm=audio 5002 RTP/AVP 0']
    sealed(call.offer(ACCESS, offered(*video)))
    call.answer(CORE, plain('m=video 7000 RTP/AVP 96', 'm=audio 7002 RTP/AVP 0'))
    call.tell('select', call.fork)
    ended = [line.replace('5000', '0').replace('5002', '0') for line in video] + [CRYPTO]
    sealed(call.offer(ACCESS, offered(*ended, version=2), call.fork))
    back = call.answer(CORE, plain('m=video 0 RTP/AVP 96', 'm=audio 0 RTP/AVP 0', version=2))
    equal([one.profile for one in sdp.parse(back).media], ['RTP/SAVP', 'RTP/SAVP', 'RTP/AVP'], 'profiles to the UE')
    equal(call.how(), ['sdes', 'off', 'off'], 'how')


@test("a UE's answer with port 0 has no keys, whatever was offered")
def _(world):
    lines = {'secured': 'm=audio 6000 RTP/AVP 0', 'off': 'm=audio 0 RTP/AVP 0', 'fax': 'm=image 6000 udptl t38'}
    for what, line in lines.items():
        for more in ({}, {'sdes': 0, 'mikey': 0}):
            call = Call(world, MT, profiles='sdes', **more)
            call.offer(CORE, body(line))
            kind = line.split()[0][2:]
            proto = 'udptl' if what == 'fax' else 'RTP/SAVP'
            back = call.answer(ACCESS, body(f'm={kind} 0 {proto} 0', CRYPTO, 'a=3ge2ae:applied', 'k=clear:x'))
            for word in (b'inline', b'3ge2ae', b'k=clear'):
                equal(word in back, False, f'{what} {more} {word}')
            if more == {} and what == 'secured':
                sealed(back)
            world.settle()


@test('an answer in the clear, or of a line that is no RTP, has no keys in it')
def _(world):
    call = Call(world, MT, sdes=0, mikey=0)
    call.offer(CORE, body('m=audio 6000 RTP/AVP 0', 'm=image 6002 udptl t38'))
    sealed(call.answer(ACCESS, body('m=audio 4000 RTP/AVP 0', CRYPTO, 'a=3ge2ae:applied', 'm=image 4002 udptl t38', CRYPTO,
                                    f'a=key-mgmt:{edge_message(world)}')))


@test('keys at the level of the session do not pass')
def _(world):
    message = edge_message(world)
    for line in (CRYPTO, 'a=3ge2ae:requested', f'a=key-mgmt:{message}', 'a=key-mgmt:mikey !!!!', 'a=key-mgmt:mikey AAAA'):
        for secured in (True, False):
            if secured and 'key-mgmt' in line and message not in line:
                continue
            offer = offered() if secured else plain()
            offer = offer.replace(b't=0 0\r\n', f't=0 0\r\n{line}\r\n'.encode())
            call = Call(world, MO, profiles='sdes')
            sealed(call.offer(ACCESS, offer))
            world.settle()


@test('key management of the session for somebody else stays with media end to end')
def _(world):
    call = Call(world, MO, Situation(MIKEY))
    call.ue.keyring.fqdn = 'other.example'
    line = f'a=key-mgmt:{media(call.run(call.ue.offer)).attribute("key-mgmt")}\r\n'.encode()
    offer = body('m=audio 4000 RTP/SAVP 0').replace(b't=0 0\r\n', b't=0 0\r\n' + line)
    equal((call.offer(ACCESS, offer), call.how()), (offer, ['e2e']), 'what went on')


@test('no spelling of a name hides a key')
def _(world):
    for spelled in ('a=CRYPTO:', 'a=Crypto:', 'a=crypto :', 'a= crypto:', 'a=crypto: '):
        offer = offered().replace(b'a=crypto:', spelled.encode())
        call = Call(world, MO, profiles='sdes')
        sealed(call.offer(ACCESS, offer))
        equal(call.how(), ['sdes'], spelled)
        world.settle()
    for spelled in ('a=3GE2AE:requested', 'a=3ge2ae : requested', 'a=Key-Mgmt:' + edge_message(world)):
        call = Call(world, MO, profiles='sdes')
        sealed(call.offer(ACCESS, offered(spelled)))
        world.settle()
    folded = offered().replace(b' inline:', b'\r\n inline:')
    call = Call(world, MO, profiles='sdes')
    try:
        sealed(call.offer(ACCESS, folded))
    except No as no:
        equal(no.verdict.status, 488, 'a folded line')


@test('keys for the edge in transports that it does not relay are taken out or refused')
def _(world):
    for proto in ('TCP/RTP/SAVP', 'RTP/SAVP/UDP'):
        lone = body(f'm=audio 4000 {proto} 0', *SECURE.split('\r\n')[:-1])
        refused(488, 'no-usable-keys', Call(world, MO, profiles='sdes').offer, ACCESS, lone)
        call = Call(world, MO, profiles='sdes')
        passed = call.offer(ACCESS, offered(f'm=audio 4002 {proto} 0', *SECURE.split('\r\n')[:-1]))
        clean(passed.replace(proto.encode(), b''))
        equal((media(passed, 1).port, call.how()), (0, ['sdes', 'off']), proto)
        world.settle()
    call = Call(world, MO, profiles='sdes')
    sealed(call.offer(ACCESS, body('m=audio 4000 TCP/RTP/AVP 0', *SECURE.split('\r\n')[:-1])))
    call = Call(world, MO, profiles='sdes')
    sealed(call.offer(ACCESS, body('m=image 4000 udptl t38', *SECURE.split('\r\n')[:-1])))
    equal(call.how(), ['untouched'], 'how')


@test('RTP over another transport is in the clear, or end to end, for policy')
def _(world):
    clear, keyed = body('m=audio 4000 TCP/RTP/AVP 0'), body('m=audio 4000 TCP/RTP/SAVP 0', CRYPTO)
    for offer, how in ((clear, 'plain'), (keyed, 'e2e')):
        call = Call(world, MO)
        equal((call.offer(ACCESS, offer), call.how()), (offer, [how]), 'what went on')
        refused(488, 'security-required', Call(world, MO, originating='require').offer, ACCESS, offer)
    refused(488, 'end-to-end', Call(world, MO, e2e=0).offer, ACCESS, keyed)


@test('an emergency call whose keys cannot be used leaves none of them behind')
def _(world):
    message = base64.b64encode(b'\x00' * 40).decode()
    offer = body('m=audio 4000 RTP/SAVP 0').replace(b't=0 0\r\n', f't=0 0\r\na=key-mgmt:mikey {message}\r\n'.encode())
    call = Call(world, MO, emergency=1, kmm=(K_MM,))
    sealed(call.offer(ACCESS, offer))
    equal(call.how(), ['plain'], 'how')
