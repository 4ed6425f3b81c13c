# SPDX-License-Identifier: GPL-2.0
"""The module's section of docs/performance.md, and its chart."""
import chart
import goals
from cases import NAMES, all_cases
from chart import TITLES
from results import QUIET

METHOD = """
A kernel module (`selftests/bench/modules`) has two devices. It hands packets to the stack at one of them in batches of 32,
as a driver's poll does, and counts and frees what the kernel sends by the other: all between, the freeing included, is
timed; the building of buffers is not. Packets are made, and protected, by libsrtp2. One batch in 64 is not timed but
kept: libsrtp2 unprotects it, and its octets must be those that were sent. Every packet must leave. A figure is the
median of seven runs, each the median of its batches, with the least and the most of the seven; `mean` and `CPU` (of the
guest's whole process) are over the same batches.

On a machine that is shared somebody else may be on the other half of the core, and everything takes up to 1.7 times as
long. So a short loop that keeps all units of the core busy, and one that waits for itself, are timed after each batch: where
their ratio is 3 % off that of a quiet core (the usual one), before a batch or after it, the batch does not count; a row of
which most runs had too few such batches is measured again, for a while, and has a `*` if that did not help.

The guest is User Mode Linux: a kernel that runs on this machine's processor at full speed, with its AES and SHA
instructions and its memory barriers. It has no network card, no DMA, no interrupts, and no mitigations such as
retpolines; per-CPU memory and system calls cost more there. So compare figures of one table; for production measure on
its machine.

- **full path**: from PRE_ROUTING to the ordinary output; **fast path**: from the ingress hook of the device straight to
  the neighbour (README and operations say when which is taken).
- **floor**: a hook at ingress that looks up one flow, enciphers, writes headers and sends: no replay window, no
  counters, not SRTP. What a relay cannot fall below.
- **rtpengine**: its unmodified kernel module and daemon from Debian, one call set up over its ng protocol, with its own
  nftables rule; judged by libsrtp2 in the same way.
- **relay in user space**: libsrtp2 behind recvmmsg() and sendmmsg(), 64 packets a call, on the machine's own kernel: not
  to be compared by the nanosecond.
"""

CASES = """
### All cases

Suite, direction, octets of payload, and what is special: `checksums` are computed and verified by the kernel, elsewhere
the devices vouch for them; `streams-N`: each packet is of another of N streams, in random order; `forged-N`: of ten packets
N have a wrong tag; `ssrcs-8`: one SA, eight SSRCs; `list`: handed over as a list. Nanoseconds.
"""
RAW = """
### The kernel's crypto

Nanoseconds, with least and most of seven runs, of what a packet of that payload needs; the MAC is over header and ROC too.
Names with `-lib` are the kernel's crypto library without the crypto API.
"""
CONTROL = """
### Control plane

%s streams, two SAs each, on one processor. Requests are ready before, and a program in C sends them; a system call costs
more in User Mode Linux than elsewhere: the last line says how many requests there could be if the module took no time.
Requests are timed by sixteen or more; where somebody else was on the core, the mean of the others stands for them.
"""
SCALING = """
### Two CPUs

Packets that both CPUs relay together over those of one: the median of the runs. `disjoint`: each CPU has streams of its own;
`shared`: one stream and SA, each CPU has an SSRC. The idle loop says how much the machine itself gave
then. Nothing that packets of different streams write is in one line. Those of one stream have its statistics
and its lock in common, as RSS does not spread a flow; on this machine such a line takes 30 to 240 ns from one processor to
the other, by where its host has put them, and that decides the rows `shared`.
"""
INSTRUCTIONS = """
### Instructions

Of a packet of 160 octets, on Debian's 6.1, counted by QEMU: the same in every run. Forwarding takes %s.
"""


