# SPDX-License-Identifier: GPL-2.0
"""A second opinion on session descriptions: what agent/media should say of one, written apart from it.

It works on a str with one character for each octet and takes a description apart into lists of lines first.
"""
import ipaddress
import re

ENOENT, ENOSPC, ERANGE, EBADMSG, EAFNOSUPPORT = -2, -28, -34, -74, -97
SECURE = {'rtp/avp': 'RTP/SAVP', 'rtp/avpf': 'RTP/SAVPF', 'tcp/msrp': 'TCP/TLS/MSRP'}
PLAIN = {secure.lower(): plain.upper() for plain, secure in SECURE.items()}
ICE = ('candidate remote-candidates ice-ufrag ice-pwd ice-options ice-lite ice-mismatch ice-pacing '
       'end-of-candidates').split()
OFF, NONE, E2AE, E2E, KEY_MGMT, UNUSABLE = range(6)
# RFC 3551, tables 4 and 5
AUDIO_8000 = {0, 3, 4, 5, 7, 8, 9, 12, 13, 15, 18}
OTHER_RATES = {6: 16000, 10: 44100, 11: 44100, 16: 11025, 17: 22050}
AT_90000 = {14, 25, 26, 28, 31, 32, 33, 34}


def words(text):
    return re.findall(r'[^ \t]+', text)


def number(text, most):
    """The number, or None."""
    return int(text) if re.fullmatch('[0-9]+', text) and int(text) <= most else None


def trim(text):
    return text.strip(' \t')


class Bad(Exception):
    """Carries the errno."""


def bad(code=EBADMSG):
    raise Bad(code)


def address(text):
    """A dict of the address in a c= or a=rtcp."""
    parts = words(text)
    if len(parts) != 3:
        bad()
    net, kind, where = parts
    where = where.split('/')[0]
    if net.lower() != 'in' or kind.lower() not in ('ip4', 'ip6'):
        bad(EAFNOSUPPORT)
    if not where:
        bad()
    six = kind.lower() == 'ip6'
    try:
        if '%' in where:
            raise ValueError
        octets = (ipaddress.IPv6Address if six else ipaddress.IPv4Address)(where).packed
        host, anywhere = False, not any(octets)
    except ValueError:
        octets, host, anywhere = bytes(16 if six else 4), True, where.lower().endswith('.invalid')
    return {'addr_err': 0, 'six': int(six), 'host': int(host), 'any': int(anywhere), 'addr': where,
            'octets': octets.hex()}


