# SPDX-License-Identifier: GPL-2.0
"""e2aed under test: its configuration, its process, and what may not be left of it."""
import asyncio
import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import time

from lib.ctl import CTL, Ctl
from lib.ktap import SLOW
from lib.netns import inside
from places import die_with_parent

AGENT = os.environ.get('E2AE_AGENT') or os.path.join(os.path.dirname(CTL), 'e2aed')
START_SECONDS, STOP_SECONDS, AGAIN_SECONDS = 10 * SLOW, 10 * SLOW, 0.1
UDP_PORT, TLS_PORT, OTHER_PORT = 5060, 5061, 5070
BAD_WORDS = re.compile(rb'(AddressSanitizer|LeakSanitizer|runtime error:|Sanitizer:).*')
SANITIZER = {'ASAN_OPTIONS': 'detect_stack_use_after_return=1:abort_on_error=0:exitcode=99',
             'UBSAN_OPTIONS': 'print_stacktrace=1:halt_on_error=1:exitcode=98', 'LSAN_OPTIONS': 'exitcode=97'}


def _value(value):
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, tuple)):
        return '{' + ', '.join(_value(v) for v in value) + '}'
    return str(value) if isinstance(value, int) else f'"{value}"'


def conf_text(values, indent=''):
    """The configuration: {'option': value, ('section', 'title'): {...}}, a title of None for none."""
    out = ''
    for name, value in values.items():
        if isinstance(name, tuple):
            title = '' if name[1] is None else f' "{name[1]}"'
            out += f'{indent}{name[0]}{title} {{\n{conf_text(value, indent + "    ")}{indent}}}\n'
        else:
            out += f'{indent}{name} = {_value(value)}\n'
    return out


def host_port(host, port):
    """As configurations and URIs write it."""
    return f'[{host}]:{port}' if ':' in host else f'{host}:{port}'


def listeners(host, *kinds):
    """What listens on an address."""
    return [f'{kind}:{host_port(host, TLS_PORT if kind == "tls" else UDP_PORT)}' for kind in kinds]


def _other_network(place, name, number):
    """A further access network on the same address."""
    ports = 40000 + 1000 * number
    return {'listen': [f'udp:{host_port(place.access, OTHER_PORT + number)}'], 'network-id': f'{name}.visited1.net',
            'media': [place.access], 'ports': f'{ports}-{ports + 999}'}


