# SPDX-License-Identifier: GPL-2.0
"""What the scenarios share: an S-CSCF, e2aed in front of it, UEs behind that, and a judgement at the end.

    @scenario('two UEs talk')
    async def talk(lab):
        alice, bob = await lab.pair()
        out, into = await establish(alice, bob)
        await lab.talk(out, into)
        await hang_up(out, into)

When a scenario is over, the Lab ends all, and fails if: a party met an error, something of the access side
reached the core, a stream, an SA or a call is left, the agent ended badly or a sanitizer spoke, or a key
stands in its log, its record or its journal.
"""
import asyncio
import base64
import os
import re
import socket
import sys
import time

import places       # first: it finds the other modules
from agent import TLS_PORT, UDP_PORT, Agent, host_port
from lib.ktap import SLOW, run, test
from lib.netns import inside
from peers.msrp import channel
from peers.sip import scenario as scenes
from peers.sip.ladder import Ladder
from peers.sip.registration import CAPABILITIES
from peers.sip.scenario import subscriber
from peers.sip.scscf import Scscf
from peers.sip.speech import Recording
from peers.sip.ue import Ue

SECONDS = 25
IDLE_SECONDS = 4 * SLOW
T1 = 0.1
PACKETS = 12
SDES_ONLY, MIKEY_ONLY, NOTHING = CAPABILITIES[:1], CAPABILITIES[1:], ()
_KEYS = (re.compile(rb'inline:([A-Za-z0-9+/]{32,})'), re.compile(rb'key-mgmt:mikey +([A-Za-z0-9+/]{32,})'))
RECORDING = Recording()
LAB_SWITCH = {'lab-unprotected-signalling': True}


