# SPDX-License-Identifier: GPL-2.0
"""The registrar half of the S-CSCF stand-in, with the HSS's accounts."""
import os
import time
from dataclasses import dataclass, field

from peers.sip import aka, sipmsg
from peers.sip.dialog import Dialog, with_body
from peers.sip.sipmsg import Address, Uri

REGINFO = 'application/reginfo+xml'
_PROTECTED = ('yes', 'tls-yes', 'ip-assoc-yes', 'ip-assoc-pending', 'auth-done')


@dataclass
class Binding:
    """One registered contact."""
    contact: Address
    path: list
    until: float

    @property
    def expires(self):
        """Seconds that are left."""
        return max(0, round(self.until - time.time()))


@dataclass
class Account:
    """One subscriber at home."""
    impi: str
    impus: tuple
    home: aka.Home
    algorithm: str = 'AKAv1-MD5'
    bindings: dict = field(default_factory=dict)
    vector: aka.Vector = None
    password: bytes = b''
    nonce: str = ''
    watchers: list = field(default_factory=list)

    def live(self):
        """Bindings that have not expired."""
        self.bindings = {k: b for k, b in self.bindings.items() if b.until > time.time()}
        return list(self.bindings.values())


class Registrar:
    """Challenges, binds and tells watchers.

    send_keys: ck and ik go into the challenge, as a P-CSCF expects it. challenge: 'always', or
    'unprotected' for re-registrations that the P-CSCF does not vouch for. refuse: a status that
    every REGISTER gets. digest: challenges are those of a password, without AKA.
    """

    def __init__(self, core, realm, send_keys=True, challenge='always', max_expires=600,
                 min_expires=0, qop=None, digest=False):
        self.core, self.realm, self.send_keys, self.challenge = core, realm, send_keys, challenge
        self.max_expires, self.min_expires, self.qop = max_expires, min_expires, qop
        self.accounts, self.refuse, self.digest = [], None, digest
        self.integrity, self.failures = [], []      # what REGISTERs said; why they were refused
        self._instance = 0

    def add(self, subscriber, amf=b'\x80\x00', sqn=0, algorithm='AKAv1-MD5'):
        """Makes an account for a Subscriber; returns it."""
        account = Account(subscriber.impi, subscriber.impus,
                          aka.Home(subscriber.k, subscriber.opc, amf, sqn), algorithm, password=subscriber.k.hex().encode())
        self.accounts.append(account)
        return account

    def by_impu(self, uri):
        """The account that has a public identity, or None."""
        return next((a for a in self.accounts if uri in a.impus), None)

    # REGISTER.

    def register(self, transaction):
        """Answers a REGISTER."""
        request = transaction.request
        _, given = sipmsg.parse_auth(request.get('Authorization', 'Digest'))
        self.integrity.append(given.get('integrity-protected'))
        derived = Address.parse(request.get('To')).uri.aor().removeprefix('sip:')       # TS 23.003, 13.3
        account = next((a for a in self.accounts if a.impi == given.get('username', derived)), None)
        if self.refuse:
            transaction.reply(self.refuse)
        elif not account or Address.parse(request.get('To')).uri.aor() not in account.impus:
            self._fail(transaction, 403, 'unknown')
        elif not given.get('nonce') and self._trusted(account, given):
            self._bind(transaction, account)
        elif not given.get('response') and not given.get('auts'):
            self._challenge(transaction, account)
        else:
            self._judge(transaction, account, given)

    def _trusted(self, account, given):
        return (self.challenge == 'unprotected' and account.live()
                and given.get('integrity-protected') in _PROTECTED)

    def _fail(self, transaction, status, why):
        self.failures.append(why)
        transaction.reply(status)

    def _judge(self, transaction, account, given):
        if self.digest:
            self._judge_password(transaction, account, given)
            return
        vector, account.vector = account.vector, None
        if self._trusted(account, given) and (not vector or given['nonce'] != aka.nonce_of(vector)):
            self._bind(transaction, account)
            return
        if not vector or given['nonce'] != aka.nonce_of(vector):
            self._challenge(transaction, account)       # an old nonce
            return
        if 'auts' in given:
            self._resynchronise(transaction, account, given, vector)
            return
        secret = aka.password(account.algorithm, vector.xres, vector.ck, vector.ik)
        if aka.digest(secret, 'REGISTER', given) != given['response']:
            self._fail(transaction, 403, 'wrong response')
        else:
            self._bind(transaction, account)

    def _judge_password(self, transaction, account, given):
        nonce, account.nonce = account.nonce, ''
        if not nonce or given['nonce'] != nonce:
            self._challenge(transaction, account)
        elif aka.digest(account.password, 'REGISTER', given) != given['response']:
            self._fail(transaction, 403, 'wrong response')
        else:
            self._bind(transaction, account)

    def _resynchronise(self, transaction, account, given, vector):
        try:
            if aka.digest(b'', 'REGISTER', given) != given['response']:
                raise aka.BadMac('the response of a resynchronisation')
            account.home.resynchronise(vector.rand, aka.parse_auts(given['auts']))
        except (aka.AkaError, ValueError) as error:
            self._fail(transaction, 403, str(error))
        else:
            self._challenge(transaction, account)

    def _challenge(self, transaction, account):
        if self.digest:
            account.nonce = os.urandom(16).hex()
            directives = {'realm': self.realm, 'nonce': account.nonce, 'algorithm': 'MD5', 'qop': 'auth'}
            transaction.reply(401, headers=[('WWW-Authenticate', sipmsg.format_auth(directives, ('algorithm',)))])
            return
        vector = account.vector = account.home.challenge()
        self.core.inspector.secrets |= {vector.ck, vector.ik}
        directives = {'realm': self.realm, 'nonce': aka.nonce_of(vector), 'algorithm': account.algorithm}
        if self.qop:
            directives['qop'] = self.qop
        if self.send_keys:
            directives.update({'ck': vector.ck.hex(), 'ik': vector.ik.hex()})
        transaction.reply(401, headers=[('WWW-Authenticate', sipmsg.format_auth(directives, ('algorithm',)))])

    def _bind(self, transaction, account):
        request = transaction.request
        for contact in request.addresses('Contact') if request.get('Contact') != '*' else ():
            seconds = int(contact.params.get('expires') or request.get('Expires') or self.max_expires)
            if 0 < seconds < self.min_expires:
                transaction.reply(423, headers=[('Min-Expires', self.min_expires)])
                return
            key, seconds = str(contact.uri), min(seconds, self.max_expires)
            if seconds:
                account.bindings[key] = Binding(contact, request.list('Path'), time.time() + seconds)
            else:
                account.bindings.pop(key, None)
        if request.get('Contact') == '*':
            account.bindings.clear()
        transaction.reply(200, headers=self._bound(account, request))
        self.tell(account)

    def _bound(self, account, request):
        out = [('Path', value) for value in request.all('Path')]
        for binding in account.live():
            contact = Address(binding.contact.uri, dict(binding.contact.params))
            contact.params['expires'] = str(binding.expires)
            out.append(('Contact', contact))
        if account.bindings:
            out.append(('Service-Route', f'<{self.core.own_uri("orig")}>'))
            out.append(('P-Associated-URI', ', '.join(f'<{u}>' for u in account.impus)))
        return out

    def deregister(self, account, reason='deactivated'):
        """The network ends a registration; its watchers hear of it."""
        account.bindings.clear()
        self.tell(account, reason)

    # The reg event package (RFC 3680).

    def subscribe(self, transaction):
        """Answers a SUBSCRIBE and sends the first NOTIFY."""
        request = transaction.request
        account = self.by_impu(Uri.parse(request.uri).aor())
        if (request.get('Event') or '').partition(';')[0] != 'reg':
            transaction.reply(489)
        elif not account:
            transaction.reply(404)
        else:
            dialog = Dialog.of_called(request, transaction.tag)
            transaction.reply(200, headers=[('Expires', request.get('Expires', 600)),
                                            ('Contact', f'<{self.core.own_uri()}>')])
            account.watchers.append(dialog)
            self._notify(account, dialog, 'expired')

    def tell(self, account, reason='expired'):
        """NOTIFY to all who watch an account."""
        for dialog in account.watchers:
            self._notify(account, dialog, reason)

    def _notify(self, account, dialog, reason):
        message = dialog.request('NOTIFY')
        state = 'active;expires=600' if account.live() else 'terminated;reason=deactivated'
        for name, value in (('Event', 'reg'), ('Subscription-State', state),
                            ('Contact', f'<{self.core.own_uri()}>')):
            message.add(name, value)
        with_body(message, self._reginfo(account, dialog.local_seq - 1, reason), REGINFO)
        self.core.spawn(self.core.send_on(message))

    def _reginfo(self, account, version, reason):
        live = account.live()
        contacts = ''.join(
            f'<contact id="c{n}" state="active" event="registered" expires="{b.expires}">'
            f'<uri>{_xml(str(b.contact.uri))}</uri></contact>' for n, b in enumerate(live))
        if not live:
            contacts = f'<contact id="c0" state="terminated" event="{reason}"><uri>sip:gone.invalid</uri></contact>'
        state = 'active' if live else 'terminated'
        entries = ''.join(f'<registration aor="{_xml(u)}" id="r{n}" state="{state}">{contacts}</registration>'
                          for n, u in enumerate(account.impus))
        return (f'<?xml version="1.0"?><reginfo xmlns="urn:ietf:params:xml:ns:reginfo" '
                f'version="{version}" state="full">{entries}</reginfo>').encode()


def _xml(text):
    return text.replace('&', '&amp;').replace('<', '&lt;').replace('"', '&quot;')
