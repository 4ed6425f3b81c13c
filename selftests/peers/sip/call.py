# SPDX-License-Identifier: GPL-2.0
"""One call of a UE: what both ends have in common inside the dialog."""
import asyncio

from peers.sip import sipmsg
from peers.sip.dialog import with_body
from peers.sip.mline import Refused
from peers.sip.negotiate import Negotiation

ANSWER_SECONDS = 10


class Call:
    """state: new, early, up, over. failure: why this side ended it, if it did."""

    def __init__(self, ue, situation, keyring):
        self.ue, self.media = ue, Negotiation(ue, situation, keyring)
        self.situation, self.state, self.failure, self.dialog = situation, 'new', None, None
        self.over = asyncio.Event()
        self.requests = []              # what the peer sent inside the dialog
        self.refuse_offers = None       # a status for the peer's re-offers
        self._acks, self._changing = {}, False

    # What the test asks for.

    async def ended(self, seconds=ANSWER_SECONDS):
        """Waits until the call is over."""
        await asyncio.wait_for(self.over.wait(), seconds)

    async def bye(self):
        """Ends the call; returns the final response."""
        response = await self.ask('BYE')
        self.finish()
        return response

    async def ask(self, method, body=b'', headers=()):
        """A request inside the dialog; returns its final response."""
        message = self.dialog.request(method, body)
        return await self.ue.ask_proxy(self._dress(message, headers))

    async def hold(self):
        """re-INVITE: we send only, or nothing."""
        return await self.reinvite(self.media.hold())

    async def resume(self):
        """re-INVITE: both directions."""
        return await self.reinvite(self.media.offer())

    async def update(self, rekey=False, direction='sendrecv'):
        """UPDATE with an offer (RFC 3311)."""
        response = await self.ask('UPDATE', self.media.offer(direction, rekey))
        self._changed(response)
        return response

    async def reinvite(self, offer=None, headers=()):
        """re-INVITE with an offer, by default the same media again; returns the final response."""
        self._changing = True
        message = self._dress(self.dialog.request('INVITE', offer or self.media.offer()), headers)
        try:
            transaction = await self.ue.send_proxy(message, lambda r: self._reinvited(message, r))
            response = await asyncio.wait_for(transaction.done, 64 * self.ue.t1 + 1)
        finally:
            self._changing = False
        self._changed(response)
        return response

    def _reinvited(self, request, response):
        if 200 <= response.status < 300:
            self._acknowledge(request.cseq[0])

    def _changed(self, response):
        if 200 <= response.status < 300:
            self.media.take_answer(response.body)
        else:
            self.media.withdraw()

    # Helpers.

    def _dress(self, message, headers=()):
        """Adds what every request of the UE carries."""
        self.ue.dress(message)
        for name, value in headers:
            message.set(name, value)
        return message

    def _acknowledge(self, seq, body=b''):
        """Sends the ACK of a 2xx, and again for each time the 2xx is repeated."""
        if seq not in self._acks:
            self._acks[seq] = self._dress(self.dialog.request('ACK', body, seq))
            self._acks[seq].push('Via', self.ue.via(self.ue.flow))
        self.ue.flow.send(self._acks[seq])

    def finish(self, failure=None):
        """The call is over; sockets stay open for a moment to count late media in."""
        if self.state != 'over':
            self.state, self.failure = 'over', failure or self.failure
            self.over.set()
            self.ue.forget(self)

    # What the peer asks for.

    def handle(self, transaction):
        """A request inside the dialog."""
        request = transaction.request
        self.requests.append(request)
        if not self.dialog.heard(request):
            transaction.reply(500, headers=[('Retry-After', '1')])
            return
        action = {'BYE': self._bye, 'INVITE': self._offered, 'UPDATE': self._offered,
                  'PRACK': self._prack}.get(request.method)
        if action:
            action(transaction)
        else:
            transaction.reply(200)

    def _bye(self, transaction):
        transaction.reply(200)
        self.finish()

    def _prack(self, transaction):
        transaction.reply(481)

    def _offered(self, transaction):
        request = transaction.request
        if self._changing and request.method == 'INVITE':
            transaction.reply(491)
        elif self.refuse_offers:
            transaction.reply(self.refuse_offers)
        elif not request.body:
            self._without_offer(transaction)
        else:
            self.respond_with_answer(transaction, request.body)

    def _without_offer(self, transaction):
        """UPDATE that refreshes, or a re-INVITE that wants our offer."""
        body = self.media.offer() if transaction.request.method == 'INVITE' else b''
        self._respond(transaction, 200, body)

    def respond_with_answer(self, transaction, offer):
        """200 with the answer to an offer, or the refusal; returns whether it was taken."""
        try:
            body = self.media.answer(offer)
        except Refused as refused:
            self.failure = str(refused)
            transaction.reply(refused.status, headers=[('Warning', '399 ue "media not acceptable"')])
            return False
        self._respond(transaction, 200, body)
        return True

    def _respond(self, transaction, status, body=b'', headers=()):
        """A response with Contact and body; a 2xx to INVITE is repeated until its ACK."""
        request = transaction.request
        response = with_body(sipmsg.response_to(request, status, tag=transaction.tag), body)
        response.add('Contact', self.ue.contact())
        response.add('Allow', self.ue.ALLOW)
        for name, value in headers:
            response.add(name, value)
        transaction.respond(response)
        if request.method == 'INVITE' and 200 <= status < 300:
            self._repeat_until_ack(transaction, response)
        return response

    def _repeat_until_ack(self, transaction, response):
        acked = self._acks[request_key(transaction.request)] = asyncio.Event()
        self.ue.spawn(self.ue.repeat(lambda: transaction.flow.send(response), acked))

    def handle_ack(self, message):
        """The ACK of our 2xx, perhaps with the answer to our offer."""
        acked = self._acks.get(request_key(message))
        if not acked or acked.is_set():
            return
        acked.set()
        if message.body and self.media.pending:
            try:
                self.media.take_answer(message.body)
            except Refused as refused:
                self.failure = str(refused)
                self.ue.spawn(self.bye())


def request_key(request):
    """What an ACK and its INVITE have in common."""
    return 'in', request.cseq[0]
