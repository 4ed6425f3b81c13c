# SPDX-License-Identifier: GPL-2.0
"""MIKEY messages as tshark sees them, each in the SDP of a SIP request of a capture."""
import base64
import os
import struct
import subprocess
import tempfile

from lib.ktap import equal

# At session level, where tshark takes the attribute apart; at media level it does not.
_SDP = ('v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\na=key-mgmt:mikey {}\r\n'
        'm=audio 4000 RTP/SAVP 0\r\n')
_SIP = ('INVITE sip:bob@ims.example SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK{0}\r\n'
        'From: <sip:alice@ims.example>;tag={0}\r\nTo: <sip:bob@ims.example>\r\nCall-ID: {0}\r\nCSeq: 1 INVITE\r\n'
        'Content-Type: application/sdp\r\nContent-Length: {1}\r\n\r\n{2}')
_FIELDS = ['version', 'type', 'next_payload', 'v.set', 'prf_func', 'csb_id', 'cs_count', 'cs_id_map_type',
           'srtp_id.policy_no', 'srtp_id.ssrc', 'srtp_id.roc', 't.ts_type', 't.ntp', 'rand.len', 'rand.data',
           'id.type', 'id.len', 'id.data', 'sp.no', 'sp.proto_type', 'sp.param_len', 'sp.encr_alg', 'sp.encr_len',
           'sp.auth_alg', 'sp.auth_key_len', 'sp.salt_len', 'sp.prf', 'sp.kd_rate', 'sp.srtp_encr', 'sp.srtcp_encr',
           'sp.fec', 'sp.srtp_auth', 'sp.auth_tag_len', 'sp.srtp_prefix', 'kemac.encr_alg', 'kemac.key_data_len',
           'kemac.key_data', 'kemac.mac_alg', 'kemac.mac', 'v.auth_alg', 'v.ver_data', 'err.no', 'ext.type',
           'ext.data', 'ext.value']
# Parameters of a policy by their type (RFC 3830, 6.10.1).
_PARAMS = ['encr_alg', 'encr_len', 'auth_alg', 'auth_key_len', 'salt_len', 'prf', 'kd_rate', 'srtp_encr',
           'srtcp_encr', 'fec', 'srtp_auth', 'auth_tag_len', 'srtp_prefix']


def _packet(number, octets):
    """An IPv4 packet with UDP with SIP with SDP with the message."""
    sdp = _SDP.format(base64.b64encode(octets).decode())
    sip = _SIP.format(number, len(sdp), sdp).encode()
    udp = struct.pack('>HHHH', 5060, 5060, 8 + len(sip), 0) + sip
    return struct.pack('>BBHHHBBH4s4s', 0x45, 0, 20 + len(udp), number, 0, 64, 17, 0,
                       bytes((192, 0, 2, 1)), bytes((192, 0, 2, 2))) + udp


def _known_fields():
    """Those of the fields that this tshark has."""
    listing = subprocess.run(['tshark', '-G', 'fields'], capture_output=True, text=True, timeout=60, check=True).stdout
    have = {line.split('\t')[2] for line in listing.splitlines() if line.startswith('F\t')}
    return [f'mikey.{f}' for f in _FIELDS if f'mikey.{f}' in have]


def mikey(messages):
    """For each message its fields, a list of values each; a message that tshark calls malformed raises."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'mikey.pcap')
        with open(path, 'wb') as file:
            # Linktype 101: packets start with their IP header.
            file.write(struct.pack('<IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101))
            for number, octets in enumerate(messages, 1):
                packet = _packet(number, octets)
                file.write(struct.pack('<IIII', number, 0, len(packet), len(packet)) + packet)
        names = _known_fields() + ['_ws.malformed', '_ws.expert.message']
        command = ['tshark', '-n', '-r', path, '-T', 'fields', '-E', 'separator=/t', '-E', 'occurrence=a',
                   '-E', 'aggregator=;']
        command += [word for name in names for word in ('-e', name)]
        env = dict(os.environ, TZ='UTC', HOME=folder)
        lines = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True,
                               env=env).stdout.splitlines()
    equal(len(lines), len(messages), 'packets that tshark read')
    seen = []
    for line in lines:
        values = dict(zip(names, line.split('\t')))
        equal((values.pop('_ws.malformed'), values.pop('_ws.expert.message')), ('', ''), 'complaints of tshark')
        seen.append({name: value.split(';') for name, value in values.items() if value})
    return seen


def _numbers(fields, name):
    return [int(value, 0) for value in fields.get(f'mikey.{name}', [])]


def _octets(fields, name):
    return [bytes.fromhex(value.replace(':', '')) for value in fields.get(f'mikey.{name}', [])]


def _compare_policy(fields, sent):
    """One policy, parameter by parameter; tshark has no name for the AEAD's tag length."""
    policy = sent.policy()
    for kind, name in enumerate(_PARAMS):
        equal(_numbers(fields, f'sp.{name}'), [policy[kind]] if kind in policy else [], f'policy {name}')


def compare(fields, sent):
    """Asserts that tshark saw what the oracle's Message says."""
    def number(name, want):
        equal(_numbers(fields, name), want, name)
    number('version', [1])
    number('type', [sent.kind])
    number('v.set', [sent.v])
    number('prf_func', [0])
    number('csb_id', [sent.csb])
    number('cs_count', [len(sent.cs)])
    for at, name in enumerate(('policy_no', 'ssrc', 'roc')):
        number(f'srtp_id.{name}', [row[at] for row in sent.cs])
    number('next_payload', sent.order + [0])
    number('t.ts_type', [body[0] for body in sent.all(5)])
    equal(_octets(fields, 'rand.data'), [body[1:] for body in sent.all(11)], 'RAND')
    number('id.type', [kind for kind, _ in sent.ids])
    equal(fields.get('mikey.id.data', []), [text.decode() for _, text in sent.ids], 'identities')
    number('sp.no', [body[0] for body in sent.all(10)])
    if sent.all(10) and sent.kind == 0:
        _compare_policy(fields, sent)
    number('err.no', [body[0] for body in sent.all(12)])
    for body in sent.all(1):
        equal(_octets(fields, 'kemac.key_data'), [body[3:-21]], 'key data')
        equal(_octets(fields, 'kemac.mac'), [body[-20:]], 'MAC')
    for body in sent.all(9):
        equal(_octets(fields, 'v.ver_data'), [body[1:]], 'verification MAC')
