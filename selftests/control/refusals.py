#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Every refusal: its errno, its sentence, the attribute at fault, and that nothing changed."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))

import errno

from lib.call import leg_values, sa_values
from lib.ktap import equal, run, say, test
from lib.netlink import Netlink, Refused, attr
from lib.packets import octets
from lib.spec import SPEC
from lib.topology import Topology

KEY, SALT = bytes(range(16)), bytes(range(14))
CM80 = 'AES_CM_128_HMAC_SHA1_80'


def sa(ident=1, key=KEY, salt=SALT, **more):
    """A good SA, changed; None takes an attribute away."""
    values = sa_values(ident, CM80, key, salt)
    values.update({k.replace('_', '-'): v for k, v in more.items()})
    return {k: v for k, v in values.items() if v is not None}


def leg(side, **more):
    """A good leg, changed."""
    values = {'access': leg_values('10.1.0.1', 6000, '10.1.0.2', 5000, in_sa=1, out_sa=2),
              'core': leg_values('10.2.0.1', 7000, '10.2.0.2', 8000, plain=True)}[side]
    for name, value in more.items():
        values[name.replace('_', '-')] = \
            octets(value) if name.endswith('_addr') and isinstance(value, str) else value
    return {k: v for k, v in values.items() if v is not None}


def stream(access=None, core=None, ident=1, **more):
    """A good stream, changed."""
    values = {'id': ident, 'access': leg('access', **(access or {})),
              'core': leg('core', **(core or {}))}
    values.update({k.replace('_', '-'): v for k, v in more.items()})
    return {k: v for k, v in values.items() if v is not None}


A, C = 'stream/access/', 'stream/core/'

# What is asked of an SA that is not there yet: (changes, part of the sentence, attribute at fault).
NEW_SA = (
    (dict(ident=0), '', 'sa/id'),
    (dict(id=None), 'id', 'sa'),
    (dict(suite=None), 'suite', 'sa'),
    (dict(suite=0), '', 'sa/suite'),
    (dict(suite=11), '', 'sa/suite'),
    (dict(suite=9), 'allow_null', 'sa/suite'),
    (dict(key=None), 'master key', 'sa'),
    (dict(key=KEY[1:]), 'length of the master key', 'sa/key'),
    (dict(key=KEY + b'1'), 'length of the master key', 'sa/key'),
    (dict(key=b''), 'length of the master key', 'sa/key'),
    (dict(salt=None), 'master salt', 'sa'),
    (dict(salt=SALT[2:]), 'length of the master salt', 'sa/salt'),
    (dict(mki=b''), 'MKI', 'sa/mki'),
    (dict(mki=bytes(129)), 'MKI', 'sa/mki'),
    (dict(window=63), '', 'sa/window'),
    (dict(window=4097), '', 'sa/window'),
    (dict(ssrc_max=0), '', 'sa/ssrc-max'),
    (dict(ssrc_max=SPEC.consts['max-ssrcs'] + 1), '', 'sa/ssrc-max'),
    (dict(guard=0x10001), '', 'sa/guard'),
    (dict(hard_packets=(1 << 48) + 1), '2^48', 'sa/hard-packets'),
    (dict(soft_packets=11, hard_packets=10), 'soft-packets', 'sa/soft-packets'),
    (dict(fixed_ssrcs=True), 'fixed-ssrcs', 'sa/fixed-ssrcs'),
    (dict(state=[{'roc': 1, 'seq': 1}]), 'ssrc', 'sa/state'),
    (dict(state=[{'ssrc': 1, 'seq': 1}]), 'roc and seq', 'sa/state'),
    (dict(state=[{'ssrc': 1, 'roc': 1}]), 'roc and seq', 'sa/state'),
    (dict(state=[{'ssrc': 1, 'rtcp-index': 0x80000001}]), '', 'sa/state/rtcp-index'),
    (dict(state=[{'ssrc': 1}, {'ssrc': 1}]), 'same ssrc', 'sa/state'),
    (dict(state=[{'ssrc': n} for n in range(9)]), 'ssrc-max', 'sa/state'),
    (dict(state=[{'ssrc': 1, 'packets': 1}]), 'read-only', 'sa/state/packets'),
    (dict(direction=1), 'read-only', 'sa/direction'),
    (dict(streams=1), 'read-only', 'sa/streams'),
    (dict(expired=True), 'read-only', 'sa/expired'),
    (dict(cipher='x'), 'read-only', 'sa/cipher'),
    (dict(stats={'packets': 1}), 'read-only', 'sa/stats'),
    (dict(drops={'ttl': 1}), 'read-only', 'sa/drops'),
)

