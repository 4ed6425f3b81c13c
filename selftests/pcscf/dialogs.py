#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Dialogs that are no calls: subscriptions and REFER, and the ways that a UE's requests within them may take."""
from lab import NOTHING, main, scenario
from agent import UDP_PORT        # behind lab, which finds the other modules
from hand import asked
from lib.ktap import equal
from peers.sip.dialog import Dialog
from peers.sip.scenario import establish, hang_up
from peers.sip.sipmsg import Address
from peers.sip.situation import PLAIN, Situation

CALLEE = {'security_client': NOTHING}


def taking(ue, method):
    """Lets a UE take what makes a dialog with a method; the list of such dialogs, and of all requests in them."""
    dialogs, inside, before = [], [], ue.handle

    def handle(transaction):
        request = transaction.request
        if request.method == method and not request.to_tag:
            dialogs.append(Dialog.of_called(request, transaction.tag))
            transaction.reply(202 if method == 'REFER' else 200, headers=[('Contact', ue.contact()), ('Expires', '600')])
        elif request.method in (method, 'NOTIFY', 'MESSAGE', 'STRANGE'):
            inside.append(request)
            transaction.reply(200, headers=[('Contact', ue.contact())])
        else:
            before(transaction)
    ue.handle = handle
    return dialogs, inside