PROFILE = """
### Where the nanoseconds go

Protecting packets of 160 octets, one stream, fast path; functions of the kernel and, with `(module)`, of the module or
the floor, by samples of the guest's process. Of what is shown neither has less than %s ns. The building of buffers, which the
tables above leave out, is in both columns.
"""
WHY = """
What the floor does not do, and a gateway must: IP's and UDP's own checks, the IPsec policy, RTP's header, the rule of
sources, RFC 3550's statistics, a sequence window under a lock, counters, the question for each packet who else stands at
the hooks of IP, route and MTU, checksums as the device wants them. It is spread evenly; no function is left that could
go. So the ratios to the floor are missed by so much, the more the cheaper the cipher, and the figures that were wished for
CM and GCM-128 as well: 80 to 110 ns over this machine's floor. Of a packet under CM half is the cipher's and the MAC's
alone (35 and 177 ns), for rtpengine as for us, which bounds the ratio of the two.

The steps of a packet under GCM-128 after the first of its batch, by readings of the clock between them that are taken off
again: 35 ns until it is known, admitted and counted, 7 for route and MTU, 2 for the SSRC's context, 10 for index and window
under the lock, 6 for nonce and request, 90 for the cipher (70 where nothing else runs: here its code and keys have been
pushed out of the nearest cache by the rest), 20 for new headers, and 70 for the kernel's own way out and the end of the
buffer (50 in plain, for the same reason). What is ours is 80 ns of 240. The first packet of a batch takes 250 or 600 ns
more, by where in memory its stream lies: two runs of a row differ by up to 15 ns.

Streams by the hundred thousand: each packet needs 7 lines of memory (plain), 18 (CM) or 21 (GCM) that are nowhere near, in
four to eight pages whose addresses the processor has to look up as well. Packets wait for each other at ingress and ask for
all that they need before any is worked on (see architecture), be it there or by PRE_ROUTING, where a packet alone would
wait for bucket, channel and all else in turn, each time for a translation and for the memory (300 to 500 ns together here,
as a chain of reads in one GB has it; 520 to 830 ns more than the goal before packets waited there too). What a packet pays
for is translations, 20 ns each where they overlap: asking six packets ahead, between the work on others, cost 110 to 200 ns
more a packet, since a prefetch that lacks its translation is held until it is there. Paths and contexts beside what points
to them, which saves two pages, gained 40 ns with GCM at most.

What was tried and did not stay: a hash with one multiplication (chains of 25 once in 600 seeds), a header checksum by hand
(no gain over the kernel's), parts of 16 packets in place of all 32 that wait (no gain; GCM loses 40 ns), a copy of
neigh_output() (a torn address while the neighbour changes), no prefetches below 128 streams (they cost 5 ns there).

SHA-1 of two packets at a time, interleaved on the processor's own instructions, would pay where packets wait for each
other: 81 ns a packet for the MAC of 160 octets in place of 139, by a program of two such loops. Linux has that for SHA-256
alone (`sha256_finup_2x()`), and a hash in assembler of our own is nothing that an operator should have to trust.

A few rows fall on either side of their goal from one run of the bench to the next, with the same code on their way: a
thousand streams in plain (1.26 and 1.32) and under GCM on the full path (1.16 and 1.33), two CPUs in plain and GCM-128
(1.81 to 1.88 and 1.73 to 1.80, while the idle loop beside them had 1.81 to 2.0), nine forged packets and a genuine one
under GCM on the full path (0.99 and 1.16).

Of streams made one by one, two system calls that do nothing take most of the time here.

Memory with wrappers (6.12): each of a stream's four GCM sessions has a synchronous transform beside the fast one, whose
GHASH table of 4 KiB is the kernel's. Without the fast one for SRTCP the goal would be met, and a forged SRTCP packet
cost five times as much.
"""
LEAST = 1.5         # ns of a function that is shown


def _mark(one):
    """After a figure of which most runs were disturbed."""
    return ' *' if one.get('quiet', 1) < QUIET else ''


def _cell(one):
    """Median and spread."""
    if not one:
        return ''
    return f'{one["median"]:,.0f} ({one["min"]:,.0f} - {one["max"]:,.0f}){_mark(one)}'


def _table(head, rows):
    return ['| ' + ' | '.join(head) + ' |', '|' + '---|' * len(head)] + ['| ' + ' | '.join(row) + ' |' for row in rows] + ['']


def _command(figures, part):
    """How a part was measured."""
    found = {(one['command'], one.get('kernel', ''), one['date']) for one in figures.values() if one['part'] == part}
    return [f'`{command}`{f" (Linux {kernel})" if kernel else ""}, {date}' for command, kernel, date in sorted(found)]


def _commands(figures, *parts):
    lines = [line for part in parts for line in _command(figures, part)]
    if any('build/bench/relay' in line for line in lines):
        relay = [line for line in lines if 'build/bench/relay' in line]
        lines = [line for line in lines if line not in relay] + ['`build/bench/relay suite=... payload=... secure=... batch=...`']
    return ['Measured by ' + '; '.join(lines) + '.', ''] if lines else ['Not measured.', '']


