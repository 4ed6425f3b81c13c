# SPDX-License-Identifier: GPL-2.0
"""Transactions on top of the transport: both client and both server ones (RFC 3261, 17)."""
import asyncio
import os

from peers.sip import sipmsg
from peers.sip.transport import FlowError, Transport

T1, T2 = 0.5, 4.0
MAGIC = 'z9hG4bK'


def token(octets=8):
    """A random token for tags, branches and Call-IDs."""
    return os.urandom(octets).hex()


class ClientTransaction:
    """A request on its way; every response goes to `on_response`, also ones that are repeated."""

    def __init__(self, endpoint, request, flow, on_response):
        self.endpoint, self.request, self.flow = endpoint, request, flow
        self.on_response, self.final, self.provisional = on_response, None, False
        self.done = asyncio.get_running_loop().create_future()

    @property
    def key(self):
        """What responses are matched by (17.1.3)."""
        return self.request.via.params['branch'], self.request.method

    def start(self):
        """Sends the request."""
        self.endpoint.clients[self.key] = self
        self.endpoint.spawn(self._run())

    async def _run(self):
        wait, left = self.endpoint.t1, 64 * self.endpoint.t1
        try:
            self.flow.send(self.request)
            while not self.done.done() and left > 0:
                if self.request.method == 'INVITE' and self.provisional:
                    break
                step = wait if not self.flow.reliable else left
                await asyncio.wait({self.done}, timeout=min(step, left))
                left -= step
                if not self.done.done() and not self.flow.reliable and left > 0 and not (
                        self.request.method == 'INVITE' and self.provisional):
                    self.flow.send(self.request)
                wait = min(2 * wait, T2) if self.request.method != 'INVITE' else 2 * wait
        except FlowError:
            self._fail(503)
            return
        if not self.done.done() and not self.provisional:
            self._fail(408)

    def _fail(self, status):
        response = sipmsg.response_to(self.request, status, tag='local')
        response.local = True
        self._settle(response)
        self.on_response(response)

    def _settle(self, response):
        if not self.done.done():
            self.final = response
            self.done.set_result(response)
            asyncio.get_running_loop().call_later(64 * self.endpoint.t1,
                                                  self.endpoint.clients.pop, self.key, None)

    def received(self, response):
        """A response came."""
        if response.status < 200:
            self.provisional = True
        else:
            self._settle(response)
            if self.request.method == 'INVITE' and response.status >= 300:
                self.flow.send(self._ack(response))
        self.on_response(response)

    def _ack(self, response):
        """The ACK of a refusal (17.1.1.3)."""
        ack = sipmsg.Message('ACK', self.request.uri)
        for name in ('Max-Forwards', 'From', 'Call-ID', 'Route'):
            for value in self.request.all(name):
                ack.add(name, value)
        ack.push('Via', self.request.list('Via')[0])
        ack.add('To', response.get('To'))
        ack.add('CSeq', f'{self.request.cseq[0]} ACK')
        return ack

    def cancel(self):
        """Sends CANCEL (9.1)."""
        cancel = sipmsg.Message('CANCEL', self.request.uri)
        cancel.add('Via', self.request.list('Via')[0])
        for name in ('Max-Forwards', 'From', 'To', 'Call-ID', 'Route'):
            for value in self.request.all(name):
                cancel.add(name, value)
        cancel.add('CSeq', f'{self.request.cseq[0]} CANCEL')
        ClientTransaction(self.endpoint, cancel, self.flow, lambda _: None).start()


class ServerTransaction:
    """A request that came; respond() answers it, and again whenever it is repeated."""

    def __init__(self, endpoint, request, flow):
        self.endpoint, self.request, self.flow = endpoint, request, flow
        self.last, self.acknowledged = None, asyncio.Event()
        self.on_cancel, self.tag = None, token()

    def respond(self, response):
        """Sends a response."""
        self.last = response
        self.flow.send(response)
        if response.status >= 200:
            if self.request.method == 'INVITE' and response.status >= 300 and not self.flow.reliable:
                self.endpoint.spawn(self._repeat())
            self.endpoint.forget_later(self)

    def reply(self, status, reason=None, headers=()):
        """Sends a response without a body; returns it."""
        response = sipmsg.response_to(self.request, status, reason, self.tag if status > 100 else None)
        for name, value in headers:
            response.add(name, value)
        self.respond(response)
        return response

    async def _repeat(self):
        await self.endpoint.repeat(lambda: self.flow.send(self.last), self.acknowledged)

    def again(self):
        """The request was repeated."""
        if self.last:
            self.flow.send(self.last)


