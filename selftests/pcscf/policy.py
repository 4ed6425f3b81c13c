#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What the operator wants is what happens: every value of a policy, and a reload under calls."""
from lab import LAB_SWITCH, MIKEY_ONLY, NOTHING, SDES_ONLY, main, refused, scenario, until
from agent import OTHER_PORT     # behind lab, which finds the other modules
from lib.ktap import equal
from peers.sip import sdp
from peers.sip.scenario import establish, hang_up, subscriber
from peers.sip.scscf import settle
from peers.sip.sipmsg import Message
from peers.sip.situation import BOTH, E2E, MIKEY, PLAIN, SDES, Situation

GCM, CM, CM256 = 'AEAD_AES_128_GCM', 'AES_CM_128_HMAC_SHA1_80', 'AES_256_CM_HMAC_SHA1_80'
BOTH_PLAIN = {'security_client': NOTHING}


async def outcome(lab, caller, callee, situation, want):
    """A call has to come up with (caller's, callee's) keying, or get a status; ends it."""
    out = await caller.invite(callee.aor(), situation)
    if isinstance(want, int):
        response = await out.answered()
        equal(response.status, want, f'{situation.keying} calls')
        assert want != 488 or response.all('Warning'), '488 without a Warning'
        return
    into = await callee.incoming()
    assert await into.accept(), into.failure
    equal((await out.answered()).status, 200, f'{situation.keying} calls')
    await into.acknowledged()
    equal((out.media.outcomes(), into.media.outcomes()), ([want[0]], [want[1]]), f'{situation.keying} calls')
    assert not out.failure and not into.failure, out.failure or into.failure
    await lab.talk(out, into)
    await hang_up(out, into)


def originating(mode, *wanted):
    async def work(lab):
        alice, bob = await lab.pair(into=BOTH_PLAIN)
        for keying, want in zip((PLAIN, SDES, MIKEY), wanted):
            await outcome(lab, alice, bob, Situation(keying), want if isinstance(want, int) else (want, PLAIN))
    scenario(f'originating = {mode}: an offer in the clear, with sdes, with mikey ends as '
             f'{", ".join(map(str, wanted))}', policies=[{'originating': mode, 'terminating': 'off'}])(work)


originating('off', PLAIN, 488, 488)
originating('allow', PLAIN, SDES, MIKEY)
originating('require', 488, SDES, MIKEY)


def terminating(mode, *wanted):
    async def work(lab):
        alice = await lab.ue('alice', security_client=NOTHING)
        for (name, capable), want in zip((('none', NOTHING), ('sdes', SDES_ONLY), ('mikey', MIKEY_ONLY)), wanted):
            callee = await lab.ue(name, security_client=capable)
            await outcome(lab, alice, callee, Situation(PLAIN), want if isinstance(want, int) else (PLAIN, want))
    scenario(f'terminating = {mode}: a call to a UE that can nothing, sdes, mikey ends as {", ".join(map(str, wanted))}',
             policies=[{'originating': 'off', 'terminating': mode}])(work)


terminating('off', PLAIN, PLAIN, PLAIN)
terminating('allow', PLAIN, SDES, MIKEY)
terminating('require', 488, SDES, MIKEY)


def order(profiles, best):
    async def work(lab):
        alice, bob = await lab.pair()
        await outcome(lab, alice, bob, Situation(BOTH), (best, best))
    scenario(f'profiles = {profiles}: {best} is chosen where both are possible', policies=[{'profiles': profiles}])(work)


order([MIKEY, SDES], MIKEY)
order([SDES, MIKEY], SDES)


def one_profile(profile, other, capable):
    async def work(lab):
        alice = await lab.ue('alice')
        bob = await lab.ue('bob', security_client=capable)
        await outcome(lab, alice, bob, Situation(profile), (profile, PLAIN))
        await outcome(lab, alice, bob, Situation(other), 488)
    scenario(f'profiles = {profile} alone: an offer with {other} is refused, a UE that can only that is called in the clear',
             policies=[{'profiles': [profile]}])(work)


one_profile(MIKEY, SDES, SDES_ONLY)
one_profile(SDES, MIKEY, MIKEY_ONLY)


@scenario('suites: their order holds in offers to UEs and in answers, and others are refused',
          policies=[{'suites': [GCM, CM]}])
