# SPDX-License-Identifier: GPL-2.0
"""The agent's section of docs/performance.md."""
import results

GROUPS = (
    ('Time', ('call', 'call-rate', 'call-reached', 'register', 'register-rate', 'kamailio-call', 'kamailio-reached'), """
Processor time of e2aed in user and kernel mode for each, its sockets and the wakeups of its peers included. sipp plays
UEs and core over UDP on loopback, each UE at an address of its own; e2aed has one processor, sipp another; a recorder
stands in for the module. A call is INVITE, 200, ACK and BYE with SDES towards the UE and plain RTP towards the core; a
registration is REGISTER, 401, REGISTER, 200 with AKA. Kamailio 5.6 has no part in media or security: it routes the same
messages with Record-Route, on the same processor."""),
    ('Capacity', ('held-registrations', 'registration-octets', 'registration-resident', 'register-full', 'refresh-full',
                  'held-calls', 'call-octets', 'call-resident', 'call-full'), """
So many are there at once when memory is looked at and no transaction is under way; TLS would come on top. `One more`
says what the next costs then, as above: it must not grow with their number."""),
    ('The module', ('msf-create', 'msf-remove', 'msf-system-call'), """
What a call costs besides with the module in place of the recorder: a stream with two SAs made in one batch at its
answer, and removed at its end. Measured in User Mode Linux, where a system call costs many times what it costs
elsewhere; it is given for that reason."""),
)


def _row(one):
    """A figure as a line of the table."""
    sign = '>=' if one['more_is_better'] else '<='
    goal = '' if one['goal'] is None else f'{sign} {one["goal"]:,}, {"met" if results.met(one) else "missed"}'
    spread = f'{one["min"]:,.0f} - {one["max"]:,.0f}' if len(one['runs']) > 1 else ''
    unit = f' {one["unit"]}' if one['unit'] else ''
    return f'| {one["what"]} | {one["median"]:,.0f}{unit} | {spread} | {goal} |'


def section(part):
    """The text, from the part `agent` of build/bench.json."""
    where, figures = part['machine'], part['figures']
    lines = ['## The agent', '',
             f'{where["processor"]}, {where["processors"]} processors, Linux {where["kernel"]}, load {where["load"]:.1f};',
             f'measured {where["date"]} by `{part["command"]}`.']
    for title, names, text in GROUPS:
        lines += ['', f'### {title}', text, '', '| what | median | least - most | goal |', '|---|---:|---:|---|']
        lines += [_row(figures[name]) for name in names if name in figures]
    return '\n'.join(lines)
