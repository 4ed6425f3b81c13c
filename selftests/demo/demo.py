# SPDX-License-Identifier: GPL-2.0
"""The second part of the demo, the data plane alone: phones, gateway and core in network namespaces."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))

import attacks
import phones
import wire
from calls import Call, Gateway
from lib.topology import SIDES, Topology
from peers.suites import ENCRYPTING
from recording import Recording, payload, sha256

UE_SEQ = 65400      # so that the sequence numbers of what the UE sends wrap: ROC 0, then 1
RTCP_AT = (50, 150)
VICTIMS = ('gcm', 'cm256')
ENOUGH = 7.9        # bits per octet of what looks like noise


def the_calls():
    """One call per way of playing it, and one both ways per suite."""
    calls = {
        'listen': Call(1, 'ffmpeg listens', 'AES_CM_128_HMAC_SHA1_80'),
        'talk': Call(2, 'ffmpeg talks', 'AES_CM_128_HMAC_SHA1_80', latch=True),
        'gcm': Call(3, 'both ways', 'AEAD_AES_128_GCM', families=(6, 4)),
        'cm256': Call(4, 'both ways', 'AES_256_CM_HMAC_SHA1_80', mki='e2ae'),
    }
    there = {calls[name].suite for name in VICTIMS}
    for suite in ENCRYPTING:
        if suite not in there:
            calls[suite] = Call(len(calls) + 1, 'both ways', suite)
    return calls


def ue_ssrc(call):
    """The UE's synchronisation source in a call."""
    return 0x0e2ae000 + call.ident


