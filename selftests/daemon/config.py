# SPDX-License-Identifier: GPL-2.0
"""The configuration: what is read, and that every mistake is refused with its line and its option."""
import os
import re

from helper import CONF, TOP
from lib.ktap import equal, test

POLICY = '''policy "vip" {
	access = "l*"
	subscriber = "sip:vip-*@Home1.net"
	originating = "require"
	terminating = "off"
	profiles = {"sdes"}
	suites = {"AEAD_AES_128_GCM", "AES_CM_128_HMAC_SHA1_80"}
	indicator = "remove"
	e2e = "reject"
	retry-plain = true
}
policy "rest" {
	originating = "off"
	subscriber = "tel:*"
}
'''

# Text of CONF that is replaced, by what, line of the refusal, words that it has. Line 0: of the file as a whole.
MISTAKES = (
    ('domain = "pcscf1.visited1.net"', '', 0, 'no domain'),
    ('pcscf1.visited1.net', 'pcscf1 visited1', 1, 'domain'),
    ('pcscf1.visited1.net', 'pcscf1..net', 1, 'domain'),
    ('next-hop', 'next-hopp', 2, 'next-hopp'),
    ('sip:10.1.0.2:5060', 'tel:123', 2, 'next-hop'),
    ('sip:10.1.0.2:5060', 'sip:10.1.0.2;transport=sctp', 2, 'next-hop'),
    ('user = ""', 'dns = "ns.home1.net"', 6, 'dns'),
    ('user = ""', 'dns = "192.0.2.53,"', 6, 'dns'),
    ('user = ""', 'dns = "192.0.2.53:99999"', 6, 'dns'),
    ('peers = {', 'peers = ', 3, ''),
    ('10.1.0.0/24', '10.1.0.1/24', 3, 'peers'),
    ('10.1.0.0/24', '10.1.0.0/33', 3, 'peers'),
    ('10.1.0.0/24', 'everybody', 3, 'peers'),
    ('"@DIR@/control"', '"control"', 4, 'control'),
    ('"@DIR@/control"', '"/' + 200 * 'x' + '"', 4, 'control'),
    ('"@DIR@/state"', '"state"', 5, 'state'),
    ('user = ""', 'user = "nobody-of-that-name"', 6, 'nobody-of-that-name'),
    ('user = ""', 'quarantine = 3601', 6, 'quarantine'),
    ('user = ""', 'quarantine = "x"', 6, 'quarantine'),
    ('user = ""', 'media-timeout = -1', 6, 'media-timeout'),
    ('user = ""', 'min-session-expires = 89', 6, 'min-session-expires'),
    ('user = ""', 'mikey-skew = 0', 6, 'mikey-skew'),
    ('user = ""', 't1 = 5', 6, 't1'),
    ('user = ""', 'end-silent = maybe', 6, 'end-silent'),
    ('user = ""', 'log-level = "loud"', 6, 'log-level'),
    ('user = ""', 'domain = "again.net"', 6, 'domain'),
    ('user = ""', 'limits { header = 10 }', 6, 'header'),
    ('user = ""', 'limits { output = 5000 }', 6, 'output'),
    ('user = ""', 'limits { contacts = 99999 }', 6, 'contacts'),
    ('record:@DIR@/msf', 'remote', 7, 'msf'),
    ('record:@DIR@/msf', 'record:', 7, 'msf'),
    ('access "lte"', 'access "a b"', 12, 'access'),
    ('access "lte"', 'access "core"', 12, 'core'),
    ('listen = {"udp:10.0.0.1:5060", "tcp:10.0.0.1:5060"}', '', 12, 'listen'),
    ('udp:10.0.0.1:5060', 'sctp:10.0.0.1:5060', 9, 'listen'),
    ('udp:10.0.0.1:5060', 'udp:10.0.0.1', 9, 'listen'),
    ('udp:10.0.0.1:5060', 'udp:10.0.0.1:0', 9, 'listen'),
    ('udp:10.0.0.1:5060', 'udp:10.0.0.1:65536', 9, 'listen'),
    ('udp:10.0.0.1:5060', 'udp:10.0.0.1:50x', 9, 'listen'),
    ('udp:10.0.0.1:5060', 'udp:2001:db8::1:5060', 9, 'listen'),
    ('udp:10.0.0.1:5060', 'udp:[10.0.0.1]:5060', 9, 'listen'),
    ('udp:10.0.0.1:5060', 'udp:0.0.0.0:5060', 9, 'listen'),
    ('udp:10.0.0.1:5060', 'udp:224.0.0.1:5060', 9, 'listen'),
    ('udp:10.0.0.1:5060', 'udp:10.0.0.1:20002', 9, 'listen'),
    ('udp:10.0.0.1:5060', 'tcp:10.0.0.1:5060', 9, 'listen'),
    ('"udp:10.0.0.1:5060"', ', '.join(f'"udp:10.0.0.1:{6000 + i}"' for i in range(9)), 9, 'listen'),
    ('udp:10.0.0.1:5060', 'tls:10.0.0.1:5061', 9, 'certificate'),
    ('"10.0.0.1", "2001:db8::1"', '', 12, 'media'),
    ('"10.0.0.1", "2001:db8::1"', '"::"', 10, 'media'),
    ('"10.0.0.1", "2001:db8::1"', '"10.0.0.1", "10.0.0.2"', 10, 'media'),
    ('20000-29999', '20000', 11, 'ports'),
    ('20000-29999', '20001-29999', 11, 'ports'),
    ('20000-29999', '20000-29998', 11, 'ports'),
    ('20000-29999', '29998-20001', 11, 'ports'),
    ('20000-29999', '20000-99999', 11, 'ports'),
    ('20000-29999', '100-1999', 11, 'ports'),
    ('ports = "20000-29999"', 'device = "a/b"', 11, 'device'),
    ('ports = "20000-29999"', 'ca = "/etc/x"', 11, 'ca'),
    ('ports = "20000-29999"', 'network-id = "a\\"b"', 11, 'network-id'),
    ('ports = "20000-29999"', 'network-id = "a\\nb"', 11, 'network-id'),
    ('ports = "20000-29999"', 'certificate = "@DIR@/cert"', 11, 'certificate'),
    ('udp:10.1.0.1:5060', 'udp:10.0.0.1:5060', 14, '10.0.0.1:5060'),
    ('media = {"10.1.0.1"}\n\tports = "30000-39999"', 'media = {"10.0.0.1"}\n\tports = "29998-39999"', 16, 'ports'),
    ('core {', 'cores {', 13, 'cores'),
    ('core {', 'core {\n\tlisten = {"udp:10.1.0.1:5060"}', 15, 'listen'),
)

