#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# lint.py: applies one check to the whole project and prints what it finds
#
# usage: lint.py CHECK PROJECT-FOLDER [ARGUMENT…]

import pathlib
import re
import shutil
import subprocess
import sys

import rules


def is_built(folder):
    return (folder / 'meson-private').is_dir() or folder.name.startswith('_build')


def walk(folder):
    """The project's files: neither hidden ones nor what a build made."""
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            if path.name == '.ci' or not (path.name.startswith('.') or path.name == '__pycache__'
                                          or is_built(path)):
                yield from walk(path)
        elif not path.name.startswith('.'):
            yield path


def read_project(root):
    """Path in the project to text, of every file that is text."""
    files = {}
    for path in walk(root):
        try:
            files[path.relative_to(root).as_posix()] = path.read_text(encoding='utf-8')
        except UnicodeDecodeError:
            pass
    return files


# --- Checks of one file at a time --------------------------------------------

def each_file(*file_rules):
    def check(root, files):
        for path, text in files.items():
            for rule in file_rules:
                for line, complaint in rule(path, text):
                    yield f'{path}:{line}: {complaint}'
    return check


def layers(root, files):
    for path, text in files.items():
        for line, complaint in rules.layers(path, text, files.__contains__):
            yield f'{path}:{line}: {complaint}'
    yield from each_file(rules.pure_engine)(root, files)


def size(root, files):
    yield from each_file(rules.file_length, rules.function_length)(root, files)
    for path, text in files.items():
        for name, line, length in rules.functions(path, text):
            if rules.LONG_FUNCTION_LINES < length <= rules.MAX_FUNCTION_LINES:
                print(f'{path}:{line}: {name} is long: {length} lines (allowed)')


# --- Checks of the project as a whole ----------------------------------------

def listed(text):
    lines = (line.strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith('#')]


def translations(root, files):
    """po/POTFILES.in names each file with text for people, and no other."""
    names = listed(files['po/POTFILES.in'])
    wanted = {path for path, text in files.items()
              if path.startswith(('srudp-glib/', 'demo-gtk/'))
              and rules.has_text_for_people(path, text)}
    for path in sorted(wanted - set(names)):
        yield f'po/POTFILES.in: {path} has text for people and is not listed'
    for path in sorted(set(names) - wanted):
        yield f'po/POTFILES.in: {path} is listed and has no text for people'
    if names != sorted(set(names)):
        yield 'po/POTFILES.in: not sorted'
    languages = listed(files['po/LINGUAS'])
    present = {path[3:-3] for path in files if re.fullmatch(r'po/[^/]+\.po', path)}
    for language in sorted(set(languages) ^ present):
        yield f'po/LINGUAS: {language} is either not listed or has no translation'
    if languages != sorted(set(languages)):
        yield 'po/LINGUAS: not sorted'


def symbols(root, files, library):
    """The library exports what its public headers declare, and nothing else."""
    output = subprocess.run(['nm', '--dynamic', '--defined-only', library],
                            check=True, capture_output=True, text=True).stdout
    exported = {line.split()[-1].split('@')[0] for line in output.splitlines()}
    declared, implemented = set(), set()
    for path, text in files.items():
        if rules.is_public(path):
            names = rules.declared_functions(text)
            declared |= names
            if path[:-2] + '.c' in files:
                implemented |= names
    for name in sorted(exported):
        if not name.startswith('srudp_'):
            yield f'{library}: exports {name}, which is not in our namespace'
        elif name not in declared and not name.endswith('_get_type'):
            yield f'{library}: exports {name}, which no public header declares'
    for name in sorted(implemented - exported):
        yield f'{library}: does not export {name}, which a public header declares'


class Skip(Exception):
    pass


def scripts(root, files):
    """shellcheck has nothing to say about our shell scripts."""
    if shutil.which('shellcheck') is None:
        raise Skip('shellcheck is not installed')
    paths = [path for path, text in files.items() if re.match(r'#!.*\b(ba)?sh\b', text)]
    run = subprocess.run(['shellcheck', '--external-sources', *paths], cwd=root,
                         capture_output=True, text=True)
    if run.returncode:
        yield run.stdout + run.stderr


CHECKS = {
    'headings': each_file(rules.heading),
    'layers': layers,
    'scripts': scripts,
    'size': size,
    'spacing': each_file(rules.spacing),
    'symbols': symbols,
    'translations': translations,
    'unfinished': each_file(rules.unfinished),
}


def main(check, root, *arguments):
    root = pathlib.Path(root)
    try:
        complaints = list(CHECKS[check](root, read_project(root), *arguments))
    except Skip as reason:
        print(reason)
        return 77
    for complaint in complaints:
        print(complaint)
    return 1 if complaints else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
