# SPDX-License-Identifier: GPL-2.0
"""What stands beside the module in the same run: the kernel's crypto, the floor, drop and forwarding."""
import streams
import inject
from cases import BATCH, SAMPLE

FLOORS = ('drop', 'plain', 'cm', 'gcm128', 'gcm256')


def raw():
    """{name: {octets: [least, median, most] in ns, 'driver': name}} of the kernel's crypto."""
    streams.insert('raw')
    try:
        with open('/proc/e2ae_raw', encoding='ascii') as f:
            lines = [line.split() for line in f]
    finally:
        streams.remove('raw')
    out = {}
    for name, octets, *ps, driver in lines:
        out.setdefault(name, {'driver': driver})[octets] = [int(one) / 1000 for one in ps]
    for name, row in out.items():
        print(f'raw {name:14} ' + ' '.join(f'{octets}: {ns[1]:.0f}' for octets, ns in row.items() if octets != 'driver') +
              f'  {row["driver"]}', flush=True)
    return out


def _runs(args, expected):
    """Runs what is loaded; packets come in from the core side."""
    runs, out = [], 0
    for _ in range(args.runs):
        figures = inject.feed(device=1, count=args.packets, batch=BATCH, sample=SAMPLE)
        runs.append(figures)
        out += figures['out0']
    sent = args.runs * args.packets
    return {**inject.row_of(runs), 'sent': sent, 'left': out, 'expected': expected * sent}


def _row(name, args, expected):
    """A row of them; packets that are lost are an error."""
    row = inject.measured(_runs, args, expected)
    if inject.say(name, row):
        raise RuntimeError(f'{name}: packets are lost')
    return row


def floors(args):
    """Rows of the floor in each mode, of forwarding and of dropping."""
    rows = {}
    for payload in args.payload:
        inject.load(side='core', payload=payload, count=args.packets)
        for mode in FLOORS:
            streams.insert('floor', mode=mode)
            try:
                rows[f'floor/{mode}/{payload}'] = _row(f'floor/{mode}/{payload}', args, mode != 'drop')
            finally:
                streams.remove('floor')
        inject.load(side='core', payload=payload, count=args.packets,
                    dst=f'{streams.text("access", streams.PEER)}:10000')
        rows[f'forward/{payload}'] = _row(f'forward/{payload}', args, True)
    return rows
