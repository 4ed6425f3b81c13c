#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Broken netlink messages, the same ones each time: refused or done, never worse."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))

import errno
import random
import struct

from lib.call import Call, leg_values, sa_values
from lib.ktap import equal, run, say, test
from lib.netlink import REQUEST, ACK, DUMP, Netlink, Refused, encode
from lib.packets import rtp
from lib.spec import SPEC
from lib.topology import Topology

ROUNDS = int(os.environ.get('E2AE_FUZZ_ROUNDS', '2500')) * 4
ALLOWED = {errno.EINVAL, errno.ERANGE, errno.ENOENT, errno.EEXIST, errno.EBUSY, errno.EOPNOTSUPP,
           errno.EPERM, errno.ENOSPC, errno.EMSGSIZE, errno.ENODEV}

_VALUES = {'u8': 1, 'u16': 2, 'u32': 4, 'u64': 8, 's64': 8}


def valid(order):
    """A request that could be granted."""
    ident = order.randrange(1, 40)
    sa = sa_values(ident, order.choice(('AES_CM_128_HMAC_SHA1_80', 'AEAD_AES_256_GCM')), b'', b'')
    size = {1: (16, 14), 8: (32, 12)}[sa['suite']]
    sa.update(key=order.randbytes(size[0]), salt=order.randbytes(size[1]))
    if order.random() < 0.3:
        sa['state'] = [{'ssrc': n, 'roc': n, 'seq': n} for n in range(order.randrange(9))]
    port = 6000 + 4 * order.randrange(30)
    stream = {'id': ident, 'core': leg_values('10.2.0.1', port, '10.2.0.2', 8000, plain=True),
              'access': leg_values('10.1.0.1', port, '10.1.0.2', 5000,
                                   in_sa=order.randrange(40), out_sa=order.randrange(40))}
    command = order.choice(SPEC.requests()[:-2] * 8 + ['flush', 'stats-get'])
    if command in ('sa-set', 'sa-del', 'sa-get'):
        sa = {'id': ident}
    if command in ('stream-set', 'stream-del', 'stream-get') and order.random() < 0.7:
        stream = {'id': ident}
    return command, {k: v for k, v in (('sa', sa), ('stream', stream))
                     if command.startswith(k) or order.random() < 0.1}


def wild(order, row, depth):
    """A value of the right type, or of none."""
    if row.type == 'nest' and depth < 4 and order.random() < 0.8:
        return b''.join(piece(order, row.nested, depth + 1) for _ in range(order.randrange(5)))
    if row.type in _VALUES and order.random() < 0.8:
        size = _VALUES[row.type]
        return order.choice((bytes(size), b'\xff' * size, b'\1' + bytes(size - 1),
                             order.randbytes(size)))
    return order.randbytes(order.choice((0, 1, 2, 4, 8, 12, 14, 16, 32, 128, 129, 600)))


def piece(order, set_name, depth=0):
    """An attribute of a set, more or less."""
    row = order.choice(list(SPEC.sets[set_name].values()))
    body = wild(order, row, depth)
    number = row.number if order.random() < 0.95 else order.randrange(0x3fff)
    flag = 0x8000 if (row.type == 'nest') == (order.random() < 0.95) else 0
    size = 4 + len(body) if order.random() < 0.97 else order.randrange(65536)
    return struct.pack('=HH', size & 0xffff, number | flag) + body + bytes(-len(body) % 4)


def payload(order):
    """The attributes of a message."""
    command, values = valid(order)
    data = encode('e2ae', values)
    kind = order.random()
    if kind < 0.15:
        return command, data
    if kind < 0.45 and data:
        data = bytearray(data)
        for _ in range(order.randrange(1, 6)):
            data[order.randrange(len(data))] ^= 1 << order.randrange(8)
        return command, bytes(data)
    if kind < 0.6:
        return command, data[:order.randrange(len(data) + 1)]
    extra = b''.join(piece(order, 'e2ae') for _ in range(order.randrange(1, 4)))
    return command, data + extra if order.random() < 0.5 else extra


@test('broken messages are refused with a sentence or done, and the kernel stays well', seconds=180)
def messages(world):
    order, nl = random.Random(11), Netlink('gw', strict=False)
    world.scratch.callback(nl.close)
    told = {}
    for _ in range(ROUNDS):
        command, data = payload(order)
        try:
            if order.random() < 0.05 and command.endswith('-get'):
                nl.transact(nl.message(nl.family, SPEC.commands[command], data, REQUEST | DUMP))
            else:
                nl.transact(nl.message(nl.family, SPEC.commands[command], data, REQUEST | ACK))
            told['done'] = told.get('done', 0) + 1
        except Refused as no:
            name = errno.errorcode.get(no.errno, no.errno)
            told[name] = told.get(name, 0) + 1
            assert no.errno in ALLOWED, f'{command} {data.hex()}: {no}'
            assert no.sentence or no.errno in (errno.EOPNOTSUPP, errno.ENOENT), \
                f'{command} {data.hex()}: {no}'
    say(told)
    assert told.get('done', 0) > ROUNDS / 50, told


@test('objects that survived are whole, and go when they are told to')
def whole(world):
    order = random.Random(12)
    for _ in range(2000):
        command, data = payload(order)
        try:
            world.nl.raw(command, data)
        except Refused:
            pass
    sas, streams = world.nl.dump('sa-get')[0], world.nl.dump('stream-get')[0]
    say(len(sas), 'SAs', len(streams), 'streams')
    stats = world.nl.do('stats-get')['stats']
    equal((stats['sas'], stats['streams']), (len(sas), len(streams)), 'counted')
    for one in streams:
        world.nl.do('stream-del', stream={'id': one['stream']['id']})
    for one in sas:
        try:
            world.nl.do('sa-del', sa={'id': one['sa'][0]['id']})
        except Refused as no:
            equal(no.errno, errno.ENOENT, 'an SA that went with its last stream')
    equal(world.nl.dump('sa-get')[0], [], 'SAs left')


@test('messages cut in the netlink header itself do no harm')
def headers(world):
    order = random.Random(13)
    nl = Netlink('gw')
    world.scratch.callback(nl.close)
    nl.sock.setblocking(False)
    for _ in range(3000):
        command, data = payload(order)
        message = bytearray(nl.message(nl.family, SPEC.commands[command], data, REQUEST | ACK))
        kind = order.randrange(4)
        if kind == 0:
            struct.pack_into('=I', message, 0, order.choice((0, 15, 16, 19, 20, len(message) + 9)))
        elif kind == 1:
            struct.pack_into('=H', message, 6, order.randrange(65536))
        elif kind == 2:
            message[16:20] = order.randbytes(4)
        else:
            message = message[:order.randrange(1, len(message))]
        try:
            nl.sock.send(bytes(message))
            while True:
                nl.sock.recv(1 << 17)
        except OSError:
            pass


@test('after it all a call works as on the first day')
def afterwards(world):
    call = Call(world)
    call.up(rtp(1))
    call.down(rtp(1))


run(Topology)
