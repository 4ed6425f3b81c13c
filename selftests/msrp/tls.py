# SPDX-License-Identifier: GPL-2.0
"""A TLS-PSK peer over libssl: every step of a connection is in the hands of the test."""
import ctypes
import os
import socket
import threading

V12, V13 = 0x0303, 0x0304
_ssl = ctypes.CDLL('libssl.so.3')
_crypto = ctypes.CDLL('libcrypto.so.3')
_P, _I, _L = ctypes.c_void_p, ctypes.c_int, ctypes.c_long


def _declare(library, name, result, *arguments):
    function = getattr(library, name)
    function.restype, function.argtypes = result, arguments
    return function


_CLIENT = ctypes.CFUNCTYPE(ctypes.c_uint, _P, _P, _P, ctypes.c_uint, _P, ctypes.c_uint)
_SERVER = ctypes.CFUNCTYPE(ctypes.c_uint, _P, ctypes.c_char_p, _P, ctypes.c_uint)
_MESSAGE = ctypes.CFUNCTYPE(None, _I, _I, _I, _P, ctypes.c_size_t, _P, _P)
_new_ctx = _declare(_ssl, 'SSL_CTX_new', _P, _P)
_free_ctx = _declare(_ssl, 'SSL_CTX_free', None, _P)
_method = {False: _declare(_ssl, 'TLS_client_method', _P), True: _declare(_ssl, 'TLS_server_method', _P)}
_ctx_ctrl = _declare(_ssl, 'SSL_CTX_ctrl', _L, _P, _I, _L, _P)
_ciphers = _declare(_ssl, 'SSL_CTX_set_cipher_list', _I, _P, ctypes.c_char_p)
_suites = _declare(_ssl, 'SSL_CTX_set_ciphersuites', _I, _P, ctypes.c_char_p)
_set_client = _declare(_ssl, 'SSL_CTX_set_psk_client_callback', None, _P, _CLIENT)
_set_server = _declare(_ssl, 'SSL_CTX_set_psk_server_callback', None, _P, _SERVER)
_options = _declare(_ssl, 'SSL_CTX_set_options', ctypes.c_uint64, _P, ctypes.c_uint64)
_tickets = _declare(_ssl, 'SSL_CTX_set_num_tickets', _I, _P, ctypes.c_size_t)
_trace = _declare(_ssl, 'SSL_CTX_set_msg_callback', None, _P, _MESSAGE)
_new = _declare(_ssl, 'SSL_new', _P, _P)
_free = _declare(_ssl, 'SSL_free', None, _P)
_set_fd = _declare(_ssl, 'SSL_set_fd', _I, _P, _I)
_accept = _declare(_ssl, 'SSL_accept', _I, _P)
_connect = _declare(_ssl, 'SSL_connect', _I, _P)
_read = _declare(_ssl, 'SSL_read', _I, _P, _P, _I)
_write = _declare(_ssl, 'SSL_write', _I, _P, ctypes.c_char_p, _I)
_shutdown = _declare(_ssl, 'SSL_shutdown', _I, _P)
_error = _declare(_ssl, 'SSL_get_error', _I, _P, _I)
_version = _declare(_ssl, 'SSL_version', _I, _P)
_cipher = _declare(_ssl, 'SSL_get_current_cipher', _P, _P)
_cipher_name = _declare(_ssl, 'SSL_CIPHER_get_name', ctypes.c_char_p, _P)
_get_session = _declare(_ssl, 'SSL_get1_session', _P, _P)
_set_session = _declare(_ssl, 'SSL_set_session', _I, _P, _P)
_update = _declare(_ssl, 'SSL_key_update', _I, _P, _I)
_renegotiate = _declare(_ssl, 'SSL_renegotiate', _I, _P)
_handshake = _declare(_ssl, 'SSL_do_handshake', _I, _P)
_get_error = _declare(_crypto, 'ERR_get_error', ctypes.c_ulong)
_reason = _declare(_crypto, 'ERR_reason_error_string', ctypes.c_char_p, ctypes.c_ulong)
_clear = _declare(_crypto, 'ERR_clear_error', None)
SET_MIN, SET_MAX, DH_AUTO = 123, 124, 118
ZERO_RETURN = 6


class TlsError(Exception):
    """TLS failed; says OpenSSL's words."""


