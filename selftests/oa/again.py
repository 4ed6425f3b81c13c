# SPDX-License-Identifier: GPL-2.0
"""Offers in calls that are there: hold, codecs, moves, keys, lines that come and go; and what is undone."""
from helper import ACCESS, CORE, MO, MT, Call, clean, media, refused
from lib.ktap import equal, test
from peers.sip import sdp
from peers.sip.situation import DEFAULT_SUITE, MIKEY, PLAIN, SDES, Situation

KEYINGS = (SDES, MIKEY)


def established(world, role, keying, situation=None, **terms):
    """A secured call."""
    call = Call(world, role, situation or Situation(keying if role == MO else PLAIN), profiles=keying, **terms)
    call.begin()
    return call


def every(world, **terms):
    for role in (MO, MT):
        for keying in KEYINGS:
            yield role, keying, established(world, role, keying, **terms)
            world.settle()


def sas(call, line=0):
    leg = call.streams()[line]['access']
    return leg['in']['id'], leg['out']['id']


@test('hold and resume from either side keep stream, SAs and ports, and stop the timeout')
def _(world):
    for _, keying, call in every(world):
        for by in (ACCESS, CORE):
            before, ids = call.streams()[0], sas(call)
            _, passed, _, back = call.again(by, direction='sendonly')
            to_core = passed if by == ACCESS else back
            clean(to_core)
            equal((call.state()['hold'], call.streams()[0]['timeout']), (1, 0), 'on hold')
            call.check_keys()
            call.again(by, direction='sendrecv')
            equal((call.state()['hold'], call.streams()[0]['timeout']), (0, 30), 'resumed')
            call.check_keys()
            equal(call.streams()[0]['id'], before['id'], 'stream')
            equal(sas(call) == ids, keying == SDES or sas(call) == ids, 'SAs')
            if keying == SDES:
                equal(sas(call), ids, 'SAs')


@test('the same keys again make no new SA')
def _(world):
    call = established(world, MO, SDES)
    ids, count = sas(call), world.msf()['requests']
    call.again(ACCESS)
    call.again(CORE)
    equal((sas(call), world.msf()['requests']), (ids, count), 'SAs and requests')
    call = established(world, MT, MIKEY)
    ids = sas(call)
    call.again(CORE)
    call.check_keys()
    equal(sas(call), ids, 'SAs: our bundle went on with its keys')


@test('our own offers in a bundle go on with its id, a later time, and without a RAND')
def _(world):
    call = established(world, MT, MIKEY)
    first = call.ue.lines[0]._responder.bundle
    call.again(CORE)
    call.check_keys()
    equal(call.ue.lines[0]._responder.bundle is first, True, 'bundle')


@test('the other end that offers in MIKEY starts a bundle of its own, and both go on')
def _(world):
    call = established(world, MO, MIKEY)
    for by in (CORE, ACCESS, CORE, ACCESS, ACCESS, CORE):
        call.again(by)
        call.check_keys()
        equal(call.how(), ['mikey'], 'how')


@test('a new key of the UE makes one new SA, and ours stays')
def _(world):
    for role in (MO, MT):
        call = established(world, role, SDES)
        was = sas(call)
        call.again(ACCESS, rekey=True)
        call.check_keys()
        now = sas(call)
        equal((now[0] != was[0], now[1]), (True, was[1]), 'SAs')


@test('a UE that moves with a new key is followed')
def _(world):
    for _, _, call in every(world):
        _, passed, _, back = call.again(ACCESS, rekey=True, move=True)
        call.check_keys()
        call.check_addresses(0, back, passed)


@test('a UE that moves and keeps its key is refused, unless policy bears it')
def _(world):
    for role in (MO, MT):
        call = established(world, role, SDES)
        before = call.streams()
        refused(488, 'same-key-after-move', call.again, ACCESS, move=True)
        equal(call.streams(), before, 'streams')
        call = established(world, role, SDES, same_key=1)
        call.again(ACCESS, move=True)
        call.check_keys()
        call.check_addresses()


