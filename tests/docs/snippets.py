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
import struct
import subprocess
import sys
import tempfile
import threading
import time

import gi

gi.require_version('Srudp', '1.0')
from gi.repository import Srudp

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))

from ports import free_ports  # noqa: E402

SNIPPET = re.compile(r'(?:<!-- runs against: (\w+) -->\n)?```(python|js|vala|c)\n(.*?)^```$',
                     re.DOTALL | re.MULTILINE)
WAIT_SECONDS = 60
FILM = os.urandom(300_000)


# --- Peers -------------------------------------------------------------------

class Program:
    """The one that runs a snippet: where it is, what it has said, what it hears."""

    def __init__(self, folder):
        self.folder = folder
        self.said = folder / 'said'
        self.process = None

    def read_line(self):
        deadline = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < deadline:
            line, end, _ = self.said.read_text(encoding='utf-8').partition('\n')
            if end:
                return line
            time.sleep(0.05)
        raise AssertionError('it says nothing')


def echo(endpoint, address, program):
    """Opens at the same time, and sends back what it gets."""
    with endpoint.connect_to_host(address, 0, None) as connection:
        while data := connection.recv(65536):
            connection.sendall(data)


def datagrams(endpoint, address, program):
    """Sends back one datagram."""
    with endpoint.connect_to_host(address, 0, None) as connection:
        connection.send_datagram(connection.receive_datagram(None))
        connection.recv(1)


def caller(endpoint, address, program):
    """Calls somebody who accepts, and listens."""
    with endpoint.connect_to_host(address, 0, None) as connection:
        if connection.makefile('rb').read() == b'':
            raise AssertionError('heard nothing')


def nobody(endpoint, address, program):
    """The program is both sides."""


def guest(endpoint, address, program):
    """Follows the invitation that the program prints."""
    with endpoint.connect_to(Srudp.Invitation.parse(program.read_line()), None) as connection:
        if connection.makefile('rb').read() != b'welcome\n':
            raise AssertionError('not welcome')


def host(endpoint, address, program):
    """Invites the program."""
    program.process.stdin.write(endpoint.create_invitation(None).to_string() + '\n')
    program.process.stdin.close()
    with endpoint.accept(None) as connection:
        connection.sendall(b'welcome\n')


def taker(endpoint, address, program):
    """Receives the file that is sent."""
    with endpoint.connect_to_host(address, 0, None) as connection:
        if connection.makefile('rb').read() != FILM:
            raise AssertionError('another film')


def giver(endpoint, address, program):
    """Sends a file."""
    with endpoint.connect_to_host(address, 0, None) as connection:
        connection.sendall(FILM)
    program.process.wait(WAIT_SECONDS)
    if (program.folder / 'received.mkv').read_bytes() != FILM:
        raise AssertionError('another film')


def leaver(endpoint, address, program):
    """Hears one word and leaves."""
    with endpoint.connect_to_host(address, 0, None) as connection:
        if not connection.recv(100).startswith(b'hello '):
            raise AssertionError('no hello')


def giver_of_words(endpoint, address, program):
    """Says something, and hears what there is to hear."""
    with endpoint.connect_to_host(address, 0, None) as connection:
        connection.sendall(b'hello\n')
        connection.get_output_stream().close(None)
        connection.makefile('rb').read()


def friend(endpoint, address, program):
    """Knows the same words."""
    endpoint.set_passphrase('quiet wolves sing at noon')
    echo(endpoint, address, program)


PEERS = {peer.__name__: peer
         for peer in (caller, datagrams, echo, friend, giver, giver_of_words, guest, host, leaver,
                      nobody, taker)}


# --- A STUN server -----------------------------------------------------------

def answer_stun(server):
    """RFC 8489: where the question came from, XORed with the magic cookie."""
    while True:
        question, (ip, port) = server.recvfrom(2048)
        cookie, transaction = question[4:8], question[8:20]
        xor = int.from_bytes(cookie, 'big')
        address = int.from_bytes(socket.inet_aton(ip), 'big') ^ xor
        attribute = struct.pack('!HHBBHI', 0x0020, 8, 0, 1, port ^ (xor >> 16), address)
        server.sendto(struct.pack('!HH', 0x0101, len(attribute)) + cookie + transaction
                      + attribute, (ip, port))


def start_stun_server():
    """Returns its port."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(('127.0.0.1', 0))
    threading.Thread(target=answer_stun, args=[server], daemon=True).start()
    return server.getsockname()[1]


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


def run(language, code, peer, build, root):
    """Complaints about one snippet."""
    own_port, = free_ports(1)
    endpoint = Srudp.Endpoint.new_for_port(0)
    peer_port = endpoint.get_local_address().get_port()
    code = code.replace('"203.0.113.7", 12345', f'"127.0.0.1", {peer_port}')
    code = code.replace('12345', str(own_port))
    code = re.sub(r'stun\.example\.\w+', lambda _: f'127.0.0.1:{start_stun_server()}', code)
    code = code.replace('sleep(3)', 'sleep(0.1)')
    failed = []

    def be_peer():
        try:
            PEERS[peer](endpoint, f'127.0.0.1:{own_port}', program)
        except Exception as error:
            failed.append(f'its peer: {error!r}')

    with tempfile.TemporaryDirectory() as folder:
        program = Program(pathlib.Path(folder))
        (program.folder / 'film.mkv').write_bytes(FILM)
        source = program.folder / f'snippet.{language.replace("python", "py")}'
        source.write_text(code)
        command = command_for(language, source, build, root)
        with open(program.said, 'wb') as said, \
                subprocess.Popen(command, cwd=folder, text=True, stdin=subprocess.PIPE,
                                 stdout=said, stderr=subprocess.STDOUT,
                                 env=dict(os.environ, PYTHONUNBUFFERED='1')) as program.process:
            thread = threading.Thread(target=be_peer, daemon=True)
            thread.start()
            try:
                program.process.wait(WAIT_SECONDS)
            except subprocess.TimeoutExpired:
                program.process.kill()
        thread.join(WAIT_SECONDS)
        if program.process.returncode != 0:
            failed.append(f'ended with {program.process.returncode}:\n{program.said.read_text()}')
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
