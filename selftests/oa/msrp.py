# SPDX-License-Identifier: GPL-2.0
"""MSRP over TLS with a pre-shared key on the access leg (RFC 4975, 6135, 6714): what goes on, and what the relay is told."""
import random
import re

from details import body, offered, plain
from helper import ACCESS, CORE, FQDN, K_MM, K_OLD, MO, MT, Call, No, media, refused
from lib.ktap import equal, test
from peers.sip import kdf, sdp

UE, FAR = '192.0.2.7', '192.0.2.9'
UE_PATH, FAR_PATH = f'msrps://{UE}:5002/ue1;tcp', f'msrp://{FAR}:6002/far1;tcp'
EDGE = 'a=3ge2ae:requested'
BENT = ['', ':', '/', ';', '@', '[', ']', ' ', 'msrp://', '%', '\x7f', '\xe4', '9' * 6]


def line(*more, path, port, tls=False, setup=None, cema=False, kind='message'):
    """An MSRP line."""
    out = [f'm={kind} {port} {"TCP/TLS/MSRP" if tls else "TCP/MSRP"} *', 'a=accept-types:text/plain']
    out += [f'a=path:{path}'] * bool(path) + [f'a=setup:{setup}'] * bool(setup) + ['a=msrp-cema'] * cema
    return [*out, *more]


def ue(*more, path=UE_PATH, port=5002, edge=True, **how):
    return line(*[EDGE] * edge, *more, path=path, port=port, tls=True, **how)


def far(*more, path=FAR_PATH, port=6002, **how):
    return line(*more, path=path, port=port, **how)


def by_ue(*lines, **how):
    return body(*lines, address=how.pop('address', UE), **how)


def by_far(*lines, **how):
    return body(*lines, address=how.pop('address', FAR), **how)


def begin(world, role, ue_line, far_line, **terms):
    """A call with one line from each: (call, what the core got, what the UE got, the session)."""
    call = Call(world, role, profiles='psk-tls,sdes', **terms)
    if role == MO:
        to_core = call.offer(ACCESS, by_ue(*ue_line))
        to_ue = call.answer(CORE, by_far(*far_line))
    else:
        to_ue = call.offer(CORE, by_far(*far_line))
        to_core = call.answer(ACCESS, by_ue(*ue_line))
    call.tell('select', call.fork)
    return call, to_core, to_ue, sessions(world)[0]


def sessions(world):
    """What the relay holds. Nothing that it would refuse was asked of it."""
    found = world.ask(0, 'msrp')[1]
    equal(found['wrong'], 0, 'requests that a relay refuses')
    return found['sessions']


def where(octets, number=0):
    """[address, port] of an m-line."""
    session = sdp.parse(octets)
    return [*session.address(session.media[number])[:2]]


def sealed(octets):
    for word in (b'3ge2ae', b'TLS', b'connection:'):
        equal(word in octets, False, f'{word.decode()} in what the core got')


def own_path(octets, side, number=0):
    """The path shown there is one of ours, for the address in c= and m=."""
    scheme = 'msrps' if side == ACCESS else 'msrp'
    host, port = where(octets, number)
    path = media(octets, number).attributes('path')
    equal(len(path), 1, 'paths')
    host = f'[{host}]' if ':' in host else host
    assert re.fullmatch(re.escape(f'{scheme}://{host}:{port}/') + '[0-9a-f]{30};tcp', path[0]), path[0]
    return path[0]


