# SPDX-License-Identifier: MIT
#
# links.py: no link within the manual leads nowhere, and each page has a title
#
# usage: links.py FOLDER

import pathlib
import re
import sys


def complaints(folder):
    pages = {page.name: page.read_text(encoding='utf-8') for page in folder.glob('*.html')}
    if 'index.html' not in pages:
        yield 'there is no index.html'
    for name, text in pages.items():
        if 'Unknown document' in text:
            yield f'{name}: no title'
        for link, _, anchor in set(re.findall(r'href="([^":#?]*)(#([^"]*))?"', text)):
            target = link or name
            if not (folder / target).exists():
                yield f'{name}: leads to {link}, which does not exist'
            elif anchor and target in pages and f'id="{anchor}"' not in pages[target]:
                yield f'{name}: leads to {target}#{anchor}, which does not exist'


def main(folder):
    found = sorted(complaints(pathlib.Path(folder)))
    print(*found, sep='\n')
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
