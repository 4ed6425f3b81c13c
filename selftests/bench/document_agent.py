# SPDX-License-Identifier: GPL-2.0
"""The agent's section of docs/performance.md."""
import results


def _row(one):
    """A figure as a line of the table."""
    sign = '>=' if one['more_is_better'] else '<='
    goal = '' if one['goal'] is None else f'{sign} {one["goal"]:,}, {"met" if results.met(one) else "missed"}'
    spread = f'{one["min"]:,.0f} - {one["max"]:,.0f}' if len(one['runs']) > 1 else ''
    unit = f' {one["unit"]}' if one['unit'] else ''
    return f'| {one["what"]} | {one["median"]:,.0f}{unit} | {spread} | {goal} |'


def section(part):
    """The text, from the part `agent` of build/bench.json."""
    where = part['machine']
    lines = ['## The agent', '',
             f'{where["processor"]}, {where["processors"]} processors, Linux {where["kernel"]}, load {where["load"]:.1f} before;',
             f'measured {where["date"]} by `{part["command"]}`.', '',
             '| what | median | least - most | goal |', '|---|---:|---:|---|']
    lines += [_row(one) for one in part['figures'].values()]
    return '\n'.join(lines)
