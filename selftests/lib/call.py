# SPDX-License-Identifier: GPL-2.0
"""One relayed call: two SAs, a stream, sockets at both far ends, and oracles that judge."""
import itertools

from lib.ktap import equal
from lib.packets import octets
from lib.topology import FAR, GW
from peers.oracle import Forged, Oracle
from peers.suites import fresh_key, number

DEFAULT_SUITE = 'AES_CM_128_HMAC_SHA1_80'
SSRC = 0x11223344

_numbers = itertools.count(1)


def sa_values(ident, suite, key, salt, **more):
    """An SA as the netlink family wants it; names with _ for -."""
    values = {'id': ident, 'suite': number(suite), 'key': key, 'salt': salt}
    values.update({k.replace('_', '-'): v for k, v in more.items()})
    return values


def leg_values(local, local_port, peer=None, peer_port=None, **more):
    """A leg as the netlink family wants it."""
    values = {'local-addr': octets(local), 'local-port': local_port}
    if peer:
        values.update({'peer-addr': octets(peer), 'peer-port': peer_port})
    for name, value in more.items():
        values[name.replace('_', '-')] = octets(value) if name.endswith('_addr') else value
    return values


class Key:
    """A master key in one direction: its SA id and the oracle for it."""

    def __init__(self, ident, suite=DEFAULT_SUITE, mki=b'', secret=None, **sa):
        self.ident, self.suite, self.mki = ident, suite, mki
        self.secret = secret or fresh_key(suite)
        self.oracle = Oracle(suite, *self.secret, mki)
        self.sa = sa

    def values(self):
        """The SA for netlink."""
        more = dict(self.sa, mki=self.mki) if self.mki else self.sa
        return sa_values(self.ident, self.suite, *self.secret, **more)


