# SPDX-License-Identifier: GPL-2.0
"""agent/keying against an implementation in Python, and its messages before tshark."""
import contextlib
import os
import random
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..'))
sys.path.insert(0, HERE)

import oracle  # noqa: E402
import dissect  # noqa: E402
from lib.ktap import equal, run, test  # noqa: E402

NOW = 0xee2f000180000000
URI, NAI = 1, 0
ALICE, PCSCF = (URI, b'sip:alice@ims.example'), (NAI, b'yK01EsGkaXKG6Kzz@pcscf1.visited1.net')
SEED = 20240607


def known_text(file, start):
    """What stands after these words in a line of the known answers."""
    with open(os.path.join(HERE, '..', 'vectors', file), encoding='ascii') as lines:
        return next(line[len(start) + 1:].strip() for line in lines if line.startswith(start + ' '))


class Peer:
    """The C end, one command a line."""

    def __init__(self):
        self.random = random.Random(SEED)
        self.process = subprocess.Popen([os.path.join(HERE, '..', '..', 'build/keying/peer')], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, *words):
        line = ' '.join(w.hex() or '-' if isinstance(w, bytes) else str(w) for w in words)
        self.process.stdin.write(line + '\n')
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(f'the C end died of {words[0]}, status {self.process.wait()}')
        return answer.split()

    def octets(self, n):
        return bytes(self.random.randrange(256) for _ in range(n))

    def close(self):
        self.process.stdin.close()
        equal(self.process.wait(10), 0, 'status of the C end')


@contextlib.contextmanager
def peer():
    end = Peer()
    yield end
    end.close()


def name(identity):
    return f'{identity[0]}{identity[1].decode()}'


def expect_keys(words, bundle, suite, streams):
    """The C end's keys are those the oracle derives."""
    equal(len(words), len(streams), 'crypto sessions')
    for cs, (word, (ssrc, roc)) in enumerate(zip(words, streams), 1):
        key, salt = bundle.key(cs, suite)
        equal(word, f'{cs}:{suite}:{key.hex()}:{salt.hex()}:{bundle.mki.hex()}:{ssrc:08x}:{roc}', f'keys of CS {cs}')


@test('the PRF agrees for keys of every length up to 96 octets')
def prf(end):
    for length in [16, 31, 32, 33, 64] + list(range(1, 97)):
        key, label = end.octets(length), end.octets(1 + length * 2)
        for out in (1, 14, 16, 19, 20, 21, 24, 32, 40, 64):
            equal(end.ask('prf', key, label, out), [oracle.prf(key, label, out).hex()], f'{length} to {out}')


@test('the oracle gives the known exchange')
def known_exchange(_):
    bundle = oracle.Bundle(bytes(range(16)), 0x12345678, bytes(range(0x40, 0x50)),
                           (URI, b'sip:alice@ims.example'), (URI, b'sip:pcscf.ims.example'))
    message = oracle.Message(bytes.fromhex(known_text('mikey.txt', 'I_MESSAGE')))
    bundle.check(message, False)
    bundle.take(message)
    equal(bundle.tgk, bytes(range(0x20, 0x30)), 'TGK')
    for cs in (1, 2):
        key, salt = bundle.key(cs, 'AES_CM_128_HMAC_SHA1_80')
        equal(f'tek {key.hex()} salt {salt.hex()}', known_text('mikey.txt', f'cs {cs}'), f'CS {cs}')
    answer = bundle.answer(message, message.cs)
    equal(answer, bytes.fromhex(known_text('mikey.txt', 'R_MESSAGE')), 'R_MESSAGE')


@test('the KDF agrees for random parameters')
def kdf(end):
    for _ in range(100):
        key = end.octets(32)
        params = [end.octets(end.random.randrange(200)) for _ in range(end.random.randrange(9))]
        equal(end.ask('kdf', key, *params), [oracle.kdf(key, *params).hex()], 'KDF')


def c_offers(end, suite, lines, psk, kind=0, time=NOW):
    ssrcs = [end.random.choice((0, end.random.randrange(1, 2 ** 32))) for _ in range(2 * lines)]
    words = end.ask('offer', psk, suite, lines, kind, f'{time:x}', name(PCSCF), name(ALICE), 'mikey',
                    *(f'{s:x}' for s in ssrcs))
    return oracle.from_text(words[0]), ssrcs


