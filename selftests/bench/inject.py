# SPDX-License-Identifier: GPL-2.0
"""The injector seen from user space: load packets, feed them, judge samples of what left."""
import os
import subprocess
import time

from lib.spec import TOP
from results import QUIET

PROC = '/proc/e2ae_inject'
PACKETS = os.path.join(TOP, 'build/bench/packets')
DEVICE = {'access': 0, 'core': 1}
SECONDS = 120
KEPT = ('p50', 'p90', 'mean', 'cpu')
PATIENCE = [20, 400]    # a row of which most runs do not count is measured again, for so many seconds, and all together


def _words(options):
    return [f'{name}={value}' for name, value in options.items()]


def load(**options):
    """Makes packets (flow.h says of which options) and gives them to the injector."""
    with open(f'{PROC}/packets', 'wb') as f:
        subprocess.run([PACKETS, 'make', *_words(options)], stdout=f, check=True, timeout=SECONDS)


def feed(**order):
    """One run; returns its figures."""
    with open(f'{PROC}/run', 'w', encoding='ascii') as f:
        f.write(' '.join(_words(order)))
    with open(f'{PROC}/run', encoding='ascii') as f:
        return {name: int(value) for name, value in (line.split() for line in f)}


def judge(**options):
    """What libsrtp2 says of the last run's samples: (good, bad, what was wrong with the first bad one)."""
    with open(f'{PROC}/samples', 'rb') as f:
        done = subprocess.run([PACKETS, 'check', *_words(options)], stdin=f, capture_output=True, text=True, check=False,
                              timeout=SECONDS)
    found = dict(line.partition(' ')[::2] for line in done.stdout.splitlines())
    if 'good' not in found:
        raise RuntimeError(f'packets check: {done.stderr.strip()}')
    return int(found['good']), int(found['bad']), found['why']


def row_of(runs):
    """Of feed()s' figures those of the runs that count, or of all if none does; and how much of each run was quiet."""
    quiet = [run['quiet'] / run['batches'] for run in runs]
    counted = [run for run, share in zip(runs, quiet) if share >= QUIET] or runs
    return {'quiet': quiet, **{kind: [run[f'{kind}_ps'] / 1000 for run in counted] for kind in KEPT}}


def wrong(row):
    """Whether a packet was lost, or came out wrong, or none was looked at."""
    return bool(row.get('bad') or row['left'] != row['expected'] or 'good' in row and row['expected'] and not row['good'])


def measured(measure, *args):
    """The row that a function measures: again while it is right, but most of its runs were disturbed."""
    row, start, spent = measure(*args), time.monotonic(), 0
    while not wrong(row) and 2 * sum(share >= QUIET for share in row['quiet']) <= len(row['quiet']) and spent < min(PATIENCE):
        time.sleep(0.5)
        row, spent = measure(*args), time.monotonic() - start
    PATIENCE[1] -= spent
    return row


def say(name, row):
    """Prints a row; whether it is wrong."""
    def middle(kind):
        return sorted(row[kind])[len(row[kind]) // 2]

    good, bad = row.get('good', 0), row.get('bad', 0)
    judged = f' good {good}/{good + bad}' if 'good' in row else ''
    print(f'{name:41} {middle("p50"):7.0f} [{min(row["p50"]):.0f} - {max(row["p50"]):.0f}] p90 {middle("p90"):.0f} '
          f'mean {middle("mean"):.0f} cpu {middle("cpu"):.0f} quiet {middle("quiet"):.0%} left {row["left"]}/{row["expected"]}'
          f'{judged}{" WRONG: " + row.get("why", "") if wrong(row) else ""}', flush=True)
    return wrong(row)
