#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""tshark reads every message of the peers and finds nothing malformed; it also reads their MIKEY."""
import base64
import os
import subprocess
import tempfile

from lab import Lab, bounded
from lib.ktap import equal, run, test
from peers.sip import mikeymsg, sdp
from peers.sip.ladder import write_datagrams
from peers.sip.registration import CAPABILITIES
from peers.sip.scenario import hang_up
from peers.sip.situation import BOTH, E2E, MIKEY, SDES, FixedKeyring, Situation

MIKEY_PORT = 2269


def tshark(path, *words):
    """Lines of output."""
    done = subprocess.run(['tshark', '-n', '-r', path, *words], capture_output=True, text=True, timeout=60,
                          check=False)
    assert not done.returncode, done.stderr
    return done.stdout.splitlines()


async def everything(lab):
    """One of each: registrations, watchers, calls of all kinds."""
    alice, bob = await lab.pair(security_client=CAPABILITIES)
    alice.isim.sqn += 3000
    await alice.register()
    equal((await alice.subscribe_reg()).status, 200, 'SUBSCRIBE')
    psk = os.urandom(32)
    alice.keyring = FixedKeyring(psk, alice.impu, bob.impu)
    bob.keyring = FixedKeyring(psk, bob.impu, alice.impu)
    for keying in ('plain', SDES, E2E, MIKEY, BOTH):
        out = await alice.invite(bob.aor(), Situation(keying))
        into = await bob.incoming()
        assert await into.ring(183, reliable=True, answer=True) and await into.accept()
        await out.answered()
        await into.acknowledged()
        await out.hold()
        await into.update(rekey=True)
        await hang_up(out, into)
    out = await alice.invite(bob.aor(), Situation(MIKEY, ('AEAD_AES_256_GCM',), wrong=frozenset(('mac',))))
    assert not await (await bob.incoming()).accept()
    await out.answered()
    out = await alice.invite(bob.aor())
    await (await bob.incoming()).ring()
    await out.provisional(180)
    out.cancel()
    await out.answered()
    await bob.deregister()


@test('tshark takes every message for SIP and none for malformed')
def nothing_malformed(path_and_lab):
    path, lab = path_and_lab
    sent = [r for r in lab.ladder.rungs if r.out]
    rows = tshark(path, '-T', 'fields', '-e', 'frame.protocols', '-e', '_ws.malformed',
                  '-e', 'sdp.invalid', '-e', 'sdp.unknown')
    equal(len(rows), len(sent), 'frames')
    assert len(rows) > 150, f'only {len(rows)} messages'
    for row, rung in zip(rows, sent):
        protocols, malformed, *lines = row.split('\t')
        assert ':sip' in protocols, f'{protocols}: {rung.message.start_line()}'
        assert not malformed, f'malformed: {rung.message.start_line()}'
        assert not any(lines), f'lines that are not SDP: {rung.message.start_line()}'
        equal(':sdp' in protocols, bool(rung.message.body) and 'sdp' in rung.message.get('Content-Type'), 'SDP')
    methods = {r.message.method for r in sent} - {None}
    equal(methods, {'REGISTER', 'SUBSCRIBE', 'NOTIFY', 'INVITE', 'ACK', 'PRACK', 'UPDATE', 'BYE', 'CANCEL'},
          'methods')


@test('tshark has no complaint of an error about any message')
def no_errors(path_and_lab):
    rows = tshark(path_and_lab[0], '-Y', '_ws.expert.severity >= "Error"')
    equal(rows, [], 'messages with errors')


@test('tshark reads every MIKEY message to its end, as it was meant')
def mikey_fields(path_and_lab):
    path, lab = path_and_lab
    messages = mikey_messages(lab)
    # tshark 4.0 leaves key-mgmt at the media level alone, so MIKEY goes to the port of its own.
    write_datagrams(path + '.mikey', [(0, ('127.0.0.1', 4000), ('127.0.0.1', MIKEY_PORT), m) for m in messages])
    names = ('mikey.type', 'mikey.csb_id', 'mikey.cs_count', 'mikey.id.data', 'mikey.srtp_id.ssrc',
             'mikey.sp.encr_len', '_ws.malformed')
    rows = tshark(path + '.mikey', '-T', 'fields', '-E', 'occurrence=a', *(f'-e{name}' for name in names))
    assert len(rows) == len(messages) > 10, f'{len(rows)} rows for {len(messages)} messages'
    for row, raw in zip(rows, messages):
        want = mikeymsg.decode(raw)
        policy = want.one(mikeymsg.SP)
        kind, csb, count, ids, ssrcs, key_size, malformed = row.split('\t')
        equal([int(x, 0) for x in (kind, csb, count)], [want.data_type, want.csb_id, len(want.streams)], 'header')
        equal(ids.split(','), [p.data.decode() for p in want.all(mikeymsg.ID)], 'identities')
        equal([int(x, 0) for x in ssrcs.split(',')], [s.ssrc for s in want.streams], 'SSRCs')
        equal(key_size, str(mikeymsg.decode_policy(policy.data)[1]) if policy else '', 'key length')
        equal(malformed, '', 'malformed')


def mikey_messages(lab):
    """Each MIKEY message that was sent, once."""
    out = {}
    for rung in lab.ladder.rungs:
        for media in sdp.parse(rung.message.body).media if b'key-mgmt' in rung.message.body else ():
            out[base64.b64decode(media.attribute('key-mgmt').split()[1])] = True
    return list(out)


class Recorded:
    """What was sent, as a capture file."""

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix='e2ae-')
        path = os.path.join(self.folder.name, 'ladder.pcap')

        async def work():
            async with Lab(send_keys=True) as lab:
                await everything(lab)
                return lab
        lab = bounded(work(), 50)
        lab.ladder.write_pcap(path)
        equal(os.stat(path).st_mode & 0o777, 0o600, 'mode of the capture')
        return path, lab

    def __exit__(self, *_):
        self.folder.cleanup()


if __name__ == '__main__':
    run(Recorded)
