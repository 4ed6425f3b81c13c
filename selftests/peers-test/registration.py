#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A UE registers with the S-CSCF stand-in: AKA, resynchronisation, re- and de-registration, reg-event."""
import asyncio
import socket

from lab import Lab, bounded, certificates
from lib.ktap import equal, run, test
from peers.sip import kdf, sipmsg
from peers.sip.registration import CAPABILITIES, RegistrationFailed
from peers.sip.scenario import subscriber
from peers.sip.scscf import settle
from peers.sip.transport import closing
from peers.sip.ue import Ue


def registers_over(kind, tls=None):
    async def work():
        async with Lab(kind, tls) as lab:
            ue = await lab.ue('alice')
            response = await ue.register(300)
            equal([m.status for m in ue.registration.responses], [401, 200], 'responses')
            own = ue.registration.own_contact(response)
            equal(own.params['expires'], '300', 'expires')
            equal(ue.registration.service_route, [f'<{lab.core.own_uri("orig")}>'], 'Service-Route')
            equal(ue.registration.associated, ['sip:alice@home1.net'], 'P-Associated-URI')
            equal(len(lab.accounts['alice'].live()), 1, 'bindings')
            lab.core.inspector.assert_clean()
    bounded(work())


for transport in ('udp', 'tcp'):
    test(f'a UE registers with AKA over {transport.upper()}')(
        lambda _, transport=transport: registers_over(transport))


@test('a UE registers with AKA over TLS')
def tls_registration(tls):
    registers_over('tls', tls)


@test('both sides derive the same K_mm, a new one at each challenge')
def k_mm(_):
    async def work():
        async with Lab() as lab:
            ue = await lab.ue('alice', fqdn='pcscf.example')
            account = lab.accounts['alice']
            made = []
            vectors = account.home.challenge

            def watched(*args, **more):
                made.append(vectors(*args, **more))
                return made[-1]
            account.home.challenge = watched
            for _ in range(3):
                await ue.register()
            want = [kdf.k_mm(v.ck, v.ik, ue.impi, v.rand, 'pcscf.example') for v in reversed(made)]
            equal(ue.registration.generations, want[:2], 'K_mm')
            assert want[0] != want[1], 'the same key twice'
    bounded(work())


@test('a UE whose SQN is ahead resynchronises and registers')
def resync(_):
    async def work():
        async with Lab() as lab:
            ue = await lab.ue('alice')
            ue.isim.sqn = 5000
            await ue.register()
            equal([m.status for m in ue.registration.responses], [401, 401, 200], 'responses')
            auts = [sipmsg.parse_auth(m.get('Authorization'))[1].get('auts') for m in lab.core.seen('REGISTER')]
            equal([bool(a) for a in auts], [False, True, False], 'AUTS')
            equal(lab.accounts['alice'].home.sqn, 5001, 'SQN at home')
    bounded(work())


@test('a UE with the wrong key refuses the challenge, and an impostor is refused')
def wrong_key(_):
    async def work():
        async with Lab() as lab:
            ue = await lab.ue('alice')
            lab.accounts['alice'].home = lab.core.registrar.add(subscriber('other')).home
            await fails(ue, 'forged')
            lab.core.registrar.accounts.clear()
            await fails(ue, '403')
        async with Lab() as lab:
            ue = await lab.ue('alice')
            answer = ue.isim.answer
            ue.isim.answer = lambda *args: (b'12345678', *answer(*args)[1:])
            await fails(ue, '403')
            equal(lab.core.registrar.failures, ['wrong response'], 'failures')
            assert not lab.accounts['alice'].live() and not ue.registration.generations
    bounded(work())


async def fails(ue, why):
    """Asserts that a registration fails, and why."""
    try:
        await ue.register()
    except RegistrationFailed as error:
        assert why in str(error), error
        return
    raise AssertionError('the registration went through')


@test('AKAv2 and qop auth work as well')
def variants(_):
    async def work():
        async with Lab(qop='auth') as lab:
            ue = await lab.ue('alice')
            lab.accounts['alice'].algorithm = 'AKAv2-MD5'
            await ue.register()
            _, given = sipmsg.parse_auth(lab.core.seen('REGISTER')[-1].get('Authorization'))
            equal((given['algorithm'], given['qop'], given['nc']), ('AKAv2-MD5', 'auth', '00000001'), 'directives')
    bounded(work())


@test('an interval that is too brief is corrected, and an old binding expires')
def intervals(_):
    async def work():
        async with Lab(min_expires=2) as lab:
            ue = await lab.ue('alice')
            await ue.register(1)
            equal([m.status for m in ue.registration.responses][-1], 200, 'response')
            assert 423 in [m.status for m in ue.registration.responses], 'no 423'
            equal(len(lab.accounts['alice'].live()), 1, 'bindings')
            await settle(2.1)
            equal(len(lab.accounts['alice'].live()), 0, 'bindings after their time')
    bounded(work())


