# SPDX-License-Identifier: GPL-2.0
"""SDP: session and media descriptions, read and written in their order (RFC 8866)."""
from dataclasses import dataclass, field

TYPE = 'application/sdp'
DIRECTIONS = ('sendrecv', 'sendonly', 'recvonly', 'inactive')
REVERSED = {'sendrecv': 'sendrecv', 'sendonly': 'recvonly', 'recvonly': 'sendonly', 'inactive': 'inactive'}


class BadSdp(ValueError):
    """No session description."""


@dataclass
class _Part:
    """The lines of a section as (letter, value)."""
    lines: list = field(default_factory=list)

    def attributes(self, name):
        """Values of an attribute; '' for one without a value."""
        found = (v.partition(':') for k, v in self.lines if k == 'a')
        return [value for key, _, value in found if key == name]

    def attribute(self, name):
        """The first value of an attribute, or None."""
        return next(iter(self.attributes(name)), None)

    def add(self, name, value=None):
        """One more attribute."""
        self.lines.append(('a', name if value is None else f'{name}:{value}'))

    def connection(self):
        """The address of c=, or None."""
        return next((v.split()[2].partition('/')[0] for k, v in self.lines if k == 'c'), None)

    def direction(self):
        """The direction attribute, or None."""
        return next((v for k, v in self.lines if k == 'a' and v in DIRECTIONS), None)


@dataclass
class Media(_Part):
    """A media description."""
    kind: str = 'audio'
    port: int = 0
    profile: str = 'RTP/AVP'
    formats: list = field(default_factory=list)

    def text(self):
        """Its lines."""
        first = f'm={self.kind} {self.port} {self.profile} {" ".join(self.formats)}'
        return [first] + [f'{k}={v}' for k, v in self.lines]


@dataclass
class Session(_Part):
    """A whole description."""
    media: list = field(default_factory=list)

    def encode(self):
        """The octets."""
        lines = [f'{k}={v}' for k, v in self.lines]
        for one in self.media:
            lines += one.text()
        return ''.join(f'{line}\r\n' for line in lines).encode()

    def address(self, media, mux=True):
        """(address, RTP port, RTCP port) of a media description; mux: the other side shares ports as well."""
        host = media.connection() or self.connection()
        if not host:
            raise BadSdp('no c= line')
        if mux and media.attribute('rtcp-mux') is not None:
            return host, media.port, media.port
        rtcp = media.attribute('rtcp')
        return host, media.port, int(rtcp.split()[0]) if rtcp else media.port + 1

    def direction_of(self, media):
        """The direction of a media description."""
        return media.direction() or self.direction() or 'sendrecv'


def parse(data):
    """The session description in octets."""
    session = Session()
    part = session
    for line in data.decode().splitlines():
        if not line:
            continue
        key, eq, value = line.partition('=')
        if not eq or len(key) != 1:
            raise BadSdp(f'no line of SDP: {line[:20]!r}')
        if key == 'm':
            kind, port, profile, *formats = value.split()
            part = Media(kind=kind, port=int(port.partition('/')[0]), profile=profile, formats=formats)
            session.media.append(part)
        else:
            part.lines.append((key, value))
    if not session.lines or session.lines[0] != ('v', '0'):
        raise BadSdp('no v=0')
    return session


def family(address):
    """IP4 or IP6."""
    return 'IP6' if ':' in address else 'IP4'


def new(address, session_id, version, name='call'):
    """A session without media."""
    where = f'IN {family(address)} {address}'
    return Session([('v', '0'), ('o', f'- {session_id} {version} {where}'), ('s', name),
                    ('c', where), ('t', '0 0')])


def brief(data):
    """A few words on a description, without what is secret."""
    try:
        session = parse(data)
    except (BadSdp, ValueError):
        return 'SDP?'
    words = []
    for one in session.media:
        word = f'{one.kind} {one.port} {one.profile}'
        for name in ('crypto', 'key-mgmt', '3ge2ae', *DIRECTIONS):
            if one.attribute(name) is not None or session.attribute(name) is not None:
                word += f' +{name}'
        words.append(word)
    return '; '.join(words)
