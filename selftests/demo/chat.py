# SPDX-License-Identifier: GPL-2.0
"""The MSRP session beside the audio of the demo's call: messages and a file, TLS at both access edges, plain in the core."""
import asyncio
import hashlib
import os
import subprocess

import wire
from peers.sip import sdp
from peers.sip.situation import PSK_TLS

WORDS = {'alice': 'Can you hear me? I am sending you the plan.'.encode(), 'bob': 'Loud and clear; the plan is here.'.encode()}
FILE_OCTETS, CHUNK = 512 << 10, 8192
MARK = b'-- page of the plan that only two may read --'


def plan():
    """A file that can be recognised wherever it can be read."""
    page = MARK + os.urandom(CHUNK - len(MARK))
    return page * (FILE_OCTETS // CHUNK)


def messages(path):
    """(method or status) of every message of MSRP in a capture, as tshark dissects them."""
    words = ['tshark', '-n', '-r', path, '-Y', 'msrp', '-T', 'fields', '-e', 'msrp.method', '-e', 'msrp.status.code']
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True)
    return [word for line in done.stdout.splitlines() for word in line.replace('\t', ',').split(',') if word]


class Chat:
    """The sessions of both ends of a call; calls: {name: the side of a call}."""

    def __init__(self, calls):
        self.lines = {name: call.media.lines[1] for name, call in calls.items()}
        self.ends, self.file, self.came, self.told = {}, plan(), {}, {}

    def outcomes(self):
        """How each end agreed on it."""
        return {name: line.outcome for name, line in self.lines.items()}

    async def talk(self, agents):
        """A message each way and a file; then the agents are asked."""
        self.ends = dict(zip(self.lines, await asyncio.gather(*(line.join() for line in self.lines.values()))))
        for name, other in (('alice', 'bob'), ('bob', 'alice')):
            await self.ends[name].send(WORDS[name])
            self.came[other] = (await self.ends[other].expect()).body()
        sending = self.ends['alice'].send(self.file, 'application/octet-stream', CHUNK, success=True, window=1)
        _, file = await asyncio.gather(sending, self.ends['bob'].expect())
        self.came['file'], self.came['report'] = file.body(), (await self.ends['alice'].report()).get('Status')
        for agent in agents:
            self.told[agent.place.name] = next(iter(await agent.ask('calls')), {})

    def keys(self):
        """The pre-shared keys of TLS."""
        return {key for line in self.lines.values() for key in line.secrets if len(key) == 32}

    # Verdicts.

    def judge_talk(self, report):
        """What arrived, and how."""
        sent, came = (hashlib.sha256(one).hexdigest()[:12] for one in (self.file, self.came.get('file', b'')))
        texts = [self.came.get(other) == WORDS[name] for name, other in (('alice', 'bob'), ('bob', 'alice'))]
        faults = [fault for end in self.ends.values() for fault in end.faults]
        report.row('MSRP beside the speech: a message each way and a file arrive as they were sent',
                   f'{sum(texts)} of 2 messages; file of {len(self.file) >> 10} KiB: sha256 {sent} sent, {came} received; '
                   f'REPORT {self.came.get("report")}; faults: {faults or "none"}', all(texts) and sent == came and not faults)
        for name, call in self.told.items():
            report.row(f'gateway {name.upper()}: MSRP is TLS to the UE, with a pre-shared key from its registration',
                       f'{call.get("line2-how")}, {call.get("line2-tls")} {call.get("line2-cipher")}; records by the '
                       f'{"kernel" if call.get("line2-kernel") else "process"}; octets in {call.get("line2-octets-in")}, out '
                       f'{call.get("line2-octets-out")}',
                       (call.get('line2-how'), call.get('line2-tls'), call.get('line2-session')) == (PSK_TLS, 'TLSv1.3', 'up'))

    def judge_core(self, report, bodies, path):
        """Transports in the core's descriptions, and what tshark reads on its wire."""
        profiles = {media.profile for body in bodies for media in sdp.parse(body).media if media.kind == 'message'}
        found = messages(path)
        sends, answers = found.count('SEND'), sum(word.startswith('200') for word in found)
        least = 2 + FILE_OCTETS // CHUNK
        report.row('core leg: plain MSRP, as tshark dissects it',
                   f'transports {sorted(profiles)}; {sends} SEND, {answers} answers, {found.count("REPORT")} REPORT',
                   profiles == {'TCP/MSRP'} and min(sends, answers) >= least)

    def judge_wires(self, report, paths, core):
        """The search that finds the words on the core wire finds none on the access wires."""
        seen = {name: {what: wire.octets(path).count(words) for what, words in
                       (*WORDS.items(), ('file', MARK), ('MSRP', b'MSRP '))} for name, path in paths.items()}
        report.row('no word of a message, no page of the file, no header of MSRP is readable on either access wire',
                   '; '.join(f'{name}: ' + ', '.join(f'{what} {n}' for what, n in one.items()) for name, one in seen.items()),
                   all(bool(n) == (name == core) for name, one in seen.items() for n in one.values()))
