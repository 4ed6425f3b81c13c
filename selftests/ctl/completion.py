# SPDX-License-Identifier: GPL-2.0
"""Completion and manual against the tool's own table of verbs."""
import os
import re
import subprocess

from lib.ktap import equal, test
from lib.spec import SPEC, TOP
from tool import CTL, SUITES, ctl

SCRIPT = '''
. "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
_e2aectl
printf '%s\\n' "${COMPREPLY[@]}"
'''


def complete(*words):
    """What bash offers for the last word."""
    done = subprocess.run(['bash', '-c', SCRIPT, 'bash', os.path.join(TOP, 'agent/ctl/e2aectl.bash'), CTL, *words],
                          capture_output=True, text=True, check=True)
    equal(done.stderr, '', 'standard error')
    return set(done.stdout.split())


def table():
    """(object, verb, words) of the tool's table."""
    rows = [line.split() for line in ctl('help', 'words').stdout.splitlines()]
    return [(row[0], row[1], row[3:]) for row in rows]


@test('completion offers every object, verb and word of the tool\'s table, and no other')
def offers(_world):
    rows = table()
    equal(complete(''), {thing for thing, _, _ in rows}, 'objects')
    for thing in ('sa', 'stream'):
        equal(complete('-j', thing, ''), {verb for name, verb, _ in rows if name == thing}, f'verbs of {thing}')
    for thing, verb, words in rows:
        if words and not words[0].startswith('['):
            equal(complete(thing, verb, '1', ''), {w.partition('=')[0] for w in words}, f'words of {thing} {verb}')


@test('completion offers the values of words that have names for them')
def values(_world):
    equal(complete('sa', 'add', '1', 'suite', ''), set(SUITES), 'suites')
    equal(complete('stream', 'add', '1', 'source', ''), {'strict', 'latch', 'any'}, 'source')
    equal(complete('stream', 'add', '1', 'source', 'latch', 'access-rtcp', ''), {'mux', 'next'}, 'access-rtcp')
    equal(complete('stream', 'set', '1', 'core-peer', ''), {'latch', 'latch='}, 'core-peer')
    equal(complete('stream', 'set', '1', 'core-dev', 'l'), {'lo'}, 'core-dev')
    equal(complete('-f'), {'-force'}, 'options')


def manual(name):
    with open(os.path.join(TOP, 'docs/man', name), encoding='utf-8') as f:
        return f.read().replace('\\-', '-')


@test('e2aectl(8) describes every verb and every word of the tool\'s table')
def manual_words(_world):
    text = manual('e2aectl.8')
    for thing, verb, words in table():
        for word in words:
            name = word.partition('=')[0]
            if not name.startswith('[') and not re.search(rf'^\.(It|Op|Ic).*\b(Cm|Ic) {name}\b', text, re.M):
                raise AssertionError(f'{thing} {verb}: {name} is not described')
        title = thing if verb == '-' else f'{thing} {verb}'
        if not re.search(rf'^\.(It|Ss) .*{title}', text, re.M):
            raise AssertionError(f'{title} is not described')


@test('e2ae(7) has every drop cause of the spec, and libe2ae(3) every function of the library')
def manual_complete(_world):
    causes = set(re.findall(r'^\.It Cm ([a-z-]+)', manual('e2ae.7'), re.M))
    equal(set(SPEC.sets['drops']) - causes, set(), 'causes that are missing')
    with open(os.path.join(TOP, 'agent/nl/libe2ae.map'), encoding='ascii') as f:
        names = set(re.findall(r'^\t(e2ae_\w+);', f.read(), re.M))
    described = set(re.findall(r'^\.F[no] (e2ae_\w+)|^\.Vt .*?(e2ae_\w+_info)', manual('libe2ae.3'), re.M))
    equal(names - {x for pair in described for x in pair}, set(), 'names that are missing')
    exported = subprocess.run(['nm', '-D', '--defined-only', os.path.join(os.path.dirname(CTL), 'libe2ae.so.0')],
                              capture_output=True, text=True, check=True).stdout
    equal(set(re.findall(r' [TDRB] (e2ae_\w+)', exported)), names, 'names the library exports')