# Streams: (changes of stream(), part of the sentence, attribute at fault).
NEW_STREAM = (
    (dict(ident=0), '', 'stream/id'),
    (dict(id=None), 'id', 'stream'),
    (dict(access={'local_addr': None}), 'local-addr', 'stream/access'),
    (dict(access={'local_port': None}), 'local-port', 'stream/access'),
    (dict(core={'local_port': 0}), '', C + 'local-port'),
    (dict(access={'local_addr': b'123'}), '4 or 16 octets', A + 'local-addr'),
    (dict(access={'local_addr': '0.0.0.0'}), 'unicast', A + 'local-addr'),
    (dict(access={'local_addr': '224.0.0.1'}), 'unicast', A + 'local-addr'),
    (dict(access={'local_addr': '::ffff:10.1.0.1', 'peer_addr': '::ffff:10.1.0.2'}), 'unicast',
     A + 'local-addr'),
    (dict(access={'peer_addr': None}), 'peer-addr', A + 'peer-port'),
    (dict(access={'peer_port': None}), 'peer-port', A + 'peer-addr'),
    (dict(access={'peer_addr': 'fd01::2'}), 'family', A + 'peer-addr'),
    (dict(access={'peer_addr': '0.0.0.0'}), 'unspecified', A + 'peer-addr'),
    (dict(access={'peer_addr': '255.255.255.255'}), 'unicast', A + 'peer-addr'),
    (dict(access={'peer_addr': '239.1.1.1'}), 'unicast', A + 'peer-addr'),
    (dict(access={'local_addr': 'fe80::1', 'peer_addr': 'fe80::2'}), 'ifindex', A + 'peer-addr'),
    (dict(access={'in_sa': None, 'out_sa': None}), 'plain or secure', 'stream/access'),
    (dict(access={'plain': True}), 'plain or has SAs', A + 'plain'),
    (dict(core={'secure': True}), 'plain or has SAs', C + 'plain'),
    (dict(access={'in_sa': 77}), 'no SA with this id', A + 'in-sa'),
    (dict(access={'out_sa': 77}), 'no SA with this id', A + 'out-sa'),
    (dict(access={'in_sa': 4, 'out_sa': 4}), 'same master key', A + 'out-sa'),
    (dict(access={'in_sa': 1, 'out_sa': 3}), 'same master key', A + 'out-sa'),
    (dict(core={'plain': None, 'out_sa': 3}), 'same master key', None),
    (dict(core={'peer_addr': None, 'peer_port': None}), 'latch', None),
    (dict(core={'source': 'latch'}), 'latch', C + 'source'),
    (dict(access={'source': 'strict', 'peer_addr': None, 'peer_port': None}), 'peer', A + 'source'),
    (dict(access={'source': 'any', 'peer_addr': None, 'peer_port': None}), 'peer', A + 'source'),
    (dict(access={'source': 3}), '', A + 'source'),
    (dict(access={'nonmedia': 2}), '', A + 'nonmedia'),
    (dict(core={'latch_addr': '10.2.0.0'}), 'latch-prefix', C + 'latch-addr'),
    (dict(core={'latch_prefix': 8}), 'latch-addr', C + 'latch-prefix'),
    (dict(core={'latch_addr': '10.2.0.0', 'latch_prefix': 24}), 'source latch', C + 'latch-addr'),
    (dict(core={'latch_addr': 'fd02::', 'latch_prefix': 64, 'source': 'latch'}), 'family',
     C + 'latch-addr'),
    (dict(core={'latch_addr': '10.2.0.0', 'latch_prefix': 33, 'source': 'latch'}), '32',
     C + 'latch-prefix'),
    (dict(core={'latch_prefix': 129, 'latch_addr': 'fd02::'}), '', C + 'latch-prefix'),
    (dict(access={'rtcp_mode': 3}), '', A + 'rtcp-mode'),
    (dict(access={'rtcp_mode': 'explicit'}), 'rtcp-port', A + 'rtcp-mode'),
    (dict(access={'rtcp_mode': 'explicit', 'rtcp_port': 6000}), 'mux', A + 'rtcp-port'),
    (dict(access={'rtcp_port': 6002}), 'explicit', A + 'rtcp-port'),
    (dict(access={'local_port': 65535}), '65535', None),
    (dict(access={'rtcp_mode': 'mux', 'rtcp_peer_port': 5002}), 'mux', A + 'rtcp-peer-port'),
    (dict(access={'rtcp_peer_addr': '10.1.0.3'}), 'rtcp-peer-port', A + 'rtcp-peer-addr'),
    (dict(access={'rtcp_peer_addr': 'fd01::2', 'rtcp_peer_port': 1}), 'family',
     A + 'rtcp-peer-addr'),
    (dict(access={'ifindex': 0x80000000}), 'device', A + 'ifindex'),
    (dict(access={'dscp': 65}), '', A + 'dscp'),
    (dict(core={'local_addr': '10.1.0.1', 'local_port': 6000}), 'own', C + 'local-port'),
    (dict(core={'local_addr': '10.1.0.1', 'local_port': 6001}), 'own', C + 'local-port'),
    (dict(core={'peer_addr': '10.1.0.1', 'peer_port': 6000}), 'own legs', C + 'peer-addr'),
    (dict(access={'peer_addr': '10.1.0.1', 'peer_port': 6000}), 'own legs', A + 'peer-addr'),
    (dict(access={'peer_addr': '10.2.0.1', 'peer_port': 7001}), 'own legs', A + 'peer-addr'),
    (dict(access={'latched': True}), 'read-only', A + 'latched'),
    (dict(access={'old_in_sa': 1}), 'read-only', A + 'old-in-sa'),
    (dict(upstream={'packets': 1}), 'read-only', 'stream/upstream'),
    (dict(drops={'ttl': 1}), 'read-only', 'stream/drops'),
    (dict(timeout=86401), '', 'stream/timeout'),
    (dict(grace=600001), '', 'stream/grace'),
    (dict(clock_rate=0), '', 'stream/clock-rate'),
)


