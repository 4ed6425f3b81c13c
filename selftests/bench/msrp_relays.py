# SPDX-License-Identifier: GPL-2.0
"""The relays that `msrp` measures: ours in its ways to work, stunnel, and a plain one. Each runs alone, on one processor."""
import contextlib
import hashlib
import os
import subprocess
import sys
import tempfile

from results import TOP

sys.path[:0] = [os.path.join(TOP, 'selftests'), os.path.join(TOP, 'selftests/msrp')]
from fleet import ROLES, Driver, Load, until  # noqa: E402

PROGRAMS = os.path.join(TOP, 'build/bench')
PAIRS = 16
BODY = 65536
RELAY, PEERS = os.cpu_count() - 1, 0    # processors; one for all in a guest that has one
STUNNEL = """foreground = yes
pid =
debug = warning
[msrp]
accept = 127.1.0.0:2855
connect = 127.3.0.1:2858
PSKsecrets = {folder}/psk
sslVersion = {version}
ciphersuites = TLS_AES_128_GCM_SHA256
ciphers = PSK-AES128-GCM-SHA256
options = NO_TICKET
socket = l:TCP_NODELAY=1
socket = r:TCP_NODELAY=1
"""
# name: (what it is, TLS, how it is started, whether the kernel has to have TLS)
ROWS = {
    'splice': ('plain relay with splice, TCP on both legs', 'none', 'splice', False),
    'cema-kernel': ('e2ae, CEMA, records in the kernel, spliced', '1.3', 'cema', True),
    'cema-kernel-1.2': ('e2ae, CEMA, records in the kernel, spliced', '1.2', 'cema', True),
    'rewrite-kernel': ('e2ae, paths rewritten, records in the kernel', '1.3', 'rewrite', True),
    'cema-process': ('e2ae, CEMA, records in the process', '1.3', 'cema', False),
    'cema-process-1.2': ('e2ae, CEMA, records in the process', '1.2', 'cema', False),
    'rewrite-process': ('e2ae, paths rewritten, records in the process', '1.3', 'rewrite', False),
    'stunnel': ('stunnel', '1.3', 'stunnel', False),
    'stunnel-1.2': ('stunnel', '1.2', 'stunnel', False),
}


def _pinned(*command):
    return subprocess.Popen(['taskset', '-c', str(RELAY), *command], stderr=subprocess.DEVNULL)


@contextlib.contextmanager
def _ended(process):
    try:
        yield process.pid
    finally:
        process.kill()
        process.wait()


@contextlib.contextmanager
def _stunnel(version):
    with tempfile.TemporaryDirectory(prefix='e2ae-bench-') as folder:
        with open(os.open(f'{folder}/psk', os.O_WRONLY | os.O_CREAT, 0o600), 'w', encoding='ascii') as file:
            for n in range(PAIRS):
                identity = f's{n:07}@load.example'
                use = f'tls{version.replace(".", "")}_ue'
                file.write(f'{identity}:{hashlib.sha256(f"{identity} {use}".encode()).hexdigest()}\n')
        with open(f'{folder}/conf', 'w', encoding='ascii') as file:
            file.write(STUNNEL.format(folder=folder, version=f'TLSv{version}'))
        with _ended(_pinned('stunnel', f'{folder}/conf')) as pid:
            yield pid


def _listens():
    """Does something listen for UEs?"""
    with open('/proc/net/tcp', encoding='ascii') as file:
        return any(line.split()[1:4:2][0].endswith(':0B27') and line.split()[3] == '0A' for line in file.readlines()[1:])


@contextlib.contextmanager
def _ours(kind, kernel):
    driver = Driver(os.path.join(PROGRAMS, 'msrp-relay'), cpu=RELAY, userspace=int(not kernel))
    try:
        driver.sessions(range(PAIRS), kind == 'cema', ROLES['dials the core'])
        yield driver.pid
        counts = driver.ask('counts')
        if bool(counts['kernel_in']) != kernel or bool(counts['spliced']) != (kernel and kind == 'cema'):
            raise RuntimeError(f'records were not where they should be: {counts}')
    finally:
        driver.process.kill()
        driver.process.wait()


@contextlib.contextmanager
def relay(name):
    """(process id of the relay, its peers): all pairs are up."""
    _, tls, kind, kernel = ROWS[name]
    ours = kind in ('cema', 'rewrite')
    options = ['--tls', tls, '--body', BODY, '--role', ROLES['dials the core']] + ['--one'] * (not ours)
    load = Load(os.path.join(PROGRAMS, 'msrp-load'), *options, *['--rewritten'] * (kind == 'rewrite'), cpu=PEERS)
    try:
        with _ours(kind, kernel) if ours else _stunnel(tls) if kind == 'stunnel' else \
                _ended(_pinned(os.path.join(PROGRAMS, 'msrp-splice'), '2855', '2858')) as pid:
            until(_listens, 20, what=f'{name} listening')
            load('open', 0, PAIRS)
            load.until(lambda c: not c['waiting'], 20, 'pairs coming up')
            if load.counts['up'] != PAIRS:
                raise RuntimeError(f'{name}: {load.counts}')
            yield pid, load
    finally:
        load.process.kill()
        load.process.wait()
