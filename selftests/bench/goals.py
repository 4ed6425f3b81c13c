# SPDX-License-Identifier: GPL-2.0
"""The goals of the media part, judged from figures by their names; ratios only inside one run."""
import collections

from cases import NAMES
from results import QUIET

Goal = collections.namedtuple('Goal', 'what value sign limit unit')     # value is None where something was not measured
NS = {('plain', 160): (130, 270), ('cm', 160): (385, 520), ('cm', 1200): (960, 1080), ('gcm128', 160): (220, 350),
      ('gcm128', 1200): (280, 410)}
OVER_FLOOR = {'plain': 1.35, 'cm': 1.20, 'gcm128': 1.30, 'gcm256': 1.30}
OVER_PEER = {'fast': 2.8, 'full': 2.2}
PATHS = ('fast', 'full')


class Figures:
    """Medians by name; None for what is not there, and for what is computed from such."""

    def __init__(self, figures):
        self.figures = figures

    def __call__(self, name, kind='median'):
        one = self.figures.get(name)
        return None if one is None else one.get(kind)

    @staticmethod
    def of(function, *values):
        """The function of values, all of which must be there."""
        return None if None in values else function(*values)


def _absolute(f):
    for (suite, payload), limits in NS.items():
        for path, limit in zip(PATHS, limits):
            yield Goal(f'{path} path, {suite}, {payload} octets', f(f'{path}/{suite}/protect/{payload}'), '<=', limit, 'ns')


def _unprotect(f):
    for suite in NAMES.values():
        for path in PATHS:
            more = f.of(lambda a, b: a - b, f(f'{path}/{suite}/unprotect/160'), f(f'{path}/{suite}/protect/160'))
            yield Goal(f'{path} path, {suite}, 160 octets: unprotect over protect', more, '<=', 25, 'ns')


def _ratios(f):
    for suite, limit in OVER_FLOOR.items():
        for payload in (160, 1200):
            ratio = f.of(lambda a, b: a / b, f(f'fast/{suite}/protect/{payload}'), f(f'floor/{suite}/{payload}'))
            yield Goal(f'fast path, {suite}, {payload} octets over the floor', ratio, '<=', limit, 'times')
    for path, limit in OVER_PEER.items():
        for suite in NAMES.values():
            ratio = f.of(lambda a, b: a / b, f(f'rtpengine/{suite}/protect/160'), f(f'{path}/{suite}/protect/160'))
            yield Goal(f'rtpengine over {path} path, {suite}, 160 octets', ratio, '>=', limit, 'times')


def _many(f):
    for path in PATHS:
        for suite in ('plain', 'cm', 'gcm128'):
            one = f(f'{path}/{suite}/protect/160')
            yield Goal(f'{path} path, {suite}: 1,000 streams over one',
                       f.of(lambda a, b: a / b, f(f'{path}/{suite}/protect/160/streams-1000'), one), '<=', 1.3, 'times')
            yield Goal(f'{path} path, {suite}: 100,000 streams over one',
                       f.of(lambda a, b: a - b, f(f'{path}/{suite}/protect/160/streams-100000'), one), '<=', 300, 'ns')


def _forged(f):
    for path in PATHS:
        for suite, work in (('cm', 'raw/hmac-sha1/160'), ('gcm128', 'raw/gcm-128/160')):
            forged, genuine = f(f'{path}/{suite}/unprotect/160/forged-10'), f(f'{path}/{suite}/unprotect/160')
            yield Goal(f'{path} path, {suite}: a forged packet over {"one MAC" if suite == "cm" else "one decryption"}',
                       f.of(lambda a, b: a - b, forged, f(work)), '<=', 150, 'ns')
            # Of ten packets nine are forged: together they cost what they cost alone.
            share = f.of(lambda a, b, c: 10 * a / (9 * b + c), f(f'{path}/{suite}/unprotect/160/forged-9'), forged, genuine)
            yield Goal(f'{path} path, {suite}: nine forged and a genuine packet over each alone', share, '<=', 1.1, 'times')


def _scaling(f):
    for path in PATHS:
        for suite in ('plain', 'cm', 'gcm128'):
            for direction in ('protect', 'unprotect'):
                name = f'scaling/{path}/{suite}/{direction}/disjoint'
                both, quiet = f(name), f(name, 'quiet')
                if quiet is not None and quiet < QUIET:
                    both = None     # nothing can be concluded
                yield Goal(f'{path} path, {suite}, {direction}: two CPUs over one', both, '>=', 1.8, 'times')


def _control(f):
    for suite in ('cm', 'gcm128'):
        yield Goal(f'{suite}: streams with two SAs a second, in batches', f(f'control/batch/{suite}/both'), '>=', 100000, '/s')
        yield Goal(f'{suite}: streams with two SAs a second, one request by one', f(f'control/single/{suite}'), '>=', 20000, '/s')
        for prefix, where, limit in (('', '', 8), ('6.12/', ', ciphers with wrappers', 28)):
            yield Goal(f'{suite}: memory of a stream with two SAs in use{where}', f(f'{prefix}control/memory/{suite}/used'), '<=',
                       limit * 1024, 'octets')
        read, count = f(f'control/dump/{suite}/streams'), f(f'control/dump/{suite}/streams', 'streams')
        yield Goal(f'{suite}: 100,000 streams read', read if count == 100000 else None, '<=', 1, 's')


def judged(figures):
    """All goals with what was measured: (Goal, True, False or None)."""
    f = Figures(figures)
    for part in (_absolute, _unprotect, _ratios, _many, _forged, _scaling, _control):
        for goal in part(f):
            met = None
            if goal.value is not None:
                met = goal.value <= goal.limit if goal.sign == '<=' else goal.value >= goal.limit
            yield goal, met


def number(value):
    """As people read it."""
    if value is None:
        return '-'
    return f'{value:,.0f}' if abs(value) >= 20 else f'{value:.2f}'


WORDS = {True: 'met', False: 'missed', None: 'not measured, or nothing can be concluded'}


def show(figures):
    """Prints the goals; returns how many were met, missed and not measured."""
    counts = collections.Counter()
    print(f'\n{"goal":66}{"figure":>10}   limit')
    for goal, met in judged(figures):
        counts[met] += 1
        print(f'{goal.what:66}{number(goal.value):>10}   {goal.sign} {number(goal.limit)} {goal.unit}: {WORDS[met]}')
    print(f'{counts[True]} goals met, {counts[False]} missed, {counts[None]} not measured', flush=True)
    return counts
