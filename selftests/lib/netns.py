# SPDX-License-Identifier: GPL-2.0
"""Network namespaces: names, and running code inside one."""
import contextlib
import ctypes
import os
import select
import subprocess
import time

from lib.ktap import QUICK, SLOW

CLONE_NEWNET = 0x40000000
BACKLOG = 11        # column of softnet_stat: packets that wait for a CPU
_libc = ctypes.CDLL(None, use_errno=True)


def _setns(fd):
    if _libc.setns(fd, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), 'setns')


def unshare(flags):
    """unshare(2)."""
    if _libc.unshare(flags):
        raise OSError(ctypes.get_errno(), 'unshare')


def enter(name):
    """Goes into a namespace for good."""
    there = os.open(f'/run/netns/{name}', os.O_RDONLY)
    _setns(there)
    os.close(there)


def processed(seconds=5.0 * SLOW):
    """Waits until what was sent is through the gateway: no CPU has packets waiting.

    A busy machine may leave them to ksoftirqd. Against a flood it gives up in the end.
    """
    end, quiet = time.monotonic() + seconds, 0
    while quiet < 2 and time.monotonic() < end:
        os.sched_yield()
        with open('/proc/net/softnet_stat', encoding='ascii') as f:
            waiting = any(int(line.split()[BACKLOG], 16) for line in f)
        quiet = 0 if waiting else quiet + 1
        if waiting:
            time.sleep(0.001)


@contextlib.contextmanager
def inside(name):
    """Everything made inside, such as a socket, belongs to the namespace; None is our own."""
    if name is None:
        yield
        return
    back = os.open('/proc/self/ns/net', os.O_RDONLY)
    there = os.open(f'/run/netns/{name}', os.O_RDONLY)
    try:
        _setns(there)
        yield
    finally:
        _setns(back)
        os.close(back)
        os.close(there)


def incoming(sock, seconds=0.0):
    """Yields while there is something to read, until the time is over; what is there, at least.

    In a slow guest all of it takes longer. Against a flood it ends two seconds after the time.
    """
    end = time.monotonic() + seconds * max(1, SLOW / QUICK)
    while select.select([sock], [], [], max(0, end - time.monotonic()))[0]:
        yield
        if time.monotonic() > end + 2 * SLOW:
            return


def run(*command, name=None, check=True, **kwargs):
    """Runs a command, in a namespace if one is named; returns the CompletedProcess."""
    if name:
        command = ('ip', 'netns', 'exec', name) + command
    done = subprocess.run(command, capture_output=True, text=True, timeout=60 * SLOW, check=False,
                          **kwargs)
    if check and done.returncode:
        raise RuntimeError(f'{" ".join(command)}: exit {done.returncode}: {done.stderr.strip()}')
    return done


def ip_batch(lines, name=None):
    """Gives many lines to one `ip -batch`."""
    where = ['-n', name] if name else []
    run('ip', *where, '-batch', '-', input='\n'.join(lines) + '\n')


def write(path, value, name=None):
    """Writes a file of /proc or /sys as the namespace shows it."""
    with inside(name), open(path, 'w', encoding='ascii') as f:
        f.write(str(value))