@test('a re-registration keeps one binding, and one that the edge vouches for is not challenged')
def again(_):
    async def work():
        async with Lab(challenge='unprotected') as lab:
            ue = await lab.ue('alice')
            await ue.register()
            await ue.register()
            equal([m.status for m in ue.registration.responses], [401, 200, 401, 200], 'responses')
            vouch_for(ue)
            await ue.register()
            equal([m.status for m in ue.registration.responses][4:], [200], 'responses')
            equal(len(lab.accounts['alice'].live()), 1, 'bindings')
            equal(lab.core.registrar.integrity, [None] * 4 + ['yes'], 'integrity-protected')
            equal(len(ue.registration.generations), 2, 'generations of K_mm')
    bounded(work())


def vouch_for(ue):
    """Puts what a P-CSCF says of a protected REGISTER into the UE's own."""
    make = ue.registration._authorization
    ue.registration._authorization = lambda uri: make(uri) + ', integrity-protected="yes"'


@test('a de-registration and one by the network reach those who watch')
def events(_):
    async def work():
        async with Lab() as lab:
            ue = await lab.ue('alice')
            await ue.register()
            equal((await ue.subscribe_reg()).status, 200, 'SUBSCRIBE')
            await ue.notified(1)
            lab.core.registrar.deregister(lab.accounts['alice'])
            await ue.notified(2)
            await ue.register()
            await ue.notified(3)
            await ue.deregister()
            await ue.notified(4)
            equal([m.get('Subscription-State').partition(';')[0] for m in ue.notifies],
                  ['active', 'terminated', 'active', 'terminated'], 'states')
            assert b'event="deactivated"' in ue.notifies[1].body, 'no reason'
            equal(lab.accounts['alice'].live(), [], 'bindings')
    bounded(work())


@test('ck and ik that reach a UE, and mediasec that reaches the core, are noticed')
def noticed(_):
    async def work():
        async with Lab(send_keys=True) as lab:
            ue = await lab.ue('alice', security_client=CAPABILITIES)
            await ue.register()
            equal(ue.registration.leaks, ['ck in a 401', 'ik in a 401'], 'leaks')
            found = lab.core.inspector.whats()
            equal(found, {'mediasec in Security-Client', 'the option-tag mediasec in Require',
                          'the option-tag mediasec in Proxy-Require'}, 'findings')
    bounded(work())


@test('a REGISTER that nobody answers ends with 408, and one to a closed port with 503')
def nobody(_):
    async def work():
        async with Lab() as lab:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
                deaf.bind(('127.0.0.1', 0))
                ue = await lab.ue('alice', t1=0.02)
                ue.flow = await ue.flow_to(*deaf.getsockname(), 'udp')
                await fails(ue, '408')
                sent = [r for r in lab.ladder.rungs if r.party == 'alice' and r.out]
                assert len(sent) > 5, f'sent only {len(sent)} times'
        async with Lab('tcp') as lab:
            ue = await lab.ue('alice')
            ue.flow.open = False
            try:
                ue.proxy = ('127.0.0.1', 1, 'tcp')
                await ue.register()
            except OSError:
                return
            raise AssertionError('a closed port was reached')
    bounded(work())


@test('the TLS exporter gives what OpenSSL itself exports')
def exporter(tls):
    label = kdf.EXPORTER.decode()
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        port = probe.getsockname()[1]

    async def work():
        server = await asyncio.create_subprocess_exec(
            'openssl', 's_server', '-accept', f'127.0.0.1:{port}', '-cert', tls.certificate, '-key', tls.key,
            '-tls1_3', '-keymatexport', label, '-keymatexportlen', '32', stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL)
        try:
            await line_with(server.stdout, b'ACCEPT')
            ue = Ue('alice', subscriber('alice'), ('127.0.0.1', port, 'tls'), exporter=True,
                    tls_client=tls.client())
            async with closing(ue):
                await ue.start()
                want = (await line_with(server.stdout, b'Keying material:')).split()[-1].decode()
                equal(ue.flow.exported(kdf.EXPORTER, b'').hex().upper(), want, 'keying material')
                assert ue.flow.exported(kdf.EXPORTER, b'impi').hex().upper() != want, 'no context in it'
        finally:
            server.kill()
            await server.wait()
    bounded(work())


async def line_with(stream, words):
    """The next line that has some words."""
    while line := await stream.readline():
        if words in line:
            return line
    raise AssertionError(f'openssl does not say {words}')


if __name__ == '__main__':
    run(certificates)