@test('MSRP for the edge is TLS on the access leg and TCP in the core, in both roles')
def _(world):
    for role in (MO, MT):
        call, to_core, to_ue, session = begin(world, role, ue('a=connection:new', setup='active' if role == MT else 'actpass'),
                                              far('a=connection:new', setup='actpass' if role == MT else 'passive'))
        sealed(to_core)
        equal((media(to_core).profile, media(to_ue).profile), ('TCP/MSRP', 'TCP/TLS/MSRP'), 'transports')
        equal((media(to_ue).attributes('3ge2ae'), b'connection' in to_ue), (['applied'], False), 'marks')
        equal((where(to_ue), where(to_core)), (session['access']['local'], session['core']['local']), 'own addresses')
        equal([session[side]['own'] for side in (ACCESS, CORE)], [own_path(to_ue, ACCESS), own_path(to_core, CORE)], 'own')
        equal([session[side]['path'] for side in (ACCESS, CORE)], [UE_PATH, FAR_PATH], 'paths of the peers')
        equal((session['cema'], session['access']['any'], session['core']['any']), (False, True, False), 'how')
        state = call.state()
        equal((call.how(), state['secured'], state['lines'][0]['session'], state['lines'][0]['stream']),
              (['psk-tls'], 1, 'connects', 0), 'state')
        world.settle()


@test('keys of a session are those of the paper, of the current K_mm and of the one before')
def _(world):
    for role in (MO, MT):
        call = Call(world, role, profiles='sdes,psk-tls', kmm=(K_MM, K_OLD))
        audio = plain() if role == MT else offered()
        side, lines = (ACCESS, ue()) if role == MO else (CORE, far())
        call.offer(side, audio + ''.join(f'{one}\r\n' for one in lines).encode())
        keys = sessions(world)[0]['keys']
        equal(len(keys), 2, 'generations')
        for master, key in zip((K_MM, K_OLD), keys):
            want = kdf.Line(master, call.call_id, call.from_tag, 2, role)
            equal(key['identity'], f'{want.key_id()}@{FQDN}', 'identity')
            for name, label, client in (('tls13_ue', kdf.TLS13, kdf.CLIENT_UE), ('tls13_msf', kdf.TLS13, kdf.CLIENT_MSF),
                                        ('tls12_ue', kdf.TLS12, kdf.CLIENT_UE), ('tls12_msf', kdf.TLS12, kdf.CLIENT_MSF)):
                equal(key[name], want.tls(label, client).hex(), name)
        world.settle()


# setup of the offer, of the answer: as the answerer got it, as the offerer got the answer, who connects (UE, core).
SETUPS = {MO: """
    -        -        -        -        ue
    -        passive  -        passive  ue
    active   -        active   -        ue
    active   passive  active   passive  ue
    holdconn passive  holdconn passive  ue
    actpass  passive  actpass  passive  ue
    actpass  active   actpass  active   core
    actpass  -        actpass  -        ue
    actpass  holdconn actpass  passive  ue
    passive  active   passive  active   core
    passive  -        passive  -        core
    active   active   active   passive  ue+core""", MT: """
    -        -        actpass  -        core
    -        passive  actpass  passive  core
    -        active   actpass  passive  ue+core
    active   passive  actpass  passive  core
    active   active   actpass  passive  ue+core
    active   -        actpass  -        core
    holdconn active   actpass  passive  ue+core
    actpass  passive  actpass  passive  core
    actpass  active   actpass  active   ue
    actpass  -        actpass  -        core
    passive  active   passive  active   ue"""}


@test('who connects is as a=setup says, in both roles; nobody waits for somebody who waits')
def _(world):
    for role, table in SETUPS.items():
        for row in table.split('\n')[1:]:
            offer, answer, told, back, connects = (None if word == '-' else word for word in row.split())
            ours, theirs = (offer, answer) if role == MO else (answer, offer)
            call, to_core, to_ue, session = begin(world, role, ue(setup=ours), far(setup=theirs))
            first, last = (to_core, to_ue) if role == MO else (to_ue, to_core)
            equal((media(first).attribute('setup'), media(last).attribute('setup')), (told, back), f'{role}: {row}')
            equal([side for side, name in (('ue', ACCESS), ('core', CORE)) if not session[name]['connect']],
                  connects.split('+'), f'{role}: {row}')
            world.settle()