# Appended to CONF, which has 17 lines.
ADDITIONS = (
    ('access "lte" { listen = {"udp:10.0.0.9:5060"} media = {"10.0.0.9"} }\n', 18, 'lte'),
    ('access "wifi" {\nlisten = {"udp:10.0.0.9:5060"}\nmedia = {"10.0.0.1"}\nports = "29000-29999"\n}\n', 21, 'ports'),
    ('access "wifi" {\nlisten = {"udp:10.0.0.1:25000"}\nmedia = {"10.0.0.9"}\n}\n', 19, 'listen'),
    ('access "wifi" {\nlisten = {"tcp:10.0.0.1:25000"}\nmedia = {"10.0.0.9"}\n}\n', 19, 'listen'),
    ('access "wifi" {\nlisten = {"udp:10.0.0.9:5060"}\nmedia = {"10.0.0.9"}\nmsrp-source = "here"\n}\n', 21, 'msrp-source'),
    ('msrp-idle = 0\n', 18, 'msrp-idle'),
    ('core { listen = {"udp:10.1.0.1:5060"} media = {"10.1.0.1"} }\n', 18, ''),
    ('policy "a" { }\npolicy "a" { }\n', 19, 'a'),
    ('policy { }\n', 18, ''),
    ('policy "a" {\noriginating = "always"\n}\n', 19, 'originating'),
    ('policy "a" {\nterminating = "never"\n}\n', 19, 'terminating'),
    ('policy "a" {\nprofiles = {"sdes", "dtls"}\n}\n', 19, 'profiles "dtls"'),
    ('policy "a" {\nprofiles = {"sdes", "sdes"}\n}\n', 19, 'profiles'),
    ('policy "a" {\nsuites = {"AES_CM_128_HMAC_SHA1_80",\n"ROT13"}\n}\n', 20, 'ROT13'),
    ('policy "a" {\nsuites = {"NULL_HMAC_SHA1_80"}\n}\n', 19, 'lab'),
    ('policy "a" {\nindicator = "hide"\n}\n', 19, 'indicator'),
    ('policy "a" {\ne2e = "maybe"\n}\n', 19, 'e2e'),
    ('policy "a" {\naccess = "dsl"\n}\n', 19, 'access'),
    ('policy "a" {\nsubscriber = "vip@home1.net"\n}\n', 19, 'subscriber'),
    ('policy "a" {\nsubscribers = "*"\n}\n', 19, 'subscribers'),
    ('domain "x"\n', 18, 'domain'),
)


def refused(world, text, line, words):
    path = world.write('bad.conf', text)
    done = world.parts('config', path)
    equal(done.stderr, '', 'standard error')
    start = f'{path}:{line}: ' if line else f'{path}: '
    assert done.returncode == 1 and done.stdout.startswith(start) and words in done.stdout[len(start):], \
        f'{text}\nsays: {done.stdout}{done.returncode}, want {start}...{words}'
    equal(done.stdout.count('\n'), 1, 'lines of the refusal')


