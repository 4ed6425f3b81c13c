# SPDX-License-Identifier: GPL-2.0
"""What `make install` of the tools leaves, as a program that uses libe2ae finds it."""
import os
import re
import subprocess

from lib.ktap import equal, test
from lib.spec import TOP
from tool import CTL

BUILD = os.path.dirname(CTL)


def run(*words, **options):
    """Runs a command that must succeed; returns its output."""
    done = subprocess.run(words, capture_output=True, text=True, check=False, **options)
    equal(done.returncode, 0, f'status of {" ".join(words)}: {done.stdout}{done.stderr}')
    return done.stdout


@test('what is installed is complete, and the example of libe2ae(3) compiles and runs with it')
def install(world):
    root = world.path('root')
    run('make', '-s', '-C', os.path.join(TOP, 'agent'), f'O={BUILD}', 'install', f'DESTDIR={root}', 'PREFIX=/usr')
    for name in ('bin/e2aectl', 'lib/libe2ae.so.0', 'lib/libe2ae.so', 'lib/libe2ae.a', 'lib/pkgconfig/e2ae.pc',
                 'include/libe2ae.h', 'include/linux/e2ae.h', 'share/man/man8/e2aectl.8', 'share/man/man7/e2ae.7',
                 'share/man/man3/libe2ae.3', 'share/bash-completion/completions/e2aectl'):
        if not os.path.exists(os.path.join(root, 'usr', name)):
            raise AssertionError(f'{name} is missing')
    with open(os.path.join(TOP, 'docs/man/libe2ae.3'), encoding='utf-8') as f:
        example = re.search(r'^\.Bd -literal\n(#include.*?)^\.Ed', f.read(), re.M | re.S).group(1).replace('\\e', '\\')
    program = world.path('example')
    with open(program + '.c', 'w', encoding='ascii') as f:
        f.write(example + '\nint main(void)\n{\n\tuint8_t octets[16] = { 1 };\n\n'
                          '\treturn sa_make(octets, octets) == -ENOENT ? 7 : 0;\n}\n')
    env = {**os.environ, 'PKG_CONFIG_PATH': f'{root}/usr/lib/pkgconfig', 'PKG_CONFIG_SYSROOT_DIR': root}
    flags = run('pkg-config', '--cflags', '--libs', 'e2ae', env=env).split()
    run('gcc', '-Wall', '-Werror', '-include', 'errno.h', '-o', program, program + '.c', f'-I{root}/usr/include',
        f'-L{root}/usr/lib', *flags)
    done = subprocess.run([program], env={**env, 'LD_LIBRARY_PATH': f'{root}/usr/lib'}, capture_output=True, text=True,
                          check=False)
    equal((done.returncode, done.stderr), (7, 'the e2ae module is not loaded\n'), 'the example without a module')
