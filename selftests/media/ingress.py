#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The short ways: which packets take them, which do not, and that nobody can tell by the media."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))

from lib import module, nft
from lib.call import Call
from lib.ktap import equal, eventually, say, test
from lib.netns import ip_batch, run as command, write
from lib.packets import fragments, ip, octets, rtp, udp
from lib.paths import run
from lib.topology import FAR, GW, SIDES, Topology

SUITES = ('AES_CM_128_HMAC_SHA1_80', 'AEAD_AES_128_GCM')
FAMILIES = ((4, 4), (6, 6), (4, 6), (6, 4))
PACKETS = 6         # that talk() sends


def ways(world):
    """Packets so far: taken at ingress, sent straight to the neighbour."""
    stats = world.nl.do('stats-get')['stats']
    return stats['ingress'], stats['direct']


def took(world, before):
    """The same, since then."""
    return tuple(b - a for a, b in zip(before, ways(world)))


def talk(call, first):
    """Media both ways, judged."""
    for seq in range(first, first + PACKETS // 2):
        call.up(rtp(seq))
        call.down(rtp(seq))


def expect(world, call, first, want, what):
    """Talks, and asks which ways that took."""
    before = ways(world)
    talk(call, first)
    equal(took(world, before), want, f'{what}: taken at ingress, sent straight')


ALL = (PACKETS, PACKETS)


@test('from the first packet on all media takes the short ways, with each cipher and family')
def short(world):
    for families in FAMILIES:
        for suite in SUITES:
            call = Call(world, suite, families=families)
            expect(world, call, 0, ALL, f'{suite} {families}')
            equal(call.drops(), {}, 'drops')


@test('either way is switched off and on by a parameter, under live media')
def switched(world):
    call = Call(world)
    for n, (ingress, direct) in enumerate(((1, 1), (0, 1), (0, 0), (1, 0), (1, 1))):
        module.parameter('ingress', 'NY'[ingress])
        module.parameter('direct', 'NY'[direct])
        expect(world, call, 10 * n, (PACKETS * ingress, PACKETS * direct), f'{ingress} {direct}')


@test('what is dropped is dropped alike and counted alike on either way')
def dropped(world):
    for families in ((4, 4), (6, 6)):
        seen = []
        for way in 'NY':
            module.parameter('ingress', way)
            call = Call(world, families=families)
            before = ways(world)
            good = call.in_key.oracle.protect(rtp(1))
            call.up(rtp(2))
            bad = bytes([good[-1] ^ 1])
            for data in (good[:-1] + bad, good[:20], b'\0\1\0\0' + bytes(40), b'', good[:12],
                         call.in_key.oracle.protect(rtp(2))):
                call.ue.send(data)
            other = world.port('access', call.far['access'] + 2, families[0])
            other.send(good, call.ue.peer)
            call.silent('core')
            seen.append(call.drops())
            equal(took(world, before)[0], 8 if way == 'Y' else 0, 'taken at ingress')
            world.settle()
        equal(seen[1], seen[0], 'drops at ingress and in PRE_ROUTING')
        assert len(seen[0]) >= 5, seen[0]


def frame(call, seq, family, **more):
    """An IP packet of the UE."""
    src, dst = FAR['access', family], GW['access', family]
    data = udp(src, dst, call.far['access'], call.near['access'],
               call.in_key.oracle.protect(rtp(seq, payload=b'')))
    return ip(src, dst, data, **more)


def late(world, call, packets, seq, what, arrives=True):
    """IP packets of the UE that take the long way in, and come out the same or not at all."""
    wire, before = world.wire('access'), ways(world)
    for packet in packets:
        wire.send(packet)
    if arrives:
        equal(call.core.receive(), rtp(seq, payload=b''), what)
    else:
        call.silent('core')
    equal(took(world, before), (0, 1 if arrives else 0), f'{what}: short ways')


@test('fragments and packets with IP options or extension headers take the long way in')
def headers(world):
    call = Call(world)
    src, dst = FAR['access', 4], GW['access', 4]
    late(world, call, [frame(call, 1, 4, options=b'\x94\4\0\0')], 1, 'router alert')
    data = udp(src, dst, call.far['access'], call.near['access'],
               call.in_key.oracle.protect(rtp(2, payload=b'')))
    late(world, call, fragments(src, dst, data, 16), 2, 'IPv4 fragments')
    call = Call(world, families=(6, 6))
    src, dst = FAR['access', 6], GW['access', 6]
    data = udp(src, dst, call.far['access'], call.near['access'],
               call.in_key.oracle.protect(rtp(1, payload=b'')))
    late(world, call, fragments(src, dst, data, 16), 1, 'IPv6 fragments')
    data = udp(src, dst, call.far['access'], call.near['access'],
               call.in_key.oracle.protect(rtp(2, payload=b'')))
    late(world, call, [ip(src, dst, b'\x11\0\1\4\0\0\0\0' + data, proto=60)], 2, 'destination options')


@test('what IP would not accept is left to IP, and what pads a frame is cut off')
def ip_checks(world):
    call = Call(world)
    src, dst = FAR['access', 4], GW['access', 4]
    late(world, call, [frame(call, 1, 4, csum=0x1234)], 1, 'IP checksum', arrives=False)
    late(world, call, [frame(call, 2, 4, total=2000)], 2, 'IP length', arrives=False)
    equal(call.drops(), {}, 'drops')
    six = Call(world, families=(6, 6))
    late(world, six, [frame(six, 1, 6, total=2000)], 1, 'IPv6 length', arrives=False)
    multicast = ip('ff02::5', GW['access', 6], udp('ff02::5', GW['access', 6], 5000, six.near['access'], rtp(1)))
    late(world, six, [multicast], 1, 'from a group', arrives=False)
    equal(six.drops(), {}, 'drops')
    for one, family in ((call, 4), (six, 6)):
        before = ways(world)
        world.wire('access').send(frame(one, 9, family) + bytes(30))
        equal(one.core.receive(), rtp(9, payload=b''), 'padded')
        equal(took(world, before), (1, 1), 'a padded frame: short ways')


@test('frames with a VLAN tag, and those to other stations, are not taken')
def frames(world):
    call = Call(world)
    wire, before = world.wire('access'), ways(world)
    wire.send(frame(call, 1, 4), vlan=10)
    wire.gateway_mac = b'\x02\0\0\0\0\x55'
    wire.send(frame(call, 2, 4))
    call.silent('core')
    equal(took(world, before), (0, 0), 'short ways')
    expect(world, call, 10, ALL, 'afterwards')


# Who else wants to see the packets

@test('a rule in front of us is not passed by, nor one on the way out')
def rules(world):
    udp_counter = 'meta l4proto 17 counter'
    for hook, priority, device, want in (
            ('prerouting', -450, None, (0, PACKETS)), ('prerouting', -300, None, ALL), ('input', 0, None, ALL),
            ('forward', 0, None, ALL), ('output', 0, None, (PACKETS, 0)), ('output', -300, None, (PACKETS, 0)),
            ('postrouting', 0, None, (PACKETS, 0)), ('ingress', 0, 'acc0', ALL), ('egress', 0, 'core0', ALL)):
        for families in ((4, 4), (6, 6)):
            call = Call(world, families=families)
            nft.rules(world, *nft.chain(hook, priority, udp_counter, device=device))
            expect(world, call, 0, want, f'{hook} {priority} {families}')
            world.settle()
            expect(world, Call(world, families=families), 0, ALL, f'after {hook} {families}')
            world.settle()


@test('connection tracking and NAT that look at other traffic do not cost media the short ways')
def tracking(world):
    nft.rules(world, *nft.chain('input', 0, 'ct state established accept'))
    nat = command('nft', 'table ip n { chain c { type nat hook postrouting priority 100; masquerade; }; }',
                  name='gw', check=False)
    say('with NAT' if not nat.returncode else 'this kernel has no NAT')
    for families in ((4, 4), (6, 6)):
        expect(world, Call(world, families=families), 0, ALL, f'untracked {families}')
    world.scratch.callback(module.parameter, 'untracked', 'Y')
    module.parameter('untracked', 'N')
    for families in ((4, 4), (6, 6)):
        expect(world, Call(world, families=families), 0, (PACKETS, 0), f'tracked {families}')


@test('an IPsec policy on the way out takes packets the long way, until it goes')
def ipsec(world):
    for driver in ('xfrm_user', 'esp4'):
        module.need_driver(driver)
    call, wire = Call(world), world.wire('core')
    call.up(rtp(1))
    wire.packets()
    between = 'src 10.2.0.1 dst 10.2.0.2'
    ip_batch([f'xfrm state add {between} proto esp spi 0x1000 mode transport '
              f'aead rfc4106(gcm(aes)) 0x{os.urandom(20).hex()} 128',
              f'xfrm policy add {between} dir out tmpl proto esp mode transport'], 'gw')
    for kind in ('policy', 'state'):
        world.scratch.callback(command, 'ip', '-n', 'gw', 'xfrm', kind, 'flush')
    before = ways(world)
    for seq in range(2, 5):
        call.ue.send(call.in_key.oracle.protect(rtp(seq)))
    equal([s.proto for s in wire.packets(0.05)], [50] * 3, 'protocols on the wire')
    equal(took(world, before), (3, 0), 'with a policy: taken at ingress, sent straight')
    command('ip', '-n', 'gw', 'xfrm', 'policy', 'flush')
    expect(world, call, 10, ALL, 'without')


@test('a packet that has to be fragmented on its way out goes the long way')
def fragmented(world):
    world.scratch.callback(world.set_mtu, 1500, 'core')
    call = Call(world)
    call.ue.sock.setsockopt(0, 10, 0)       # IP_MTU_DISCOVER: let it be fragmented
    world.set_mtu(1300, 'core')
    for seq, (size, straight) in enumerate(((1000, 1), (1400, 0))):
        before = ways(world)
        call.up(rtp(seq, payload=os.urandom(size)))
        equal(took(world, before), (1, straight), f'{size} octets: short ways')


@test('a neighbour that is not known is asked for, and then reached the short way')
def unknown(world):
    world.scratch.callback(world._neighbours, 'core')
    for family in (4, 6):
        call = Call(world, families=(4, family))
        ip_batch([f'neigh del {FAR["core", family]} dev core0'], 'gw')
        before = ways(world)
        call.up(rtp(1))
        equal(took(world, before), (1, 0), 'while the neighbour is asked for')
        before = ways(world)
        call.up(rtp(2))
        equal(took(world, before), (1, 1), 'afterwards')


@test('a neighbour that changes its address is followed at once')
def changed(world):
    world.scratch.callback(world._neighbours, 'core')
    call = Call(world)
    wire = world.wire('core')
    call.up(rtp(1))
    wire.frames()
    for n in (2, 3):
        ip_batch([f'neigh replace {FAR["core", 4]} lladdr 02:00:00:00:00:0{n} dev core0'], 'gw')
        call.ue.send(call.in_key.oracle.protect(rtp(n)))
        equal([f[:6].hex() for f in wire.frames(0.05) if f[12:14] == b'\x08\0'], [f'02000000000{n}'], 'sent to')


# Devices that come and go

def learnt(world, call, first):
    """Whether a packet from the UE was taken at ingress by now."""
    before = ways(world)
    call.up(rtp(next(first)))
    return took(world, before)[0] == 1


@test('an address that is not on the device the packets come by is no matter')
def elsewhere(world):
    ip_batch(['addr add 10.7.0.1/32 dev lo'], 'gw')
    world.scratch.callback(command, 'ip', '-n', 'gw', 'addr', 'del', '10.7.0.1/32', 'dev', 'lo')
    call = Call(world, sockets=False, access={'local-addr': octets('10.7.0.1')})
    call._sockets()
    call.ue.peer = ('10.7.0.1', call.near['access'])
    numbers = iter(range(1000))
    eventually('the device was not learnt from its packets', lambda: learnt(world, call, numbers))


def rename(device, name):
    """Another name for a device of the gateway, which has to be down for that before 6.2."""
    ip_batch([f'link set dev {device} down', f'link set dev {device} name {name}',
              f'link set dev {name} up'], 'gw')


@test('a device that goes to another namespace and comes back, or gets another name, is at it again')
def moved(world):
    call = Call(world)
    expect(world, call, 0, ALL, 'before')
    near = SIDES['access'][2]
    ip_batch([f'link set dev {near} netns core'], 'gw')
    ip_batch([f'link set dev {near} netns gw'], 'core')
    ip_batch([f'link set dev {near} up', f'addr add {GW["access", 4]}/24 dev {near}'], 'gw')

    def restore():
        ip_batch([f'addr replace {GW["access", 6]}/64 dev {near}'], 'gw')
        world._neighbours('access')
    world.scratch.callback(restore)
    numbers = iter(range(10, 1000))
    eventually('the device was not learnt again', lambda: learnt(world, call, numbers))
    rename(near, 'other0')
    before = ways(world)
    call.up(rtp(next(numbers)))
    equal(took(world, before), (1, 1), 'under another name')
    rename('other0', near)


@test('a device that is removed takes nothing with it')
def removed(world):
    module.need_driver('8021q')
    for _ in range(3):
        for name, lower, own in (('ue', 'ue0', '10.9.0.2'), ('gw', 'acc0', '10.9.0.1')):
            ip_batch([f'link add link {lower} name vlan10 type vlan id 10', 'link set dev vlan10 up',
                      f'addr add {own}/24 dev vlan10'], name)
        call = Call(world, sockets=False,
                    access={'local-addr': octets('10.9.0.1'), 'peer-addr': octets('10.9.0.2')})
        call.ue = world.port('access', call.far['access'], address='10.9.0.2')
        call.ue.peer = ('10.9.0.1', call.near['access'])
        call.core = call._port('core', False)
        call.up(rtp(0))                     # neighbours find each other
        expect(world, call, 10, ALL, 'over a VLAN device')
        for name in ('gw', 'ue'):
            command('ip', '-n', name, 'link', 'del', 'vlan10')
        world.settle()


@test('a device that becomes a port of a bridge hands its packets to the bridge')
def bridged(world):
    module.need_driver('bridge')
    call = Call(world)
    expect(world, call, 0, ALL, 'before')
    near = SIDES['access'][2]
    mac = command('cat', f'/sys/class/net/{near}/address', name='gw').stdout.strip()
    ip_batch(['link add br0 type bridge', f'link set dev br0 address {mac}', f'link set dev {near} master br0',
              'link set dev br0 up', f'addr del {GW["access", 4]}/24 dev {near}',
              f'addr add {GW["access", 4]}/24 dev br0'], 'gw')

    def undo():
        ip_batch([f'link set dev {near} nomaster', 'link del br0', f'addr add {GW["access", 4]}/24 dev {near}'], 'gw')
        world._neighbours('access')
    world.scratch.callback(undo)
    numbers = iter(range(10, 1000))
    switch = '/proc/sys/net/bridge/bridge-nf-call-iptables'
    if os.path.exists(switch):
        # br_netfilter shows what is bridged to PRE_ROUTING first: that is not passed by.
        write(switch, 1, 'gw')
        before = ways(world)
        for _ in range(5):
            call.up(rtp(next(numbers)))
        equal(took(world, before)[0], 0, 'taken at ingress with br_netfilter')
        write(switch, 0, 'gw')
    eventually('the bridge was not learnt', lambda: learnt(world, call, numbers))


run(Topology, ('ingress', 'gathered'))
