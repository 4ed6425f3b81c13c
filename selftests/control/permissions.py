#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Who may: root of the namespace's user namespace, nobody else; and no key comes out."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))

import base64
import errno
import subprocess

from lib.call import Call, sa_values
from lib.child import drop_capabilities, drop_root, in_child
from lib.ktap import Skip, equal, run, test
from lib.netlink import ADD_MEMBERSHIP, SOL_NETLINK, Netlink, Refused, encode
from lib.netns import enter, inside, unshare
from lib.packets import rtp, sender_report
from lib.spec import SPEC
from lib.topology import Topology
from peers.oracle import derive
from peers.suites import ENCRYPTING

CAP_NET_ADMIN, CAP_SYS_ADMIN = 12, 21
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000


def no_permission(function, *args, **kwargs):
    try:
        function(*args, **kwargs)
    except (Refused, OSError) as no:
        equal(no.errno, errno.EPERM, f'{args}: {no}')
        return
    raise AssertionError(f'{args} was allowed')


def nothing_allowed(call, nl):
    """Every operation, every dump and every group of events."""
    for name in SPEC.requests():
        values = {'sa': {'id': call.in_key.ident}, 'stream': {'id': call.n}}
        no_permission(nl.do, name, **{k: v for k, v in values.items() if name.startswith(k)})
    for name in ('sa-get', 'stream-get'):
        no_permission(nl.dump, name)
    for number in nl.groups.values():
        no_permission(nl.sock.setsockopt, SOL_NETLINK, ADD_MEMBERSHIP, number)


def attempt(call, drop, *args):
    enter('gw')
    early = Netlink()                       # opened with all rights
    drop(*args)
    nothing_allowed(call, Netlink())
    for name in ('flush', 'stats-get'):
        no_permission(early.do, name)


@test('an ordinary user may run no operation and no dump, and hear no event')
def user(world):
    call = Call(world)
    in_child(attempt, call, drop_root)
    call.up(rtp(1))


@test('root without CAP_NET_ADMIN may run no operation and no dump, and hear no event')
def capability(world):
    call = Call(world)
    in_child(attempt, call, drop_capabilities, CAP_NET_ADMIN, CAP_SYS_ADMIN)
    call.up(rtp(1))


def read_tables():
    enter('gw')
    drop_root()
    for name in ('sa', 'stream'):
        try:
            open(f'/proc/net/e2ae/{name}', encoding='ascii').close()
        except PermissionError:
            continue
        raise AssertionError(f'{name} was readable')


@test('an ordinary user may not read the tables in /proc')
def proc(world):
    Call(world)
    in_child(read_tables)


def within_limits(mine):
    drop_root()
    try:
        unshare(CLONE_NEWUSER | CLONE_NEWNET)
    except OSError as no:
        raise Skip(f'no user namespaces: {no}') from no
    nl = Netlink()
    most = nl.do('stats-get')['stats']
    assert most['max-sas'] * 10 <= mine['max-sas'], most
    assert most['max-streams'] * 10 <= mine['max-streams'], most
    requests = [('sa-new', {'sa': sa_values(n, ENCRYPTING[0], n.to_bytes(16, 'big'), bytes(14))})
                for n in range(1, most['max-sas'] + 3)]
    failed = nl.batch(requests)
    equal(failed, {most['max-sas']: errno.ENOSPC, most['max-sas'] + 1: errno.ENOSPC}, 'refused')
    try:
        nl.do(*requests[-1][:1], **requests[-1][1])
    except Refused as no:
        assert 'max-sas' in no.sentence, no.sentence
    equal(len(nl.dump('sa-get')[0]), most['max-sas'], 'SAs')
    nl.do('flush')
    equal(nl.dump('sa-get')[0], [], 'SAs after flush')


@test('root of a user namespace programs its own network namespace, within low limits')
def user_namespace(world):
    in_child(within_limits, world.nl.do('stats-get')['stats'])


def foreign(call):
    """Root of a user namespace of its own, in the gateway's network namespace."""
    enter('gw')
    drop_root()
    try:
        unshare(CLONE_NEWUSER)
    except OSError as no:
        raise Skip(f'no user namespaces: {no}') from no
    nothing_allowed(call, Netlink())


@test('root of a user namespace may nothing in a network namespace that is not its own')
def other_namespace(world):
    in_child(foreign, Call(world))


def secrets(call):
    """Every form in which the call's master and session keys could show up."""
    for key in (call.in_key, call.out_key):
        for octets in key.secret + tuple(derive(*key.secret, n, 14) for n in range(6)):
            yield octets
            yield octets.hex().encode()
            yield octets.hex(' ').encode()
            yield base64.b64encode(octets).rstrip(b'=')[:-1]


def all_shown(world, call):
    """Whatever the kernel tells about a call."""
    seen = b''
    for name, ident in (('sa', call.in_key.ident), ('sa', call.out_key.ident), ('stream', call.n)):
        seen += b''.join(world.nl.raw(f'{name}-get', encode('e2ae', {name: {'id': ident}})))
    with inside('gw'):
        for name in ('stats', 'sa', 'stream'):
            with open(f'/proc/net/e2ae/{name}', 'rb') as f:
                seen += f.read()
    return seen + subprocess.run(['dmesg'], capture_output=True, check=True, timeout=20).stdout


@test('no key comes out: not in answers, in /proc or in the kernel log')
def no_keys(world):
    for suite in ENCRYPTING:
        call = Call(world, suite, mki=b'\1')
        call.up(rtp(1))
        call.down(rtp(1))
        call.up_rtcp(sender_report(), 1)
        call.ue.send(rtp(5) + os.urandom(10))
        shown = call.sa(call.in_key)
        equal('key' in shown or 'salt' in shown, False, 'key or salt shown')
        seen = all_shown(world, call)
        for secret in secrets(call):
            assert secret not in seen, 'a key came out'


run(Topology)
