# SPDX-License-Identifier: GPL-2.0
"""Log, counters, journal."""
import os
import stat

from lib.ktap import equal, test


@test('what a peer says can break neither a line of the log nor a value in it')
def log(world):
    evil = 'a%s\r\nb key=1\x1b[2J\x7f"\xe9'
    safe = 'a%25s%0D%0Ab{}key=1%1B[2J%7F"%C3%A9'
    lines = world.parts('log', evil, -5).stderr.splitlines()
    tight = safe.format('%20')
    equal(lines, [f'<6>test.text call={tight} text={tight} sum=-5',
                  '<3>test.part text=a%25s hex=00000abc size=7 big=-1 percent=%25 char=%0A', '<5>test.none',
                  f'<4>test.sentence {safe.format(" ")}'])


@test('a line of the log that is too long is cut, and says so')
def log_long(world):
    for line in world.parts('log', 5000 * '\n', 0).stderr.splitlines():
        equal(len(line) <= 1024, True, 'length')
        equal(line.endswith(' ...') or line.startswith(('<5>', '<3>')), True, line[:40])


@test('counters have names of their own, and count')
def metrics(world):
    rows = [line.split() for line in world.parts('metrics').stdout.splitlines()]
    equal(len({name for name, _ in rows}), len(rows), 'names')
    equal({name: n for name, n in rows if n != '0'}, {'calls': '2'})


def folder(world, name):
    path = world.path(name)
    os.mkdir(path)
    return path, os.path.join(path, 'journal')


def journal(world, *words):
    done = world.parts('journal', *words)
    equal((done.returncode, done.stderr), (0, ''), done.stdout)
    return sorted(done.stdout.splitlines())


@test('the journal keeps the last record of each id, for its owner alone')
def journal_keeps(world):
    where, path = folder(world, 'keeps')
    equal(journal(world, where, '+a=1', '+b=2', '+a=3', '-b', '-c', '+d=', '?'), ['a=3', 'count 2', 'd='])
    equal(journal(world, where, '?'), ['a=3', 'count 2', 'd='])
    equal(stat.S_IMODE(os.stat(path).st_mode), 0o600, 'mode')
    equal(journal(world, where, '+x y=1', '+=1', '!', '+' + 256 * 'i' + '=1'),
          ['count 2', 'error -22', 'error -22', 'error -22', 'error -90'])


@test('a torn tail and garbage cost the journal no other record')
def journal_torn(world):
    where, path = folder(world, 'torn')
    journal(world, where, '+a=1', '+b=2', '+c=3')
    with open(path, 'rb') as file:
        lines = file.read().splitlines(True)
    for damage, want in ((lines[:3] + [lines[3][:-4]], ['a=1', 'b=2', 'count 2']),
                         (lines[:2] + [b'\x00\xff garbage\n', b'\n', 9000 * b'P', b'\n'] + lines[3:],
                          ['a=1', 'c=3', 'count 2']),
                         (lines[:2] + [lines[2].replace(b' b ', b' e ')] + lines[3:], ['a=1', 'c=3', 'count 2']),
                         (lines[:1] + [b'P 00000000 a 31\n'], ['count 0']), ([], ['count 0']),
                         ([b'e2ae-journal 1 of-another-boot\n'] + lines[1:], ['count 0']),
                         ([os.urandom(5000)], ['count 0'])):
        with open(path, 'wb') as file:
            file.write(b''.join(damage))
        equal(journal(world, where, '?'), want)
        equal(journal(world, where, '+n=9', '?')[-1], 'n=9', 'a record after the damage')


@test('the journal does not grow with its history')
def journal_bounded(world):
    where, path = folder(world, 'bounded')
    equal(journal(world, where, '+a=1', '*2000', '+b=2', '-big', '?'), ['a=1', 'b=2', 'count 2'])
    equal(os.stat(path).st_size < 2 << 20, True, f'size {os.stat(path).st_size}')
    equal(journal(world, where, '?'), ['a=1', 'b=2', 'count 2'])
    equal(os.stat(path).st_size < 200, True, 'size after another start')
    equal(os.listdir(where), ['journal'], 'files')


@test('the journal follows no link, and needs its directory')
def journal_links(world):
    where, path = folder(world, 'links')
    os.symlink(world.write('victim', 'x'), path)
    equal(world.parts('journal', where).returncode, 1, 'status with a link')
    equal(world.parts('journal', world.path('nowhere')).returncode, 1, 'status without the directory')
