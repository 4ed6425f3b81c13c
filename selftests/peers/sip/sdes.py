# SPDX-License-Identifier: GPL-2.0
"""a=crypto of SDP (RFC 4568): one line made and read."""
import base64
import re
from dataclasses import dataclass, field

from peers.suites import SUITES, fresh_key

_LINE = re.compile(r'(?P<tag>\d{1,9}) (?P<suite>\S+) (?P<keys>inline:\S+)(?P<more>( \S+)*)$')
_LIFETIME = re.compile(r'(2\^)?\d+$')


class BadCrypto(ValueError):
    """The line cannot be used; what it says is not shown."""


@dataclass
class Crypto:
    """A crypto attribute with one key."""
    tag: int
    suite: str
    key: bytes = field(repr=False)
    salt: bytes = field(repr=False)
    mki: bytes = b''
    lifetime: str = ''
    session: tuple = ()

    def text(self):
        """The attribute's value, a secret."""
        out = f'{self.tag} {self.suite} inline:{base64.b64encode(self.key + self.salt).decode()}'
        if self.lifetime:
            out += f'|{self.lifetime}'
        if self.mki:
            out += f'|{int.from_bytes(self.mki, "big")}:{len(self.mki)}'
        return ' '.join((out, *self.session))


def fresh(tag, suite, mki=b''):
    """A line with a key of its own."""
    return Crypto(tag, suite, *fresh_key(suite), mki)


def _key(text, suite):
    try:
        raw = base64.b64decode(text + '=' * (-len(text) % 4), validate=True)
    except ValueError:
        raise BadCrypto('the key is not base64') from None
    if len(raw) != suite.key + suite.salt:
        raise BadCrypto('the key has another length than its suite')
    return raw[:suite.key], raw[suite.key:]


def parse(value):
    """The Crypto of an attribute's value, or BadCrypto."""
    found = _LINE.match(value.strip())
    if not found:
        raise BadCrypto('no crypto attribute')
    if found['suite'] not in SUITES:
        raise BadCrypto(f'the suite {found["suite"]} is unknown')
    if ';' in found['keys']:
        raise BadCrypto('more than one key')
    first, *parts = found['keys'][len('inline:'):].split('|')
    key, salt = _key(first, SUITES[found['suite']])
    out = Crypto(int(found['tag']), found['suite'], key, salt, session=tuple(found['more'].split()))
    if parts and ':' not in parts[0]:
        out.lifetime = parts.pop(0)
        if not _LIFETIME.match(out.lifetime):
            raise BadCrypto('lifetime')
    if parts:
        number, _, size = parts.pop(0).partition(':')
        out.mki = int(number).to_bytes(int(size), 'big')
    unknown = [p for p in out.session if not p.startswith('-') and '=' not in p
               and not p.startswith('UN')]
    if parts or unknown:
        raise BadCrypto('parameters that are unknown')
    return out
