# SPDX-License-Identifier: GPL-2.0
"""Many sessions at once: the relay's driver, and the peers of selftests/msrp/load around it."""
import contextlib
import ctypes
import glob
import json
import os
import resource
import subprocess
import threading
import time

from helper import FLAGS, HERE, PLAIN, build, key
from lib.netns import CLONE_NEWNET, unshare

FILES = 100000
SECONDS = 60
ROLES = {'dialled': 0, 'dials the UE': 1, 'dials the core': 2}
MIXED = 4


def many_files():
    """Room for the sockets of all sessions, here and in what is started from here: as much as this machine gives."""
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, FILES))
    except ValueError:
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


@contextlib.contextmanager
def own_network():
    """A network namespace with nothing but loopback, left at the end: nobody's ports are in the way."""
    back = os.open('/proc/self/ns/net', os.O_RDONLY)
    unshare(CLONE_NEWNET)
    try:
        subprocess.run(['ip', 'link', 'set', 'lo', 'up'], check=True)
        yield
    finally:
        if ctypes.CDLL(None).setns(back, CLONE_NEWNET):
            raise OSError('setns')
        os.close(back)


def build_load(path):
    """Builds the peers."""
    libraries = subprocess.run(['pkg-config', '--cflags', '--libs', 'libssl', 'libcrypto'], check=True, capture_output=True,
                               text=True).stdout.split()
    subprocess.run(['gcc', '-std=gnu11', '-D_GNU_SOURCE', '-O2', '-g', '-Wall', '-Wextra', '-Wshadow', '-Werror', '-o', path,
                    *sorted(glob.glob(os.path.join(HERE, 'load/*.c'))), *libraries], check=True)


def build_relay(path, sanitized):
    """Builds the relay's driver."""
    build(path, *(FLAGS if sanitized else PLAIN))


def until(condition, seconds=SECONDS, every=0.05, what='it'):
    """Waits for a condition: what it returned."""
    end = time.monotonic() + seconds
    while True:
        got = condition()
        if got:
            return got
        assert time.monotonic() < end, f'{what} did not happen in {seconds} s'
        time.sleep(every)


class Load:
    """The peers, running. options: of the program."""

    def __init__(self, path, *options, cpu=None):
        self.process = subprocess.Popen([path, *map(str, options)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        preexec_fn=cpu if cpu is None else lambda: os.sched_setaffinity(0, {cpu}))
        self.counts = self('counts')

    def __call__(self, *words):
        """Says something: the answer."""
        self.process.stdin.write(' '.join(map(str, words)).encode() + b'\n')
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, f'the peers ended with {self.process.wait()}'
        answer = json.loads(line)
        if 'up' in answer:
            self.counts = answer
        return answer

    def until(self, condition, seconds=SECONDS, what='it'):
        """Waits until the counts are as they should be; nothing wrong may have arrived on the way."""
        def good():
            now = self('counts')
            assert not now['wrong'], f'{now["wrong"]} ends received what was not sent'
            return condition(now)
        try:
            until(good, seconds, what=what)
        except AssertionError as error:
            raise AssertionError(f'{error}: {self.counts}') from error
        return self.counts

    def kill(self):
        """SIGKILL."""
        self.process.kill()
        self.process.wait()
        self.close()

    def close(self):
        """Ends it."""
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(SECONDS)


class Driver:
    """The relay, running; sessions by number, each with addresses of its own."""

    def __init__(self, path, cpu=None, **limits):
        self.process = subprocess.Popen([path], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        preexec_fn=cpu if cpu is None else lambda: os.sched_setaffinity(0, {cpu}))
        self.events, self.up, self.over = [], set(), {}
        self.answer = threading.Condition()
        self.reader = threading.Thread(target=self._collect, daemon=True)
        self.reader.start()
        names = ('sessions', 'handshake', 'connect', 'idle', 'total', 'header', 'userspace')
        self.do(['open'] + [limits.get(name, 0) for name in names])

    @property
    def pid(self):
        """Of the process."""
        return self.process.pid

    def _collect(self):
        for line in self.process.stdout:
            event = json.loads(line)
            with self.answer:
                if event['event'] != 'told':
                    self.events.append(event)
                elif event['what'] == 'up':
                    self.up.add(event['session'])
                else:
                    self.over[event['session']] = event['why']
                self.answer.notify_all()

    def _take(self, kind):
        found = next((e for e in self.events if e['event'] == kind), None)
        if found:
            self.events.remove(found)
        return found

    def _wait(self, kind):
        with self.answer:
            event = self.answer.wait_for(lambda: self._take(kind), SECONDS)
        assert event, f'no {kind} from the relay, which is {self.process.poll()}'
        return event

    def do(self, *commands):
        """Commands that succeed, a list of words each."""
        for at in range(0, len(commands), 100):
            some = commands[at:at + 100]
            self.process.stdin.write(b''.join(' '.join(map(str, words)).encode() + b'\n' for words in some))
            self.process.stdin.flush()
            for words in some:
                result = self._wait('done')['result']
                assert not result, f'{words[:2]}: {os.strerror(-result)}'

    def ask(self, what):
        """counts, or process."""
        self.do([what])
        return self._wait(what)

    def sessions(self, numbers, cema=True, role=MIXED):
        """New sessions that are started."""
        new, start = [], []
        for n in numbers:
            kind = n % 3 if role == MIXED else role
            identity = f's{n:07}@load.example'
            keys = [key(identity, use).hex() for use in ('tls13_ue', 'tls13_msf', 'tls12_ue', 'tls12_msf')]
            access, core = (f'127.{net}.{n >> 8}.{n & 255}:{port}' for net, port in ((1, 2855), (2, 2856)))
            new.append(['new', n, access, core, -1, identity, *keys])
            ue = [1, '127.3.0.1:2857'] if kind & 1 else [0, '-']
            peer = [1, '127.3.0.1:2858'] if kind & 2 else [0, '127.0.0.1:0']
            start.append(['start', n, int(cema), *ue, int(not kind & 1), f'msrps://a.example:2855/a{n:07};tcp',
                          f'msrps://10.1.0.2:9/u{n:07};tcp', *peer, 0, f'msrp://c.example:2856/c{n:07};tcp',
                          f'msrp://192.0.2.9:9/k{n:07};tcp'])
        self.do(*new)
        self.do(*start)

    def end(self, numbers):
        """Ends sessions."""
        self.do(*(['end', n] for n in numbers))
        with self.answer:
            self.up.difference_update(numbers)
            for n in numbers:
                self.over.pop(n, None)

    def memory(self):
        """Resident octets."""
        with open(f'/proc/{self.pid}/status', encoding='ascii') as file:
            return next(int(line.split()[1]) * 1024 for line in file if line.startswith('VmRSS'))

    def close(self):
        """Ends it; its sanitizers are content."""
        self.process.stdin.close()
        status = self.process.wait(SECONDS)
        self.reader.join(SECONDS)
        self.process.stdout.close()
        assert not status, f'the relay ended with {status}'
