# SPDX-License-Identifier: GPL-2.0
"""Work in a child process: with fewer rights, or at the same time."""
import contextlib
import ctypes
import os
import signal
import time
import traceback

from lib.ktap import SLOW, Skip
from lib.netns import run, write

NOBODY = 65534
RT_RUNTIME = '/proc/sys/kernel/sched_rt_runtime_us'     # what of each second is left to those who are first in line
_libc = ctypes.CDLL(None, use_errno=True)


class Child:
    """Runs a function in a child process; join() raises what went wrong there."""

    def __init__(self, function, *args):
        self.out, into = os.pipe()
        self.pid = os.fork()
        if self.pid:
            os.close(into)
            return
        text = b''
        try:
            function(*args)
        except Skip as skip:
            text = f'skip {skip}'.encode()
        except BaseException:       # whatever it is, the parent must hear of it
            text = traceback.format_exc().encode()
        os.write(into, text[-4000:])
        os._exit(0)

    def stop(self):
        """Ends the child now."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.out)

    def join(self):
        """Waits for the child."""
        with os.fdopen(self.out, 'rb') as f:
            text = f.read().decode()
        _, status = os.waitpid(self.pid, 0)
        if text.startswith('skip '):
            raise Skip(text[5:])
        assert not text and not status, text or f'child ended with {status}'


def at_rest(pid):
    """Waits until a process sleeps, and goes on sleeping: it has nothing left to do."""
    seen, end = 0, time.monotonic() + 20 * SLOW
    while seen < 5:
        assert time.monotonic() < end, 'the process does not come to rest'
        with open(f'/proc/{pid}/stat', encoding='ascii') as f:
            seen = seen + 1 if f.read().rpartition(')')[2].split()[0] == 'S' else 0
        time.sleep(0.05)


def cpu(number):
    """Keeps this process on one of the CPUs there are."""
    os.sched_setaffinity(0, {number % os.cpu_count()})


def flood(number, *sends, seconds=120, priority=0):
    """A child that calls functions in turn until it is stopped, or its time is over."""
    def work():
        cpu(number)
        if priority:
            first_in_line(0, priority)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for send in sends:
                try:
                    send()
                except OSError:     # the way is gone for the moment
                    pass
    return Child(work)


def first_in_line(pid, priority):
    """A process gets a CPU before all others, but those of a higher priority."""
    os.sched_setscheduler(pid, os.SCHED_FIFO if priority else os.SCHED_OTHER, os.sched_param(priority))


def named(name):
    """Process ids by name."""
    return map(int, run('pgrep', '-x', name, check=False).stdout.split())


@contextlib.contextmanager
def only_packets(number, *sends):
    """One of the CPUs does nothing but call functions in turn, and the softirqs of that: its workers wait."""
    with contextlib.ExitStack() as undo:
        for name in ('rcu_sched', 'rcu_preempt'):
            for pid in named(name):
                undo.callback(os.sched_setaffinity, pid, os.sched_getaffinity(pid))
                os.sched_setaffinity(pid, {0})
        for pid in named(f'ksoftirqd/{number}'):
            undo.callback(first_in_line, pid, 0)
            first_in_line(pid, 2)
        with open(RT_RUNTIME, encoding='ascii') as f:
            undo.callback(write, RT_RUNTIME, f.read())
        write(RT_RUNTIME, -1)
        undo.callback(flood(number, *sends, seconds=10 * SLOW, priority=1).stop)
        yield


def in_child(function, *args):
    """Runs a function in a child and waits for it."""
    Child(function, *args).join()


def drop_root():
    """Becomes an ordinary user."""
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)


def drop_capabilities(*numbers):
    """Stays root without some capabilities."""
    head = (ctypes.c_uint32 * 2)(0x20080522, 0)
    mask = 0xffffffff
    for number in numbers:
        mask &= ~(1 << number)
    data = (ctypes.c_uint32 * 6)(mask, mask, 0, 0x1ff, 0x1ff, 0)
    if _libc.capset(head, data):
        raise OSError(ctypes.get_errno(), 'capset')
