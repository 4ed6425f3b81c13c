# SPDX-License-Identifier: GPL-2.0
"""Progress lines, the table at the end, and report.md."""
import os
import time


class Report:
    """What was shown, with its proof and verdict."""

    def __init__(self, out):
        self.out, self.start = out, time.monotonic()
        self.rows, self.sections, self.parts, self.suites = [], [], [], []

    def path(self, name):
        """A file beside the report."""
        return os.path.join(self.out, name)

    def say(self, text):
        """A line of progress."""
        print(f'demo: {time.monotonic() - self.start:5.1f} s  {text}', flush=True)

    def part(self, title):
        """What follows belongs together."""
        self.parts.append((len(self.rows), title))
        print(f'\n== {title} ==\n', flush=True)

    def row(self, what, proof, holds):
        """One thing that has to be true."""
        self.rows.append((what, proof, bool(holds)))
        self.say(f'{"ok      " if holds else "NOT OK  "}{what}')

    def suite(self, name, packets, srtp, plain, drops, judge):
        """What passed both ways under a suite: SRTP decrypted at the UE, plain packets at the core, both as sent."""
        self.suites.append((name, packets, srtp, plain, drops, judge))
        self.row(f'{name}: every packet arrives as it was sent', f'{srtp + plain} of {packets}, {drops} dropped',
                 packets and srtp + plain == packets and not drops)

    def section(self, title, text):
        """Something to read in report.md."""
        self.sections.append((title, text))

    @property
    def held(self):
        """Whether everything was true; nothing shown is not."""
        return bool(self.rows) and all(holds for _, _, holds in self.rows)

    def verdict(self):
        """The last line."""
        wrong = sum(not holds for _, _, holds in self.rows)
        if self.held:
            return f'VERDICT: all {len(self.rows)} claims hold.'
        return f'VERDICT: FAILURE, {wrong} of {len(self.rows)} claims do not hold.'

    def table(self):
        """The rows for a terminal."""
        width = max(len(what) for what, _, _ in self.rows)
        titles = dict(self.parts)
        for number, (what, proof, holds) in enumerate(self.rows):
            if number in titles:
                yield f'\n{titles[number]}'
            yield f'{"yes" if holds else "NO ":3}  {what:{width}}  {proof}'

    def suite_table(self):
        """The suites for a terminal."""
        heads = ('suite', 'packets', 'SRTP verified', 'plain verified', 'drops', 'by')
        widths = [max(len(str(row[n])) for row in [heads, *self.suites]) for n in range(len(heads))]
        for row in (heads, *sorted(self.suites)):
            yield '  '.join(str(one).ljust(width) if n in (0, 5) else str(one).rjust(width)
                            for n, (one, width) in enumerate(zip(row, widths))).rstrip()

    def write(self):
        """report.md."""
        with open(self.path('report.md'), 'w', encoding='utf-8') as f:
            print(f'# e2ae: what the demo showed\n\n**{self.verdict()}**\n', file=f)
            titles = dict(self.parts)
            for number, (what, proof, holds) in enumerate(self.rows):
                if number in titles or not number:
                    print(f'\n## {titles.get(number, "Claims")}\n\n| what | proof | holds |\n|---|---|---|', file=f)
                print(f'| {what} | {proof} | {"yes" if holds else "**no**"} |', file=f)
            for title, text in [('The suites, both ways', '\n'.join(self.suite_table())), *self.sections]:
                print(f'\n## {title}\n\n```\n{text.rstrip()}\n```', file=f)

    def show(self):
        """The table and the verdict."""
        print('\n'.join(('', *self.table(), '', *self.suite_table(), '', self.verdict())), flush=True)
