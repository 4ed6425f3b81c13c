# SPDX-License-Identifier: GPL-2.0
"""A small edge for the tests of the peers: what a P-CSCF does in signalling, and nothing with media.

It adds Path and Record-Route, keeps ck and ik to itself and makes K_mm of them, ends sec-agree.
"""
from peers.sip import aka, kdf, sipmsg
from peers.sip.scscf import Branches, Scscf

FQDN = 'pcscf.home1.net'
SERVER = f'sdes-srtp;mediasec, e2ae-mikey;mediasec;id="{FQDN}"'


class Edge(Scscf):
    """Stands between UEs and a core; faults holds what a P-CSCF would refuse."""

    def __init__(self, core, **more):
        super().__init__('edge', **more)
        self.core_uri, self.faults, self.k_mm = core, [], []
        self.tamper = self._change

    def handle(self, transaction):
        """Every request goes on."""
        request = transaction.request.copy()
        if request.method == 'INVITE':
            transaction.reply(100)
        if request.all('Security-Client') or request.all('Security-Verify'):
            self._agree(request)
        self._pop_routes(request)
        if request.method == 'REGISTER':
            request.add('Path', f'<{self.own_uri("term")}>')
            request.push('Route', f'<{self.core_uri}>')
        elif not request.to_tag:
            request.push('Record-Route', f'<{self.own_uri()}>')
        Branches(self, transaction, [request])

    def _agree(self, request):
        """Ends the security agreement (RFC 3329)."""
        challenged = any(r.status == 401 for r in self.seen_responses('REGISTER'))
        if challenged and ', '.join(request.list('Security-Verify')) != SERVER:
            self.faults.append(f'Security-Verify in {request.method}')
        for name in ('Security-Client', 'Security-Verify'):
            request.remove(name)
        for name in ('Require', 'Proxy-Require'):
            rest = request.options(name) - {'mediasec'}
            request.replace(name, [', '.join(rest)] if rest else [])

    def seen_responses(self, method):
        """What this edge sent back."""
        return [r.message for r in self.ladder.rungs
                if r.party == self.party and r.out and r.message.status and r.message.cseq[1] == method]

    def _change(self, message):
        """Takes ck and ik out of a 401 and adds our side of sec-agree."""
        if message.cseq[1] != 'REGISTER' or message.status not in (200, 401):
            return
        message.add('Security-Server', SERVER)
        if message.status == 401:
            _, given = sipmsg.parse_auth(message.get('WWW-Authenticate'))
            ck, ik = (bytes.fromhex(given.pop(name)) for name in ('ck', 'ik'))
            rand, _ = aka.parse_nonce(given['nonce'])
            self.k_mm.append(kdf.k_mm(ck, ik, 'alice_private@home1.net', rand, FQDN))
            message.set('WWW-Authenticate', sipmsg.format_auth(given))
