# SPDX-License-Identifier: GPL-2.0
"""Reads the known answers."""
import json
import os

_FILE = os.path.join(os.path.dirname(__file__), '..', 'vectors', 'srtp.jsonl')
_OCTETS = ('key', 'salt', 'mki', 'rtp', 'srtp', 'rtcp', 'srtcp')


def load():
    """All lines, octets as bytes."""
    with open(_FILE, encoding='ascii') as f:
        lines = [json.loads(line) for line in f]
    for line in lines:
        for name in _OCTETS:
            line[name] = bytes.fromhex(line[name])
    return lines
