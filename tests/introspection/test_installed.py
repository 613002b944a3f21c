# SPDX-License-Identifier: MIT
#
# test_installed.py: what is installed works in C, Vala, Python and JavaScript,
# and can be taken away again
#
# usage: test_installed.py MESON BUILD-FOLDER PREFIX C-COMPILER…

import glob
import os
import pathlib
import subprocess
import sys
import tempfile

EXTERNAL = pathlib.Path(__file__).parent.resolve() / 'external'
PROGRAM = '''
#include <srudp-glib/srudp-glib.h>

int
main (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SrudpEndpoint) endpoint = srudp_endpoint_new_for_port (0, &error);

  g_assert_no_error (error);
  return srudp_endpoint_get_peer_id (endpoint) != NULL
         && SRUDP_CHECK_VERSION (0, 1, 0) ? 0 : 1;
}
'''
PYTHON = '''
import gi
gi.require_version('Srudp', '1.0')
from gi.repository import Srudp
with Srudp.Endpoint.new_for_port(0) as endpoint:
    assert Srudp.PeerId.new_from_string(str(endpoint.get_peer_id())) == endpoint.get_peer_id()
assert Srudp.open_connection
'''
JAVASCRIPT = '''
const {Srudp} = imports.gi;
const endpoint = Srudp.Endpoint.new_for_port(0);
if (`${endpoint.peer_id}` !== endpoint.get_peer_id().to_string())
    throw new Error('no override');
'''


def only(prefix, pattern):
    found = glob.glob(str(prefix / pattern), recursive=True)
    assert len(found) == 1, (pattern, found)
    return pathlib.Path(found[0])


def move(pkgconfig, old, new):
    """As if it had been configured with the prefix it landed in."""
    text = pkgconfig.read_text()
    assert f'prefix={old}\n' in text, text
    pkgconfig.write_text(text.replace(f'prefix={old}\n', f'prefix={new}\n'))


def run(*command, **options):
    return subprocess.run(command, check=True, text=True, timeout=240, **options)


def main(meson, build, prefix, *compiler):
    with tempfile.TemporaryDirectory() as folder:
        run(meson, 'install', '-C', build, '--no-rebuild', '--quiet', '--destdir', folder)
        root = pathlib.Path(folder) / prefix.lstrip('/')
        library = only(root, 'lib/**/libsrudp-glib-1.0.so.0').parent
        pkgconfig = only(root, '**/srudp-glib-1.0.pc')
        move(pkgconfig, prefix, root)
        only(root, '**/gi/repository/Srudp.pyi')
        only(root, '**/vapi/srudp-glib-1.0.deps')
        only(root, '**/vapi/srudp-glib-1.0.vapi')
        only(root, '**/gir-1.0/Srudp-1.0.gir')

        # Nothing of the build folder may be needed.
        env = {
            'PATH': os.environ['PATH'],
            'PYTHONDONTWRITEBYTECODE': '1',
            'LD_LIBRARY_PATH': str(library),
            'GI_TYPELIB_PATH': str(only(root, '**/Srudp-1.0.typelib').parent),
            'PYTHONPATH': str(only(root, '**/gi/overrides/Srudp.py').parents[2]),
            'PKG_CONFIG_PATH': str(pkgconfig.parent),
            'XDG_DATA_DIRS': f'{root}/share:/usr/share',
        }
        flags = run('pkg-config', '--cflags', '--libs', 'srudp-glib-1.0', env=env,
                    stdout=subprocess.PIPE).stdout.split()
        source = pathlib.Path(folder) / 'program.c'
        source.write_text(PROGRAM)
        program = str(source.with_suffix(''))
        run(*compiler, '-Wall', '-Werror', str(source), '-o', program, *flags, env=env)
        run(program, env=env)
        run(*compiler, '-Wall', '-Werror', str(EXTERNAL / 'app.c'), '-o', program, *flags, env=env)
        run(program, env=env)
        run('valac', '--pkg', 'srudp-glib-1.0', f'--vapidir={root}/share/vala/vapi',
            '-o', program, str(EXTERNAL / 'app.vala'),
            *(part for flag in ['-w', *flags] for part in ('-X', flag)), env=env, cwd=folder)
        run(program, env=env)
        run(sys.executable, '-c', PYTHON, env=env, cwd=folder)
        run('gjs', '-c', JAVASCRIPT, env=env, cwd=folder)

        run('ninja', '-C', build, 'uninstall', stdout=subprocess.DEVNULL)
        left = [str(path) for path in root.rglob('*')]
        assert not left, left


if __name__ == '__main__':
    main(*sys.argv[1:])
