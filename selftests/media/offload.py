#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Devices with offloads, coalesced packets, shared packets, VLANs, bridges."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))

import socket

from lib import module
from lib.call import Call, judge
from lib.ktap import equal, test
from lib.netns import incoming, inside, ip_batch, processed, run as command
from lib.packets import ip, parse_ip, parse_udp, rtp, sender_report, udp
from lib.paths import run
from lib.topology import Port, Topology, mac

COUNT, SIZE = 10, 160


def segmented(world):
    return world.nl.do('stats-get')['stats']['segmented']


@test('RTP that arrives coalesced leaves as single SRTP packets')
def coalesced_down(world):
    for families in ((4, 4), (6, 6), (4, 6)):
        for suite in ('AES_CM_128_HMAC_SHA1_80', 'AEAD_AES_128_GCM'):
            call = Call(world, suite, families=families)
            before = segmented(world)
            packets = [rtp(n, payload=os.urandom(SIZE)) for n in range(COUNT)]
            call.core.send_coalesced(packets)
            for packet in packets:
                equal(call.out_key.oracle.unprotect(call.ue.receive()), packet, 'segment')
            equal(segmented(world) - before, 1, 'coalesced packets counted')
            equal(call.drops(), {}, 'drops')


@test('SRTP that arrives coalesced leaves as single RTP packets')
def coalesced_up(world):
    for families in ((4, 4), (6, 6)):
        call = Call(world, families=families)
        packets = [rtp(n, payload=os.urandom(SIZE)) for n in range(COUNT)]
        call.ue.send_coalesced([call.in_key.oracle.protect(p) for p in packets])
        for packet in packets:
            equal(call.core.receive(), packet, 'segment')
        packets = [rtp(n, payload=os.urandom(SIZE)) for n in range(COUNT, 2 * COUNT)]
        bad = [call.in_key.oracle.protect(p) for p in packets]
        bad[3] = bad[3][:-1] + bytes([bad[3][-1] ^ 1])
        call.ue.send_coalesced(bad)
        for n, packet in enumerate(packets):
            if n != 3:
                equal(call.core.receive(), packet, 'segment beside a forged one')
        equal(call.drops(), {'rx-auth': 1}, 'drops')


@test('packets that the device chained into one are taken one by one, both ways')
def chained(world):
    for name, far, near in (('ue', 'ue0', 'acc0'), ('core', 'c0', 'core0')):
        world.switch(name, far, 'tx-udp-segmentation', False)
        world.switch('gw', near, 'rx-gro', True)
        world.switch('gw', near, 'rx-gro-list', True)
    for families in ((4, 4), (6, 6), (6, 4)):
        for suite in ('AES_CM_128_HMAC_SHA1_80', 'AEAD_AES_128_GCM'):
            call = Call(world, suite, families=families)
            before = segmented(world)
            packets = [rtp(n, payload=os.urandom(SIZE)) for n in range(COUNT)]
            call.core.send_coalesced(packets)
            for packet in packets:
                equal(call.out_key.oracle.unprotect(call.ue.receive()), packet, 'down')
            call.ue.send_coalesced([call.in_key.oracle.protect(p) for p in packets])
            for packet in packets:
                equal(call.core.receive(), packet, 'up')
            assert segmented(world) - before >= 2, 'no packet was chained'
            equal(call.drops(), {}, 'drops')


@test('coalesced packets that are no media still reach the host, one by one')
def coalesced_local(world):
    call = Call(world, access={'nonmedia': 'local'})
    local = Port('gw', '10.1.0.1', call.near['access'])
    world.scratch.callback(local.close)
    packets = [bytes([0, 1, 0, 0]) + os.urandom(96) for _ in range(5)]
    before = world.nl.do('stats-get')['stats']['local']
    call.ue.send_coalesced(packets)
    equal(b''.join(local.drain(0.1)), b''.join(packets), 'at the host')
    equal(world.nl.do('stats-get')['stats']['local'] - before, len(packets), 'packets counted as left to the host')