def everything(world):
    """All that a refused request could have changed."""
    return world.nl.dump('sa-get')[0], world.nl.dump('stream-get')[0]


def refused(world, command, part, where, want=None, **values):
    """Asks for what must be refused."""
    before = everything(world)
    try:
        world.nl.do(command, **values)
    except Refused as no:
        assert no.sentence, f'{command} {values}: refused without a sentence ({no})'
        assert part in no.sentence, f'{values}: "{no.sentence}" has no "{part}"'
        if where:
            equal(no.where, where, f'"{no.sentence}" points at')
        if want:
            equal(no.errno, want, no.sentence)
        equal(everything(world), before, 'what is there after a refusal')
        return
    raise AssertionError(f'{command} accepted: {values}')


def table(world, command, rows, build, name):
    bad = []
    for changes, part, where in rows:
        try:
            refused(world, command, part, where, **{name: build(**changes)})
        except AssertionError as wrong:
            bad.append(f'{changes}: {wrong}')
            world.nl.do('flush')
            make_sas(world)
    if bad:
        say('\n'.join(bad))
        raise AssertionError(f'{len(bad)} of {len(rows)} refusals are wrong')


def make_sas(world):
    for values in (sa(1), sa(2, key=KEY[::-1]), sa(3), sa(4, key=bytes(16))):
        world.nl.do('sa-new', sa=values)


