#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The demo itself, inside a guest: a call through two gateways from REGISTER to BYE, then the data plane alone with every
kind of attack; started by selftests/demo/run."""
import argparse
import asyncio
import os
import sys
import traceback

import figure2      # first: it finds the other modules
import page
import places
from demo import Demo, perform
from lib.topology import Topology
from report import Report

CALL_SECONDS = 60
PARTS = ('A call between two gateways, from REGISTER to BYE', 'The data plane alone: every suite, and attacks')


def play_call(report, broken):
    """The first part; returns the Figure2, whatever became of it."""
    report.part(PARTS[0])
    with places.world() as world:
        async def work():
            scene = figure2.Figure2(world, report, broken)
            try:
                async with asyncio.timeout(CALL_SECONDS):
                    await scene.perform()
            except Exception as error:      # the report says that it failed, and shows how far it came
                traceback.print_exc()
                report.row('the call is played to its end', f'{type(error).__name__}: {error}', False)
            return scene
        return asyncio.run(work())


def main():
    """Returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--out', required=True, help='folder for captures and report')
    parser.add_argument('--break', dest='broken', choices=('key', 'plain'),
                        help='key: one side uses a key that the other does not have; plain: nothing is secured at all')
    args = parser.parse_args()
    os.umask(0o077)
    report = Report(args.out)
    scene = play_call(report, args.broken)
    report.part(PARTS[1])
    with Topology() as world:
        perform(Demo(world, report, args.broken))
    report.write()
    page.write(report, scene.hops.hops, scene.bands, scene.started)
    report.show()
    print(f'ladder and report to read in a browser: {os.path.relpath(report.path("report.html"))}\n'
          f'captures and report.md: {os.path.relpath(args.out)}', flush=True)
    return 0 if report.held else 1


if __name__ == '__main__':
    sys.exit(main())
