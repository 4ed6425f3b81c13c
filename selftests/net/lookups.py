# SPDX-License-Identifier: GPL-2.0
"""Resolution of names (RFC 3263), against a DNS server of our own."""
import collections
import contextlib
import time

from dnsserver import DnsServer
from helper import message
from lib.ktap import equal, test


@contextlib.contextmanager
def served(world, records, kinds=('udp4', 'tcp4', 'tls4', 'udp6', 'tcp6', 'tls6')):
    """A net that asks a server with these records."""
    world.net(*kinds)
    server = DnsServer()
    server.records = records
    world.do('dns', server.address)
    try:
        yield server
    finally:
        server.close()


def resolve(world, host, port=0, transport='-', sips=0):
    """(error, targets) of a resolution."""
    world.call('resolve', 0, host, port, transport, sips)
    event = world.wait('resolved', seconds=15)
    return event['error'], event['found']


HOSTS = {('one.example', 'A'): ['192.0.2.1'], ('two.example', 'A'): ['192.0.2.2'],
         ('both.example', 'A'): ['192.0.2.3'], ('both.example', 'AAAA'): ['2001:db8::3']}
SRV = {('_sip._udp.srv.example', 'SRV'): [(20, 0, 5062, 'two.example'), (10, 0, 5061, 'one.example')],
       ('_sip._tcp.srv.example', 'SRV'): [(1, 0, 5070, 'one.example')],
       ('_sips._tcp.srv.example', 'SRV'): [(1, 0, 5071, 'one.example')], ('srv.example', 'A'): ['192.0.2.9']}
NAPTR = {('home.example', 'NAPTR'): [(50, 60, 's', 'SIP+D2U', '', '_sip._udp.srv.example'),
                                     (50, 50, 's', 'SIP+D2T', '', '_sip._tcp.srv.example'),
                                     (10, 90, 'S', 'sips+d2t', '', '_sips._tcp.srv.example'),
                                     (1, 1, 'u', 'E2U+sip', '!x!y!', '.'),
                                     (1, 1, 's', 'SIP+D2S', '', '_sip._sctp.srv.example')]}


@test('an address is told at once')
def numbers(world):
    world.net('udp4')
    for host, port, transport, sips, want in (('192.0.2.1', 0, '-', 0, 'udp:192.0.2.1:5060'),
                                              ('[2001:db8::1]', 0, 'TCP', 0, 'tcp:[2001:db8::1]:5060'),
                                              ('192.0.2.1', 5080, 'tls', 0, 'tls:192.0.2.1:5080'),
                                              ('192.0.2.1', 0, 'tls', 0, 'tls:192.0.2.1:5061'),
                                              ('192.0.2.1', 0, 'tcp', 1, 'tls:192.0.2.1:5061')):
        equal(resolve(world, host, port, transport, sips), (0, [want]))
    for host, transport, sips, error in (('192.0.2.1', 'sctp', 0, -93), ('192.0.2.1', 'udp', 1, -93),
                                         ('a b', '-', 0, None), ('x' * 254, '-', 0, -22), ('.example', '-', 0, -22),
                                         ('a/b', '-', 0, -22), ('a%00', '-', 0, -22), ('one.example', 'tcp', 0, -93)):
        got = resolve(world, host, 0, transport, sips) if error else (None, [])
        equal(got, (error, []), host)


@test('with a port the addresses of the name are asked for')
def ports(world):
    with served(world, HOSTS) as server:
        equal(resolve(world, 'one.example', 5080), (0, ['udp:192.0.2.1:5080']))
        equal({k for _, k in server.asked}, {'A', 'AAAA'})
        equal(resolve(world, 'ONE.example', 5080, 'tcp'), (0, ['tcp:192.0.2.1:5080']))
        error, found = resolve(world, 'both.example', 5080, '-', 1)
        equal((error, sorted(found)), (0, ['tls:192.0.2.3:5080', 'tls:[2001:db8::3]:5080']))
        equal(resolve(world, 'none.example', 5080), (-2, []))