@test('a core that moves is followed, and the UE sees nothing of it')
def _(world):
    for _, keying, call in every(world):
        ids = sas(call)
        own = call.streams()[0]['access']['local']
        _, passed, _, _ = call.again(CORE, move=True)
        session = sdp.parse(passed)
        equal([*session.address(session.media[0])[:2]], own, 'our address')
        call.check_addresses()
        call.check_keys()
        if keying == SDES:
            equal(sas(call), ids, 'SAs')


@test('a re-offer that is refused leaves everything as it was')
def _(world):
    for _, _, call in every(world):
        for by in (ACCESS, CORE):
            before, state = call.streams(), call.state()
            offerer, _, side, _ = call.sides(by)
            body = call.run(offerer.offer, rekey=by == ACCESS)
            call.offer(side, body, call.fork)
            equal(call.state()['pending'], 1, 'pending')
            refused(491, 'offer-pending', call.offer, side, body, call.fork)
            call.tell('refused')
            equal((call.streams(), call.state()), (before, state), 'streams and state')
        call.again(CORE)
        call.check_keys()


@test('a secured line is never offered or answered in the clear again')
def _(world):
    for _, _, call in every(world):
        before = call.streams()
        plain = call.run(call.core.offer).replace(b'127.0.0.2', b'127.0.0.1')
        refused(488, 'downgrade', call.offer, ACCESS, plain, call.fork)
        secured = plain.replace(b'RTP/AVP', b'RTP/SAVP') + \
            b'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz\r\n'
        refused(488, 'downgrade', call.offer, ACCESS, secured, call.fork)
        refused(488, 'downgrade', call.offer, CORE, secured, call.fork)
        equal(call.streams(), before, 'streams')


@test('audio that becomes a fax has no stream any more, and is not touched')
def _(world):
    for _, _, call in every(world):
        for by in (CORE, ACCESS):
            offerer, answerer, side, other = call.sides(by)
            text = call.run(offerer.offer).decode()
            fax = text[:text.index('m=')] + 'm=image 5004 udptl t38\r\na=T38FaxVersion:0\r\n'
            equal(call.offer(side, fax.encode(), call.fork), fax.encode(), 'the offer that went on')
            equal(len(world.msf()['streams']), 1 if by == CORE else 0, 'streams before the answer')
            equal(call.answer(other, fax.encode()), fax.encode(), 'the answer that went on')
            equal((call.how(), world.msf()['streams'], call.state()['core_ports']), (['untouched'], [], 0), 'what is left')
        call.again(CORE)
        call.check_keys()
        equal(call.state()['secured'], 1, 'speech again')


@test('lines are added, ended and taken up again')
def _(world):
    for role, keying, call in every(world):
        for one in (call.ue, call.core):
            one.situation = Situation(one.situation.keying, kinds=('audio', 'video'))
        by = ACCESS if role == MO else CORE
        call.again(by)
        equal(call.how(), [keying, keying], 'two lines')
        for line in (0, 1):
            call.check_keys(line)
            call.check_addresses(line)
        (call.ue if by == ACCESS else call.core).lines[1].active = False
        call.again(by)
        equal((call.how(), len(world.msf()['streams'])), ([keying, 'off'], 1), 'one ended')
        equal((call.state()['access_ports'], call.state()['core_ports']), (1, 1), 'ports')
        for line in (call.ue.lines[1], call.core.lines[1]):
            line.active = True
        call.again(by, rekey=True)
        equal(call.how(), [keying, keying], 'taken up again')
        call.check_keys(1)


@test('a line that is taken up again under the keys it had is refused')
def _(world):
    call = Call(world, MO, Situation(MIKEY, kinds=('audio', 'video')), core=Situation(kinds=('audio', 'video')))
    call.begin()
    call.ue.lines[1].active = False
    call.again(ACCESS, rekey=False)
    for line in (call.ue.lines[1], call.core.lines[1]):
        line.active = True
    refused(488, 'mikey', call.again, ACCESS, rekey=False)


