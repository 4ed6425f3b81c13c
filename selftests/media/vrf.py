#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A leg in a VRF: routes of its table, packets of its devices and of no others."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))

from lib import module
from lib.call import Call
from lib.ktap import equal, test
from lib.netns import ip_batch, run as command
from lib.packets import ip, octets, rtp, sender_report, udp
from lib.paths import run
from lib.topology import FAR, GW, Topology, Wire, mac

TABLE = 10
BITS = {4: 24, 6: 64}


class VrfTopology(Topology):
    """The gateway's device towards the core belongs to a VRF, and so does a second one.

    core1 of the gateway leads to c1 in the core's namespace; it has no addresses.
    """

    def __enter__(self):
        super().__enter__()
        try:
            self._vrf()
        except BaseException:
            self.keep.close()
            raise
        return self

    def _vrf(self):
        module.need_driver('vrf')
        command('ip', 'link', 'add', 'core1', 'netns', 'gw', 'type', 'veth',
                'peer', 'name', 'c1', 'netns', 'core')
        command('ip', '-n', 'core', 'link', 'set', 'c1', 'up')
        ip_batch([f'link add vrf0 type vrf table {TABLE}', 'link set vrf0 up',
                  'link set core1 up', 'link set core1 master vrf0']
                 # Without it what the VRF has no route for goes on to the main table.
                 + [f'route add unreachable {every} metric 4278198272 table {TABLE}'
                    for every in ('0.0.0.0/0', '::/0')], 'gw')
        self.vrf_has('core0')

    def vrf_has(self, device):
        """Puts a device into the VRF; it loses its neighbours and IPv6 addresses by that."""
        ip_batch([f'link set {device} master vrf0'], 'gw')
        self.restore(device)

    def restore(self, device):
        """The addresses and neighbours of the gateway's device towards the core."""
        ip_batch([f'addr replace {GW["core", f]}/{BITS[f]} dev {device}' for f in (4, 6)], 'gw')
        self._neighbours('core')

    def index(self, device):
        """Number of a device of the gateway."""
        return int(command('cat', f'/sys/class/net/{device}/ifindex', name='gw').stdout)


def both_ways(call, first=0):
    """RTP and RTCP, judged at the far ends."""
    for seq in range(first, first + 5):
        call.up(rtp(seq))
        call.down(rtp(seq))
        call.up_rtcp(sender_report(), seq + 1)
        call.down_rtcp(sender_report())


def from_core(call, family, seq):
    """An IP packet as the core's socket would send it."""
    src, dst = FAR['core', family], GW['core', family]
    return ip(src, dst, udp(src, dst, call.far['core'], call.near['core'], rtp(seq)))


@test('a leg that is bound to a VRF relays both ways')
def bound(world):
    for family in (4, 6):
        call = Call(world, families=(family, family), core={'ifindex': world.index('vrf0')})
        both_ways(call)
        equal(call.drops(), {}, 'drops')


@test('without the VRF a leg finds no route into it')
def unbound(world):
    for family in (4, 6):
        call = Call(world, families=(family, family))
        call.ue.send(call.in_key.oracle.protect(rtp(1)))
        call.silent('core')
        equal(call.drops(), {'no-route': 1}, 'drops')


@test('a leg that is bound to a VRF hears every device of it')
def members(world):
    for family in (4, 6):
        call = Call(world, families=(family, family), core={'ifindex': world.index('vrf0')})
        wire = Wire('core', 'c1', mac('gw', 'core1'))
        world.scratch.callback(wire.close)
        wire.send(from_core(call, family, 1))
        equal(call.out_key.oracle.unprotect(call.ue.receive()), rtp(1), 'through core1')
        both_ways(call, 2)


@test('a leg that is bound to a VRF refuses what comes in by a device outside of it')
def outside(world):
    for family in (4, 6):
        call = Call(world, families=(family, family), core={'ifindex': world.index('vrf0')})
        world.wire('access').send(from_core(call, family, 1))
        call.silent('access')
        equal(call.drops(), {'device': 1}, 'drops')
        both_ways(call, 2)


@test('a leg that is bound to one device of a VRF refuses the others of it')
def member(world):
    for family in (4, 6):
        call = Call(world, families=(family, family), core={'ifindex': world.index('core0')})
        wire = Wire('core', 'c1', mac('gw', 'core1'))
        world.scratch.callback(wire.close)
        wire.send(from_core(call, family, 1))
        call.silent('access')
        equal(call.drops(), {'device': 1}, 'drops')
        both_ways(call, 2)


@test('a plain leg that is bound to a VRF latches to a source in it alone')
def latched(world):
    for family in (4, 6):
        call = Call(world, families=(family, family),
                    core={'ifindex': world.index('vrf0'), 'peer-addr': None, 'peer-port': None})
        world.wire('access').send(from_core(call, family, 1))
        call.silent('access')
        equal(call.drops(), {'device': 1}, 'drops')
        call.down(rtp(2))
        call.up(rtp(2))


@test('the routes of the VRF count, not those of the main table')
def routes(world):
    targets = {4: ('10.77.0.2', 32), 6: ('fd77::2', 128)}
    for family, (target, bits) in targets.items():
        ip_batch([f'addr add {target}/{bits} dev lo'], 'core')
        world.scratch.callback(ip_batch, [f'addr del {target}/{bits} dev lo'], 'core')
        call = Call(world, families=(family, family), sockets=False,
                    core={'ifindex': world.index('vrf0'), 'peer-addr': octets(target)})
        call.ue = call._port('access', False)
        call.core = world.port('core', call.far['core'], address=target)
        main = f'route add {target}/{bits} via {FAR["access", family]}'
        inner = f'route add {target}/{bits} via {FAR["core", family]} table {TABLE}'
        ip_batch([main], 'gw')
        world.scratch.callback(ip_batch, [main.replace('add', 'del')], 'gw')
        call.ue.send(call.in_key.oracle.protect(rtp(1)))
        equal(call.core.drain(0.05), [], 'without a route in the VRF')
        equal(call.drops(), {'no-route': 1}, 'drops')
        ip_batch([inner], 'gw')
        world.scratch.callback(ip_batch, [inner.replace('add', 'del')], 'gw')
        call.up(rtp(2))


@test('media goes on when the device leaves the VRF and comes back')
def moved(world):
    calls = [Call(world, families=(f, f), core={'ifindex': world.index('vrf0')}) for f in (4, 6)]
    for call in calls:
        both_ways(call)
    ip_batch(['link set core0 nomaster'], 'gw')
    world.scratch.callback(world.vrf_has, 'core0')
    world.restore('core0')
    for call in calls:
        call.ue.send(call.in_key.oracle.protect(rtp(10)))
        call.core.send(rtp(10))
        call.silent('core')
        call.silent('access')
        equal(call.drops(), {'no-route': 1, 'device': 1}, 'drops outside of the VRF')
    world.vrf_has('core0')
    for call in calls:
        both_ways(call, 20)


run(VrfTopology)