async def made(one, other, method='SUBSCRIBE', more=()):
    """A dialog from one UE to another: both ends of it, and what came within it at each of them."""
    dialogs, at_other = taking(other, method)
    _, at_one = taking(one, 'NOTIFY')
    request = asked(one, method, other.aor(), *one.initial_routes(), Event='presence', Expires='600', **dict(more))
    if method == 'REFER':
        request.set('Refer-To', '<sip:x@home1.net>')
    response = await one.ask_proxy(one.dress(request))
    equal(response.status // 100, 2, f'answer to {method}')
    return Dialog.of_caller(request, response), dialogs[0], at_one, at_other


async def ask(ue, dialog, method, **more):
    """A request of a UE within a dialog; the final response."""
    request = dialog.request(method)
    for name, value in {'Contact': ue.contact(), 'Event': 'presence', 'Subscription-State': 'active', **more}.items():
        request.set(name.replace('_', '-'), value)
    return await ue.ask_proxy(ue.dress(request))


def passes(method, kind):
    async def work(lab):
        alice, bob = await lab.pair(into=CALLEE)
        mine, his, at_alice, at_bob = await made(alice, bob, method)
        for dialog, routes in ((mine, 3), (his, 3)):
            own = Address.parse(dialog.routes[0]).uri
            equal((len(dialog.routes) >= routes, len(own.params.get('m', ''))), (True, 22), 'a marked route set')
        for one, dialog, there in ((alice, mine, at_bob), (bob, his, at_alice)) * 2:
            for what in (method, 'NOTIFY', 'MESSAGE', 'STRANGE'):
                if what == method and one is bob:
                    continue
                equal((await ask(one, dialog, what)).status, 200, f'{what} of {one.party}')
                equal(there[-1].method, what, 'what arrived')
        equal((await ask(alice, mine, 'INFO')).status, 481, 'INFO where there is no call')
    scenario(f'requests in a dialog that {method} made pass both ways over {kind}', kind=kind)(work)


for _method, _kind in (('SUBSCRIBE', 'udp'), ('REFER', 'tcp'), ('SUBSCRIBE', 'tls')):
    passes(_method, _kind)


@scenario('a UE cannot choose another way within a dialog that is no call: 403, and nothing of it goes on', kind='udp')
async def other_ways(lab):
    alice, bob = await lab.pair()
    mine, his, at_alice, at_bob = await made(alice, bob)
    foreign, _, _, _ = await made(bob, alice)
    for one, dialog in ((alice, mine), (bob, his)):
        kept, call_id = list(dialog.routes), dialog.call_id
        mark = f';m={Address.parse(kept[0]).uri.params["m"]}'
        before = len(lab.core.requests), len(at_alice), len(at_bob)
        ways = [kept[:1], kept[:2], [*kept, kept[-1]], [kept[0].replace(mark, ''), *kept[1:]],
                [kept[0].replace(mark, f';m={"A" * 22}'), *kept[1:]], [kept[0].replace(mark, mark + 'A'), *kept[1:]],
                [*kept[:-1], kept[-1].replace(';lr', ';transport=tcp;lr')],
                *([*kept[:2], f'<sip:{hop};lr>', *kept[2:]] for hop in (f'{lab.core.host}:9', 'x@evil.invalid'))]
        for routes in ways:
            dialog.routes = routes
            for method in ('SUBSCRIBE', 'NOTIFY', 'REFER', 'STRANGE'):
                equal((await ask(one, dialog, method)).status, 403, f'{method} of {one.party} along {routes}')
        dialog.routes, dialog.call_id = kept, foreign.call_id
        equal((await ask(one, dialog, 'SUBSCRIBE')).status, 403, 'the way of another dialog')
        dialog.call_id = call_id
        equal((len(lab.core.requests), len(at_alice), len(at_bob)), before, 'what went on')
        equal((await ask(one, dialog, 'NOTIFY')).status, 200, 'the way that it has')


@scenario('a UE writes its Route as its stack does: order and case of parameters, one line or several', kind='udp')
async def as_stacks_write(lab):
    alice, bob = await lab.pair()
    mine, _, _, at_bob = await made(alice, bob)
    own, *rest = mine.routes
    mark = Address.parse(own).uri.params['m']
    own = own.replace(f';m={mark}', '').replace(';lr', f';m={mark};lr=on')
    mine.routes = [', '.join([own, *(one.replace(';lr', ';LR') for one in rest)])]
    equal((await ask(alice, mine, 'SUBSCRIBE')).status, 200, 'SUBSCRIBE')
    equal(at_bob[-1].method, 'SUBSCRIBE', 'what arrived')


@scenario('where no proxy of the core stays in the dialog, the peer is the one that it was made with', kind='udp')
async def no_proxy(lab):
    alice = await lab.ue('alice')
    request = asked(alice, 'SUBSCRIBE', alice.impu, *alice.initial_routes(), Event='reg', Expires='600')
    response = await alice.ask_proxy(alice.dress(request))
    equal(response.status, 200, 'SUBSCRIBE')
    dialog = Dialog.of_caller(request, response)
    equal(len(dialog.routes), 2, 'the route set is our two')
    target, before = str(dialog.target), len(lab.core.requests)
    for host in (f'{lab.core.host}:9', f'{lab.core.host}:{UDP_PORT};maddr=127.0.0.1', 'evil.invalid'):
        dialog.target = f'sip:x@{host}'
        equal((await ask(alice, dialog, 'SUBSCRIBE')).status, 403, f'to {host}')
    equal(len(lab.core.requests), before, 'what went on')
    dialog.target = target
    equal((await ask(alice, dialog, 'SUBSCRIBE')).status, 200, 'SUBSCRIBE to the peer')
    equal(lab.core.requests[-1].to_tag, Address.parse(dialog.remote).params['tag'], 'what the core got')


@scenario('a NOTIFY that comes before the response makes the dialog with our marked Record-Route (RFC 6665)', kind='udp')
async def early_notify(lab):
    alice = await lab.ue('alice')
    equal((await alice.subscribe_reg()).status, 200, 'SUBSCRIBE')
    await alice.notified(1)
    notify = alice.notifies[0]
    dialog = Dialog.of_called(notify, Address.parse(notify.get('To')).params['tag'])
    dialog.local = notify.get('To')
    equal(len(dialog.routes), 2, 'Record-Routes of the NOTIFY')
    before = len(lab.core.requests)
    equal((await ask(alice, dialog, 'SUBSCRIBE', Event='reg')).status, 200, 'SUBSCRIBE')
    equal(len(lab.core.requests), before + 1, 'what the core got')


# Strict routers (RFC 3261, 16.4 and 16.6, 6).

def strict(lab):
    """The core's Record-Route has no lr: it wants to be the Request-URI, and sends on as a strict router does."""
    core, own, around = lab.core, lab.core.own_uri().replace(';lr', ''), {}
    handle, handle_ack, send_on = core.handle, core.handle_ack, core.send_on

    def tamper(message):
        if not message.status:
            records = [r.replace(core.own_uri(), own) for r in message.list('Record-Route')]
            message.replace('Record-Route', records)

    def undo(request):
        if request.to_tag and request.uri == own:
            around.setdefault((request.from_tag, *request.cseq))    # one that is repeated counts once
            *routes, target = request.list('Route')
            request.uri = str(Address.parse(target).uri)
            request.replace('Route', routes)

    def took(transaction):
        undo(transaction.request)
        handle(transaction)

    def took_ack(message, flow):
        undo(message)
        handle_ack(message, flow)

    async def sends(message, *more):
        routes = message.list('Route')
        if message.to_tag and routes and message.method != 'NOTIFY':
            # The next hop becomes the Request-URI, as if it were a strict router too.
            message.replace('Route', [*routes[1:], f'<{message.uri}>'])
            message.uri = str(Address.parse(routes[0]).uri)
        return await send_on(message, *more)
    core.tamper, core.handle, core.handle_ack, core.send_on = tamper, took, took_ack, sends
    return around


@scenario('a strict router in the core is the Request-URI of what goes to it, and its own rewriting is undone', kind='udp')
async def strict_router(lab):
    alice, bob = await lab.pair(into=CALLEE)
    around = strict(lab)
    out, into = await establish(alice, bob, Situation(PLAIN))
    equal([';lr' in route for route in out.dialog.routes], [True, True, False, True, True], 'the route set of the caller')
    for one in (out, into):
        equal((await one.reinvite()).status, 200, 're-INVITE')
        equal((await one.ask('INFO')).status, 200, 'INFO')
    await hang_up(out, into)
    equal([method for *_, method in around], ['ACK', *['INVITE', 'ACK', 'INFO'] * 2, 'BYE'],
          'what was addressed to the core itself')
    equal({str(Address.parse(f'<{r.uri}>').uri.host) for r in into.requests}, {bob.addresses['udp'][0]}, 'Request-URIs at bob')


@scenario('a strict router in a dialog that is no call', kind='udp')
async def strict_subscription(lab):
    alice, bob = await lab.pair()
    around = strict(lab)
    mine, his, at_alice, at_bob = await made(alice, bob)
    equal((await ask(alice, mine, 'SUBSCRIBE')).status, 200, 'SUBSCRIBE')
    equal((await ask(bob, his, 'NOTIFY')).status, 200, 'NOTIFY')
    equal([method for *_, method in around], ['SUBSCRIBE', 'NOTIFY'], 'what was addressed to the core itself')
    equal((at_bob[-1].uri, at_alice[-1].uri), (bob.contact_uri(), alice.contact_uri()), 'Request-URIs at the UEs')



if __name__ == '__main__':
    main()
