# SPDX-License-Identifier: GPL-2.0
"""Runs a file's tests on every way that packets can take through the module.

E2AE_PATH says which: full, ingress, or both. Without it both are taken where that is quick, and
elsewhere the one that the module takes by default.
"""
import functools
import os

from lib import ktap, module

LABELS = {'ingress': ' (fast path)', 'full': ' (full path)'}


def chosen():
    """Names of the ways to take."""
    asked = os.environ.get('E2AE_PATH') or ('both' if ktap.SLOW == 1 else 'ingress')
    return list(LABELS) if asked == 'both' else [asked]


def run(make_world):
    """ktap.run() once for each way; never returns."""
    ktap.run(make_world, {LABELS[path]: functools.partial(module.choose, path) for path in chosen()})
