# SPDX-License-Identifier: GPL-2.0
"""An S-CSCF stand-in: registrar and stateful proxy between the P-CSCFs of registered users.

    core = Scscf()
    await core.start('udp')
    core.registrar.add(subscriber)
"""
import asyncio

from peers.sip.endpoint import Endpoint
from peers.sip.inspect import Inspector
from peers.sip.registrar import Registrar
from peers.sip.sipmsg import Address, Uri, response_to
from peers.sip.transport import FlowError


class Scscf(Endpoint):
    """behaviour: by public identity a status that calls to it get instead of being routed; forks:
    by public identity the identities that ring instead; tamper: called with every message that is
    passed on, to change it. Everything that comes in is inspected.
    """

    def __init__(self, name='scscf', host='127.0.0.1', home='home1.net', allow_e2e=False,
                 registrar=None, **more):
        super().__init__(name, host, **more)
        self.home, self.inspector = home, Inspector(allow_e2e)
        self.registrar = Registrar(self, home, **(registrar or {}))
        self.behaviour, self.forks, self.requests = {}, {}, []
        self.kind, self.tamper = None, lambda message: None

    async def start(self, *kinds, port=0):
        """Listens; the first transport is the one that its URIs name."""
        self.kind = kinds[0]
        for kind in kinds:
            await self.listen(kind, port)

    def own_uri(self, user='scscf'):
        """Our URI for Record-Route, Service-Route and Contact."""
        host, port = self.addresses[self.kind]
        host = f'[{host}]' if ':' in host else host
        transport = '' if self.kind == 'udp' else f';transport={self.kind}'
        return f'sip:{user}@{host}:{port}{transport};lr'

    def _is_own(self, uri):
        return (uri.host.strip('[]'), uri.port) in self.addresses.values()

    def received(self, message, flow):
        """Inspects what came, then matches it."""
        self.inspector.look(message)
        super().received(message, flow)

    # Requests.

    def handle(self, transaction):
        """A new request."""
        request = transaction.request
        self.requests.append(request)
        if request.method == 'REGISTER':
            self.registrar.register(transaction)
        elif request.method == 'SUBSCRIBE' and not request.to_tag and (request.get('Event') or 'reg').startswith('reg'):
            self._pop_routes(request)
            self.registrar.subscribe(transaction)
        else:
            if request.method == 'INVITE':
                transaction.reply(100)
            self._route(transaction)

    def _pop_routes(self, request):
        """Takes our own Routes off; whether the caller's side of ours was asked for."""
        routes, served = request.list('Route'), False
        while routes and self._is_own(Address.parse(routes[0]).uri):
            served |= Address.parse(routes.pop(0)).uri.user == 'orig'
        request.replace('Route', routes)
        return served

    def _route(self, transaction):
        request = transaction.request.copy()
        hops = int(request.get('Max-Forwards', 70))
        if hops <= 0:
            transaction.reply(483)
            return
        request.set('Max-Forwards', hops - 1)
        served = self._pop_routes(request)
        if request.method == 'SUBSCRIBE' and not request.all('Route') and self._is_own(Uri.parse(request.uri)):
            transaction.reply(200, headers=[('Expires', request.get('Expires', 600)), ('Contact', f'<{self.own_uri()}>')])
        elif request.to_tag or request.all('Route'):
            Branches(self, transaction, [request])
        else:
            self._begin(transaction, request, served)

    def _begin(self, transaction, request, served):
        if served:
            self._assert_identity(request)
        status, targets = self._targets(Uri.parse(request.uri).aor())
        if status:
            transaction.reply(status)
        else:
            Branches(self, transaction, [self._towards(request, b) for b in targets])

    def _assert_identity(self, request):
        """P-Asserted-Identity of a caller (RFC 3325)."""
        preferred = request.get('P-Preferred-Identity') or f'<{Address.parse(request.get("From")).uri}>'
        request.remove('P-Preferred-Identity')
        if self.registrar.by_impu(Address.parse(preferred).uri.aor()):
            request.set('P-Asserted-Identity', preferred)

    def _targets(self, aor):
        """(status, bindings) for a public identity."""
        if aor in self.behaviour:
            return self.behaviour[aor], []
        accounts = [self.registrar.by_impu(one) for one in self.forks.get(aor, [aor])]
        if not any(accounts):
            return 404, []
        found = [b for account in accounts if account for b in account.live()]
        return (None, found) if found else (480, [])

    def _towards(self, request, binding):
        """The request as it goes to a binding, along its Path."""
        out = request.copy()
        out.set('P-Called-Party-ID', f'<{request.uri}>')
        out.uri = str(binding.contact.uri)
        out.replace('Route', binding.path)
        out.push('Record-Route', f'<{self.own_uri()}>')
        return out

    async def next_flow(self, message):
        """The flow to the next hop of a request (16.6, 6 and 7)."""
        routes = message.list('Route')
        uri = Address.parse(routes[0]).uri if routes else Uri.parse(message.uri)
        return await self.flow_to(*uri.address())

    async def send_on(self, message, on_response=None):
        """Sends a request to its next hop."""
        return self.send(message, await self.next_flow(message), on_response)

    def handle_ack(self, message, flow):
        """The ACK of a 2xx goes on without state."""
        request = message.copy()
        self._pop_routes(request)
        self.spawn(self._forward_ack(request))

    async def _forward_ack(self, request):
        flow = await self.next_flow(request)
        request.push('Via', self.via(flow))
        flow.send(request)

    def seen(self, method):
        """Requests of a method that came."""
        return [r for r in self.requests if r.method == method]


class Branches:
    """One request on its way to one or more targets (16.7): the response context."""

    def __init__(self, core, transaction, requests):
        self.core, self.transaction = core, transaction
        self.open, self.finals, self.cancelled, self.won = [], [], False, False
        self.left = len(requests)
        transaction.on_cancel = self.cancel
        for request in requests:
            core.spawn(self._start(request))

    async def _start(self, request):
        try:
            flow = await self.core.next_flow(request)
            self.core.tamper(request)
        except FlowError:
            self._final(response_to(self.transaction.request, 503, tag=self.transaction.tag))
            return
        branch = self.core.send(request, flow, lambda r: self._responded(branch, r))
        self.open.append(branch)

    def _responded(self, branch, response):
        if self.cancelled and response.status < 200:
            branch.cancel()
        if response.status == 100:
            return
        upstream = response.copy()
        upstream.replace('Via', response.list('Via')[1:])
        self.core.tamper(upstream)
        first = branch in self.open
        if response.status >= 200 and first:
            self.open.remove(branch)
        if response.status >= 300:
            if first:       # else it is repeated: its ACK was late, or lost
                self._final(upstream)
            return
        self.transaction.respond(upstream)
        if response.status >= 200 and self.transaction.request.method == 'INVITE' and not self.won:
            self.won = True
            self.cancel()

    def _final(self, response):
        self.finals.append(response)
        if len(self.finals) == self.left and not self.won:
            best = next((r for r in self.finals if r.status >= 600), None)
            self.transaction.respond(best or min(self.finals, key=lambda r: r.status))

    def cancel(self):
        """Cancels the branches that ring; others when they do."""
        self.cancelled = True
        for branch in self.open:
            if branch.provisional:
                branch.cancel()


async def settle(seconds=0.2):
    """Gives what is on its way the time to arrive."""
    await asyncio.sleep(seconds)
