# SPDX-License-Identifier: GPL-2.0
"""sipp as both sides of calls through e2aed: as a UE whose registration a Python UE made for it, and as the core."""
import asyncio
import contextlib
import os
import time

from lab import LAB_SWITCH, SDES_ONLY, UDP_PORT, no_calls, scenario, until
from agent import host_port     # behind lab, which finds the other modules
from lib.ktap import SLOW
from places import die_with_parent
from sippflow import Flow, Side

SECONDS, START_SECONDS = 30, 10 * SLOW
CRYPTO = 'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz'
SECURE = 'RTP/SAVP', (CRYPTO, 'a=3ge2ae:requested')


class Sipp:
    """A sipp that plays one side of one call."""

    def __init__(self, lab, flow, netns, here, there):
        self.flow, self.netns, self.here, self.there = flow, netns, here, there
        self.base = os.path.join(lab.folder, f'sipp-{flow.name}')
        self.process = None

    async def start(self):
        """Starts it, and waits until its port is taken."""
        path = f'{self.base}.xml'
        with open(path, 'w', encoding='ascii') as f:
            f.write(self.flow.xml())
        (host, port), netns = self.here, ['ip', 'netns', 'exec', self.netns] if self.netns else []
        self.process = await asyncio.create_subprocess_exec(
            *netns, 'sipp', '-sf', path, host_port(*self.there), '-i', f'[{host}]' if ':' in host else host, '-p', str(port),
            '-m', '1', '-l', '1', '-nostdin', '-default_behaviors', 'all,-bye,-pingreply', '-timeout', f'{SECONDS * SLOW}s',
            '-timeout_error', '-trace_err', '-error_file', f'{self.base}.err', '-trace_msg', '-message_file', f'{self.base}.msg',
            cwd=os.path.dirname(path), stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE, preexec_fn=die_with_parent)
        end = time.monotonic() + START_SECONDS
        while self.process.returncode is None and not self._bound(port):    # it may be over already
            assert time.monotonic() < end, 'sipp does not start'
            await asyncio.sleep(0.02)

    def _bound(self, port):
        with contextlib.suppress(OSError):
            for name in ('udp', 'udp6'):
                with open(f'/proc/{self.process.pid}/net/{name}', encoding='ascii') as f:
                    if any(line.split()[1].endswith(f':{port:04X}') for line in f if ':' in line.split()[0]):
                        return True
        return False

    async def end(self):
        """Waits for it; returns what went wrong, or None."""
        _, said = await asyncio.wait_for(self.process.communicate(), (SECONDS + 10) * SLOW)
        if self.process.returncode == 0:
            return None
        return f'{self.flow.name}: sipp ended with {self.process.returncode}: {said.decode()[-300:]}'

    def stop(self):
        """Ends it."""
        if self.process and self.process.returncode is None:
            self.process.kill()

    def tell(self):
        """Shows its messages and errors."""
        for kind in ('err', 'msg'):
            with contextlib.suppress(FileNotFoundError):
                with open(f'{self.base}.{kind}', encoding='utf-8', errors='replace') as f:
                    print(*(f'# {self.flow.name}: {line}' for line in f.read().splitlines() if line.strip()), sep='\n')


async def both(lab, way, caller, callee, during=None):
    """Plays a call: way 'out' is from the UE to the core, 'in' the other way."""
    place = lab.places[0]
    alice = await lab.ue('alice', kind='udp', security_client=SDES_ONLY)
    ue, core = alice.addresses['udp'], lab.core.addresses['udp']
    path, contact = lab.core.seen('REGISTER')[-1].list('Path'), alice.contact_uri()
    edge = place.access, UDP_PORT
    for one in (alice, lab.core):       # sipp takes their addresses, and so the UE's flow
        await one.close()
    ours = Side('alice', 'bob', ue, 'sip:bob@home1.net', [f'<sip:{host_port(*edge)};lr>', *alice.registration.service_route],
                SECURE, 'RTP/SAVP.*crypto:1 .*3ge2ae:applied', '')
    theirs = Side('bob', 'alice', core, contact, path)
    sides = [(ours, place.ue_netns, edge), (theirs, lab.world.core_netns, (place.core, UDP_PORT))]
    if way == 'in':
        sides.reverse()
    parties = [Sipp(lab, Flow(side, text, caller=not n), netns, side.address, there)
               for n, ((side, netns, there), text) in enumerate(zip(sides, (caller, callee)))]
    try:
        for one in reversed(parties):
            await one.start()
        ends = [asyncio.create_task(one.end()) for one in parties]
        if during:
            await during(lab)
        for first in asyncio.as_completed(ends):
            fault = await first
            assert not fault, fault
        await until(lambda: no_calls(lab.agents[0]), 'no call left', 20 * SLOW)
    except BaseException:
        for one in parties:
            one.tell()
        raise
    finally:
        for one in parties:
            one.stop()


def odd(sentence, caller, callee, ways=('out', 'in'), during=None, **options):
    """A scenario of a flow, in both ways."""
    for way in ways:
        async def work(lab, way=way):
            await both(lab, way, caller, callee, during)
        who = 'a UE calls the core' if way == 'out' else 'the core calls a UE'
        options.setdefault('seconds', 60)
        scenario(f'{who}: {sentence}', kind='udp', more={**LAB_SWITCH, 'reg-event': False}, **options)(work)
