# SPDX-License-Identifier: GPL-2.0
"""Connections for MSRP: TCP, or TLS with a pre-shared key by openssl, in a network namespace."""
import asyncio
import contextlib
import socket
from dataclasses import dataclass, field

from lib.netns import inside

LIMIT = 1 << 20
VERSIONS = {'1.3': ('-tls1_3', '-ciphersuites'), '1.2': ('-tls1_2', '-cipher')}
_CHILDREN = set()         # channels whose child is not known to be gone
CIPHERS = {'1.3': 'TLS_AES_128_GCM_SHA256', '1.2': 'DHE-PSK-AES128-GCM-SHA256'}


@dataclass(frozen=True)
class Tls:
    """TLS as a UE wants it: the key, in hexadecimal, and the name it goes by."""
    psk: str
    identity: str
    version: str = '1.3'
    cipher: str = None

    def words(self):
        """Of openssl's command line."""
        version, ciphers = VERSIONS[self.version]
        return [version, ciphers, self.cipher or CIPHERS[self.version], '-psk', self.psk, '-psk_identity', self.identity]


@dataclass(eq=False)
class Channel:
    """A connection. child: the openssl that makes its TLS."""
    reader: object
    writer: object
    child: object = None
    said: bytearray = field(default_factory=bytearray)

    async def close(self):
        """Ends it, and the child."""
        self.writer.close()
        if self.child and self.child.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self.child.kill()
        if self.child:
            await self.child.wait()
            _CHILDREN.discard(self)


async def settled():
    """Ends all children that are left."""
    for one in list(_CHILDREN):
        await one.close()
    await asyncio.sleep(0)


def _socket(host, netns):
    with inside(netns):
        sock = socket.socket(socket.AF_INET6 if ':' in host else socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.setblocking(False)
    return sock


def place(host, netns=None, listening=True):
    """A socket on a port of its own."""
    sock = _socket(host, netns)
    sock.bind((host, 0))
    if listening:
        sock.listen(4)
    return sock


def _where(host, port):
    return f'[{host}]:{port}' if ':' in host else f'{host}:{port}'


async def connect(local, remote, netns=None):
    """TCP to somewhere."""
    sock = _socket(local, netns)
    sock.bind((local, 0))
    await asyncio.get_running_loop().sock_connect(sock, remote)
    return Channel(*await asyncio.open_connection(sock=sock, limit=LIMIT))


async def accept(sock):
    """The next connection at a socket that listens."""
    taken, _ = await asyncio.get_running_loop().sock_accept(sock)
    taken.setblocking(False)
    return Channel(*await asyncio.open_connection(sock=taken, limit=LIMIT))


async def _openssl(words, netns):
    inside_ = ['ip', 'netns', 'exec', netns] if netns else []
    child = await asyncio.create_subprocess_exec(
        *inside_, 'openssl', *words, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE, limit=LIMIT)
    channel = Channel(child.stdout, child.stdin, child)
    _CHILDREN.add(channel)

    async def listen():
        while octets := await child.stderr.read(4096):
            channel.said.extend(octets[:4096])
    asyncio.get_running_loop().create_task(listen())
    return channel


async def tls_connect(local, remote, tls, netns=None):
    """TLS to somewhere, as its client."""
    return await _openssl(['s_client', '-connect', _where(*remote), '-bind', _where(local, 0), '-quiet', '-nocommands',
                           *tls.words()], netns)


async def tls_accept(host, port, tls, netns=None):
    """TLS with whoever comes, as its server."""
    return await _openssl(['s_server', '-accept', _where(host, port), '-naccept', '1', '-quiet', '-nocert',
                           *tls.words()], netns)
