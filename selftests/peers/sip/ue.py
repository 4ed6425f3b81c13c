# SPDX-License-Identifier: GPL-2.0
"""A UE: registers with AKA, makes and takes calls, sends and records media.

    alice = Ue('alice', subscriber, proxy=('10.0.0.1', 5060, 'udp'))
    await alice.start()
    await alice.register()
    call = await alice.invite('sip:bob@home1.net', Situation(SDES))
    await call.answered()
"""
import asyncio
import contextlib
from collections import namedtuple

from peers.sip import aka, kdf, mikey
from peers.sip.calls import IncomingCall, OutgoingCall, new_invite
from peers.sip.endpoint import Endpoint, token
from peers.sip.registration import CAPABILITIES, Registration
from peers.sip.sipmsg import Address, Message
from peers.sip.situation import Keyring, Situation

Subscriber = namedtuple('Subscriber', 'impi impus k opc', defaults=(b'', b''))


class Ue(Endpoint):
    """One UE.

    proxy: (address, port, transport) of its P-CSCF. edge_route: a Route in front of the
    Service-Route, None if the proxy itself is there. exporter: K_mm from TLS where no AKA ran.
    """

    ALLOW = 'INVITE, ACK, CANCEL, BYE, PRACK, UPDATE, OPTIONS, NOTIFY, MESSAGE'

    def __init__(self, name, subscriber, proxy, host='127.0.0.1', home='home1.net', situation=None,
                 security_client=CAPABILITIES, edge_route=None, exporter=False, fqdn=None, **more):
        super().__init__(name, host, **more)
        self.impi, self.impu, self.home = subscriber.impi, subscriber.impus[0], home
        self.isim = aka.Isim(subscriber.k, subscriber.opc)
        self.password = subscriber.k.hex().encode()     # where Digest runs without AKA
        self.proxy, self.edge_route, self.exporter = proxy, edge_route, exporter
        self.situation = situation or Situation()
        self.registration = Registration(self, security_client, fqdn)
        self.replay_cache = mikey.ReplayCache()
        self.keyring = None             # one for all calls, instead of what registration gives
        self.calls, self.old_calls, self.notifies = {}, [], []
        self.flow, self.features = None, ''
        self._waiting = asyncio.Queue()

    async def start(self, port=0):
        """Opens its sockets and its way to the proxy."""
        kind = self.proxy[2]
        if self.exporter:
            self.keep_exporter_secrets()
        if kind != 'tls':
            await self.listen(kind, port)
        self.flow = await self.flow_to(*self.proxy)

    async def close(self):
        """Closes sockets and media."""
        for call in [*self.calls.values(), *self.old_calls]:
            call.media.close()
        await super().close()

    # Registration.

    async def register(self, expires=600):
        """Registers or refreshes; returns the 200."""
        return await self.registration.run(expires)

    async def deregister(self):
        """Ends the registration."""
        return await self.registration.run(0)

    async def subscribe_reg(self, expires=600):
        """Asks for the state of its own registration (RFC 3680)."""
        out = Message('SUBSCRIBE', self.impu)
        for name, value in (('Max-Forwards', 70), ('From', f'<{self.impu}>;tag={token()}'),
                            ('To', f'<{self.impu}>'), ('Call-ID', token()), ('CSeq', '1 SUBSCRIBE'),
                            ('Event', 'reg'), ('Accept', 'application/reginfo+xml'), ('Expires', expires)):
            out.add(name, value)
        for route in self.initial_routes():
            out.add('Route', route)
        return await self.ask_proxy(self.dress(out))

    async def notified(self, count, seconds=5):
        """Waits until so many NOTIFYs came."""
        async with asyncio.timeout(seconds):
            while len(self.notifies) < count:
                await asyncio.sleep(0.01)

    # Calls.

    async def invite(self, target, situation=None, with_offer=True, headers=()):
        """Sends an INVITE; returns the OutgoingCall."""
        request = new_invite(self, target)
        keyring = self._keyring(request, kdf.UE_CALLS)
        call = OutgoingCall(self, situation or self.situation, keyring)
        self.calls[request.call_id, request.from_tag] = call
        await call.start(request, with_offer, headers)
        return call

    async def incoming(self, seconds=10):
        """The next call that comes."""
        return await asyncio.wait_for(self._waiting.get(), seconds)

    def _keyring(self, request, role):
        if self.keyring:
            return self.keyring
        return Keyring(self.registration.generations, self.impu, self.registration.edge(),
                       request.call_id, request.from_tag, role)

    def forget(self, call):
        """A call is over; its media stay until the UE closes."""
        for key, one in list(self.calls.items()):
            if one is call:
                del self.calls[key]
                self.old_calls.append(call)

    # Requests.

    def contact_uri(self):
        """Our contact's URI."""
        host, port = self.addresses.get(self.flow.kind) or self.flow.local
        host = f'[{host}]' if ':' in host else host
        transport = '' if self.flow.kind == 'udp' else f';transport={self.flow.kind}'
        return f'sip:{self.impi.partition("@")[0]}@{host}:{port}{transport}'

    def contact(self):
        """Our Contact field."""
        return f'<{self.contact_uri()}>{self.features}'

    def initial_routes(self):
        """The Route set of a request outside dialogs."""
        edge = [self.edge_route] if self.edge_route else []
        return edge + self.registration.service_route

    def dress(self, message):
        """Contact and sec-agree's fields, which every request carries."""
        if message.method in ('INVITE', 'UPDATE', 'SUBSCRIBE'):
            message.set('Contact', self.contact())
            message.set('Allow', self.ALLOW)
        if message.method not in ('ACK', 'CANCEL'):
            self.registration.add_security(message)
        return message

    async def _way(self):
        if not self.flow.open:
            self.flow = await self.flow_to(*self.proxy)
        return self.flow

    async def send_proxy(self, message, on_response=None):
        """Starts a transaction with the proxy."""
        return self.send(message, await self._way(), on_response)

    async def ask_proxy(self, message):
        """Sends a request to the proxy; returns the final response."""
        return await self.ask(message, await self._way())

    # What comes.

    def handle(self, transaction):
        """A new request."""
        request = transaction.request
        if request.method == 'NOTIFY':
            self.notifies.append(request)
            transaction.reply(200)
        elif request.to_tag:
            self._inside(transaction)
        elif request.method == 'INVITE':
            self._called(transaction)
        elif request.method in ('OPTIONS', 'MESSAGE'):
            transaction.reply(200, headers=[('Allow', self.ALLOW)])
        else:
            transaction.reply(481 if request.method in ('BYE', 'PRACK', 'UPDATE') else 501)

    def _inside(self, transaction):
        call = self.calls.get((transaction.request.call_id, transaction.request.to_tag))
        if call:
            call.handle(transaction)
        else:
            transaction.reply(481)

    def _called(self, transaction):
        transaction.reply(100)
        request = transaction.request
        call = IncomingCall(self, self.situation, self._keyring(request, kdf.UE_CALLED), transaction)
        self.calls[request.call_id, transaction.tag] = call
        self._waiting.put_nowait(call)

    def handle_ack(self, message, flow):
        """The ACK of a 2xx."""
        call = self.calls.get((message.call_id, message.to_tag))
        if call:
            call.handle_ack(message)

    def aor(self):
        """Our address of record."""
        return Address.parse(f'<{self.impu}>').uri.aor()


@contextlib.asynccontextmanager
async def running(*ues):
    """Starts and registers UEs; de-registers none, closes all and checks them."""
    try:
        for ue in ues:
            await ue.start()
            await ue.register()
        yield ues
        for ue in ues:
            ue.check()
    finally:
        for ue in ues:
            await ue.close()
