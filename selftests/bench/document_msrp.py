# SPDX-License-Identifier: GPL-2.0
"""The section of the MSRP relay in docs/performance.md."""

PLACES = {'host': 'On the machine itself', 'uml': 'In uml, with one processor for the relay and its peers'}
HEADS = {'rate': 'MB/s', 'relay': 'relay, ms/GB', 'machine': 'all but the peers, ms/GB'}
WAYS = {'up': 'UE to core', 'down': 'core to UE'}
TEXT = """One process with {pairs} sessions, chunks of {body:,} octets, the same peers around each relay, which compare every
octet; TLS with a pre-shared key and AES-128-GCM. A GB is 10^9 octets that arrive at the far end. Processor
time is that of the relay's process by the scheduler's clock: kTLS does its work in the system calls of the process. What
arrives is taken in by softirq in the time of whoever sent it, with every relay alike. "All but the peers" is what the
whole guest used less the peers' own time: with what the kernel does elsewhere. The plain relay has TCP on both legs: the
least that forwarding costs here."""


def _value(one):
    return f'{one["median"]:,.0f} ({one["min"]:,.0f} - {one["max"]:,.0f})' if one else ''


def _table(figures, place, way):
    """Rows of a place and a direction."""
    columns = ['rate', 'relay', 'machine']
    if place == 'host':
        columns.remove('machine')
    heads = ' | '.join(HEADS[column] for column in columns)
    lines = [f'| {WAYS[way]} | TLS | {heads} |',
             '|---|---|' + '---:|' * len(columns)]
    for key, one in figures.items():
        if key.startswith(f'{place}/') and key.endswith(f'/{way}/rate'):
            what, tls = one['what'].split(', TLS ')
            cells = [_value(figures.get(key[:-len('rate')] + column)) for column in columns]
            lines.append(f'| {what} | {tls.split(",")[0]} | ' + ' | '.join(cells) + ' |')
    return lines


def section(part):
    """The text, from the part `msrp` of build/bench.json."""
    where = part['machine']
    lines = ['## The relay of MSRP', '', *TEXT.format(pairs=part['pairs'], body=part['body']).splitlines(), '',
             f'{where["processor"]}, {where["processors"]} processors, load {where["load"]:.1f} before;',
             f'measured {where["date"]} by `{part["command"]}`. Medians, least and most.']
    for place, one in part['places'].items():
        tls = 'has kTLS' if one['tls'] else 'has no kTLS: records are done in the process'
        lines += ['', f'### {PLACES[place]}', '', f'Linux {one["kernel"]}, which {tls}.']
        for way in WAYS:
            lines += ['', *_table(part['figures'], place, way)]
    return '\n'.join(lines)
