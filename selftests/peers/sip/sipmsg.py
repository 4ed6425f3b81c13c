# SPDX-License-Identifier: GPL-2.0
"""SIP messages: parsed, changed and written (RFC 3261, 7, 20 and 25)."""
import re
from dataclasses import dataclass, field

_COMPACT = {'a': 'Accept-Contact', 'b': 'Referred-By', 'c': 'Content-Type', 'e': 'Content-Encoding',
            'f': 'From', 'i': 'Call-ID', 'j': 'Reject-Contact', 'k': 'Supported', 'l': 'Content-Length',
            'm': 'Contact', 'o': 'Event', 'r': 'Refer-To', 's': 'Subject', 't': 'To',
            'u': 'Allow-Events', 'v': 'Via', 'x': 'Session-Expires'}
REASONS = {100: 'Trying', 180: 'Ringing', 181: 'Call Is Being Forwarded', 182: 'Queued',
           183: 'Session Progress', 199: 'Early Dialog Terminated', 200: 'OK', 202: 'Accepted',
           302: 'Moved Temporarily', 400: 'Bad Request', 401: 'Unauthorized', 403: 'Forbidden',
           404: 'Not Found', 405: 'Method Not Allowed', 407: 'Proxy Authentication Required',
           408: 'Request Timeout', 415: 'Unsupported Media Type', 420: 'Bad Extension',
           421: 'Extension Required', 422: 'Session Interval Too Small', 423: 'Interval Too Brief',
           480: 'Temporarily Unavailable', 481: 'Call/Transaction Does Not Exist',
           483: 'Too Many Hops', 486: 'Busy Here', 487: 'Request Terminated',
           488: 'Not Acceptable Here', 489: 'Bad Event', 491: 'Request Pending',
           494: 'Security Agreement Required', 500: 'Server Internal Error',
           501: 'Method Not Supported', 503: 'Service Unavailable', 504: 'Server Time-out',
           580: 'Precondition Failure', 600: 'Busy Everywhere', 603: 'Decline'}
_TOKEN = r"[A-Za-z0-9\-.!%*_+`'~]+"


class BadMessage(ValueError):
    """The octets are no SIP message."""


def split(text, separator=','):
    """Splits outside quotes and angle brackets."""
    out, part, quoted, depth, escaped = [], '', False, 0, False
    for c in text:
        if escaped:
            escaped = False
        elif c == '\\' and quoted:
            escaped = True
        elif c == '"':
            quoted = not quoted
        elif not quoted and c in '<>':
            depth += 1 if c == '<' else -1
        elif c == separator and not quoted and depth <= 0:
            out.append(part.strip())
            part = ''
            continue
        part += c
    return [p for p in out + [part.strip()] if p]


def unquote(text):
    """A quoted string's content; other text as it is."""
    if len(text) > 1 and text[0] == text[-1] == '"':
        return re.sub(r'\\(.)', r'\1', text[1:-1])
    return text


def parse_params(parts):
    """{name: value} of parameters; the value of one without is None."""
    out = {}
    for part in parts:
        name, eq, value = part.partition('=')
        out[name.strip().lower()] = unquote(value.strip()) if eq else None
    return out


def format_params(params):
    """;name=value of parameters."""
    return ''.join(f';{n}' if v is None else f';{n}={_value(v)}' for n, v in params.items())


def _value(text):
    return text if re.fullmatch(_TOKEN + r'|\[[0-9a-fA-F:.]+\]', str(text)) else f'"{text}"'


