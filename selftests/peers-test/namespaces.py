#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""One process, three network namespaces: a UE in each of two, the core in the third. Needs root."""
import contextlib
import os

import lab
from lib.ktap import equal, run, test
from lib.netns import ip_batch, run as command
from peers.sip.ladder import Ladder
from peers.sip.scenario import establish, hang_up, on_wire_is_srtp, subscriber, talk
from peers.sip.scscf import Scscf
from peers.sip.situation import E2E, Situation
from peers.sip.speech import Recording
from peers.sip.ue import Ue, running

NAMES = {side: f'sip-{side}-{os.getpid()}' for side in ('core', 'a', 'b')}
ADDRESS = {4: {'core': '10.77.0.1', 'a': '10.77.0.2', 'b': '10.77.0.3'},
           6: {'core': 'fd77::1', 'a': 'fd77::2', 'b': 'fd77::3'}}


@contextlib.contextmanager
def namespaces():
    """A bridge in the core's namespace, a device in each."""
    with contextlib.ExitStack() as stack:
        for name in NAMES.values():
            command('ip', 'netns', 'add', name)
            stack.callback(command, 'ip', 'netns', 'del', name)
        core = NAMES['core']
        ip_batch(['link add br0 type bridge', 'link set br0 up', 'link set lo up',
                  f'address add {ADDRESS[4]["core"]}/24 dev br0',
                  f'address add {ADDRESS[6]["core"]}/64 dev br0 nodad'], core)
        for side in ('a', 'b'):
            ip_batch([f'link add to-{side} type veth peer name eth0 netns {NAMES[side]}',
                      f'link set to-{side} master br0 up'], core)
            ip_batch(['link set lo up', 'link set eth0 up', f'address add {ADDRESS[4][side]}/24 dev eth0',
                      f'address add {ADDRESS[6][side]}/64 dev eth0 nodad'], NAMES[side])
        yield NAMES


async def call_across(kind, family, ladder):
    host = ADDRESS[family]
    core = Scscf(host=host['core'], netns=NAMES['core'], allow_e2e=True, ladder=ladder,
                 registrar={'send_keys': False})
    try:
        await core.start(kind, port=5060)
        ues = []
        for side in ('a', 'b'):
            who = subscriber(side)
            core.registrar.add(who)
            ues.append(Ue(side, who, (host['core'], 5060, kind), host[side], netns=NAMES[side],
                          security_client=(), ladder=ladder))
        async with running(*ues):
            out, into = await establish(*ues, Situation(E2E))
            await talk(out, into, Recording(), 20)
            on_wire_is_srtp(out, into)
            equal(into.media.audio.received[0].source[0], host['a'], 'where the media came from')
            await hang_up(out, into)
        core.check()
    finally:
        await core.close()


for transport, version in (('udp', 4), ('tcp', 6)):
    @test(f'UEs in namespaces of their own talk over IPv{version}, signalling over {transport.upper()}')
    def across(_, transport=transport, version=version):
        ladder = Ladder()
        try:
            lab.bounded(call_across(transport, version, ladder))
        except Exception:
            print(*(f'# {line}' for line in ladder.text().splitlines()), sep='\n')
            raise


if __name__ == '__main__':
    run(namespaces)