@test('with CEMA on both sides paths stay what they are; with one, the other gets a path that is ours')
def _(world):
    for role in (MO, MT):
        for ours in (False, True):
            for theirs in (False, True):
                call, to_core, to_ue, session = begin(world, role, ue(setup='active' if role == MT else 'actpass', cema=ours),
                                                      far(setup='passive' if role == MO else 'actpass', cema=theirs))
                both, offerer = ours and theirs, ours if role == MO else theirs
                first, last = (to_core, to_ue) if role == MO else (to_ue, to_core)
                mine, side, other = (UE_PATH, CORE, ACCESS) if role == MO else (FAR_PATH, ACCESS, CORE)
                answered = FAR_PATH if role == MO else UE_PATH
                equal(session['cema'], both, 'cema')
                equal([b'msrp-cema' in one for one in (first, last)], [offerer, both], 'attributes')
                if offerer:
                    equal(media(first).attribute('path'), mine, 'path of the offer')
                    equal(media(last).attribute('path') == answered, both, 'path of the answer')
                else:
                    own_path(first, side)
                if not both:
                    own_path(last, other)
                    equal((session[side]['own'], session[other]['own']),
                          (media(first).attribute('path'), media(last).attribute('path')), 'own')
                equal((where(to_ue), where(to_core)), (session['access']['local'], session['core']['local']), 'c= and m=')
                equal(call.state()['lines'][0]['cema'], int(both), 'told')
                world.settle()


@test('a core that might connect by a path that is not ours is told to wait, a UE is not')
def _(world):
    call = Call(world, MO, profiles='psk-tls')
    equal(media(call.offer(ACCESS, by_ue(*ue(setup='actpass', cema=True)))).attribute('setup'), 'active', 'to the core')
    call = Call(world, MT, profiles='psk-tls')
    equal(media(call.offer(CORE, by_far(*far(setup='actpass', cema=True)))).attribute('setup'), 'actpass', 'to the UE')


@test('a side is where its path says, or c= and m= with CEMA, or whatever of them is a number')
def _(world):
    there, named = 'msrp://192.0.2.40:7000/x;tcp', 'msrp://far.example:7000/x;tcp'
    relayed = 'msrp://192.0.2.50:2855/r;tcp msrp://192.0.2.9:6002/far1;tcp'
    for how, want in (({'path': there}, ['192.0.2.40', 7000]), ({'path': there, 'cema': True}, [FAR, 6002]),
                      ({'path': named}, [FAR, 6002]), ({'path': relayed}, ['192.0.2.50', 2855]),
                      ({'path': relayed, 'cema': True}, [FAR, 6002])):
        for ours in (False, True):
            _, _, _, session = begin(world, MO, ue(setup='actpass', cema=ours), far(setup='passive', **how))
            if ours and how == {'path': there}:     # RFC 6714, 4.2: a middlebox is there that does
                want = [FAR, 6002]
            equal((session['core']['peer'], session['core']['connect']), (want, True), f'{how} {ours}')
            world.settle()


@test('a UE behind relays of its own does not do CEMA here')
def _(world):
    path = f'msrps://192.0.2.60:2855/r;tcp {UE_PATH}'
    call, to_core, to_ue, session = begin(world, MO, ue(setup='actpass', cema=True, path=path), far(setup='passive', cema=True))
    own_path(to_core, CORE)
    own_path(to_ue, ACCESS)
    equal((b'cema' in to_core, b'cema' in to_ue, session['cema'], session['access']['path']), (False, False, False, path), 'how')


