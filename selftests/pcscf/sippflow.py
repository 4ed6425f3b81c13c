# SPDX-License-Identifier: GPL-2.0
"""Flows of one call for sipp, in words. Each side has a text; a step is a line, or ends with a bar:

    INVITE sdp | <180 | <200 INVITE sdp | ACK | BYE | <200 BYE

    METHOD          sends a request: the first one opens the call, the others go inside it
    STATUS NAME     sends a response to the request of that name, by default to the one that came last
    <METHOD         waits for a request; `as=NAME` gives it a name other than its method
    <STATUS METHOD  waits for a response to such a request
    wait MS         does nothing

`sdp` on what is sent puts the side's description into it (`sdp=N` another version of it), on what comes wants a description
of the kind that belongs to the side; `bare` wants none. `again` sends the last request of this method once more, octet by
octet. `opt` is for what may come and may not, `any` likewise at any time from then on. cseq=, tag=, to= and branch= replace
what would be there, Name:value adds a header field, with _ for blanks. body=N is an unknown body of so many octets.
"""
import re

_HEADERS = {'Via_1': ('Via', 1), 'Via_2': ('Via', 2), 'From': ('From', 1), 'To': ('To', 1), 'CSeq': ('CSeq', 1)}
_ROUTES = {'Record_1': ('Record-Route', 1), 'Record_2': ('Record-Route', 2)}
REASON = {100: 'Trying', 180: 'Ringing', 183: 'Session Progress', 200: 'OK', 487: 'Request Terminated'}


class Side:
    """One side of a call. me, peer: its public identities' names. routes: of requests outside dialogs, as header values.

    media: (profile, lines) of its descriptions. wanted: regular expression for descriptions that come, unwanted: one that
    must not match.
    """

    def __init__(self, me, peer, address, target=None, routes=(), media=('RTP/AVP', ()), wanted='RTP/AVP',
                 unwanted='crypto'):
        self.me, self.peer, self.address, self.target, self.routes = me, peer, address, target, routes
        self.media, self.wanted, self.unwanted = media, wanted, unwanted

    def description(self, version):
        """An SDP body."""
        host, profile = self.address[0], self.media[0]
        kind = 'IP6' if ':' in host else 'IP4'
        return [f'v=0', f'o=- 1 {version} IN {kind} {host}', 's=-', f'c=IN {kind} {host}', 't=0 0',
                f'm=audio 40000 {profile} 8', 'a=rtpmap:8 PCMA/8000', *self.media[1]]


