# SPDX-License-Identifier: GPL-2.0
"""What becomes of an offer: by policy, by what is offered, by the UE's capability and its signalling, in both roles.

Columns are the capability of the UE (none, sdes, mikey, both) on protected signalling, and any of them on signalling
that is not. P: in the clear. S: sdes. M: mikey. E: end to end. K: 488, no keys that can be used. R: 488, security is
required. From the core nothing poses as the edge, so what looks like keys for it there is end to end, or no key at all.
"""
from details import body, plain
from helper import ACCESS, CORE, MO, MT, Call, No
from leaks import CRYPTO, edge_message, sealed
from lib.ktap import test
from peers.sip.situation import BOTH, E2E, MIKEY, PLAIN, SDES, Situation

ORIGINATING = {
    'off': """
        plain  PPPP P
        sdes   KKKK K
        mikey  KKKK K
        both   KKKK K
        e2e    EEEE E
        avp    PPPP P""",
    'allow': """
        plain  PPPP P
        sdes   KSKS K
        mikey  KKMM K
        both   KSMM K
        e2e    EEEE E
        avp    PSPS P""",
    'require': """
        plain  RRRR R
        sdes   KSKS K
        mikey  KKMM K
        both   KSMM K
        e2e    RRRR R
        avp    RSRS R"""}
TERMINATING = {
    'off': """
        plain  PPPP P
        sdes   EEEE E
        mikey  KKKK K
        both   EEEE E
        e2e    EEEE E
        avp    EEEE E""",
    'allow': """
        plain  PSMM P
        sdes   EEEE E
        mikey  KKKK K
        both   EEEE E
        e2e    EEEE E
        avp    EEEE E""",
    'require': """
        plain  RSMM R
        sdes   RRRR R
        mikey  KKKK K
        both   RRRR R
        e2e    RRRR R
        avp    RRRR R"""}
CAPABILITIES = ((0, 0), (1, 0), (0, 1), (1, 1))
LETTERS = {'plain': 'P', 'sdes': 'S', 'mikey': 'M', 'e2e': 'E', 'no-usable-keys': 'K', 'security-required': 'R'}
SITUATIONS = {'plain': Situation(PLAIN), 'sdes': Situation(SDES), 'mikey': Situation(MIKEY), 'both': Situation(BOTH),
              'e2e': Situation(E2E), 'avp': Situation(SDES, profile='RTP/AVP')}


def cells(table):
    """(what is offered, (sdes, mikey, protected), letter) of a table."""
    for row in table.strip().splitlines():
        offer, able, bare = row.split()
        for can, letter in zip(CAPABILITIES, able):
            yield offer, (*can, 1), letter
        for can in CAPABILITIES:
            yield offer, (*can, 0), bare


def from_core(world, offer):
    """The core's offer of a kind, with all that it may pretend."""
    keys = {'plain': [], 'sdes': [CRYPTO, 'a=3ge2ae:requested'], 'mikey': [f'a=key-mgmt:{edge_message(world)}'],
            'both': [CRYPTO, 'a=3ge2ae:applied', f'a=key-mgmt:{edge_message(world)}'], 'e2e': [CRYPTO],
            'avp': [CRYPTO, 'a=3ge2ae:applied']}[offer]
    return plain(*keys, profile='RTP/AVP' if offer in ('plain', 'avp') else 'RTP/SAVP')


def outcome(world, role, mode, offer, can):
    """The letter of a cell, and what is wrong with how it came about."""
    terms = {'sdes': can[0], 'mikey': can[1], 'protected': can[2], 'originating': mode, 'terminating': mode}
    call = Call(world, role, SITUATIONS[offer] if role == MO else Situation(),
                core=Situation(E2E) if role == MO and offer == 'e2e' else Situation(), **terms)
    try:
        if role == MO and offer == 'avp':
            passed = call.offer(ACCESS, call.run(call.ue.offer))
            back = call.answer(CORE, call.run(call.core.answer, passed))
            if call.how() != ['plain']:     # else no key is to be found in the answer
                call.run(call.ue.take_answer, back)
        elif role == MO:
            _, passed, _, back = call.begin()
        elif offer == 'plain':
            _, passed, _, back = call.begin()
        else:
            passed, back = call.offer(CORE, from_core(world, offer)), None
    except No as no:
        if no.verdict.status != 488 or not no.verdict.warning:
            return no.verdict.why, 'a refusal without 488 or Warning'
        return LETTERS.get(no.verdict.why, no.verdict.why), ''
    how = call.how()[0]
    to_core = passed if role == MO else back
    if how != 'e2e' and to_core:
        sealed(to_core)
    if how in ('sdes', 'mikey'):
        call.check_keys()
    elif world.msf()['streams']:
        return LETTERS[how], 'a stream without keys'
    if role == MT and (b'3ge2ae:requested' in passed or (how == 'e2e' and b'3ge2ae' in passed)):
        return LETTERS[how], "the core's mark reached the UE"
    return LETTERS[how], ''


def group(role, name, mode, table):
    @test(f'matrix, {name} = {mode}: each offer, capability and kind of signalling ends as the table says', seconds=120)
    def _(world):
        wrong = []
        for offer, can, want in cells(table):
            got, fault = outcome(world, role, mode, offer, can)
            if got != want or fault:
                wrong.append(f'{offer} sdes,mikey,protected={can}: got {got}, want {want} {fault}')
            world.settle()
        if wrong:
            raise AssertionError('; '.join(wrong))


for number, (title, tables) in enumerate((('originating', ORIGINATING), ('terminating', TERMINATING))):
    for value, grid in tables.items():
        group((MO, MT)[number], title, value, grid)


@test('matrix: with an audio line that can be secured, a video line that cannot is refused alone')
def _(world):
    for mode in ('allow', 'require'):
        call = Call(world, MO, profiles='sdes', originating=mode)
        passed = call.offer(ACCESS, body('m=audio 4000 RTP/SAVP 0', CRYPTO, 'a=3ge2ae:requested', 'm=video 4002 RTP/SAVP 96',
                                         'a=crypto:1 NOTHING inline:x', 'a=3ge2ae:requested'))
        sealed(passed)
        if call.how() != ['sdes', 'off'] or b'm=video 0 RTP/AVP' not in passed:
            raise AssertionError(f'{mode}: {call.how()}')
