# SPDX-License-Identifier: GPL-2.0
"""e2aed from its start to its end, and e2aectl agent."""
import json
import os
import socket
import stat
import time

from config import POLICY
from helper import CONF, Daemon
from lib.ktap import equal, test


def ask(world, line, name='control'):
    """What the control socket answers."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(20)
        client.connect(world.path(name))
        client.sendall(line)
        data = b''
        while piece := client.recv(65536):
            data += piece
    return data


@test('a wrong command line, configuration or machine gives one sentence and its status')
def start(world):
    good, bad = world.write('good.conf', CONF), world.write('bad.conf', CONF + 'x = 1\n')
    for words, status, out, err, env in (
            (('-V',), 0, 'e2aed 0.0-test', '', {}), (('-x',), 2, '', 'usage', {}), (('x',), 2, '', 'usage', {}),
            (('-c', good, '-t'), 0, '', '', {}), (('-c', bad, '-t'), 1, '', f'e2aed: {bad}:18: ', {}),
            (('-c', good), 1, '', 'e2aed: the MSF fails; load it with modprobe e2ae', {'FAKE_MSF': '2'}),
            (('-c', good), 1, '', 'e2aed: the edge fails; give this machine the address', {'FAKE_EDGE': '99'}),
            (('-c', good), 1, '', 'e2aed: the edge fails', {'FAKE_EDGE': '2'})):
        done = world.run(world.daemon, *words, **env)
        equal((done.returncode, out in done.stdout, err in done.stderr), (status, True, True), f'{words} {done}')
        if status == 1:
            equal(done.stderr.count('\n'), 1, f'lines of {done.stderr}')


@test('it tells the service manager, gives up its privileges, and leaves at SIGINT')
def lifetime(world):
    with Daemon(world) as daemon:
        with open(f'/proc/{daemon.process.pid}/status', encoding='ascii') as file:
            rows = dict(line.rstrip('\n').split(':\t', 1) for line in file if ':\t' in line)
        equal(rows['NoNewPrivs'], '1', 'no_new_privs')
        equal(int(rows['CapEff'], 16) & ~(1 << 12), 0, 'effective capabilities but CAP_NET_ADMIN')
        equal(int(rows['CapPrm'], 16) & ~(1 << 12), 0, 'permitted capabilities but CAP_NET_ADMIN')
        equal(stat.S_IMODE(os.stat(world.path('control')).st_mode), 0o600, 'mode of the control socket')
        daemon.send('SIGINT')
        equal(daemon.told(), 'STOPPING=1')
        equal(daemon.status(), 0, daemon.said())
    equal(os.path.exists(world.path('control')), False, 'the control socket is there')


@test('it runs as the user that the configuration names', seconds=60)
def other_user(world):
    if os.geteuid():
        raise AssertionError('this test has to be root')
    os.chmod(world.dir.name, 0o711)
    with Daemon(world, CONF.replace('user = ""', 'user = "nobody"')) as daemon:
        with open(f'/proc/{daemon.process.pid}/status', encoding='ascii') as file:
            uids = next(line.split()[1:] for line in file if line.startswith('Uid:'))
        equal('0' in uids, False, f'uids {uids}')
        equal(os.stat(world.path('state')).st_uid, int(uids[0]), 'owner of the state')
        control = os.stat(world.path('control'))
        equal((control.st_uid, stat.S_IMODE(control.st_mode)), (int(uids[0]), 0o600), 'owner and mode of the control socket')
        os.seteuid(control.st_uid)
        try:
            equal(b'"policy"' in ask(world, b'policy\n'), True, 'what that user is told')
        finally:
            os.seteuid(0)
        daemon.send('SIGINT')
        equal(daemon.status(), 0, daemon.said())
    os.unlink(world.path('control'))


@test('SIGTERM waits for the calls to end, a second one does not')
def drain(world):
    for wait, times in (('300', 1), ('60000', 2)):
        with Daemon(world, FAKE_DRAIN=wait) as daemon:
            daemon.send('SIGTERM')
            equal(daemon.told().startswith('STOPPING=1'), True, 'what is told')
            equal(ask(world, b'calls\n'), b'', 'answer while it drains')
            if times == 2:
                equal(daemon.process.poll(), None, 'status')
                daemon.send('SIGTERM')
            equal(daemon.status(), 0, daemon.said())


@test('SIGHUP takes new policies, tells what it ignores, and keeps the old ones if the file is wrong')
def reload(world):
    def names():
        return [json.loads(line)['policy'] for line in ask(world, b'policy\n').splitlines()]

    with Daemon(world) as daemon:
        equal(names(), ['default'])
        world.write('e2aed.conf', CONF.replace('sip:10.1.0.2', 'sip:10.1.0.3').replace('"lte"', '"lt"') + POLICY)
        daemon.send('SIGHUP')
        equal(daemon.told().startswith('RELOADING=1\nMONOTONIC_USEC='), True, 'what is told')
        equal(daemon.told(), 'READY=1')
        equal(names(), ['vip', 'rest', 'default'])
        said = daemon.said()
        equal([line.split()[1] for line in said.splitlines() if 'config.ignored' in line],
              ['option=next-hop', 'option=access'])
        equal('fake.changed' in said, True, 'the edge is told')
        for text in (CONF + 'x = 1\n', 'lab-unprotected-signalling = true\n' + CONF):
            world.write('e2aed.conf', text)
            daemon.send('SIGHUP')
            daemon.told()
            daemon.told()
            equal(names(), ['vip', 'rest', 'default'], daemon.said())
        equal(daemon.said().count('<3>reload.refused '), 2, daemon.said())


@test('the control socket answers what it knows, bounds its clients, and waits for nobody')
def control(world):
    with Daemon(world, FAKE_LINES='3') as daemon:
        lines = [json.loads(line) for line in ask(world, b'status\r\n').splitlines()]
        equal((lines[0]['version'], lines[0]['calls'], lines[1]['bindings']), ('0.0-test', 1, 2))
        equal(len(ask(world, b'registrations\n').splitlines()), 3, 'registrations')
        equal(list(json.loads(ask(world, b'secrets\n'))), ['error'])
        equal(ask_closed(world, 200 * b'x'), True, 'no answer to what is no line')
        idle = [socket.socket(socket.AF_UNIX) for _ in range(12)]
        for client in idle:
            client.connect(world.path('control'))
        time.sleep(0.2)
        equal(ask_closed(world), True, 'a client too many is sent away')
        for client in idle:
            client.close()
        time.sleep(0.2)
        equal(ask(world, b'calls\n'), b'')
        second = world.run(world.daemon, '-c', daemon.conf)
        equal((second.returncode, 'another e2aed' in second.stderr), (1, True), second.stderr)
        equal(ask(world, b'calls\n'), b'', 'the first still answers')
        daemon.process.kill()
        daemon.process.wait()
    with Daemon(world) as daemon:
        equal(len(ask(world, b'policy\n').splitlines()), 1, 'after one that was killed')


@test('the control socket answers from the moment that it is there, also where a dead agent left one')
def control_at_once(world):
    path = world.path('control')
    for before in (None, socket.socket(socket.AF_UNIX)):
        was = None
        if os.path.exists(path):        # of a daemon of another test
            os.unlink(path)
        if before:
            before.bind(path)
            before.close()
            was = os.stat(path).st_ino
        with Daemon(world, ready=False, FAKE_LISTEN='400') as daemon:
            end = time.monotonic() + 20
            while not os.path.exists(path) or os.stat(path).st_ino == was:
                equal((daemon.process.poll(), time.monotonic() > end), (None, False), daemon.said())
            equal(len(ask(world, b'policy\n').splitlines()), 1)
            equal([name for name in os.listdir(world.dir.name) if name.startswith('control.')], [], 'beside it')
            daemon.send('SIGINT')
            equal(daemon.status(), 0, daemon.said())
        equal(os.path.exists(path), False, 'the control socket is there')


def ask_closed(world, line=b'policy\n'):
    """Whether the agent closes without an answer."""
    try:
        return ask(world, line) == b''
    except (BrokenPipeError, ConnectionResetError):
        return True


@test('e2aectl agent shows what the agent says, aligned and without terminal codes, or as it is with -j')
def ctl(world):
    done = world.ctl('agent', 'calls', at='nobody')
    equal((done.returncode, done.stdout, done.stderr),
          (1, '', f'e2aectl: no e2aed runs here: nobody answers at {world.path("nobody")}\n'))
    with Daemon(world, FAKE_LINES='3'):
        equal(world.ctl('agent', 'registrations').stdout.splitlines(), [
            'impi             access  contacts  evil', 'user0@home1.net  lte     a,b       -',
            'user1@home1.net  lte     a,b       ?[2J?"x', 'user2@home1.net  lte     a,b       -'])
        equal([list(json.loads(line)) for line in world.ctl('-j', 'agent', 'registrations').stdout.splitlines()][0],
              ['impi', 'access', 'contacts'])
        status = dict(line.split(None, 1) for line in world.ctl('agent', 'status').stdout.splitlines())
        equal((status['version'], status['calls'], status['bindings']), ('0.0-test', '1', '2'))
        equal(world.ctl('agent', 'calls').stdout, '', 'calls')
        equal(world.ctl('agent', 'policy').stdout.splitlines(), ['policy   originating', 'default  allow'])
        equal(world.ctl('agent', 'calls', 'x').returncode, 2, 'status with a word too many')


@test('e2aectl agent refuses whatever is no answer of an agent')
def stand_in(world):
    for words in (b'', b'hello\n', b'{"a":1\n', b'{"a":"\\x"}\n', b'{"a":"b\n', b'{"a":[1,{"b":"c]"}\n', b'{:1}\n',
                  b'{"a":1}x\n', b'[]\n', b'{"error":"no\\u001b"}\n', b'{"a":}\n', b'{"a":1,}\n', b'\x00\n'):
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(world.path('stand-in'))
            server.listen(1)
            pid = os.fork()
            if not pid:
                peer = server.accept()[0]
                peer.recv(100)
                peer.sendall(words)
                os._exit(0)
            done = world.ctl('agent', 'status', at='stand-in')
            os.waitpid(pid, 0)
        os.unlink(world.path('stand-in'))
        equal((done.returncode, done.stderr.count('\n'), done.stderr[:9]), (1, 1, 'e2aectl: '), f'{words} {done}')
        equal('\x1b' in done.stderr + done.stdout, False, 'terminal codes')
