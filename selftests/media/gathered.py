#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Packets that wait for each other at the ingress of a device: which do, and that nobody can tell by the media.

All of it with packets that are taken there, and with such that come by PRE_ROUTING afterwards.
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))

import socket

from lib import module, nft
from lib.call import Call
from lib.ktap import equal, test
from lib.netns import inside, ip_batch, processed, run as command
from lib.packets import rtp
from lib.paths import run_gathered
from lib.topology import FAR, GW, Port, Topology

SUITES = ('AES_CM_128_HMAC_SHA1_80', 'AEAD_AES_128_GCM')
BURST = 40      # packets of each call; more than wait at once


def gathered(world):
    """Packets that have waited so far."""
    return world.nl.do('stats-get')['stats']['gathered']


def talk(call, first):
    """A packet each way."""
    call.up(rtp(first))
    call.down(rtp(first))


def waiting(world, streams):
    """Packets wait from so many streams on, for one test."""
    world.scratch.callback(module.parameter, 'gather', 1)
    module.parameter('gather', streams)


@test('packets wait from so many streams on as the parameter says, and never at 0')
def streams(world):
    waiting(world, 3)
    calls = []
    for n, families in enumerate(((4, 4), (6, 6), (4, 6), (6, 4))):
        calls.append(Call(world, SUITES[n % 2], families=families))
        before = gathered(world)
        for call in calls:
            talk(call, n)
        equal(gathered(world) - before, 0 if n < 2 else 2 * len(calls), f'with {n + 1} streams')
    module.parameter('gather', 0)
    before = gathered(world)
    for call in calls:
        talk(call, 10)
    equal(gathered(world) - before, 0, 'at 0')


def crowd(world):
    """Bursts of many calls at once: each has to come out whole, and in its order."""
    calls = [Call(world, SUITES[n % 2], families=((4, 4), (6, 6), (4, 6), (6, 4))[n % 4]) for n in range(12)]
    world.bursts('access')
    world.bursts('core')
    for seq in range(BURST):
        for call in calls:
            call.ue.send(call.in_key.oracle.protect(rtp(seq)))
            call.core.send(rtp(seq))
    for seq in range(BURST):
        for call in calls:
            equal(call.core.receive(), rtp(seq), 'RTP at the core')
            equal(call.out_key.oracle.unprotect(call.ue.receive()), rtp(seq), 'RTP under SRTP at the UE')
    for call in calls:
        equal(call.drops(), {}, 'drops')
        equal(call.show()['upstream']['packets'], BURST, 'counted')
    return 2 * BURST * len(calls)


@test('bursts of many calls at once come out whole, and each call in its order')
def burst(world):
    before = gathered(world)
    count = crowd(world)
    equal(gathered(world) - before, count, 'packets that waited')


@test('while nothing is taken at ingress, packets wait there and come by PRE_ROUTING, one by one and in lists')
def left_to_ip(world):
    for lists, streams_from in ((False, 1), (False, 0), (True, 1), (True, 0)):
        world.scratch.callback(module.parameter, 'ingress', module.parameter('ingress'))
        module.parameter('ingress', 'N')
        waiting(world, streams_from)
        for device in ('acc0', 'core0'):
            if lists:
                world.switch('gw', device, 'rx-gro', True)
        before = world.nl.do('stats-get')['stats']
        count = crowd(world)
        after = world.nl.do('stats-get')['stats']
        equal(after['gathered'] - before['gathered'], count * streams_from, f'packets that waited, lists {lists}')
        equal(after['ingress'] - before['ingress'], 0, 'taken at ingress')
        world.settle()


@test('forged packets, replays and other drops in a burst are counted as they are one by one')
def dropped(world):
    seen = []
    for streams_from in (0, 1):
        waiting(world, streams_from)
        call = Call(world)
        good = [call.in_key.oracle.protect(rtp(n)) for n in range(20)]
        world.bursts('access')
        for packet in good:
            for one in (packet[:-1] + bytes([packet[-1] ^ 1]), packet, packet, packet[:20], b'\0\1\0\0' + bytes(40)):
                call.ue.send(one)
        for n in range(20):
            equal(call.core.receive(), rtp(n), 'RTP at the core')
        call.silent('core')
        seen.append(call.drops())
        world.settle()
    equal(seen[1], seen[0], 'drops of packets that waited')
    equal(sum(seen[0].values()), 80, 'drops')


class Tap:
    """A packet socket of the gateway."""

    def __init__(self, world, device):
        with inside('gw'):
            self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
            self.sock.bind((device, 3))
        self.sock.setblocking(False)
        world.scratch.callback(self.sock.close)

    def frames(self):
        """Frames that came in so far."""
        out = []
        processed()
        while True:
            try:
                frame, (_, _, kind, _, _) = self.sock.recvfrom(1 << 16)
            except BlockingIOError:
                return out
            if kind != socket.PACKET_OUTGOING:
                out.append(frame)


@test('what has the port of a leg but is not for it goes on as it came, once')
def others(world):
    for family, bits in ((4, 24), (6, 64)):
        own = GW['access', family][:-1] + '99'
        ip_batch([f'addr add {own}/{bits} dev acc0' + (' nodad' if family == 6 else '')], 'gw')
        world.scratch.callback(command, 'ip', '-n', 'gw', 'addr', 'del', f'{own}/{bits}', 'dev', 'acc0')
        mac = command('cat', '/sys/class/net/acc0/address', name='gw').stdout.strip()
        ip_batch([f'neigh replace {own} lladdr {mac} dev ue0'], 'ue')
        call = Call(world, families=(family, family))
        port = call.near['access']
        host = Port('gw', own, port)
        far = Port('core', FAR['core', family], port)
        for sock in (host, far):
            world.scratch.callback(sock.close)
        nft.rules(world, *nft.chain('prerouting', -150, 'meta l4proto 17 counter'),
                  *nft.chain('ingress', 0, 'meta l4proto 17 counter', device='acc0'))
        world.bursts('access')
        tap, before = Tap(world, 'acc0'), gathered(world)
        wanted = {host: [], far: []}
        for n in range(20):
            for sock, to in ((host, own), (far, FAR['core', family])):
                data = b'not of a leg %d %d' % (n, sock is far)
                call.ue.send(data, (to, port))
                wanted[sock].append(data)
            call.ue.send(call.in_key.oracle.protect(rtp(n)))
        for n in range(20):
            equal(call.core.receive(), rtp(n), 'media between them')
        for sock, data in wanted.items():
            equal([sock.receive() for _ in data], data, f'at {sock.name}')
            equal(sock.drain(0.05), [], f'more at {sock.name}')
        frames = tap.frames()
        for data in wanted[host] + wanted[far]:
            equal(sum(frame.endswith(data) for frame in frames), 1, 'seen by a packet socket')
        equal(nft.counts(), [40, 60], 'seen by PRE_ROUTING, and at ingress')
        equal(gathered(world) - before, 20, 'taken of those that waited')
        world.settle()


@test('while somebody stands behind us at ingress, no packet waits')
def behind(world):
    nft.rules(world, *nft.chain('ingress', 2147483647, device='acc0'))
    before, call = gathered(world), Call(world)
    for seq in range(3):
        call.up(rtp(seq))
    equal(gathered(world) - before, 0, 'packets that waited')
    for seq in range(3):
        call.down(rtp(seq))
    equal(gathered(world) - before, 3, 'packets that waited at the other device')


run_gathered(Topology)