@dataclass
class Uri:
    """A SIP or TEL URI, or a URN."""
    scheme: str
    user: str
    host: str
    port: int = None
    params: dict = field(default_factory=dict)

    @classmethod
    def parse(cls, text):
        """Reads a URI."""
        scheme, colon, rest = text.strip().partition(':')
        if not colon:
            raise BadMessage(f'no URI: {text}')
        rest = rest.partition('?')[0]
        rest, *params = rest.split(';') if '@' not in rest else _after_user(rest)
        user, _, hostport = rest.rpartition('@')
        if scheme.lower() in ('tel', 'urn'):
            return cls(scheme.lower(), rest, '', None, parse_params(params))
        found = re.fullmatch(r'(\[[0-9a-fA-F:.]+\]|[^:\[\]]+)(?::(\d+))?', hostport)
        if not found:
            raise BadMessage(f'no host in {text}')
        port = int(found[2]) if found[2] else None
        return cls(scheme.lower(), user, found[1], port, parse_params(params))

    def __str__(self):
        at = f'{self.user}@' if self.user and self.host else self.user
        port = f':{self.port}' if self.port else ''
        return f'{self.scheme}:{at}{self.host}{port}{format_params(self.params)}'

    def aor(self):
        """The address of record: no port, no parameters."""
        return str(Uri(self.scheme, self.user, self.host.lower()))

    def address(self):
        """(host without brackets, port, transport) to send to."""
        kind = (self.params.get('transport') or ('tls' if self.scheme == 'sips' else 'udp')).lower()
        return self.host.strip('[]'), self.port or (5061 if kind == 'tls' else 5060), kind


def _after_user(rest):
    """Splits parameters off behind the @, since a user may hold semicolons."""
    user, _, tail = rest.partition('@')
    hostport, *params = tail.split(';')
    return [f'{user}@{hostport}', *params]


@dataclass
class Address:
    """name-addr or addr-spec with header parameters: From, To, Contact, Route and their like."""
    uri: Uri
    params: dict = field(default_factory=dict)
    display: str = ''

    @classmethod
    def parse(cls, text):
        """Reads one address."""
        found = re.match(r'\s*("(?:[^"\\]|\\.)*"|[^<"]*?)\s*<([^>]*)>\s*(.*)$', text, re.S)
        if found:
            return cls(Uri.parse(found[2]), parse_params(split(found[3], ';')), unquote(found[1]))
        first, *params = text.split(';')
        return cls(Uri.parse(first), parse_params(params))

    def __str__(self):
        name = f'"{self.display}" ' if self.display else ''
        return f'{name}<{self.uri}>{format_params(self.params)}'


@dataclass
class Via:
    """One Via."""
    kind: str
    host: str
    port: int
    params: dict

    @classmethod
    def parse(cls, text):
        """Reads one Via."""
        first, *params = split(text, ';')
        found = re.fullmatch(r'SIP\s*/\s*2\.0\s*/\s*(\w+)\s+(\[[^\]]+\]|[^\s:]+)\s*(?::\s*(\d+))?', first)
        if not found:
            raise BadMessage(f'no Via: {text}')
        return cls(found[1].lower(), found[2], int(found[3]) if found[3] else None, parse_params(params))

    def __str__(self):
        port = f':{self.port}' if self.port else ''
        return f'SIP/2.0/{self.kind.upper()} {self.host}{port}{format_params(self.params)}'


