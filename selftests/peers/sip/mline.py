# SPDX-License-Identifier: GPL-2.0
"""One m-line through offers and answers: its keying (RFC 4568, RFC 4567) and its leg of media."""
import base64
from dataclasses import replace

from peers.sip import mikey, mikeymsg, sdes, sdp
from peers.sip.media import Leg
from peers.sip.situation import BOTH, E2E, MIKEY, PLAIN, SDES

_FORMATS = {'audio': (['8', '101'], ['8 PCMA/8000', '101 telephone-event/8000']),
            'video': (['96'], ['96 H264/90000'])}
_LATE = -600    # seconds, for a clock that is wrong


class Refused(Exception):
    """An offer or an answer that this side does not take."""

    def __init__(self, why, status=488):
        super().__init__(why)
        self.status = status


def master_of(crypto):
    """The master key in a crypto attribute."""
    return mikey.MasterKey(crypto.suite, crypto.key, crypto.salt, crypto.mki, 0)


class Line:
    """m-line number `index`, from 1, of a call."""

    def __init__(self, index, kind, ue, situation, keyring):
        self.index, self.kind, self.situation, self.keyring = index, kind, situation, keyring
        self.leg = Leg(ue.host, ue.netns)
        self.replay_cache = ue.replay_cache
        self.outcome = None         # plain, sdes, e2e or mikey, once agreed on
        self.indicator = None       # the 3ge2ae that came last
        self.own_key = None         # what we declared last, as Crypto
        self.keying = situation.keying      # of our offers; once agreed on, that of the call
        self.profile = situation.offered_profile
        self.active = True
        self.i_messages, self.r_messages = [], []       # what we sent
        self._offered, self._initiator, self._responder = {}, None, None

    # Offers.

    def _media(self, profile, direction):
        formats, maps = _FORMATS[self.kind]
        port = self.leg.port if self.active else 0
        media = sdp.Media(kind=self.kind, port=port, profile=profile, formats=list(formats))
        for one in maps:
            media.add('rtpmap', one)
        if self.situation.mux:
            media.add('rtcp-mux')
        media.add(direction)
        return media

    def offer(self, direction, rekey):
        """Our media description of an offer."""
        keying, media = self.keying, self._media(self.profile, direction)
        self._offered = {}
        if keying in (SDES, E2E, BOTH):
            self._offer_crypto(media, rekey)
        if keying in (SDES, BOTH):
            media.add('3ge2ae', self.situation.indicator)
        if keying in (MIKEY, BOTH):
            media.add('key-mgmt', 'mikey ' + base64.b64encode(self._i_message(rekey)).decode())
        if keying != PLAIN:
            self.leg.secured = True
        return media

    def _offer_crypto(self, media, rekey):
        for tag, suite in enumerate(self.situation.suites, 1):
            if self.own_key and self.own_key.suite == suite and not rekey:
                one = replace(self.own_key, tag=tag)
            else:
                one = sdes.fresh(tag, suite, self.situation.mki)
            self._offered[tag] = one
            media.add('crypto', one.text())

    def _i_message(self, rekey):
        if self.situation.is_wrong('replay'):
            return self.situation.replay
        if not self._initiator:
            psk, peer = self.keyring.initiate(self.index)
            self._initiator = mikey.Initiator(
                psk, self.keyring.me, peer, self.situation.suites[0], (self.leg.ssrc,),
                protocols='' if self.situation.is_wrong('protocols') else 'mikey',
                skew=_LATE if self.situation.is_wrong('clock') else 0)
        message = self._initiator.offer(rekey)
        if self.situation.is_wrong('mac'):
            message = mikey.spoil(message)
        self.i_messages.append(message)
        return message

    def take_answer(self, media):
        """What the peer answered to our offer, or Refused."""
        self.indicator = media.attribute('3ge2ae')
        if not media.port:
            self.active = False
            self.withdraw()         # nobody looked at the keys of a line that is off
            return
        if media.profile != self.profile:
            raise Refused(f'{self.profile} was answered with {media.profile}')
        cryptos, mgmt = media.attributes('crypto'), media.attributes('key-mgmt')
        if self.keying == PLAIN:
            if cryptos or mgmt:
                raise Refused('keys in the answer to an offer without any')
            self._agree(PLAIN)
        elif bool(cryptos) + bool(mgmt) != 1:
            raise Refused('an answer has to hold either a=crypto or a=key-mgmt')
        elif mgmt:
            self._take_r_message(mgmt)
        else:
            self._take_crypto(cryptos)

    def _take_crypto(self, cryptos):
        if len(cryptos) != 1:
            raise Refused('more than one a=crypto in the answer')
        try:
            crypto = sdes.parse(cryptos[0])
        except sdes.BadCrypto as error:
            raise Refused(str(error)) from None
        own = self._offered.get(crypto.tag)
        if not own or own.suite != crypto.suite:
            raise Refused('an answer with a tag or suite that was not offered')
        if crypto.key == own.key:
            raise Refused('the same key in both directions')
        if self.keying in (SDES, BOTH) and self.indicator is None:
            raise Refused('an answer without 3ge2ae')
        self.own_key = own
        self._agree(E2E if self.keying == E2E else SDES, master_of(own), master_of(crypto))

    def _take_r_message(self, values):
        if self.keying not in (MIKEY, BOTH):
            raise Refused('key-mgmt in the answer to an offer without it')
        try:
            keys = self._initiator.finish(_mikey_of(values))
        except (mikey.MikeyError, mikeymsg.Malformed) as error:
            raise Refused(f'MIKEY: {error}') from None
        self._agree(MIKEY, keys[0], keys[1])

    def _agree(self, outcome, send=None, receive=None):
        self.outcome = self.keying = outcome
        if send:
            self.leg.keys(send, receive)
        else:
            self.leg.plain()

    def withdraw(self):
        """Our offer was refused."""
        if self._initiator and not self._initiator.withdraw():
            self._initiator = None

    # Answers.

    def answer(self, media, direction):
        """Our answer to an offered media description, or Refused."""
        self.indicator = media.attribute('3ge2ae')
        self.active, self.profile = bool(media.port), media.profile
        if not media.port:
            return self._media(media.profile, 'inactive')
        kind = self._choose(media)
        out = self._media(media.profile, direction)
        if media.attribute('rtcp-mux') is None:     # only what was offered (RFC 5761, 5.1.1)
            out.lines = [one for one in out.lines if one != ('a', 'rtcp-mux')]
        if kind == MIKEY:
            self._answer_mikey(media, out)
        elif kind == PLAIN:
            self._agree(PLAIN)
        else:
            self._answer_crypto(media, out, kind)
        if self.situation.is_wrong('avp') or self.situation.is_wrong('profile'):
            out.profile = media.profile.replace('SAVP', 'AVP')
        if self.situation.is_wrong('avp'):
            out.lines = [x for x in out.lines if not x[1].startswith(('crypto', '3ge2ae', 'key-mgmt'))]
        return out

    def _choose(self, media):
        found = set()
        if media.attributes('crypto'):
            found.add(E2E if self.indicator is None else SDES)
        if media.attributes('key-mgmt'):
            found.add(MIKEY)
        if not found and 'SAVP' not in media.profile:
            found.add(PLAIN)
        for kind in (*self.situation.prefer, E2E, PLAIN):
            if kind in found & self.situation.accept:
                return kind
        raise Refused(f'{media.profile} with {sorted(found)} is not acceptable')

    def _answer_crypto(self, media, out, kind):
        offered = _usable(media.attributes('crypto'), self.situation.suites)
        if not self.own_key or self.own_key.suite != offered.suite:
            self.own_key = sdes.fresh(offered.tag, offered.suite, offered.mki)
        self.own_key = replace(self.own_key, tag=offered.tag)
        if self.situation.is_wrong('echo'):
            self.own_key = replace(offered)
        for line in self._crypto_lines():
            out.add('crypto', line.text())
        if kind == SDES:
            out.add('3ge2ae', 'applied')
        self._agree(kind, master_of(self.own_key), master_of(offered))

    def _crypto_lines(self):
        own, wrong = self.own_key, self.situation.is_wrong
        if wrong('no crypto'):
            return []
        if wrong('tag'):
            return [replace(own, tag=own.tag + 7)]
        if wrong('suite'):
            other = ('AES_CM_128_HMAC_SHA1_32' if own.suite == 'AES_CM_128_HMAC_SHA1_80'
                     else 'AES_CM_128_HMAC_SHA1_80')
            return [sdes.fresh(own.tag, other)]
        if wrong('two cryptos'):
            return [own, sdes.fresh(own.tag + 1, own.suite)]
        return [own]

    def _answer_mikey(self, media, out):
        try:
            message = _mikey_of(media.attributes('key-mgmt'))
            ids = mikeymsg.decode(message).all(mikeymsg.ID)
            psk = self.keyring.respond(self.index, ids[0].data.decode()) if ids else None
            if not psk:
                raise Refused('MIKEY: the initiator is unknown')
            if not self._responder or self._responder.psk != psk:
                self._responder = mikey.Responder(psk, self.keyring.me, (self.leg.ssrc,), self.replay_cache)
            protocols = ';'.join(v.split()[0] for v in media.attributes('key-mgmt'))
            keys = self._responder.take(message, protocols)
            reply = self._responder.reply()
        except (mikey.MikeyError, mikeymsg.Malformed) as error:
            raise Refused(f'MIKEY: {error}') from None
        if self.situation.is_wrong('mac'):
            reply = mikey.spoil(reply)
        self.r_messages.append(reply)
        if not self.situation.is_wrong('no mikey'):
            out.add('key-mgmt', 'mikey ' + base64.b64encode(reply).decode())
        self._initiator = None
        self._agree(MIKEY, keys[1], keys[0])

    def close(self):
        """Ends the media."""
        self.leg.close()


def _usable(values, suites):
    """The first offered crypto line that can be used, or Refused."""
    for value in values:
        try:
            one = sdes.parse(value)
        except sdes.BadCrypto:
            continue
        if one.suite in suites:
            return one
    raise Refused('no usable a=crypto')


def _mikey_of(values):
    """The MIKEY message of key-mgmt attributes."""
    for value in values:
        name, _, data = value.strip().partition(' ')
        if name == 'mikey':
            try:
                return base64.b64decode(data, validate=True)
            except ValueError:
                raise Refused('key-mgmt is not base64') from None
    raise Refused('key-mgmt without mikey')
