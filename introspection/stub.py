#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# stub.py: writes the type stub of the Python bindings
#
# usage: stub.py GIR OVERRIDE >STUB
#
# What the C library has comes from the GIR, what the override adds from its
# own annotations.

import ast
import keyword
import re
import sys
import textwrap
import xml.etree.ElementTree as ElementTree

CORE = '{http://www.gtk.org/introspection/core/1.0}'
GLIB = '{http://www.gtk.org/introspection/glib/1.0}'
BASES = {CORE + 'enumeration': ['GObject.GEnum'], CORE + 'record': ['GObject.GBoxed']}
METHODS = {CORE + 'constructor', CORE + 'function', CORE + 'method'}

HEAD = '''\
# SPDX-License-Identifier: MIT
#
# Srudp.pyi: the types of the Python bindings; made by stub.py

import asyncio
from typing import Any, Callable, IO, Iterator, Literal, Optional, Union, overload

from gi.repository import Gio, GLib, GObject
from typing_extensions import Self

'''

TYPES = {'none': 'None', 'gboolean': 'bool', 'utf8': 'str', 'filename': 'str',
         'gdouble': 'float', 'gpointer': 'Any', 'GLib.Quark': 'int',
         'Gio.AsyncReadyCallback': 'Callable[..., None]'}
WHOLE_NUMBERS = re.compile(r'g(u?int(8|16|32|64)?|s?size|u?long)$')


def type_of(element):
    """The type of a parameter, a property or a result, in Python."""
    array = element.find(CORE + 'array')
    if array is not None:
        inner = type_of(array)
        of_bytes = array.find(CORE + 'type').get('name') == 'guint8'
        name = 'bytes' if of_bytes else f'list[{inner}]'
    else:
        name = element.find(CORE + 'type').get('name')
        name = 'int' if WHOLE_NUMBERS.match(name) else TYPES.get(name, name)
    return f'Optional[{name}]' if element.get('nullable') == '1' else name


def safe(name):
    return name + '_' if keyword.iskeyword(name) else name


def docstring(element):
    """What it does in one paragraph, without the markup."""
    doc = element.find(CORE + 'doc')
    if doc is None:
        return []
    text = ' '.join(doc.text.split('\n\n')[0].split())
    text = re.sub(r'\[\w+@([\w.:-]+)\]', r'\1', text).replace('\\', '').replace('%NULL', 'None')
    text = text.replace('%', '').replace('"""', "'''")
    return ['"""' + '\n'.join(textwrap.wrap(text, 86)) + '"""']


def indented(lines):
    return [('    ' + part).rstrip() for line in lines for part in line.split('\n')]


def parameters(element):
    """Without the lengths of arrays: Python knows them."""
    listed = element.findall(f'{CORE}parameters/{CORE}parameter')
    lengths = {int(array.get('length')) for one in listed
               for array in one.findall(CORE + 'array') if array.get('length')}
    for number, one in enumerate(listed):
        if number in lengths:
            continue
        if one.get('name') == 'user_data':
            yield '*user_data: Any'
            continue
        optional = ' = ...' if one.get('nullable') == '1' and all(
            later.get('nullable') == '1' for later in listed[number:]) else ''
        yield f'{safe(one.get("name"))}: {type_of(one)}{optional}'


def is_hidden(element):
    return element.get('introspectable') == '0' or element.get('moved-to') is not None


def function_lines(element, in_class):
    kind = element.tag
    first = []
    decorators = []
    if kind == CORE + 'method':
        first = ['self']
    elif kind == CORE + 'constructor':
        first, decorators = ['cls'], ['@classmethod']
    elif in_class:
        decorators = ['@staticmethod']
    arguments = ', '.join([*first, *parameters(element)])
    result = type_of(element.find(CORE + 'return-value'))
    lines = decorators + [f'def {element.get("name")}({arguments}) -> {result}:']
    return lines + indented(docstring(element) or ['...'])


def property_lines(element):
    """As they stand in "props"."""
    for one in element.findall(CORE + 'property'):
        yield f'{one.get("name").replace("-", "_")}: {type_of(one)}'


def signal_lines(element):
    """As many forms of connect() as there are signals, and the inherited one."""
    names = [f'Literal[{one.get("name")!r}]' for one in element.findall(GLIB + 'signal')]
    for name in names and [*names, 'str']:
        yield '@overload'
        yield (f'def connect(self, detailed_signal: {name}, handler: Callable[..., Any], '
               '*args: Any) -> int: ...')


def member_lines(element):
    for one in element.findall(CORE + 'member'):
        yield f'{safe(one.get("name").upper())}: {element.get("name")}'


def override_lines(node):
    """A class or function of the override, without its body."""
    if isinstance(node, ast.ClassDef):
        body = [line for part in node.body for line in override_lines(part)]
        bases = ', '.join(ast.unparse(base) for base in node.bases)
        head = [f'class {node.name}({bases}):' if bases else f'class {node.name}:']
        return head + indented(described(node) + body or ['...'])
    if isinstance(node, ast.AnnAssign):
        return [ast.unparse(node)]
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        if node.name.startswith('_') and not node.name.startswith('__'):
            return []
        word = 'async def' if isinstance(node, ast.AsyncFunctionDef) else 'def'
        result = f' -> {ast.unparse(node.returns)}' if node.returns else ''
        return ([f'{word} {node.name}({ast.unparse(node.args)}){result}:']
                + indented(described(node) or ['...']))
    return []


def described(node):
    doc = ast.get_docstring(node)
    return [f'"""{doc}"""'] if doc else []


def class_lines(element, override):
    name, parent = element.get('name'), element.get('parent')
    bases = [parent] if parent else BASES.get(element.tag, [])
    added = []
    if override is not None:
        bases = [base.id for base in override.bases if isinstance(base, ast.Name)] + bases
        added = [part for part in override.body if isinstance(part, ast.FunctionDef)]
    replaced = {function.name for function in added}

    body = docstring(element)
    if element.find(CORE + 'property') is not None:
        body += ['class Props:', *indented(property_lines(element)), 'props: Props']
    body += member_lines(element)
    for child in element:
        if child.tag in METHODS and not is_hidden(child) and child.get('name') not in replaced:
            body += function_lines(child, True)
    body += [line for function in added for line in override_lines(function)]
    body += signal_lines(element)
    base = f'({", ".join(bases)})' if bases else ''
    return [f'class {name}{base}:', *indented(body or ['...']), '']


def stub(gir, override):
    namespace = ElementTree.parse(gir).getroot().find(CORE + 'namespace')
    with open(override, encoding='utf-8') as file:
        nodes = {node.name: node for node in ast.parse(file.read()).body
                 if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))}
    yield from override_lines(nodes.pop('_Streams')) + ['']
    for element in namespace:
        name = element.get('name')
        if element.get('introspectable') == '0':
            continue
        if element.tag == CORE + 'constant':
            yield from (f'{name}: {type_of(element)}', '')
        elif element.tag == CORE + 'function':
            yield from function_lines(element, False) + ['']
        elif element.tag in {CORE + kind for kind in ('class', 'enumeration', 'record')}:
            yield from class_lines(element, nodes.pop(name, None))
    for name, node in nodes.items():
        if not name.startswith('_'):
            yield from override_lines(node) + ['']


def main(gir, override):
    print(HEAD + '\n'.join(stub(gir, override)).rstrip())


if __name__ == '__main__':
    main(*sys.argv[1:])