class Message:
    """A request (method and uri are set) or a response (status is set)."""

    def __init__(self, method=None, uri=None, status=None, reason=None, headers=(), body=b''):
        self.method, self.uri, self.status = method, uri, status
        self.reason = reason or REASONS.get(status, 'Unknown')
        self.headers = list(headers)
        self.body = body

    # Header fields, by name in any case and form.

    def all(self, name):
        """Values of all fields of a name, as they are."""
        name = name.lower()
        return [v for n, v in self.headers if n.lower() == name]

    def get(self, name, default=None):
        """The first value of a name."""
        return next(iter(self.all(name)), default)

    def list(self, name):
        """Elements of a comma separated field, over all its lines."""
        return [part for value in self.all(name) for part in split(value)]

    def set(self, name, value):
        """One field of that name, where the first was."""
        for at, (n, _) in enumerate(self.headers):
            if n.lower() == name.lower():
                self.headers[at] = (n, str(value))
                rest = [h for h in self.headers[at + 1:] if h[0].lower() != name.lower()]
                self.headers[at + 1:] = rest
                return
        self.add(name, value)

    def add(self, name, value):
        """One more field at the end."""
        self.headers.append((name, str(value)))

    def push(self, name, value):
        """One more field in front."""
        self.headers.insert(0, (name, str(value)))

    def remove(self, name):
        """Takes all fields of a name away."""
        self.headers = [h for h in self.headers if h[0].lower() != name.lower()]

    def replace(self, name, values):
        """Exactly these fields of a name, where the first was."""
        at = next((i for i, h in enumerate(self.headers) if h[0].lower() == name.lower()),
                  len(self.headers))
        self.remove(name)
        self.headers[at:at] = [(name, str(v)) for v in values]

    # What is often asked.

    @property
    def call_id(self):
        """Call-ID."""
        return self.get('Call-ID', '')

    @property
    def cseq(self):
        """(number, method)."""
        number, _, method = self.get('CSeq', '0 ?').partition(' ')
        return int(number), method.strip()

    @property
    def from_tag(self):
        """The tag of From."""
        return Address.parse(self.get('From')).params.get('tag')

    @property
    def to_tag(self):
        """The tag of To."""
        return Address.parse(self.get('To')).params.get('tag')

    @property
    def via(self):
        """The topmost Via."""
        return Via.parse(self.list('Via')[0])

    def addresses(self, name):
        """Addresses of a field."""
        return [Address.parse(v) for v in self.list(name)]

    def contact(self):
        """The URI of the first Contact, or None."""
        found = self.addresses('Contact')
        return found[0].uri if found else None

    def options(self, name):
        """Option tags of Supported, Require and the like."""
        return {part.lower() for part in self.list(name)}

    def start_line(self):
        """The first line."""
        if self.method:
            return f'{self.method} {self.uri} SIP/2.0'
        return f'SIP/2.0 {self.status} {self.reason}'

    def encode(self):
        """The octets, with the right Content-Length."""
        lines = [self.start_line()]
        lines += [f'{n}: {v}' for n, v in self.headers if n.lower() != 'content-length']
        lines.append(f'Content-Length: {len(self.body)}')
        return '\r\n'.join(lines).encode() + b'\r\n\r\n' + self.body

    def copy(self):
        """A message of its own."""
        return Message(self.method, self.uri, self.status, self.reason, self.headers, self.body)


def _unfold(head):
    lines = []
    for line in head.split('\r\n'):
        if line[:1] in (' ', '\t') and lines:
            lines[-1] += ' ' + line.strip()
        else:
            lines.append(line)
    return lines


def parse_head(head):
    """The message whose octets up to the empty line are given; it has no body yet."""
    try:
        first, *lines = _unfold(head.decode())
    except UnicodeDecodeError:
        raise BadMessage('not UTF-8') from None
    message = Message()
    response = re.fullmatch(r'SIP/2\.0 (\d{3})(?: (.*))?', first)
    request = re.fullmatch(r'(\S+) (\S+) SIP/2\.0', first)
    if response:
        message.status, message.reason = int(response[1]), response[2] or ''
    elif request:
        message.method, message.uri = request[1], request[2]
    else:
        raise BadMessage(f'no start line: {first[:60]!r}')
    for line in lines:
        name, colon, value = line.partition(':')
        if not colon or not re.fullmatch(_TOKEN, name.strip()):
            raise BadMessage(f'no header field: {line[:60]!r}')
        name = name.strip()
        message.headers.append((_COMPACT.get(name.lower(), name), value.strip()))
    return message


def parse(data):
    """The message in a datagram."""
    head, empty, body = data.partition(b'\r\n\r\n')
    if not empty:
        raise BadMessage('no empty line')
    message = parse_head(head)
    size = int(message.get('Content-Length', len(body)))
    if size > len(body):
        raise BadMessage('the body is shorter than Content-Length')
    message.body = body[:size]
    return message


def response_to(request, status, reason=None, tag=None):
    """A response with the fields that every one copies (8.2.6.2)."""
    out = Message(status=status, reason=reason)
    for name in ('Via', 'From', 'To', 'Call-ID', 'CSeq'):
        for value in request.all(name):
            out.add(name, value)
    if tag and not request.to_tag:
        out.set('To', f'{request.get("To")};tag={tag}')
    if status < 300:
        for value in request.all('Record-Route'):
            out.add('Record-Route', value)
    return out


def parse_auth(value):
    """(scheme, {directive: value}) of an authentication field."""
    scheme, _, rest = value.strip().partition(' ')
    return scheme, parse_params(split(rest))


def format_auth(directives, bare=('algorithm', 'stale', 'nc', 'qop', 'integrity-protected')):
    """A Digest field; the names in `bare` are not quoted."""
    parts = [f'{n}={v}' if n in bare and n != 'integrity-protected' else f'{n}="{v}"'
             for n, v in directives.items()]
    return 'Digest ' + ', '.join(parts)
