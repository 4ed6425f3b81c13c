# SPDX-License-Identifier: GPL-2.0
"""Calls that begin and end: all situations of keying, both roles."""
from helper import ACCESS, CORE, K_MM, K_OLD, MO, MT, Call, clean, media, refused
from lib.ktap import equal, test
from peers.sip.situation import BOTH, E2E, MIKEY, PLAIN, SDES, Situation
from peers.suites import ENCRYPTING

GCM = 'AEAD_AES_128_GCM'
AES80 = 'AES_CM_128_HMAC_SHA1_80'


@test('a UE that offers SDES to the edge talks SRTP to the MSF and RTP to the core')
def _(world):
    call = Call(world, MO, Situation(SDES))
    offer, passed, answer, back = call.begin()
    clean(passed)
    equal(media(passed).profile, 'RTP/AVP', 'profile to the core')
    line = media(back)
    equal((line.profile, line.attributes('3ge2ae'), len(line.attributes('crypto'))), ('RTP/SAVP', ['applied'], 1),
          'the answer to the UE')
    call.check_keys()
    call.check_addresses(0, back, passed)
    equal(call.how(), ['sdes'], 'how')
    state = call.state()
    equal((state['secured'], state['hold'], state['pending']), (1, 0, 0), 'state')
    equal(call.streams()[0]['timeout'], 30, 'timeout of a selected call')


@test('a UE that offers MIKEY to the edge gets an R_MESSAGE that it verifies')
def _(world):
    call = Call(world, MO, Situation(MIKEY))
    offer, passed, answer, back = call.begin()
    clean(passed)
    equal((media(back).profile, len(media(back).attributes('key-mgmt'))), ('RTP/SAVP', 1), 'the answer to the UE')
    leg = call.check_keys()
    equal(leg['in']['ssrc'], call.ue.lines[0].leg.ssrc, 'SSRC that is enforced')
    call.check_addresses(0, back, passed)
    equal(call.how(), ['mikey'], 'how')


@test('a UE is called with SDES, with a line for each suite in the order of policy')
def _(world):
    call = Call(world, MT, Situation(suites=(GCM, AES80)), profiles='sdes', suites=f'{GCM},{AES80}')
    offer, passed, answer, back = call.begin()
    line = media(passed)
    equal(line.profile, 'RTP/SAVP', 'profile')
    equal([c.split()[:2] for c in line.attributes('crypto')], [['1', GCM], ['2', AES80]], 'lines')
    equal(line.attributes('3ge2ae'), ['applied'], '3ge2ae')
    clean(back)
    equal(media(back).profile, 'RTP/AVP', 'profile to the core')
    call.check_keys()
    call.check_addresses(0, passed, back)


@test('a UE is called with MIKEY, and its R_MESSAGE is verified')
def _(world):
    call = Call(world, MT, Situation())
    offer, passed, answer, back = call.begin()
    equal((media(passed).profile, len(media(passed).attributes('key-mgmt')), media(passed).attributes('crypto')),
          ('RTP/SAVP', 1, []), 'the offer to the UE')
    clean(back)
    leg = call.check_keys()
    equal(leg['in']['ssrc'], call.ue.lines[0].leg.ssrc, 'SSRC that is enforced')
    call.check_addresses(0, passed, back)


@test('every suite works both ways, by SDES and by MIKEY')
def _(world):
    for suite in ENCRYPTING:
        for keying in (SDES, MIKEY):
            for role in (MO, MT):
                if (keying, suite) == (MIKEY, 'AES_192_CM_HMAC_SHA1_32'):
                    continue
                call = Call(world, role, Situation(keying if role == MO else PLAIN, suites=(suite,)),
                            profiles=keying, suites=suite)
                call.begin()
                call.check_keys()
                equal(call.how(), [keying], suite)
                world.settle()


@test('an offer with both gets the one that policy prefers')
def _(world):
    for profiles, how in (('mikey,sdes', 'mikey'), ('sdes,mikey', 'sdes'), ('sdes', 'sdes')):
        call = Call(world, MO, Situation(BOTH), profiles=profiles)
        _, passed, _, back = call.begin()
        clean(passed)
        equal(call.how(), [how], 'how')
        call.check_keys()


@test('an offer in the clear is not touched where policy allows it or security is off')
def _(world):
    for mode in ('off', 'allow'):
        call = Call(world, MO, Situation(PLAIN), originating=mode)
        offer, passed, answer, back = call.begin()
        equal((passed, back), (offer, answer), 'what went on')
        equal((call.how(), world.msf()['streams']), (['plain'], []), 'how')


