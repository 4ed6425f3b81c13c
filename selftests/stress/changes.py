#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Everything changes at once, on two CPUs, under traffic."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))

import random
import time

from lib.call import Call, Key
from lib.child import Child, cpu, flood
from lib.ktap import equal, say, test
from lib.netlink import Events, Netlink, Refused
from lib.netns import enter
from lib.packets import octets, rtp, sender_report
from lib.paths import run
from lib.topology import Topology

SECONDS = int(os.environ.get('E2AE_STRESS_SECONDS', '6'))
SUITES = ('AES_CM_128_HMAC_SHA1_80', 'AEAD_AES_128_GCM', 'AES_256_CM_HMAC_SHA1_32')


def down_sender(call):
    packet = bytearray(rtp(0, payload=bytes(100)))

    def send():
        seq = int.from_bytes(packet[2:4], 'big') + 1 & 0xffff
        packet[2:4] = seq.to_bytes(2, 'big')
        call.core.send(packet)
    return send


def up_sender(call):
    packets = [call.in_key.oracle.protect(rtp(n)) for n in range(500)]
    packets += [call.in_key.oracle.protect_rtcp(sender_report(), 1), rtp(1), b'\x80']
    state = [0]

    def send():
        state[0] = (state[0] + 1) % len(packets)
        call.ue.send(packets[state[0]])
    return send


def change_loop(number, calls, seconds):
    """Re-keys, removes and makes streams; a refusal is fine, anything else is not."""
    cpu(number)
    order, nl = random.Random(number), Netlink('gw')
    nl.in_order = False
    ids, end, done = iter(range(100000 * (number + 1), 10 ** 9)), time.monotonic() + seconds, 0
    while time.monotonic() < end or done < 100:
        call = order.choice(calls)
        ins, out = (Key(next(ids), order.choice(SUITES), order.choice((b'', b'', bytes(range(128)))),
                        autodel=True) for _ in range(2))
        actions = (
            lambda: nl.do('stream-set', sa=[ins.values(), out.values()], stream={
                'id': call.n, 'access': {'in-sa': ins.ident, 'out-sa': out.ident}}),
            lambda: nl.do('stream-set', stream={'id': call.n, 'access': {'out-sa': 0}}),
            lambda: nl.do('stream-set', stream={'id': call.n, 'access': {
                'peer-addr': octets('10.1.0.2'), 'peer-port': call.far['access'],
                'source': order.choice(('strict', 'latch', 'any'))}}),
            lambda: nl.do('stream-set', stream={'id': call.n, 'access': {
                'rtcp-mode': order.choice(('mux', 'next'))}, 'timeout': order.randrange(3)}),
            lambda: nl.do('stream-del', stream={'id': call.n}),
            lambda: nl.do('stream-new', sa=[ins.values(), out.values()], stream={
                'id': call.n, 'core': call._leg('core', {}), 'access': call._leg(
                    'access', {'in-sa': ins.ident, 'out-sa': out.ident})}),
            lambda: nl.do('stream-new', sa=[ins.values(), out.values()], stream={
                'id': call.n, 'core': call._leg('core', {}), 'access': call._leg(
                    'access', {'in-sa': ins.ident, 'out-sa': out.ident})}),
        )
        try:
            order.choice(actions)()
        except Refused as no:
            assert no.sentence, f'refused without a sentence: {no}'
        done += 1


def read_loop(number, seconds):
    """Dumps and /proc, all the time."""
    cpu(number)
    enter('gw')
    nl, end = Netlink(), time.monotonic() + seconds
    nl.in_order = False
    while time.monotonic() < end:
        for command in ('sa-get', 'stream-get'):
            ids = [o[command[:-4]][0]['id'] if command == 'sa-get' else o['stream']['id']
                   for o in nl.dump(command)[0]]
            equal(ids, sorted(set(ids)), 'ids of a dump')
        nl.do('stats-get')
        for name in ('stats', 'sa', 'stream'):
            with open(f'/proc/net/e2ae/{name}', encoding='ascii') as f:
                f.read()


@test('changes, reads and traffic on two CPUs get along', seconds=SECONDS + 60)
def together(world):
    calls = [Call(world, SUITES[n % 3], families=(4, 4)) for n in range(6)]
    events = Events('gw')
    wire = world.wire('access')
    world.nl.in_order = False
    floods = [flood(0, *(up_sender(c) for c in calls)), flood(1, *(down_sender(c) for c in calls))]
    workers = [Child(change_loop, 0, calls, SECONDS), Child(change_loop, 1, calls, SECONDS),
               Child(read_loop, 1, SECONDS)]
    try:
        clear, end = 0, time.monotonic() + SECONDS
        while time.monotonic() < end or world.relayed() < 1000:
            for one in wire.packets(0.2):
                clear += bytes(60) in one.raw
    finally:
        for child in floods:
            child.stop()
    world.nl.in_order = True
    for worker in workers:
        worker.join()
    equal(clear, 0, 'packets with clear text towards the subscriber')
    told = {name for name, _ in events.read(0.1)} if not overrun(events) else set()
    say('events seen:', ', '.join(sorted(told)) or 'overrun')
    stats = world.nl.do('stats-get')['stats']
    say('relayed', stats['relayed']['packets'], 'drops',
        {k: v for k, v in stats['drops'].items() if v})
    world.settle()
    shown = world.nl.do('stats-get')['stats']
    equal((shown['sas'], shown['streams']), (0, 0), 'left after flush')
    events.close()


def overrun(events):
    """Whether the socket lost events; that is no fault of the module's."""
    try:
        events.sock.setblocking(False)
        events.sock.recv(1 << 17)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return False


@test('after it all a call works as on the first day')
def afterwards(world):
    call = Call(world)
    for seq in range(50):
        call.up(rtp(seq))
        call.down(rtp(seq))


run(Topology, ('ingress', 'gathered'))