@test('with a transport SRV records come first, then addresses')
def services(world):
    with served(world, {**HOSTS, **SRV}):
        equal(resolve(world, 'srv.example', 0, 'udp'), (0, ['udp:192.0.2.1:5061', 'udp:192.0.2.2:5062']))
        equal(resolve(world, 'srv.example', 0, 'tcp'), (0, ['tcp:192.0.2.1:5070']))
        equal(resolve(world, 'srv.example', 0, 'tls'), (0, ['tls:192.0.2.1:5071']))
        equal(resolve(world, 'one.example', 0, 'tcp'), (0, ['tcp:192.0.2.1:5060']))
        equal(resolve(world, 'one.example', 0, 'tls'), (0, ['tls:192.0.2.1:5061']))


@test('NAPTR records say which transports there are, and in what order')
def pointers(world):
    with served(world, {**HOSTS, **SRV, **NAPTR}) as server:
        equal(resolve(world, 'home.example'), (0, ['tls:192.0.2.1:5071', 'tcp:192.0.2.1:5070', 'udp:192.0.2.1:5061',
                                                   'udp:192.0.2.2:5062']))
        equal(server.asked[0], ('home.example', 'NAPTR'))
        equal(resolve(world, 'home.example', sips=1), (0, ['tls:192.0.2.1:5071']))
        # Without NAPTR records the first transport that has SRV records.
        equal(resolve(world, 'srv.example'), (0, ['udp:192.0.2.1:5061', 'udp:192.0.2.2:5062']))
        equal(resolve(world, 'srv.example', sips=1), (0, ['tls:192.0.2.1:5071']))
        equal(resolve(world, 'one.example'), (0, ['udp:192.0.2.1:5060']))
        equal(resolve(world, 'one.example', sips=1), (0, ['tls:192.0.2.1:5061']))


@test('only transports and families for which we listen are found')
def ours(world):
    with served(world, {**HOSTS, **SRV, **NAPTR}, ('udp4', 'tcp4')):
        equal(resolve(world, 'home.example')[1][0], 'tcp:192.0.2.1:5070')
        equal(resolve(world, 'both.example'), (0, ['udp:192.0.2.3:5060']))


@test('weights share the load (RFC 2782)')
def weights(world):
    records = {**HOSTS, ('_sip._udp.w.example', 'SRV'): [(1, 30, 5060, 'one.example'), (1, 10, 5060, 'two.example'),
                                                         (1, 0, 5060, 'both.example')]}
    with served(world, records, ('udp4',)):
        first = collections.Counter()
        for _ in range(120):
            error, found = resolve(world, 'w.example', 0, 'udp')
            equal((error, len(found)), (0, 3))
            first[found[0]] += 1
        assert 60 < first['udp:192.0.2.1:5060'] < 112, first


@test('results are bounded, and long answers come by TCP')
def bounded(world):
    hosts = {(f'h{n}.example', 'A'): [f'192.0.2.{n}', f'198.51.100.{n}'] for n in range(1, 60)}
    many = {('_sip._udp.many.example', 'SRV'): [(n, 0, 5000 + n, f'h{n}.example') for n in range(1, 60)]}
    with served(world, {**hosts, **many}, ('udp4',)) as server:
        server.big.add('_sip._udp.many.example')
        error, found = resolve(world, 'many.example', 0, 'udp')
        equal((error, len(found), len(set(found))), (0, 8, 8))


@test('a service that decidedly is not there is not looked for otherwise')
def rooted(world):
    with served(world, {('_sip._udp.off.example', 'SRV'): [(0, 0, 0, '.')], ('off.example', 'A'): ['192.0.2.1']}):
        equal(resolve(world, 'off.example', 0, 'udp'), (-2, []))


@test('servers that fail or do not answer are errors, in time')
def failing(world):
    with served(world, HOSTS) as server:
        server.broken.add('broken.example')
        equal(resolve(world, 'broken.example', 5060), (-11, []))
        server.junk.add('_sip._tcp.junk.example')
        server.records['_sip._tcp.junk.example', 'SRV'] = [(1, 2, 3, 'one.example')]
        equal(resolve(world, 'junk.example', 0, 'tcp')[1], [])
        server.dead |= {f'{p}dead.example' for p in ('', '_sip._udp.', '_sip._tcp.', '_sips._tcp.')}
        start = time.monotonic()
        equal(resolve(world, 'dead.example'), (-110, []))
        assert time.monotonic() - start < 14


