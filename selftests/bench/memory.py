#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Memory of registrations and calls that are held: what `make bench` measures with many, here with few.

The limits are a little above what it is, far below what it may be (4 KiB, 16 KiB): who adds to a struct or a text that
each of them has sees it here, and raises them if it is worth it.
"""
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))

import held
from lib.ktap import run, say, test
from load import DRIVERS, Gateway, many_files, places

REGISTRATIONS, REGISTRATION_OCTETS = 2000, 2300
CALLS, CALL_OCTETS = 500, 4800
CALLERS = range(50)
T1 = 50         # ms; transactions have to be over before memory is looked at


class World:
    """A gateway; what one test holds the next finds."""

    def __enter__(self):
        many_files()
        self.folder = tempfile.TemporaryDirectory(prefix='e2ae-memory-')
        self.places = places.world()
        self.gateway = Gateway(self.places.__enter__(), t1=T1)
        self.gateway.__enter__()
        os.sched_setaffinity(0, DRIVERS)
        return self

    def __exit__(self, *what):
        self.gateway.__exit__(*what)
        self.places.__exit__(*what)
        self.folder.cleanup()


def judge(one, most):
    """Fails if it is too much, or nothing: then the measurement is wrong."""
    say(f'{one.count} held, {one.allocated:.0f} octets each, at most {most}; by resident memory {one.resident:.0f}')
    if not most / 10 < one.allocated <= most:
        raise AssertionError(f'{one.allocated:.0f} octets')


@test('two thousand registrations are held, and none takes more memory than it should', seconds=60)
def registrations(world):
    judge(held.registrations(world.gateway, REGISTRATIONS), REGISTRATION_OCTETS)


@test('five hundred calls are held, and none takes more memory than it should', seconds=60)
def calls(world):
    with held.calls(world.folder.name, world.gateway, CALLS, CALLERS, 0) as one:
        judge(one, CALL_OCTETS)


if __name__ == '__main__':
    run(World)
