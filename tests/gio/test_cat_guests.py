#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# test_cat_guests.py: programs that never heard of us run over srudp-cat

import os
import pathlib
import shlex
import shutil
import subprocess
import unittest

import cat_support


def program_in(place):
    """srudp-cat by a path that may stand in a command line without quotes."""
    path = pathlib.Path(place) / 'srudp-cat'
    if not path.exists():
        path.symlink_to(cat_support.PROGRAM)
    return path


class Git(cat_support.CatTest):
    def setUp(self):
        if shutil.which('git') is None:
            self.skipTest('git is not installed')
        self.place = pathlib.Path(self.folder())
        self.origin = self.place / 'origin.git'
        self.environment = dict(
            cat_support.ENVIRONMENT, HOME=str(self.place), GIT_CONFIG_NOSYSTEM='1',
            GIT_AUTHOR_NAME='A', GIT_AUTHOR_EMAIL='a@example.org',
            GIT_COMMITTER_NAME='A', GIT_COMMITTER_EMAIL='a@example.org')
        self.git('init', '--quiet', '--bare', self.origin)

    def git(self, *arguments):
        run = subprocess.run(
            ['git', '-c', 'protocol.ext.allow=always', '-c', 'safe.directory=*', *arguments],
            cwd=self.place, env=self.environment, timeout=cat_support.PATIENCE_S,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.assertEqual(run.returncode, 0, run.stdout)
        return run.stdout.strip()

    def transport(self, service):
        """Where the repository is, for one kind of access."""
        command = f'git -c safe.directory="*" {service} {shlex.quote(str(self.origin))}'
        there = self.listen('--keep', '--exec', command)
        return f'ext::{program_in(self.place)} {self.way_to(there)}'

    @cat_support.on_each_network
    def test_a_push_and_a_clone(self):
        self.git('init', '--quiet', 'mine')
        (self.place / 'mine' / 'big').write_bytes(os.urandom(2000000))
        self.git('-C', 'mine', 'add', 'big')
        self.git('-C', 'mine', 'commit', '--quiet', '--message', 'something big')
        self.git('-C', 'mine', 'push', '--quiet', self.transport('receive-pack'),
                 'HEAD:refs/heads/main')
        self.git('clone', '--quiet', '--branch', 'main', self.transport('upload-pack'), 'yours')
        self.assertEqual(self.git('-C', 'yours', 'rev-parse', 'HEAD'),
                         self.git('-C', 'mine', 'rev-parse', 'HEAD'))
        self.git('-C', 'yours', 'fsck', '--strict')


class Rsync(cat_support.CatTest):
    FILES = 1000

    def setUp(self):
        if shutil.which('rsync') is None:
            self.skipTest('rsync is not installed')
        self.place = pathlib.Path(self.folder())
        self.source = self.place / 'source'
        for number in range(self.FILES):
            path = self.source / str(number % 10) / str(number)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(os.urandom(number))

    def shell(self):
        """What rsync takes for a remote shell; a daemon runs at its other end."""
        (self.place / 'there').mkdir()
        config = self.place / 'rsyncd.conf'
        config.write_text(f'use chroot = no\n[there]\npath = {self.place}/there\n'
                          f'read only = no\nuid = {os.getuid()}\ngid = {os.getgid()}\n'
                          f'log file = {self.place}/log\n')
        there = self.listen('--keep', '--exec', f'rsync --server --daemon --config={config} .')
        script = self.place / 'shell'
        script.write_text(f'#!/bin/sh\nexec {program_in(self.place)} {self.way_to(there)}\n')
        script.chmod(0o755)
        return script

    def contents(self, folder):
        return {path.relative_to(folder): path.read_bytes()
                for path in folder.rglob('*') if path.is_file()}

    @cat_support.on_each_network
    def test_a_thousand_files(self):
        run = subprocess.run(
            ['rsync', '--archive', '-e', self.shell(), f'{self.source}/', 'peer::there/'],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            timeout=cat_support.PATIENCE_S)
        self.assertEqual(run.returncode, 0, run.stdout)
        arrived = self.contents(self.place / 'there')
        self.assertEqual(len(arrived), self.FILES)
        self.assertTrue(arrived == self.contents(self.source))


if __name__ == '__main__':
    cat_support.main()