@test('every bad SA is refused with a sentence at its attribute, and nothing is made')
def new_sa(world):
    table(world, 'sa-new', NEW_SA, lambda ident=50, **more: sa(ident, **more), 'sa')


@test('every bad stream is refused with a sentence at its attribute, and nothing is made')
def new_stream(world):
    make_sas(world)
    world.nl.do('stream-new', stream=stream())
    world.nl.do('stream-del', stream={'id': 1})
    table(world, 'stream-new', NEW_STREAM, stream, 'stream')


@test('taken ids and ports, and what is not there, are refused')
def taken(world):
    make_sas(world)
    refused(world, 'sa-new', 'taken', 'sa/id', errno.EEXIST, sa=sa(1))
    world.nl.do('stream-new', stream=stream())
    refused(world, 'stream-new', 'taken', 'stream/id', errno.EEXIST, stream=stream())
    for changes in ({'core': {'local_port': 7010}}, {'access': {'local_port': 6010}},
                    {'core': {'local_port': 7010}, 'access': {'local_port': 6001}}):
        refused(world, 'stream-new', 'belong', None, errno.EEXIST, stream=stream(ident=2, **changes))
    for command, name in (('sa-get', 'sa'), ('sa-del', 'sa'), ('stream-get', 'stream'),
                          ('stream-del', 'stream'), ('sa-set', 'sa'), ('stream-set', 'stream')):
        refused(world, command, 'no ', f'{name}/id', errno.ENOENT, **{name: {'id': 99}})
        refused(world, command, 'needs', None, errno.EINVAL)
        refused(world, command, 'id', None, errno.EINVAL, **{name: {}})


@test('an SA that a stream names cannot go, nor change its direction')
def in_use(world):
    make_sas(world)
    world.nl.do('stream-new', stream=stream())
    refused(world, 'sa-del', 'stream', 'sa/id', errno.EBUSY, sa={'id': 1})
    other = {'access': {'local_port': 6100, 'in_sa': 2, 'out_sa': 4}, 'core': {'local_port': 7100}}
    refused(world, 'stream-new', 'in use for sending', A + 'in-sa', None,
            stream=stream(ident=2, **other))
    other['access'].update(in_sa=4, out_sa=1)
    refused(world, 'stream-new', 'in use for receiving', A + 'out-sa', None,
            stream=stream(ident=2, **other))
    world.nl.do('stream-del', stream={'id': 1})
    world.nl.do('sa-del', sa={'id': 1})


@test('of an SA only its limits change')
def set_sa(world):
    make_sas(world)
    for name, value in (('suite', 1), ('key', KEY), ('salt', SALT), ('mki', b'1'), ('window', 64),
                        ('ssrc-max', 3), ('roc', 1), ('guard', 1), ('fixed-ssrcs', True),
                        ('state', [{'ssrc': 1}])):
        refused(world, 'sa-set', 'only', f'sa/{name}', sa={'id': 1, name: value})
    refused(world, 'sa-set', 'read-only', 'sa/direction', sa={'id': 1, 'direction': 1})
    world.nl.do('sa-set', sa={'id': 1, 'soft-packets': 10, 'hard-packets': 20, 'autodel': True})


@test('of a stream neither its own addresses nor its kind change')
def set_stream(world):
    make_sas(world)
    world.nl.do('stream-new', stream=stream())
    for changes, part, where in (
            ({'access': {'local-addr': octets('10.1.0.9')}}, 'own address', A + 'local-addr'),
            ({'access': {'local-port': 6500}}, 'own port', A + 'local-port'),
            ({'access': {'plain': True}}, 'stays secure', A + 'plain'),
            ({'core': {'secure': True}}, 'stays plain', C + 'secure'),
            ({'core': {'in-sa': 1}}, 'stays plain', C + 'in-sa'),
            ({'access': {'out-sa': 3}}, 'master key', A + 'out-sa'),
            ({'access': {'in-sa': 99}}, 'no SA', A + 'in-sa'),
            ({'access': {'rtcp-mode': 'explicit', 'rtcp-port': 6000}}, 'mux', A + 'rtcp-port')):
        refused(world, 'stream-set', part, where, stream={'id': 1, **changes})


