#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The peers' cryptography against known answers: Milenage, AKA, Digest, KDF, MIKEY, SDES."""
import os

import lab     # noqa: F401, finds the modules
from lib.ktap import equal, run, test
from peers.sip import aka, kdf, mikey, mikeymsg, sdes
from peers.sip.milenage import Milenage, opc_of
from peers.suites import ENCRYPTING

CALL = ('cb03a0s09a2sdfglkj490333', '171828', 1)
PSK = bytes(range(16))
HERE = os.path.dirname(os.path.abspath(__file__))
MILENAGE = os.path.join(HERE, 'vectors', 'milenage.txt')
KDF, MIKEY = (os.path.join(HERE, '..', 'vectors', name) for name in ('kdf.txt', 'mikey.txt'))


def lines(path):
    """The words of each line of a vector file."""
    with open(path, encoding='ascii') as f:
        return [line.split() for line in f if line.strip() and not line.startswith('#')]


def mikey_vectors():
    """Values of mikey.txt by name, octets."""
    return {row[0]: bytes.fromhex(row[1]) for row in lines(MIKEY) if len(row) == 2 and row[0] != 'base64'}


def refused(kind, function, *args):
    """Asserts that a call raises; returns what it raised."""
    try:
        function(*args)
    except kind as error:
        return error
    raise AssertionError(f'{function.__name__} accepts it')


@test('Milenage computes f1 to f5* of four test sets of TS 35.208')
def milenage(_):
    rows = lines(MILENAGE)
    equal(len(rows), 4, 'test sets')
    for row in rows:
        k, rand, sqn, amf, op, opc, *want = (bytes.fromhex(word) for word in row)
        equal(opc_of(k, op), opc, 'OPc')
        functions = Milenage(k, opc)
        keys = functions.keys(rand)
        equal([*functions.macs(rand, sqn, amf), keys.res, keys.ck, keys.ik, keys.ak, keys.ak_resync],
              want, 'f1 to f5*')


@test('an ISIM answers its home network, and refuses a changed or repeated challenge')
def aka_both(_):
    k, opc = os.urandom(16), os.urandom(16)
    home, isim = aka.Home(k, opc, sqn=41), aka.Isim(k, opc, sqn=41)
    vector = home.challenge()
    equal(isim.answer(vector.rand, vector.autn), (vector.xres, vector.ck, vector.ik), 'answer')
    equal(isim.sqn, 42, 'SQN')
    for at in range(16):
        bad = bytearray(home.challenge().autn)
        bad[at] ^= 1
        refused(aka.AkaError, isim.answer, vector.rand, bytes(bad))
    refused(aka.OutOfStep, isim.answer, vector.rand, vector.autn)


@test('AUTS brings a home network back into step, and a changed AUTS does not')
def resynchronise(_):
    k, opc = os.urandom(16), os.urandom(16)
    home, isim = aka.Home(k, opc, sqn=5), aka.Isim(k, opc, sqn=1000)
    vector = home.challenge()
    step = refused(aka.OutOfStep, isim.answer, vector.rand, vector.autn)
    auts = aka.parse_auts(aka.auts_text(step.auts))
    refused(aka.BadMac, home.resynchronise, vector.rand, auts[:-1] + bytes([auts[-1] ^ 1]))
    equal(home.sqn, 6, 'SQN after a forged AUTS')
    home.resynchronise(vector.rand, auts)
    equal(home.sqn, 1000, 'SQN')
    after = home.challenge()
    equal(isim.answer(after.rand, after.autn)[0], after.xres, 'answer')