@test('the oracle takes our offers and we take its answers, with every suite, key length and clock')
def c_initiates(end):
    for suite in oracle.SUITES:
        for lines, size, kind, time in ((1, 16, 0, NOW), (2, 32, 1, NOW + 5), (8, 33, 2, 77)):
            psk = end.octets(size)
            message, ssrcs = c_offers(end, suite, lines, psk, kind, time)
            equal((message.version, message.kind, message.v, message.prf), (1, 0, 1, 0), 'header')
            equal(message.order, [5, 11, 6, 6, 10, 21, 1], 'payloads')
            equal(message.ids, [PCSCF, ALICE], 'identities')
            equal(message.one(oracle.EXT), b'\1\0\5mikey', 'protocols')
            equal(int.from_bytes(message.time, 'big'), time, 'timestamp')
            equal([row[1] for row in message.cs], ssrcs, 'SSRCs')
            enc, key, salt, tag = oracle.SUITES[suite]
            policy = message.policy()
            equal((policy[0], policy[1], policy[4], policy[20 if enc == 6 else 11]), (enc, key, salt, tag), 'policy')
            bundle = oracle.Bundle(psk, message.csb, message.one(oracle.RAND)[1:], PCSCF, ALICE)
            bundle.check(message, False)
            bundle.take(message)
            equal(len(bundle.tgk), key, 'octets of the TGK')
            rows = [(p, s or (n % 2) * 0x777, roc) for n, (p, s, roc) in enumerate(message.cs)]
            words = end.ask('confirm', oracle.to_text(bundle.answer(message, rows, with_id=lines != 2)))
            equal(words[0], '0', 'errno')
            expect_keys(words[1:], bundle, suite, [(s, roc) for _, s, roc in rows])


@test('our re-offers bring new keys or keep them, under one RAND')
def c_reoffers(end):
    suite, psk = 'AEAD_AES_256_GCM', end.octets(32)
    message, _ = c_offers(end, suite, 1, psk)
    bundle = oracle.Bundle(psk, message.csb, message.one(oracle.RAND)[1:], PCSCF, ALICE)
    bundle.take(message)
    end.ask('confirm', oracle.to_text(bundle.answer(message, message.cs)))
    for keep in (0, 1, 0):
        before, tgk = message, bundle.tgk
        message = oracle.from_text(end.ask('reoffer', keep)[0])
        equal((message.csb, message.all(oracle.RAND)), (bundle.csb, []), 'CSB ID and RAND')
        assert message.time > before.time, 'a re-offer has a later timestamp'
        bundle.check(message, False)
        bundle.take(message)
        equal(bundle.tgk == tgk, bool(keep), 'the TGK stays')
        words = end.ask('confirm', oracle.to_text(bundle.answer(message, message.cs)))
        expect_keys(words[1:], bundle, suite, [row[1:] for row in message.cs])


def respond(end, psk, message, suites, lines=1, now=NOW, counters=0, ssrc=0, protocols='mikey'):
    return end.ask('respond', psk, lines, f'{now:x}', counters, name(PCSCF), protocols, oracle.to_text(message),
                   f'{ssrc:x}', *suites)


@test('we take the offers of the oracle and it takes our answers, also with salt and MKI')
def oracle_initiates(end):
    for number, suite in enumerate(oracle.SUITES):
        psk = end.octets(16 + number * 5)
        bundle = oracle.new_bundle(psk, ALICE, PCSCF, tgk=16 + 4 * number)
        if number % 2:
            bundle.salt, bundle.mki = end.octets(oracle.SUITES[suite][2]), end.octets(4)
        counters = number % 4 == 3
        time = b'\2' + bytes((0, 0, 0, 9)) if counters else bytes((number % 2,)) + (NOW + number).to_bytes(8, 'big')
        rows = [(0, 0x1000 + number, 3), (0, 0, 0)]
        octets = bundle.offer(time, rows, suite, b'mikey')
        words = respond(end, psk, octets, [suite], counters=int(counters), ssrc=0xabc)
        equal(words[0], '0', 'errno')
        reply = oracle.from_text(words[1])
        equal((reply.kind, reply.v, reply.order), (1, 0, [5, 6, 9]), 'R_MESSAGE')
        equal((reply.csb, reply.time, reply.ids), (bundle.csb, time[1:], [PCSCF]), 'R_MESSAGE')
        equal(reply.cs, [rows[0], (0, 0xabc, 0)], 'SSRCs')
        bundle.check(reply, True)
        expect_keys(words[2:], bundle, suite, [(0x1000 + number, 3), (0xabc, 0)])
        end.ask('forget')
        equal(respond(end, psk, octets, [suite], counters=int(counters))[0], '-17', 'a replay')