@test('an offer from the core is not touched for a UE without the capability')
def _(world):
    for more in ({'sdes': 0, 'mikey': 0}, {'terminating': 'off'}, {'protected': 0}):
        call = Call(world, MT, **more)
        offer, passed, answer, back = call.begin()
        equal((passed, back), (offer, answer), 'what went on')


@test('an offer in the clear is refused where security is required')
def _(world):
    call = Call(world, MO, Situation(PLAIN), originating='require')
    no = refused(488, 'security-required', call.begin)
    equal((no.required, no.warning), (1, '399 Media security is required'), 'verdict')
    call = Call(world, MT, terminating='require', sdes=0, mikey=0)
    refused(488, 'security-required', call.begin)


@test('keys on signalling that anyone can read are refused')
def _(world):
    for keying in (SDES, MIKEY, BOTH):
        call = Call(world, MO, Situation(keying), protected=0)
        refused(488, 'no-usable-keys', call.begin)


@test('keys to the edge from a UE without the capability are refused')
def _(world):
    refused(488, 'no-usable-keys', Call(world, MO, Situation(SDES), sdes=0).begin)
    refused(488, 'no-usable-keys', Call(world, MO, Situation(MIKEY), mikey=0, e2e=0).begin)
    refused(488, 'no-usable-keys', Call(world, MO, Situation(SDES), originating='off').begin)


@test('RTP/AVP with keys to the edge is secured, and answered as RTP/AVP with keys')
def _(world):
    call = Call(world, MO, Situation(SDES, profile='RTP/AVP'))
    _, passed, _, back = call.begin()
    clean(passed)
    equal((media(back).profile, len(media(back).attributes('crypto'))), ('RTP/AVP', 1), 'answer')
    call.check_keys()


@test('RTP/AVP with keys that cannot be used goes on in the clear without them')
def _(world):
    call = Call(world, MO, Situation(SDES, profile='RTP/AVP'), sdes=0)
    passed = call.offer(ACCESS, call.run(call.ue.offer))
    clean(passed)
    equal(call.how(), ['plain'], 'how')


@test('feedback profiles stay feedback profiles')
def _(world):
    call = Call(world, MO, Situation(SDES, profile='RTP/SAVPF'))
    _, passed, _, back = call.begin()
    equal((media(passed).profile, media(back).profile), ('RTP/AVPF', 'RTP/SAVPF'), 'profiles')
    call = Call(world, MT, core=Situation(profile='RTP/AVPF'))
    _, passed, _, back = call.begin()
    equal((media(passed).profile, media(back).profile), ('RTP/SAVPF', 'RTP/AVPF'), 'profiles')


@test('keys that are not for the edge go through, or are refused, as policy says')
def _(world):
    for role in (MO, MT):
        sides = {'situation': Situation(E2E), 'core': Situation(E2E)}
        call = Call(world, role, **sides)
        offer, passed, answer, back = call.begin()
        equal((passed, back, call.how()), (offer, answer, ['e2e']), 'end to end')
        refused(488, 'end-to-end', Call(world, role, e2e=0, **sides).begin)
        require = {'originating': 'require', 'terminating': 'require'}
        refused(488, 'security-required', Call(world, role, **require, **sides).begin)
        Call(world, role, enough=1, **require, **sides).begin()


@test('key management for somebody else is end to end')
def _(world):
    call = Call(world, MO, Situation(MIKEY))
    call.ue.keyring.fqdn = 'other.example'
    offer = call.run(call.ue.offer)
    equal((call.offer(ACCESS, offer), call.how()), (offer, ['e2e']), 'what went on')


@test('nothing from the core poses as the edge')
def _(world):
    call = Call(world, MT, sdes=0, mikey=0)
    ours = Call(world, MO, Situation(MIKEY))
    message = media(ours.run(ours.ue.offer)).attribute('key-mgmt')
    offer = call.run(call.core.offer) + f'a=3ge2ae:applied\r\na=key-mgmt:{message}\r\n'.encode()
    passed = call.offer(CORE, offer)
    clean(passed)
    call = Call(world, MO, Situation(PLAIN))
    passed = call.offer(ACCESS, call.run(call.ue.offer))
    answer = call.run(call.core.answer, passed)
    equal(call.answer(CORE, answer + b'a=3ge2ae:applied\r\n'), answer, 'answer')


@test('the UE may still use the keys of the registration before')
def _(world):
    for generations in ((K_MM,), (K_OLD,)):
        call = Call(world, MO, Situation(MIKEY), kmm=(K_MM, K_OLD), generations=generations)
        call.begin()
        call.check_keys()
    call = Call(world, MO, Situation(MIKEY), kmm=(K_MM,), generations=(K_OLD,))
    no = refused(488, 'mikey', call.begin)
    equal(bool(no.mikey), True, 'an error message')


