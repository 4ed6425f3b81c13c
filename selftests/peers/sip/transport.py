# SPDX-License-Identifier: GPL-2.0
"""SIP over UDP, TCP and TLS with asyncio: sockets, flows and framing (RFC 3261, 18)."""
import asyncio
import contextlib
import hashlib
import hmac
import os
import socket
import ssl

from lib.netns import inside
from peers.sip import sipmsg
from peers.sip.ladder import Ladder

_MOST = 65536
CONNECT_SECONDS = 5


class FlowError(OSError):
    """The way to the peer is gone."""


class Flow:
    """A connection, or the two addresses of a UDP association."""

    def __init__(self, transport, kind, local, remote, send):
        self.transport, self.kind, self.local, self.remote = transport, kind, local[:2], remote[:2]
        self._send, self.open, self.writer = send, True, None

    @property
    def reliable(self):
        """Whether what is sent arrives without being repeated."""
        return self.kind != 'udp'

    def send(self, message):
        """Sends a SIP message."""
        raw = message.encode()
        if not self.open:
            raise FlowError(f'{self.kind} to {self.remote} is closed')
        self.transport.ladder.saw(self.transport.party, True, self, message, raw)
        self._send(raw)

    def send_raw(self, data):
        """Sends octets as they are: a keep-alive, or something broken."""
        self._send(data)

    def exported(self, label, context, size=32):
        """The TLS 1.3 exporter's value for this connection, which we have to be the client of."""
        hash_name = 'sha384' if 'SHA384' in self.writer.get_extra_info('cipher')[0] else 'sha256'
        return export(self.transport.exporter_secret(), label, context, size, hash_name)


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, transport):
        self._transport = transport

    def datagram_received(self, data, addr):
        self._transport.datagram(data, addr)

    def error_received(self, exc):
        self._transport.errors.append(exc)


