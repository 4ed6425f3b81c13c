# SPDX-License-Identifier: GPL-2.0
"""Runs e2aectl; keys go through standard input."""
import base64
import json
import os
import subprocess

from lib.spec import TOP

CTL = os.environ.get('E2AE_CTL') or os.path.join(TOP, 'build', 'agent', 'e2aectl')
ENV = dict(os.environ)
ENV.setdefault('LD_LIBRARY_PATH', os.path.join(TOP, 'build', 'agent'))


class CtlError(Exception):
    """e2aectl failed: its exit status and what it said."""

    def __init__(self, status, said):
        super().__init__(f'exit {status}: {said}')
        self.status, self.said = status, said


def key_line(key, salt):
    """A key file's one line."""
    return base64.b64encode(key + salt) + b'\n'


class Ctl:
    """e2aectl for a namespace."""

    def __init__(self, name=None):
        self.name = name

    def run(self, *words, stdin=b'', options=()):
        """Standard output of a command, or CtlError."""
        where = ('-n', self.name) if self.name else ()
        command = [CTL, *where, *options, *(str(w) for w in words)]
        done = subprocess.run(command, input=stdin, capture_output=True, timeout=60, env=ENV,
                              check=False)
        if done.returncode:
            raise CtlError(done.returncode, done.stderr.decode())
        return done.stdout.decode()

    def __call__(self, text, stdin=b'', options=()):
        """The same with the words in one string."""
        return self.run(*text.split(), stdin=stdin, options=options)

    def json(self, *words, options=()):
        """What a command shows, read from JSON."""
        return json.loads(self.run(*words, options=('-j', *options)))

    def sa_add(self, key, *words):
        """Makes the SA of a lib.call.Key."""
        mki = ('mki', key.mki.hex()) if key.mki else ()
        return self.run('sa', 'add', key.ident, 'suite', key.suite, 'key-file', '-', *mki, *words,
                        stdin=key_line(*key.secret))
