# SPDX-License-Identifier: GPL-2.0
"""The offer/answer engine in its driver, and calls through it between the Python peers.

The UE of a call is a peers.sip Negotiation, so it makes its keys by code that the engine does not share.
The core is one too, always in the clear.
"""
import asyncio
import errno
import json
import os
import subprocess
from types import SimpleNamespace

from lib.ktap import equal
from peers.sip import kdf, mikey, sdp
from peers.sip.negotiate import Negotiation
from peers.sip.situation import DEFAULT_SUITE, Keyring, Situation

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
FQDN, ME = 'pcscf1.visited1.net', 'sip:alice@home1.net'
K_MM, K_OLD = bytes(range(32)), bytes(range(32, 64))
ACCESS, CORE = 'access', 'core'
MO, MT = kdf.UE_CALLS, kdf.UE_CALLED
LATCH, STRICT = 1, 0


class No(Exception):
    """The engine refused; `verdict` says why."""

    def __init__(self, verdict):
        super().__init__(f"{verdict['status']} {verdict['why']} {verdict['warning']}")
        self.verdict = SimpleNamespace(**verdict)


class World:
    """The driver, running; with the MSF for tests, or with the kernel."""

    drive, words = os.path.join(TOP, 'build', 'oa', 'drive'), ()

    def __enter__(self):
        self.process = subprocess.Popen([self.drive, *self.words], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.loop = asyncio.new_event_loop()
        self.calls = []
        return self

    def __exit__(self, kind, *_):
        self.process.stdin.close()
        status = self.process.wait(20)
        self.process.stdout.close()
        self.loop.close()
        if kind is None:
            equal(status, 0, 'exit status of the driver')

    def ask(self, call, *words, body=b''):
        """(errno name or None, what it says, octets) of a request."""
        head = '\t'.join([str(len(body)), str(call), *map(str, words)]) + '\n'
        self.process.stdin.write(head.encode() + body)
        self.process.stdin.flush()
        status, size, said = self.process.stdout.readline().split(None, 2)
        out = self.process.stdout.read(int(size))
        return errno.errorcode[-int(status)] if int(status) else None, json.loads(said), out

    def msf(self):
        """What the MSF holds. Nothing that a kernel would refuse was asked of it."""
        _, found, _ = self.ask(0, 'msf')
        equal((found['wrong'], found['why']), (0, ''), 'requests that a kernel refuses')
        return found

    def settle(self):
        """Before each test: all calls end, and nothing of them is left."""
        for call in self.calls:
            call.end()
        self.calls = []
        found = self.msf()
        equal((found['streams'], found['sas']), ([], 0), 'streams and SAs that were left')
        equal(self.ask(0, 'msrp')[1]['sessions'], [], 'sessions of MSRP that were left')
        state = self.ask(63, 'state')[1]
        equal((state['access_ports'], state['core_ports']), (0, 0), 'ports that were left')
        self.ask(63, 'pass', 2000)


class Call:
    """A call through the engine."""

    def __init__(self, world, role=MO, situation=None, core=None, kmm=(K_MM,), generations=None, **terms):
        self.world, self.number, self.role = world, len(world.calls), role
        self.call_id, self.from_tag = f'call{os.urandom(4).hex()}', os.urandom(4).hex()
        words = {'role': role, 'call_id': self.call_id, 'from_tag': self.from_tag, 'profiles': 'mikey,sdes,psk-tls',
                 'suites': DEFAULT_SUITE, 'kmm': ','.join(one.hex() for one in kmm), 'ids': ME, **terms}
        fault, _, _ = world.ask(self.number, 'new', *(f'{k}={v}' for k, v in words.items()))
        equal(fault, None, 'a call that begins')
        world.calls.append(self)
        self.ended, self.cseq, self.fork = False, 1, 'tag1'
        keyring = Keyring(kmm if generations is None else generations, ME, FQDN, self.call_id, self.from_tag, role)
        self.ue = self.party(situation or Situation(), '127.0.0.1', keyring)
        self.core = self.party(core or Situation(), '127.0.0.2', None)

    def party(self, situation, host, keyring):
        """A side of a call."""
        one = SimpleNamespace(host=host, netns=None, replay_cache=mikey.ReplayCache())

        async def make():
            return Negotiation(one, situation, keyring)
        return self.world.loop.run_until_complete(make())

    def end(self):
        if self.ended:
            return
        self.ended = True
        self.world.ask(self.number, 'end')
        self.run(self._close)

    def _close(self):
        self.ue.close()
        self.core.close()

    def run(self, function, *args, **more):
        """Runs what needs the event loop."""
        async def inner():
            return function(*args, **more)
        return self.world.loop.run_until_complete(inner())

    # The engine.

    def _pass(self, verb, side, fork, body, *words):
        fault, said, out = self.world.ask(self.number, verb, side, fork, *words, body=body)
        if fault:
            raise No(said)
        equal(said['status'], 0, 'a verdict without a failure')
        return out

    def offer(self, side, body, fork=''):
        """What goes on for an offer, or No."""
        self.cseq += 1
        return self._pass('offer', side, fork, body, self.cseq)

    def answer(self, side, body, fork=None):
        """What goes on for an answer, or No."""
        return self._pass('answer', side, self.fork if fork is None else fork, body)

    def tell(self, *words):
        """A verb without a description; (errno name, what it says, octets)."""
        return self.world.ask(self.number, *words)

    def state(self):
        return self.tell('state')[1]

    def how(self):
        """How the lines are secured."""
        return [line['how'] for line in self.state()['lines']]

    # Whole exchanges; `sides` are the offerer and the answerer.

    def sides(self, by):
        return (self.ue, self.core, ACCESS, CORE) if by == ACCESS else (self.core, self.ue, CORE, ACCESS)

    def exchange(self, by, fork='', answer_fork=None, **how):
        """A whole exchange by a side; returns (offer, passed offer, answer, passed answer)."""
        offerer, answerer, side, other = self.sides(by)
        offer = self.run(offerer.offer, **how)
        passed = self.offer(side, offer, fork)
        answer = self.run(answerer.answer, passed)
        back = self.answer(other, answer, answer_fork)
        self.run(offerer.take_answer, back)
        return offer, passed, answer, back

    def begin(self, **how):
        """The exchange that makes the call, and the choice of its only fork."""
        out = self.exchange(ACCESS if self.role == MO else CORE, **how)
        equal(self.tell('select', self.fork)[0], None, 'select')
        return out

    def again(self, by, **how):
        """A re-offer."""
        return self.exchange(by, fork=self.fork, **how)

    # What has to be so.

    def streams(self):
        """The MSF's streams of this call, line by line."""
        found = {one['id']: one for one in self.world.msf()['streams']}
        return [found.get(line['stream']) for line in self.state()['lines']]

    def check_keys(self, line=0, ue=None):
        """The MSF has the UE's keys, in the right directions."""
        send, receive = (ue or self.ue).lines[line].leg.masters()
        leg = self.streams()[line]['access']
        for sa, master in ((leg['in'], send), (leg['out'], receive)):
            equal((sa['suite'], sa['key'], sa['salt']), (master.suite, master.key.hex(), master.salt.hex()),
                  'master key')
        return leg

    def check_addresses(self, line=0, passed_to_ue=None, passed_to_core=None):
        """Descriptions and streams name the same addresses."""
        stream = self.streams()[line]
        for leg, peer in (('access', self.ue), ('core', self.core)):
            equal(stream[leg]['peer'], [peer.ue.host, peer.lines[line].leg.port], f'peer of {leg}')
        equal((stream['access']['source'], stream['core']['source']), (LATCH, STRICT), 'sources')
        for body, leg in ((passed_to_ue, 'access'), (passed_to_core, 'core')):
            if body:
                session = sdp.parse(body)
                equal([*session.address(session.media[line])[:2]], stream[leg]['local'], f'own address of {leg}')


def refused(status, why, function, *args, **more):
    """The engine refuses; returns the verdict."""
    try:
        function(*args, **more)
    except No as no:
        equal((no.verdict.status, no.verdict.why), (status, why), 'verdict')
        return no.verdict
    raise AssertionError(f'nothing was refused; expected {status} {why}')


def clean(body):
    """Nothing of keys for the edge is left in a description."""
    for word in (b'crypto', b'3ge2ae', b'key-mgmt', b'SAVP', b'inline'):
        if word in body:
            raise AssertionError(f'{word.decode()} went to the core')


def media(body, line=0):
    return sdp.parse(body).media[line]
