#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Runs the commands of README.md and docs/operations.md that are marked "verified", as written, in a guest."""
import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))

from lib import module
from lib.ktap import run, say, test
from lib.spec import TOP

PAGES = ('README.md', 'docs/operations.md')
BLOCK = re.compile(r'<!-- verified: (.*?) -->\n```sh\n(.*?)```', re.S)
# Folders of /etc that the commands write to: the guest sees the machine's own.
COVERED = ('/etc/modules-load.d', '/etc/modprobe.d', '/etc/sysctl.d')
# What the pages take for granted. `modprobe` finds only modules that are installed.
BEFORE = r'''
modprobe() { insmod "$E2AE_KO"; }
umask 077
for key in up down new-up new-down; do openssl rand -base64 30 >$key.key; done
'''
GATEWAY = r'''
for side in acc0:10.1.0.1 core0:10.2.0.1; do
	ip link show ${side%:*} >/dev/null 2>&1 || ip link add ${side%:*} type dummy
	ip addr replace ${side#*:}/24 dev ${side%:*}
	ip link set ${side%:*} up
done
e2aectl sa add 1 suite AES_CM_128_HMAC_SHA1_80 key-file up.key
e2aectl sa add 2 suite AES_CM_128_HMAC_SHA1_80 key-file down.key
e2aectl stream add 1 access 10.1.0.1:4000 access-peer 10.1.0.2:5000 \
	core 10.2.0.1:6000 core-peer 10.2.0.2:7000 in-sa 1 out-sa 2
'''
SECONDS = 200     # perf takes its time where the processor is emulated
BRINGS_MODULE = ('quick start', 'boot')
# timeout(1) ends these with 124.
ENDLESS = re.compile(r'^(timeout \d+ [^#\n]*)', re.M)


def blocks():
    """(name, commands) of all marked blocks."""
    for page in PAGES:
        with open(os.path.join(TOP, page), encoding='utf-8') as f:
            yield from BLOCK.findall(f.read())


def perform(name, commands):
    """One block in a shell of its own, which ends at the first command that fails."""
    commands = ENDLESS.sub(r'{ \1; } || [ $? = 124 ] ', commands)
    gateway = '' if name in ('call', *BRINGS_MODULE) else GATEWAY
    folder = tempfile.mkdtemp(dir='/run')
    env = dict(os.environ, E2AE_KO=module.MODULE, TMPDIR=folder,
               PATH=os.path.join(TOP, 'build/agent') + ':' + os.environ['PATH'])
    if name not in BRINGS_MODULE:
        module.load()
    try:
        with open(f'{folder}/commands', 'w', encoding='utf-8') as f:
            f.write(BEFORE + gateway + commands)
        done = subprocess.run(['bash', '-e', f.name], cwd=folder, env=env, text=True, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SECONDS, check=False)
    finally:
        module.unload()
        shutil.rmtree(folder)
    if done.returncode:
        say(done.stdout)
    assert not done.returncode, f'exit {done.returncode}'
    if name == 'call':
        assert re.search(r' 2\d{4} .*heard\.al', done.stdout), 'the phone heard nothing'
        assert re.search(r'downstream packets [1-9]', done.stdout), 'nothing was relayed'


@contextlib.contextmanager
def covered():
    """The machine's configuration cannot be touched from here on."""
    made = [folder for folder in COVERED if not os.path.isdir(folder)]
    for folder in COVERED:
        os.makedirs(folder, exist_ok=True)
        subprocess.run(['mount', '-t', 'tmpfs', 'tmpfs', folder], check=True)
    yield
    for folder in COVERED:
        subprocess.run(['umount', folder], check=True)
    for folder in made:
        os.rmdir(folder)


for one, text in blocks():
    # Without tracepoints (User Mode Linux has none) and their tools that block has no place.
    if one != 'tracing' or (os.path.isdir('/sys/kernel/tracing/events/sched') and shutil.which('trace-cmd')):
        test(f'the commands under "{one}" do what the page says', SECONDS + 20)(lambda _, a=one, b=text: perform(a, b))
run(covered)
