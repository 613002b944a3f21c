#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# translations.py: each language says all that the chat has to say, and says it
# well-formed
#
# usage: translations.py PROJECT-FOLDER

import pathlib
import subprocess
import sys
import tempfile

KEYWORDS = ['--keyword=_', '--keyword=N_', '--keyword=ngettext:1,2']


def listed(file):
    lines = (line.strip() for line in file.read_text().splitlines())
    return [line for line in lines if line and not line.startswith('#')]


def main(project):
    project = pathlib.Path(project)
    sources = [name for name in listed(project / 'po' / 'POTFILES.in')
               if name.startswith('demo-gtk/')]
    languages = listed(project / 'po' / 'LINGUAS')
    assert sources and languages
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        template = pathlib.Path(folder) / 'chat.pot'
        subprocess.run(['xgettext', '--from-code=UTF-8', *KEYWORDS, '--output', template,
                        *sources], cwd=project, check=True, stderr=subprocess.DEVNULL)
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
