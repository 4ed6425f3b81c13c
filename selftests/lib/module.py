# SPDX-License-Identifier: GPL-2.0
"""Loads and unloads the module under test."""
import os
import shutil
import time

from lib.ktap import SLOW, Skip
from lib.netns import run, write
from lib.spec import TOP

GUEST = os.environ.get('E2AE_GUEST', '')
MODULE = os.environ.get('E2AE_MODULE') or os.path.join(TOP, 'build', GUEST, 'e2ae.ko')

# The ways of packets: by the ingress of devices and straight out, as is the default where nobody is
# in between; the same with packets that wait for each other, as with very many streams; or by the
# hooks of IP both.
PATHS = {'ingress': {'ingress': 'Y', 'direct': 'Y', 'gather': 0}, 'gathered': {'ingress': 'Y', 'direct': 'Y', 'gather': 1},
         'full': {'ingress': 'N', 'direct': 'N', 'gather': 0},
         'full-gathered': {'ingress': 'N', 'direct': 'N', 'gather': 1}}
_path = {}


def loaded():
    """Whether it is in the kernel."""
    return os.path.isdir('/sys/module/e2ae')


def choose(path):
    """Which way packets go once the module is loaded again, a name in PATHS."""
    _path.update(PATHS[path])


def load(**parameters):
    """insmod, after what it depends on."""
    if not GUEST:
        raise Skip('modules are loaded in guests only: selftests/rig/run')
    if not os.path.exists(MODULE):
        raise RuntimeError(f'{MODULE} is not built')
    needs = run('modinfo', '-F', 'depends', MODULE).stdout.strip()
    for name in filter(None, needs.split(',')):
        run('modprobe', name)
    run('insmod', MODULE, *(f'{k}={v}' for k, v in {**_path, **parameters}.items()))


def unload(seconds=10 * SLOW):
    """rmmod; it may be in use for a moment."""
    end = time.monotonic() + seconds
    while run('rmmod', 'e2ae', check=False).returncode:
        if time.monotonic() > end:
            raise AssertionError('the module does not unload')
        time.sleep(0.1)


def parameter(name, value=None):
    """Reads or writes a parameter of the loaded module."""
    path = f'/sys/module/e2ae/parameters/{name}'
    if value is not None:
        write(path, value)
    with open(path, encoding='ascii') as f:
        return f.read().strip()


def need(*programs):
    """Skips where a program is missing."""
    for program in programs:
        if not shutil.which(program):
            raise Skip(f'{program} is not installed')


def need_driver(name):
    """Makes a network driver available where it is a module."""
    run('modprobe', '-q', name, check=False)