@test('a path that is none, or is missing, is refused')
def _(world):
    for path in ('', 'msrp://', 'http://192.0.2.7:5002/x;tcp', 'msrps://192.0.2.7:5002/x;udp', 'msrps://192.0.2.7:5002/x',
                 'msrps:///x;tcp', 'msrps://192.0.2.7:5002/x;tcpx', ' '.join([UE_PATH] * 9), f'msrps://h:1/{"x" * 1100};tcp'):
        call = Call(world, MO, profiles='psk-tls')
        refused(488, 'sdp', call.offer, ACCESS, by_ue(*ue(path=path)))
        equal((sessions(world), call.state()['access_ports']), ([], 0), 'left')
        call = Call(world, MO, profiles='psk-tls')
        call.offer(ACCESS, by_ue(*ue()))
        refused(488, 'sdp', call.answer, CORE, by_far(*far(path=path)))
        call.tell('refused')
        equal((sessions(world), call.state()['access_ports']), ([], 0), 'left')
        world.settle()


@test('paths that are bent at random are taken or refused, and nothing is left', seconds=120)
def _(world):
    pick = random.Random(6714)
    whole = f'msrps://user@[2001:db8::7]:5002/abc;tcp;x=y {UE_PATH}'
    for _ in range(400):
        octets = list(whole)
        for _ in range(pick.randint(1, 6)):
            at = pick.randrange(len(octets))
            octets[at:at + pick.randint(0, 2)] = pick.choice(BENT)
        call = Call(world, MO, profiles='psk-tls')
        try:
            call.offer(ACCESS, by_ue(*ue(path=''.join(octets), setup='active')))
            call.answer(CORE, by_far(*far(setup='passive')))
        except No as no:
            assert no.verdict.status == 488, no
        world.settle()
    equal(sessions(world), [], 'sessions')


# Columns: off, allow, require. T: psk-tls. P: untouched. E: end to end. K: no usable keys. R: required.
POLICIES = """
    originating  edge   able   KTT
    originating  edge   unable KKK
    originating  edge   bare   KKK
    originating  clear  able   PPR
    originating  e2e    able   EER
    terminating  clear  able   PTT
    terminating  clear  unable PPR
    terminating  clear  bare   PPR
    terminating  e2e    able   EER"""
LETTERS = {'psk-tls': 'T', 'untouched': 'P', 'e2e': 'E', 'no-usable-keys': 'K', 'security-required': 'R'}
ABLE = {'able': ({},), 'unable': ({'msrp': 0}, {'kmm': ()}, {'profiles': 'sdes,mikey'}), 'bare': ({'protected': 0},)}


def outcome(world, role, what, terms):
    if role == MO:
        lines = {'edge': ue(setup='actpass'), 'clear': far(path=UE_PATH.replace('msrps', 'msrp'), port=5002),
                 'e2e': ue('a=fingerprint:sha-256 00:11', edge=False)}[what]
        call, side, offer = Call(world, MO, **{'profiles': 'psk-tls', **terms}), ACCESS, by_ue(*lines)
    else:
        lines = {'clear': far(), 'e2e': ue('a=fingerprint:sha-256 00:11')}[what]
        call, side, offer = Call(world, MT, **{'profiles': 'psk-tls', **terms}), CORE, by_far(*lines)
    no, = world.ask(call.number, 'offer', side, '', 2, body=offer)[1:2]
    if no['status']:
        equal(no['status'], 488, 'status')
        return LETTERS[no['why']]
    passed = world.ask(call.number, 'state')[1]
    return LETTERS[passed['lines'][0]['how']]


@test('matrix: what becomes of MSRP by policy, capability, keys and signalling')
def _(world):
    for row in POLICIES.split('\n')[1:]:
        direction, what, able, want = row.split()
        for terms in ABLE[able]:
            got = ''
            for mode in ('off', 'allow', 'require'):
                got += outcome(world, MO if direction == 'originating' else MT, what, {direction: mode, **terms})
                world.settle()
            equal(got, want, f'{row.strip()} {terms}')