async def until(condition, what, seconds=IDLE_SECONDS):
    """Waits until a condition (perhaps a coroutine function) holds; returns its value."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if asyncio.iscoroutine(value):
            value = await value
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f'not within {seconds} s: {what}')
        await asyncio.sleep(0.02)


async def no_calls(agent):
    """Whether an agent has no call, and no port in use."""
    status = await agent.status()
    names = 'calls-up', 'access-ports', 'core-ports', 'msrp-sessions'
    return not any(status[name] for name in names) and not await agent.ask('calls')


class Lab:
    """One scenario's parties.

    kind: how UEs reach their agent. agents: how many gateways there are. core_kinds: what the S-CSCF listens on.
    family: of all addresses. clean: what reaches the core is judged. registrar: of the S-CSCF's. The rest goes to
    the agents. setup: called with the Lab before the agents start, to change the rest.
    """

    def __init__(self, world, kind='tls', agents=1, core_kinds=('udp', 'tcp'), family=4, clean=True, registrar=None,
                 allow_e2e=False, setup=None, **conf):
        self.world, self.kind, self.family, self.clean = world, kind, family, clean
        self.ladder, self.conf, self.folder = Ladder(), conf, world.new_folder()
        self.core = Scscf(host=world.core(family), netns=world.core_netns, t1=T1, ladder=self.ladder,
                          allow_e2e=allow_e2e, registrar=registrar, tls_server=world.certificates.server(),
                          tls_client=world.certificates.client())
        self.core_kinds, self.setup = core_kinds, setup
        self.places = [world.place(name, family) for name in 'ab'[:agents]]
        self.agents, self.ues, self.accounts = [], [], {}
        self.checked = True         # whether an error of a party counts
        self._used = {place.name: 0 for place in self.places}

    # Life.

    async def __aenter__(self):
        try:
            await self.core.start(*self.core_kinds, port=UDP_PORT)
            transport = '' if self.core.kind == 'udp' else f';transport={self.core.kind}'
            hop = f'sip:{host_port(self.core.host, UDP_PORT)}{transport}'
            if self.setup:
                self.setup(self)
            for place in self.places:
                self.agents.append(Agent(self.world, place, hop, self.folder, **self.conf))
                self.agents[-1].start()
        except BaseException:
            await self._end()
            raise
        return self

    async def __aexit__(self, kind, value, _trace):
        failed = kind is not None
        try:
            if not failed:
                failed = True
                await self._judge()
                failed = False
        finally:
            faults = await self._end()
            if failed or faults:
                self._tell()
        if not kind and faults:
            raise AssertionError('; '.join(faults))

    async def _judge(self):
        """What has to hold while all still run."""
        for one in (*self.ues, self.core) if self.checked else ():
            one.check()
        if self.clean:
            self.core.inspector.assert_clean()
        await self.idle()

    async def _end(self):
        """Ends everything; returns what was wrong with how it ended."""
        faults = []
        for agent in self.agents:
            status = await agent.stop()
            if status != 0:
                faults.append(f'e2aed {agent.place.name} ended with {status}')
            faults += agent.complaints()
            faults += self._keys_left(agent)
        for one in (*self.ues, self.core):
            await one.close()
        await channel.settled()
        return faults

    def _tell(self):
        for one in (*self.ues, self.core):
            print(*(f'# {one.party} met {error!r}' for error in one.errors), sep='\n')
        print(*(f'# {line}' for line in self.ladder.text().splitlines()[-120:]), sep='\n')
        for agent in self.agents:
            print(f'# log of {agent.place.name}:')
            print(*(f'#   {line}' for line in agent.tail(60).splitlines()), sep='\n', flush=True)

    # Judgement.

    def secrets(self):
        """Octets that no file of the agent may hold: session keys, K_mm, master keys, MIKEY messages."""
        out = {s.hex().encode() for s in self.core.inspector.secrets} | set(self.core.inspector.secrets)
        for ue in self.ues:
            for k_mm in ue.registration.generations:
                out |= {k_mm, k_mm.hex().encode(), base64.b64encode(k_mm)[:40]}
            for call in (*ue.calls.values(), *ue.old_calls):
                for line in call.media.lines:
                    for master in filter(None, line.leg.masters()):
                        out |= {master.key, master.key.hex().encode()}
                    out |= set(getattr(line, 'secrets', ()))
        for rung in self.ladder.rungs:
            for pattern in _KEYS:
                out |= {found[:32] for found in pattern.findall(rung.raw)}
        return out

    def _keys_left(self, agent):
        """Sentences on keys in the agent's files."""
        secrets = self.secrets()
        paths = [agent.log_path, agent.record]
        paths += [os.path.join(folder, name) for folder, _, names in os.walk(agent.state) for name in names]
        for path in filter(os.path.exists, paths):
            with open(path, 'rb') as f:
                data = f.read()
            if any(secret in data for secret in secrets):
                yield f'a key stands in {os.path.basename(path)} of {agent.place.name}'

    async def idle(self):
        """Waits until no agent has a call or a stream."""
        for agent in self.agents:
            if agent.alive():
                await until(lambda agent=agent: not agent.streams(), f'no stream left: {agent.streams}')
                await until(lambda agent=agent: no_calls(agent), 'no call left')
                assert not agent.sas(), f'SAs are left: {agent.sas()}'

    # Parties.

    def proxy_of(self, place, kind):
        """(address, port, transport) where a UE finds its P-CSCF."""
        return place.access, TLS_PORT if kind == 'tls' else UDP_PORT, kind

    async def ue(self, name, at=0, kind=None, register=True, account=True, who=None, host=None, port=0, **more):
        """A UE that is started, has an account and is registered."""
        who, kind, place = who or subscriber(name), kind or self.kind, self.places[at]
        if account and name not in self.accounts:
            self.accounts[name] = self.core.registrar.add(who)
        host = host or place.ues[self._used[place.name] % len(place.ues)]
        self._used[place.name] += 1
        proxy = more.pop('proxy', None) or self.proxy_of(place, kind)
        transport = '' if proxy[2] == 'udp' else f';transport={proxy[2]}'
        one = Ue(name, who, proxy, host, netns=place.ue_netns, ladder=self.ladder, t1=T1,
                 **{'security_client': CAPABILITIES, 'tls_client': self.world.certificates.client(),
                    'edge_route': f'<sip:{host_port(*proxy[:2])}{transport};lr>', **more})
        self.ues.append(one)
        await one.start(port)
        if register:
            await one.register()
        return one

    async def pair(self, out=None, into=None, **both):
        """Alice and Bob, registered, at the two ends; out and into are what is special of each."""
        alice = await self.ue('alice', **{**both, **(out or {})})
        bob = await self.ue('bob', at=len(self.places) - 1, **{**both, **(into or {})})
        return alice, bob

    async def talk(self, out, into, packets=PACKETS):
        """Both hear each other, where there is a module to relay it."""
        if self.world.kernel:
            await scenes.talk(out, into, RECORDING, packets)

    def crypto_of(self, party, method='INVITE', out=False):
        """The last session description that a party saw in a request."""
        return [m.body for m in self.ladder.seen(party, method, out=out) if m.body][-1]

    # Raw access.

    def socket(self, place, kind='udp', host=None, port=0):
        """A socket among the UEs, connected to the agent's listener for UDP or TCP."""
        host = host or place.ues[-1]
        family = socket.AF_INET6 if ':' in host else socket.AF_INET
        with inside(place.ue_netns):
            sock = socket.socket(family, socket.SOCK_DGRAM if kind == 'udp' else socket.SOCK_STREAM)
        sock.bind((host, port))
        sock.settimeout(2 * SLOW)
        sock.connect((place.access, UDP_PORT))
        sock.setblocking(False)
        return sock


def scenario(sentence, seconds=SECONDS, kernel=False, **options):
    """Makes the coroutine function that follows a test with a Lab of its own; kernel: only where there is a module."""
    def add(function):
        if kernel and not places.in_guest():
            return function

        @test(sentence, seconds + 30)
        def _(world):
            async def work():
                async with asyncio.timeout(seconds * SLOW):
                    async with Lab(world, **options) as lab:
                        await function(lab)
            asyncio.run(work())
        return function
    return add


async def refused(call, status):
    """A call gets its final response, which has to be one of these statuses; returns it."""
    wanted = (status,) if isinstance(status, int) else tuple(status)
    response = await call.answered()
    assert response.status in wanted, f'answered with {response.status}, not {wanted}'
    return response


async def cpu(pid):
    """Seconds of processor time that a process used."""
    with open(f'/proc/{pid}/stat', encoding='ascii') as f:
        fields = f.read().rpartition(')')[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


def main():
    """Runs the file's scenarios."""
    sys.stdout.reconfigure(line_buffering=True)
    run(places.world)
