# SPDX-License-Identifier: GPL-2.0
"""The calls of the demo and how e2aectl sets them up."""
import os

from lib.ctl import Ctl, CtlError, key_line
from lib.topology import FAR, GW
from peers.suites import fresh_key

KEYS = '/run/e2ae-demo'     # in memory, gone with the guest


def host_port(address, port):
    """As e2aectl writes it."""
    return f'[{address}]:{port}' if ':' in address else f'{address}:{port}'


class Call:
    """One call: a stream, a key for each direction, an IP version for each side.

    up is from the UE to the core. Ports are the same at both ends of a leg, RTCP is on the next one.
    """

    def __init__(self, ident, title, suite, families=(4, 4), mki='', latch=False):
        self.ident, self.title, self.suite, self.mki, self.latch = ident, title, suite, mki, latch
        self.family = dict(zip(('access', 'core'), families))
        self.port = {'access': 6000 + 10 * ident, 'core': 7000 + 10 * ident}
        self.secret = {'up': fresh_key(suite), 'down': fresh_key(suite)}
        self.sa = {'up': 10 * ident + 1, 'down': 10 * ident + 2}

    def near(self, side):
        """The gateway's address on a side."""
        return GW[side, self.family[side]]

    def far(self, side):
        """The phone's address on a side."""
        return FAR[side, self.family[side]]

    def __str__(self):
        versions = f'v{self.family["access"]}-v{self.family["core"]}'
        return f'call {self.ident} {self.suite}{"+MKI" if self.mki else ""} {versions}'


def write_private(path, data):
    """A file that root alone reads."""
    with open(path, 'wb', opener=lambda p, flags: os.open(p, flags, 0o600)) as f:
        f.write(data)
    return path


class Gateway:
    """e2aectl in the gateway's namespace; remembers what it was told."""

    def __init__(self, broken):
        self.ctl, self.broken, self.commands = Ctl('gw'), broken, []
        os.makedirs(KEYS, mode=0o700, exist_ok=True)

    def do(self, text, *options):
        """Runs one command; the key files are named, never their contents."""
        self.commands.append(' '.join(('e2aectl', *options, text)))
        return self.ctl(text, options=options)

    def refuses(self, text):
        """The sentence with which a command is refused, or None."""
        try:
            self.do(text)
        except CtlError as error:
            return error.said.strip()
        return None

    def set_up(self, call):
        """Makes a call's SAs and its stream."""
        sas = self._make_sas(call) if self.broken != 'plain' else 'plain'
        peer = 'latch' if call.latch and self.broken != 'plain' else self._peer(call, 'access')
        self.do(f'stream add {call.ident} access {host_port(call.near("access"), call.port["access"])}'
                f' access-peer {peer} core {host_port(call.near("core"), call.port["core"])}'
                f' core-peer {self._peer(call, "core")} {sas}')

    @staticmethod
    def _peer(call, side):
        return host_port(call.far(side), call.port[side])

    def _make_sas(self, call):
        for way, ident in call.sa.items():
            secret = call.secret[way]
            if self.broken == 'key' and way == 'down':
                secret = fresh_key(call.suite)
            path = write_private(f'{KEYS}/{ident}.key', key_line(*secret))
            mki = f' mki {call.mki}' if call.mki else ''
            self.do(f'sa add {ident} suite {call.suite} key-file {path}{mki}')
        return f'in-sa {call.sa["up"]} out-sa {call.sa["down"]}'

    def drops(self):
        """Drop causes of the namespace with their counts."""
        return self.ctl.json('stats', options=('-s',))['drops']

    def stream(self, call):
        """A stream as e2aectl shows it."""
        return self.ctl.json('stream', 'show', call.ident, options=('-s',))[0]