@test('MSRP end to end keeps every octet, marks of the core apart')
def _(world):
    call = Call(world, MO, profiles='psk-tls')
    offer = by_ue(*ue('a=fingerprint:sha-256 00:11', edge=False, setup='actpass', cema=True))
    answer = by_far(*ue('a=fingerprint:sha-256 22:33', edge=False, setup='active', path=FAR_PATH.replace('msrp', 'msrps')))
    equal((call.offer(ACCESS, offer), call.answer(CORE, answer), call.how()), (offer, answer, ['e2e']), 'what went on')
    refused(488, 'end-to-end', Call(world, MO, profiles='psk-tls', e2e=0).offer, ACCESS, offer)
    call = Call(world, MT, profiles='psk-tls')
    equal((call.offer(CORE, by_far(*ue('a=fingerprint:sha-256 22:33'))), call.how()),
          (by_far(*ue('a=fingerprint:sha-256 22:33', edge=False)), ['e2e']), 'from the core')
    equal(sessions(world), [], 'sessions')


@test('an emergency call is never refused for MSRP, and protected if there is a key')
def _(world):
    for terms, how in (({}, 'psk-tls'), ({'protected': 0}, 'psk-tls'), ({'profiles': 'sdes'}, 'psk-tls'),
                       ({'kmm': ()}, 'untouched'), ({'msrp': 0}, 'untouched')):
        call = Call(world, MO, emergency=1, originating='require', **{'profiles': 'psk-tls', **terms})
        sealed(call.offer(ACCESS, by_ue(*ue())))
        equal(call.how()[0] in (how, 'plain'), True, f'{terms} {call.how()}')
        world.settle()


def pair(world, role=MO, **terms):
    """A call with audio by SDES and two MSRP lines."""
    call = Call(world, role, profiles='sdes,psk-tls', **terms)
    second = {'path': f'msrps://{UE}:5004/ue2;tcp', 'port': 5004}, {'path': f'msrp://{FAR}:6004/far2;tcp', 'port': 6004}
    audio = ['m=audio 4000 RTP/SAVP 0', *offered().decode().split('\r\n')[6:9]]
    return call, (by_ue(*audio, *ue(setup='active'), *ue(setup='active', **second[0]))
                  ), by_far('m=audio 6000 RTP/AVP 0', *far(setup='passive'), *far(setup='passive', **second[1]))


@test('audio and two MSRP lines in one call have their own ports, keys, stream and sessions')
def _(world):
    call, offer, answer = pair(world)
    to_core = call.offer(ACCESS, offer)
    sealed(to_core)
    to_ue = call.answer(CORE, answer)
    call.tell('select', call.fork)
    equal((call.how(), len(sessions(world)), len(world.msf()['streams'])), (['sdes', 'psk-tls', 'psk-tls'], 2, 1), 'how')
    equal((call.state()['access_ports'], call.state()['core_ports'], call.state()['secured']), (3, 3, 1), 'ports')
    one, two = sessions(world)
    assert one['keys'][0]['identity'] != two['keys'][0]['identity'] and one['keys'][0]['tls13_ue'] != two['keys'][0]['tls13_ue']
    equal([own_path(to_ue, ACCESS, n) for n in (1, 2)], [s['access']['own'] for s in (one, two)], 'own paths')
    equal([s['core']['path'] for s in (one, two)], [FAR_PATH, f'msrp://{FAR}:6004/far2;tcp'], 'paths')


