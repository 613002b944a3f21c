# SPDX-License-Identifier: MIT
#
# rules.py: the house rules for one file at a time; each takes the file's path
# in the project and its text, and yields (line number, complaint)

import ast
import posixpath
import re

CODE = ('.c', '.h', '.py', '.js', '.vala', '.sh')
MARKUP = ('.ui', '.xml', '.css', '.in', '.md', '.txt')

MAX_COLUMNS = 100
MAX_FILE_LINES = 900
MAX_FUNCTION_LINES = 80
LONG_FUNCTION_LINES = 60


def is_code(path, text=''):
    return path.endswith(CODE) or text.startswith('#!')


def is_meson(path):
    return posixpath.basename(path) in ('meson.build', 'meson_options.txt')


def is_text(path, text=''):
    return is_code(path, text) or is_meson(path) or path.endswith(MARKUP)


# --- Characters --------------------------------------------------------------

def spacing(path, text):
    """No tabs, no trailing space, a newline at the end, lines that fit."""
    if not is_text(path, text):
        return
    for number, line in enumerate(text.split('\n'), 1):
        if '\t' in line:
            yield number, 'a tab'
        if line != line.rstrip():
            yield number, 'trailing space'
        if len(line) > MAX_COLUMNS and (is_code(path, text) or is_meson(path)):
            yield number, f'{len(line)} columns, more than {MAX_COLUMNS}'
        if is_meson(path) and (len(line) - len(line.lstrip())) % 2:
            yield number, 'indented by an odd number of spaces'
    if text and not text.endswith('\n'):
        yield text.count('\n') + 1, 'no newline at the end'
    if text.endswith('\n\n'):
        yield text.count('\n'), 'empty lines at the end'


def unfinished(path, text):
    """Nothing is left for later by a note in the code."""
    if not is_text(path, text):
        return
    # Written apart, or this file would complain of itself.
    words = re.compile(r'\b(' + '|'.join(('TO' 'DO', 'FIX' 'ME', 'XX' 'X')) + r')\b')
    for number, line in enumerate(text.split('\n'), 1):
        for match in words.finditer(line):
            yield number, f'says {match[0]}'


# --- Files and functions -----------------------------------------------------

def heading(path, text):
    """A file opens with its licence and what it is; a header guards itself."""
    if not is_code(path, text) or not text:
        return
    top = text.split('\n')[:6]
    if not any('SPDX-License-Identifier: MIT' in line for line in top):
        yield 1, 'no "SPDX-License-Identifier: MIT" at the top'
    name = posixpath.basename(path)
    if not any(re.search(rf'\b{re.escape(name)}: \w', line) for line in top):
        yield 1, f'no "{name}: what it is" at the top'
    guards = len(re.findall(r'^#pragma once$', text, re.MULTILINE))
    if guards != (1 if path.endswith('.h') else 0):
        yield 1, f'{guards} times "#pragma once"'


def file_length(path, text):
    lines = text.count('\n')
    if is_code(path, text) and lines > MAX_FILE_LINES:
        yield 1, f'{lines} lines, more than {MAX_FILE_LINES}'


def c_functions(text):
    """(name, first line, number of lines) of the functions in a C file."""
    start = name = None
    above = ''
    for number, line in enumerate(text.split('\n'), 1):
        if line == '{' and start is None:
            calls = re.findall(r'(\w+) \(', above)
            start, name = number, calls[0] if calls else None
        elif line.startswith('}') and start is not None:
            if name:
                yield name, start, number - start - 1
            start, above = None, ''
        elif line and start is None:
            # A definition starts at the margin; the lines of its parameters
            # are indented.
            above = above + line if line.startswith(' ') else line


def python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, node.lineno, node.end_lineno - node.lineno


def functions(path, text):
    if path.endswith('.c'):
        return c_functions(text)
    if path.endswith('.py'):
        return python_functions(text)
    return ()


def function_length(path, text):
    for name, line, length in functions(path, text):
        if length > MAX_FUNCTION_LINES:
            yield line, f'{name} has {length} lines, more than {MAX_FUNCTION_LINES}'


# --- Who may include and call whom -------------------------------------------

ENGINE = 'srudp-glib/protocol'
ENGINE_SYSTEM_HEADERS = {
    'glib.h', 'limits.h', 'math.h', 'stddef.h', 'stdint.h', 'string.h',
}
# What the GIO layer may know of the engine: its door, the three kinds of value
# that pass through it, keys for identities and their files, the bounded cursors for bytes that
# come from elsewhere, keys of tables that strangers fill, and the clients that ask STUN
# servers and routers beside it.
ENGINE_DOORS = {'srudp-address.h', 'srudp-chunk.h', 'srudp-crypto.h',
                'srudp-crypto-file.h', 'srudp-engine.h',
                'srudp-nat.h', 'srudp-port-mapper.h', 'srudp-reader.h',
                'srudp-stun-client.h', 'srudp-table-key.h', 'srudp-writer.h'}

