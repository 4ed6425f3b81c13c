# SPDX-License-Identifier: GPL-2.0
"""The main job: two subscribers behind two gateways register, call each other and talk (figure 2 of the paper).

    UE A (mikey) ==TLS, SRTP== gateway A --SIP, RTP-- S-CSCF --SIP, RTP-- gateway B ==TLS, SRTP== UE B (sdes)

and, in the same call, MSRP: TLS with pre-shared keys on both access legs, in the clear between the gateways.
"""
import asyncio
import base64
import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..'))
sys.path.append(os.path.join(HERE, '../pcscf'))     # at the end: some of its modules have names of ours

import lab          # of selftests/pcscf
import phones
import wire
from chat import Chat
from hops import Hops, title
from lib.packets import sender_report
from page import Band
from peers.libsrtp import Session
from peers.sip import sdp, speech
from peers.sip.registration import CAPABILITIES, MSRP_CAPABILITY
from peers.sip.scenario import establish, hang_up
from peers.sip.situation import MIKEY, PLAIN, PSK_TLS, SDES, Situation
from peers.suites import fresh_key
from recording import payload, sha256

GATEWAYS = {'P-CSCF 1': 'alice', 'P-CSCF 2': 'bob'}
LEG_A, CORE, LEG_B = 'call-leg-a', 'call-core', 'call-leg-b'
CAPTURES = {LEG_A: ('ue-a', 'eth0'), CORE: ('core', 'br0'), LEG_B: ('ue-b', 'eth0')}
REPORTS_AT = (50, 150)
PARTIES = {'alice': 'UE A', 'bob': 'UE B', 'scscf': 'S-CSCF'}


