#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# test_cat_usage.py: the command line of srudp-cat, its keys, its exit status,
# its manual page and what bash completes

import os
import pathlib
import re
import shutil
import stat
import subprocess
import time
import unittest
from subprocess import PIPE

import cat_support

MANUAL = os.environ['SRUDP_CAT_MANUAL']
COMPLETION = os.environ['SRUDP_CAT_COMPLETION']
LONG_OPTION = re.compile(r'--[a-z]+(?:-[a-z]+)*')


class Keys(cat_support.CatTest):
    def make_key(self):
        path = os.path.join(self.folder(), 'key')
        return path, self.print_key(path)

    def print_key(self, path):
        output, status = self.start('--identity', path, '--print-key').talk()
        self.assertEqual(status, 0)
        return output.decode().strip()

    def test_a_key_is_made_once_and_kept(self):
        path, key = self.make_key()
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        self.assertEqual(self.print_key(path), key)
        self.assertEqual(self.listen('--identity', path).key, key)

    def test_the_right_peers_meet(self):
        our_path, our_key = self.make_key()
        their_path, their_key = self.make_key()
        _, other_key = self.make_key()
        there = self.listen('--identity', their_path, '--peer', other_key, '--peer', our_key)
        here = self.start('--identity', our_path, '--peer', their_key, there.address, stdin=PIPE)
        self.assertEqual(here.talk(b'it is me'), (b'', 0))
        self.assertEqual(there.talk(), (b'it is me', 0))

    def test_another_key_answers(self):
        _, key = self.make_key()
        there = self.listen()
        here = self.start('--peer', key, '--timeout', '1', there.address, stdin=PIPE)
        self.assertEqual(here.talk(b'secret'), (b'', 4))
        there.interrupt()
        self.assertEqual(there.talk(), (b'', 130))

    def test_our_key_is_not_allowed(self):
        _, key = self.make_key()
        there = self.listen('--peer', key, stdin=PIPE)
        self.assertEqual(self.start(there.address).talk(), (b'', 5))
        there.interrupt()
        self.assertEqual(there.talk(), (b'', 130))

    def test_a_damaged_key_is_left_alone(self):
        path = os.path.join(self.folder(), 'key')
        pathlib.Path(path).write_text('something else')
        self.assertEqual(self.listen('--identity', path).status(), 1)
        self.assertEqual(pathlib.Path(path).read_text(), 'something else')


class Passphrases(cat_support.CatTest):
    def file_with(self, text):
        path = os.path.join(self.folder(), 'passphrase')
        pathlib.Path(path).write_bytes(text)
        return '--passphrase-file', path

    def test_the_same_line_lets_in(self):
        there = self.listen(*self.file_with(b'three little words\n'))
        here = self.start(*self.file_with(b'three little words\r\nand more'), there.address,
                          stdin=PIPE)
        self.assertEqual(here.talk(b'hello'), (b'', 0))
        self.assertEqual(there.talk(), (b'hello', 0))

    def test_another_line_or_none_does_not(self):
        there = self.listen(*self.file_with(b'three little words'))
        for options in self.file_with(b'Three little words'), ():
            with self.subTest(options=options):
                here = self.start(*options, there.address, stdin=PIPE)
                self.assertEqual(here.talk(b'secret'), (b'', 4))
        there.interrupt()
        self.assertEqual(there.talk(), (b'', 130))

    def test_a_file_without_a_line_is_refused(self):
        for text in b'', b'\nlater', b'\xff\xfe', b'zero\0':
            with self.subTest(text=text):
                cat = self.listen(*self.file_with(text))
                self.assertEqual(cat.talk(), (b'', 1))
        cat = self.listen('--passphrase-file', '/nowhere')
        self.assertEqual(cat.talk(), (b'', 1))