def _main(figures):
    """What one packet costs, beside floor and peers."""
    def name(what, suite, direction, payload):
        if what == 'floor':
            return f'floor/{suite}/{payload}' if direction == 'protect' else ''
        if what == 'relay':
            return f'relay/{suite}/{direction}/{payload}/batch-64'
        return f'{what}/{suite}/{direction}/{payload}'

    rows = []
    for suite in NAMES.values():
        for what, words in (('floor', 'floor'), ('fast', '**fast path**'), ('full', '**full path**'), ('rtpengine', 'rtpengine'),
                            ('relay', 'relay in user space')):
            rows.append([TITLES[suite] if what == 'floor' else '', words] +
                        [_cell(figures.get(name(what, suite, direction, payload)))
                         for payload in (160, 1200) for direction in ('protect', 'unprotect')])
    rows += [['', words, *sum(([_cell(figures.get(f'{key}/{payload}')), ''] for payload in (160, 1200)), [])]
             for key, words in (('floor/drop', 'drop at ingress'), ('forward', 'IP forwarding of the kernel'))]
    absent = figures.get('rtpengine/absent')
    return (['### A packet', '', 'Nanoseconds of one CPU.', ''] +
            _table(['suite', '', 'protect, 160 octets', 'unprotect, 160', 'protect, 1200', 'unprotect, 1200'], rows) +
            ([f'rtpengine was not measured: {absent["what"]}.', ''] if absent else []) + _commands(figures, 'media', 'peers'))


def _goals(figures):
    rows = [[goal.what, goals.number(goal.value), f'{goal.sign} {goals.number(goal.limit)} {goal.unit}', goals.WORDS[met]]
            for goal, met in goals.judged(figures)]
    return ['### Goals', '', 'Differences and ratios are of medians of the same run of the bench.', '',
            *_table(['what', 'figure', 'goal', ''], rows)]


def _cases(figures):
    """All cases of both paths."""
    rows = []
    for case in all_cases():
        row = [case.name]
        for path in goals.PATHS:
            one = figures.get(f'{path}/{case.name}')
            row += [_cell(one)] + [f'{one[kind]:,.0f}' if one else '' for kind in ('p90', 'mean', 'cpu')]
        if any(row[1:]):
            one = figures.get(f'full/{case.name}') or figures[f'fast/{case.name}']
            rows.append(row + [f'{one["good"]:,} of {one["good"] + one["bad"]:,}'])
    head = ['case', 'fast path', 'p90', 'mean', 'CPU', 'full path', 'p90', 'mean', 'CPU', 'samples right']
    return [*CASES.splitlines(), '', *_table(head, rows), *_commands(figures, 'media')]


def _raw(figures):
    def rows(prefix):
        names = sorted({name.split('/')[-2] for name in figures if name.startswith(f'{prefix}raw/') and name.endswith('/160')})
        return [[name] + [_cell(figures.get(f'{prefix}raw/{name}/{octets}')) for octets in (20, 160, 1200)] +
                [figures[f'{prefix}raw/{name}/160']['driver']] for name in names]

    head, far = ['', '20 octets', '160', '1200', 'driver'], figures.get('raw/far-line/64')
    return [*RAW.splitlines(), '', *_table(head, rows('')),
            *([f'A cache line that is nowhere near takes {_cell(far)} ns to read.', ''] if far else []),
            'The same on 6.12, whose ciphers have wrappers:', '', *_table(head, rows('6.12/')), *_commands(figures, 'wrappers')]


def _wrappers(figures):
    rows = []
    for suite in NAMES.values():
        rows.append([TITLES[suite]] + [_cell(figures.get(f'6.12/{path}/{suite}/{direction}/{payload}')) for path in goals.PATHS
                                       for payload in (160, 1200) for direction in ('protect', 'unprotect')] +
                    [_cell(figures.get(f'6.12/floor/{suite}/160'))])
    head = ['Linux 6.12'] + [f'{path}, {direction} {payload}' for path in goals.PATHS for payload in (160, 1200)
                             for direction in ('protect', 'unprotect')] + ['floor, 160']
    return ['### Ciphers with wrappers', '', *_table(head, rows), *_commands(figures, 'wrappers')]