class Tls:
    """One end of a connection. keys: {version: octets}; identity as on the wire."""

    def __init__(self, sock, identity, keys, server=False, versions=(V12, V13), ciphers=None, suites=None, options=0,
                 tickets=0, ticket=None):
        self.sock, self.identity, self.keys, self.server = sock, identity.encode(), keys, server
        self.alerts, self.shown, self.messages, self.server_hello, self.records = [], None, [], b'', 0
        self.ctx = _new_ctx(_method[server]())
        _ctx_ctrl(self.ctx, SET_MIN, versions[0], None)
        _ctx_ctrl(self.ctx, SET_MAX, versions[1], None)
        _ctx_ctrl(self.ctx, DH_AUTO, 1, None)
        assert _ciphers(self.ctx, (ciphers or 'PSK:@SECLEVEL=1').encode()) == 1
        if suites:
            assert _suites(self.ctx, suites.encode()) == 1
        _options(self.ctx, options)
        _tickets(self.ctx, tickets)
        self._callbacks = (_CLIENT(self._as_client), _SERVER(self._as_server), _MESSAGE(self._on_message))
        if server:
            _set_server(self.ctx, self._callbacks[1])
        else:
            _set_client(self.ctx, self._callbacks[0])
        _trace(self.ctx, self._callbacks[2])
        self.ssl = _new(self.ctx)
        if ticket:
            assert _set_session(self.ssl, ticket) == 1
        # OpenSSL has no timeouts: the socket blocks, with the kernel's.
        seconds = int(sock.gettimeout() or 20)
        sock.setblocking(True)
        limit = seconds.to_bytes(8, 'little') + bytes(8)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
        _set_fd(self.ssl, sock.fileno())

    def _key(self, ssl):
        return self.keys.get(_version(ssl), b'')

    def _as_client(self, ssl, _hint, identity, room, psk, _psk_room):
        key = self._key(ssl)
        assert len(self.identity) < room
        ctypes.memmove(identity, self.identity + b'\0', len(self.identity) + 1)
        ctypes.memmove(psk, key, len(key))
        return len(key)

    def _as_server(self, ssl, identity, psk, _room):
        self.shown = identity
        key = self._key(ssl) if identity == self.identity else b''
        ctypes.memmove(psk, key, len(key))
        return len(key)

    def _on_message(self, write, version, kind, data, size, _ssl_, _arg):
        octets = ctypes.string_at(data, size)
        # 256 is the head of a record, of application data here.
        if not write and kind == 256 and octets[0] == 23:
            self.records += 1
        if not write and kind == 21:
            self.alerts.append(octets[1])
        if kind == 22:
            self.messages.append((bool(write), octets[0]))
            if octets[0] == 2:
                self.server_hello = octets

    def _check(self, n):
        if n > 0:
            return n
        kind = _error(self.ssl, n)
        words, code = [], _get_error()
        while code:
            words.append((_reason(code) or b'?').decode())
            code = _get_error()
        if kind == ZERO_RETURN:
            return 0
        raise TlsError(f'{kind} {words} {os.strerror(ctypes.get_errno())}')

    def handshake(self):
        """Both ends know each other, or TlsError."""
        _clear()
        self._check((_accept if self.server else _connect)(self.ssl))
        return self

    def send(self, data):
        """Sends all of it."""
        for at in range(0, len(data), 1 << 20):
            piece = data[at:at + (1 << 20)]
            _clear()
            assert self._check(_write(self.ssl, piece, len(piece))) == len(piece)

    sendall = send

    def recv(self, size=65536):
        """Some octets; b'' after close_notify."""
        room = ctypes.create_string_buffer(size)
        _clear()
        size = self._check(_read(self.ssl, room, size))
        return room.raw[:size]

    def shut(self):
        """Says that nothing more comes, and ends TCP's direction too."""
        _clear()
        _shutdown(self.ssl)
        self.sock.shutdown(socket.SHUT_WR)

    def ticket_from(self, server):
        """A session that could be resumed at this server, which is in this process."""
        other = threading.Thread(target=server.handshake)
        other.start()
        self.handshake()
        other.join()
        server.send(b'x')
        self.recv(1)
        return _get_session(self.ssl)

    def key_update(self, request=False):
        """New keys for what we send; request: for the other direction too."""
        assert _update(self.ssl, int(request)) == 1
        _clear()
        self._check(_handshake(self.ssl))

    def renegotiate(self):
        """Asks for another handshake (TLS 1.2)."""
        _clear()
        if _renegotiate(self.ssl) != 1:
            raise TlsError('refused here')
        self._check(_handshake(self.ssl))

    @property
    def version(self):
        """Of TLS."""
        return _version(self.ssl)

    @property
    def cipher(self):
        """Name of the cipher suite."""
        return _cipher_name(_cipher(self.ssl)).decode()

    def close(self):
        """Closes the socket without a word of TLS."""
        if self.ssl:
            _free(self.ssl)
            _free_ctx(self.ctx)
            self.ssl = None
        self.sock.close()