async def suites(lab):
    alice, bob = await lab.pair(into={'security_client': SDES_ONLY})
    bob.situation = Situation(suites=(CM, GCM))
    for offered, chosen in (((CM, GCM), GCM), ((CM256, CM), CM)):
        out, into = await establish(alice, bob, Situation(SDES, offered))
        equal(out.media.audio.masters()[0].suite, chosen, 'suite of the answer')
        lines = sdp.parse(into.request.body).media[0].attributes('crypto')
        equal([line.split()[1] for line in lines], [GCM, CM], 'suites offered to the called UE')
        await lab.talk(out, into)
        await hang_up(out, into)
    for keying in (SDES, MIKEY):
        await outcome(lab, alice, bob, Situation(keying, (CM256,)), 488)


def indicator(value, there):
    async def work(lab):
        alice, bob = await lab.pair()
        contact = lab.core.seen('REGISTER')[-1].get('Contact')
        equal('+g.e2ae' in contact, there, f'Contact of REGISTER at the core: {contact}')
        out, into = await establish(alice, bob, Situation(SDES))
        wishes = lab.core.seen('INVITE')[-1].list('Accept-Contact')
        equal(any('+g.e2ae' in one for one in wishes), there, f'Accept-Contact at the core: {wishes}')
        assert not any('require' in one for one in wishes), 'a demand, not a wish'
        await hang_up(out, into)
    scenario(f'indicator = {value}: the core {"sees" if there else "does not see"} +g.e2ae',
             policies=[{'indicator': value}])(work)


indicator('keep', True)
indicator('remove', False)


def end_to_end(value, enough, mode, want):
    async def work(lab):
        alice, bob = await lab.pair()
        await outcome(lab, alice, bob, Situation(E2E), want)
    rule = {'e2e': value, 'e2e-satisfies-require': enough, 'originating': mode, 'terminating': mode}
    scenario(f'e2e = {value}, e2e-satisfies-require = {enough}, {mode}: keys between UEs end as {want}', policies=[rule],
             allow_e2e=True)(work)


end_to_end('pass', False, 'allow', (E2E, E2E))
end_to_end('reject', False, 'allow', 488)
end_to_end('pass', False, 'require', 488)
end_to_end('pass', True, 'require', (E2E, E2E))


@scenario('retry-plain: a UE that refuses the secured offer is asked once more in the clear, and that is counted',
          policies=[{'retry-plain': True}])
async def retry(lab):
    alice = await lab.ue('alice', security_client=NOTHING)
    bob = await lab.ue('bob', situation=Situation(accept=frozenset((PLAIN,))))
    out = await alice.invite(bob.aor())
    assert not await (await bob.incoming()).accept(), 'the first offer was taken'
    into = await bob.incoming()
    assert await into.accept(), into.failure
    equal((await out.answered()).status, 200, 'answer')
    await into.acknowledged()
    equal((out.media.outcomes(), into.media.outcomes()), ([PLAIN], [PLAIN]), 'keying')
    equal((await lab.agents[0].status()).get('downgraded'), 1, 'downgrades counted')
    await lab.talk(out, into)
    await hang_up(out, into)


def no_retry(rule):
    async def work(lab):
        alice = await lab.ue('alice', security_client=NOTHING)
        bob = await lab.ue('bob', situation=Situation(accept=frozenset((PLAIN,))))
        out = await alice.invite(bob.aor())
        assert not await (await bob.incoming()).accept(), 'the offer was taken'
        await refused(out, 488)
        await settle(0.3)
        equal(len(lab.ladder.seen('bob', 'INVITE')), 1, 'INVITEs')
    scenario(f'a UE that refuses the secured offer is not asked again with {rule}', policies=[rule])(work)


no_retry({'originating': 'off', 'retry-plain': False})
no_retry({'originating': 'off', 'terminating': 'require', 'retry-plain': True})


@scenario('keys do not travel on signalling that is not protected', kind='udp')
async def unprotected(lab):
    alice, bob = await lab.pair()
    await outcome(lab, alice, bob, Situation(PLAIN), (PLAIN, PLAIN))
    await outcome(lab, alice, bob, Situation(SDES), 488)
    carol = await lab.ue('carol', kind='tls')
    await outcome(lab, carol, bob, Situation(SDES), (SDES, PLAIN))
    out, into = await establish(alice, carol)
    assert into.media.outcomes()[0] in (SDES, MIKEY), into.media.outcomes()
    await hang_up(out, into)


def switched(what, **conf):
    async def work(lab):
        alice, bob = await lab.pair()
        for keying in (SDES, MIKEY):
            out, into = await establish(alice, bob, Situation(keying))
            equal((out.media.outcomes()[0], into.media.outcomes()[0] in (SDES, MIKEY)), (keying, True), 'keying')
            await hang_up(out, into)
    scenario(f'keys travel over UDP where {what}', kind='udp', **conf)(work)


