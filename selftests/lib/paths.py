# SPDX-License-Identifier: GPL-2.0
"""Runs a file's tests on every way that packets can take through the module.

E2AE_PATH says which: ingress, gathered, full, or all. Without it all are taken where that is quick, and
elsewhere the one that the module takes by default.
"""
import functools
import os

from lib import ktap, module

LABELS = {'ingress': ' (fast path)', 'gathered': ' (fast path, gathered)', 'full': ' (full path)'}


def chosen():
    """Names of the ways to take."""
    asked = os.environ.get('E2AE_PATH') or ('all' if ktap.SLOW <= ktap.QUICK else 'ingress')
    return list(LABELS) if asked == 'all' else [asked]


def run_gathered(make_world):
    """ktap.run() with packets that wait for each other, and are taken at ingress or go on to PRE_ROUTING; never returns."""
    ktap.run(make_world, {label: functools.partial(module.choose, path)
                          for path, label in (('gathered', ' (fast path)'), ('full-gathered', ' (full path)'))})


def run(make_world, ways=tuple(LABELS)):
    """ktap.run() once for each of these ways that is asked for; never returns."""
    ktap.run(make_world, {LABELS[path]: functools.partial(module.choose, path) for path in chosen() if path in ways})