class Transport:
    """The sockets of one party.

    netns: the network namespace in which they are made; tls_server, tls_client: SSL contexts.
    """

    def __init__(self, party, host, netns=None, ladder=None, tls_server=None, tls_client=None):
        self.party, self.host, self.netns = party, host, netns
        self.ladder = ladder or Ladder()
        self.tls = {True: tls_server, False: tls_client}
        self.addresses = {}         # by kind: where we listen
        self.flows = {}             # by (kind, remote address, remote port)
        self.bad, self.errors = [], []
        self._closing, self._udp, self._tasks = [], None, set()
        self._keylog = None

    def received(self, message, flow):
        """A message came; the subclass says what happens."""
        raise NotImplementedError

    def _socket(self, kind, port):
        version = socket.AF_INET6 if ':' in self.host else socket.AF_INET
        with inside(self.netns):
            sock = socket.socket(version, socket.SOCK_DGRAM if kind == 'udp' else socket.SOCK_STREAM)
        sock.setblocking(False)
        if kind != 'udp':
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((self.host, port))
        return sock

    async def listen(self, kind, port=0):
        """Opens a socket; returns its (address, port)."""
        sock = self._socket(kind, port)
        self.addresses[kind] = sock.getsockname()[:2]
        if kind == 'udp':
            self._udp, _ = await asyncio.get_running_loop().create_datagram_endpoint(
                lambda: _Datagrams(self), sock=sock)
        else:
            context = self.tls[True] if kind == 'tls' else None
            server = await asyncio.start_server(
                lambda reader, writer: self._accepted(kind, reader, writer), sock=sock, ssl=context)
            self._closing.append(server)
        return self.addresses[kind]

    async def flow_to(self, host, port, kind):
        """The flow to an address: an open one, or a new one."""
        found = self.flows.get((kind, host, port))
        if found and found.open:
            return found
        if kind == 'udp':
            return self._datagram_flow((host, port))
        return await self._connect(host, port, kind)

    def _datagram_flow(self, addr):
        key = ('udp', *addr[:2])
        if key not in self.flows:
            self.flows[key] = Flow(self, 'udp', self.addresses['udp'], addr,
                                   lambda raw: self._udp.sendto(raw, addr))
        return self.flows[key]

    async def _connect(self, host, port, kind):
        sock = self._socket(kind, 0)
        context = self.tls[False] if kind == 'tls' else None
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await asyncio.get_running_loop().sock_connect(sock, (host, port))
                reader, writer = await asyncio.open_connection(
                    sock=sock, ssl=context, server_hostname=host if context else None)
        except (OSError, TimeoutError) as error:
            sock.close()
            raise FlowError(f'{kind} to {host} port {port}: {error}') from None
        return self._connected(kind, reader, writer)

    def _connected(self, kind, reader, writer):
        local, remote = (writer.get_extra_info(n) for n in ('sockname', 'peername'))
        flow = Flow(self, kind, local, remote, writer.write)
        flow.writer = writer
        self.flows[kind, *remote[:2]] = flow
        self.spawn(self._read(reader, flow))
        return flow

    async def _accepted(self, kind, reader, writer):
        self._connected(kind, reader, writer)

    def spawn(self, work):
        """Runs a coroutine until it ends or this party closes."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task):
        self._tasks.discard(task)
        if not task.cancelled() and task.exception():
            self.errors.append(task.exception())

    def datagram(self, data, addr):
        """A UDP datagram came."""
        flow = self._datagram_flow(addr)
        if not data.strip(b'\r\n\0'):
            return
        try:
            self._deliver(sipmsg.parse(data), data, flow)
        except sipmsg.BadMessage as error:
            self.bad.append((error, data))

    def _deliver(self, message, raw, flow):
        self.ladder.saw(self.party, False, flow, message, raw)
        try:
            self.received(message, flow)
        except Exception as error:      # whatever it is, the test hears of it by check()
            self.errors.append(error)

    async def _read(self, reader, flow):
        buffer = b''
        try:
            while data := await reader.read(_MOST):
                buffer = self._frames(buffer + data, flow)
        except sipmsg.BadMessage as error:
            self.bad.append((error, buffer))
        except OSError:     # a reset is an end like another
            pass
        finally:
            flow.open = False
            flow.writer.close()

    def _frames(self, buffer, flow):
        """Takes whole messages off a stream (18.3) and answers pings (RFC 5626, 4.4.1)."""
        while buffer:
            if buffer.startswith(b'\r\n'):
                if buffer.startswith(b'\r\n\r\n'):
                    flow.send_raw(b'\r\n')
                buffer = buffer.lstrip(b'\r\n')
                continue
            head, empty, rest = buffer.partition(b'\r\n\r\n')
            if not empty:
                break
            message = sipmsg.parse_head(head)
            size = int(message.get('Content-Length', 0))
            if len(rest) < size:
                break
            message.body = rest[:size]
            raw, buffer = buffer[:len(head) + 4 + size], rest[size:]
            self._deliver(message, raw, flow)
        return buffer

    async def close(self):
        """Closes everything."""
        for task in list(self._tasks):
            task.cancel()
        for flow in self.flows.values():
            if flow.writer:
                flow.writer.close()
        for server in self._closing:
            server.close()
        if self._udp:
            self._udp.close()
        if self._keylog is not None:
            os.close(self._keylog)
            self._keylog = None
        await asyncio.sleep(0)

    def check(self):
        """Fails if anything went wrong that nobody waited for."""
        assert not self.bad, f'{self.party} received no SIP: {self.bad[0]}'
        assert not self.errors, f'{self.party}: {self.errors[0]!r}'

    # TLS keying material (RFC 5705, RFC 8446 7.5), kept in memory.

    def keep_exporter_secrets(self):
        """Makes Flow.exported() work for connections that are made from now on."""
        self._keylog = os.memfd_create('secrets')
        self.tls[False].keylog_filename = f'/proc/self/fd/{self._keylog}'

    def exporter_secret(self):
        """The exporter secret of the connection that was made last."""
        with open(f'/proc/self/fd/{self._keylog}', encoding='ascii') as f:
            found = [line.split()[2] for line in f if line.startswith('EXPORTER_SECRET ')]
        if not found:
            raise FlowError('no TLS 1.3 connection was made')
        return bytes.fromhex(found[-1])


def _expand(secret, label, context, size, hash_name):
    """HKDF-Expand-Label (RFC 8446, 7.1) for one or two blocks."""
    label = b'tls13 ' + label
    info = size.to_bytes(2, 'big') + bytes([len(label)]) + label + bytes([len(context)]) + context
    out, part = b'', b''
    for n in range(1, 3):
        part = hmac.digest(secret, part + info + bytes([n]), hash_name)
        out += part
    return out[:size]


def export(secret, label, context, size, hash_name='sha256'):
    """The exporter of TLS 1.3."""
    def digest(data):
        return hashlib.new(hash_name, data).digest()
    derived = _expand(secret, label, digest(b''), len(digest(b'')), hash_name)
    return _expand(derived, b'exporter', digest(context), size, hash_name)


def client_context(ca_file, check_name=False):
    """An SSL context for a client that trusts one certificate."""
    context = ssl.create_default_context(cafile=ca_file)
    context.check_hostname = check_name
    return context


def server_context(certificate, key):
    """An SSL context for a server."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


@contextlib.asynccontextmanager
async def closing(*parties):
    """Closes parties at the end; on the good way out they are also checked."""
    try:
        yield parties
        for one in parties:
            one.check()
    finally:
        for one in parties:
            await one.close()
