# SPDX-License-Identifier: GPL-2.0
"""One m-line of MSRP through offers and answers, and its session. Stands where peers.sip.mline.Line stands for RTP."""
import os
from types import SimpleNamespace

from peers.msrp import channel
from peers.msrp.session import Session
from peers.sip import kdf, sdp
from peers.sip.mline import Refused
from peers.sip.situation import PLAIN, PSK_TLS

TCP, TLS = 'TCP/MSRP', 'TCP/TLS/MSRP'


class Leg(SimpleNamespace):
    """What the rest of the UE asks of a leg of media."""

    def masters(self):
        """No master keys of SRTP."""
        return None, None

    def open(self):
        """A re-offer that moves makes a new path."""
        self.line.renew()

    def close(self):
        """Nothing but what the line closes."""


class MsrpLine:
    """m-line number `index`, from 1, of a call."""

    def __init__(self, index, kind, ue, situation, keyring):
        self.index, self.kind, self.situation, self.keyring = index, kind, situation, keyring
        self.host, self.netns = ue.host, ue.netns
        self.leg = Leg(line=self, direction='sendrecv', remote=None, remote_rtcp=None, received=[], secured=False)
        self.tls = situation.msrp == PSK_TLS
        self.outcome = self.indicator = self.peer = None
        self.active, self.cema, self.connects = True, situation.msrp_cema, None
        self.i_messages, self.r_messages, self.channels, self.session = [], [], [], None
        self.sock = None
        self.secrets = set()        # pre-shared keys that were used
        self.renew()

    def renew(self):
        """A port and a path of our own."""
        if self.sock:
            self.sock.close()
        self.sock = channel.place(self.host, self.netns, listening=not self.tls)
        self.port = self.sock.getsockname()[1]
        self.id = os.urandom(10).hex()

    def path(self):
        """Our a=path."""
        host = f'[{self.host}]' if ':' in self.host else self.host
        return self.situation.msrp_path or f'msrp{"s" if self.tls else ""}://{host}:{self.port}/{self.id};tcp'

    def _media(self, direction, setup, cema):
        media = sdp.Media(kind=self.kind, port=self.port if self.active else 0, profile=TLS if self.tls else TCP, formats=['*'])
        media.add('accept-types', '*')
        media.add('path', self.path())
        if setup:
            media.add('setup', setup)
        if cema:
            media.add('msrp-cema')
        media.add(direction)
        return media

    # Offers.

    def offer(self, direction, _rekey):
        """Our media description of an offer."""
        self.setup = self.situation.msrp_setup
        media = self._media(direction, self.setup, self.situation.msrp_cema)
        if self.tls and self.situation.msrp == PSK_TLS:
            media.add('3ge2ae', self.situation.indicator)
        return media

    def take_answer(self, media):
        """What the peer answered to our offer, or Refused."""
        self.indicator = media.attribute('3ge2ae')
        if not media.port:
            self.active, self.outcome = False, None
            return
        if media.profile != (TLS if self.tls else TCP):
            raise Refused(f'{media.profile} was answered')
        if self.tls and self.indicator is None:
            raise Refused('an answer without 3ge2ae')
        theirs = media.attribute('setup')
        self._agree(media, connects=theirs != 'active' if self.setup in ('actpass', 'passive') else True)

    def withdraw(self):
        """Our offer was refused."""

    # Answers.

    def answer(self, media, direction):
        """Our answer to an offered media description, or Refused."""
        self.indicator, self.active = media.attribute('3ge2ae'), bool(media.port)
        if not media.port:
            return self._media('inactive', None, False)
        tls = media.profile == TLS
        if media.profile not in (TCP, TLS) or (tls and self.indicator is None):
            raise Refused(f'{media.profile} is not acceptable')
        if tls and not self.keyring.generations:
            raise Refused('TLS without a key')
        if tls != self.tls:
            self.tls = tls
            self.renew()
        theirs = media.attribute('setup')
        own = {'active': 'passive', 'passive': 'active'}.get(theirs, self.situation.msrp_setup)
        if own == 'actpass' or theirs is None:
            own = 'passive'
        cema = self.situation.msrp_cema and media.attribute('msrp-cema') is not None
        out = self._media(direction, own, cema)
        if tls:
            out.add('3ge2ae', 'applied')
        self._agree(media, connects=own == 'active')
        return out

    def _agree(self, media, connects):
        self.connects, self.peer = connects, media.attribute('path')
        self.cema = self.situation.msrp_cema and media.attribute('msrp-cema') is not None
        self.outcome = PSK_TLS if self.tls else PLAIN

    # The session.

    def key(self, **other):
        """The TLS of the line, as both ends have to have it."""
        version = self.situation.msrp_tls
        client = kdf.CLIENT_UE if self.connects else kdf.CLIENT_MSF
        psk, identity = self.keyring.psk_tls(self.index, kdf.TLS13 if version == '1.3' else kdf.TLS12, client,
                                             self.situation.msrp_generation)
        self.secrets |= {psk, psk.hex().encode()}
        return channel.Tls(**{'psk': psk.hex(), 'identity': identity, 'version': version,
                              'cipher': self.situation.msrp_cipher, **other})

    def target(self):
        """Where we connect to: c= and m= with CEMA or to the edge, else what the path says (RFC 4975, 8.3)."""
        if self.cema or self.tls:
            return self.leg.remote
        host, _, port = self.peer.split()[0].partition('://')[2].partition('/')[0].rpartition(':')
        return host.strip('[]'), int(port)

    async def channel(self, tls=None):
        """A connection as agreed on."""
        if self.tls and self.connects:
            made = await channel.tls_connect(self.host, self.target(), tls or self.key(), self.netns)
        elif self.tls:
            self.sock.close()
            made = await channel.tls_accept(self.host, self.port, tls or self.key(), self.netns)
        elif self.connects:
            made = await channel.connect(self.host, self.target(), self.netns)
        else:
            made = await channel.accept(self.sock)
        self.channels.append(made)
        return made

    async def join(self, tls=None):
        """The session, over a new connection; the one who connects says hello."""
        made = await self.channel(tls)
        self.session = Session(made.reader, made.writer, self.path(), self.peer)
        if self.connects:
            response = await self.session.hello()
            assert response.status == 200, f'hello was answered with {response.what}'
        return self.session

    def close(self):
        """Ends the media, without waiting."""
        if self.sock:
            self.sock.close()
        for one in self.channels:
            one.writer.close()
            if one.child and one.child.returncode is None:
                one.child.kill()