@test('what is wrong in the MIKEY of an offer is refused with its error message')
def _(world):
    for wrong in ('mac', 'clock', 'protocols'):
        call = Call(world, MO, Situation(MIKEY, wrong=frozenset([wrong])))
        no = refused(488, 'mikey', call.begin)
        equal((bool(no.mikey), no.warning), (True, '306 Attribute not understood'), wrong)


@test('a message of MIKEY that comes again is refused')
def _(world):
    call = Call(world, MO, Situation(MIKEY))
    offer = call.begin()[0]
    refused(488, 'mikey', call.offer, ACCESS, offer, fork=call.fork)


@test('what came to nothing before there was an SA may come again')
def _(world):
    call = Call(world, MO, Situation(MIKEY))
    offer = call.run(call.ue.offer)
    call.offer(ACCESS, offer)
    call.tell('refused')
    call.offer(ACCESS, offer)


@test('an identity that the subscriber does not have is refused')
def _(world):
    call = Call(world, MO, Situation(MIKEY), ids='sip:mallory@home1.net')
    refused(488, 'mikey', call.begin)


@test('wrong answers of a UE that was offered keys are refused', seconds=120)
def _(world):
    wrongs = {
        'sdes': {'tag': 'answer-crypto-tag', 'suite': 'answer-crypto-tag', 'no crypto': 'answer-crypto-count',
                 'two cryptos': 'answer-crypto-count', 'avp': 'answer-profile', 'profile': 'answer-profile',
                 'echo': 'answer-crypto-echo'},
        'mikey': {'no mikey': 'answer-without-mikey', 'mac': 'mikey', 'avp': 'answer-profile',
                  'profile': 'answer-profile'},
    }
    for profiles, ways in wrongs.items():
        for wrong, why in ways.items():
            for mode in ('allow', 'require'):
                call = Call(world, MT, Situation(wrong=frozenset([wrong])), profiles=profiles, terminating=mode)
                refused(488, why, call.begin)
                equal(world.msf()['streams'], [], 'streams')
                call.tell('refused')
                equal(call.state()['access_ports'], 0, 'ports')
                call.tell('pass', 2000)


@test('a call ends and leaves nothing, whenever that is')
def _(world):
    for role in (MO, MT):
        for steps in range(4):
            call = Call(world, role, Situation(SDES if role == MO else PLAIN))
            first, second, side, other = call.sides(ACCESS if role == MO else CORE)
            if steps > 0:
                passed = call.offer(side, call.run(first.offer))
            if steps > 1:
                call.answer(other, call.run(second.answer, passed))
            if steps > 2:
                call.tell('select', call.fork)
            world.settle()


@test('an MSF that refuses gives the ports back, and the call gets 503')
def _(world):
    for role in (MO, MT):
        call = Call(world, role, Situation(SDES if role == MO else PLAIN))
        world.ask(0, 'fail', 1)
        refused(503, 'msf-full', call.begin)
        call.tell('refused')
        equal((call.state()['access_ports'], world.msf()['sas']), (0, 0), 'left')


@test('without ports there is a 503')
def _(world):
    for _ in range(8):
        call = Call(world, MO, Situation(SDES, kinds=('audio', 'video')))
        call.begin()
    refused(503, 'no-ports', Call(world, MO, Situation(SDES)).begin)


@test('an emergency call is never refused for its security')
def _(world):
    common = {'emergency': 1, 'originating': 'require'}
    for situation, more, how in (
            (Situation(PLAIN), {}, 'plain'), (Situation(SDES), {'sdes': 0, 'protected': 0}, 'sdes'),
            (Situation(MIKEY), {'mikey': 0}, 'plain'), (Situation(E2E), {'e2e': 0}, 'e2e'),
            (Situation(BOTH, wrong=frozenset(['mac'])), {}, 'sdes')):
        call = Call(world, MO, situation, **{**common, **more})
        call.offer(ACCESS, call.run(call.ue.offer))
        equal(call.how(), [how], f'{situation.keying} {more}')
    call = Call(world, MO, Situation(MIKEY, wrong=frozenset(['mac'])), **common)
    passed = call.offer(ACCESS, call.run(call.ue.offer))
    clean(passed)
    call = Call(world, MT, terminating='require', emergency=1, sdes=0, mikey=0)
    call.begin()


@test('a session description that is none is refused')
def _(world):
    for body in (b'', b'v=0\r\n', b'nonsense', b'v=0\r\no=- 1 1 IN IP4 1.2.3.4\r\nm=audio x RTP/AVP 0\r\n'):
        refused(488, 'sdp', Call(world, MO).offer, ACCESS, body)
