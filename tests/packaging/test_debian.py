# SPDX-License-Identifier: MIT
#
# test_debian.py: Debian's packages build, lintian likes them, and they work
# once they are installed
#
# usage: test_debian.py USE-PACKAGES SOURCE-FOLDER
#
# They are installed into a copy of this system that is thrown away: an overlay
# in a mount namespace. The system itself is not touched.

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77
TOOLS = ['dpkg-buildpackage', 'dpkg-checkbuilddeps', 'dh', 'lintian', 'unshare']
# A user's, not the developer's.
CLEAN = {'PATH': '/usr/sbin:/usr/bin:/sbin:/bin', 'HOME': '/root', 'LC_ALL': 'C.UTF-8'}
PACKAGES = {'gir1.2-srudp-1.0', 'libsrudp-glib-1.0-0', 'libsrudp-glib-common', 'libsrudp-glib-dev',
            'libsrudp-glib-doc', 'python3-srudp', 'srudp-cat', 'srudp-chat'}


def run(*command, **options):
    result = subprocess.run(command, text=True, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, **options)
    if result.returncode != 0:
        sys.exit(f'{command}: {result.returncode}\n{result.stdout[-20000:]}')
    return result.stdout


def works(*command, **options):
    return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          check=False, **options).returncode == 0


def reason_to_skip(source):
    lacking = [tool for tool in TOOLS if shutil.which(tool, path=CLEAN['PATH']) is None]
    if lacking:
        return f'there is no {", ".join(lacking)}'
    if not pathlib.Path(source, '.git').exists():
        return 'no repository to clone'
    checked = subprocess.run(['dpkg-checkbuilddeps'], cwd=source, text=True, env=CLEAN,
                             stderr=subprocess.PIPE, check=False)
    if checked.returncode != 0:
        return checked.stderr.strip()
    if os.geteuid() != 0:
        return 'only root installs packages'
    if not works('unshare', '--mount', '--net', 'mount', '-t', 'tmpfs', 'none', '/mnt'):
        return 'no namespaces are to be had here'
    return None


def build(source, folder):
    """The packages by name, without those of debug symbols."""
    tree = f'{folder}/srudp-glib'
    run('git', '-c', 'safe.directory=*', 'clone', '--quiet', '--no-local', source, tree)
    # The tests are run elsewhere.
    run('dpkg-buildpackage', '--build=binary', '--unsigned-changes', '--unsigned-source', cwd=tree,
        env=dict(CLEAN, DEB_BUILD_OPTIONS='nocheck parallel=2'))
    found = {file.name.split('_')[0]: str(file) for file in pathlib.Path(folder).glob('*.deb')
             if '-dbgsym_' not in file.name}
    assert set(found) == PACKAGES, found
    return found


def main(use_packages, source):
    reason = reason_to_skip(source)
    if reason is not None:
        print(f'skipped: {reason}')
        return SKIPPED
    with tempfile.TemporaryDirectory() as folder:
        packages = build(source, folder)
        changes, = pathlib.Path(folder).glob('*.changes')
        said = run('lintian', '--allow-root', '--display-info', '--fail-on',
                   'error,warning,info', str(changes), env=dict(CLEAN, TMPDIR=folder))
        assert said == '', said
        used = run('unshare', '--mount', '--net', '--fork', 'bash', '-eu', use_packages, folder,
                   f'{source}/tests/introspection/external', *packages.values(), env=CLEAN)
        assert used.endswith('all is well\n'), used
        print(used)
    return 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
