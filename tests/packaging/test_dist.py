# SPDX-License-Identifier: MIT
#
# test_dist.py: the archive of a release builds, and its tests pass
#
# usage: test_dist.py MESON SOURCE-FOLDER BUILD-FOLDER
#
# It is made of what was committed.

import pathlib
import subprocess
import sys
import tarfile
import tempfile

SKIPPED = 77
SUITES = ['docs', 'gio', 'introspection', 'lint', 'protocol']


def run(*command, **options):
    result = subprocess.run(command, text=True, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, **options)
    if result.returncode != 0:
        sys.exit(f'{command}: {result.returncode}\n{result.stdout[-20000:]}')
    return result.stdout


def make_archive(meson, build):
    run(meson, 'dist', '-C', build, '--no-tests', '--allow-dirty', '--formats', 'xztar')
    archive, = pathlib.Path(build, 'meson-dist').glob('*.tar.xz')
    return archive


def unpack(archive, folder):
    with tarfile.open(archive) as tar:
        tar.extractall(folder)
    source, = pathlib.Path(folder).iterdir()
    return source


def main(meson, source, build):
    if not pathlib.Path(source, '.git').exists():
        print('skipped: no repository; an archive is made of what was committed')
        return SKIPPED
    with tempfile.TemporaryDirectory() as folder:
        unpacked = unpack(make_archive(meson, build), folder)
        again = unpacked / '_build'
        run(meson, 'setup', again, unpacked, '-Dauto_features=enabled')
        run(meson, 'compile', '-C', again, '-j', '2')
        suites = [word for suite in SUITES for word in ('--suite', suite)]
        print(run(meson, 'test', '-C', again, '--no-rebuild', '--num-processes', '2',
                  '--no-suite', 'slow', '--no-suite', 'programs', '-t', '4',
                  '--print-errorlogs', *suites)[-400:])
    return 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
