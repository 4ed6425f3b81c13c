# SPDX-License-Identifier: GPL-2.0
"""SIP over TLS, against Python's ssl module and openssl s_client."""
import os
import re
import socket
import ssl
import subprocess
import time

from helper import TOP, address, certificate, ended, message, receive
from lib.ktap import Skip, equal, test
from peers.sip.transport import export

BODY = bytes(range(256)) * 200
LABEL = 'EXPERIMENTAL-ims-e2ae-media'


def client(world, cert=None):
    """An SSL context of a client that trusts our CA."""
    context = ssl.create_default_context(cafile=f'{world.ca}.pem')
    context.check_hostname = False
    if cert:
        context.load_cert_chain(f'{cert}.pem', f'{cert}.key')
    return context


def server(world, cert):
    """An SSL context of a server."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f'{cert}.pem', f'{cert}.key')
    return context


def wrap(world, text, context):
    """A TLS connection to the net."""
    sock = context.wrap_socket(world.connect(text), server_hostname='pcscf.example')
    world.sockets.append(sock)
    return sock


def refused(make):
    """Asserts that a handshake fails, at the latest with the first octet (TLS 1.3)."""
    try:
        sock = make()
        sock.sendall(message())
        assert not sock.recv(1), 'an answer'
    except (ssl.SSLError, ConnectionError):
        pass


@test('messages go both ways in TLS 1.2 and 1.3')
def versions(world):
    own = world.net('tls4', 'tls6', mode='echo')
    for kind in ('tls4', 'tls6'):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = client(world)
            context.minimum_version = context.maximum_version = version
            sock = wrap(world, own[kind], context)
            for octet in message():
                sock.sendall(bytes([octet]))
            equal(receive(sock, len(message())), message())
            several = message(BODY) + message(b'x' * 65535) + message()
            sock.sendall(several)
            equal(receive(sock, len(several)), several)
            sock.sendall(b'\r\n\r\n')
            equal(receive(sock, 2), b'\r\n')
            equal(world.wait('message')['kind'], 'tls')
            assert not sock.session_reused and not (sock.session and sock.session.has_ticket)


@test('old versions, weak ciphers and what is no TLS are refused')
def weak(world):
    own = world.net('tls4', connect=2)
    for low in ('-tls1_1', '-tls1', '-cipher AES128-SHA -tls1_2', '-cipher aNULL:@SECLEVEL=0 -tls1_2'):
        done = subprocess.run(['openssl', 's_client', '-connect', own['tls4'], *low.split()], capture_output=True,
                              input=b'', timeout=20)
        assert done.returncode, low
    for data in (b'OPTIONS sip:a SIP/2.0\r\n\r\n', b'\x16\x03\x01\xff\xff', os.urandom(500)):
        sock = world.connect(own['tls4'])
        sock.sendall(data)
        ended(sock)
    sock = world.connect(own['tls4'])
    start = time.monotonic()
    ended(sock)
    assert 1 < time.monotonic() - start < 6, 'the time of the handshake'
    world.none('message')


@test('renegotiation is refused')
def again(world):
    own = world.net('tls4')
    with subprocess.Popen(['openssl', 's_client', '-connect', own['tls4'], '-tls1_2'], stdin=subprocess.PIPE,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as peer:
        time.sleep(0.5)
        peer.stdin.write(b'R\n')
        peer.stdin.flush()
        said = peer.communicate(timeout=10)[1]
    assert b'no renegotiation' in said or b'renegotiation' in said.lower(), said[-300:]


@test('the exporter gives what openssl s_client says')
def exporter(world):
    own = world.net('tls4', mode='hold')
    for version in ('-tls1_3', '-tls1_2'):
        with subprocess.Popen(['openssl', 's_client', '-connect', own['tls4'], version, '-keymatexport', LABEL,
                               '-keymatexportlen', '32'], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as peer:
            peer.stdin.write(message())
            peer.stdin.flush()
            flow = world.wait('message')['flow']
            world.do('export', flow, LABEL, '-', 32)
            ours = world.wait('export')['data']
            said = peer.communicate(timeout=10)[0].decode(errors='replace')
        found = re.search(r'Keying material: ([0-9A-F]+)', said)
        if not found:
            raise Skip(f'openssl s_client says nothing of it: {said[-200:]}')
        equal(ours, found[1].lower(), version)
        world.wait('closed')
        equal(world.fault('export', flow, LABEL, '-', 32), 'ENOTCONN')
        world.wait('export')


@test('the exporter of TLS 1.3 gives what RFC 8446 says, also with a context')
def contexts(world):
    own = world.net('tls4', mode='hold')
    keylog = os.path.join(world.dir.name, 'keylog')
    context = client(world)
    context.keylog_filename = keylog
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    sock = wrap(world, own['tls4'], context)
    sock.sendall(message())
    flow = world.wait('message')['flow']
    with open(keylog, encoding='ascii') as file:
        secret = bytes.fromhex(re.findall(r'EXPORTER_SECRET \w+ (\w+)', file.read())[-1])
    digest = 'sha384' if 'SHA384' in sock.cipher()[0] else 'sha256'
    for value in (b'alice@example.com', b'bob@example.com', b''):
        world.do('export', flow, LABEL, value.hex() or '=', 32)
        equal(world.wait('export')['data'], export(secret, LABEL.encode(), value, 32, digest).hex())


@test('TLS 1.2 without extended master secret has no exporter')
def plain_master(world):
    own = world.net('tls4', mode='hold')
    config = os.path.join(world.dir.name, 'no-ems.cnf')
    with open(config, 'w', encoding='ascii') as file:
        file.write('openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n'
                   '[c]\nOptions = -ExtendedMasterSecret\n')
    with subprocess.Popen(['openssl', 's_client', '-connect', own['tls4'], '-tls1_2', '-quiet'],
                          stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          env={**os.environ, 'OPENSSL_CONF': config}) as peer:
        peer.stdin.write(message())
        peer.stdin.flush()
        flow = world.wait('message')['flow']
        equal(world.fault('export', flow, LABEL, '-', 32), 'EPROTO')
        equal(world.wait('export')['data'], '00' * 32)
        peer.kill()


@test('in the core a peer shows a certificate of the CA, in an access network none')
def mutual(world):
    own = world.net('tls4', side=-1, ca=f'{world.ca}.pem', mode='echo')
    sock = wrap(world, own['tls4'], client(world, world.client))
    sock.sendall(message())
    equal(receive(sock, len(message())), message())
    equal(world.wait('message')['side'], -1)
    for cert in (None, world.stranger):
        refused(lambda cert=cert: wrap(world, own['tls4'], client(world, cert)))
    world.none('message')
    access = world.side('tls4', side=0, cert=world.cert, ca=f'{world.ca}.pem')
    wrap(world, access['tls4'], client(world)).sendall(message())
    equal(world.wait('message')['side'], 0)


def serve(world, context, listener):
    """Accepts one connection of the net."""
    sock, _ = listener.accept()
    world.sockets.append(sock)
    sock.settimeout(10)
    sock = context.wrap_socket(sock, server_side=True)
    world.sockets.append(sock)
    return sock


@test('a connection is made only to the one that the certificate names')
def names(world):
    world.net('tls4', side=-1, ca=f'{world.ca}.pem')
    sip = certificate(world.dir.name, 'sip', 'URI:sip:home.example,DNS:scscf.example', world.ca)
    wild = certificate(world.dir.name, 'wild', 'DNS:*.example', world.ca)
    for cert, name, good in ((world.client, 'scscf.example', True), (world.client, 'SCSCF.example', True),
                             (world.client, 'other.example', False), (world.stranger, 'scscf.example', False),
                             (world.client, '-', True), (world.stranger, '-', False),
                             (world.cert, '127.0.0.1', True), (world.client, '127.0.0.1', False),
                             (sip, 'home.example', True), (sip, 'scscf.example', False),
                             (wild, 'scscf.example', False)):
        listener, text = world.listen()
        context, seen = server(world, cert), []
        context.sni_callback = lambda _sock, sni, _context, seen=seen: seen.append(sni)
        world.do('connect', -1, 'tls', text, name)
        flow = world.wait('flow')['flow']
        world.do('send', flow, message().hex())
        try:
            sock = serve(world, context, listener)
            equal(sock.recv(65536), message() if good else b'', f'{cert} as {name}')
        except (ssl.SSLError, ConnectionError):
            assert not good, f'{cert} as {name}'
        if not good:
            equal(world.wait('closed')['flow'], flow)
        equal(seen, [None if name in ('-', '127.0.0.1') else name], 'SNI')


@test('a connection is used again for its own name only')
def shared(world):
    own = world.net('tls4', side=-1, ca=f'{world.ca}.pem', mode='echo')
    listener, text = world.listen()
    flows = []
    for name in ('scscf.example', 'scscf.example', 'other.example'):
        world.do('connect', -1, 'tls', text, name)
        flows.append(world.wait('flow')['flow'])
        if len(flows) == 1:
            serve(world, server(world, world.client), listener).setblocking(False)
    assert flows[0] == flows[1] != flows[2], flows
    # One that came from there counts if its certificate says so.
    sock = wrap(world, own['tls4'], client(world, world.client))
    sock.sendall(message())
    event = world.wait('message')
    world.do('connect', -1, 'tls', event['remote'], 'scscf.example')
    equal(world.wait('flow')['flow'], event['flow'])
    world.call('connect', -1, 'tls', event['remote'], 'other.example')
    assert world.wait('flow')['flow'] != event['flow']


@test('ends of TLS: close_notify, a cut, our own')
def ends(world):
    own = world.net('tls4', mode='close')
    sock = wrap(world, own['tls4'], client(world))
    sock.sendall(message(BODY) + message())
    equal(receive(sock, 3), b'bye')
    equal(sock.recv(10), b'')
    world.wait('message')
    world.wait('closed')
    world.do('mode', 'echo')
    for cut in (False, True):
        sock = wrap(world, own['tls4'], client(world))
        sock.sendall(message())
        flow = world.wait('message')['flow']
        if cut:
            socket.socket(fileno=sock.detach()).close()
        else:
            receive(sock, len(message()))
            sock.unwrap()
        equal(world.wait('closed')['flow'], flow)
    world.do('mode', 'abuse')
    for _ in range(10):
        sock = wrap(world, own['tls4'], client(world))
        sock.sendall(message() * 3)
        try:
            ended(sock)
        except ssl.SSLError:
            pass
        world.wait('closed')


@test('a slow reader of TLS gets everything')
def slow(world):
    own = world.net('tls4', out=8 << 20)
    sock = wrap(world, own['tls4'], client(world))
    sock.sendall(message())
    flow = world.wait('message')['flow']
    for i in range(100):
        world.do('send', flow, f'{i:02x}' * 60000)
    for i in range(100):
        equal(receive(sock, 60000), bytes([i]) * 60000)


@test('files that are no certificates are refused with a reason')
def broken(world):
    world.do('new')
    for n, (cert, key, ca) in enumerate(((f'{world.cert}.pem', f'{world.client}.key', '-'),
                                         ('/nonexistent', f'{world.cert}.key', '-'),
                                         (os.path.join(TOP, 'COPYING'), f'{world.cert}.key', '-'),
                                         (f'{world.cert}.pem', f'{world.cert}.key', '/nonexistent'))):
        equal(world.fault('side', n, cert, key, ca, 'tls', '127.0.0.1:0'), 'EINVAL')
        why = world.wait('side')['why']
        assert 'cannot use' in why, why
    equal(address('127.0.0.1:5060'), ('127.0.0.1', 5060))