class Endpoint(Transport):
    """A party with transactions. Subclasses answer requests in handle() and ACKs in handle_ack()."""

    def __init__(self, party, host, t1=T1, **more):
        super().__init__(party, host, **more)
        self.t1, self.clients, self.servers = t1, {}, {}

    def handle(self, transaction):
        """A new request."""
        raise NotImplementedError

    def handle_ack(self, message, flow):
        """The ACK of a 2xx."""

    def handle_stray(self, response):
        """A response without transaction."""

    # Receiving.

    def received(self, message, flow):
        """Matches a message with its transaction."""
        if message.status:
            found = self.clients.get((message.via.params.get('branch'), message.cseq[1]))
            return found.received(message) if found else self.handle_stray(message)
        return self._request(message, flow)

    def _request(self, message, flow):
        via = message.via
        method = 'INVITE' if message.method == 'ACK' else message.method
        key = via.params.get('branch'), via.host, via.port, method
        known = self.servers.get(key)
        if message.method == 'ACK':
            if known and known.last and known.last.status >= 300:
                known.acknowledged.set()
            else:
                self.handle_ack(message, flow)
        elif known:
            known.again()
        else:
            self._mark(message, flow)
            self.servers[key] = transaction = ServerTransaction(self, message, flow)
            transaction.key = key
            if message.method == 'CANCEL':
                self._cancelled(transaction)
            else:
                self.handle(transaction)

    def _mark(self, message, flow):
        """received and rport (18.2.1, RFC 3581)."""
        top, *rest = message.list('Via')
        via = sipmsg.Via.parse(top)
        if via.host.strip('[]') != flow.remote[0] or 'rport' in via.params:
            via.params['received'] = flow.remote[0]
        if 'rport' in via.params:
            via.params['rport'] = str(flow.remote[1])
        message.replace('Via', [via, *rest])

    def _cancelled(self, transaction):
        invite = self.servers.get((*transaction.key[:3], 'INVITE'))
        transaction.reply(200 if invite else 481)
        if invite and (not invite.last or invite.last.status < 200):
            if invite.on_cancel:
                invite.on_cancel()

    def forget_later(self, transaction):
        """Drops a finished server transaction once it cannot be repeated any more."""
        asyncio.get_running_loop().call_later(64 * self.t1, self.servers.pop, transaction.key, None)

    # Sending.

    def via(self, flow, branch=None):
        """A Via for what leaves on a flow."""
        host, port = self.addresses.get(flow.kind) or flow.local
        host = f'[{host}]' if ':' in host else host
        return f'SIP/2.0/{flow.kind.upper()} {host}:{port};branch={branch or MAGIC + token()};rport'

    def send(self, request, flow, on_response=None):
        """Starts a client transaction; a Via is put on top."""
        request.push('Via', self.via(flow))
        transaction = ClientTransaction(self, request, flow, on_response or (lambda _: None))
        transaction.start()
        return transaction

    async def ask(self, request, flow, timeout=None):
        """Sends a request that is no INVITE; returns its final response."""
        async with asyncio.timeout(timeout or 64 * self.t1 + 1):
            return await self.send(request, flow).done

    async def repeat(self, send, until):
        """Repeats something with timer G's steps (17.2.1) until an event, 64 * T1 at most."""
        wait, left = self.t1, 64 * self.t1
        while left > 0:
            try:
                await asyncio.wait_for(until.wait(), wait)
                return True
            except TimeoutError:
                left -= wait
                wait = min(2 * wait, T2)
                send()
        return False