class Flow:
    """The scenario of a side, from its text."""

    def __init__(self, side, text, caller):
        self.side, self.caller, self.name = side, caller, 'caller' if caller else 'callee'
        self.cseq, self.sent, self.latest, self.names, self.out = 0, {}, None, {'junk'}, []
        self.learnt, self.dialogs = False, set()
        for step in re.split(r'[|\n]', text):
            if step.strip():
                self._step(step.split())

    def xml(self):
        """For sipp."""
        known = f'<Reference variables="{",".join(sorted(self.names))}"/>'
        return (f'<?xml version="1.0" encoding="ISO-8859-1"?>\n<scenario name="{self.name}">\n' + '\n'.join(self.out)
                + f'\n{known}\n</scenario>\n')

    # Steps.

    def _step(self, words):
        what, words = words[0], words[1:]
        flags = {w for w in words if '=' not in w and ':' not in w}
        values = dict(w.split('=', 1) for w in words if '=' in w and ':' not in w.split('=')[0])
        extra = [w.replace('_', ' ').replace(':', ': ', 1) for w in words if re.match(r'[A-Z][\w-]*:', w)]
        if what == 'wait':
            self.out.append(f'<pause milliseconds="{words[0]}"/>')
        elif what.startswith('<'):
            self._receive(what[1:], flags, values)
        elif what.isdigit():
            name = next((f for f in flags if f.isupper()), self.latest)
            self._send(self._response(int(what), name, flags, values, extra))
        else:
            self._send(self._request(what, flags, values, extra))

    def _send(self, text):
        self.out.append(f'<send><![CDATA[\n\n{text}\n]]></send>')

    def _receive(self, what, flags, values):
        optional = ' optional="true"' if 'opt' in flags else ' optional="global"' if 'any' in flags else ''
        actions = [f'<ereg regexp="{r}" search_in="hdr" header="{h}:" check_it="true" assign_to="junk"/>'
                   for h, r in [('CSeq', f) for f in flags if f.isupper() and what.isdigit()]]
        if 'sdp' in flags:
            actions.append(f'<ereg regexp="{self.side.wanted}" search_in="body" check_it="true" assign_to="junk"/>')
            if self.side.unwanted:
                actions.append(f'<ereg regexp="{self.side.unwanted}" search_in="body" check_it_inverse="true" '
                               'assign_to="junk"/>')
        if 'bare' in flags:
            actions.append('<ereg regexp="m=" search_in="body" check_it_inverse="true" assign_to="junk"/>')
        kind, learn = ('response' if what.isdigit() else 'request'), ''
        if kind == 'request' and what != 'ACK':
            self.latest = name = values.get('as', what)
            first = what == 'INVITE' and not self.caller and (not self.learnt or 'fresh' in flags)
            self.dialogs |= {name} if first else set()
            for key, (header, number) in {**_HEADERS, **(_ROUTES if first else {})}.items():
                self.names.add(f'{name}_{key}')
                actions.append(f'<ereg regexp=".*" search_in="hdr" header="{header}:" occurrence="{number}" '
                               f'assign_to="{name}_{key}"/>')
            if first:
                learn, self.learnt = ' rrs="true"', True
        elif self.caller and not self.learnt and what.isdigit() and int(what) > 100:
            if int(what) < 300 and 'CANCEL' not in flags:
                learn, self.learnt = ' rrs="true"', True
        inside = f'<action>{"".join(actions)}</action>' if actions else ''
        more = ''.join(f' {k}="{v}"' for k, v in values.items() if k in ('timeout', 'next'))
        self.out.append(f'<recv {kind}="{what}"{optional}{learn}{more}>{inside}</recv>')

    # Messages.

    def _body(self, flags, values):
        if 'sdp' in flags or 'sdp' in values:
            return 'application/sdp', '\n'.join(self.side.description(int(values.get('sdp', 1))))
        if 'body' in values:
            return 'application/x-unknown', ('0123456789abcde\n' * (int(values['body']) // 16 + 1))[:int(values['body'])]
        return None, ''

    def _finish(self, lines, flags, values):
        kind, body = self._body(flags, values)
        if kind:
            lines.append(f'Content-Type: {kind}')
        return '\n'.join([*lines, 'Content-Length: [len]', '', body])

    def _request(self, method, flags, values, extra):
        if 'again' in flags:
            return self.sent[method]
        side, host = self.side, '[local_ip]:[local_port]'
        known = self.sent.get('INVITE', '')
        number = self.cseq if method in ('ACK', 'CANCEL') else self.cseq + 1
        self.cseq = number
        number = values.get('cseq', number)
        branch = f'z9hG4bK-[pid]-{self.name}-{number}-{method}'
        if method == 'CANCEL' or 'refused' in flags:
            branch = re.search(r'branch=([^;\s]+)', known)[1]
        branch = values.get('branch', branch)
        first = self.caller and not self.learnt or 'fresh' in flags
        uri = side.target if first or method == 'CANCEL' or 'refused' in flags else '[next_url]'
        routes = [f'Route: {", ".join(side.routes)}'] if uri != '[next_url]' and side.routes else ['[routes]']
        lines = [f'{method} {uri} SIP/2.0', f'Via: SIP/2.0/[transport] {host};branch={branch};rport', 'Max-Forwards: 70',
                 *routes, *self._ends(first or method == 'CANCEL', values),
                 'Call-ID: [call_id]', f'CSeq: {number} {method}']
        if method in ('INVITE', 'UPDATE') and 'nocontact' not in flags:
            lines.append(f'Contact: <sip:{side.me}@{host}>')
        text = self._finish(lines + extra, flags, values)
        self.sent[method] = text
        return text

    def _ends(self, first, values):
        mine = f'<sip:{self.side.me}@home1.net>;tag=[pid]{self.name}'
        if self.caller:
            tag = f';tag={values["to"]}' if 'to' in values else '' if first else '[peer_tag_param]'
            return [f'From: {mine}', f'To: <sip:{self.side.peer}@home1.net>{tag}']
        tag = values.get('tag', 'tcallee')
        return [f'From: [$INVITE_To];tag={tag}', 'To: [$INVITE_From]']

    def _response(self, status, name, flags, values, extra):
        outside = name in self.dialogs or name == 'CANCEL' and 'inside' not in flags
        tag = f';tag={values.get("tag", "tcallee")}' if outside and status > 100 and 'notag' not in flags else ''
        lines = [f'SIP/2.0 {status} {REASON.get(status, "Odd")}']
        lines += [f'Via: [${name}_Via_1]', f'Via: [${name}_Via_2]']
        if name in self.dialogs and status > 100:
            lines += [f'Record-Route: [${name}_Record_1]', f'Record-Route: [${name}_Record_2]']
        lines += [f'From: [${name}_From]', f'To: [${name}_To]{tag}', 'Call-ID: [call_id]', f'CSeq: [${name}_CSeq]']
        if status > 100 and 'nocontact' not in flags and name != 'CANCEL':
            lines.append(f'Contact: <sip:{self.side.me}@[local_ip]:[local_port]>')
        return self._finish(lines + extra, flags, values)
