# SPDX-License-Identifier: GPL-2.0
"""What must not reach the core from the access side: looked for in every message."""
import re
from collections import namedtuple

from peers.sip import sdp

Finding = namedtuple('Finding', 'what message')

_KEYS_IN_HEADER = re.compile(r'\b[ci]k\s*=\s*"?[0-9a-f]{32}', re.I)
# Lines of keys in any spelling, in bodies of any type.
_KEYS_IN_BODY = re.compile(rb'^[ \t]*(?:a[ \t]*=[ \t]*(?:acap[ \t]*:[ \t]*\d+[ \t]+)?'
                           rb"(crypto|key-mgmt|3ge2ae)(?![\w-])|(k)[ \t]*=[ \t]*[-\w.!%*+`'~]{3,}[ \t]*:)", re.I | re.M)
_SECURITY = ('Security-Client', 'Security-Server', 'Security-Verify')
_OPTIONS = ('Require', 'Proxy-Require', 'Supported')


class Inspector:
    """Looks at messages. allow_e2e: keys between two UEs, without 3ge2ae, may pass."""

    def __init__(self, allow_e2e=False):
        self.allow_e2e, self.findings, self.looked = allow_e2e, [], 0
        self.secrets = set()        # octets whose hexadecimal form must not be seen

    def look(self, message):
        """Notes what a message should not hold."""
        self.looked += 1
        for what in (*self._headers(message), *self._body(message)):
            self.findings.append(Finding(what, message.start_line()))

    def _headers(self, message):
        for name in _SECURITY:
            if any('mediasec' in value for value in message.all(name)):
                yield f'mediasec in {name}'
        for name in _OPTIONS:
            if 'mediasec' in message.options(name):
                yield f'the option-tag mediasec in {name}'
        text = '\n'.join(f'{n}: {v}' for n, v in message.headers)
        if _KEYS_IN_HEADER.search(text):
            yield 'ck or ik in a header field'
        text = text.lower()
        if any(secret.hex() in text for secret in self.secrets):
            yield 'a session key in a header field'

    def _body(self, message):
        for found in _KEYS_IN_BODY.finditer(message.body or b''):
            name = (found[1] or b'k=').lower().decode()
            if name == '3ge2ae' or not self.allow_e2e:
                yield name
        if not message.body or not message.get('Content-Type', '').startswith(sdp.TYPE):
            return
        try:
            session = sdp.parse(message.body)
        except ValueError:      # what cannot be read is for its receiver to refuse
            return
        if not self.allow_e2e:
            yield from (m.profile for m in session.media if 'SAVP' in m.profile or m.profile == 'TCP/TLS/MSRP')

    def whats(self):
        """The kinds of things that were found."""
        return {finding.what for finding in self.findings}

    def assert_clean(self):
        """Fails if anything was found, or nothing was looked at."""
        assert self.looked, 'the core saw no message'
        assert not self.findings, f'reached the core: {self.findings}'
