#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The way on: routing changes, marks, policies, link-local peers, two UEs on one gateway."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))

import socket

from lib import module
from lib.call import SSRC, Call, Key, leg_values
from lib.ktap import equal, test
from lib.netlink import Refused
from lib.netns import inside, run as command
from lib.packets import octets, rtp, sender_report
from lib.paths import run
from lib.topology import FAR, GW, Port, Topology


def ip(world, *words, undo=None):
    """An `ip` command in the gateway, undone after the test."""
    command('ip', '-n', 'gw', *words)
    if undo:
        world.scratch.callback(command, 'ip', '-n', 'gw', *undo)


@test('without a route nothing leaves, and a route that comes is used')
def no_route(world):
    call = Call(world, core={'peer-addr': octets('10.77.0.2')}, sockets=False)
    command('ip', '-n', 'core', 'addr', 'add', '10.77.0.2/32', 'dev', 'lo')
    world.scratch.callback(command, 'ip', '-n', 'core', 'addr', 'del', '10.77.0.2/32', 'dev', 'lo')
    call.ue = call._port('access', False)
    call.core = world.port('core', call.far['core'], address='10.77.0.2')
    call.ue.send(call.in_key.oracle.protect(rtp(1)))
    equal(call.drops(), {'no-route': 1}, 'drops')
    ip(world, 'route', 'add', '10.77.0.0/24', 'via', FAR['core', 4],
       undo=('route', 'del', '10.77.0.0/24'))
    call.up(rtp(2))
    call.core.peer = (GW['core', 4], call.near['core'])
    call.down(rtp(1))


@test('media follows a route that changes under it')
def changed(world):
    for family, target in ((4, '10.77.0.2'), (6, 'fd77::2')):
        bits = '32' if family == 4 else '128'
        for name in ('core', 'ue'):
            command('ip', '-n', name, 'addr', 'add', f'{target}/{bits}', 'dev', 'lo')
            world.scratch.callback(command, 'ip', '-n', name, 'addr', 'del', f'{target}/{bits}',
                                   'dev', 'lo')
        call = Call(world, families=(4, family), core={'peer-addr': octets(target)}, sockets=False)
        call.ue = call._port('access', False)
        call.core = world.port('core', call.far['core'], address=target)
        elsewhere = world.port('access', call.far['core'], address=target)
        ip(world, 'route', 'add', f'{target}/{bits}', 'via', FAR['core', family],
           undo=('route', 'del', f'{target}/{bits}'))
        for seq in range(5):
            call.up(rtp(seq))
        command('ip', '-n', 'gw', 'route', 'replace', f'{target}/{bits}', 'via',
                FAR['access', family])
        call.ue.send(call.in_key.oracle.protect(rtp(10)))
        equal(elsewhere.receive(), rtp(10), 'over the new route')
        equal(call.core.drain(0.02), [], 'over the old route')


@test('what leaves carries the mark of its leg, and its route is chosen by it')
def mark(world):
    module.need_driver('xfrm_user')
    words = ('src', '10.2.0.1/32', 'dst', '10.2.0.2/32', 'dir', 'out', 'mark', '7')
    ip(world, 'xfrm', 'policy', 'add', *words, 'action', 'block',
       undo=('xfrm', 'policy', 'delete', *words))
    call = Call(world)
    call.up(rtp(1))
    call.change(core={'mark': 7})
    call.ue.send(call.in_key.oracle.protect(rtp(2)))
    call.silent('core')
    equal(sum(call.drops().get(n, 0) for n in ('no-route', 'output')), 1, 'drops')
    call.change(core={'mark': 8})
    call.up(rtp(3))


@test('what the IPsec policy of the host forbids does not come in')
def policy(world):
    module.need_driver('xfrm_user')
    words = ('src', '10.1.0.2/32', 'dst', '10.1.0.1/32', 'dir', 'in')
    call = Call(world)
    call.up(rtp(1))
    ip(world, 'xfrm', 'policy', 'add', *words, 'action', 'block')
    call.ue.send(call.in_key.oracle.protect(rtp(2)))
    call.silent('core')
    equal(call.drops(), {'policy': 1}, 'drops')
    ip(world, 'xfrm', 'policy', 'delete', *words)
    call.up(rtp(3))


@test('media is never broadcast')
def broadcast(world):
    wire = world.wire('core')
    try:
        call = Call(world, core={'peer-addr': octets('10.2.0.255')})
    except Refused as no:
        assert no.sentence, no
        return
    call.ue.send(call.in_key.oracle.protect(rtp(1)))
    equal([f for f in wire.frames(0.05) if f[:6] == b'\xff' * 6], [], 'broadcast frames')


def link_local(name, device):
    text = command('ip', '-6', '-o', 'addr', 'show', 'dev', device, 'scope', 'link', name=name)
    return text.stdout.split()[3].split('/')[0]


@test('a UE with a link-local address is reached through its device')
def linklocal(world):
    near, far = link_local('gw', 'acc0'), link_local('ue', 'ue0')
    index = int(command('cat', '/sys/class/net/acc0/ifindex', name='gw').stdout)
    for more in ({'ifindex': index, 'peer-addr': octets(far)},
                 {'ifindex': index, 'peer-addr': None, 'peer-port': None}):
        call = Call(world, families=(6, 4), sockets=False, access={'local-addr': octets(near), **more})
        call.core = call._port('core', False)
        with inside('ue'):
            scope = socket.if_nametoindex('ue0')
        call.ue = Port('ue', '::', call.far['access'])
        world.scratch.callback(call.ue.close)
        call.ue.peer = (near, call.near['access'], 0, scope)
        call.up(rtp(1))
        call.down(rtp(1))


class Pair:
    """Two UEs behind one gateway: their core legs face each other on its own address."""

    def __init__(self, world, family):
        self.keys = [Key(900 + n, ('AES_CM_128_HMAC_SHA1_80', 'AEAD_AES_256_GCM')[n // 2])
                     for n in range(4)]
        local, gw, ue = GW['core', family], GW['access', family], FAR['access', family]
        self.ports = []
        for n in range(2):
            a, b = self.keys[2 * n:2 * n + 2]
            core = leg_values(local, 7500 + 10 * n, local, 7500 + 10 * (1 - n), plain=True)
            access = leg_values(gw, 6500 + 10 * n, ue, 5500 + 10 * n, in_sa=a.ident, out_sa=b.ident)
            world.nl.do('stream-new', sa=[a.values(), b.values()],
                        stream={'id': 900 + n, 'access': access, 'core': core})
            for rtcp in (0, 1):
                port = world.port('access', 5500 + 10 * n + rtcp, family)
                port.peer = (gw, 6500 + 10 * n + rtcp)
                self.ports.append(port)


@test('two UEs on one gateway talk to each other')
def two(world):
    for family in (4, 6):
        pair = Pair(world, family)
        for seq in range(20):
            for me in (0, 1):
                sent = rtp(seq, ssrc=SSRC + me)
                pair.ports[2 * me].send(pair.keys[2 * me].oracle.protect(sent))
                got = pair.ports[2 * (1 - me)].receive()
                equal(pair.keys[2 * (1 - me) + 1].oracle.unprotect(got), sent, 'at the other UE')
        pair.ports[1].send(pair.keys[0].oracle.protect_rtcp(sender_report(), 1))
        plain, _ = pair.keys[3].oracle.unprotect_rtcp(pair.ports[3].receive())
        equal(plain, sender_report(), 'RTCP at the other UE')
        world.settle()


run(Topology)
