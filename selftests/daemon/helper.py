# SPDX-License-Identifier: GPL-2.0
"""The frame of e2aed, built with sanitizers on libraries that do nothing (fake.c), and e2aectl."""
import glob
import os
import shlex
import signal
import socket
import subprocess
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
AGENT = os.path.join(TOP, 'agent')
SANITIZE = ['-O1', '-g', '-fsanitize=address,undefined', '-fno-sanitize-recover=all']
FLAGS = ['-std=gnu11', '-D_GNU_SOURCE', '-DE2AE_VERSION="0.0-test"', '-Wall', '-Wextra', '-Werror', '-Wshadow', *SANITIZE]
PACKAGES = ['libevent', 'libconfuse', 'libcap-ng', 'libnl-genl-3.0']

CONF = '''domain = "pcscf1.visited1.net"
next-hop = "sip:10.1.0.2:5060"
peers = {"10.1.0.0/24"}
control = "@DIR@/control"
state = "@DIR@/state"
user = ""
msf = "record:@DIR@/msf"
access "lte" {
	listen = {"udp:10.0.0.1:5060", "tcp:10.0.0.1:5060"}
	media = {"10.0.0.1", "2001:db8::1"}
	ports = "20000-29999"
}
core {
	listen = {"udp:10.1.0.1:5060"}
	media = {"10.1.0.1"}
	ports = "30000-39999"
}
'''


class World:
    """The programs, and a folder for files."""

    def __enter__(self):
        self.dir = tempfile.TemporaryDirectory()
        build = self.path('agent')
        subprocess.run(['make', '-s', '-C', AGENT, f'O={build}', f'CFLAGS={" ".join(SANITIZE)}', f'{build}/e2aectl',
                        f'{build}/libe2ae.a', f'{build}/sip/libsip.a', f'{build}/media/libmedia.a'], check=True)
        flags = subprocess.run(['pkg-config', '--cflags', '--libs', *PACKAGES], capture_output=True, text=True,
                               check=True).stdout
        frame = glob.glob(os.path.join(AGENT, '*.c'))
        parts = [path for path in frame if os.path.basename(path) not in ('main.c', 'control.c', 'privilege.c')]
        self.ctl_program, self.parts_program, self.daemon = f'{build}/e2aectl', self.path('parts'), self.path('e2aed')
        for program, sources in ((self.parts_program, [*parts, os.path.join(HERE, 'parts.c')]), (self.daemon, frame)):
            subprocess.run(['gcc', *FLAGS, f'-I{TOP}/uapi', '-o', program, *sources, os.path.join(HERE, 'fake.c'),
                            os.path.join(AGENT, 'net', 'addr.c'),
                            f'{build}/sip/libsip.a', f'{build}/media/libmedia.a', f'{build}/libe2ae.a',
                            *shlex.split(flags)], check=True)
        return self

    def __exit__(self, *_):
        self.dir.cleanup()

    def path(self, name):
        return os.path.join(self.dir.name, name)

    def write(self, name, text):
        """A file with this text; @DIR@ is the folder."""
        path = self.path(name)
        with open(path, 'w', encoding='latin-1', newline='') as file:
            file.write(text.replace('@DIR@', self.dir.name))
        return path

    def run(self, program, *words, **env):
        """Runs a program to its end."""
        return subprocess.run([program, *map(str, words)], capture_output=True, text=True, timeout=50, check=False,
                              env={**os.environ, **env})

    def parts(self, *words):
        return self.run(self.parts_program, *words)

    def ctl(self, *words, at='control'):
        return self.run(self.ctl_program, '-a', self.path(at), *words)


class Daemon:
    """e2aed, running, and ready if it is waited for; stopped at the end if it still runs."""

    def __init__(self, world, text=CONF, ready=True, **env):
        self.ready = ready
        self.world, self.log = world, world.path('log')
        self.conf = world.write('e2aed.conf', text)
        self.manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.manager.bind(world.path('notify'))
        self.manager.settimeout(10)
        os.chmod(world.path('notify'), 0o777)
        with open(self.log, 'wb') as log:
            self.process = subprocess.Popen([world.daemon, '-c', self.conf], stderr=log,
                                            env={**os.environ, 'NOTIFY_SOCKET': world.path('notify'), **env})

    def __enter__(self):
        if not self.ready:
            return self
        try:
            assert self.told() == 'READY=1', self.said()
        except BaseException:
            self.__exit__()
            raise AssertionError(self.said()) from None
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.manager.close()
        os.unlink(self.world.path('notify'))

    def told(self):
        """What the service manager hears next."""
        return self.manager.recv(4096).decode()

    def send(self, name):
        self.process.send_signal(getattr(signal, name))

    def said(self):
        with open(self.log, encoding='utf-8') as file:
            return file.read()

    def wait_for(self, part):
        """Until the log has it."""
        for _ in range(200):
            if part in self.said():
                return
            time.sleep(0.05)
        raise AssertionError(f'no {part} in {self.said()}')

    def status(self):
        return self.process.wait(20)
