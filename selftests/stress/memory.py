#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Every allocation of a request fails once: then it is refused, and nothing of it is left.

Needs a kernel with fault injection: the debug guests.
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))

import contextlib
import errno
import threading

from lib.call import Call, Key
from lib.ktap import equal, run, test
from lib.netlink import Refused, encode
from lib.packets import rtp
from lib.topology import Topology

SUITES = ('AES_CM_128_HMAC_SHA1_80', 'AEAD_AES_256_GCM')
MOST = 400
UNANSWERED = -1


def prepare():
    """Any slab or page allocation of a task that asks for it may fail, without a word in the log."""
    for kind in ('failslab', 'fail_page_alloc'):
        for name, value in (('task-filter', 'N'), ('verbose', '0'), ('ignore-gfp-wait', 'N')):
            path = f'/sys/kernel/debug/{kind}/{name}'
            if os.path.exists(path):
                with open(path, 'w') as file:
                    file.write(value)


@contextlib.contextmanager
def failing(number):
    """The number-th allocation of this thread fails; yields a function: was there one?"""
    path = f'/proc/self/task/{threading.get_native_id()}/fail-nth'

    def happened():
        # Asking needs memory too: if that fails, nothing had before.
        with contextlib.suppress(OSError):
            with open(path) as file:
                return not int(file.read())
        return False

    def arm(count):
        with open(path, 'w') as file:
            file.write(str(count))
    arm(number)
    try:
        yield happened
    finally:
        with contextlib.suppress(OSError):
            arm(0)


def counts(world):
    """(SAs, streams) there are."""
    stats = world.nl.do('stats-get')['stats']
    return stats['sas'], stats['streams']


def until_it_works(world, request, check, begin):
    """Sends a request with its 1st, 2nd, ... allocation failing; returns how many refusals there were.

    check(number) follows a refusal, begin() a success that met a failure on its way, or had no answer.
    """
    refused = 0
    for number in range(1, MOST):
        message = request()
        with failing(number) as happened:
            error = sent(world, message)
            hit = happened()
        if not error and not hit:
            return refused
        if error in (0, UNANSWERED):
            begin()
            continue
        assert error in (errno.ENOMEM, errno.ENOBUFS), f'allocation {number}: {os.strerror(error)}'
        refused += 1
        check(number)
    raise AssertionError(f'still failing after {MOST} allocations')


def sent(world, message):
    """Sends a message; the errno it ends with, 0, or UNANSWERED."""
    try:
        world.nl.sock.send(message)
    except OSError as exception:
        return exception.errno
    sequence = int.from_bytes(message[8:12], sys.byteorder)
    try:
        for kind, flags, body in world.nl._received(sequence):
            if world.nl._check(kind, body, message, flags):
                return 0
    except Refused as refused:
        return refused.errno
    except OSError as exception:
        equal(exception.errno, errno.ENOBUFS, 'no answer')
    return UNANSWERED


def new_stream(world, suite):
    """A function that makes the message for a stream with two SAs."""
    keys = Key(1, suite), Key(2, suite)
    leg = {'local-port': 6000, 'peer-port': 5000}

    def request():
        values = {'id': 1,
                  'access': {'local-addr': bytes((10, 1, 0, 1)), 'peer-addr': bytes((10, 1, 0, 2)),
                             'in-sa': 1, 'out-sa': 2, **leg},
                  'core': {'local-addr': bytes((10, 2, 0, 1)), 'peer-addr': bytes((10, 2, 0, 2)),
                           **leg}}
        payload = encode('e2ae', {'stream': values, 'sa': [key.values() for key in keys]})
        return world.nl.message(world.nl.family, 5, payload, 5)
    return request


@test('a stream with SAs that runs out of memory anywhere leaves nothing behind')
def creation(world):
    prepare()
    for suite in SUITES:
        world.nl.do('flush')

        def nothing_left(number):
            equal(counts(world), (0, 0), f'SAs and streams after allocation {number} failed')
        refused = until_it_works(world, new_stream(world, suite), nothing_left,
                                 lambda: world.nl.do('flush'))
        assert refused > 10, f'only {refused} allocations failed'
        print(f'# {suite}: {refused} allocations failed')
        equal(counts(world), (2, 1), 'SAs and streams in the end')
    world.nl.do('flush')


@test('a change that runs out of memory anywhere changes nothing')
def change(world):
    prepare()
    now = {}

    def begin():
        world.nl.do('flush')
        now['call'], now['seq'] = Call(world), 1
        now['before'] = leg()

    def leg():
        return world.nl.do('stream-get', stream={'id': now['call'].n})['stream']['access']

    keys = [Key(1000 + n) for n in (1, 2)]

    def request():
        access = {'in-sa': keys[0].ident, 'out-sa': keys[1].ident, 'rtcp-mode': 1,
                  'peer-addr': bytes((10, 1, 0, 2)), 'peer-port': 5999}
        payload = encode('e2ae', {'stream': {'id': now['call'].n, 'access': access},
                                  'sa': [key.values() for key in keys]})
        return world.nl.message(world.nl.family, 6, payload, 5)

    def unchanged(number):
        equal(leg(), now['before'], f'the leg after allocation {number} failed')
        equal(counts(world), (2, 1), f'SAs and streams after allocation {number} failed')
        now['seq'] += 1
        now['call'].up(rtp(now['seq']))
        now['call'].down(rtp(now['seq']))
    begin()
    refused = until_it_works(world, request, unchanged, begin)
    assert refused > 10, f'only {refused} allocations failed'
    print(f'# {refused} allocations failed')
    equal((leg()['in-sa'], leg()['peer-port']), (keys[0].ident, 5999), 'the leg in the end')


@test('a namespace that runs out of memory anywhere is not made, or whole')
def namespace(world):
    prepare()
    refused = 0
    for number in range(1, 60):
        child = os.fork()
        if not child:
            with failing(number):
                try:
                    unshare()
                except OSError:
                    os._exit(1)
            os._exit(0)
        refused += os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert refused > 10, f'only {refused} namespaces failed'


def unshare():
    """unshare(CLONE_NEWNET), which Python 3.11 has no function for."""
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(0x40000000):
        raise OSError(ctypes.get_errno(), 'unshare')


run(Topology)
