# SPDX-License-Identifier: MIT
#
# test_stub.py: every public name is in the type stub
#
# usage: test_stub.py STUB LIST OVERRIDE
#
# The names are those of the stored list, and of the override's __all__.

import ast
import re
import sys


def names_in(nodes, path=''):
    """All names that a stub defines, with those of the classes they are in."""
    for node in nodes:
        if isinstance(node, ast.ClassDef):
            yield path + node.name
            yield from names_in(node.body, f'{path}{node.name}.')
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield path + node.name
            for literal in ast.walk(node.args):
                if isinstance(literal, ast.Constant) and isinstance(literal.value, str):
                    yield f'{path}connect.{literal.value}'
        elif isinstance(node, ast.AnnAssign):
            yield path + node.target.id


def name_in_python(line):
    """What a line of the list of the API is called in Python."""
    path, word = re.match(r'(\S+) (\S+)', line).groups()
    owner, _, name = path.rpartition('.')
    if word == 'signal':
        return f'{owner}.connect.{name}'
    if word.startswith('property'):
        return f'{owner}.Props.{name.replace("-", "_")}'
    return f'{owner}.{name.upper()}' if word == '=' and owner else path


def missing(stub, api, override):
    found = set(names_in(ast.parse(stub).body))
    wanted = {name_in_python(line) for line in api.splitlines()}
    wanted.update(node.name for node in ast.parse(override).body
                  if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
                  and not node.name.startswith('_'))
    return sorted(wanted - found)


def untyped(stub):
    """Functions that say too little."""
    for node in ast.walk(ast.parse(stub)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            given = node.args.args + node.args.kwonlyargs
            if node.name != '__init__' and (node.returns is None or not all(
                    one.annotation or one.arg in ('self', 'cls') for one in given)):
                yield f'{node.name}: not all of its types are given'


def main(*files):
    stub, api, override = (open(file, encoding='utf-8').read() for file in files)
    complaints = missing(stub, api, override) + list(untyped(stub))
    print(*complaints, sep='\n')
    # One who leaves a name out would be caught.
    assert 'Endpoint.accept' in missing(stub.replace('def accept(', 'def take('), api, override)
    assert len(api.splitlines()) > 200
    return 1 if complaints else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
