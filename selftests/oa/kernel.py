#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The engine with the kernel module for its MSF: what it asks, the kernel does (guests only)."""
import json
import os
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, '..'))

from helper import ACCESS, CORE, MO, MT, Call, World
from lib import module
from lib.ktap import equal, run, test
from peers.sip.situation import MIKEY, PLAIN, SDES, Situation

CTL = os.environ.get('E2AE_CTL') or os.path.join(HERE, '../../build/agent/e2aectl')


def show(what):
    """What the kernel has."""
    out = subprocess.run([CTL, '-j', what, 'show'], capture_output=True, check=True, text=True).stdout
    return json.loads(out or '[]')


class Kernel(World):
    """The driver over the kernel module."""

    words = ('kernel',)

    def __enter__(self):
        module.load()
        self.dir = tempfile.TemporaryDirectory()
        subprocess.run(['make', '-s', '-C', HERE, f'O={self.dir.name}', 'SANITIZE=-O0', 'drive'], check=True,
                       stdout=sys.stderr)
        self.drive = os.path.join(self.dir.name, 'drive')
        return super().__enter__()

    def __exit__(self, *what):
        super().__exit__(*what)
        self.dir.cleanup()

    def settle(self):
        for call in self.calls:
            call.end()
        self.calls = []
        equal((show('stream'), show('sa')), ([], []), 'streams and SAs that were left')
        self.ask(63, 'pass', 2000)


def situations():
    for role in (MO, MT):
        for keying in (SDES, MIKEY):
            yield role, keying, Situation(keying if role == MO else PLAIN)


@test('the kernel takes the streams of all situations, and changes them as calls change')
def _(world):
    for role, keying, situation in situations():
        call = Call(world, role, situation, profiles=keying)
        call.begin()
        equal((len(show('stream')), len(show('sa'))), (1, 2), 'what the kernel has')
        for by in (ACCESS, CORE):
            call.again(by, direction='sendonly')
            call.again(by, direction='sendrecv')
            call.again(by, move=True, rekey=True)
            call.again(by)
        world.settle()


@test('the kernel follows forks, one after the other and back')
def _(world):
    for keying in (SDES, MIKEY):
        call = Call(world, MO, Situation(keying))
        passed = call.offer(ACCESS, call.run(call.ue.offer))
        answers = []
        for tag in 'abc':
            call.run(call.core.lines and call.core.lines[0].leg.open or (lambda: None))
            answers.append(call.answer(CORE, call.run(call.core.answer, passed), tag))
        equal(call.tell('select', 'a')[0], None, 'select')
        equal(len(show('stream')), 1, 'streams')
        world.settle()


@test('RTCP changes between one port and two')
def _(world):
    call = Call(world, MO, Situation(SDES, mux=True), core=Situation(mux=True))
    call.begin()
    for mux in (False, True, False):
        for side in (call.ue, call.core):
            for line in side.lines:
                line.situation = Situation(line.situation.keying, mux=mux)
        call.again(ACCESS)
    equal(len(show('stream')), 1, 'streams')


@test('speech becomes a fax and speech again')
def _(world):
    call = Call(world, MT, Situation(), profiles='sdes')
    call.begin()
    text = call.run(call.core.offer).decode()
    fax = (text[:text.index('m=')] + 'm=image 5004 udptl t38\r\n').encode()
    call.offer(CORE, fax, call.fork)
    call.answer(ACCESS, fax)
    equal(show('stream'), [], 'streams')
    call.again(CORE)
    equal(len(show('stream')), 1, 'streams')


@test('what the kernel tells reaches the owner: silence, unless the call is on hold')
def _(world):
    world.ask(0, 'timeout', 1)
    calls = [Call(world, MO, Situation(SDES)) for _ in range(2)]
    for call in calls:
        call.begin()
    calls[1].again(ACCESS, direction='sendonly')
    end = time.monotonic() + 10
    found = []
    while not found and time.monotonic() < end:
        time.sleep(0.2)
        found = world.ask(0, 'msf')[1]['events']
    world.ask(0, 'timeout', 30)
    streams = {call.state()['lines'][0]['stream'] for call in calls[:1]}
    equal({stream for name, stream in found if name == 'media-timeout'}, streams, 'silent streams')


@test('another process begins behind the ids that one left', seconds=120)
def _(world):
    call = Call(world, MO, Situation(SDES))
    call.begin()
    stream = call.state()['lines'][0]['stream']
    other = Kernel.__new__(Kernel)
    other.drive, other.words = world.drive, ('kernel',)
    World.__enter__(other)
    late = Call(other, MO, Situation(SDES))
    late.begin()
    equal(late.state()['lines'][0]['stream'] != stream, True, 'ids')
    late.end()
    World.__exit__(other, None)


if __name__ == '__main__':
    run(Kernel)
