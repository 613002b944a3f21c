#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# api.py: lists the public API of a GIR, or compares it with a stored list
#
# usage: api.py GIR [LIST]
#
# Alone it prints the list. A change of it is meant: it is committed together
# with what changes.

import difflib
import sys
import xml.etree.ElementTree as ElementTree

GI = '{http://www.gtk.org/introspection/core/1.0}'
C = '{http://www.gtk.org/introspection/c/1.0}'
GLIB = '{http://www.gtk.org/introspection/glib/1.0}'

CALLABLES = {'constructor': 'constructor', 'function': 'function', 'method': 'method',
             GLIB + 'signal': 'signal'}


def tag(element):
    return element.tag.removeprefix(GI)


def type_of(element):
    """The type of a parameter, property or return value, as one reads it."""
    array = element.find(GI + 'array')
    if array is not None:
        text = type_of(array) + '[]'
    else:
        text = element.find(GI + 'type').get('name')
    return text + ('?' if element.get('nullable') == '1' else '')


def describe_callable(element):
    parameters = element.findall(f'{GI}parameters/{GI}parameter')
    listed = ', '.join(f'{parameter.get("name")}: {type_of(parameter)}'
                       for parameter in parameters)
    result = element.find(GI + 'return-value')
    transfer = ' owned' if result.get('transfer-ownership') == 'full' else ''
    throws = ' throws' if element.get('throws') == '1' else ''
    return f'({listed}) ->{transfer} {type_of(result)}{throws}'


def describe_property(element):
    access = ['read'] if element.get('readable') != '0' else []
    if element.get('construct-only') == '1':
        access.append('construct')
    elif element.get('writable') == '1':
        access.append('write')
    return f': {type_of(element)} ({", ".join(access)})'


def members(element, path):
    for child in element:
        kind, name = tag(child), child.get('name')
        if child.get('introspectable') == '0' or child.get('moved-to'):
            continue
        if child.tag in CALLABLES or kind in CALLABLES:
            word = CALLABLES.get(child.tag) or CALLABLES[kind]
            yield f'{path}{name} {word} {describe_callable(child)}'
        elif kind == 'property':
            yield f'{path}{name} property{describe_property(child)}'
        elif kind == 'member':
            yield f'{path}{name} = {child.get("value")}'
        elif kind == 'constant' and not name.endswith('VERSION') and name != 'VERSION_S':
            yield f'{path}{name} = {child.get("value")}'
        elif kind in ('class', 'record', 'enumeration', 'interface'):
            yield f'{path}{name} {kind} {child.get("parent", "")}'.rstrip()
            yield from sorted(members(child, f'{path}{name}.'))


def public_api(gir):
    namespace = ElementTree.parse(gir).getroot().find(GI + 'namespace')
    return [f'{line}\n' for line in members(namespace, '')]


def main(gir, stored=None):
    lines = public_api(gir)
    if stored is None:
        sys.stdout.writelines(lines)
        return 0
    with open(stored, encoding='utf-8') as file:
        expected = file.readlines()
    sys.stdout.writelines(difflib.unified_diff(expected, lines, 'as it was', 'as it is'))
    return 0 if lines == expected else 1


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
