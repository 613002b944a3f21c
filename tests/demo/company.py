# SPDX-License-Identifier: MIT
#
# company.py: who has a window in a test, from the first one that opens to the
# last one that is closed, however it ends

import contextlib
import os
import pathlib
import sys
import tempfile

import person
from person import PATIENCE_S, Person

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))

from ports import free_ports  # noqa: E402


class Company:
    """People in one folder, each with a home in it."""

    def __init__(self, build, pictures, home):
        self.build, self.pictures, self.home = build, pictures, home
        self.people = []

    def add(self, name, port=None, home=None, **options):
        """Opens a window; the home is called like who lives there, if not said."""
        who = Person(self.build, self.home / (home or name), name,
                     port or free_ports(1)[0], **options)
        self.people.append(who)
        return who

    def part(self):
        """Whoever is still there is asked to end, and does so in peace."""
        here = [each for each in self.people if each.process.poll() is None]
        for each in here:
            each.process.terminate()
        for each in here:
            status = each.process.wait(timeout=PATIENCE_S)
            assert status == 0, f'{each.name} ended with {status}'
        for each in self.people:
            complaints = each.complaints()
            assert not complaints, f'{each.name} complains: {complaints}'

    def tell_of_failure(self):
        """What could be seen at that moment, and what was said until then."""
        script = pathlib.Path(sys.argv[0]).stem
        person.run('import', '-window', 'root', str(self.pictures / f'lost-{script}.png'))
        for each in self.people:
            print(f'--- {each.name} said:\n{each.log.read_text()}---')


@contextlib.contextmanager
def company(build, pictures):
    with tempfile.TemporaryDirectory() as home:
        everybody = Company(build, pictures, pathlib.Path(home))
        try:
            yield everybody
            everybody.part()
        except Exception:
            everybody.tell_of_failure()
            raise
        finally:
            for each in everybody.people:
                each.end()


def folders(build, pictures):
    """Those of the build and of the pictures, as a test is told them."""
    pictures = pathlib.Path(pictures).absolute()
    pictures.mkdir(parents=True, exist_ok=True)
    return pathlib.Path(build).absolute(), pictures


def tell_figure(words):
    """What was measured: the summary of all tests repeats it."""
    print(f'# figure: {words}', flush=True)


def main(play, moral):
    """A whole test: `play` is what people do, the moral is printed if all went
    well; where the build and the pictures are is in the arguments."""
    with company(*folders(*sys.argv[1:])) as everybody:
        play(everybody)
    print(moral)