switched('the lab switch is set', more=LAB_SWITCH)
switched('the operator asserts that the access network is protected', access={'protected': True})


@scenario('ck and ik of a core that is not protected are removed and not used', core={'protected': False})
async def core_unprotected(lab):
    alice, bob = await lab.pair()
    equal((alice.registration.leaks, bob.registration.leaks), ([], []), 'keys at the UEs')
    out = await alice.invite(bob.aor(), Situation(MIKEY))
    await refused(out, 488)


@scenario('SIGHUP changes what new calls get, calls that are up go on, and a broken file changes nothing',
          policies=[{'originating': 'allow'}])
async def reload(lab):
    alice, bob = await lab.pair()
    agent = lab.agents[0]
    plain, into_plain = await establish(alice, bob)
    secured, into_secured = await establish(alice, bob, Situation(SDES))
    agent.reload([{'originating': 'require', 'profiles': [MIKEY]}])
    await until(lambda: refuses_plain(alice, bob), 'the new policy')
    for out, into in ((plain, into_plain), (secured, into_secured)):
        equal((await out.reinvite()).status, 200, 'a re-INVITE in a call that was up')
        await lab.talk(out, into)
    agent.reload([{'originating': 'maybe'}])
    await settle(0.5)
    assert agent.alive(), 'the agent ended'
    assert await refuses_plain(alice, bob), 'the broken file counted'
    agent.reload([{'originating': 'off'}])
    await until(lambda: takes_plain(alice, bob), 'the third policy')
    await hang_up(plain, into_plain)
    await hang_up(into_secured, secured)


async def refuses_plain(alice, bob):
    """Whether a call in the clear gets 488."""
    out = await alice.invite(bob.aor())
    return await _verdict(out, bob) == 488


async def takes_plain(alice, bob):
    """Whether a call in the clear reaches the other side."""
    out = await alice.invite(bob.aor())
    return await _verdict(out, bob) == 486


async def _verdict(out, bob):
    """The status of a call that the called side refuses with 486 if it comes."""
    while not out.over.is_set():
        try:
            (await bob.incoming(0.1)).reject(486)
        except TimeoutError:
            pass
    return (await out.answered()).status


@scenario('the first rule that matches the subscriber counts', policies=[
    {'name': 'vip', 'subscriber': 'sip:vip-*@home1.net', 'originating': 'require'},
    {'name': 'off', 'subscriber': 'sip:off-?@home1.net', 'originating': 'off'}, {'name': 'rest', 'originating': 'allow'}])
async def subscribers(lab):
    bob = await lab.ue('bob', security_client=NOTHING)
    for name, plain, sdes in (('vip-1', 488, (SDES, PLAIN)), ('off-1', (PLAIN, PLAIN), 488),
                              ('x', (PLAIN, PLAIN), (SDES, PLAIN))):
        ue = await lab.ue(name)
        await outcome(lab, ue, bob, Situation(PLAIN), plain)
        await outcome(lab, ue, bob, Situation(SDES), sdes)


@scenario('the first rule that matches the access network counts', kind='udp', policies=[
    {'name': 'wlan', 'access': 'wlan', 'originating': 'require'}, {'name': 'rest'}],
    more=LAB_SWITCH, other=['wlan'])
async def networks(lab):
    bob = await lab.ue('bob', security_client=NOTHING)
    alice = await lab.ue('alice')
    carol = await lab.ue('carol', proxy=(lab.places[0].access, OTHER_PORT, 'udp'))
    equal(lab.core.seen('REGISTER')[-1].get('P-Visited-Network-ID').strip('"'), 'wlan.visited1.net', 'P-Visited-Network-ID')
    await outcome(lab, alice, bob, Situation(PLAIN), (PLAIN, PLAIN))
    await outcome(lab, carol, bob, Situation(PLAIN), 488)
    await outcome(lab, carol, bob, Situation(SDES), (SDES, PLAIN))


def move(tolerant, status):
    async def work(lab):
        out, into = await establish(*await lab.pair(), Situation(SDES))
        await lab.talk(out, into)
        response = await out.reinvite(out.media.offer(rekey=False, move=True))
        equal(response.status, status, 're-INVITE')
        if status == 200:
            await lab.talk(out, into)
        await hang_up(into, out)
    scenario(f'same-key-after-move = {tolerant}: a UE that moves with its old key gets {status}',
             policies=[{'same-key-after-move': tolerant}])(work)


move(False, 488)
move(True, 200)


