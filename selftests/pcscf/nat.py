#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A UE behind a real NAT: netfilter masquerades, with ports of its own choice, between the UE's network and the gateway.

    home 192.168.7.10... ---- 192.168.7.1 ue-a 10.1.0.10 ---- 10.1.0.1 gw-a

Its SDP, Contact and Via name addresses that do not exist outside. Media have to find it all the same, and only it.
"""
import asyncio
import os
import socket

from lab import LAB_SWITCH, MIKEY_ONLY, RECORDING, SDES_ONLY, main, scenario, until
from lib.ktap import equal
from lib.netns import inside, ip_batch, processed, run, write
from lib.packets import sender_report
from peers.sip.scenario import establish, hang_up
from peers.sip.situation import MIKEY, SDES, Situation
from wiretap import Tap, reads_like_libsrtp

HOME, ROUTER, UES = 'home', '192.168.7.1', [f'192.168.7.{n}' for n in range(10, 15)]
RULES = f'''add table ip nat
add chain ip nat post {{ type nat hook postrouting priority 100; }}
add rule ip nat post oifname "eth0" ip saddr {ROUTER}/24 masquerade random
'''


class Nat:
    """The home network behind the UEs' namespace of a place, while the block runs."""

    def __init__(self, place):
        self.router, self.place = place.ue_netns, place._replace(ue_netns=HOME, ues=UES)
        self.outside = place.ues[0]

    def __enter__(self):
        run('ip', 'netns', 'add', HOME)
        try:
            run('ip', 'link', 'add', 'home0', 'netns', self.router, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', HOME)
            ip_batch([f'addr add {ROUTER}/24 dev home0', 'link set home0 up'], self.router)
            ip_batch(['link set lo up', 'link set eth0 up', *(f'addr add {ue}/24 dev eth0' for ue in UES),
                      f'route add default via {ROUTER}'], HOME)
            write('/proc/sys/net/ipv4/ip_forward', 1, self.router)
            run('nft', '-f', '-', name=self.router, input=RULES)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_exc):
        run('nft', 'flush', 'ruleset', name=self.router, check=False)
        run('ip', 'netns', 'del', HOME)


class Spoofer:
    """Somebody else in the access network, who sends to the gateway's port of a call."""

    def __init__(self, place, host, to):
        with inside(place.ue_netns):
            self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind((host, 0))
        self.sock.setblocking(False)
        self.sock.connect(to)

    def send(self, *packets):
        """Sends them."""
        for one in packets:
            self.sock.send(one)
        processed()

    def forged(self, like, count=20):
        """RTP that looks like that of a leg, under no key of it."""
        self.send(*(b'\x80\x08' + (like.seq + n & 0xffff).to_bytes(2, 'big') + bytes(4) + like.ssrc.to_bytes(4, 'big')
                    + os.urandom(170) for n in range(count)))

    def heard(self):
        """Whether anything came to it."""
        try:
            return self.sock.recv(2048)
        except BlockingIOError:
            return None

    def close(self):
        """Ends it."""
        self.sock.close()


def leg(lab):
    """The access leg of the one stream of the UE's gateway, as the kernel shows it."""
    stream, = lab.agents[0].streams()
    return stream['access']


async def open_up(lab, call, other):
    """The UE sends a packet of RTP and one of RTCP, which arrive: now the gateway knows where it is."""
    media, far = call.media.audio, other.media.audio
    await media.play(RECORDING, 1)
    media.send_rtcp(sender_report(media.ssrc, 1))
    await until(lambda: leg(lab).get('latched') and leg(lab).get('rtcp-latched'), 'latched')
    assert await far.wait_for(1) and await far.wait_for(1, rtcp=True), 'RTP and RTCP of the UE'


async def judge(lab, nat, out, into, call):
    """Media of a call of the UE behind the NAT; the spoofer gets nothing before, between and after."""
    media, place = call.media.audio, lab.world.place('a')
    spoofer = Spoofer(place, place.ues[5], media.remote)
    try:
        with Tap('gw-a', 'acc0') as tap:
            spoofer.forged(media)
            assert not leg(lab).get('latched'), 'the leg took forged packets for the UE'
            await open_up(lab, call, into if call is out else out)
            await lab.talk(out, into)
            await asyncio.sleep(0.1)
            peer = leg(lab)['peer-addr'], leg(lab)['peer-port']
            ports = {one.sport for one in tap.rtp() if one.payload in media.sent_wire}
            equal(({peer[1]}, peer[0]), (ports, nat.outside), 'where the gateway thinks that the UE is')
            assert peer[1] != media.port, 'the NAT did not change the port'
            spoofer.forged(media)
            spoofer.send(*media.sent_wire)      # authentic, but not from there
            equal((leg(lab)['peer-addr'], leg(lab)['peer-port']), peer, 'the peer after forged and repeated packets')
            await lab.talk(out, into)
            for one in (out, into):
                reads_like_libsrtp(one)
            equal((await call.reinvite()).status, 200, 're-INVITE')
            await lab.talk(out, into)
            equal((leg(lab)['peer-addr'], leg(lab)['peer-port']), peer, 'the peer after a re-INVITE')
        equal(spoofer.heard(), None, 'what came to the spoofer')
    finally:
        spoofer.close()


def behind(keying, capable):
    async def work(lab):
        with Nat(lab.places[0]) as nat:
            lab.places[0] = nat.place
            alice = await lab.ue('alice', kind='udp', security_client=capable)
            bob = await lab.ue('bob', at=1, kind='udp', security_client=SDES_ONLY)
            remote, = (one['remote'] for one in await lab.agents[0].ask('registrations'))
            assert remote.startswith(f'{nat.outside}:'), f'the UE is at {remote}'
            out, into = await establish(alice, bob, Situation(keying))
            await judge(lab, nat, out, into, out)
            await hang_up(out, into)
            await lab.idle()
            out, into = await establish(bob, alice, Situation(SDES))
            equal(into.media.outcomes(), [keying], 'keying of the call to the UE')
            await judge(lab, nat, out, into, into)
            await hang_up(into, out)
            for one in lab.ues:
                await one.close()
    scenario(f'a UE with {keying} behind a NAT calls and is called: media find it, and no spoofer can take them', agents=2,
             kernel=True, more=LAB_SWITCH, seconds=60)(work)


behind(SDES, SDES_ONLY)
behind(MIKEY, MIKEY_ONLY)

if __name__ == '__main__':
    main()