class Figure2:
    """One run of it. broken: 'plain', nobody secures anything; 'key', it is judged under another key."""

    def __init__(self, world, report, broken=None):
        self.report, self.broken, self.recording = report, broken, speech.Recording()
        self.lab = lab.Lab(world, agents=2, clean=False)
        self.hops = Hops({name: (place.core, ue) for (name, ue), place in zip(GATEWAYS.items(), self.lab.places)}, 'scscf')
        saw = self.lab.ladder.saw

        def saw_and_told(*args):
            saw(*args)
            self._tell(self.lab.ladder.rungs[-1])
        self.lab.ladder.saw = saw_and_told
        self.started = time.time()
        self.alice = self.bob = self.out = self.into = None
        self.sent, self.rtcp, self.counts, self.ports = {}, {'alice': [], 'bob': []}, {}, {}
        self.k_mm, self.bands, self.chat = set(), [], None

    def _tell(self, rung):
        """An arrow on the screen, with what the gateway decided."""
        hop = self.hops.saw(rung)
        if not hop:
            return
        ends = [f'{PARTIES.get(one, one):8}' for one in (hop.source, hop.target)]
        body = hop.message.body if sdp.TYPE in hop.message.get('Content-Type', '') else b''
        body = f'  [{sdp.brief(body)}]' if body else ''
        print(f'{hop.at - self.started:8.3f}  {ends[0]} -> {ends[1]} {hop.kind:3}  {title(hop.message)}{body}', flush=True)
        for note in hop.note:
            print(f'{"":21}{"at " + hop.source if hop.source in GATEWAYS else "":>11}: {note}', flush=True)

    def phase(self, text, legs=()):
        """What follows, on the screen and in the drawing."""
        self.bands.append(Band(time.time(), text, legs))
        self.report.say(text)

    # The flow.

    async def perform(self):
        """Everything, from REGISTER to the last look for what is left."""
        capabilities = {'alice': (*CAPABILITIES[1:], MSRP_CAPABILITY), 'bob': (*CAPABILITIES[:1], MSRP_CAPABILITY)}
        tapes = {name: wire.Capture(*where, self.report.path(f'{name}.pcap'), 'tcp or udp or icmp or icmp6')
                 for name, where in CAPTURES.items()}
        try:
            async with self.lab:
                self.phase('Both subscribers register: AKA over TLS (steps 1 to 3)')
                for name, at in (('alice', 0), ('bob', 1)):
                    capable = () if self.broken == 'plain' else capabilities[name]
                    setattr(self, name, await self.lab.ue(name, at=at, security_client=capable))
                self.judge_registration()
                await self.call()
                await asyncio.sleep(0.2)
                await self.judge_gone()
                self.phase('Both subscribers leave: the keys of their registrations are wiped')
                for ue in (self.alice, self.bob):
                    await ue.deregister()
                secrets = self.lab.secrets()
        finally:
            for tape in tapes.values():
                tape.stop()
        self.judge_media()
        self.judge_keys()
        self.judge_files(secrets)

    async def call(self):
        """INVITE, speech both ways, hold and resume, BYE."""
        self.phase('UE A calls UE B (steps 4 to 11)')
        keying = PLAIN if self.broken == 'plain' else MIKEY
        plain = self.broken == 'plain'
        situation = Situation(keying, kinds=('audio', 'message'), msrp=PLAIN if plain else PSK_TLS)
        self.out, self.into = await establish(self.alice, self.bob, situation, ring=180)
        self.chat = Chat({'alice': self.out, 'bob': self.into})
        self.judge_agreed()
        how = [{MIKEY: 'SRTP, keys by MIKEY', SDES: 'SRTP, keys by SDES'}.get(call.media.outcomes()[0], 'RTP')
               for call in (self.out, self.into)]
        self.phase(f'{self.recording.seconds:.1f} s of speech, both ways at once, and messages and a file beside it', (
            ('alice', 'P-CSCF 1', 'srtp', how[0]), ('P-CSCF 1', 'P-CSCF 2', 'rtp', 'RTP in the clear'),
            ('P-CSCF 2', 'bob', 'srtp', how[1])))
        kinds = ['MSRP' if plain else 'MSRP over TLS, pre-shared key', 'MSRP in the clear']
        legs = (('alice', 'P-CSCF 1', 'srtp', kinds[0]), ('P-CSCF 1', 'P-CSCF 2', 'rtp', kinds[1]),
                ('P-CSCF 2', 'bob', 'srtp', kinds[0]))
        self.bands.append(Band(time.time(), '', legs))
        ends = {'alice': self.out.media.audio, 'bob': self.into.media.audio}
        self.ports = {name: leg.port for name, leg in ends.items()}
        self.k_mm = {k for ue in (self.alice, self.bob) for k in ue.registration.generations}
        *played, _ = await asyncio.gather(*(self.play(name, leg) for name, leg in ends.items()), self.chat.talk(self.lab.agents))
        for name, sent in zip(ends, played):
            self.sent[name] = sent
        await asyncio.sleep(0.3)
        self.counts = {agent.place.name: (len(agent.streams()), len(agent.sas())) for agent in self.lab.agents}
        self.phase('UE A holds and resumes')
        for change in (self.out.hold, self.out.resume):
            response = await change()
            assert response.status == 200, f're-INVITE: {response.status}'
        self.phase('UE B hangs up')
        await hang_up(self.into, self.out)

    async def play(self, name, leg):
        """The recording in its own time, with reports on the way; what was sent."""
        start, out = time.monotonic(), []
        for n, (at, packet) in enumerate(self.recording.packets):
            await asyncio.sleep(max(0, start + at - time.monotonic()))
            out.append(speech.restamp(packet, leg.ssrc, leg.seq))
            leg.seq = (leg.seq + 1) & 0xffff
            leg.send(out[-1])
            if n in REPORTS_AT:
                self.rtcp[name].append(sender_report(leg.ssrc, n))
                leg.send_rtcp(self.rtcp[name][-1])
        return out

    # Verdicts.

    def judge_registration(self):
        """Steps 1 to 3."""
        for ue, place in ((self.alice, self.lab.places[0]), (self.bob, self.lab.places[1])):
            statuses = [m.status for m in ue.registration.responses]
            given = [m for m in self.lab.ladder.seen('scscf', 'REGISTER', 401, out=True) if ue.impi.split('_')[0] in m.get('To')]
            self.report.row(f'{PARTIES[ue.party]} registers with AKA over TLS; ck and ik end at its P-CSCF',
                            f'responses {statuses}; ck, ik in {len(given)} 401 of the S-CSCF, '
                            f'{len(ue.registration.leaks)} at the UE; {place.domain} offers '
                            f'{", ".join(ue.registration.security_server) or "nothing"}',
                            statuses == [401, 200] and len(given) == 1 and not ue.registration.leaks)

    def judge_agreed(self):
        """Steps 4 to 11."""
        got = self.out.media.outcomes()[0], self.into.media.outcomes()[0]
        self.report.row('leg A is keyed with MIKEY (pre-shared key from AKA), leg B with SDES',
                        f'UE A: {got[0]}, UE B: {got[1]}; each with a key of its own for each direction', got == (MIKEY, SDES))
        core = [sdp.parse(m.body).media[0].profile for m in self.lab.ladder.seen('scscf', 'INVITE', out=False) if m.body]
        findings = self.lab.core.inspector.whats()
        self.report.row('the core sees plain RTP/AVP and nothing of the access side',
                        f'profiles {core}; {self.lab.core.inspector.looked} messages inspected, findings: {findings or "none"}',
                        set(core) == {'RTP/AVP'} and not findings)

    async def judge_gone(self):
        """After BYE."""
        for agent in self.lab.agents:
            status = await agent.status()
            streams, sas = self.counts[agent.place.name]
            left = len(agent.streams()), len(agent.sas())
            ports = status['access-ports'] + status['core-ports'] + status['msrp-sessions']
            self.report.row(f'gateway {agent.place.name.upper()}: after BYE not one stream, SA, session or port is left',
                            f'during the call {streams} stream, {sas} SAs; now {left[0]} and {left[1]}; sessions and ports in '
                            f'use {ports}',
                            (streams, sas, *left, ports) == (1, 2, 0, 0, 0))

    def _packets(self, name, source=None, target=None):
        """UDP payloads in a capture between (address, port)s; None is any."""
        return [one.payload for _, one in wire.datagrams(self.report.path(f'{name}.pcap'))
                if source in (None, (one.ip.src, one.sport)) and target in (None, (one.ip.dst, one.dport))]

    def judge_media(self):
        """All three wires."""
        for name, call, mine, other in ((LEG_A, self.out, 'alice', 'bob'), (LEG_B, self.into, 'bob', 'alice')):
            self.judge_leg(name, call, mine, other)
        self.judge_core()
        self.judge_noise()
        self.judge_chat()

    def judge_chat(self):
        """The messages, the file, and where they could be read."""
        self.chat.judge_talk(self.report)
        bodies = [m.body for m in self.lab.ladder.seen('scscf', 'INVITE', out=False) if m.body]
        self.chat.judge_core(self.report, bodies, self.report.path(f'{CORE}.pcap'))
        self.chat.judge_wires(self.report, {name: self.report.path(f'{name}.pcap') for name in CAPTURES}, CORE)

    def judge_leg(self, name, call, mine, other):
        """An access leg, decrypted from its capture by libsrtp2."""
        leg, where = call.media.audio, PARTIES[mine]
        here = (call.ue.host, self.ports[mine])
        for way, master, sent, packets, rtcp in (
                ('to the core', leg.masters()[0], self.sent[mine], self._packets(name, here, leg.remote), self.rtcp[mine]),
                ('to the UE', leg.masters()[1], self.sent[other], self._packets(name, leg.remote, here), self.rtcp[other])):
            opened = self.opened(master, packets)
            same = sum(a == b for a, b in zip(sent, opened))
            speech_in, speech_out = (b''.join(payload(one or b'') for one in some) for some in (sent, opened))
            self.report.row(f'leg of {where}, {way}: SRTP, opened by libsrtp2, is what was said',
                            f'{master.suite if master else "no key"}: {same} of {len(sent)} packets identical, headers too; '
                            f'sha256 {sha256(speech_in)[:12]} said, {sha256(speech_out)[:12]} opened',
                            opened == sent)
            ports = [(host, port + 1) for host, port in (here, leg.remote)]
            pair = ports if way == 'to the core' else ports[::-1]
            reports = self.opened(master, self._packets(name, *pair), 'unprotect_rtcp')
            same = sum(one in rtcp for one in reports)
            self.report.row(f'leg of {where}, {way}: SRTCP likewise', f'{same} of {len(rtcp)} reports', reports == rtcp)

    def session(self, master):
        """libsrtp2's receiver under a master key."""
        key, salt = fresh_key(master.suite) if self.broken == 'key' else (master.key, master.salt)
        return Session(master.suite, key, salt, master.mki)

    def opened(self, master, packets, how='unprotect'):
        """Packets opened one after the other; None for one that does not open, or as it is where there is no key."""
        if not master:
            return [None for _ in packets]
        unprotect = getattr(self.session(master), how)
        return [phones.opened(unprotect, one) for one in packets]

    def core_legs(self):
        """{who: RTP payload in the core's capture}, by the source that each has."""
        out = {'alice': [], 'bob': []}
        sources = {call.media.audio.ssrc.to_bytes(4, 'big'): name for name, call in (('alice', self.out), ('bob', self.into))}
        for one in self._packets(CORE):
            if len(one) > 12 and one[0] >> 6 == 2 and one[8:12] in sources and not 192 <= one[1] <= 223:
                out[sources[one[8:12]]].append(one)
        return out

    def judge_core(self):
        """The core leg is plain and the same."""
        seen = self.core_legs()
        for name, sent in self.sent.items():
            same = sum(a == b for a, b in zip(sent, seen[name]))
            self.report.row(f'core leg, from {PARTIES[name]}: plain RTP, identical', f'{same} of {len(sent)} packets, '
                            f'sha256 {sha256(b"".join(map(payload, seen[name])))[:12]}', seen[name] == sent)

    def judge_noise(self):
        """The search that finds the speech on the core wire finds none on the access wires."""
        looked, seen = wire.Speech(self.recording.speech), {}
        for name in CAPTURES:
            found = [one for one in self._packets(name) if len(one) > 100]
            seen[name] = sum(map(looked.occurs, found)), len(found)
        self.report.row('nothing readable on either access wire', '; '.join(
            f'{name}: speech in {hits} of {n} datagrams' for name, (hits, n) in seen.items()),
                        not seen[LEG_A][0] and not seen[LEG_B][0] and seen[CORE][0] >= 2 * len(self.recording.packets))

    def judge_keys(self):
        """Which keys are on which wire, in any of the shapes they might have."""
        keys = {'ck and ik': self.lab.core.inspector.secrets,
                'K_mm': self.k_mm,
                'pre-shared keys of TLS': self.chat.keys(),
                'SRTP master keys': {m.key for call in (self.out, self.into) for m in call.media.audio.masters() if m}}
        octets = {name: wire.octets(self.report.path(f'{name}.pcap')) for name in CAPTURES}
        for what, some in keys.items():
            found = {name: sum(any(shape in data for shape in shapes(key)) for key in some) for name, data in octets.items()}
            allowed = len(some) if what == 'ck and ik' else 0
            self.report.row(f'{what}: on no wire where they must not be', ', '.join(
                f'{name}: {n} of {len(some)}' for name, n in found.items()) + ' (in 401s to the P-CSCFs)' * bool(allowed),
                            bool(some) and found == {LEG_A: 0, CORE: allowed, LEG_B: 0})
        words = {name: sum(data.count(word) for word in (b'inline:', b'key-mgmt', b'3ge2ae')) for name, data in octets.items()}
        self.report.row('a=crypto, key-mgmt and 3ge2ae are seen on no wire: inside TLS, or not at all',
                        ', '.join(f'{name}: {n}' for name, n in words.items()), not any(words.values()))

    def judge_files(self, secrets):
        """Nor in what the agents wrote."""
        logs = b''.join(agent.log() for agent in self.lab.agents)
        found = sum(secret in logs for secret in secrets)
        self.report.row('no key stands in the logs of the agents',
                        f'{len(secrets)} looked for in {len(logs)} octets, {found} found', secrets and logs and not found)
        self.report.section('Logs of the agents', logs.decode(errors='replace')[-20000:])


def shapes(key):
    """How a key might stand somewhere."""
    return key, key.hex().encode(), key.hex().upper().encode(), base64.b64encode(key).rstrip(b'=')
