#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# test_rules.py: each rule accepts what is right and finds what is wrong

import pathlib
import tempfile
import unittest

import lint
import rules

HEADING = '/*\n * SPDX-License-Identifier: MIT\n *\n * srudp-x.{}: an example\n */\n'
PROJECT = {
    'srudp-glib/srudp-glib.h', 'srudp-glib/srudp-stream.h', 'srudp-glib/srudp-stream-private.h',
    'srudp-glib/protocol/srudp-engine.h', 'srudp-glib/protocol/srudp-frame.h',
    'srudp-glib/protocol/srudp-stream.h', 'demo-gtk/chat-window.h',
    'srudp-glib/tools/srudp-cat-pump.h',
}


def lines(rule, path, text, *arguments):
    return [line for line, _ in rule(path, text, *arguments)]


class Spacing(unittest.TestCase):
    def test_good_text(self):
        self.assertEqual(lines(rules.spacing, 'a.c', 'int a;\n' + 'x' * 100 + '\n'), [])

    def test_bad_text(self):
        for path, text in (('a.c', '\tint a;\n'), ('a.c', 'int a; \n'), ('a.c', 'int a;'),
                           ('a.c', 'int a;\n\n'), ('a.c', 'x' * 101 + '\n'),
                           ('meson.build', ' a\n'), ('dev', '#!/bin/sh \n')):
            with self.subTest(path=path, text=text):
                self.assertEqual(len(lines(rules.spacing, path, text)), 1)

    def test_prose_may_be_wide(self):
        self.assertEqual(lines(rules.spacing, 'a.md', 'x' * 300 + '\n'), [])


class Unfinished(unittest.TestCase):
    def test_notes_are_found(self):
        for word in ('TO' 'DO', 'FIX' 'ME', 'XX' 'X'):
            self.assertEqual(lines(rules.unfinished, 'a.c', f'a;\n/* {word}: later */\n'), [2])

    def test_names_are_not_notes(self):
        self.assertEqual(lines(rules.unfinished, 'a.c', '"/tmp/XXXXXX" "Noise_XXpsk3"\n'), [])


class Heading(unittest.TestCase):
    def test_good_files(self):
        self.assertEqual(lines(rules.heading, 'srudp-x.c', HEADING.format('c')), [])
        self.assertEqual(
            lines(rules.heading, 'srudp-x.h', HEADING.format('h') + '#pragma once\n'), [])

    def test_bad_files(self):
        for path, text in (('srudp-x.h', HEADING.format('h')),
                           ('srudp-x.c', HEADING.format('c') + '#pragma once\n'),
                           ('srudp-x.c', HEADING.format('c').replace('MIT', 'none')),
                           ('srudp-y.c', HEADING.format('c'))):
            with self.subTest(path=path, text=text):
                self.assertEqual(lines(rules.heading, path, text), [1])


class Size(unittest.TestCase):
    def function(self, length):
        return ('struct a\n{\n  int b;\n};\n\nstatic int\nf (int a,\n   int b)\n{\n'
                + '  a++;\n' * length + '}\n')

    def test_functions_are_measured(self):
        text = self.function(3) + '\n' + self.function(4).replace('f (', 'g (')
        self.assertEqual(list(rules.c_functions(text)), [('f', 9, 3), ('g', 23, 4)])

    def test_long_functions_are_found(self):
        self.assertEqual(lines(rules.function_length, 'a.c', self.function(80)), [])
        self.assertEqual(lines(rules.function_length, 'a.c', self.function(81)), [9])
        body = '    pass\n' * 81
        self.assertEqual(lines(rules.function_length, 'a.py', f'def f():\n{body}'), [1])

    def test_long_files_are_found(self):
        self.assertEqual(lines(rules.file_length, 'a.c', '\n' * 900), [])
        self.assertEqual(lines(rules.file_length, 'a.c', '\n' * 901), [1])