def _control(figures):
    words = {'batch/{}/sas': 'SAs made a second, in batches', 'batch/{}/streams': 'streams made a second, in batches',
             'batch/{}/both': 'streams with two SAs a second, in batches', 'single/{}': 'the same, one request by one',
             'memory/{}/made': 'octets of a stream with two SAs, new', 'memory/{}/used': 'the same, one SSRC heard each way',
             'dump/{}/streams': 'seconds to read all streams', 'dump/{}/sas': 'seconds to read all SAs',
             'flush/{}': 'seconds to remove all'}

    def cell(name):
        one = figures.get(name)
        if not one:
            return ''
        return _cell(one) if one['median'] >= 20 else f'{one["median"]:.2f} ({one["min"]:.2f} - {one["max"]:.2f})'

    rows = [[text] + [cell(f'{prefix}control/{name.format(suite)}') for prefix in ('', '6.12/') for suite in ('cm', 'gcm128')]
            for name, text in words.items()]
    rows.append(['pairs of system calls a second that do nothing: a request takes two', cell('control/calls'), '',
                 cell('6.12/control/calls'), ''])
    count = next((one['streams'] for one in figures.values() if one['part'] == 'control'), 0)
    return [*(CONTROL % f'{count:,}').splitlines(), '',
            *_table(['', 'CM, 7.x', 'GCM-128, 7.x', 'CM, 6.12', 'GCM-128, 6.12'], rows), *_commands(figures, 'control')]


def _scaling(figures):
    rows = [[name[len('scaling/'):], f'{one["median"]:.2f} ({one["min"]:.2f} - {one["max"]:.2f}){_mark(one)}',
             f'{one["one"]:,.0f}', f'{one["two"]:,.0f}', f'{one["idle"]:.2f}']
            for name, one in figures.items() if name.startswith('scaling/')]
    return [*SCALING.splitlines(), '',
            *_table(['', 'both over one', 'ns on one', 'ns on both', 'idle loop'], rows), *_commands(figures, 'scaling')]


def _instructions(figures):
    rows = []
    for suite in NAMES.values():
        rows.append([TITLES[suite], _cell(figures.get(f'instructions/floor/{suite}/160'))] +
                    [_cell(figures.get(f'instructions/{path}/{suite}/{direction}/160')) for path in goals.PATHS
                     for direction in ('protect', 'unprotect')])
    return [*(INSTRUCTIONS % _cell(figures.get('instructions/forward/160'))).splitlines(), '',
            *_table(['', 'floor', 'fast, protect', 'fast, unprotect', 'full, protect', 'full, unprotect'], rows),
            *_commands(figures, 'instructions')]


def _profile(figures):
    rows, suites = {}, [suite for suite in NAMES.values() if any(name.startswith(f'profile/{suite}/') for name in figures)]
    for name, one in figures.items():
        if name.startswith('profile/'):
            suite, whose = name.split('/')[1:3]
            rows.setdefault(one['what'], {})[suite, whose] = one['median']
    columns = [(suite, whose) for suite in suites for whose in ('ours', 'floor')]
    shown = [(name, row) for name, row in rows.items() if max(row.values()) >= LEAST]
    shown.sort(key=lambda pair: sum(pair[1].get((s, 'floor'), 0) - pair[1].get((s, 'ours'), 0) for s in suites))
    shown.append(('**all**', {key: sum(row.get(key, 0) for row in rows.values()) for key in columns}))
    table = [[name] + [f'{row[key]:.1f}' if row.get(key) else '' for key in columns] for name, row in shown]
    head = [''] + [f'{TITLES[suite]}, {"fast path" if whose == "ours" else "floor"}' for suite, whose in columns]
    return [*(PROFILE % LEAST).splitlines(), '', *_table(head, table), *_commands(figures, 'profile'), *WHY.splitlines()]


def section(part):
    """The text, from the part `media` of build/bench.json."""
    where, figures = part['machine'], part['figures']
    lines = ['## The module', '', f'{where["processor"]}, {where["processors"]} processors, Linux {where["kernel"]}, load '
             f'{where["load"]:.1f}.', '', '![What a packet costs](performance.svg)', *METHOD.splitlines(), '']
    for one in (_main, _goals, _cases, _raw, _wrappers, _control, _scaling, _instructions, _profile):
        lines += one(figures)
    return '\n'.join(lines)


def files(part):
    """What else the document needs: {name: text}."""
    return {'performance.svg': chart.svg(part['figures'])}
