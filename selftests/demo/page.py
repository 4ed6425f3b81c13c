# SPDX-License-Identifier: GPL-2.0
"""report.html: the ladder as a drawing, the decision at each hop, and what was proven. One file, no network."""
import html
import textwrap
from collections import namedtuple

from hops import masked, title
from peers.sip import sdp

COLUMNS = {'alice': 90, 'P-CSCF 1': 390, 'scscf': 690, 'P-CSCF 2': 990, 'bob': 1290}
NAMES = {'alice': ('UE A', 'MIKEY, TLS-PSK'), 'P-CSCF 1': ('P-CSCF 1 + MSF', 'e2aed, e2ae.ko'),
         'scscf': ('S-CSCF', 'registrar, AKA'),
         'P-CSCF 2': ('P-CSCF 2 + MSF', 'e2aed, e2ae.ko'), 'bob': ('UE B', 'SDES, TLS-PSK')}
WIDTH, TOP, STEP, LINE = 1380, 70, 34, 13
WRAP = 46

STYLE = '''
:root { --ink:#1c2733; --soft:#5d6b7a; --line:#cfd8e1; --card:#fff; --back:#f4f6f9; --sig:#2f5f9e; --ok:#1b7f4b; --no:#b3261e;
  --note:#fff7e0; --noteline:#e2c36b; --srtp:#1b7f4b; --rtp:#8a5a00; }
@media (prefers-color-scheme: dark) { :root { --ink:#e4e9ef; --soft:#9aa8b6; --line:#3a4653; --card:#1d252e; --back:#141a21;
  --sig:#7fb0f0; --ok:#5fd39a; --no:#ff8a80; --note:#38311b; --noteline:#8a7434; --srtp:#5fd39a; --rtp:#e0b060; } }
* { box-sizing:border-box } body { margin:0; background:var(--back); color:var(--ink); font:15px/1.5 system-ui, sans-serif }
main { max-width:1440px; margin:0 auto; padding:24px } h1 { margin:0 0 4px; font-size:26px }
h2 { margin:32px 0 10px; font-size:19px }
.card { background:var(--card); border:1px solid var(--line); border-radius:10px; padding:14px; overflow-x:auto }
.verdict { font-size:18px; font-weight:600; color:var(--ok) } .verdict.bad { color:var(--no) }
table { border-collapse:collapse; width:100% } th, td { text-align:left; padding:6px 10px; border-bottom:1px solid var(--line);
  vertical-align:top } th { color:var(--soft); font-weight:600 } td.yes { color:var(--ok); font-weight:700 }
td.no { color:var(--no); font-weight:700 } .proof, .soft { color:var(--soft) }
pre { overflow-x:auto; font-size:12.5px; margin:6px 0 }
code, .mono { font-family:ui-monospace, monospace; font-size:12.5px } summary { cursor:pointer; padding:3px 0 }
svg { max-width:100%; height:auto }
svg text { fill:var(--ink); font:12.5px system-ui, sans-serif } svg .soft { fill:var(--soft); font-size:11px }
svg .head { font-size:15px; font-weight:700 } svg .life { stroke:var(--line); stroke-width:2 }
svg .sig { stroke:var(--sig); stroke-width:1.6; fill:none } svg .tip { fill:var(--sig) }
svg .note { fill:var(--note); stroke:var(--noteline) } svg .noted { font-size:11.5px }
svg .srtp { fill:var(--srtp) } svg .rtp { fill:var(--rtp) } svg text.band { fill:#fff; font-weight:600 }
svg .phase { font-weight:700; font-size:13.5px } svg .rule { stroke:var(--line); stroke-dasharray:4 4 }
'''

# A line right across the drawing at a time: media, or the beginning of a phase.
Band = namedtuple('Band', 'at text legs')


def esc(text):
    """For HTML."""
    return html.escape(str(text), quote=True)


class Drawing:
    """The ladder, from top to bottom."""

    def __init__(self, start):
        self.start, self.y, self.parts = start, TOP, []

    def add(self, text):
        """A piece of SVG."""
        self.parts.append(text)

    def text(self, x, y, text, kind='', anchor='middle'):
        """A line of text."""
        self.add(f'<text x="{x}" y="{y}" class="{kind}" text-anchor="{anchor}">{esc(text)}</text>')

    def hop(self, hop):
        """An arrow, and what was decided."""
        left, right = COLUMNS[hop.source], COLUMNS[hop.target]
        self.y += STEP
        tip = 8 if right > left else -8
        self.add(f'<path class="sig" d="M{left} {self.y}H{right - tip}"/><path class="tip" d="M{right} {self.y}l{-tip} -4v8z"/>')
        self.text((left + right) / 2, self.y - 6, f'{title(hop.message)} {_media(hop.message)}')
        self.text((left + right) / 2, self.y + 12, f'{hop.at - self.start:.3f} s, {hop.kind.upper()}', 'soft')
        lines = [line for note in hop.note for line in textwrap.wrap(note, WRAP)] if hop.note != ('its own',) else []
        if lines:
            self._note(COLUMNS[hop.source], lines)

    def _note(self, x, lines):
        height = LINE * len(lines) + 8
        self.y += 18
        self.add(f'<rect class="note" x="{x - 140}" y="{self.y}" width="280" height="{height}" rx="5"/>')
        for n, line in enumerate(lines):
            self.text(x, self.y + LINE * (n + 1), line, 'noted')
        self.y += height - 8

    def phase(self, text):
        """A heading."""
        self.y += 44
        self.add(f'<path class="rule" d="M20 {self.y - 16}H{WIDTH - 20}"/>')
        self.text(20, self.y, text, 'phase', 'start')

    def media(self, legs):
        """The media while they flow: (from, to, class, text)."""
        self.y += 24
        for source, target, kind, text in legs:
            left, right = COLUMNS[source], COLUMNS[target]
            self.add(f'<rect class="{kind}" x="{left + 4}" y="{self.y}" width="{right - left - 8}" height="24" rx="12"/>')
            self.text((left + right) / 2, self.y + 16, text, 'band')
        self.y += 26

    def svg(self):
        """All of it."""
        bottom = self.y + 40
        out = [f'<svg viewBox="0 0 {WIDTH} {bottom}" width="{WIDTH}" role="img" aria-label="message ladder">']
        for name, x in COLUMNS.items():
            first, second = NAMES[name]
            out.append(f'<path class="life" d="M{x} 56V{bottom - 10}"/><text x="{x}" y="24" class="head" text-anchor="middle">'
                       f'{first}</text><text x="{x}" y="42" class="soft" text-anchor="middle">{second}</text>')
        return '\n'.join([*out, *self.parts, '</svg>'])


