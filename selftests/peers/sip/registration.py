# SPDX-License-Identifier: GPL-2.0
"""A UE's registration: Digest AKA, sec-agree with mediasec, Path and Service-Route.

RFC 3261 (10), 3310, 3327, 3329, 3608; capabilities as TS 24.229 and the e2ae profile have them.
"""
from dataclasses import dataclass

from peers.sip import aka, kdf, sipmsg
from peers.sip.endpoint import token
from peers.sip.sipmsg import Address, Message

CAPABILITIES = ('sdes-srtp;mediasec', 'e2ae-mikey;mediasec')
MSRP_CAPABILITY = 'e2ae-msrp-psk;mediasec'
_ROUNDS = 6         # requests for one registration: challenge, resynchronisation, intervals
_GENERATIONS = 2    # of K_mm that a UE knows


class RegistrationFailed(Exception):
    """The final response was no 200; `response` holds it."""

    def __init__(self, response, why=''):
        super().__init__(why or f'{response.status} {response.reason}')
        self.response = response


@dataclass
class _Challenge:
    """What a 401 told, and what the ISIM made of it."""
    directives: dict
    secret: bytes = b''
    auts: bytes = b''
    rand: bytes = b''
    ck: bytes = b''
    ik: bytes = b''
    count: int = 0


class Registration:
    """The registration of one UE with one contact."""

    def __init__(self, ue, security_client=CAPABILITIES, fqdn=None, mediasec=True):
        self.ue, self.security_client, self.fqdn = ue, security_client, fqdn
        self.mediasec = mediasec            # whether it sends the option-tag
        self.verify = None                  # a Security-Verify of its own, to misbehave
        self.security_server, self.service_route, self.associated = [], [], []
        self.generations, self.leaks, self.responses = [], [], []
        self.expires, self._challenge = 0, None
        self._call_id, self._tag, self._seq = token(), token(), 0

    async def run(self, expires):
        """Registers, or de-registers with 0; returns the 200, or RegistrationFailed."""
        fresh = None
        for _ in range(_ROUNDS):
            response = await self.ue.ask_proxy(self._request(expires))
            self._look(response)
            if response.status == 401:
                if fresh and not fresh.auts:
                    raise RegistrationFailed(response, 'the answer to the challenge was refused')
                fresh = self._challenge = self._solve(response)
            elif response.status == 423:
                expires, fresh = int(response.get('Min-Expires')), None
            elif response.status == 200:
                self._registered(response, expires, fresh)
                return response
            else:
                raise RegistrationFailed(response)
        raise RegistrationFailed(response, 'no end of challenges')

    # Requests.

    def _request(self, expires):
        ue, home = self.ue, f'sip:{self.ue.home}'
        self._seq += 1
        out = Message('REGISTER', home)
        for name, value in (('Max-Forwards', 70), ('From', f'<{ue.impu}>;tag={self._tag}'),
                            ('To', f'<{ue.impu}>'), ('Call-ID', self._call_id),
                            ('CSeq', f'{self._seq} REGISTER'),
                            ('Contact', f'{ue.contact()};expires={expires}'), ('Expires', expires),
                            ('Supported', 'path'), ('Authorization', self._authorization(home))):
            out.add(name, value)
        if self.security_client:
            out.add('Security-Client', ', '.join(self.security_client))
        self.add_security(out)
        return out

    def add_security(self, message):
        """sec-agree's fields: Security-Verify and the option-tags."""
        if not self.security_client:
            return
        verify = self.security_server if self.verify is None else self.verify
        if verify:
            message.add('Security-Verify', ', '.join(verify))
        if self.mediasec:
            message.add('Require', 'mediasec')
            message.add('Proxy-Require', 'mediasec')

    def _authorization(self, uri):
        have, known = self._challenge, {'username': self.ue.impi, 'realm': self.ue.home, 'uri': uri}
        if not have:
            return sipmsg.format_auth({**known, 'nonce': '', 'response': ''})
        given = have.directives
        known.update({n: given[n] for n in ('realm', 'nonce', 'algorithm', 'opaque') if n in given})
        have.count += 1
        if 'auth' in (given.get('qop') or '').split(','):
            known.update({'qop': 'auth', 'nc': f'{have.count:08x}', 'cnonce': token()})
        known['response'] = aka.digest(have.secret, 'REGISTER', known)
        if have.auts:
            known['auts'] = aka.auts_text(have.auts)
        return sipmsg.format_auth(known)

    # Responses.

    def _look(self, response):
        """Takes what the P-CSCF offers, and looks for what must not come this far."""
        self.responses.append(response)
        if response.all('Security-Server'):
            self.security_server = response.list('Security-Server')
        for value in response.all('WWW-Authenticate'):
            names = {n for n in sipmsg.parse_auth(value)[1] if n in ('ck', 'ik')}
            self.leaks += [f'{n} in a {response.status}' for n in sorted(names)]

    def _solve(self, response):
        _, directives = sipmsg.parse_auth(response.get('WWW-Authenticate', 'Digest'))
        if directives.get('algorithm', 'MD5') == 'MD5':
            return _Challenge(directives, secret=self.ue.password)
        rand, autn = aka.parse_nonce(directives.get('nonce', ''))
        out = _Challenge(directives, rand=rand)
        try:
            res, out.ck, out.ik = self.ue.isim.answer(rand, autn)
            out.secret = aka.password(directives.get('algorithm'), res, out.ck, out.ik)
        except aka.OutOfStep as step:
            out.auts = step.auts
        except aka.BadMac as error:
            raise RegistrationFailed(response, f'the challenge is forged: {error}') from None
        return out

    def _registered(self, response, expires, fresh):
        self.expires = expires
        if not expires:
            self.generations, self.service_route, self._challenge = [], [], None
            return
        self.service_route = response.list('Service-Route')
        self.associated = [str(a.uri) for a in response.addresses('P-Associated-URI')]
        k_mm = self._k_mm(fresh)
        if k_mm:
            self.generations = [k_mm, *self.generations][:_GENERATIONS]

    def _k_mm(self, fresh):
        """A new K_mm, if this registration made one."""
        fqdn = self.edge()
        if fresh and fresh.ck:
            return kdf.k_mm(fresh.ck, fresh.ik, self.ue.impi, fresh.rand, fqdn)
        if self.ue.exporter:
            return kdf.k_mm_tls(self.ue.flow.exported(kdf.EXPORTER, self.ue.impi.encode()),
                                self.ue.impi, fqdn)
        return None

    def edge(self):
        """The P-CSCF's FQDN: what it calls itself in Security-Server, or what we were told."""
        for entry in self.security_server:
            name, *params = sipmsg.split(entry, ';')
            if name in ('e2ae-mikey', 'e2ae-msrp-psk') and 'id' in sipmsg.parse_params(params):
                return sipmsg.parse_params(params)['id']
        return self.fqdn or self.ue.home

    def own_contact(self, response):
        """Our binding in a 200, as an Address, or None."""
        own = self.ue.contact_uri()
        return next((a for a in response.addresses('Contact') if str(a.uri) == str(Address.parse(f'<{own}>').uri)),
                    None)