@test('a configuration is read with its defaults')
def accepted(world):
    done = world.parts('config', world.write('good.conf', CONF))
    equal(done.stderr, '', 'standard error')
    folder = world.dir.name
    equal(done.stdout.splitlines(), [
        f'domain pcscf1.visited1.net next-hop sip:10.1.0.2:5060 peers 1 t1 500 lab 0 user - control {folder}/control '
        f'state {folder}/state level 6',
        'side lte listen 2 protected 0 ports 20000-29999 network pcscf1.visited1.net 0/4/5060 1/4/5060',
        'side core listen 1 protected 0 ports 30000-39999 network - 0/4/5060'])


@test('every mistake is refused with its file, its line and its option')
def mistakes(world):
    for old, new, line, words in MISTAKES:
        assert CONF.count(old) >= 1, old
        refused(world, CONF.replace(old, new, 1), line, words)
    for text, line, words in ADDITIONS:
        refused(world, CONF + text, line, words)
    refused(world, CONF[:CONF.index('access')] + CONF[CONF.index('core {'):], 0, 'no access')
    refused(world, CONF[:CONF.index('core {')], 0, 'no core')
    for path in (world.path('none.conf'), world.dir.name, '/dev/zero', '/proc/self/mem', world.write('empty.conf', '')):
        done = world.parts('config', path)
        equal((done.returncode, path in done.stdout, done.stderr), (1, True, ''), f'{path}: {done.stdout}')


@test('NULL suites are accepted in the lab')
def lab(world):
    text = 'lab-unprotected-signalling = true\n' + CONF + 'policy "a" { suites = {"NULL_HMAC_SHA1_80"} }\n'
    equal(world.parts('config', world.write('lab.conf', text)).returncode, 0, 'status')


@test('TLS needs a certificate and a private key that only its owner reads')
def tls(world):
    certificate, key = world.write('cert.pem', 'x'), world.write('key.pem', 'x')
    text = CONF.replace('"tcp:10.0.0.1:5060"}', '"tls:[2001:db8::1]:5061"}')
    refused(world, text, 9, 'certificate')
    with_one = text.replace('\tports = "2', f'\tcertificate = "{certificate}"\n\tports = "2')
    refused(world, with_one, 11, 'private-key')
    both = with_one.replace('\tports = "2', f'\tprivate-key = "{key}"\n\tports = "2')
    os.chmod(key, 0o604)
    refused(world, both, 12, 'private-key')
    os.chmod(key, 0o640)
    equal(world.parts('config', world.write('tls.conf', both)).returncode, 0, 'status')
    os.unlink(key)
    refused(world, both, 12, 'private-key')


@test('truncated and garbled configurations are refused, and crash nothing')
def garbled(world):
    text = CONF + POLICY
    for at in range(5, len(text) - 1, 23):
        for bad in (text[:at], text[:at] + '\x00\xff"' + text[at:], text[:at] + '{' + text[at:]):
            done = world.parts('config', world.write('garbled.conf', bad))
            equal((done.returncode in (0, 1), done.stderr), (True, ''), f'cut at {at}: {done.stdout}')


def shown():
    """(where, text) of every configuration that is shown to users, its files in the folder of the test."""
    with open(os.path.join(TOP, 'packaging/e2aed.conf'), encoding='utf-8') as file:
        yield 'packaging/e2aed.conf', file.read()
    for page in ('README.md', 'docs/operations.md'):
        with open(os.path.join(TOP, page), encoding='utf-8') as file:
            blocks = re.findall(r'^```conf\n(.*?)^```', file.read(), re.M | re.S)
        assert blocks or page == 'README.md', f'{page} shows no configuration'
        yield from ((page, text.replace('/etc/e2ae/', '@DIR@/')) for text in blocks)


@test('e2aed -t finds the configurations right that the package and the pages show')
def example(world):
    for name in ('cert.pem', 'key.pem', 'core.pem', 'core-key.pem', 'core-ca.pem'):
        os.chmod(world.write(name, 'x'), 0o600)
    for where, text in shown():
        done = world.run(world.daemon, '-t', '-c', world.write('example.conf', text))
        equal((done.returncode, done.stdout, done.stderr), (0, '', ''), where)


@test('the first policy that matches counts, and without one everything is allowed')
def policies(world):
    path = world.write('policy.conf', CONF + POLICY)
    vip, rest = 'vip require off sdes 7 1 00010', 'rest off allow mikey sdes psk-tls 1 2 3 4 5 6 7 8 11000'
    default = 'default allow allow mikey sdes psk-tls 1 2 3 4 5 6 7 8 11000'
    for access, subscriber, want in (('lte', 'sip:vip-1@home1.net', vip), ('lte', 'SIP:vip-1@HOME1.NET', vip),
                                     ('lte', 'sip:VIP-1@home1.net', default), ('wlan', 'sip:vip-1@home1.net', default),
                                     ('lte', 'sip:vip-1@home1.net.evil', default), ('wlan', 'tel:+1', rest),
                                     ('lte', '', default), ('lte', 'sip:vip-' + 2000 * 'x' + '@home1.net', vip)):
        equal(world.parts('policy', path, access, subscriber).stdout, want + '\n', f'{access} {subscriber[:40]}')