def _media(message):
    if message.body and message.get('Content-Type', '').startswith(sdp.TYPE):
        media = sdp.parse(message.body).media
        return '[' + '; '.join(f'{m.profile}{" + " + key if key else ""}' for m in media for key in [_key(m)]) + ']'
    return ''


def _key(media):
    return next((name for name in ('key-mgmt', 'crypto') if media.attribute(name) is not None), '')


def draw(hops, bands, start):
    """The SVG of arrows with bands between them."""
    drawing, rest = Drawing(start), sorted(bands, key=lambda band: band.at)
    for hop in hops:
        while rest and rest[0].at <= hop.at:
            _band(drawing, rest.pop(0))
        drawing.hop(hop)
    for band in rest:
        _band(drawing, band)
    return drawing.svg()


def _band(drawing, band):
    if band.text:
        drawing.phase(band.text)
    if band.legs:
        drawing.media(band.legs)


def _table(rows):
    out = ['<table><tr><th>claim</th><th>proof</th><th>holds</th></tr>']
    for what, proof, holds in rows:
        out.append(f'<tr><td>{esc(what)}</td><td class="proof">{esc(proof)}</td>'
                   f'<td class="{"yes" if holds else "no"}">{"yes" if holds else "NO"}</td></tr>')
    return '\n'.join([*out, '</table>'])


def _suites(rows):
    heads = ('suite', 'packets', 'SRTP verified', 'plain verified', 'drops', 'by')
    out = [f'<tr>{"".join(f"<td>{esc(one)}</td>" for one in row)}</tr>' for row in sorted(rows)]
    return f'<table><tr>{"".join(f"<th>{one}</th>" for one in heads)}</tr>{"".join(out)}</table>'


def _decisions(hops, start):
    out = ['<table><tr><th>time</th><th>message</th><th>from, to</th><th>what the gateway decided</th></tr>']
    for hop in hops:
        if hop.note and hop.note != ('its own',):
            out.append(f'<tr><td>{hop.at - start:.3f}</td><td>{esc(title(hop.message))}</td><td>{esc(NAMES[hop.source][0])}, '
                       f'{esc(NAMES[hop.target][0])}</td><td>{"<br>".join(map(esc, hop.note))}</td></tr>')
    return '\n'.join([*out, '</table>'])


def _messages(hops, start):
    for hop in hops:
        text = masked(hop.message.encode().decode(errors='replace'))
        yield (f'<details><summary><span class="mono">{hop.at - start:8.3f}</span> {esc(NAMES[hop.source][0])} to '
               f'{esc(NAMES[hop.target][0])}, {hop.kind.upper()}: {esc(title(hop.message))}</summary>'
               f'<pre>{esc(text)}</pre></details>')


def write(report, hops, bands, start):
    """report.html beside the rest."""
    marks = [*report.parts, (len(report.rows), '')]
    tables = [f'<h2>{esc(text)}</h2><div class="card">{_table(report.rows[at:end])}</div>'
              for (at, text), (end, _) in zip(marks, marks[1:])]
    page = ['<!doctype html><html lang="en"><head><meta charset="utf-8">',
            '<title>e2ae: a call, secured at both access edges</title><meta name="viewport" content="width=device-width">',
            f'<style>{STYLE}</style></head><body><main>',
            '<h1>e2ae: a call, secured at both access edges</h1>',
            '<p class="soft">Two subscribers behind two P-CSCFs register with AKA over TLS and call each other. UE A keys its '
            'media with MIKEY, UE B with SDES; each access leg is SRTP under keys that were never configured, the core '
            'carries plain RTP. Beside the speech they send each other messages and a file: MSRP over TLS with pre-shared keys '
            'from the same registrations, plain MSRP in the core.</p>',
            f'<p class="verdict{"" if report.held else " bad"}">{esc(report.verdict())}</p>',
            f'<h2>The ladder</h2><div class="card">{draw(hops, bands, start)}</div>', *tables,
            f'<h2>Every suite, both ways</h2><div class="card">{_suites(report.suites)}</div>',
            f'<h2>The decision at each hop</h2><div class="card">{_decisions(hops, start)}</div>',
            '<h2>Every message</h2><div class="card"><p class="soft">Keys are masked here, as in everything this run wrote; on '
            'the access side all of this was inside TLS.</p>', *_messages(hops, start), '</div></main></body></html>']
    with open(report.path('report.html'), 'w', encoding='utf-8') as f:
        f.write('\n'.join(page))