class Failures(cat_support.CatTest):
    def test_nobody_is_there_in_time(self):
        for arguments in (['127.0.0.1:9'], ['--listen', '127.0.0.1:0']):
            with self.subTest(arguments):
                began = time.monotonic()
                cat = self.start('--timeout', '0.5', *arguments)
                self.assertEqual(cat.status(), 3)
                self.assertLess(time.monotonic() - began, 0.5 + 15)
                self.assertGreater(time.monotonic() - began, 0.4)

    def test_a_host_that_does_not_exist(self):
        self.assertEqual(self.start('nowhere.invalid:1').status(), 3)

    def test_two_applications_do_not_fit(self):
        there = self.listen('--protocol', 'org.example.One')
        here = self.start('--protocol', 'org.example.Another', there.address)
        self.assertEqual(here.status(), 5)

    def test_a_gateway_does_not_fit_a_pipe(self):
        there = self.listen()
        self.assertEqual(self.start('--to', 'localhost:1', there.address).status(), 5)

    def test_a_port_is_taken(self):
        there = self.listen()
        self.assertEqual(self.start('--listen', there.address).status(), 1)

    def test_a_command_line_makes_no_sense(self):
        for line in ('', '--nonsense', '--listen', '--listen x', '--listen 65536',
                     '--listen localhost:1', '--listen 1 host:1', '--listen 1 --port 2',
                     'host', 'host:0', 'host:x', 'host:1 host:2', '--keep host:1',
                     '--keep --listen 1', '--keep --listen 1 --to host:1 --forward 1',
                     '--exec true --datagram host:1', '--to host host:1',
                     '--forward x host:1', '--peer nobody host:1', '--timeout -1 host:1',
                     '--timeout soon host:1', '--timeout nan host:1', '--print-key'):
            with self.subTest(line):
                cat = self.start(*line.split())
                self.assertEqual(cat.talk(), (b'', 2))
                self.assertIn('srudp-cat: ', cat.errors())


class Documents(cat_support.CatTest):
    def help_options(self):
        output, status = self.start('--help').talk()
        self.assertEqual(status, 0)
        lines = re.findall(r'^ .*', output.decode(), re.MULTILINE)
        return set(option for line in lines for option in LONG_OPTION.findall(line[:34]))

    def test_help_manual_and_completion_name_the_same_options(self):
        options = self.help_options()
        self.assertIn('--listen', options)
        manual = pathlib.Path(MANUAL).read_text().replace('\\-', '-')
        described = re.findall(r'^\.TP\n\.BR? (?:-\w ", " )?(--[a-z-]+)', manual, re.MULTILINE)
        self.assertEqual(sorted(described), sorted(options))
        completed = self.complete('srudp-cat', '--')
        self.assertEqual(sorted(completed), sorted(options))

    def complete(self, *words):
        script = ('source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); '
                  '_srudp_cat; printf "%s\\n" "${COMPREPLY[@]}"')
        run = subprocess.run(['bash', '-c', script, 'bash', COMPLETION, *words],
                             stdout=PIPE, text=True, check=True)
        return run.stdout.split()

    @unittest.skipUnless(shutil.which('bash'), 'bash is not installed')
    def test_bash_completes_values(self):
        folder = self.folder()
        path = os.path.join(folder, 'key')
        pathlib.Path(path).touch()
        for words, expected in ((['--dat'], ['--datagram']),
                                (['--identity', path[:-1]], [path]),
                                (['--identity', '=', path[:-1]], [path]),
                                (['--listen', ''], []),
                                (['--exec', 'mkfif'], ['mkfifo'])):
            with self.subTest(words):
                self.assertEqual(sorted(set(self.complete('srudp-cat', *words))), expected)

    @unittest.skipUnless(shutil.which('man'), 'man is not installed')
    def test_the_manual_page_has_no_mistakes(self):
        run = subprocess.run(['man', '--warnings', '--local-file', '-Tutf8', '--ditroff', MANUAL],
                             stdout=PIPE, stderr=PIPE, text=True,
                             env=dict(os.environ, LC_ALL='C.UTF-8', MANROFFSEQ='', MANWIDTH='80'))
        self.assertEqual((run.returncode, run.stderr), (0, ''))
        self.assertIn('EXIT', run.stdout)

    def test_the_version(self):
        output, status = self.start('--version').talk()
        self.assertRegex(output.decode(), r'^srudp-cat \d+\.\d+\.\d+\n$')
        self.assertEqual(status, 0)


if __name__ == '__main__':
    cat_support.main()
