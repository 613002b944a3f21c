# SPDX-License-Identifier: MIT
#
# test_subproject.py: an application can have the library as a Meson subproject
#
# usage: test_subproject.py MESON SOURCE-FOLDER

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

APP = pathlib.Path(__file__).parent / 'external'


def run(*command):
    result = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if result.returncode != 0:
        sys.exit(f'{command}: {result.returncode}\n{result.stdout}')
    return result.stdout


def main(meson, source):
    with tempfile.TemporaryDirectory() as folder:
        app = pathlib.Path(shutil.copytree(APP, f'{folder}/app'))
        (app / 'subprojects').mkdir()
        os.symlink(source, app / 'subprojects' / 'srudp-glib')
        build = app / 'build'
        # Not an installed one, should there be any.
        run(meson, 'setup', build, app, '--wrap-mode=nodownload',
            '--force-fallback-for=srudp-glib-1.0,srudp-glib')
        run(meson, 'compile', '-C', build, '-j', '2', 'app')
        said = run(build / 'app')
        assert said == 'said\n', said
        used = run('ldd', build / 'app')
        assert f'{build}/subprojects/srudp-glib' in used, used


if __name__ == '__main__':
    main(*sys.argv[1:])
