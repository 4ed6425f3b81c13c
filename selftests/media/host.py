#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What the host's own machinery sees of the media: conntrack, nftables, IPsec and qdiscs."""
import errno
import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))

import socket

from lib import module, nft
from lib.call import Call
from lib.ktap import SLOW, equal, eventually, test
from lib.netns import ip_batch, run as command
from lib.packets import ip, rtp, sender_report, udp
from lib.paths import run
from lib.topology import FAR, GW, PATIENCE, Topology, Wire

ESP, FRAGMENT = 50, 44
# Sizes of IP packets on a link of 1500 octets. RFC 4106: 8 octets of ESP header, 8 of IV, 16 of
# tag, 2 of trailer, and padding to 4; the same is left over for IPv4 and IPv6.
FITS_ESP = 1466
CM_TAG = 10
HEADERS = {4: 20 + 8 + 12, 6: 40 + 8 + 12}
# IP_MTU_DISCOVER, IP_MTU and their like, by family; the values both have for it
MTU_OPTION = {4: (socket.IPPROTO_IP, 10, 14), 6: (socket.IPPROTO_IPV6, 23, 24)}
PMTU_DONT, PMTU_DO = 0, 2


# conntrack

def entries():
    """Entries in the gateway's table of connections."""
    path = '/proc/sys/net/netfilter/nf_conntrack_count'
    return int(command('cat', path, name='gw').stdout)


def talk(call, first=0):
    """Media both ways, RTP and RTCP: four packets of each, four flows that leave."""
    for seq in range(first, first + 4):
        call.up(rtp(seq))
        call.down(rtp(seq))
        call.up_rtcp(sender_report(), seq + 1)
        call.down_rtcp(sender_report())


def watch(world):
    nft.rules(world, *nft.chain('output', 0, 'meta l4proto 17 ct state untracked counter',
                                'meta l4proto 17 ct state != untracked counter'))


@test('what leaves is untracked, and the table of connections stays empty')
def untracked(world):
    for family in (4, 6):
        watch(world)
        before = entries()
        call = Call(world, families=(family, family))
        talk(call)
        equal(nft.counts(), [16, 0], 'untracked and tracked')
        equal(entries(), before, 'connections')
        nft.flush()


@test('with untracked=0 connection tracking sees what leaves')
def tracked(world):
    world.scratch.callback(module.parameter, 'untracked', 'Y')
    module.parameter('untracked', 'N')
    # What is counted must not end meanwhile.
    command('sysctl', '-qw', 'net.netfilter.nf_conntrack_udp_timeout=600', name='gw')
    for family in (4, 6):
        watch(world)
        before = entries()
        call = Call(world, families=(family, family))
        talk(call)
        equal(nft.counts(), [0, 16], 'untracked and tracked')
        equal(entries(), before + 4, 'connections')
        nft.flush()


# Rules on the way out

def refused_out(world, rules):
    """Rules that stop what goes to the core, and then what goes to the UE."""
    for family in (4, 6):
        call = Call(world, families=(family, family))
        talk(call)
        nft.rules(world, *rules('core0', call.far['core']))
        for seq in range(10, 13):
            call.ue.send(call.in_key.oracle.protect(rtp(seq)))
            call.silent('core')
            call.down(rtp(seq))
        equal(nft.counts(), [3], 'counted by the rule')
        equal(call.drops(), {'output': 3}, 'drops')
        nft.flush()
        nft.rules(world, *rules('acc0', call.far['access']))
        for seq in range(20, 23):
            call.core.send(rtp(seq))
            call.silent('access')
            call.up(rtp(seq))
        equal(nft.counts(), [3], 'counted by the rule')
        equal(call.drops(), {'output': 6}, 'drops')
        nft.flush()
        talk(call, 30)


@test('a rule in OUTPUT or POSTROUTING that drops media stops it, counted as output')
def drop_out(world):
    for where in ('output', 'postrouting'):
        refused_out(world, lambda device, port: nft.chain(
            where, 0, f'oifname {device} udp dport {port} counter drop'))