@test('a packet that others look at is not changed under their eyes')
def shared(world):
    call = Call(world)
    taps = []
    for device in ('acc0', 'core0'):
        with inside('gw'):
            tap = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3))
            tap.bind((device, 3))
        tap.setblocking(False)
        world.scratch.callback(tap.close)
        taps.append(tap)
    sent = {'up': [], 'down': []}
    for seq in range(20):
        sent['up'].append(call.in_key.oracle.protect(rtp(seq)))
        call.up(rtp(seq))
        sent['down'].append(rtp(seq))
        call.down(rtp(seq))
    for tap, want in zip(taps, (sent['up'], sent['down'])):
        got = []
        processed()
        for _ in incoming(tap, 0.05):
            data, (_, _, kind, _, _) = tap.recvfrom(4096)
            one = parse_udp(parse_ip(data)) if kind == socket.PACKET_HOST else None
            if one:
                got.append(one.payload)
        equal(got, want, 'as it arrived')


def raise_link(world, extra, device, address):
    """A device of both ends over their access link."""
    for name, lower, own in (('ue', 'ue0', address[0]), ('gw', 'acc0', address[1])):
        ip_batch([line.format(dev=device, lower=lower) for line in extra] +
                 [f'link set dev {device} up', f'addr add {own}/24 dev {device}'], name)
        world.scratch.callback(command, 'ip', 'link', 'del', device, name=name)


@test('media runs over a VLAN device')
def vlan(world):
    module.need_driver('8021q')
    raise_link(world, ['link add link {lower} name {dev} type vlan id 10'], 'vlan10',
               ('10.9.0.2', '10.9.0.1'))
    call = Call(world, sockets=False, access={
        'local-addr': bytes([10, 9, 0, 1]), 'peer-addr': bytes([10, 9, 0, 2])})
    call.ue = world.port('access', call.far['access'], address='10.9.0.2')
    call.ue.peer = ('10.9.0.1', call.near['access'])
    call.core = call._port('core', False)
    for seq in range(20):
        call.up(rtp(seq))
        call.down(rtp(seq))
    equal(call.drops(), {}, 'drops')


@test('media runs where the access device is a port of a bridge')
def bridge(world):
    module.need_driver('bridge')
    module.need_driver('br_netfilter')      # it shows what is bridged to the hooks of IP
    world.scratch.callback(command, 'rmmod', 'br_netfilter', check=False)
    ip_batch(['link add br0 type bridge', 'link set dev br0 address ' +
              ':'.join(f'{b:02x}' for b in mac('gw', 'acc0')),
              'link set dev acc0 master br0', 'link set dev br0 up',
              'addr del 10.1.0.1/24 dev acc0', 'addr add 10.1.0.1/24 dev br0'], 'gw')

    def undo():
        ip_batch(['link set dev acc0 nomaster', 'link del br0',
                  'addr add 10.1.0.1/24 dev acc0'], 'gw')
        world._neighbours('access')
    world.scratch.callback(undo)
    call = Call(world)
    for seq in range(20):
        call.up(rtp(seq))
        call.down(rtp(seq))
    call.up_rtcp(sender_report(), 1)
    call.ue.send(rtp(99))
    call.silent('core')
    equal(call.drops(), {'rx-auth': 1}, 'drops')
    wire = world.wire('access')
    wire.gateway_mac = b'\x02\0\0\0\0\x55'
    src, dst = '10.1.0.2', '10.1.0.1'
    wire.send(ip(src, dst, udp(src, dst, call.far['access'], call.near['access'],
                               call.in_key.oracle.protect(rtp(100)))))
    call.silent('core')
    equal(call.drops(), {'rx-auth': 1}, 'drops after a frame to another station')
    call.up(rtp(100))


@test('frames for other stations that a bridge shows are not taken')
def otherhost(world):
    call = Call(world)
    wire = world.wire('access')
    wire.gateway_mac = b'\x02\0\0\0\0\x55'
    wire.send(ip('10.1.0.2', '10.1.0.1', udp('10.1.0.2', '10.1.0.1', call.far['access'],
                                             call.near['access'],
                                             call.in_key.oracle.protect(rtp(1)))))
    call.silent('core')
    call.up(rtp(1))


@test('on devices that compute checksums all that leaves is right too')
def partial(world):
    wire = world.wire('access')
    for suite in ('AES_CM_128_HMAC_SHA1_80', 'AEAD_AES_128_GCM'):
        call = Call(world, suite)
        for seq in range(50):
            call.down(rtp(seq, payload=os.urandom(seq)))
            call.up(rtp(seq, payload=os.urandom(seq)))
        equal(len(judge(call.out_key.oracle, wire.datagrams(0.02))), 50, 'SRTP packets')


run(lambda: Topology(offload=True))
