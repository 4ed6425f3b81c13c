# SPDX-License-Identifier: GPL-2.0
"""What drives the agent, and Kamailio, under measurement: sipp on both sides, each UE at an address of its own."""
import contextlib
import json
import os
import resource
import socket
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..'))
sys.path.append(os.path.join(HERE, '../pcscf'))

import places
from agent import AGENT, Agent

EDGE, CORE, PORT, UE_PORT = '127.1.0.1', '127.2.0.9', 5060, 6060
KEY = 'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz'
SECURE, PLAIN = ('RTP/SAVP', KEY, 'a=3ge2ae:requested'), ('RTP/AVP', 'a=x-one', 'a=x-two')
T1 = 200                        # ms; transactions last 64 of them
SECONDS = 300
UNDER_TEST, DRIVERS = {0}, {1 % os.cpu_count()}


def pinned(cpus):
    """What a child does first: it goes to its processor."""
    def work():
        places.die_with_parent()
        os.sched_setaffinity(0, cpus)
    return work


def many_files():
    """Sockets for all UEs."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def address(number):
    """Of UE number n."""
    return f'127.1.{1 + number // 200}.{10 + number % 200}'


def over(t1=T1):
    """Seconds until the last transaction is over."""
    return 64 * t1 / 1000 + 3


class Sipp:
    """A sipp that runs a scenario."""

    def __init__(self, folder, scenario, *words):
        self.log = open(os.path.join(folder, f'{scenario}.log'), 'wb')
        command = ['sipp', '-sf', os.path.join(HERE, f'sipp-{scenario}.xml'), '-nostdin', '-nd', '-buff_size', '8388608', *words]
        self.process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=self.log, preexec_fn=pinned(DRIVERS))

    def wait(self, seconds=SECONDS):
        """Until its own end; fails unless all went well."""
        status = self.process.wait(seconds)
        if status:
            with open(self.log.name, 'rb') as f:
                raise RuntimeError(f'{self.process.args[2]} ended with {status}: {f.read()[-500:].decode()}')

    def stop(self):
        """Ends it."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(5)
        self.log.close()


@contextlib.contextmanager
def core(folder, scenario):
    """A sipp that answers at the core."""
    one = Sipp(folder, scenario, '-i', CORE, '-p', str(PORT), '-max_socket', '4096')
    time.sleep(0.3)
    try:
        yield one
    finally:
        one.stop()


def ues(folder, scenario, numbers, media, *words):
    """A sipp of UEs, in turns."""
    path = os.path.join(folder, f'{scenario}.csv')
    with open(path, 'w', encoding='ascii') as f:
        f.write('SEQUENTIAL\n' + ''.join(';'.join((f'ue{n}', address(n), *media)) + ';\n' for n in numbers))
    return Sipp(folder, scenario, f'{EDGE}:{PORT}', '-t', 'ui', '-inf', path, '-ip_field', '1', '-i', address(numbers[0]),
                '-p', str(UE_PORT), '-max_socket', '4096', '-timeout', f'{SECONDS}s', '-timeout_error', *words)


def drive(folder, scenario, numbers, count, *words, media=SECURE):
    """Runs a scenario so many times, UEs in turns; returns the seconds it took."""
    start = time.monotonic()
    one = ues(folder, scenario, numbers, media, '-m', str(count), *words)
    try:
        one.wait()
    finally:
        one.stop()
    return time.monotonic() - start


def cpu_seconds(pids):
    """Processor time that processes used."""
    total = 0
    for pid in pids:
        with open(f'/proc/{pid}/schedstat', encoding='ascii') as f:
            total += int(f.read().split()[0])
    return total / 1e9


def resident(pid):
    """KiB of memory that is the process's own."""
    with open(f'/proc/{pid}/smaps_rollup', encoding='ascii') as f:
        return next(int(line.split()[1]) for line in f if line.startswith('Private_Dirty'))


class Gateway:
    """The e2aed under test, in a world of loopback addresses."""

    def __init__(self, world, msf=None, t1=T1, **limits):
        self.over = over(t1)
        self.agent = Agent(
            world, world.place('a'), f'sip:{CORE}:{PORT}', world.new_folder(), t1=t1,
            access={'protected': True, 'ports': '10000-59999'}, core={'ports': '10000-59999'}, limits=limits,
            more={'reg-event': False, 'log-level': 'warning', 'quarantine': 1, 'media-timeout': 0,
                  'msf': msf or 'record:/dev/null'})

    def __enter__(self):
        before = os.sched_getaffinity(0)
        os.sched_setaffinity(0, UNDER_TEST)     # the agent takes it over
        self.agent.start()
        os.sched_setaffinity(0, before)
        return self

    def __exit__(self, *_):
        self.agent.kill()

    @property
    def pid(self):
        """Of the process."""
        return self.agent.pid

    def status(self):
        """{name: value}"""
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(30)
            sock.connect(self.agent.control)
            sock.sendall(b'status\n')
            return {k: v for line in sock.makefile() if line.strip() for k, v in json.loads(line).items()}

    def quiet(self):
        """Waits until no transaction is left; returns the status then."""
        end = time.monotonic() + 3 * self.over
        time.sleep(self.over)
        while (status := self.status())['transactions']:
            if time.monotonic() > end:
                raise RuntimeError(f'transactions do not end: {status}')
            time.sleep(0.5)
        return status

    def register(self, folder, numbers, *words):
        """Registers UEs; returns the seconds it took."""
        with core(folder, 'registrar'):
            return drive(folder, 'register', numbers, len(numbers), *words)


@contextlib.contextmanager
def kamailio(folder):
    """Kamailio in the agent's place; gives the ids of its processes."""
    with open(os.path.join(folder, 'kamailio.log'), 'wb') as log:
        process = subprocess.Popen(['kamailio', '-DD', '-E', '-m', '256', '-f', os.path.join(HERE, 'kamailio.cfg'), '-Y', folder,
                                    '-P', os.path.join(folder, 'kamailio.pid')],
                                   stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=pinned(UNDER_TEST))
    try:
        time.sleep(2)
        with open(f'/proc/{process.pid}/task/{process.pid}/children', encoding='ascii') as f:
            yield [process.pid, *map(int, f.read().split())]
    finally:
        process.terminate()
        process.wait(10)