@test('an update of the oracle keeps the keys')
def oracle_updates(end):
    suite, psk = 'AES_CM_128_HMAC_SHA1_80', end.octets(32)
    bundle = oracle.new_bundle(psk, ALICE, PCSCF)
    rows = [(0, 1, 0), (0, 2, 0)]
    first = respond(end, psk, bundle.offer(b'\0' + (NOW + 1000).to_bytes(8, 'big'), rows, suite, b'mikey'), [suite])
    update = bundle.offer(b'\0' + (NOW + 1001).to_bytes(8, 'big'), rows, suite, b'mikey', update=True, data=b'')
    second = respond(end, psk, update, [suite])
    equal((first[0], second[0], second[2:]), ('0', '0', first[2:]), 'keys')
    bundle.check(oracle.from_text(second[1]), True)


@test('errors reach the oracle with a number, a MAC that holds where there may be one, and our policies')
def errors(end):
    suite, psk = 'AES_CM_128_HMAC_SHA1_80', end.octets(32)
    for errno, number, signed, change in (
            ('-129', 0, False, {'psk': end.octets(32)}), ('-62', 1, True, {'now': NOW + (301 << 32)}),
            ('-95', 10, True, {'suites': ['AEAD_AES_128_GCM', 'AES_256_CM_HMAC_SHA1_80']}),
            ('-1', 12, True, {'protocols': 'mikey;other'}), ('-71', 12, True, {'lines': 2})):
        bundle = oracle.new_bundle(psk, ALICE, PCSCF)
        octets = bundle.offer(b'\0' + NOW.to_bytes(8, 'big'), [(0, 1, 0), (0, 2, 0)], suite, b'mikey')
        words = respond(end, **{'psk': psk, 'message': octets, 'suites': [suite], **change})
        equal(words[0], errno, 'errno')
        equal(len(words), 2, 'no keys')
        reply = oracle.from_text(words[1])
        equal((reply.kind, reply.csb, reply.time), (6, bundle.csb, NOW.to_bytes(8, 'big')), 'error message')
        equal([body[0] for body in reply.all(oracle.ERR)], [number], 'error')
        equal(bool(reply.all(oracle.V)), signed, 'MAC')
        if signed:
            bundle.check(reply, True)
        equal(len(reply.all(oracle.SP)), 2 if number == 10 else 0, 'policies')
        if number == 10:
            equal((reply.policy(0)[0], reply.policy(1)[1]), (6, 32), 'policies')


@test('errors of the oracle are understood, and known for a hint without a MAC')
def errors_back(end):
    psk = end.octets(32)
    message, _ = c_offers(end, 'AEAD_AES_256_GCM', 1, psk)
    bundle = oracle.Bundle(psk, message.csb, message.one(oracle.RAND)[1:], PCSCF, ALICE)
    payloads = [(oracle.T, message.one(oracle.T)), (oracle.ERR, b'\x0a\0\0'),
                (oracle.SP, oracle.policy_octets('AES_CM_128_HMAC_SHA1_32')), (oracle.V, b'\1')]
    octets = oracle.encode(6, message.csb, [], payloads, v=False)
    octets += bundle.mac(octets + bundle.tail(message.time))
    equal(end.ask('confirm', oracle.to_text(octets)), ['-111', '10!', 'AES_CM_128_HMAC_SHA1_32'], 'error')
    forged = octets[:-1] + bytes((octets[-1] ^ 1,))
    equal(end.ask('confirm', oracle.to_text(forged))[1], '10?', 'a wrong MAC')
    bare = oracle.encode(6, message.csb, [], payloads[:2], v=False)
    equal(end.ask('confirm', oracle.to_text(bare)), ['-111', '10?'], 'no MAC')


@test('tshark finds in our offers, answers and errors what we put there')
def before_tshark(end):
    psk = end.octets(32)
    message, ssrcs = c_offers(end, 'AES_256_CM_HMAC_SHA1_32', 2, psk)
    update = oracle.from_text(end.ask('reoffer', 0)[0])
    bundle = oracle.new_bundle(psk, ALICE, PCSCF)
    offer = bundle.offer(b'\0' + (NOW + 4242).to_bytes(8, 'big'), [(0, 5, 0), (0, 0, 0)], 'AEAD_AES_128_GCM', b'mikey')
    answer = oracle.from_text(respond(end, psk, offer, ['AEAD_AES_128_GCM'], ssrc=0x66)[1])
    error = oracle.from_text(respond(end, psk, offer, ['AEAD_AES_128_GCM'])[1])
    seen = dissect.mikey([m.octets for m in (message, update, answer, error)])
    for fields, sent in zip(seen, (message, update, answer, error)):
        dissect.compare(fields, sent)
    equal([int(x, 16) for x in seen[0]['mikey.srtp_id.ssrc']], ssrcs, 'SSRCs')


if __name__ == '__main__':
    run(peer)
