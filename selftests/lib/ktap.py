# SPDX-License-Identifier: GPL-2.0
"""KTAP for test files: @test("the sentence that fails"), then run(make_world).

A test fails by raising, is skipped by raising Skip. What a test prints on the way goes out as a
diagnostic. A file exits with 0 only if every test passed or was skipped for a stated reason.
"""
import contextlib
import faulthandler
import os
import signal
import sys
import time
import traceback

TEST_SECONDS = 60


def _slowness():
    """How much longer things may take in this guest: the last column of rig/guests."""
    table = os.path.join(os.path.dirname(__file__), '..', 'rig', 'guests')
    with open(table, encoding='utf-8') as f:
        rows = [line.split() for line in f if line.strip() and not line.startswith('#')]
    return next((int(row[-1]) for row in rows if row[0] == os.environ.get('E2AE_GUEST')), 1)


SLOW = _slowness()
# A guest that takes no more than so many times as long is still quick; those of QEMU are emulated.
QUICK = 4
_tests = []


class Skip(Exception):
    """The machine cannot run this test; says why."""


class Late(Exception):
    """The test took more than its time."""


def test(sentence, seconds=TEST_SECONDS):
    """Makes the function that follows a test, called by what it proves."""
    def add(function):
        _tests.append((sentence, function, seconds))
        return function
    return add


def say(*words):
    """Prints a diagnostic line."""
    for line in ' '.join(str(w) for w in words).splitlines():
        print('#', line, flush=True)


def _alarm(_signal, _frame):
    raise Late('took too long')


@contextlib.contextmanager
def _bounded(seconds):
    signal.signal(signal.SIGALRM, _alarm)
    signal.alarm(seconds * SLOW)
    try:
        yield
    finally:
        signal.alarm(0)


def _one(number, sentence, function, seconds, world):
    start = time.monotonic()
    try:
        with _bounded(seconds):
            function(world)
    except Skip as skip:
        print(f'ok {number} - {sentence} # SKIP {skip}', flush=True)
        return True
    except Exception:
        say(traceback.format_exc())
        print(f'not ok {number} - {sentence}', flush=True)
        return False
    took = time.monotonic() - start
    if took > 5:
        say(f'{took:.1f} s')
    print(f'ok {number} - {sentence}', flush=True)
    return True


def _round(chosen, first, label, make_world):
    """The tests in order on one world; whether all is well."""
    good, number = True, first
    try:
        with make_world() as world:
            for number, (sentence, function, seconds) in enumerate(chosen, first):
                settle = getattr(world, 'settle', None)
                if settle:
                    settle()
                good = _one(number, sentence + label, function, seconds, world) and good
        tail = True
    except Skip as skip:
        print(f'Bail out! cannot run here: {skip}', flush=True)
        os._exit(1)
    except Exception:
        say(traceback.format_exc())
        tail = False
    print(f'{"ok" if tail else "not ok"} {first + len(chosen)} - '
          f'everything that was set up goes away again{label}', flush=True)
    return good and tail


def run(make_world=contextlib.nullcontext, rounds=None):
    """Runs the file's tests in order on one world, a context manager; never returns.

    With rounds, {label: function}, all of them once for each, on a world that is made after the
    function was called. Arguments on the command line choose tests by a part of their sentence.
    """
    faulthandler.enable()
    chosen = [t for t in _tests if not sys.argv[1:] or any(a in t[0] for a in sys.argv[1:])]
    rounds = rounds or {'': lambda: None}
    print('KTAP version 1', flush=True)
    print(f'1..{(len(chosen) + 1) * len(rounds)}', flush=True)
    good = True
    for n, (label, begin) in enumerate(rounds.items()):
        begin()
        good = _round(chosen, 1 + n * (len(chosen) + 1), label, make_world) and good
    sys.exit(0 if good else 1)


def eventually(what, condition, seconds=10, pause=0.02):
    """Waits until something holds, and returns that; in a slow guest all of it takes longer."""
    end = time.monotonic() + seconds * SLOW
    while not (holds := condition()):
        assert time.monotonic() < end, what
        time.sleep(pause)
    return holds


def equal(got, want, what='value'):
    """Asserts equality; octets are shown as hex."""
    if got != want:
        show = [x.hex() if isinstance(x, (bytes, bytearray)) else repr(x) for x in (got, want)]
        raise AssertionError(f'{what}: got {show[0]}, want {show[1]}')
