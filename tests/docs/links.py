# SPDX-License-Identifier: MIT
#
# links.py: no link leads nowhere: those within the manual, each page of which has
# a title, and those from other texts to files beside them
#
# usage: links.py FOLDER TEXT…

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


def anchor_of(heading):
    """As forges make them: words of letters and digits with hyphens between."""
    return re.sub(r'[^\w\- ]', '', heading.lower()).replace(' ', '-')


def anchors_in(text):
    return {anchor_of(heading) for heading in re.findall(r'^#+ (.*)$', text, re.MULTILINE)}


def complaints_about(text):
    for link, _, anchor in re.findall(r'\]\(([^):#]*)(#([^)]*))?\)',
                                      text.read_text(encoding='utf-8')):
        target = text.parent / link if link else text
        if not target.exists():
            yield f'{text.name}: leads to {link}, which does not exist'
        elif anchor and anchor not in anchors_in(target.read_text(encoding='utf-8')):
            yield f'{text.name}: leads to {link}#{anchor}, which does not exist'


def main(folder, *texts):
    found = sorted(complaints(pathlib.Path(folder)))
    for text in texts:
        found += complaints_about(pathlib.Path(text))
    print(*found, sep='\n')
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
