# SPDX-License-Identifier: GPL-2.0
"""MIKEY as UEs may do it, and the Python UE does not: no V bit, counters for timestamps, strict SSRCs, retries."""
import base64
import os

from details import body, plain
from helper import ACCESS, CORE, MO, MT, Call, media, refused
from lib.ktap import equal, test
from peers.sip import mikey
from peers.sip import mikeymsg as m
from peers.sip.situation import DEFAULT_SUITE, MIKEY, SDES, Situation


class Odd(mikey.Initiator):
    """An initiator that may want no R_MESSAGE, count instead of looking at the clock, and say its ROC."""

    def __init__(self, call, ssrc=11, verify=True, counter=None, roc=0, index=1):
        psk, peer = call.ue.keyring.initiate(index)
        super().__init__(psk, call.ue.keyring.me, peer, DEFAULT_SUITE, (ssrc,))
        self.verify, self.counter, self.first = verify, counter, True
        self.bundle.streams[0].roc = roc

    def offer(self, rekey=True):
        """The I_MESSAGE."""
        bundle = self.bundle
        if self.counter is None:
            self.stamp, kind = self._next_stamp(), m.NTP_UTC
        else:
            self.stamp, kind = self.counter.to_bytes(4, 'big'), 2
        payloads = [m.Payload(m.T, kind, self.stamp)]
        payloads += [m.Payload(m.RAND, 0, bundle.rand)] if self.first else []
        payloads += [self.idi, self.idr, m.Payload(m.SP, 0, m.encode_policy(mikey.policy_of(self.suite))),
                     m.Payload(m.EXT, m.SDP_IDS, b'mikey')]
        keys = b''
        if self.first or rekey:
            bundle.key, bundle.suite = m.KeyData(os.urandom(16)), self.suite
            keys = mikey.wrap(bundle.message_keys, bundle.csb_id, self.stamp.rjust(8, b'\0'), m.encode_keys([bundle.key]))
        self.first = False
        payloads.append(m.Payload(m.KEMAC, m.AES_CM_128, keys, (m.HMAC_SHA1, b'')))
        message = m.encode(m.Message(m.PRE_SHARED, bundle.csb_id, bundle.streams, payloads, self.verify))
        return message + bundle.authenticate(message)

    def text(self, version=1, profile='RTP/SAVP', port=4000, rekey=True):
        """A whole offer."""
        value = base64.b64encode(self.offer(rekey)).decode()
        return body(f'm=audio {port} {profile} 0', f'a=key-mgmt:mikey {value}', version=version)


def keys_of(stream):
    return [stream['access'][way]['key'] for way in ('in', 'out')]


@test('without V bit the answer has SAVP and no R_MESSAGE, and the keys are those of the message')
def _(world):
    call = Call(world, MO)
    odd = Odd(call, verify=False)
    call.offer(ACCESS, odd.text())
    back = call.answer(CORE, plain())
    equal((media(back).profile, media(back).attributes('key-mgmt'), media(back).attributes('crypto')), ('RTP/SAVP', [], []),
          'answer')
    equal(keys_of(call.streams()[0]), [key.key.hex() for key in odd.bundle.session_keys()], 'keys')


@test('without V bit nothing would tell RTP/AVP with keys from RTP/AVP without: that is refused')
def _(world):
    refused(488, 'mikey', Call(world, MO).offer, ACCESS, Odd(Call(world, MO), verify=False).text(profile='RTP/AVP'))
    call = Call(world, MO)
    call.offer(ACCESS, Odd(call).text(profile='RTP/AVP'))
    back = call.answer(CORE, plain())
    equal((media(back).profile, len(media(back).attributes('key-mgmt'))), ('RTP/AVP', 1), 'with V bit')


@test('timestamps that count go up, and are taken from protected signalling alone')
def _(world):
    call = Call(world, MO)
    odd = Odd(call, counter=5)
    call.offer(ACCESS, odd.text())
    back = call.answer(CORE, plain())
    equal(bool(media(back).attribute('key-mgmt')), True, 'R_MESSAGE')
    call.tell('select', call.fork)
    for counter in (5, 4):
        odd.counter = counter
        refused(488, 'mikey', call.offer, ACCESS, odd.text(2), call.fork)
    odd.counter = 6
    call.offer(ACCESS, odd.text(2), call.fork)
    call.answer(CORE, plain(version=2))
    world.ask(0, 'lab', 1)
    call = Call(world, MO, protected=0)
    no = refused(488, 'mikey', call.offer, ACCESS, Odd(call, counter=5).text())
    call = Call(world, MO, protected=0)
    call.offer(ACCESS, Odd(call).text())
    world.ask(0, 'lab', 0)
    equal(bool(no.mikey), True, 'an error message')


