# SPDX-License-Identifier: GPL-2.0
"""The library under test, built with sanitizers into selftests/sdp/sdp.c and kept running."""
import errno
import glob
import json
import os
import subprocess
import tempfile

from lib.ktap import equal

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
FLAGS = ['-std=gnu11', '-D_GNU_SOURCE', '-O1', '-g', '-Wall', '-Wextra', '-Werror', '-Wshadow',
         '-fsanitize=address,undefined', '-fno-sanitize-recover=all']


def sources():
    return sorted(glob.glob(os.path.join(TOP, 'agent', 'media', '*.c')))


def sample(name, ending=b'\r\n'):
    """A sample's octets with these line ends."""
    with open(os.path.join(HERE, 'samples', name + '.sdp'), 'rb') as file:
        return file.read().replace(b'\n', ending)


def samples():
    names = sorted(os.path.splitext(os.path.basename(path))[0]
                   for path in glob.glob(os.path.join(HERE, 'samples', '*.sdp')))
    assert len(names) >= 14, names
    return names


class World:
    """The helper program, running."""

    def __enter__(self):
        self.dir = tempfile.TemporaryDirectory()
        path = os.path.join(self.dir.name, 'sdp')
        subprocess.run(['gcc', *FLAGS, '-o', path, os.path.join(HERE, 'sdp.c'), *sources()], check=True)
        self.process = subprocess.Popen([path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        return self

    def __exit__(self, kind, *_):
        self.process.stdin.close()
        status = self.process.wait(20)
        self.process.stdout.close()
        self.dir.cleanup()
        if kind is None:
            equal(status, 0, 'exit status of the helper')

    def run(self, body, *words):
        """(errno name or None, octets) of a request."""
        head = '\t'.join([str(len(body)), *map(str, words)]) + '\n'
        self.process.stdin.write(head.encode() + body)
        self.process.stdin.flush()
        status, size = map(int, self.process.stdout.readline().split())
        return errno.errorcode[-status] if status else None, self.process.stdout.read(size)

    def edit(self, body, *commands):
        """The edited body; commands are strings of words with blanks, or lists of words."""
        words = []
        for command in commands:
            words += [*(command.split() if isinstance(command, str) else command), ';']
        fault, out = self.run(body, *words[:-1])
        equal(fault, None, f'error of {commands}')
        return out

    def ask(self, body, *words):
        """What it says of a description, as a dict."""
        fault, out = self.run(body, *words, 'json')
        equal(fault, None, 'error')
        return json.loads(out)