@test('hold, a refresh and a refused re-offer leave the session alone; another path, a loss of connection do not')
def _(world):
    for role in (MO, MT):
        call, _, to_ue, session = begin(world, role, ue(setup='active'), far(setup='passive' if role == MO else 'active'))
        port = session['access']['local'][1]
        call.tell('msrp-event', port, 'up')
        equal((call.state()['lines'][0]['session'], call.state()['over']), ('up', 0), 'state')

        def again(ours, theirs, starts, what, version, by=ACCESS):
            first, second, other = (by_ue, by_far, CORE) if by == ACCESS else (by_far, by_ue, ACCESS)
            mine, answer = (ours, theirs) if by == ACCESS else (theirs, ours)
            call.offer(by, first(*mine, version=version), call.fork)
            back = call.answer(other, second(*answer, version=version))
            found, = sessions(world)
            equal((found['starts'], found['access']['local'][1]), (starts, port), what)
            return back
        back = again(ue('a=inactive', setup='actpass'), far('a=inactive', setup='active'), 1, 'hold', 2)
        equal((call.state()['hold'], own_path(back, ACCESS)), (1, own_path(to_ue, ACCESS)), 'hold')
        again(ue(setup='actpass'), far(setup='actpass'), 1, 'resume', 3, by=CORE)
        call.offer(ACCESS, by_ue(*ue(setup='active', path=f'msrps://{UE}:5002/other;tcp'), version=4), call.fork)
        call.tell('refused')
        equal((sessions(world)[0]['starts'], call.state()['lines'][0]['session']), (1, 'up'), 'refused')
        again(ue(setup='active', path=f'msrps://{UE}:5002/ue3;tcp'), far(setup='passive'), 2, 'another path', 5)
        equal(call.state()['lines'][0]['session'], 'connects', 'state')
        call.tell('msrp-event', port, 'over')
        equal((call.state()['lines'][0]['session'], call.state()['over']), ('over', 1), 'state')
        again(ue(setup='active', path=f'msrps://{UE}:5002/ue3;tcp'), far(setup='passive'), 3, 'after a loss', 6, by=CORE)
        equal((call.state()['lines'][0]['session'], call.state()['over']), ('connects', 0), 'state')
        again(ue(setup='active', path=f'msrps://{UE}:5002/ue3;tcp'), far(setup='passive', path=f'msrp://{FAR}:6010/far3;tcp'),
              4, 'a core that moved', 7)
        equal(sessions(world)[0]['core']['peer'], [FAR, 6010], 'peer')
        world.settle()


@test('a line that gets port 0 ends its session, and may come back with ports of its own')
def _(world):
    for by_answer in (False, True):
        call, _, _, session = begin(world, MO, ue(setup='active'), far(setup='passive'))
        ours, theirs = ue(port=5002 if by_answer else 0), far(port=0)
        to_core = call.offer(ACCESS, by_ue(*ours, version=2), call.fork)
        equal(media(to_core).profile, 'TCP/MSRP', 'transport in the core')
        back = call.answer(CORE, by_far(*theirs, version=2))
        equal((media(back).port, media(back).profile, call.how()), (0, 'TCP/TLS/MSRP', ['off']), 'the answer')
        equal((sessions(world), call.state()['access_ports']), ([], 0), 'left')
        call.offer(ACCESS, by_ue(*ue(setup='active'), version=3), call.fork)
        call.answer(CORE, by_far(*far(setup='passive'), version=3))
        again, = sessions(world)
        assert again['access']['local'] != session['access']['local'], 'a port is used again at once'
        equal(call.how(), ['psk-tls'], 'how')
        refused(488, 'downgrade', call.offer, ACCESS, by_ue(*far(path=UE_PATH), version=4), call.fork)
        world.settle()


@test('a line may change between audio and MSRP')
def _(world):
    call = Call(world, MO, profiles='sdes,psk-tls')
    call.offer(ACCESS, offered())
    call.answer(CORE, plain())
    call.tell('select', call.fork)
    call.offer(ACCESS, by_ue(*ue(setup='active'), version=2), call.fork)
    call.answer(CORE, by_far(*far(setup='passive'), version=2))
    equal((call.how(), world.msf()['streams'], len(sessions(world)), call.state()['access_ports']),
          (['psk-tls'], [], 1, 1), 'MSRP')
    call.offer(ACCESS, offered(version=3), call.fork)
    call.answer(CORE, plain(version=3))
    equal((call.how(), len(world.msf()['streams']), sessions(world), call.state()['access_ports']), (['sdes'], 1, [], 1), 'audio')