@test('a rule in OUTPUT that rejects media stops it, and nobody else hears of it')
def reject_out(world):
    wires = [world.wire(side) for side in ('access', 'core')]
    refused_out(world, lambda device, port: nft.chain(
        'output', 0, f'oifname {device} udp dport {port} counter reject'))
    for wire in wires:
        equal([s.proto for s in wire.packets() if s.proto != 17], [], 'other than UDP')


@test('a rule at the egress of a device that drops media stops it, counted as output')
def drop_egress(world):
    refused_out(world, lambda device, port: nft.chain(
        'egress', 0, f'udp dport {port} counter drop', device=device))


# Rules on the way in

@test('INPUT, FORWARD and the raw table do not see media, whatever they drop')
def late_rules(world):
    udp = 'meta l4proto 17 counter'    # neighbours go on asking each other for their addresses
    nft.rules(world, *nft.chain('input', 0, f'{udp} drop'), *nft.chain('forward', 0, f'{udp} drop'),
              *nft.chain('prerouting', -300, f'{udp} drop'))
    for family in (4, 6):
        talk(Call(world, families=(family, family)))
    equal(nft.counts(), [0, 0, 0], 'seen by INPUT, FORWARD and raw')


def refused_in(world, rules):
    """Rules that stop what comes from the UE, before the gateway takes it."""
    for family in (4, 6):
        call = Call(world, families=(family, family))
        talk(call)
        nft.rules(world, *rules(call.near['access']))
        before = call.show()['upstream']['packets']
        for seq in range(10, 13):
            call.ue.send(call.in_key.oracle.protect(rtp(seq)))
            call.silent('core')
            call.down(rtp(seq))
        equal(nft.counts(), [3], 'counted by the rule')
        equal(call.show()['upstream']['packets'], before, 'packets that came in')
        equal(call.drops(), {}, 'drops')
        nft.flush()
        talk(call, 30)


@test('a rule in PREROUTING before reassembly stops media')
def drop_early(world):
    refused_in(world, lambda port: nft.chain('prerouting', -450, f'udp dport {port} counter drop'))


@test('a rule at the ingress of a device stops media')
def drop_ingress(world):
    refused_in(world, lambda port: nft.chain('ingress', 0, f'udp dport {port} counter drop', device='acc0'))


# IPsec

def states(family, spi):
    """A pair of transport mode SAs between the gateway and the core; the keys are new."""
    here, there = GW['core', family], FAR['core', family]
    return [f'xfrm state add src {src} dst {dst} proto esp spi {spi + n} mode transport '
            f'aead rfc4106(gcm(aes)) 0x{os.urandom(20).hex()} 128'
            for n, (src, dst) in enumerate(((here, there), (there, here)))]


def policies(family, name):
    """UDP between the gateway and the core has to be ESP, both ways."""
    own, other = GW['core', family], FAR['core', family]
    if name == 'core':
        own, other = other, own
    return [f'xfrm policy add src {src} dst {dst} proto 17 dir {way} '
            'tmpl proto esp mode transport'
            for src, dst, way in ((own, other, 'out'), (other, own, 'in'))]


def unsecure():
    """No IPsec any more."""
    for name in ('gw', 'core'):
        ip_batch(['xfrm policy flush', 'xfrm state flush'], name)


def secure(world, family, spi=0x1000):
    """IPsec on the core leg, for one test."""
    for driver in ('xfrm_user', 'esp4', 'esp6'):
        module.need_driver(driver)
    world.scratch.callback(unsecure)
    sas = states(family, spi)
    for name in ('gw', 'core'):
        ip_batch(sas + policies(family, name), name)


def core_wires(world):
    """What arrives at either end of the core's link."""
    near = Wire('gw', 'core0', b'')
    world.scratch.callback(near.close)
    return world.wire('core'), near


