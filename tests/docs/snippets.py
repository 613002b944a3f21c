# SPDX-License-Identifier: MIT
#
# snippets.py: runs the examples in the pages, each against the peer it needs
#
# usage: snippets.py BUILD-FOLDER SOURCE-FOLDER PAGE…
#
# Each is preceded by <!-- runs against: PEER -->, a function below.

import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading

import gi

gi.require_version('Srudp', '1.0')
from gi.repository import Srudp

SNIPPET = re.compile(r'(?:<!-- runs against: (\w+) -->\n)?```(python|js|vala|c)\n(.*?)^```$',
                     re.DOTALL | re.MULTILINE)
WAIT_SECONDS = 60


# --- Peers -------------------------------------------------------------------

def echo(endpoint, address):
    """Opens at the same time, and sends back what it gets."""
    with endpoint.connect_to_host(address, 0, None) as connection:
        while data := connection.recv(65536):
            connection.sendall(data)


def datagrams(endpoint, address):
    """Sends back one datagram."""
    with endpoint.connect_to_host(address, 0, None) as connection:
        connection.send_datagram(connection.receive_datagram(None))
        connection.recv(1)


def caller(endpoint, address):
    """Calls somebody who accepts, and listens."""
    with endpoint.connect_to_host(address, 0, None) as connection:
        if connection.makefile('rb').read() == b'':
            raise AssertionError('heard nothing')


def nobody(endpoint, address):
    """The program is both sides."""


PEERS = {'caller': caller, 'datagrams': datagrams, 'echo': echo, 'nobody': nobody}


# --- Programs ----------------------------------------------------------------

def compile_with(compiler, source, build, root, *more):
    program = source.with_suffix('')
    flags = subprocess.run(['pkg-config', '--cflags', '--libs', 'gio-2.0'], check=True,
                           stdout=subprocess.PIPE, text=True).stdout.split()
    flags += [f'-I{root}', f'-I{root}/srudp-glib', f'-I{build}', f'-I{build}/srudp-glib',
              f'-L{build}/srudp-glib', '-lsrudp-glib-1.0']
    if compiler == 'valac':
        flags = [part for flag in ['-w', *flags] for part in ('-X', flag)]
    subprocess.run([compiler, *more, '-o', program, source, *flags], check=True,
                   stdout=subprocess.PIPE)
    return [program]


def command_for(language, source, build, root):
    if language == 'python':
        return [sys.executable, source]
    if language == 'js':
        return ['gjs', '-m', source]
    if language == 'c':
        return compile_with('cc', source, build, root, '-Wall', '-Werror')
    return compile_with('valac', source, build, root, '--pkg', 'gio-2.0', '--pkg', 'srudp-glib-1.0',
                        f'--vapidir={build}/introspection')


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(('127.0.0.1', 0))
        return one.getsockname()[1]


def run(language, code, peer, build, root):
    """Complaints about one snippet."""
    own_port = free_port()
    endpoint = Srudp.Endpoint.new_for_port(0)
    peer_port = endpoint.get_local_address().get_port()
    code = code.replace('"203.0.113.7", 12345', f'"127.0.0.1", {peer_port}')
    code = code.replace('12345', str(own_port))
    failed = []

    def be_peer():
        try:
            PEERS[peer](endpoint, f'127.0.0.1:{own_port}')
        except Exception as error:
            failed.append(f'its peer: {error!r}')

    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder) / f'snippet.{language.replace("python", "py")}'
        source.write_text(code)
        command = command_for(language, source, build, root)
        thread = threading.Thread(target=be_peer, daemon=True)
        thread.start()
        result = subprocess.run(command, cwd=folder, timeout=WAIT_SECONDS, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        thread.join(WAIT_SECONDS)
    if result.returncode != 0:
        failed.append(f'ended with {result.returncode}:\n{result.stdout}')
    if thread.is_alive():
        failed.append('its peer did not end')
    return failed


def main(build, root, *pages):
    failures = number = 0
    for page in pages:
        text = pathlib.Path(page).read_text(encoding='utf-8')
        for match in SNIPPET.finditer(text):
            peer, language, code = match.groups()
            number += 1
            where = f'{os.path.basename(page)}:{text.count(chr(10), 0, match.start()) + 1}'
            if language == 'js' and shutil.which('gjs') is None:
                print(f'not run, as there is no gjs: {where}')
                continue
            complaints = (run(language, code, peer, build, root) if peer
                          else ['nothing says what it runs against'])
            failures += len(complaints)
            print('not ok' if complaints else 'ok', where, language, *complaints)
    return 1 if failures or not number else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