@test('the core makes an offer in its response, and a UE that was asked for one makes it')
def _(world):
    for role, by in ((MO, CORE), (MT, ACCESS)):
        call = Call(world, role, profiles='psk-tls')
        first, second, other = (by_far(*far(setup='actpass')), by_ue(*ue(setup='active')), ACCESS) if by == CORE else \
            (by_ue(*ue(setup='actpass')), by_far(*far(setup='active')), CORE)
        call.offer(by, first, call.fork)
        call.tell('select', call.fork)
        call.answer(other, second)
        session, = sessions(world)
        equal((session['starts'], session['access']['path'], session['core']['path']), (1, UE_PATH, FAR_PATH), 'session')
        world.settle()


@test('of several forks one has the session: the first to answer, then the one that is chosen')
def _(world):
    call = Call(world, MO, profiles='psk-tls')
    call.offer(ACCESS, by_ue(*ue(setup='active')))
    paths = {tag: f'msrp://{FAR}:{6002 + n}/{tag};tcp' for n, tag in enumerate('abc')}
    for tag, path in paths.items():
        call.answer(CORE, by_far(*far(setup='passive', path=path)), tag)
        session, = sessions(world)
        equal((session['starts'], session['core']['path']), (1, paths['a']), 'the first')
    call.tell('gone', 'c')
    equal(sessions(world)[0]['starts'], 1, 'another is gone')
    call.tell('select', 'b')
    session, = sessions(world)
    equal((session['starts'], session['core']['path']), (2, paths['b']), 'the one that is chosen')
    world.settle()
    call = Call(world, MO, profiles='psk-tls')
    call.offer(ACCESS, by_ue(*ue(setup='active')))
    for tag in 'ab':
        call.answer(CORE, by_far(*far(setup='passive', path=paths[tag])), tag)
    call.tell('gone', 'a')
    call.answer(CORE, by_far(*far(setup='passive', path=paths['c'])), 'c')
    equal(sessions(world)[0]['core']['path'], paths['c'], 'after the first is gone')


@test('a relay without room gives 503, one that fails puts back what was')
def _(world):
    world.ask(0, 'msrp-set', 0, 1)
    first = begin(world, MO, ue(setup='active'), far(setup='passive'))[0]
    call = Call(world, MO, profiles='psk-tls')
    refused(503, 'msrp-full', call.offer, ACCESS, by_ue(*ue()))
    equal(call.state()['access_ports'], 1, 'ports')
    world.ask(0, 'msrp-set', 1, 0)
    first.offer(ACCESS, by_ue(*ue(setup='active', path=f'msrps://{UE}:5002/other;tcp'), version=2), first.fork)
    refused(503, 'msf-full', first.answer, CORE, by_far(*far(setup='passive'), version=2))
    first.tell('refused')
    equal(sessions(world)[0]['access']['path'], UE_PATH, 'as before')
    call = Call(world, MO, profiles='sdes,psk-tls')
    call, offer, answer = pair(world)
    call.offer(ACCESS, offer)
    world.ask(0, 'msrp-set', 2, 0)
    refused(503, 'msf-full', call.answer, CORE, answer)
    equal(world.msf()['streams'], [], 'streams')
    world.ask(0, 'msrp-set', 0, 0)


@test('without ports there is a 503 for MSRP too, and a port that somebody else has is none')
def _(world):
    calls = [begin(world, MO, ue(setup='active'), far(setup='passive'))[0] for _ in range(16)]
    call = Call(world, MO, profiles='psk-tls')
    refused(503, 'no-ports', call.offer, ACCESS, by_ue(*ue()))
    equal((len(sessions(world)), calls[0].state()['access_ports']), (16, 16), 'sessions and ports')