@test('Digest computes the example of RFC 2617, and AKA hands RAND and AUTN over in the nonce')
def digest(_):
    auth = {'username': 'Mufasa', 'realm': 'testrealm@host.com', 'uri': '/dir/index.html', 'qop': 'auth',
            'nonce': 'dcd98b7102dd2f0e8b11d0f600bfb0c093', 'nc': '00000001', 'cnonce': '0a4f113b'}
    equal(aka.digest(b'Circle Of Life', 'GET', auth), '6629fae49393a05397450978507c4ef1', 'response')
    vector = aka.Home(os.urandom(16), os.urandom(16)).challenge()
    equal(aka.parse_nonce(aka.nonce_of(vector, b'server')), (vector.rand, vector.autn), 'nonce')
    refused(aka.AkaError, aka.parse_nonce, 'AAAA')
    refused(aka.AkaError, aka.password, 'MD5', b'', b'', b'')
    one, two = (aka.password(f'AKAv{n}-MD5', *vector[2:]) for n in (1, 2))
    equal((one, len(two)), (vector.xres, 24), 'passwords')


@test('the key derivation gives every known answer')
def derivation(_):
    k, rand, _, _, _, opc = (bytes.fromhex(word) for word in lines(MILENAGE)[0][:6])
    keys, rows = Milenage(k, opc).keys(rand), lines(KDF)
    master = kdf.k_mm(keys.ck, keys.ik, 'alice_private@home1.net', rand, 'pcscf1.visited1.net')
    equal(master.hex(), rows[0][1], 'K_mm')
    for _, role, what, *more in rows[1:]:
        line = kdf.Line(master, *CALL, int(role))
        got = {'mikey': line.mikey, 'key': line.key_id,
               'tls13': lambda: line.tls(kdf.TLS13, int(more[1])),
               'tls12': lambda: line.tls(kdf.TLS12, int(more[1]))}[what]()
        equal(got if what == 'key' else got.hex(), more[-1], f'role {role} {what} {more[:-1]}')
    equal(len(rows), 13, 'known answers')


@test('the PRF of MIKEY gives every known answer, keys around 32 octets too')
def mikey_prf(_):
    rows = [row for row in lines(MIKEY) if row[0] == 'prf']
    equal([int(row[1]) for row in rows], [16, 20, 31, 32, 33, 64], 'sizes')
    for _, size, want in rows:
        equal(mikey.prf(bytes(range(int(size))), b'label', 40).hex(), want, f'key of {size} octets')


@test('MIKEY reads the known I_MESSAGE, writes it again and answers with the known R_MESSAGE')
def mikey_known(_):
    want = mikey_vectors()
    message = mikeymsg.decode(want['I_MESSAGE'])
    equal(mikeymsg.encode(message), want['I_MESSAGE'], 'I_MESSAGE')
    responder = mikey.Responder(PSK, 'sip:pcscf.ims.example', skew=1 << 40)
    keys = responder.take(want['I_MESSAGE'])
    bundle = responder.bundle
    equal((bundle.message_keys.encryption, bundle.message_keys.salt, bundle.message_keys.authentication),
          (want['ke'], want['ks'], want['ka']), 'keys of the messages')
    equal(mikeymsg.encode_keys([bundle.key]), want['kd'], 'key data')
    for row, got in zip([r for r in lines(MIKEY) if r[0] == 'cs'], keys, strict=True):
        equal((got.key.hex(), got.salt.hex()), (row[3], row[5]), f'crypto session {row[1]}')
    equal(responder.reply(), want['R_MESSAGE'], 'R_MESSAGE')
    equal(mikey.policy_of('AES_CM_128_HMAC_SHA1_80'),
          mikeymsg.decode_policy(message.need(mikeymsg.SP).data), 'policy')


def ends(suite='AES_CM_128_HMAC_SHA1_80', skew=0, **more):
    """An initiator and a responder that know each other."""
    psk = os.urandom(32)
    return (mikey.Initiator(psk, 'sip:a@x.example', 'k@y.example', suite, (0x1111,), skew=skew, **more),
            mikey.Responder(psk, 'k@y.example', (0x2222,)))