# The engine has no clock, no randomness of its own, no loop, no threads, no
# objects; all that is the driver's.
FOREIGN_CALL = re.compile(
    r'(?<![\w.>])(g_get_(?:monotonic|real|current)_time|g_date_time_new_now\w*'
    r'|gettimeofday|clock_gettime|clock|time|g_usleep|usleep|sleep'
    r'|g_(?:timer|main|idle|timeout|source|thread|mutex|random|rand|object|signal'
    r'|type|socket|cancellable)_\w+'
    r'|rand|getrandom|srudp_crypto_random|randombytes\w*|getenv|g_getenv) \(')
COMMENT = re.compile(r'/\*.*?\*/|//[^\n]*', re.DOTALL)


def without_comments(text):
    return COMMENT.sub(lambda match: '\n' * match[0].count('\n'), text)


def find_header(path, header, is_file):
    """Where in the project an include leads, or None when it leads out of it."""
    for folder in (posixpath.dirname(path), '', 'srudp-glib', ENGINE):
        found = posixpath.normpath(posixpath.join(folder, header))
        if is_file(found):
            return found
    return None


def is_public(header):
    return (header.endswith('.h') and not header.endswith('-private.h')
            and posixpath.dirname(header) == 'srudp-glib')


def engine_may_include(path, header, found):
    if header == 'sodium.h':
        return path == f'{ENGINE}/srudp-crypto.c'
    if found is None:
        return header in ENGINE_SYSTEM_HEADERS
    return posixpath.dirname(found) == ENGINE


def library_may_include(path, header, found):
    if header == 'sodium.h':
        return False
    if found is None or not found.startswith('srudp-glib/'):
        return True
    if is_public(path):
        return is_public(found)
    return not found.startswith(ENGINE) or posixpath.basename(found) in ENGINE_DOORS


def application_may_include(path, header, found):
    return (found is None or not found.startswith('srudp-glib/')
            or header == 'srudp-glib/srudp-glib.h')


def tool_may_include(path, header, found):
    return (found is not None and posixpath.dirname(found) == posixpath.dirname(path)
            or application_may_include(path, header, found))


LAYERS = (
    (f'{ENGINE}/', engine_may_include),
    ('srudp-glib/tools/', tool_may_include),
    ('srudp-glib/', library_may_include),
    ('demo-gtk/', application_may_include),
    ('introspection/examples/', application_may_include),
)


def layers(path, text, is_file):
    """is_file tells whether a path is a file of the project."""
    if not path.endswith(('.c', '.h')):
        return
    may_include = next((rule for folder, rule in LAYERS if path.startswith(folder)), None)
    if may_include is None:
        return
    for number, line in enumerate(text.split('\n'), 1):
        match = re.match(r'#\s*include\s*[<"]([^>"]+)[>"]', line)
        if match and not may_include(path, match[1], find_header(path, match[1], is_file)):
            yield number, f'this layer must not include {match[1]}'


def pure_engine(path, text):
    if not path.startswith(ENGINE + '/') or not path.endswith(('.c', '.h')):
        return
    if path.startswith(f'{ENGINE}/srudp-crypto.'):
        return  # where the driver's randomness comes from
    for number, line in enumerate(without_comments(text).split('\n'), 1):
        for match in FOREIGN_CALL.finditer(line):
            yield number, f'the engine must not call {match[1]}'


# --- Text for people ---------------------------------------------------------

TRANSLATED_CALL = re.compile(r'(?<!\w)(?:N_|C_|NC_|Q_|_|n?gettext|g_dn?gettext|g_dpgettext2?) ?\(')


def has_text_for_people(path, text):
    if path.endswith('.c'):
        return TRANSLATED_CALL.search(without_comments(text)) is not None
    if path.endswith('.ui'):
        return 'translatable="yes"' in text
    return path.endswith(('.desktop.in', '.metainfo.xml.in', '.gschema.xml'))


# --- Symbols -----------------------------------------------------------------

def declared_functions(text):
    """The functions a header declares: in our style, at a line's start or
    after the type, with the parameters behind a space."""
    return set(re.findall(r'^(?!#)[^\n(]*?\b(srudp_\w+)\s*\(', without_comments(text),
                          re.MULTILINE))
