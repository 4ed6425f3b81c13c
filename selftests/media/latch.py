#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Whose packets a leg takes: strict, latch, any; on plain legs only from where it may."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))

from lib.call import Call
from lib.ktap import equal, test
from lib.netlink import Events
from lib.netns import run as command
from lib.packets import ip, octets, rtp, sender_report, udp
from lib.paths import run
from lib.topology import Topology, other_address


def stranger(world, call, number, side='access', rtcp=False, family=4):
    """A socket like the call's own far end, at another address."""
    port = world.port(side, call.far_port(side, rtcp), address=other_address(side, family, number))
    own = {('access', False): call.ue, ('access', True): call.ue_rtcp,
           ('core', False): call.core, ('core', True): call.core_rtcp}[side, rtcp]
    port.peer = own.peer
    return port


def srtp(call, seq):
    return call.in_key.oracle.protect(rtp(seq))


@test('strict: only the peer is heard, another address or port is not')
def strict(world):
    for families in ((4, 4), (6, 6)):
        call = Call(world, families=families)
        call.up(rtp(1))
        other = stranger(world, call, 9, family=families[0])
        other.send(srtp(call, 2))
        odd = world.port('access', 4999, families[0])
        odd.send(srtp(call, 2), call.ue.peer)
        call.silent('core')
        equal(call.drops(), {'source': 2}, 'drops')
        call.up(rtp(2))
        call.down(rtp(1))


@test('any: every source is heard, media goes to the configured peer')
def any_source(world):
    call = Call(world, access={'source': 'any'})
    other = stranger(world, call, 9)
    for seq in range(1, 20, 2):
        call.up(rtp(seq))
        other.send(srtp(call, seq + 1))
        equal(call.core.receive(), rtp(seq + 1), 'from another source')
        call.down(rtp(seq))
    equal(other.drain(0.02), [], 'media to another source')


@test('latch: the first authentic packet decides, nothing after it')
def latch(world):
    for families in ((4, 4), (6, 4)):
        events = Events('gw', ['stream'])
        call = Call(world, families=families, access={'peer-addr': None, 'peer-port': None})
        call.core.send(rtp(1))
        call.silent('access')
        equal(call.drops(), {'no-peer': 1}, 'before anybody is known')
        natted = stranger(world, call, 5, family=families[0])
        natted.send(srtp(call, 1))
        equal(call.core.receive(), rtp(1), 'from behind a NAT')
        told = events.wait('latched')
        equal((told['stream'], told['leg'], told['port']), (call.n, 0, natted.port), 'event')
        equal(told['addr'], octets(natted.address), 'event address')
        call.core.send(rtp(2))
        equal(call.out_key.oracle.unprotect(natted.receive()), rtp(2), 'towards the NAT')
        call.ue.send(srtp(call, 2))
        call.silent('core')
        equal(call.drops(), {'no-peer': 1, 'source': 1}, 'drops')
        natted.send(srtp(call, 3))
        equal(call.core.receive(), rtp(3), 'still from behind the NAT')
        equal(call.show()['access']['peer-addr'], octets(natted.address), 'peer-addr')
        events.close()


@test('RTCP latches on its own, and until then goes beside the RTP')
def latch_rtcp(world):
    call = Call(world, access={'peer-addr': None, 'peer-port': None})
    call.up(rtp(1))
    call.down_rtcp(sender_report())
    natted = world.port('access', 5003)
    natted.send(call.in_key.oracle.protect_rtcp(sender_report(), 1), call.ue_rtcp.peer)
    equal(call.core_rtcp.receive(), sender_report(), 'RTCP through another hole')
    call.core_rtcp.send(sender_report())
    plain, _ = call.out_key.oracle.unprotect_rtcp(natted.receive())
    equal(plain, sender_report(), 'RTCP back')
    equal(call.ue_rtcp.drain(0.02), [], 'RTCP at the guessed place')
    equal(call.show()['access'].get('rtcp-latched'), True, 'rtcp-latched')
    call.down(rtp(2))