def all_esp(wires, packets):
    """Fails unless ESP is all there is, that many packets on each wire, none showing an RTP."""
    for wire in wires:
        seen = wire.packets(0.02)
        equal([s.proto for s in seen], [ESP] * len(packets), 'protocols on the wire')
        for one in seen:
            assert not any(p[12:] in one.raw for p in packets), f'in the clear: {one.raw.hex()}'


def exchange(call, wires, first):
    """RTP and RTCP both ways, as ESP on the core's link."""
    sent = [rtp(seq) for seq in range(first, first + 5)]
    for one in sent:
        call.up(one)
        call.down(one)
    for n in range(first, first + 5):
        call.up_rtcp(sender_report(), n + 1)
        call.down_rtcp(sender_report())
    all_esp(wires, sent + [sender_report()] * 5)


@test('a core leg through IPsec is ESP on the wire and the same RTP behind it, both ways')
def esp(world):
    for family in (4, 6):
        secure(world, family)
        call = Call(world, families=(4, family))
        exchange(call, core_wires(world), 0)
        equal(call.drops(), {}, 'drops')
        world.settle()


@test('IPsec that comes, changes its keys and goes under live media is followed at once')
def esp_live(world):
    for family in (4, 6):
        call = Call(world, families=(family, family))
        wires = core_wires(world)
        call.up(rtp(0))
        call.down(rtp(0))
        for wire in wires:
            wire.packets(0.02)
        secure(world, family)
        exchange(call, wires, 10)
        fresh = states(family, 0x2000)
        for name in ('gw', 'core'):
            ip_batch(['xfrm state flush'] + fresh, name)
        exchange(call, wires, 20)
        unsecure()
        call.up(rtp(30))
        call.down(rtp(30))
        for wire in wires:
            equal([s.proto for s in wire.packets(0.02)], [17], 'protocols without IPsec')
        world.settle()


@test('where the policy wants ESP, clear RTP from the core is refused')
def esp_clear(world):
    for family in (4, 6):
        secure(world, family)
        call = Call(world, families=(4, family))
        src, dst = FAR['core', family], GW['core', family]
        data = udp(src, dst, call.far['core'], call.near['core'], rtp(1))
        world.wire('core').send(ip(src, dst, data))
        call.silent('access')
        equal(call.drops(), {'policy': 1}, 'drops')
        call.down(rtp(1))
        world.settle()


@test('where the policy wants ESP and there is no SA for it, nothing leaves, and that is counted')
def esp_without(world):
    for family in (4, 6):
        call = Call(world, families=(4, family))
        secure(world, family)
        wires = core_wires(world)
        call.up(rtp(1))
        all_esp(wires[:1], [rtp(1)])
        ip_batch(['xfrm state flush'], 'gw')
        for seq in (2, 3):
            call.ue.send(call.in_key.oracle.protect(rtp(seq)))
        equal(wires[0].packets(0.05), [], 'on the wire')
        counted = call.drops()
        equal(sum(counted.get(n, 0) for n in ('no-route', 'output')), 2, f'of {counted}')
        world.settle()


def forget_mtu():
    """The UE forgets the path MTU that it was told."""
    for family in ('-4', '-6'):
        command('ip', family, '-n', 'ue', 'route', 'flush', 'cache')


def discover(world, call, family, value):
    """What the UE's socket does about the path MTU."""
    level, option, _ = MTU_OPTION[family]
    call.ue.sock.connect(call.ue.peer)
    call.ue.sock.setsockopt(level, option, value)
    world.scratch.callback(forget_mtu)


def filled(seq, size, family):
    """RTP that is an IP packet of a size."""
    return rtp(seq, payload=os.urandom(size - HEADERS[family]))