def emergency(allowed):
    async def work(lab):
        who = await lab.ue('who', register=False, account=False, security_client=NOTHING)
        lab.core.behaviour['urn:service:sos'] = 486
        await lab.ue('bob')
        invite = sos(who)
        response = await who.send(invite, who.flow).done
        if allowed:
            assert lab.core.seen('INVITE'), f'the call did not reach the core: {response.status}'
        else:
            equal((response.status, len(lab.core.seen('INVITE'))), (403, 0), 'the call')
    scenario(f'emergency = {allowed}: a UE without registration {"may" if allowed else "may not"} call for help',
             kind='udp', more={'emergency': allowed})(work)


def sos(ue):
    """An emergency INVITE."""
    out = Message('INVITE', 'urn:service:sos')
    for name, value in (('Max-Forwards', 70), ('From', '<sip:anonymous@anonymous.invalid>;tag=1'), ('To', '<urn:service:sos>'),
                        ('Call-ID', 'help@me'), ('CSeq', '1 INVITE'), ('Contact', ue.contact()), ('Route', ue.edge_route)):
        out.add(name, value)
    return out


emergency(True)
emergency(False)


@scenario('an emergency call is not refused for media security', policies=[{'originating': 'require'}])
async def help_in_the_clear(lab):
    alice = await lab.ue('alice')
    out = await alice.invite('urn:service:sos')
    response = await out.answered()
    assert lab.core.seen('INVITE'), f'the call did not reach the core: {response.status}'


@scenario('a subscriber has no more calls than the limit, and the next gets 503 or 486 with Retry-After',
          limits={'calls-per-subscriber': 2})
async def most_calls(lab):
    alice = await lab.ue('alice')
    bob = await lab.ue('bob', security_client=NOTHING)
    calls = [await establish(alice, bob, Situation(SDES)) for _ in range(2)]
    out = await alice.invite(bob.aor(), Situation(SDES))
    response = await refused(out, (503, 486, 480))
    assert response.get('Retry-After'), 'no Retry-After'
    for one in calls:
        await hang_up(*one)
    await outcome(lab, alice, bob, Situation(SDES), (SDES, PLAIN))


@scenario('calls of all phones of a subscriber count together, and are free for others when they end',
          limits={'calls-per-subscriber': 2})
async def most_calls_of_all(lab):
    who = subscriber('alice')
    alice, bob = await lab.ue('alice', who=who), await lab.ue('bob', security_client=NOTHING)
    other = await lab.ue('alice', who=who, register=False)
    other.isim.sqn = lab.accounts['alice'].home.sqn
    await other.register()
    carol = await lab.ue('carol')
    calls = [await establish(one, two, Situation(SDES)) for one, two in ((alice, bob), (other, carol))]
    for one in (alice, other):
        await refused(await one.invite(bob.aor(), Situation(SDES)), 503)
    equal(sorted(one['calls'] for one in await lab.agents[0].ask('registrations')), [1, 1, 1, 1], 'calls of each binding')
    await hang_up(*calls[0])
    calls[0] = await establish(other, bob, Situation(SDES))
    await refused(await alice.invite(bob.aor(), Situation(SDES)), 503)
    await other.deregister()
    for _, into in calls:
        await into.ended()
    for _ in range(2):
        await hang_up(*await establish(alice, bob, Situation(SDES)))


@scenario('a subscriber has no more contacts than the limit', limits={'contacts': 2})
async def most_contacts(lab):
    who = subscriber('alice')
    phones = [await lab.ue('alice', who=who, register=False) for _ in range(3)]
    for phone in phones[:2]:
        phone.isim.sqn = lab.accounts['alice'].home.sqn
        await phone.register()
    phones[2].isim.sqn = lab.accounts['alice'].home.sqn
    try:
        await phones[2].register()
    except Exception as error:
        equal(error.response.status in (403, 503), True, f'{error}')
    else:
        equal(len(await lab.agents[0].ask('registrations')), 2, 'registrations')


@scenario('where no port is left a call gets 503 or 500, and one that ended leaves its port to the next',
          access={'ports': '20000-20003'}, policies=[{'terminating': 'off'}])
async def no_ports(lab):
    alice = await lab.ue('alice')
    bob = await lab.ue('bob', security_client=NOTHING)
    out, into = await establish(alice, bob, Situation(SDES))
    more = await alice.invite(bob.aor(), Situation(SDES))
    try:
        (await bob.incoming(1)).reject(486)
    except TimeoutError:
        pass
    response = await more.answered()
    await hang_up(out, into)
    assert response.status in (500, 503, 486), response.status
    for _ in range(3):
        await outcome(lab, alice, bob, Situation(SDES), (SDES, PLAIN))


if __name__ == '__main__':
    main()
