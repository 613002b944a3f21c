#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# strangers.py: somebody sends Bob files under names that would do harm, or not
# what was promised; what he accepts lands in his folder, tamed, and nowhere else
#
# usage: strangers.py BUILD-FOLDER PICTURE-FOLDER

import contextlib
import subprocess
import unicodedata

import company
import person
import tour
from person import wait_for

MAX_NAME_BYTES = 255
# What is sent, and under which name it is to be found.
NAMES = [
    ('../../x', 'x'),
    ('/etc/passwd', 'passwd'),
    ('..', 'file'),
    ('', 'file (2)'),
    ('C:\\Windows\\calc.exe', 'calc.exe'),
    ('.bashrc', 'bashrc'),
    ('one\ntwo\t\x1b[31mthree\x07\x7f.txt', 'one two [31mthree.txt'),
    ('\u202egnp.exe\u2066', 'gnp.exe'),
    ('a|b?c*d<e>f"g:h', 'abcdefgh'),
    ('n' * 296 + '.txt', 'n' * 176 + '.txt'),
    ('ü' * 400, 'ü' * 90),
    ('trap.txt', 'trap (2).txt'),
    ('x', 'x (2)'),
]


@contextlib.contextmanager
def stranger(build, bob, *arguments):
    bob.press('ctrl+n')
    process = subprocess.Popen([build / 'tests' / 'demo' / 'stranger',
                                f'127.0.0.1:{bob.port}', *arguments],
                               stdout=subprocess.PIPE, text=True)
    try:
        bob.find('label', 'Mallory wants to chat')
        bob.click('push button', 'Accept')
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def everything(home, log):
    """All files below, but for what Bob's own program keeps."""
    return {path.relative_to(home).as_posix(): path.read_bytes()
            for path in home.rglob('*') if path.is_file() and path != log}


def is_tame(name):
    return (len(name.encode()) <= MAX_NAME_BYTES and not name.startswith('.')
            and not any(unicodedata.category(c) in ('Cc', 'Cf') or c in '/\\' for c in name))


def accept(bob, process, what_becomes, words):
    """One after the other; each is read at the other side and here."""
    bob.click('push button', 'Accept File')
    line = process.stdout.readline()
    assert line == f'{what_becomes}\n', (line, what_becomes)
    wait_for(f'the words “{words}” of {bob.name}', lambda: [
        name for name in bob.names('list item') if name.endswith(words)])


def be_sent_names(build, bob, downloads, home, pictures):
    before = everything(home, bob.log)
    names = [sent for sent, _ in NAMES]
    with stranger(build, bob, *names) as process:
        for number in range(len(NAMES)):
            accept(bob, process, f'{number} kept', '. Received')
        shown = [name for name in bob.names('list item') if ', file ' in name]
        assert len(shown) == len(NAMES), shown
        for name in shown:
            assert is_tame(name.split(', file ', 1)[1]), name
        bob.shoot(pictures / 'chat-strange-files.png')
        tour.audit(bob)
        assert process.wait(person.PATIENCE_S) == 0

    # Under its own name, as it was sent; and nothing else has changed.
    after = everything(home, bob.log)
    for number, (sent, kept) in enumerate(NAMES):
        path = (downloads / kept).relative_to(home).as_posix()
        assert after.pop(path, None) == f'This is {number}.'.encode(), (sent, kept)
        assert is_tame(kept), kept
    changed = [path for path in after.keys() | before.keys()
               if 'Bob/srudp-chat' not in path and 'Bob/glib-2.0' not in path
               and after.get(path) != before.get(path)]
    assert not changed, changed


def be_sent_damage(build, bob, downloads):
    """What is not what was promised is not kept."""
    before = sorted(downloads.iterdir())
    with stranger(build, bob, '--damaged', 'promised.txt') as process:
        # Reason 2: it arrived damaged.
        accept(bob, process, '0 refused: 2', '. The file arrived damaged.')
    assert sorted(downloads.iterdir()) == before, sorted(downloads.iterdir())


def be_visited(everybody):
    home, bob = everybody.home, everybody.add('Bob')
    downloads = home / 'Bob' / 'downloads'
    # Whoever writes through this one writes elsewhere.
    (home / 'secret').write_text('of nobody’s business')
    (downloads / 'trap.txt').symlink_to(home / 'secret')
    be_sent_names(everybody.build, bob, downloads, home, everybody.pictures)
    be_sent_damage(everybody.build, bob, downloads)


if __name__ == '__main__':
    company.main(be_visited, f'{len(NAMES)} names did no harm')
