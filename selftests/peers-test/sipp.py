#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""sipp, somebody else's SIP, at the other end of a call, with its recording of G.711 speech.

sipp plays recordings through a raw socket, so it needs root.
"""
import asyncio
import os
import socket
import tempfile

from lab import Lab, bounded
from lib.ktap import equal, run, test
from peers.sip.speech import Recording, payload

HERE = os.path.dirname(os.path.abspath(__file__))
SECONDS = 30


def free_port():
    """A UDP port on loopback with free ones behind it, as sipp needs several."""
    for _ in range(50):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as first:
            first.bind(('127.0.0.1', 0))
            port = first.getsockname()[1] & ~1
        if port < 65000 and all(is_free(port + more) for more in range(6)):
            return port
    raise OSError('no free ports')


def is_free(port):
    """Whether a UDP port can be bound."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            sock.bind(('127.0.0.1', port))
        except OSError:
            return False
    return True


async def sipp(folder, core, user):
    """A sipp that calls a user through the core, once, and echoes the RTP that it gets."""
    host, port = core
    return await asyncio.create_subprocess_exec(
        'sipp', '-sf', os.path.join(HERE, 'sipp-caller.xml'), f'{host}:{port}', '-s', user, '-i', host,
        '-p', str(free_port()), '-mi', host, '-mp', str(free_port()), '-rtp_echo', '-m', '1', '-nostdin',
        '-timeout', f'{SECONDS}s', '-timeout_error', cwd=folder, stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE)


@test('sipp calls a UE: its whole recording arrives, and what the UE says is echoed', seconds=50)
def called_by_sipp(_):
    recording = Recording()

    async def work():
        with tempfile.TemporaryDirectory(prefix='e2ae-') as folder:
            async with Lab(allow_e2e=False) as lab:
                bob = await lab.ue('bob')
                await bob.register()
                caller = await sipp(folder, lab.core.addresses['udp'], 'bob')
                try:
                    await answer(bob, recording)
                    _, said = await asyncio.wait_for(caller.communicate(), SECONDS)
                finally:
                    if caller.returncode is None:
                        caller.kill()
                equal(caller.returncode, 0, f'exit status of sipp, which said {said.decode()}')
                lab.core.inspector.assert_clean()
    bounded(work(), 45)


async def answer(bob, recording):
    """Takes the call, speaks a little, listens to the end."""
    into = await bob.incoming()
    await into.ring()
    assert await into.accept(), into.failure
    await into.acknowledged()
    leg = into.media.audio
    said = await leg.play(recording, 20)
    await into.ended(SECONDS)
    heard = leg.heard()
    echoed = [rtp for rtp in heard if rtp[8:12] == said[0][8:12]]
    equal(echoed, said, 'the echo')
    speech = b''.join(payload(rtp) for rtp in heard if rtp[8:12] != said[0][8:12])
    equal(speech, recording.speech, 'the speech of the recording')


if __name__ == '__main__':
    run()