@test('both ends of MIKEY agree on the keys of every suite, first and after an update')
def mikey_agree(_):
    for suite in ENCRYPTING:
        initiator, responder = ends(suite)
        first = responder.take(initiator.offer())
        equal(initiator.finish(responder.reply()), first, suite)
        equal([k.ssrc for k in first], [0x1111, 0x2222], 'SSRCs')
        assert first[0].suite == suite and first[0].key != first[1].key, suite
        equal(responder.take(initiator.offer(rekey=False)), first, 'keys after an update without keys')
        second = responder.take(initiator.offer())
        equal(initiator.finish(responder.reply()), second, suite)
        assert second[0].key != first[0].key, 'the key did not change'


@test('MIKEY refuses every changed octet, a replay, a wrong clock, identity, list of protocols and PSK')
def mikey_refuses(_):
    initiator, responder = ends()
    message = initiator.offer()
    for at in range(len(message)):
        bad = message[:at] + bytes([message[at] ^ 0x10]) + message[at + 1:]
        refused((mikey.MikeyError, mikeymsg.Malformed), responder.take, bad)
    responder.take(message)
    equal(refused(mikey.MikeyError, responder.take, message).number, mikey.INVALID_TS, 'replay')
    answer = responder.reply()
    for at in range(len(answer)):
        bad = answer[:at] + bytes([answer[at] ^ 0x10]) + answer[at + 1:]
        refused((mikey.MikeyError, mikeymsg.Malformed), initiator.finish, bad)
    initiator.finish(answer)
    for more in ({'skew': -301}, {'skew': 310}, {'protocols': ''}, {'protocols': 'mikey;other'}):
        one, other = ends(**more)
        refused(mikey.MikeyError, other.take, one.offer())
    one, _ = ends()
    refused(mikey.MikeyError, mikey.Responder(os.urandom(32), 'k@y.example').take, one.offer())
    refused(mikey.MikeyError, mikey.Responder(one.bundle.psk, 'other@y.example').take, one.offer())


@test('an error message of MIKEY reaches the initiator with its number')
def mikey_error(_):
    initiator, _ = ends()
    error = mikey.error_message(initiator.offer(), mikey.INVALID_SP)
    equal(refused(mikey.MikeyError, initiator.finish, error).number, mikey.INVALID_SP, 'error')


@test('a salt, an MKI and a TEK in the key data are taken as they are')
def key_data(_):
    want = [mikeymsg.KeyData(b'k' * 16, b's' * 14, b'mki1'), mikeymsg.KeyData(b't' * 32, is_tek=True)]
    equal(mikeymsg.decode_keys(mikeymsg.encode_keys(want)), want, 'key data')
    bundle = mikey.Bundle(PSK, 1, bytes(16))
    bundle.key, bundle.suite = want[0], 'AES_CM_128_HMAC_SHA1_80'
    bundle.streams = [mikeymsg.Stream(), mikeymsg.Stream()]
    for one in bundle.session_keys():
        equal((one.salt, one.mki), (b's' * 14, b'mki1'), 'salt and MKI')


@test('a=crypto is read as it was written, without padding too, and refused where it is broken')
def sdes_lines(_):
    for suite in ENCRYPTING:
        one = sdes.fresh(3, suite, b'\1\2')
        equal(sdes.parse(one.text()), one, suite)
        equal(sdes.parse(one.text().replace('=', '')), one, suite)
    known = sdes.parse('1 AES_CM_128_HMAC_SHA1_80 '
                       'inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj|2^20|1:4')
    equal((known.lifetime, known.mki), ('2^20', b'\0\0\0\1'), 'the example of RFC 4568, 6.1')
    equal((known.key + known.salt).decode(), 'wDfvg&T+)xG7@fb5jU,RaA}\\|p0%*#', 'key')
    good = sdes.fresh(1, 'AES_CM_128_HMAC_SHA1_80').text()
    for bad in ('', good[:-8], good.replace('AES_CM', 'AES_CX'), good + '|1:4:4', good + ' KDX',
                good.replace('inline:', 'outline:'), good + ';inline:AAAA', 'x' + good):
        refused(ValueError, sdes.parse, bad)


if __name__ == '__main__':
    run()
