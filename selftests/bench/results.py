# SPDX-License-Identifier: GPL-2.0
"""build/bench.json: what was measured, by part. Each benchmark replaces its own part and leaves the others.

    {"agent": {"machine": {...}, "command": "...", "figures": {NAME: FIGURE}}, "media": {...}}

A FIGURE has `what`, `unit`, `goal` (the most it may be, the least where `more_is_better`, or null), `median`, `min`,
`max` and `runs`, all values.
"""
import contextlib
import fcntl
import json
import os
import statistics
import time

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), '../..'))
PATH = os.path.join(TOP, 'build/bench.json')
QUIET = 0.25        # a run of packets counts if nobody else was on the core for so much of it


def figure(what, unit, runs, goal=None, more_is_better=False, **more):
    """One figure, from the values of all its runs; `more` goes with it as it is."""
    return {'what': what, 'unit': unit, 'goal': goal, 'more_is_better': more_is_better, 'median': statistics.median(runs),
            'min': min(runs), 'max': max(runs), 'runs': list(runs), **more}


def met(one):
    """Does the figure meet its goal? True also if it has none."""
    if one['goal'] is None:
        return True
    return one['median'] >= one['goal'] if one['more_is_better'] else one['median'] <= one['goal']


def machine():
    """What the figures depend on: processor, kernel, how busy it was."""
    with open('/proc/cpuinfo', encoding='utf-8') as f:
        names = [line.partition(':')[2].strip() for line in f if line.startswith('model name')]
    return {'processor': names[0] if names else os.uname().machine, 'processors': os.cpu_count(), 'kernel': os.uname().release,
            'load': os.getloadavg()[0], 'date': time.strftime('%Y-%m-%d', time.gmtime())}


def read(path=PATH):
    """All parts; none if nothing was measured yet."""
    try:
        with open(path, encoding='utf-8') as f:
            return json.load(f)
    except FileNotFoundError:
        return {}


@contextlib.contextmanager
def _alone(folder):
    """One writer at a time."""
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)


def save(part, figures, command, path=PATH, **more):
    """Puts a part in place of what it was: {name: figure()}, and the command that measured. The file is whole at any time."""
    folder = os.path.dirname(path)
    os.makedirs(folder, exist_ok=True)
    with _alone(folder):
        parts = read(path)
        parts[part] = {'machine': machine(), 'command': command, 'figures': figures, **more}
        with open(f'{path}.new', 'w', encoding='utf-8') as f:
            json.dump(parts, f, indent=1)
            f.write('\n')
        os.replace(f'{path}.new', path)