@test('a plain leg latches only into its network, and on the first that comes')
def plain_leg(world):
    for family, net, bits in ((4, '10.2.0.4', 30), (6, 'fd02::4', 126)):
        call = Call(world, families=(4, family),
                    core={'peer-addr': None, 'peer-port': None, 'latch-addr': octets(net),
                          'latch-prefix': bits})
        call.ue.send(srtp(call, 1))
        call.silent('core')
        call.core.send(rtp(1))                            # .2: outside
        call.silent('access')
        equal(call.drops(), {'no-peer': 1, 'source': 1}, 'drops')
        inside, late = (stranger(world, call, n, 'core', family=family) for n in (5, 6))
        inside.send(rtp(2))
        equal(call.out_key.oracle.unprotect(call.ue.receive()), rtp(2), 'from inside')
        late.send(rtp(3))
        call.silent('access')
        call.ue.send(srtp(call, 2))
        equal(inside.receive(), rtp(2), 'to the one inside')
        equal(call.drops(), {'no-peer': 1, 'source': 2}, 'drops')


@test('a plain leg latches on its device')
def by_device(world):
    index = int(command('cat', '/sys/class/net/core0/ifindex', name='gw').stdout)
    call = Call(world, core={'peer-addr': None, 'peer-port': None, 'ifindex': index})
    call.down(rtp(1))
    call.up(rtp(1))
    call = Call(world, core={'ifindex': index + 1000})
    call.core.send(rtp(1))
    call.silent('access')
    equal(call.drops(), {'device': 1}, 'drops')


@test('a new peer given by the client replaces what was latched')
def replaced(world):
    call = Call(world, access={'source': 'latch'})
    natted = stranger(world, call, 5)
    natted.send(srtp(call, 1))
    equal(call.core.receive(), rtp(1), 'latched')
    call.change(access={'peer-addr': octets(call.ue.address), 'peer-port': call.ue.port})
    call.down(rtp(1))
    call.up(rtp(2))
    call.core.drain()
    natted.send(srtp(call, 3))
    call.silent('core')


@test('an RTCP peer that the client names is used, latched or not')
def named_rtcp(world):
    call = Call(world, access={'peer-addr': None, 'peer-port': None, 'rtcp-peer-addr':
                               octets('10.1.0.2'), 'rtcp-peer-port': 5002})
    named, later = world.port('access', 5002), world.port('access', 5003)
    call.up(rtp(1))
    call.core_rtcp.send(sender_report())
    equal(call.out_key.oracle.unprotect_rtcp(named.receive())[0], sender_report(), 'at the named')
    later.send(call.in_key.oracle.protect_rtcp(sender_report(), 1), call.ue_rtcp.peer)
    call.core_rtcp.receive()
    call.core_rtcp.send(sender_report())
    equal(call.out_key.oracle.unprotect_rtcp(later.receive())[0], sender_report(), 'at the latched')
    call.change(access={'rtcp-peer-addr': octets('10.1.0.2'), 'rtcp-peer-port': 5002})
    call.core_rtcp.send(sender_report())
    equal(call.out_key.oracle.unprotect_rtcp(named.receive())[0], sender_report(), 'named anew')


@test('own addresses are never latched')
def own(world):
    call = Call(world, access={'source': 'latch', 'peer-addr': None, 'peer-port': None})
    wire = world.wire('access')
    for src in ('10.1.0.1', '10.2.0.1', '224.0.0.5', '10.1.0.255', '127.0.0.1'):
        wire.send(ip(src, '10.1.0.1', udp(src, '10.1.0.1', 5000, call.near['access'],
                                          srtp(call, 1))))
    call.silent('core')
    equal(call.show()['access'].get('peer-addr'), None, 'peer')
    call.up(rtp(1))


run(Topology)