@test('the SSRC and the ROC that a UE declares are enforced, zero binds late, and a new SSRC in an update counts')
def _(world):
    call = Call(world, MO)
    odd = Odd(call, ssrc=0x1234, roc=3)
    call.offer(ACCESS, odd.text())
    call.answer(CORE, plain())
    call.tell('select', call.fork)
    sa = call.streams()[0]['access']
    equal((sa['in']['ssrc'], sa['in']['roc'], sa['in']['fixed'], sa['out']['fixed']), (0x1234, 3, 1, 0), 'SSRCs')
    key = sa['in']['key']
    odd.bundle.streams[0].ssrc = 0x5678
    odd.bundle.streams[0].roc = 0
    call.offer(ACCESS, odd.text(2, rekey=False), call.fork)
    call.answer(CORE, plain(version=2))
    sa = call.streams()[0]['access']
    equal((sa['in']['ssrc'], sa['in']['key']), (0x5678, key), 'after the update')
    call = Call(world, MO)
    call.offer(ACCESS, Odd(call, ssrc=0).text())
    call.answer(CORE, plain())
    equal(call.streams()[0]['access']['in']['fixed'], 0, 'late binding')


@test('a message comes again after 407, 422 and 503: on the same flow, in the same dialog, with a higher CSeq, and only so')
def _(world):
    call = Call(world, MO, flow=7)
    offer = Odd(call).text()
    names = {'call_id': call.call_id, 'from_tag': call.from_tag}
    call.offer(ACCESS, offer)
    call.tell('refused')
    call.end()
    for flow, cseq, good in ((8, 9, False), (7, 2, False), (7, 9, True)):
        again = Call(world, MO, flow=flow, **names)
        again.cseq = cseq - 1
        if good:
            again.offer(ACCESS, offer)
            again.answer(CORE, plain())
        else:
            refused(488, 'mikey', again.offer, ACCESS, offer)
        again.end()
    late = Call(world, MO, flow=7, **names)
    late.cseq = 20
    refused(488, 'mikey', late.offer, ACCESS, offer)


@test('a message whose call could not be made, for want of ports, may come again')
def _(world):
    full = [Call(world, MO, Situation(SDES, kinds=('audio', 'video'))) for _ in range(8)]
    for one in full:
        one.begin()
    call = Call(world, MO)
    offer = Odd(call).text()
    refused(503, 'no-ports', call.offer, ACCESS, offer)
    full[0].end()
    world.ask(63, 'pass', 2000)
    call.offer(ACCESS, offer)


@test('forks under one TGK share the SA to the UE, which is never made anew, so that no index comes twice')
def _(world):
    call = Call(world, MO)
    call.offer(ACCESS, Odd(call).text())
    seen = set()
    for tag, port in (('a', 6000), ('b', 6010), ('a2', 6020), ('b', 6010)):
        call.answer(CORE, plain(port=port), tag)
        seen.add(call.streams()[0]['access']['out']['id'])
    equal(len(seen), 1, 'SAs to the UE')
    call.tell('select', 'a')
    equal((call.streams()[0]['access']['out']['id'] in seen, call.streams()[0]['core']['peer'][1]), (True, 6000), 'the chosen')


@test('a UE in an emergency that moves and keeps its key is not refused')
def _(world):
    from details import offered
    for emergency in (0, 1):
        call = Call(world, MO, profiles='sdes', emergency=emergency)
        call.offer(ACCESS, offered())
        call.answer(CORE, plain())
        call.tell('select', call.fork)
        if emergency:
            call.offer(ACCESS, offered(port=4100, version=2), call.fork)
        else:
            refused(488, 'same-key-after-move', call.offer, ACCESS, offered(port=4100, version=2), call.fork)


@test('the bundle that we made in a call to a UE, and that of the UE, have their own keys for a line')
def _(world):
    call = Call(world, MT, Situation(), profiles='mikey')
    call.begin()
    ours = keys_of(call.streams()[0])
    call.ue.lines[0].keying = MIKEY
    call.again(ACCESS, rekey=True)
    call.check_keys()
    equal(keys_of(call.streams()[0]) != ours, True, 'other keys')