class Level:
    """The session or an m-line."""

    def __init__(self, session=None):
        self.session = session or self
        self.lines = []

    def values(self, kind):
        return [line[2:] for line in self.lines if line[:2] == kind + '=']

    def attributes(self, name):
        """Values of all attributes of a name."""
        split = [value.partition(':') for value in self.values('a')]
        return [trim(value) for found, _, value in split if trim(found).lower() == name]

    def either(self, name):
        """Values at this level, else the session's."""
        return self.attributes(name) or self.session.attributes(name)

    def media(self):
        if self.session is self:
            bad(ENOENT)
        head = re.match(r'm=[ \t]*([^ \t]+)[ \t]+([^ \t]+)[ \t]+([^ \t]+)(.*)', self.lines[0], re.S)
        if not head:
            bad()
        media, port, proto, formats = head.groups()
        port, slash, ports = port.partition('/')
        port, ports = number(port, 65535), number(ports, 65535) if slash else 1
        if port is None or not ports:
            bad()
        low = proto.lower()
        secure = low in PLAIN or bool({'tls', 'dtls'} & set(low.split('/')))
        other = (PLAIN if secure else SECURE).get(low, '')
        return {'media_err': 0, 'media': media, 'proto': proto, 'formats': trim(formats), 'port': port,
                'ports': ports, 'secure': int(secure), 'other': other}

    def connection(self):
        lines = self.values('c') or self.session.values('c')
        return address(lines[0]) if lines else bad(ENOENT)

    def rtcp(self):
        media = self.media()
        mux, only = bool(self.attributes('rtcp-mux')), bool(self.attributes('rtcp-mux-only'))
        told = {'x': 0, 'err': 0, 'mux': int(mux or only), 'only': int(only), 'given': 0, 'port': 0}
        given = self.attributes('rtcp')
        if given:
            first, rest = re.match(r'([^ \t]*)(.*)', given[0], re.S).groups()
            port = number(first, 65535)
            if not port:
                bad()
            told.update(given=1, port=port)
            if trim(rest):
                told.update(address(rest))
        elif media['port'] == 65535:
            if not mux and not only:
                bad(ERANGE)
        elif media['port']:
            told['port'] = media['port'] + 1
        return told

    def clock(self):
        first = (words(self.media()['formats']) or [''])[0]
        payload = number(first, 127)
        if payload is None:
            bad(ENOENT)
        for line in self.attributes('rtpmap'):
            parts = words(line) + ['', '']
            rate = re.match(r'[^/]*/([0-9]+)(/|$)', parts[1])
            if number(parts[0], 127) == payload and rate and 0 < int(rate[1]) < 1 << 31:
                return int(rate[1])
        if payload in AUDIO_8000:
            return 8000
        return 90000 if payload in AT_90000 else OTHER_RATES.get(payload) or bad(ENOENT)

    def ptime(self):
        lines = self.attributes('ptime') or bad(ENOENT)
        whole, _, part = lines[0].partition('.')
        if number(whole, 1000) is None or not re.fullmatch('[0-9]*', part[:3]):
            bad()
        micro = int(whole) * 1000 + int((part + '000')[:3])
        return micro if 0 < micro <= 1000000 else bad()

    def key_mgmt(self):
        own = self.attributes('key-mgmt')
        if not own and self is not self.session and attempt(self.media, {}).get('secure') != 1:
            return []
        told = []
        for line in own or self.session.attributes('key-mgmt'):
            protocol, data = re.match(r'([^ \t]*)(.*)', line, re.S).groups()
            told.append({'x': 0, 'session': int(not own), 'protocol': protocol, 'data': trim(data)})
        return told

    def e2ae(self):
        lines = self.attributes('3ge2ae')
        return {'requested': 1, 'applied': 2}.get(lines[0].lower(), 3) if lines else 0

    def security(self):
        try:
            media = self.media()
        except Bad:
            return UNUSABLE
        if not media['port']:
            return OFF
        crypto, edge = self.attributes('crypto'), self.e2ae() in (1, 2)
        tls = bool({'tls', 'dtls'} & set(media['proto'].lower().split('/')))
        prints = self.either('fingerprint') if media['secure'] else self.attributes('fingerprint')
        if edge and (media['proto'].lower() == 'tcp/tls/msrp' or crypto and not tls):
            return E2AE
        if self.key_mgmt():
            return KEY_MGMT
        if edge:
            return UNUSABLE
        if crypto or tls or prints:
            return E2E
        return UNUSABLE if media['secure'] else NONE

    def direction(self):
        for level in (self, self.session):
            for value in level.values('a'):
                name = trim(value.partition(':')[0]).lower()
                if name in ('sendrecv', 'sendonly', 'recvonly', 'inactive'):
                    return ['sendrecv', 'sendonly', 'recvonly', 'inactive'].index(name)
        return 0

    def ssrcs(self):
        told = []
        for line in self.attributes('ssrc'):
            ssrc = number((words(line) or [''])[0], 0xffffffff)
            if ssrc is not None and ssrc not in told:
                told.append(ssrc)
        return told

    def setup(self):
        lines = self.either('setup')
        roles = ['active', 'passive', 'actpass', 'holdconn']
        return 1 + roles.index(lines[0].lower()) if lines and lines[0].lower() in roles else 5 * bool(lines)

    def bundled(self):
        mid = self.attributes('mid')
        groups = [words(line) for line in self.session.attributes('group')]
        return any(mid[0] in group[1:] for group in groups if mid and group and group[0].lower() == 'bundle')

    def bandwidth(self):
        for line in self.values('b'):
            kind, _, value = line.partition(':')
            if trim(kind).lower() == 'as':
                value = number(trim(value), 0xffffffff)
                return bad() if value is None else value
        return bad(ENOENT)

    def told(self, level):
        """What the helper prints of it."""
        ssrcs = self.ssrcs()
        as_line = attempt(self.bandwidth)
        return {'level': level, **attempt(self.media, lambda err: {'media_err': err}),
                **attempt(self.connection, lambda err: {'addr_err': err}),
                'rtcp': attempt(self.rtcp, lambda err: {'x': 0, 'err': err}),
                'crypto': [0] + [{'x': 0, 'value': value} for value in self.attributes('crypto')],
                'key_mgmt': [0] + self.key_mgmt(), 'e2ae': self.e2ae(), 'security': self.security(),
                'n_ssrcs': len(ssrcs) if len(ssrcs) <= 4 else ENOSPC, 'ssrcs': [0] + ssrcs * (len(ssrcs) <= 4),
                'direction': self.direction(), 'clock': attempt(self.clock), 'ptime': attempt(self.ptime),
                'setup': self.setup(), 'cema': int(bool(self.attributes('msrp-cema'))),
                'ice': sum(1 << bit for bit, name in enumerate(ICE) if self.attributes(name)),
                'bundled': int(level > 0 and self.bundled()), 'as_err': min(as_line, 0), 'as': max(as_line, 0),
                'path': (self.either('path') or [''])[0]}


def attempt(function, fallback=lambda err: err):
    """The result, or what fallback makes of the errno."""
    try:
        return function()
    except Bad as fault:
        return fallback(fault.args[0]) if callable(fallback) else fallback


class Description:
    """A whole description."""

    def __init__(self, octets):
        self.lines = []
        for line in octets.decode('latin-1').split('\n')[:-1]:
            self.lines.append(line[:-1] if line[-1:] == '\r' else line)
        last = octets.decode('latin-1').split('\n')[-1]
        self.lines += [last] if last else []
        self.levels = [Level()]
        for line in self.lines:
            if line[:2] == 'm=':
                self.levels.append(Level(self.levels[0]))
            self.levels[-1].lines.append(line)

    def check(self):
        lines, session = self.lines, self.levels[0]
        if any(re.search('[\0\r\n]', line) for line in lines) or not re.fullmatch('v=[ \t]*0[ \t]*', (lines or [''])[0]):
            return EBADMSG
        if not session.values('o') or len(words(session.values('o')[0])) != 6:
            return EBADMSG
        for level in self.levels[1:]:
            try:
                if level.media()['port']:
                    level.connection()
            except Bad as fault:
                return EBADMSG if fault.args[0] == ENOENT else fault.args[0]
        return 0

    def told(self):
        return {'check': self.check(), 'levels': [level.told(i) for i, level in enumerate(self.levels)]}
