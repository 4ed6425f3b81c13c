# SPDX-License-Identifier: GPL-2.0
"""The two ends of a call: the one that sends the INVITE and the one that takes it."""
import asyncio
import random

from peers.sip import sipmsg
from peers.sip.call import ANSWER_SECONDS, Call
from peers.sip.dialog import Dialog, with_body
from peers.sip.endpoint import token
from peers.sip.mline import Refused


class OutgoingCall(Call):
    """A call that we make. responses: all that came; forks: the dialogs by the peer's tag."""

    def __init__(self, ue, situation, keyring):
        super().__init__(ue, situation, keyring)
        self.responses, self.forks = [], {}
        self.request = self._transaction = None
        self._final = asyncio.get_running_loop().create_future()
        self._answered_by, self._pracked, self._fork_acks = None, set(), {}

    async def start(self, request, with_offer, headers):
        """Sends the INVITE."""
        self.request = with_body(request, self.media.offer() if with_offer else b'')
        self._dress(request, headers)
        self.state = 'early'
        self._transaction = await self.ue.send_proxy(request, self._responded)

    async def answered(self, seconds=ANSWER_SECONDS):
        """Waits for the final response of the call and returns it."""
        return await asyncio.wait_for(asyncio.shield(self._final), seconds)

    async def provisional(self, status, seconds=ANSWER_SECONDS):
        """Waits for a provisional response."""
        async with asyncio.timeout(seconds):
            while not any(r.status == status for r in self.responses):
                await asyncio.sleep(0.01)
        return next(r for r in self.responses if r.status == status)

    def cancel(self):
        """Sends CANCEL."""
        self._transaction.cancel()

    def _responded(self, response):
        self.responses.append(response)
        tag = response.to_tag
        if tag and 100 < response.status < 300 and tag not in self.forks:
            self.forks[tag] = Dialog.of_caller(self.request, response)
        if response.status >= 300:
            self._settle(response)
            self.finish()
        elif response.status >= 200:
            self._accepted(response, tag)
        elif response.status > 100:
            self._progress(response, tag)

    def _settle(self, response):
        if not self._final.done():
            self._final.set_result(response)

    def _progress(self, response, tag):
        if not self.dialog:
            self.dialog = self.forks[tag]
        failure, answer = None, b''
        reliable = '100rel' in response.options('Require')
        if response.body and reliable:
            failure, answer = self._described(response, tag)
        if failure:
            self.failure = failure
            self.cancel()
        elif reliable and (tag, response.get('RSeq')) not in self._pracked:
            self._pracked.add((tag, response.get('RSeq')))
            self.ue.spawn(self._prack_it(self.forks[tag], response, answer))

    async def _prack_it(self, dialog, response, answer):
        prack = dialog.request('PRACK', answer)
        prack.add('RAck', f'{response.get("RSeq")} {response.get("CSeq")}')
        await self.ue.ask_proxy(self._dress(prack))

    def _described(self, response, tag):
        """(why not, our answer) for SDP in a response: it answers our offer, or is one."""
        try:
            if not self.request.body:
                return None, b'' if self._answered_by else self._answer_offer(response, tag)
            if self._answered_by != tag:
                self.media.take_answer(response.body)
                self._answered_by = tag
        except Refused as refused:
            return str(refused), b''
        return None, b''

    def _answer_offer(self, response, tag):
        body = self.media.answer(response.body)
        self._answered_by = tag
        return body

    def _accepted(self, response, tag):
        if self._final.done() and self._final.result().to_tag != tag:
            self._refuse_fork(self.forks[tag], tag)
            return
        self.dialog = self.forks[tag]
        if response.contact():
            self.dialog.target = response.contact()
        self.dialog.routes = list(reversed(response.list('Record-Route')))
        if self._final.done():
            self._acknowledge(self.request.cseq[0])
            return
        failure, answer = self._described(response, tag) if response.body else (None, b'')
        if not failure and not self._answered_by:
            failure = 'no session description in the 200'
        self._acknowledge(self.request.cseq[0], answer)
        self.state = 'up'
        if failure:
            self.failure = failure
            self.ue.spawn(self.bye())
        self._settle(response)

    def _refuse_fork(self, dialog, tag):
        """ACK and BYE for a second 200 (13.2.2.4)."""
        if tag not in self._fork_acks:
            self._fork_acks[tag] = self._dress(dialog.request('ACK', seq=self.request.cseq[0]))
            self._fork_acks[tag].push('Via', self.ue.via(self.ue.flow))
            self.ue.spawn(self.ue.ask_proxy(self._dress(dialog.request('BYE'))))
        self.ue.flow.send(self._fork_acks[tag])


