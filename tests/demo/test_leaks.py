#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# test_leaks.py: leaks.py knows whose a leak is

import unittest

import leaks

BEGINNING = f'a line\n==1==ERROR: A\n==1=={leaks.TITLE}\n\n'
LIBRARY = '''Direct leak of 8 byte(s) in 1 object(s) allocated from:
    #0 0x1 in __interceptor_malloc ../../src/asan_malloc_linux.cpp:69
    #1 0x2  (/lib/libgtk-4.so.1+0x45c6cb)
    #2 0x3 in main ../demo-gtk/main.c:27
    #3 0x4 in _start (/home/srudp-glib/_build-asan/demo-gtk/srudp-chat+0x8a8e0)

'''
OURS = '''Indirect leak of 80 byte(s) in 1 object(s) allocated from:
    #0 0x1 in __interceptor_malloc ../../src/asan_malloc_linux.cpp:69
    #1 0x2 in {function} {file}:105
    #2 0x3 in main ../demo-gtk/main.c:27

'''
END = 'SUMMARY: AddressSanitizer: 88 byte(s) leaked in 2 allocation(s).\n'


class Leaks(unittest.TestCase):
    def test_nothing_to_read(self):
        self.assertEqual(leaks.read('all is well\n'), ('all is well\n', [], 0))

    def test_only_libraries(self):
        before, ours, n_others = leaks.read(BEGINNING + 2 * LIBRARY + END)
        self.assertEqual(before.splitlines()[:2], ['a line', '==1==ERROR: A'])
        self.assertNotIn(leaks.TITLE, before)
        self.assertEqual((ours, n_others), ([], 2))

    def test_ours_among_them(self):
        for function, file in (('srudp_chat_message_init', '../demo-gtk/srudp-chat-message.c'),
                               ('srudp_engine_new', '../srudp-glib/protocol/srudp-engine.c'),
                               ('mainly', '/home/srudp/demo-gtk/main.c')):
            leak = OURS.format(function=function, file=file)
            for log in (LIBRARY + leak, leak + LIBRARY):
                _, ours, n_others = leaks.read(BEGINNING + log)
                self.assertEqual((ours, n_others), ([leak], 1), file)


if __name__ == '__main__':
    unittest.main()