@test('what is known is not asked for again, in any spelling, until its time is over')
def known(world):
    with served(world, {**HOSTS, **SRV, **NAPTR}) as server:
        want = resolve(world, 'home.example')
        before = len(server.asked)
        equal(resolve(world, 'home.example'), want, 'the second time')
        equal(resolve(world, 'HOME.example'), want, 'in another spelling')
        equal((want[0], len(server.asked)), (0, before), 'questions')
        server.records['one.example', 'A'] = ['192.0.2.77']
        server.records['three.example', 'A'], server.ttl = ['192.0.2.4'], 1
        equal(resolve(world, 'three.example', 5080), (0, ['udp:192.0.2.4:5080']))
        server.records['both.example', 'A'], server.ttl = ['192.0.2.3'], 0
        for _ in range(2):
            equal(resolve(world, 'both.example', 5080)[0], 0)
        equal(server.asked.count(('both.example', 'A')), 2, 'questions for what does not hold')
        equal(resolve(world, 'one.example', 5080), (0, ['udp:192.0.2.1:5080']), 'what holds')
        server.records['three.example', 'A'] = ['192.0.2.78']
        time.sleep(1.1)
        equal(resolve(world, 'three.example', 5080), (0, ['udp:192.0.2.78:5080']), 'after its time')


@test('that there is nothing is known as long as the zone says so, and a failure never')
def known_not(world):
    with served(world, HOSTS) as server:
        for soa, more in ((None, 2), ((60, 60), 1), ((60, 0), 2), ((0, 60), 2), ((1, 60), 1)):
            name = f'n{soa}.example'.replace('(', '').replace(')', '').replace(', ', '-').lower()
            server.records[name, 'A'], server.soa = ['192.0.2.5'], soa
            for _ in range(2):
                equal(resolve(world, name, 0, 'udp'), (0, ['udp:192.0.2.5:5060']), name)
            equal(server.asked.count((f'_sip._udp.{name}', 'SRV')), more, f'questions with {soa}')
        time.sleep(1.1)
        resolve(world, name, 0, 'udp')
        equal(server.asked.count((f'_sip._udp.{name}', 'SRV')), 2, 'questions after its time')
        server.broken.add('broken.example')
        equal(resolve(world, 'broken.example', 5060), (-11, []))
        server.broken.clear()
        server.records['broken.example', 'A'] = ['192.0.2.6']
        equal(resolve(world, 'broken.example', 5060), (0, ['udp:192.0.2.6:5060']), 'after a failure')


@test('what is known is bounded: the oldest is asked for again')
def known_bounded(world):
    hosts = {(f'h{n}.example', 'A'): ['192.0.2.1'] for n in range(1100)}
    with served(world, hosts, ('udp4',)) as server:
        for n in [*range(1100), 0, 1099, 600]:
            equal(resolve(world, f'h{n}.example', 5060), (0, ['udp:192.0.2.1:5060']))
        equal([server.asked.count((f'h{n}.example', 'A')) for n in (0, 600, 1099)], [2, 1, 1], 'questions')


@test('many at once, cancelled ones are not told, and the net may end before them')
def cancelled(world):
    with served(world, HOSTS) as server:
        server.dead.add('dead.example')
        for tag in range(40):
            world.call('resolve', tag, 'one.example' if tag % 2 else 'dead.example', 5060, '-', 0)
        for tag in range(0, 40, 2):
            world.call('cancel', tag)
        equal({world.wait('resolved')['tag'] for _ in range(20)}, set(range(1, 40, 2)))
        world.none('resolved', 1)
        for tag in range(3):
            world.call('resolve', tag, 'dead.example', 5060, '-', 0)
        world.call('cancel', 1)
        world.do('free')
        world.none('resolved')
    own = world.net('udp4')
    world.datagrams(own['udp4']).send(message())
    world.wait('message')
    equal(world.fault('dns', 'nonsense'), 'EINVAL')