class IncomingCall(Call):
    """A call that we are asked to take."""

    def __init__(self, ue, situation, keyring, transaction):
        super().__init__(ue, situation, keyring)
        self.transaction, self.request = transaction, transaction.request
        transaction.on_cancel = self._cancelled
        transaction.tag = token()
        self.dialog = Dialog.of_called(self.request, transaction.tag)
        self.offered = bool(self.request.body)
        self.body, self._rseq = b'', random.randrange(1, 1000)
        self._pracked, self._made = {}, False

    def _cancelled(self):
        self.transaction.reply(487)
        self.finish('cancelled')

    async def ring(self, status=180, reliable=False, answer=False):
        """A provisional response; a reliable one returns when its PRACK came.

        answer: with our session description. Returns whether the offer was taken.
        """
        if answer and not self._described():
            return False
        self.state = 'early'
        headers = []
        if reliable:
            self._rseq += 1
            headers = [('Require', '100rel'), ('RSeq', self._rseq)]
        response = self._respond(self.transaction, status, self.body if answer else b'', headers)
        if reliable:
            came = self._pracked[self._rseq] = asyncio.Event()
            flow = self.transaction.flow
            if not await self.ue.repeat(lambda: flow.send(response), came):
                raise TimeoutError('no PRACK came')
            if answer:
                self.body = b''     # said for good: the 200 has none (RFC 6337, 2.2)
        return True

    def _described(self):
        """Makes our session description once; False if the offer was refused."""
        if self._made:
            return True
        try:
            self.body = self.media.answer(self.request.body) if self.offered else self.media.offer()
        except Refused as refused:
            self.failure = str(refused)
            self.reject(refused.status, [('Warning', '399 ue "media not acceptable"')])
            return False
        self._made = True
        return True

    async def accept(self):
        """200; returns whether the offer was taken. With the ACK the call is up."""
        if not self._described():
            return False
        self._respond(self.transaction, 200, self.body)
        self.state = 'up'
        return True

    def reject(self, status=486, headers=()):
        """Refuses the call."""
        self.transaction.reply(status, headers=headers)
        self.finish(self.failure or f'refused with {status}')

    async def acknowledged(self, seconds=ANSWER_SECONDS):
        """Waits for the ACK of our 200."""
        await asyncio.wait_for(self._acks['in', self.request.cseq[0]].wait(), seconds)

    def _prack(self, transaction):
        rseq, seq, _ = transaction.request.get('RAck', '0 0 ?').split()
        came = self._pracked.get(int(rseq))
        if not came or int(seq) != self.request.cseq[0]:
            transaction.reply(481)
            return
        body = transaction.request.body
        if body and self.media.pending:
            try:
                self.media.take_answer(body)
            except Refused as refused:
                transaction.reply(refused.status)
                return
            body = b''
        came.set()
        if body:
            self.respond_with_answer(transaction, body)
        else:
            transaction.reply(200)


def new_invite(ue, target):
    """An INVITE that opens a dialog."""
    out = sipmsg.Message('INVITE', target)
    for name, value in (('Max-Forwards', 70), ('From', f'<{ue.impu}>;tag={token()}'), ('To', f'<{target}>'),
                        ('Call-ID', token()), ('CSeq', f'{random.randrange(1, 1 << 16)} INVITE')):
        out.add(name, value)
    for route in ue.initial_routes():
        out.add('Route', route)
    for name, value in (('P-Preferred-Identity', f'<{ue.impu}>'), ('Supported', '100rel, timer')):
        out.add(name, value)
    return out