class Agent:
    """One e2aed at a place.

    policies: dictionaries of rules, a `name` in each optional. access, core, limits: changes of these
    sections; other: names of further access networks, on UDP ports from 5070 on; more: changes of the rest.
    """

    def __init__(self, world, place, next_hop, folder, t1=100, policies=(), access=None, core=None, limits=None,
                 other=(), more=None):
        self.world, self.place, self.folder = world, place, folder
        self.policies = list(policies)
        self.process, self.log_path = None, os.path.join(folder, f'{place.name}.log')
        self.conf_path = os.path.join(folder, f'{place.name}.conf')
        self.record = os.path.join(folder, f'{place.name}.msf')
        self.control = os.path.join(folder, f'{place.name}.ctl')
        self.state = os.path.join(folder, f'{place.name}.state')
        self.stderr = b''
        os.mkdir(self.state)
        tls = world.certificates
        self._values = {
            'domain': place.domain, 'next-hop': next_hop, 'peers': [world.core_net(6 if ':' in place.core else 4)],
            'control': self.control, 'state': self.state, 'user': '', 't1': t1, 'quarantine': 0, 'log-level': 'debug',
            'msf': 'kernel' if world.kernel else f'record:{self.record}', **(more or {}),
            ('access', 'lte'): {
                'listen': listeners(place.access, 'udp', 'tcp', 'tls'), 'certificate': tls.certificate,
                'private-key': tls.key, 'network-id': 'visited1.net', 'media': [place.access],
                'ports': '20000-29999', **(access or {})},
            **{('access', name): _other_network(place, name, number) for number, name in enumerate(other)},
            ('core', None): {'listen': listeners(place.core, 'udp', 'tcp'), 'protected': True, 'media': [place.core],
                             'ports': '30000-39999', **(core or {})},
            **({('limits', None): limits} if limits else {})}

    # Life.

    def write_conf(self):
        """Writes the configuration as it is now."""
        rules = {('policy', rule.get('name', f'rule{n}')): {k: v for k, v in rule.items() if k != 'name'}
                 for n, rule in enumerate(self.policies)}
        with open(self.conf_path, 'w', encoding='ascii') as f:
            f.write(conf_text({**self._values, **rules}))

    def start(self):
        """Starts it; it is there when its control socket is."""
        self.write_conf()
        command = [AGENT, '-c', self.conf_path]
        if self.place.netns:
            command = ['ip', 'netns', 'exec', self.place.netns, *command]
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.control)
        with open(self.log_path, 'ab') as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            env={**SANITIZER, **os.environ}, preexec_fn=die_with_parent)
        end = time.monotonic() + START_SECONDS
        while not self._is_there():
            if self.process.poll() is not None:
                raise AssertionError(f'e2aed ended at its start with {self.process.returncode}: {self.tail()}')
            if time.monotonic() > end:
                raise AssertionError(f'e2aed does not start: {self.tail()}')
            time.sleep(0.02)

    def _is_there(self):
        if self._values['control']:
            return os.path.exists(self.control)
        family = socket.AF_INET6 if ':' in self.place.access else socket.AF_INET
        with inside(self.place.netns), socket.socket(family) as probe:
            probe.settimeout(0.2)
            return probe.connect_ex((self.place.access, UDP_PORT)) == 0

    @property
    def pid(self):
        """Of the process."""
        return self.process.pid

    def alive(self):
        """Whether it runs."""
        return self.process and self.process.poll() is None

    def reload(self, policies=None):
        """SIGHUP, perhaps with other rules."""
        if policies is not None:
            self.policies = list(policies)
        self.write_conf()
        self.process.send_signal(signal.SIGHUP)

    def kill(self):
        """kill -9."""
        self.process.kill()
        self.process.wait(STOP_SECONDS)

    async def stop(self, patient=False):
        """SIGTERM; returns its exit status. It waits for transactions that are over: unless patient, a second one ends that."""
        if not self.alive():
            return self.process.returncode if self.process else None
        self.process.terminate()
        end, again = time.monotonic() + STOP_SECONDS, not patient
        while self.process.poll() is None:
            if again and time.monotonic() > end - STOP_SECONDS + AGAIN_SECONDS:
                again = False
                if b'agent.gone' not in self.log():
                    self.process.terminate()
            if time.monotonic() > end:
                self.process.kill()
                self.process.wait(5)
                return 'none: it did not end after SIGTERM'
            await asyncio.sleep(0.02)
        return self.process.returncode

    # What it says.

    def log(self):
        """Its log so far."""
        with open(self.log_path, 'rb') as f:
            return f.read()

    def tail(self, lines=25):
        """The end of its log."""
        return '\n'.join(self.log().decode(errors='replace').splitlines()[-lines:])

    def complaints(self):
        """What a sanitizer said."""
        return [found[0].decode(errors='replace') for found in BAD_WORDS.finditer(self.log())]

    async def ask(self, what):
        """The objects that the control socket tells: status, registrations, calls or policy."""
        reader, writer = await asyncio.open_unix_connection(self.control)
        try:
            writer.write(f'{what}\n'.encode())
            text = await asyncio.wait_for(reader.read(), 10 * SLOW)
        finally:
            writer.close()
        return [json.loads(line) for line in text.decode().splitlines() if line]

    async def status(self):
        """{name: value} of its state and counters."""
        return {name: value for one in await self.ask('status') for name, value in one.items()}

    # The MSF.

    def streams(self):
        """Streams that there are: by the kernel, or by what was recorded."""
        if self.world.kernel:
            return Ctl(self.place.netns).json('stream', 'show')
        return list(self.recorded().values())

    def sas(self):
        """SAs that there are in the kernel."""
        return Ctl(self.place.netns).json('sa', 'show') if self.world.kernel else []

    def recorded(self):
        """{id: last line} of the streams that the recorder was told to make and not to remove."""
        out = {}
        if not os.path.exists(self.record):
            return out
        with open(self.record, encoding='ascii') as f:
            for line in f:
                verb, ident = _recorded(line)
                if verb == 'remove':
                    out.pop(ident, None)
                elif ident is not None:
                    out[ident] = line.strip()
        return out


def _recorded(line):
    """(verb, stream id) of a line of the recorder."""
    line = line.strip()
    if line.startswith('{'):
        one = json.loads(line)
        return one.get('op'), one.get('stream')
    found = re.match(r'(?:\S+ )??(create|change|remove)\b\D*(\d+)', line)
    return (found[1], int(found[2])) if found else (None, None)
