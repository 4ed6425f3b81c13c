# SPDX-License-Identifier: GPL-2.0
"""Forks, answers that come again, and a UE that refuses what is secured."""
from helper import ACCESS, CORE, MO, MT, Call, clean, media, refused
from lib.ktap import equal, test
from peers.sip import sdes
from peers.sip.situation import DEFAULT_SUITE, MIKEY, PLAIN, SDES, Situation


def fork(call):
    """One more far end."""
    return call.party(Situation(), '127.0.0.2', None)


def own_key(body):
    return sdes.parse(media(body).attribute('crypto')).key.hex()


def ring(call, tags):
    """An offer of the UE, answered by several forks: {tag: (peer, answer, what the UE got)}."""
    passed = call.offer(ACCESS, call.run(call.ue.offer))
    out = {}
    for tag in tags:
        peer = fork(call)
        answer = call.run(peer.answer, passed)
        out[tag] = peer, answer, call.answer(CORE, answer, tag)
    return out


def close(call, forks):
    for peer, _, _ in forks.values():
        call.run(peer.close)


@test('an answer that comes again gives the same octets and asks nothing of the MSF')
def _(world):
    for role, keying in ((MO, SDES), (MO, MIKEY), (MT, SDES), (MT, MIKEY)):
        call = Call(world, role, Situation(keying if role == MO else PLAIN), profiles=keying)
        _, _, answer, back = call.exchange(ACCESS if role == MO else CORE)
        count = world.msf()['requests']
        side = CORE if role == MO else ACCESS
        equal(call.answer(side, answer), back, 'the 200')
        equal(world.msf()['requests'], count, 'requests')
        call.tell('select', call.fork)
        equal(call.answer(side, answer), back, 'the 200 again')
        call.again(CORE)
        equal(call.answer(side, answer), back, 'the 200 again, late')
        call.check_keys()
        world.settle()


@test('a final answer may differ from the one that was a preview')
def _(world):
    call = Call(world, MO, Situation(SDES))
    passed = call.offer(ACCESS, call.run(call.ue.offer))
    early = call.answer(CORE, call.run(call.core.answer, passed))
    call.run(call.core.lines[0].leg.open)
    late = call.answer(CORE, call.run(call.core.answer, passed))
    equal(own_key(late), own_key(early), 'our key')
    call.tell('select', call.fork)
    call.run(call.ue.take_answer, late)
    call.check_keys()
    call.check_addresses()


@test('each fork has a key of its own, and the one that answers last has the stream')
def _(world):
    call = Call(world, MO, Situation(SDES))
    forks = ring(call, 'abc')
    keys = {own_key(back) for _, _, back in forks.values()}
    equal(len(keys), 3, 'keys')
    stream = call.streams()[0]
    equal((stream['core']['peer'][1], stream['access']['out']['key']),
          (forks['c'][0].lines[0].leg.port, own_key(forks['c'][2])), 'stream')
    for tag in 'aba':
        equal(call.answer(CORE, forks[tag][1], tag), forks[tag][2], 'the same answer')
    equal(len(world.msf()['streams']), 1, 'streams')
    close(call, forks)


@test('the fork that is selected has the stream, with its own key, and the others are forgotten')
def _(world):
    for keying in (SDES, MIKEY):
        call = Call(world, MO, Situation(keying))
        forks = ring(call, 'abc')
        equal(call.tell('select', 'b')[0], None, 'select')
        peer, _, back = forks['b']
        call.run(call.ue.take_answer, back)
        call.core.close = lambda: None
        call.core, call.fork = peer, 'b'
        call.check_keys()
        call.check_addresses()
        equal(call.streams()[0]['timeout'], 30, 'timeout')
        call.again(CORE)
        call.check_keys()
        close(call, forks)
        world.settle()


@test('a fork that is gone leaves the stream to another')
def _(world):
    call = Call(world, MO, Situation(SDES))
    forks = ring(call, 'ab')
    call.tell('gone', 'b')
    stream = call.streams()[0]
    equal((stream['core']['peer'][1], stream['access']['out']['key']),
          (forks['a'][0].lines[0].leg.port, own_key(forks['a'][2])), 'stream')
    call.tell('gone', 'a')
    equal(call.state()['access_ports'], 1, 'ports wait for another answer')
    close(call, forks)


