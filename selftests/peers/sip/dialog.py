# SPDX-License-Identifier: GPL-2.0
"""Dialogs: tags, sequence numbers, route set and remote target (RFC 3261, 12)."""
from peers.sip import sdp
from peers.sip.sipmsg import Address, Message


def with_body(message, body, kind=sdp.TYPE):
    """Puts a body into a message."""
    if body:
        message.set('Content-Type', kind)
        message.body = body
    return message


class Dialog:
    """One dialog as one end sees it."""

    def __init__(self, call_id, local, remote, target, routes):
        self.call_id, self.local, self.remote = call_id, local, remote
        self.target, self.routes = target, routes
        self.local_seq, self.remote_seq = 0, 0

    @classmethod
    def of_caller(cls, request, response):
        """From what answers our request."""
        out = cls(request.call_id, request.get('From'), response.get('To'),
                  response.contact() or request.uri, list(reversed(response.list('Record-Route'))))
        out.local_seq = request.cseq[0]
        return out

    @classmethod
    def of_called(cls, request, tag):
        """From a request that we answer with a tag."""
        out = cls(request.call_id, f'{request.get("To")};tag={tag}', request.get('From'),
                  request.contact(), request.list('Record-Route'))
        out.remote_seq = request.cseq[0]
        return out

    @property
    def tags(self):
        """(local, remote)."""
        return tuple(Address.parse(a).params.get('tag') for a in (self.local, self.remote))

    def request(self, method, body=b'', seq=None):
        """A request inside the dialog; seq repeats a number, for ACK."""
        if seq is None:
            self.local_seq += 1
        out = Message(method, str(self.target))
        for name, value in (('Max-Forwards', 70), ('From', self.local), ('To', self.remote),
                            ('Call-ID', self.call_id), ('CSeq', f'{seq or self.local_seq} {method}')):
            out.add(name, value)
        for route in self.routes:
            out.add('Route', route)
        return with_body(out, body)

    def heard(self, request):
        """Whether a request is in order; takes over its target."""
        number = request.cseq[0]
        if number <= self.remote_seq:
            return False
        self.remote_seq = number
        if request.method in ('INVITE', 'UPDATE') and request.contact():
            self.target = request.contact()
        return True
