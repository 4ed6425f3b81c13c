# SPDX-License-Identifier: GPL-2.0
"""Reads uapi/e2ae.yaml: names, numbers and types of the netlink family.

Parses the part of YAML which that file uses, so that a guest needs no package for it.
"""
import os

TOP = os.environ.get('E2AE_TOP') or os.path.abspath(
    os.path.join(os.path.dirname(__file__), '..', '..'))


def _lines(text):
    for line in text.splitlines():
        body = line.strip()
        if body and not body.startswith('#') and body != '---':
            yield len(line) - len(line.lstrip()), body


def _scalar(text):
    if text.startswith('['):
        return [_scalar(part.strip()) for part in text[1:-1].split(',')]
    if text == '{}':
        return {}
    if text in ('true', 'false'):
        return text == 'true'
    try:
        return int(text, 0)
    except ValueError:
        return text


class _Yaml:
    def __init__(self, text):
        self.lines = list(_lines(text))
        self.at = 0
        self.anchors = {}

    def block(self, indent):
        if self.lines[self.at][1].startswith('-'):
            return self.sequence(indent)
        return self.mapping(indent)

    def here(self, indent):
        return self.at < len(self.lines) and self.lines[self.at][0] == indent

    def deeper(self, indent):
        return self.at < len(self.lines) and self.lines[self.at][0] > indent

    def sequence(self, indent):
        out = []
        while self.here(indent) and self.lines[self.at][1].startswith('-'):
            body = self.lines[self.at][1][1:].strip()
            self.at += 1
            out.append(_scalar(body) if body else self.block(self.lines[self.at][0]))
        return out

    def folded(self, indent):
        words = []
        while self.deeper(indent):
            words.append(self.lines[self.at][1])
            self.at += 1
        return ' '.join(words)

    def value(self, text, indent):
        if text.startswith('*'):
            return self.anchors[text[1:]]
        if text == '>-':
            return self.folded(indent)
        if text and not text.startswith('&'):
            return _scalar(text)
        out = self.block(self.lines[self.at][0]) if self.deeper(indent) else None
        if text:
            self.anchors[text[1:]] = out
        return out

    def mapping(self, indent):
        out = {}
        while self.here(indent):
            key, _, text = self.lines[self.at][1].partition(':')
            self.at += 1
            out[key] = self.value(text.strip(), indent)
        return out


def _load():
    with open(os.path.join(TOP, 'uapi', 'e2ae.yaml'), encoding='utf-8') as f:
        return _Yaml(f.read()).block(0)


class Attr:
    """One attribute: number, type and where its nest or enum is defined."""

    def __init__(self, number, row):
        self.number = number
        self.name = row['name']
        self.type = row['type']
        self.multi = row.get('multi-attr', False)
        self.nested = row.get('nested-attributes')
        self.enum = row.get('enum')


class Spec:
    """The family: sets[set][name] -> Attr, enums[enum][name] -> number, commands[name] -> number."""

    def __init__(self):
        tree = _load()
        self.name = tree['name']
        self.sets = {}
        for one in tree['attribute-sets']:
            rows = one['attributes']
            self.sets[one['name']] = {r['name']: Attr(n, r) for n, r in enumerate(rows, 1)}
        self.enums, self.consts = {}, {}
        for one in tree['definitions']:
            if one['type'] == 'const':
                self.consts[one['name']] = one['value']
                continue
            start = one.get('value-start', 0)
            self.enums[one['name']] = {e['name']: n for n, e in enumerate(one['entries'], start)}
        self.operations = {op['name']: op for op in tree['operations']['list']}
        self.commands = {name: n for n, name in enumerate(self.operations, 1)}
        self.groups = [g['name'] for g in tree['mcast-groups']['list']]

    def requests(self):
        """Names of the operations that a client may ask for."""
        return [n for n, op in self.operations.items() if 'do' in op or 'dump' in op]


SPEC = Spec()