@test('a fork that is selected before its answer comes gets it')
def _(world):
    call = Call(world, MO, Situation(SDES))
    passed = call.offer(ACCESS, call.run(call.ue.offer))
    call.tell('select', call.fork)
    back = call.answer(CORE, call.run(call.core.answer, passed))
    call.run(call.ue.take_answer, back)
    call.check_keys()
    equal(call.state()['pending'], 0, 'pending')


@test('an early dialog has offers of its own while others are there')
def _(world):
    call = Call(world, MO, Situation(SDES))
    forks = ring(call, 'ab')
    peer = forks['a'][0]
    passed = call.offer(CORE, call.run(peer.offer), 'a')
    call.run(call.ue.take_answer, forks['a'][2])
    back = call.answer(ACCESS, call.run(call.ue.answer, passed), 'a')
    call.run(peer.take_answer, back)
    clean(back)
    call.check_keys()
    equal(call.answer(CORE, forks['a'][1], 'a'), forks['a'][2], 'the 200 with the first answer')
    call.tell('select', 'a')
    call.check_keys()
    close(call, forks)


@test('many forks are bounded')
def _(world):
    call = Call(world, MO, Situation(SDES))
    passed = call.offer(ACCESS, call.run(call.ue.offer))
    answer = call.run(call.core.answer, passed)
    for n in range(40):
        call.answer(CORE, answer, f'fork{n}')
    call.tell('select', 'fork39')
    equal(len(world.msf()['streams']), 1, 'streams')


@test('an answer to nothing is none')
def _(world):
    call = Call(world, MO, Situation(SDES))
    refused(500, 'answer-without-offer', call.answer, CORE, call.run(call.core.offer))
    call.begin()
    refused(500, 'answer-without-offer', call.answer, CORE, call.run(call.core.offer))
    call.offer(ACCESS, call.run(call.ue.offer), call.fork)
    refused(500, 'answer-without-offer', call.answer, ACCESS, call.run(call.core.offer))


@test('an INVITE that fails ends its early dialogs')
def _(world):
    call = Call(world, MO, Situation(SDES))
    forks = ring(call, 'ab')
    call.tell('refused')
    equal((world.msf()['streams'], call.state()['access_ports'], call.state()['lines']), ([], 0, []), 'left')
    close(call, forks)


@test('a UE that refuses security is asked once more in the clear where policy says so')
def _(world):
    for profiles in ('sdes', 'mikey'):
        call = Call(world, MT, Situation(), profiles=profiles, retry=1)
        offer = call.run(call.core.offer)
        secured = call.offer(CORE, offer)
        equal(media(secured).profile, 'RTP/SAVP', 'first')
        fault, _, plain = call.tell('retry')
        equal(fault, None, 'retry')
        clean(plain)
        equal(media(plain).port, media(offer).port, 'past us')
        equal((call.state()['access_ports'], call.how()), (0, ['plain']), 'state')
        equal(call.tell('retry')[0], 'EPERM', 'once')
        back = call.answer(ACCESS, call.run(call.ue.answer, plain))
        call.run(call.core.take_answer, back)
        call.tell('select', call.fork)
        call.again(CORE)
        equal(call.how(), ['plain'], 'stays')
        world.settle()


@test('nobody is asked in the clear otherwise')
def _(world):
    for more in ({}, {'retry': 1, 'terminating': 'require'}):
        call = Call(world, MT, Situation(), **more)
        call.offer(CORE, call.run(call.core.offer))
        equal(call.tell('retry')[0], 'EPERM', 'retry')
    call = Call(world, MO, Situation(SDES), retry=1)
    call.offer(ACCESS, call.run(call.ue.offer))
    equal(call.tell('retry')[0], 'EPERM', 'retry of a caller')
    call = Call(world, MT, Situation(), retry=1)
    call.exchange(CORE)
    equal(call.tell('retry')[0], 'EPERM', 'retry after an answer')
    call.tell('select', call.fork)
    call.offer(CORE, call.run(call.core.offer), call.fork)
    equal(call.tell('retry')[0], 'EPERM', 'retry of a re-offer')


@test('without an answer in any fork the caller may be offered suites that differ')
def _(world):
    call = Call(world, MO, Situation(SDES, suites=('AEAD_AES_128_GCM', DEFAULT_SUITE)),
                suites=f'{DEFAULT_SUITE},AEAD_AES_128_GCM')
    back = call.begin()[3]
    equal(media(back).attribute('crypto').split()[:2], ['2', DEFAULT_SUITE], "policy's order decides")
    call.check_keys()
