# SPDX-License-Identifier: GPL-2.0
"""The two ways of a packet through the module, and how it is told to take either."""
from lib.module import MODULE
from lib.netns import run

PATHS = {'full': {'ingress': 0, 'direct': 0}, 'fast': {'ingress': 1, 'direct': 1}}


def parameters(path):
    """The module's parameters for a path; None if this module has no such path."""
    said = run('modinfo', '-F', 'parm', MODULE).stdout
    known = {line.partition(':')[0] for line in said.splitlines()}
    chosen = {name: value for name, value in PATHS[path].items() if name in known}
    return chosen if chosen or path == 'full' else None