@test('ports that somebody else has are passed over, for a while')
def _(world):
    world.ask(0, 'msrp-busy', 3)
    first = begin(world, MO, ue(setup='active'), far(setup='passive'))[0]
    equal((len(sessions(world)), first.state()['access_ports'], first.state()['core_ports']), (1, 1, 1), 'one of each')
    world.ask(0, 'msrp-busy', 1000)
    call = Call(world, MO, profiles='psk-tls')
    refused(503, 'no-ports', call.offer, ACCESS, by_ue(*ue()))
    equal(first.state()['access_ports'], 1, 'ports after a refusal')
    world.ask(0, 'msrp-busy', 0)
    begin(world, MO, ue(setup='active'), far(setup='passive'))
    equal(len(sessions(world)), 2, 'sessions')


@test('wrong transports in answers, and addresses that cannot be reached, are refused')
def _(world):
    call = Call(world, MO, profiles='psk-tls')
    call.offer(ACCESS, by_ue(*ue()))
    refused(488, 'answer-profile', call.answer, CORE, by_far(*line(path=FAR_PATH, port=6002, tls=True)))
    call = Call(world, MT, profiles='psk-tls')
    call.offer(CORE, by_far(*far()))
    refused(488, 'answer-profile', call.answer, ACCESS, by_ue(*far(path=UE_PATH)))
    call = Call(world, MO, profiles='psk-tls')
    call.offer(ACCESS, by_ue(*ue(setup='active')))
    refused(488, 'address', call.answer, CORE, by_far(*far(path='msrp://[2001:db8::9]:6002/x;tcp')))
    call = Call(world, MO, profiles='psk-tls')
    call.offer(ACCESS, by_ue(*ue(setup='active')))
    refused(488, 'address', call.answer, CORE, by_far(*far(path='msrp://far.example:6002/x;tcp')).replace(
        f'c=IN IP4 {FAR}'.encode(), b'c=IN IP4 far.example'))


@test('each leg has its own family of addresses, also in MSRP')
def _(world):
    call = Call(world, MO, profiles='psk-tls')
    to_core = call.offer(ACCESS, by_ue(*ue(path='msrps://[2001:db8::7]:5002/x;tcp', setup='active'), address='2001:db8::7'))
    to_ue = call.answer(CORE, by_far(*far(setup='passive')))
    own_path(to_core, CORE)
    own_path(to_ue, ACCESS)
    session, = sessions(world)
    equal((session['access']['local'][0], session['core']['local'][0]), ('2001:db8::1', '10.1.0.1'), 'own addresses')


@test('a UE that refuses MSRP over TLS is asked once more in the clear where policy says so')
def _(world):
    call = Call(world, MT, profiles='psk-tls', retry=1)
    offer = by_far(*far(setup='actpass', cema=True))
    equal(media(call.offer(CORE, offer)).profile, 'TCP/TLS/MSRP', 'first')
    fault, _, again = call.tell('retry')
    equal((fault, media(again).profile, media(again).attribute('path')), (None, 'TCP/MSRP', FAR_PATH), 'retry')
    equal(sessions(world), [], 'sessions')
    call.answer(ACCESS, by_ue(*far(path=UE_PATH)))
    call.tell('select', call.fork)
    equal(call.how(), ['untouched'], 'how')
    call.offer(CORE, by_far(*far(setup='actpass'), version=2), call.fork)
    equal(call.how(), ['untouched'], 'stays')


@test('a connection may come from anywhere or not, as the side of the configuration says')
def _(world):
    world.ask(0, 'strict', 1)
    session = begin(world, MO, ue(setup='active'), far(setup='passive'))[3]
    equal((session['access']['any'], session['access']['peer'][0]), (False, UE), 'strict')
    world.ask(0, 'strict', 0)


@test('what became of a session is told to the owner of its call')
def _(world):
    call, _, _, session = begin(world, MO, ue(setup='active'), far(setup='passive'))
    before = call.state()['told']
    call.tell('msrp-event', session['access']['local'][1], 'up')
    call.tell('msrp-event', session['access']['local'][1], 'over')
    equal([a - b for a, b in zip(call.state()['told'], before)], [1, 1], 'told')