@test('a stream and its SAs are made together or not at all')
def all_or_nothing(world):
    nested = [sa(11), sa(12, key=KEY[::-1])]
    good = stream({'in_sa': 11, 'out_sa': 12})
    refused(world, 'stream-new', 'length of the master key', None,
            stream=good, sa=[nested[0], sa(12, key=b'short')])
    refused(world, 'stream-new', 'no SA', A + 'out-sa', stream=good, sa=nested[:1])
    refused(world, 'stream-new', 'unicast', None, sa=nested,
            stream=stream({'in_sa': 11, 'out_sa': 12, 'peer_addr': '224.0.0.1'}))
    refused(world, 'stream-new', 'taken', None, stream=good, sa=[nested[0], nested[0], nested[1]])
    refused(world, 'stream-new', 'most', None, stream=good,
            sa=[sa(n, key=bytes([n]) * 16) for n in range(11, 30)])
    world.nl.do('stream-new', stream=good, sa=nested)
    refused(world, 'stream-set', 'taken', None, stream={'id': 1}, sa=[sa(11)])
    refused(world, 'stream-set', 'no SA', A + 'in-sa', sa=[sa(13, key=bytes(16))],
            stream={'id': 1, 'access': {'in-sa': 14}})


def malformed(world, command, payload, flags=0):
    """Raw octets that must be refused; returns the refusal."""
    before = everything(world)
    try:
        world.nl.raw(command, payload, flags)
    except Refused as no:
        equal(everything(world), before, 'what is there after a refusal')
        return no
    raise AssertionError(f'{command} accepted {payload.hex()}')


@test('malformed attributes are refused, whatever the operation')
def broken(world):
    make_sas(world)
    u32 = (7).to_bytes(4, 'little')
    payloads = (
        attr(1, attr(1, u32[:3]), True),                    # id too short
        attr(1, attr(1, u32 + u32), True),                  # id too long
        attr(1, attr(1, u32)),                              # nest without its flag
        attr(1, attr(99, u32), True),                       # no such attribute
        attr(99, u32),                                      # nor at the top
        attr(1, b'\x03\0\1\0', True),                       # an attribute shorter than its head
        attr(1, b'\x40\0\1\0' + u32, True),                 # one that ends past the nest
        attr(1, attr(1, u32), True) + b'\1\2\3',            # octets behind the last
        attr(1, attr(1, u32) + attr(14, b'x'), True),       # a flag with a value
        attr(2, attr(2, attr(1, bytes(5)), True) + attr(1, u32), True),
    )
    for command in ('sa-new', 'sa-set', 'sa-del', 'sa-get', 'stream-new', 'stream-set',
                    'stream-del', 'stream-get'):
        for payload in payloads:
            no = malformed(world, command, payload)
            assert no.errno in (errno.EINVAL, errno.ERANGE, errno.ENOENT), no
            assert no.sentence, f'{command} {payload.hex()}: no sentence'


@test('operations that do not exist and events are refused')
def unknown(world):
    for command in (0, 11, 12, 16, 17, 200, 255):
        equal(malformed(world, command, b'').errno, errno.EOPNOTSUPP, f'command {command}')


@test('limits of the namespace are kept')
def limits(world):
    shown = world.nl.do('stats-get')['stats']
    assert shown['max-sas'] >= 100000 and shown['max-streams'] >= 50000, shown
    with Netlink('core') as nl:
        equal(nl.do('stats-get')['stats']['sas'], 0, 'SAs of another namespace')


run(Topology)
