# SPDX-License-Identifier: GPL-2.0
"""The recording that calls play: G.711 speech from Debian's sip-tester package."""
import os
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'demo'))

from recording import PT_PCMA, Recording, payload, restamp

__all__ = ('PT_PCMA', 'Recording', 'payload', 'restamp')
