# SPDX-License-Identifier: GPL-2.0
"""docs/performance.svg: what a packet costs, as bars."""
import html

from cases import NAMES

BARS = (('floor', '#9aa5b1', 'the floor: hook, cipher, new headers'), ('fast', '#1f6f5c', 'e2ae, fast path'),
        ('full', '#63b39b', 'e2ae, full path'), ('rtpengine', '#c8553d', 'rtpengine, kernel module'))
TITLES = {'plain': 'plain', 'cm': 'AES_CM_128_HMAC_SHA1_80', 'gcm128': 'AEAD_AES_128_GCM', 'gcm256': 'AEAD_AES_256_GCM'}
WIDTH, LEFT, RIGHT, BAR, GAP, TOP = 860, 210, 90, 15, 14, 86


def _name(bar, suite, payload):
    return f'floor/{suite}/{payload}' if bar == 'floor' else f'{bar}/{suite}/protect/{payload}'


def _text(x, y, words, anchor='start', weight='normal', size=12):
    return (f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" font-weight="{weight}" font-size="{size}" fill="#1b2530">'
            f'{html.escape(words)}</text>')


def _bar(y, one, colour, scale):
    """A bar with its spread as a line, and the figure."""
    end, least, most = (LEFT + one[kind] * scale for kind in ('median', 'min', 'max'))
    middle = y + BAR / 2
    return [f'<rect x="{LEFT}" y="{y:.0f}" width="{end - LEFT:.1f}" height="{BAR - 2}" fill="{colour}"/>',
            f'<path d="M{least:.1f} {middle:.1f}H{most:.1f}" stroke="#1b2530" stroke-width="1.5"/>',
            _text(max(end, most) + 6, y + BAR - 4, f'{one["median"]:,.0f}', size=11)]


def _legend():
    out = []
    for number, (_, colour, words) in enumerate(BARS):
        x, y = LEFT + 300 * (number % 2), 36 + 18 * (number // 2)
        out += [f'<rect x="{x}" y="{y}" width="12" height="12" fill="{colour}"/>', _text(x + 18, y + 10, words)]
    return out


def svg(figures):
    """The chart of what was measured; what was not has no bar."""
    groups = [(suite, payload) for payload in (160, 1200) for suite in NAMES.values()]
    there = [figures[_name(bar, *group)] for bar, _, _ in BARS for group in groups if _name(bar, *group) in figures]
    scale = (WIDTH - LEFT - RIGHT) / max(one['max'] for one in there)
    y, body = TOP, []
    for suite, payload in groups:
        start = y
        for bar, colour, _ in BARS:
            one = figures.get(_name(bar, suite, payload))
            if one:
                body += _bar(y, one, colour, scale)
                y += BAR
        body += [_text(LEFT - 10, start + 14, TITLES[suite], 'end', 'bold'),
                 _text(LEFT - 10, start + 30, f'{payload} octets', 'end')]
        y = max(y, start + 2 * BAR + 4) + GAP
    head = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{y}" viewBox="0 0 {WIDTH} {y}" '
            'font-family="sans-serif">', f'<rect width="{WIDTH}" height="{y}" fill="#ffffff"/>',
            _text(LEFT, 22, 'Nanoseconds of one CPU for a packet that is protected: median, least to most', weight='bold',
                  size=14)]
    return '\n'.join(head + _legend() + body + ['</svg>', ''])