class Layers(unittest.TestCase):
    def check(self, path, header, expected):
        with self.subTest(path=path, header=header):
            found = lines(rules.layers, path, f'#include {header}\n', PROJECT.__contains__)
            self.assertEqual(found, expected)

    def test_allowed(self):
        for path, header in (
                ('srudp-glib/protocol/srudp-frame.c', '"srudp-engine.h"'),
                ('srudp-glib/protocol/srudp-frame.c', '<string.h>'),
                ('srudp-glib/protocol/srudp-crypto.c', '<sodium.h>'),
                ('srudp-glib/srudp-stream.c', '"srudp-stream.h"'),
                ('srudp-glib/srudp-stream.c', '"srudp-stream-private.h"'),
                ('srudp-glib/srudp-stream.c', '"protocol/srudp-engine.h"'),
                ('srudp-glib/srudp-stream.c', '"srudp-engine.h"'),
                ('srudp-glib/srudp-stream.h', '<gio/gio.h>'),
                ('demo-gtk/chat-window.c', '"chat-window.h"'),
                ('srudp-glib/tools/srudp-cat.c', '"srudp-cat-pump.h"'),
                ('srudp-glib/tools/srudp-cat.c', '<srudp-glib/srudp-glib.h>'),
                ('demo-gtk/chat-window.c', '<srudp-glib/srudp-glib.h>'),
                ('tests/protocol/test-frame.c', '"srudp-frame.h"')):
            self.check(path, header, [])

    def test_forbidden(self):
        for path, header in (
                ('srudp-glib/protocol/srudp-frame.c', '<gio/gio.h>'),
                ('srudp-glib/protocol/srudp-frame.c', '<sodium.h>'),
                ('srudp-glib/protocol/srudp-frame.c', '<time.h>'),
                ('srudp-glib/protocol/srudp-frame.c', '"config.h"'),
                ('srudp-glib/protocol/srudp-frame.c', '"../srudp-glib.h"'),
                ('srudp-glib/protocol/srudp-frame.c', '<srudp-glib/srudp-glib.h>'),
                ('srudp-glib/srudp-stream.c', '<sodium.h>'),
                ('srudp-glib/srudp-stream.c', '"protocol/srudp-frame.h"'),
                ('srudp-glib/srudp-stream.c', '"srudp-frame.h"'),
                ('srudp-glib/srudp-stream.h', '"srudp-engine.h"'),
                ('srudp-glib/srudp-stream.h', '"srudp-stream-private.h"'),
                ('demo-gtk/chat-window.c', '<srudp-glib/srudp-stream.h>'),
                ('srudp-glib/tools/srudp-cat.c', '<srudp-glib/srudp-stream.h>'),
                ('srudp-glib/tools/srudp-cat.c', '"srudp-engine.h"'),
                ('demo-gtk/chat-window.c', '"srudp-engine.h"')):
            self.check(path, header, [1])


class PureEngine(unittest.TestCase):
    path = 'srudp-glib/protocol/srudp-x.c'

    def test_foreign_calls_are_found(self):
        for call in ('g_get_monotonic_time ()', 'now = time (NULL);', 'g_random_int ()',
                     'randombytes_buf (b, 8);', 'srudp_crypto_random (NULL, b, 8);',
                     'g_mutex_lock (&m);', 'g_idle_add (f, d);'):
            with self.subTest(call=call):
                self.assertEqual(lines(rules.pure_engine, self.path, f'\n  {call}\n'), [2])

    def test_own_calls_are_not(self):
        for call in ('/* g_get_monotonic_time () */', 'config->random (data, b, 8);',
                     'srudp_timers_time (t);', 'g_free (time);'):
            with self.subTest(call=call):
                self.assertEqual(lines(rules.pure_engine, self.path, f'\n  {call}\n'), [])

    def test_other_layers_may_have_a_clock(self):
        self.assertEqual(
            lines(rules.pure_engine, 'srudp-glib/srudp-x.c', 'g_get_monotonic_time ()\n'), [])


class Translations(unittest.TestCase):
    def complaints(self, listed, text):
        files = {'po/POTFILES.in': listed, 'po/LINGUAS': '', 'srudp-glib/srudp-x.c': text}
        return len(list(lint.translations(None, files)))

    def test_listed_as_it_should_be(self):
        self.assertEqual(self.complaints('srudp-glib/srudp-x.c\n', 'f (_ ("Hello"));\n'), 0)
        self.assertEqual(self.complaints('srudp-glib/srudp-x.c\n', 'f (_("Hello"));\n'), 0)
        self.assertEqual(self.complaints('# none\n', '/* _ ("Hello") */ f_ ("x");\n'), 0)

    def test_missing_and_needless(self):
        self.assertEqual(self.complaints('', 'f (ngettext ("a", "b", n));\n'), 1)
        self.assertEqual(self.complaints('srudp-glib/srudp-x.c\n', 'f ();\n'), 1)

    def test_languages(self):
        files = {'po/POTFILES.in': '', 'po/LINGUAS': 'de\n', 'po/fr.po': ''}
        self.assertEqual(len(list(lint.translations(None, files))), 2)


class Symbols(unittest.TestCase):
    def test_declarations(self):
        header = ('G_DECLARE_FINAL_TYPE (SrudpX, srudp_x, SRUDP, X, GObject)\n'
                  '#define SRUDP_X (srudp_quark ())\n'
                  'SrudpX  *srudp_x_new  (int a);\nSRUDP_PUBLIC\nvoid srudp_x_go (void);\n'
                  '/* srudp_x_old (); */\n'
                  'G_DEFINE_AUTOPTR_CLEANUP_FUNC (SrudpY, srudp_y_free)\n')
        self.assertEqual(rules.declared_functions(header), {'srudp_x_new', 'srudp_x_go'})


class Project(unittest.TestCase):
    def test_the_walk_leaves_builds_and_hidden_files_out(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name in ('a.c', '.b.c', '.git/c.c', '_build/d.c', 'x/meson-private/e.c',
                         '.ci/run', 'f/g.c'):
                path = root / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text('')
            self.assertEqual(sorted(lint.read_project(root)), ['.ci/run', 'a.c', 'f/g.c'])


if __name__ == '__main__':
    unittest.main()
