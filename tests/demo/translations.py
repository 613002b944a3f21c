#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# translations.py: each language says all that the library, its tool and the chat
# have to say, and says it well-formed
#
# usage: translations.py PROJECT-FOLDER

import pathlib
import re
import subprocess
import sys
import tempfile

KEYWORDS = ['--keyword=_', '--keyword=N_', '--keyword=ngettext:1,2']
SOURCES = ['demo-gtk/*.c', 'srudp-glib/*.c', 'srudp-glib/tools/*.c']
FOR_PEOPLE = re.compile(r'\b(N?_|ngettext) \("')
# A message that ends within a conversion was cut at a macro that the extractor
# doesn't know: nobody would ever see its translation.
CUT = re.compile(r'^(msgid )?".*(?<!%)(%%)*%"$', re.MULTILINE)


def listed(file):
    lines = (line.strip() for line in file.read_text().splitlines())
    return [line for line in lines if line and not line.startswith('#')]


def unlisted(project, sources):
    files = [file for pattern in SOURCES for file in project.glob(pattern)]
    assert files
    return [name for name in (str(file.relative_to(project)) for file in files)
            if name not in sources and FOR_PEOPLE.search((project / name).read_text())]


def main(project):
    project = pathlib.Path(project)
    sources = listed(project / 'po' / 'POTFILES.in')
    languages = listed(project / 'po' / 'LINGUAS')
    assert sources and languages
    forgotten = unlisted(project, sources)
    assert not forgotten, f'missing in POTFILES.in: {forgotten}'
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        template = pathlib.Path(folder) / 'all.pot'
        subprocess.run(['xgettext', '--from-code=UTF-8', *KEYWORDS, '--output', template,
                        *sources], cwd=project, check=True, stderr=subprocess.DEVNULL)
        cut = [match.group() for match in CUT.finditer(template.read_text())]
        assert not cut, f'cut at a macro: {cut}'
        for language in languages:
            file = project / 'po' / f'{language}.po'
            for command in (['msgfmt', '--check', '--output-file=/dev/null', file],
                            ['msgcmp', file, template]):
                run = subprocess.run(command, capture_output=True, text=True)
                if run.returncode != 0:
                    failed = True
                    print(run.stdout + run.stderr)
    print('complete' if not failed else 'incomplete', ', '.join(languages))
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