@test('an answer with port 0 ends the line and gives its ports back')
def _(world):
    for role, keying in ((MO, SDES), (MO, MIKEY), (MT, SDES), (MT, MIKEY)):
        call = Call(world, role, Situation(keying if role == MO else PLAIN, kinds=('audio', 'video')),
                    core=Situation(kinds=('audio', 'video')), profiles=keying)
        first, second, side, other = call.sides(ACCESS if role == MO else CORE)
        passed = call.offer(side, call.run(first.offer))
        answer = call.run(second.answer, passed).decode()
        at = answer.index('m=video')
        words = answer[at:].split(' ')
        answer = answer[:at] + ' '.join([words[0], '0', *words[2:]])
        back = call.answer(other, answer.encode())
        call.run(first.take_answer, back)
        call.tell('select', call.fork)
        equal((media(back, 1).port, media(back, 1).profile), (0, first.lines[1].profile), 'the line')
        call.check_keys()
        equal((call.how(), call.state()['access_ports']), ([keying, 'off'], 1), 'what is left')
        world.settle()


@test('a delayed offer works, from either side')
def _(world):
    for role, by, profiles in ((MO, CORE, SDES), (MO, CORE, MIKEY), (MT, ACCESS, SDES), (MT, ACCESS, MIKEY)):
        situation = Situation(profiles if by == ACCESS else PLAIN)
        call = Call(world, role, situation, profiles=profiles)
        call.exchange(by, fork=call.fork)
        call.tell('select', call.fork)
        equal(call.how(), [profiles], 'how')
        call.check_keys()
        call.again(ACCESS if by == CORE else CORE)
        call.check_keys()
        world.settle()


@test('an MSF that refuses a change leaves all lines as they were')
def _(world):
    call = Call(world, MO, Situation(SDES, kinds=('audio', 'video')), core=Situation(kinds=('audio', 'video')))
    call.begin()
    before = [(leg['in']['key'], leg['out']['key'], one['access']['peer'])
              for one in call.streams() for leg in [one['access']]]
    world.ask(0, 'fail', 2)
    refused(503, 'msf-full', call.again, ACCESS, rekey=True, move=True)
    call.tell('refused')
    after = [(leg['in']['key'], leg['out']['key'], one['access']['peer'])
             for one in call.streams() for leg in [one['access']]]
    equal(after, before, 'keys and peers')


@test('keys that the registration changes do not end what runs')
def _(world):
    for _, _, call in every(world):
        call.ue.keyring.generations.insert(0, bytes(range(64, 96)))
        call.tell('keys', bytes(range(64, 96)).hex())
        call.again(CORE)
        call.check_keys()


@test('a repeated version with another body counts up, and stays ahead')
def _(world):
    call = established(world, MT, MIKEY)
    offer = call.run(call.core.offer)

    def version(body):
        return int(next(v for k, v in sdp.parse(body).lines if k == 'o').split()[2])
    seen = []
    for _ in range(3):
        passed = call.offer(CORE, offer, call.fork)
        seen.append(version(passed))
        back = call.answer(ACCESS, call.run(call.ue.answer, passed))
        call.run(call.core.take_answer, back)
    equal(seen, [version(offer) + n for n in range(3)], 'versions')
    later = call.run(call.core.offer)
    equal(version(call.offer(CORE, later, call.fork)), version(later) + 2, 'the next version')


@test('a UE that holds with 0.0.0.0 stays where it was')
def _(world):
    call = established(world, MO, SDES)
    before = call.streams()[0]['access']['peer']
    offer = call.run(call.ue.offer).replace(b'c=IN IP4 127.0.0.1', b'c=IN IP4 0.0.0.0')
    passed = call.offer(ACCESS, offer, call.fork)
    equal(b'c=IN IP4 0.0.0.0\r\n' in passed, True, 'the hold goes on')
    call.answer(CORE, call.run(call.core.answer, passed))
    equal((call.streams()[0]['access']['peer'], call.state()['hold']), (before, 1), 'peer and hold')


@test('the suite of a call stays in our offers')
def _(world):
    call = Call(world, MT, Situation(suites=(DEFAULT_SUITE,)), profiles='sdes',
                suites=f'AEAD_AES_256_GCM,{DEFAULT_SUITE}')
    call.begin()
    passed = call.again(CORE)[1]
    equal([c.split()[1] for c in media(passed).attributes('crypto')], [DEFAULT_SUITE], 'suites')
    call.check_keys()
