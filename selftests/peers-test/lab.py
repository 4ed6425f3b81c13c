# SPDX-License-Identifier: GPL-2.0
"""What the tests of the SIP peers share: a core with UEs right behind it, no P-CSCF between."""
import asyncio
import contextlib
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))

from peers.sip.ladder import Ladder
from peers.sip.scenario import subscriber
from peers.sip.scscf import Scscf
from peers.sip.transport import client_context, server_context
from peers.sip.ue import Ue

SECONDS = 25


def bounded(coroutine, seconds=SECONDS):
    """Runs a coroutine to its end, within seconds."""
    async def inner():
        async with asyncio.timeout(seconds):
            return await coroutine
    return asyncio.run(inner())


class Lab:
    """A core on loopback and the UEs that were asked for, closed at the end."""

    def __init__(self, kind='udp', tls=None, send_keys=False, allow_e2e=True, t1=0.5, **registrar):
        self.kind, self.tls, self.ladder, self.t1 = kind, tls, Ladder(), t1
        more = {'tls_server': tls.server(), 'tls_client': tls.client()} if tls else {}
        self.core = Scscf(t1=t1, ladder=self.ladder, allow_e2e=allow_e2e,
                          registrar={'send_keys': send_keys, **registrar}, **more)
        self.ues, self.accounts = [], {}

    async def __aenter__(self):
        await self.core.start(self.kind)
        return self

    async def __aexit__(self, kind, _value, _trace):
        try:
            if not kind:
                for one in (self.core, *self.ues):
                    one.check()
        finally:
            if kind:
                print(*(f'# {line}' for line in self.ladder.text().splitlines()), sep='\n')
            for one in (*self.ues, self.core):
                await one.close()

    async def ue(self, name, who=None, account=True, **more):
        """A UE that is started and has an account."""
        who = who or subscriber(name)
        if account and name not in self.accounts:
            self.accounts[name] = self.core.registrar.add(who)
        if self.tls:
            more['tls_client'] = self.tls.client()
        more = {'security_client': (), 't1': self.t1, **more}
        one = Ue(name, who, (*self.core.addresses[self.kind], self.kind), ladder=self.ladder, **more)
        self.ues.append(one)
        await one.start()
        return one

    async def pair(self, **more):
        """Alice and Bob, registered."""
        both = [await self.ue(name, **more) for name in ('alice', 'bob')]
        for one in both:
            await one.register()
        return both


class Certificates:
    """A certificate for 127.0.0.1 that lives as long as the tests."""

    def __init__(self, folder):
        self.certificate, self.key = (os.path.join(folder, name) for name in ('cert.pem', 'key.pem'))
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256',
                        '-nodes', '-days', '2', '-subj', '/CN=core', '-addext', 'subjectAltName=IP:127.0.0.1',
                        '-keyout', self.key, '-out', self.certificate],
                       check=True, capture_output=True, timeout=20)

    def server(self):
        """An SSL context."""
        return server_context(self.certificate, self.key)

    def client(self):
        """An SSL context."""
        return client_context(self.certificate, check_name=True)


@contextlib.contextmanager
def certificates():
    """Certificates in a folder of their own."""
    with tempfile.TemporaryDirectory(prefix='e2ae-') as folder:
        yield Certificates(folder)