class Demo:
    """The scene: a gateway, calls, phones at their ends."""

    def __init__(self, world, report, broken):
        self.world, self.report = world, report
        self.recording = Recording()
        self.gateway, self.calls = Gateway(broken), the_calls()
        self.core = {}      # name of the call -> phone at the core
        self.ue = {}        # those that are ours to play
        self.sent_rtcp = {name: {'up': [], 'down': []} for name in self.calls}
        self.hashes = []
        self.media = 0      # RTP packets that have to be on either wire

    def set_up(self):
        """Streams and phones."""
        for name, call in self.calls.items():
            self.gateway.set_up(call)
            self.core[name] = phones.Phone(self.world, call, 'core')
            if name not in ('listen', 'talk'):
                self.ue[name] = phones.SrtpPhone(self.world, call)
        self.report.say(f'{len(self.calls)} calls set up with e2aectl in namespace gw')

    def capture(self, prefix=''):
        """tcpdump at both far ends: {side: Capture}."""
        return {side: wire.Capture(name, far, self.report.path(f'{prefix}{side}.pcap'))
                for side, (name, far, _) in SIDES.items()}

    # Media.

    def play(self):
        """The recording in its own time, in all calls at once."""
        path = self.report.path
        with open(path('speech.al'), 'wb') as f:
            f.write(self.recording.speech)
        listener = phones.listener(self.calls['listen'], len(self.recording.packets),
                                   path('speech-at-ue.al'), path('ffmpeg-listen.log'))
        talker = phones.talker(self.calls['talk'], path('speech.al'), UE_SEQ, path('ffmpeg-talk.log'))
        self.report.say(f'playing {self.recording.seconds:.1f} s of speech: into the core side as RTP, '
                        'into the access side as SRTP')
        self._play_packets()
        ends = {'listen': listener.finish(4), 'talk': talker.finish(6)}
        time.sleep(0.2)
        return ends

    def _play_packets(self):
        up = {name: self.recording.as_source(ue_ssrc(self.calls[name]), UE_SEQ) for name in self.ue}
        start = time.monotonic()
        for n, (at, rtp) in enumerate(self.recording.packets):
            time.sleep(max(0, start + at - time.monotonic()))
            self.core['listen'].send(rtp)
            for name, ue in self.ue.items():
                self.core[name].send(rtp)
                ue.send(up[name][n])
            if n in RTCP_AT:
                self._play_rtcp(n)

    def _play_rtcp(self, n):
        for name, ue in self.ue.items():
            mine, other = ue_ssrc(self.calls[name]), self.recording.ssrc
            sent = {'up': phones.reports(mine, other, n), 'down': phones.reports(other, mine, n)}
            ue.send_rtcp(sent['up'])
            self.core[name].send_rtcp(sent['down'])
            for way, rtcp in sent.items():
                self.sent_rtcp[name][way].append(rtcp)

    # Verdicts on the media.

    def judge_bytes(self, what, sent, got, more='', also=True):
        """Sent and received payloads, byte for byte; `more` and `also` are proof and truth of what goes with it."""
        self.hashes += [f'{sha256(sent)}  {what}: sent', f'{sha256(got)}  {what}: received']
        self.report.row(what, f'{len(got)} of {len(sent)} octets; sha256 sent {sha256(sent)[:12]}, received '
                        f'{sha256(got)[:12]}{more}', sent == got and also)

    def judge_ffmpeg(self, ends):
        """What ffmpeg decrypted, and what the core got of what ffmpeg encrypted."""
        speech, got = self.recording.speech, b''
        if os.path.exists(self.report.path('speech-at-ue.al')):
            with open(self.report.path('speech-at-ue.al'), 'rb') as f:
                got = f.read()
        call = self.calls['listen']
        self.judge_bytes(f'{call}: core to UE, by ffmpeg', speech, got,
                         '' if ends['listen'] else '; ffmpeg did not come to its end')
        call, rtp = self.calls['talk'], self.core['talk'].take()
        wrapped = sum(one[2:4] < b'\x80\0' for one in rtp)
        self.media += len(self.recording.packets) + len(rtp)
        self.judge_bytes(f'{call}: UE to core, by ffmpeg', speech, b''.join(map(payload, rtp)),
                         f'; {wrapped} of {len(rtp)} packets have ROC 1')
        reports = self.core['talk'].take_rtcp()
        self.report.row(f'{call}: SRTCP of ffmpeg arrives as RTCP', f'{len(reports)} sender reports',
                        reports and all(one[:2] == b'\x80\xc8' for one in reports))

    def judge_both_ways(self):
        """Both ways of every suite: whole packets, headers too."""
        for name, ue in self.ue.items():
            call, by = self.calls[name], phones.judge(self.calls[name])
            down = [rtp for _, rtp in self.recording.packets]
            up = self.recording.as_source(ue_ssrc(call), UE_SEQ)
            self.media += len(up) + len(down)
            srtp = self.judge_packets(f'{call}: core to UE, by {by}', down, ue.take())
            plain = self.judge_packets(f'{call}: UE to core, by {by}', up, self.core[name].take())
            got = {'down': ue.take_rtcp(), 'up': self.core[name].take_rtcp()}
            good = {way: sum(one in sent for one in got[way]) for way, sent in self.sent_rtcp[name].items()}
            self.report.row(f'{call}: RTCP both ways by {by}',
                            ', '.join(f'{way}: {good[way]} of {len(sent)} as sent'
                                      for way, sent in self.sent_rtcp[name].items()), got == self.sent_rtcp[name])
            packets = len(down) + len(up) + sum(map(len, self.sent_rtcp[name].values()))
            drops = sum(self.gateway.stream(call)['drops'].values())
            self.report.suite(call.suite, packets, srtp + good['down'], plain + good['up'], drops, by)

    def judge_packets(self, what, sent, got):
        """Whole packets, in order; how many are right."""
        same = sum(a == b for a, b in zip(sent, got))
        self.judge_bytes(what, b''.join(map(payload, sent)), b''.join(payload(one or b'') for one in got),
                         f'; {same} of {len(sent)} packets identical, headers too', sent == got)
        return same

    def judge_counters(self):
        """The kernel's own view of the same: nothing lost, nothing dropped on calls that went as they should."""
        lost, drops = 0, {}
        for name in ('talk', *self.ue):
            stream = self.gateway.stream(self.calls[name])
            lost += abs(stream['upstream']['lost']) + abs(stream['downstream']['lost'])
            drops.update({k: v for k, v in stream['drops'].items() if v})
        latched = self.gateway.stream(self.calls['talk'])['access'].get('latched', False)
        self.report.row('the gateway lost and dropped nothing', f'lost {lost}, drops {drops or "none"}',
                        not lost and not drops)
        self.report.row(f'call {self.calls["talk"].ident}: the UE\'s address was learnt (latch)',
                        f'e2aectl stream show says {"latched" if latched else "not latched"}', latched)

    # Verdicts on the wires.

    def media_ports(self):
        """RTP ports of both sides."""
        return {side: [call.port[side] for call in self.calls.values()] for side in SIDES}

    def judge_wires(self):
        """The access wire holds nothing of the speech; the same search finds it on the core wire."""
        speech, seen = wire.Speech(self.recording.speech), {}
        for side, ports in self.media_ports().items():
            found = [one.payload for _, one in wire.datagrams(self.report.path(f'{side}.pcap'))
                     if one.dport in ports]
            seen[side] = (len(found), sum(map(speech.occurs, found)), wire.entropy(b''.join(found)))
        (n, hits, noise), (core_n, core_hits, plain) = seen['access'], seen['core']
        self.report.row('nothing readable on the access wire',
                        f'{wire.SNIPPET} octets of speech in a row: in {hits} of {n} datagrams; core wire: '
                        f'{core_hits} of {core_n}', (n, hits, core_n, core_hits) == (self.media, 0) + 2 * (self.media,))
        self.report.row('what is on the access wire looks like noise',
                        f'{noise:.3f} bits per octet, on the core wire {plain:.3f}', noise > ENOUGH > plain)

    def judge_tshark(self):
        """The same by another's dissector."""
        speech, out = wire.Speech(self.recording.speech), {}
        for side, ports in self.media_ports().items():
            rows = wire.dissect(self.report.path(f'{side}.pcap'), ports)
            out[side] = (len(rows), sum(speech.occurs(octets) for _, _, _, octets in rows))
            with open(self.report.path(f'{side}-tshark.txt'), 'w', encoding='ascii') as f:
                f.writelines(f'{port} ssrc {ssrc:08x} seq {seq} {octets[:24].hex()}\n'
                             for port, ssrc, seq, octets in rows)
        (n, hits), (core_n, core_hits) = out['access'], out['core']
        self.report.row('tshark sees RTP headers there and no speech',
                        f'access: {n} RTP packets, {hits} with speech; core: {core_n}, {core_hits} with speech',
                        (n, hits, core_n, core_hits) == (self.media, 0) + 2 * (self.media,))

    def judge_authentic(self, prefix, title):
        """Everything that left the gateway on the access side authenticates under its call's key."""
        calls = {call.port['access'] + more: (call, more) for call in self.calls.values() for more in (0, 1)}
        sessions = {call.ident: phones.session(call, 'down') for call in self.calls.values()}
        good = total = 0
        for _, one in wire.datagrams(self.report.path(f'{prefix}access.pcap')):
            if one.ip.src not in {call.near('access') for call in self.calls.values()}:
                continue
            total += 1
            call, rtcp = calls.get(one.sport, (None, 0))
            if call:
                session = sessions[call.ident]
                unprotect = session.unprotect_rtcp if rtcp else session.unprotect
                good += phones.opened(unprotect, one.payload) is not None
        self.report.row(title, f'{good} of {total} datagrams authenticate under their call\'s key',
                        total and good == total)

    # Attacks.

    def attack(self):
        """What must not come out, with captures of its own."""
        self.report.say('attacking the calls: clear text, forgeries, replays, ...')
        tapes = self.capture('attack-')
        last = self.recording.packets[-1][1]
        down = (self.recording.ssrc, int.from_bytes(last[2:4], 'big') + 1)
        victims = [attacks.Victim(self.gateway, self.calls[name],
                                  {'access': self.ue[name], 'core': self.core[name]}, self.recording,
                                  {'up': (ue_ssrc(self.calls[name]), UE_SEQ + len(self.recording.packets)),
                                   'down': down})
                   for name in VICTIMS]
        before = self.gateway.drops()
        for row in attacks.attack(victims, self.world):
            self.report.row(*row)
        after = self.gateway.drops()
        for tape in tapes.values():
            tape.stop()
        counted = '\n'.join(f'drop-{k} +{after[k] - n}' for k, n in before.items() if after[k] != n)
        self.report.section('Why the attacks came to nothing (e2aectl -s stats, before and after)', counted)
        print('      ' + counted.replace('\n', '\n      '), flush=True)

    def judge_keys(self):
        """No key in anything the demo or the tool wrote."""
        needles = {text for call in self.calls.values() for secret in call.secret.values()
                   for octets in secret for text in (octets, octets.hex().encode())}
        needles |= {phones.inline(secret).encode() for call in self.calls.values()
                    for secret in call.secret.values()}
        shown = ''.join(self.gateway.do(text, '-s', *more) for text in ('sa show', 'stream show', 'stats')
                        for more in ((), ('-j',))).encode()
        files = [shown]
        for name in os.listdir(self.report.out):
            with open(self.report.path(name), 'rb') as f:
                files.append(f.read())
        hits = sum(needle in data for needle in needles for data in files)
        self.report.row('no key is shown or left behind', f'{2 * len(self.calls)} keys, raw, hex, base64, in '
                        f'{len(files) - 1} files and all that e2aectl shows: {hits} found', not hits)

    def tell(self):
        """The sections of report.md."""
        section = self.report.section
        section('Digests of the speech (sha256)', '\n'.join(self.hashes))
        section('Kernel and module', f'Linux {os.uname().release}\n{self.gateway.do("version")}')
        section('The streams', self.gateway.do('stream show', '-s'))
        section('The SAs: cipher drivers, counters, no keys', self.gateway.do('sa show', '-s'))
        section('e2aectl -s stats', self.gateway.do('stats', '-s'))
        section('The commands', '\n'.join(self.gateway.commands))


def perform(demo):
    """All acts in their order."""
    demo.set_up()
    tapes = demo.capture()
    ends = demo.play()
    for tape in tapes.values():
        tape.stop()
    demo.judge_ffmpeg(ends)
    demo.judge_both_ways()
    demo.judge_counters()
    demo.judge_wires()
    demo.judge_tshark()
    demo.judge_authentic('', 'only authentic SRTP and SRTCP left the gateway')
    demo.attack()
    demo.judge_authentic('attack-', 'under attack, only authentic SRTP left the gateway')
    demo.judge_keys()
    demo.tell()
    demo.gateway.do('flush')
