# SPDX-License-Identifier: MIT
#
# manual.py: makes the manual, its style ours, and its search work without a server
#
# usage: manual.py STYLE OUTPUT-FOLDER COMMAND…

import pathlib
import subprocess
import sys


# Browsers request nothing for a page that is a file; the search wants this only.
BROUGHT_ALONG = '''
if (window.location.protocol === "file:") {
  const index = %s;

  window.XMLHttpRequest = class {
    static DONE = 4;

    open() {}

    send() {
      this.readyState = 4;
      this.status = 200;
      this.responseText = JSON.stringify(index);
      this.onreadystatechange();
    }
  };
}
'''


def append(path, text):
    with open(path, 'a', encoding='utf-8') as file:
        file.write(text)


def main(style, output, *command):
    folder = pathlib.Path(output)
    subprocess.run(command, check=True)
    append(folder / 'style.css', pathlib.Path(style).read_text(encoding='utf-8'))
    index = (folder / 'index.json').read_text(encoding='utf-8')
    append(folder / 'search.js', BROUGHT_ALONG % index)


if __name__ == '__main__':
    main(*sys.argv[1:])
