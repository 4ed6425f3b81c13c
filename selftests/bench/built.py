# SPDX-License-Identifier: GPL-2.0
"""What has to be built before anything is measured in a guest."""
import subprocess

from results import TOP


class Failed(Exception):
    """Something could not be measured, or its outcome is wrong."""


def modules(name):
    """Builds the module and the bench's own for a guest."""
    for more in ([], ['--from', 'selftests/bench/modules']):
        if subprocess.run(['selftests/rig/kmake', *more, name], cwd=TOP, check=False).returncode:
            raise Failed(f'the modules do not build for {name}')
