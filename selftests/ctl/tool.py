# SPDX-License-Identifier: GPL-2.0
"""What the tests of libe2ae and e2aectl share: running the tool, and looking into a process for octets."""
import base64
import contextlib
import os
import subprocess

from lib.ktap import SLOW
from lib.spec import TOP

CTL = os.environ.get('E2AE_CTL') or os.path.join(TOP, 'build', 'agent', 'e2aectl')

# Octets of key and salt per suite (RFC 3711, 6188, 7714).
SUITES = {
    'AES_CM_128_HMAC_SHA1_80': (16, 14), 'AES_CM_128_HMAC_SHA1_32': (16, 14),
    'AES_192_CM_HMAC_SHA1_80': (24, 14), 'AES_192_CM_HMAC_SHA1_32': (24, 14),
    'AES_256_CM_HMAC_SHA1_80': (32, 14), 'AES_256_CM_HMAC_SHA1_32': (32, 14),
    'AEAD_AES_128_GCM': (16, 12), 'AEAD_AES_256_GCM': (32, 12),
    'NULL_HMAC_SHA1_80': (16, 14), 'NULL_HMAC_SHA1_32': (16, 14),
}


def ctl(*words, text='', seconds=50):
    """Runs e2aectl; returns what it left."""
    return subprocess.run([CTL, *map(str, words)], input=text, capture_output=True, text=True,
                          timeout=seconds * SLOW, check=False)


@contextlib.contextmanager
def running(*words):
    """A running e2aectl, with pipes; it is gone afterwards."""
    with subprocess.Popen([CTL, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def key_file(path, octets, mode=0o600):
    """Writes a key file; returns its path."""
    with open(path, 'w', encoding='ascii', opener=lambda p, f: os.open(p, f, mode)) as f:
        f.write(base64.b64encode(octets).decode() + '\n')
    os.chmod(path, mode)
    return path


def memory_has(pid, octets):
    """Whether the octets are anywhere in the writable memory of a process."""
    with open(f'/proc/{pid}/maps', encoding='utf-8') as maps, open(f'/proc/{pid}/mem', 'rb') as mem:
        for line in maps:
            span, perms = line.split()[:2]
            if not perms.startswith('rw'):
                continue
            start, end = (int(x, 16) for x in span.split('-'))
            mem.seek(start)
            if octets in mem.read(end - start):
                return True
    return False