class Call:
    """A stream with its secured access leg and plain core leg.

    in_key protects what the UE sends, out_key what it is sent. access and core add to the legs,
    stream to the stream. Ports: access 6000+, core 7000+; UE 5000+, core peer 8000+ (steps of 4).
    """

    def __init__(self, world, suite=DEFAULT_SUITE, mki=b'', families=(4, 4), rtcp='next',
                 in_sa=None, out_sa=None, access=None, core=None, secrets=(None, None),
                 sockets=True, **stream):
        self.world, self.n = world, next(_numbers)
        self.families = dict(zip(('access', 'core'), families))
        self.in_key = Key(2 * self.n - 1, suite, mki, secrets[0], **(in_sa or {}))
        self.out_key = Key(2 * self.n, suite, mki, secrets[1], **(out_sa or {}))
        step = 4 * (self.n % 200)
        self.near = {'access': 6000 + step, 'core': 7000 + step}
        self.far = {'access': 5000 + step, 'core': 8000 + step}
        self.rtcp_mode = rtcp
        self._make(access or {}, core or {}, stream)
        if sockets:
            self._sockets()

    def _leg(self, side, more):
        family = self.families[side]
        values = leg_values(GW[side, family], self.near[side], FAR[side, family], self.far[side])
        values['rtcp-mode'] = self.rtcp_mode
        if self.rtcp_mode == 'explicit':
            values.update({'rtcp-port': self.near[side] + 3, 'rtcp-peer-port': self.far[side] + 3})
        if side == 'access':
            values.update({'in-sa': self.in_key.ident, 'out-sa': self.out_key.ident})
        else:
            values['plain'] = True
        values.update(more)
        return {k: v for k, v in values.items() if v is not None}

    def _make(self, access, core, stream):
        values = {'id': self.n, 'access': self._leg('access', access),
                  'core': self._leg('core', core)}
        values.update({k.replace('_', '-'): v for k, v in stream.items()})
        self.world.nl.do('stream-new', stream=values,
                         sa=[self.in_key.values(), self.out_key.values()])

    def near_port(self, side, rtcp=False):
        """The gateway's port of a leg."""
        more = {'mux': 0, 'next': 1, 'explicit': 3}[self.rtcp_mode] if rtcp else 0
        return self.near[side] + more

    def far_port(self, side, rtcp=False):
        """The far end's port of a leg."""
        return self.far[side] + self.near_port(side, rtcp) - self.near[side]

    def _port(self, side, rtcp):
        family = self.families[side]
        port = self.world.port(side, self.far_port(side, rtcp), family)
        port.peer = (GW[side, family], self.near_port(side, rtcp))
        return port

    def _sockets(self):
        self.ue, self.core = self._port('access', False), self._port('core', False)
        self.ue_rtcp, self.core_rtcp = self.ue, self.core
        if self.rtcp_mode != 'mux':
            self.ue_rtcp, self.core_rtcp = self._port('access', True), self._port('core', True)

    # What is relayed, judged byte for byte.

    def up(self, rtp, roc=0):
        """UE to core: must arrive as it is."""
        self.ue.send(self.in_key.oracle.protect(rtp, roc))
        equal(self.core.receive(), rtp, 'RTP at the core')

    def down(self, rtp, roc=0):
        """Core to UE: must arrive protected."""
        self.core.send(rtp)
        srtp = self.ue.receive()
        assert srtp != rtp, 'clear text towards the subscriber'
        equal(self.out_key.oracle.unprotect(srtp, roc), rtp, 'RTP under SRTP at the UE')
        return srtp

    def up_rtcp(self, rtcp, index):
        """UE to core."""
        self.ue_rtcp.send(self.in_key.oracle.protect_rtcp(rtcp, index))
        equal(self.core_rtcp.receive(), rtcp, 'RTCP at the core')

    def down_rtcp(self, rtcp):
        """Core to UE; returns the index."""
        self.core_rtcp.send(rtcp)
        plain, index = self.out_key.oracle.unprotect_rtcp(self.ue_rtcp.receive())
        equal(plain, rtcp, 'RTCP under SRTCP at the UE')
        return index

    def silent(self, side):
        """Nothing may be waiting at a far end."""
        ports = {'access': (self.ue, self.ue_rtcp), 'core': (self.core, self.core_rtcp)}[side]
        for port in ports:
            found = port.drain(0.02)
            assert not found, f'{len(found)} packets came out, the first {found[0].hex()}'

    # What the kernel says.

    def sa(self, key):
        """The SA as the kernel shows it."""
        return self.world.nl.do('sa-get', sa={'id': key.ident})['sa'][0]

    def state(self, key, ssrc=SSRC):
        """(ROC, SEQ, next RTCP index) of an SSRC, None where it is not known."""
        for one in self.sa(key).get('state', []):
            if one['ssrc'] == ssrc:
                return one.get('roc'), one.get('seq'), one.get('rtcp-index')
        return None

    def show(self):
        """The stream as the kernel shows it."""
        return self.world.nl.do('stream-get', stream={'id': self.n})['stream']

    def drops(self):
        """Drop counters of the stream that are not zero."""
        return {k: v for k, v in self.show().get('drops', {}).items() if v}

    def change(self, sas=None, **values):
        """stream-set."""
        stream = {'id': self.n}
        stream.update({k.replace('_', '-'): v for k, v in values.items()})
        if sas:
            self.world.nl.do('stream-set', stream=stream, sa=sas)
        else:
            self.world.nl.do('stream-set', stream=stream)


def judge(oracle, datagrams, tops=(0,)):
    """Opens captured SRTP under any of the given ROCs; returns [(ssrc, index, rtp)], or fails."""
    out = []
    for one in datagrams:
        for roc in tops:
            try:
                rtp = oracle.unprotect(one.payload, roc)
            except Forged:
                continue
            index = roc << 16 | int.from_bytes(rtp[2:4], 'big')
            out.append((int.from_bytes(rtp[8:12], 'big'), index, rtp))
            break
        else:
            raise AssertionError(f'left the gateway and is not SRTP: {one.payload.hex()}')
    return out