def told(call, family, want):
    """Waits until the UE's socket hears that it sends too much, and how much it may."""
    level, _, option = MTU_OPTION[family]
    error = eventually('the UE was not told', lambda: call.ue.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
    equal(error, errno.EMSGSIZE, 'error at the UE')
    equal(call.ue.sock.getsockopt(level, option), want, 'path MTU at the UE')


@test('a packet with DF that fits without ESP and not with it is refused, and its sender told')
def esp_df(world):
    for family in (4, 6):
        call = Call(world, families=(family, family))
        discover(world, call, family, PMTU_DO)
        call.up(filled(1, FITS_ESP + 1, family))
        secure(world, family)
        wires = core_wires(world)
        call.up(filled(2, FITS_ESP, family))
        all_esp(wires[:1], [rtp(2)])
        call.ue.send(call.in_key.oracle.protect(filled(3, FITS_ESP + 1, family)))
        told(call, family, FITS_ESP + CM_TAG)
        equal(wires[0].packets(0.05), [], 'on the wire')
        equal(call.drops(), {'too-big': 1}, 'drops')
        call.up(filled(4, FITS_ESP, family))
        world.settle()


def whole(seen):
    """ESP, or fragments of it, and no larger than the link."""
    for one in seen:
        kind = one.body[0] if one.version == 6 and one.proto == FRAGMENT else one.proto
        equal(kind, ESP, 'protocol on the wire')
        assert len(one.raw) <= 1500, f'{len(one.raw)} octets on the wire'


@test('a packet that may be fragmented and does not fit with ESP is, and arrives as it was')
def esp_fragments(world):
    for family in (4, 6):
        secure(world, family)
        call = Call(world, families=(family, family))
        wires = core_wires(world)
        discover(world, call, family, PMTU_DONT)
        # Over IPv6 only what arrived in fragments may leave in fragments.
        sizes = (FITS_ESP + 1, 1490, 4000) if family == 4 else (1500, 4000)
        for seq, size in enumerate(sizes):
            call.up(filled(seq, size, family))
            seen = wires[0].packets(0.02)
            assert len(seen) > 1, f'{size} octets in one packet'
            whole(seen)
            call.down(filled(seq, size, family))
            whole(wires[1].packets(0.02))
        equal(call.drops(), {}, 'drops')
        world.settle()


# Qdiscs

def qdisc(world, device, *words):
    """The root qdisc of one of the gateway's devices, for one test."""
    module.need_driver('sch_' + words[0])
    command('tc', '-n', 'gw', 'qdisc', 'add', 'dev', device, 'root', *words)
    world.scratch.callback(command, 'tc', '-n', 'gw', 'qdisc', 'del', 'dev', device, 'root',
                           check=False)


def passed(device):
    """(packets, dropped, waiting) of the qdisc."""
    shown = command('tc', '-n', 'gw', '-s', '-j', 'qdisc', 'show', 'dev', device).stdout
    root = next(q for q in json.loads(shown) if q.get('root'))
    return root['packets'], root['drops'], root['qlen']


@test('the qdisc of the device sees every packet that leaves')
def queued(world):
    for kind in (('pfifo', 'limit', '100'), ('netem', 'delay', '1ms')):
        for device in ('acc0', 'core0'):
            qdisc(world, device, *kind)
        for family in (4, 6):
            talk(Call(world, families=(family, family)))
        for device in ('acc0', 'core0'):
            equal(passed(device), (16, 0, 0), f'{kind[0]} of {device}')
        world.settle()


@test('what a full queue drops is counted as output, and what it took comes out as it was')
def full(world):
    for family in (4, 6):
        call = Call(world, families=(4, family))
        delay = 2 + SLOW            # the counters are read within it
        qdisc(world, 'core0', 'netem', 'limit', '5', 'delay', f'{int(1000 * delay)}ms')
        for seq in range(20):
            call.ue.send(call.in_key.oracle.protect(rtp(seq)))
        equal(passed('core0'), (0, 15, 5), 'sent, dropped and waiting')
        equal(call.drops(), {'output': 15}, 'drops')
        for seq in range(5):
            equal(call.core.receive(delay + PATIENCE), rtp(seq), 'after the queue')
        call.silent('core')
        equal(passed('core0'), (5, 15, 0), 'sent, dropped and waiting')
        world.settle()


run(Topology)
