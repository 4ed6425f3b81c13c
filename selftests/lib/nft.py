# SPDX-License-Identifier: GPL-2.0
"""nftables of the gateway, for one test."""
import re

from lib.netns import run


def rules(world, *lines):
    """Loads them."""
    run('nft', '-f', '-', name='gw', input='\n'.join(lines) + '\n')
    world.scratch.callback(flush)


def flush():
    """No rules any more."""
    run('nft', 'flush', 'ruleset', name='gw')


def chain(hook, priority, *lines, device=None):
    """A table of one chain at a hook: of the inet family, or of a device."""
    table, place = ('netdev', f'device "{device}"') if device else ('inet', '')
    return (f'table {table} of_test {{', f'chain at_{hook} {{',
            f'type filter hook {hook} {place} priority {priority};', *lines, '}', '}')


def counts():
    """Packets that each rule with a counter saw, in the order of the rules."""
    shown = run('nft', 'list', 'ruleset', name='gw').stdout
    return [int(n) for n in re.findall(r'counter packets (\d+)', shown)]
