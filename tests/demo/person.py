# SPDX-License-Identifier: MIT
#
# person.py: somebody who uses the chat with eyes and hands only: what assistive
# technology shows, clicks, and keys

import os
import subprocess
import time

import gi

gi.require_version('Atspi', '2.0')
from gi.repository import Atspi, GLib  # noqa: E402

import leaks  # noqa: E402

# A program with sanitizers, or under valgrind, takes its time.
PATIENCE_S = 60 * int(os.environ.get('SRUDP_TEST_PATIENCE', '1'))
LOOK_AGAIN_S = 0.1
# How far below the program a toast is, and how long it stays.
TOAST_LEVELS, TOAST_S = 7, 5
# The toolkit shows the button pressed for a while before it acts.
CLICK_S = 0.3

# GNOME's font and buttons, no waiting for animations, no frame drawn for want of
# a compositor, and usually nobody is here to show notifications.
SETTINGS = {
    'gtk-4.0/settings.ini':
        '[Settings]\ngtk-font-name=Cantarell 11\ngtk-decoration-layout=appmenu:close\n'
        'gtk-enable-animations=false\n',
    'gtk-4.0/gtk.css':
        'window.solid-csd { padding: 0; box-shadow: inset 0 0 0 1px alpha(gray, 0.4); }\n',
    'glib-2.0/settings/keyfile':
        '[org/srudp/Chat]\nnotifications=false\nstun-servers=@as []\n',
}


# Less than a second otherwise: a busy window may answer later.
Atspi.set_timeout(PATIENCE_S * 1000, PATIENCE_S * 1000)


class Lost(AssertionError):
    pass


def within(limit_s):
    """The limit where the machine has nothing else to do; where it has, all takes
    longer by what the others take."""
    return limit_s * max(1, os.getloadavg()[0] / os.cpu_count())


def wait_for(what, look, patience_s=PATIENCE_S, look_again_s=LOOK_AGAIN_S):
    """Looks until there is something; what it is called is for the error."""
    end = time.monotonic() + patience_s
    while True:
        # What changed arrives as messages.
        while GLib.MainContext.default().iteration(False):
            pass
        found = look()
        if found:
            return found
        if time.monotonic() > end:
            raise Lost(f'waited {patience_s} s in vain for {what}')
        time.sleep(look_again_s)


def has_state(accessible, state):
    return accessible.get_state_set().contains(state)


def walk(accessible):
    """The accessible and all below it, as far as they still exist."""
    yield accessible
    try:
        children = [accessible.get_child_at_index(i)
                    for i in range(accessible.get_child_count())]
    except GLib.Error:
        return
    for child in children:
        if child is not None:
            yield from walk(child)


def walk_levels(accessible, n_levels):
    """So many levels of it, the outermost first: what is near is found soon."""
    level = [accessible]
    for _ in range(n_levels):
        yield from level
        try:
            level = [below for above in level for i in range(above.get_child_count())
                     if (below := above.get_child_at_index(i)) is not None]
        except GLib.Error:
            return


def run(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=PATIENCE_S)


class Person:
    """One window of the chat, in settings of its own."""

    # pylint: disable-next=too-many-arguments
    def __init__(self, build, home, name, port, dark=False, notifications=False, more=(),
                 within=(), environment=None, program='demo-gtk/srudp-chat'):
        """`within` is a command that runs others elsewhere, in their own process."""
        self.name = name
        self.port = port
        self._settle_in(home, notifications)
        # One for each life
        self.log = home / f'log-{len(list(home.glob("log-*")))}'
        environment = dict(
            os.environ,
            ADW_DEBUG_COLOR_SCHEME='prefer-dark' if dark else 'prefer-light',
            GSETTINGS_SCHEMA_DIR=str(build / 'demo-gtk' / 'data'),
            XDG_CONFIG_HOME=str(home), XDG_DATA_HOME=str(home), XDG_STATE_HOME=str(home),
            **leaks.options(), **(environment or {}))
        with self.log.open('w') as log:
            self.process = subprocess.Popen(
                [*within, build / program,
                 '--gapplication-app-id', f'org.srudp.Chat.{name}',
                 '--name', name, '--port', str(port), *more],
                env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.pid = self.process.pid
        try:
            self._look_for_window()
        except Exception:
            self.end()
            raise

    def _look_for_window(self):
        self.application = wait_for(f'the window of {self.name}', self._find_application)
        self.window_id = wait_for(f'the window of {self.name} on the screen',
                                  lambda: self.find_window('Srudp Chat'))

    @staticmethod
    def _settle_in(home, notifications):
        for file, text in SETTINGS.items():
            if notifications:
                text = text.replace('notifications=false', 'notifications=true')
            (home / file).parent.mkdir(parents=True, exist_ok=True)
            (home / file).write_text(text)
        (home / 'downloads').mkdir(exist_ok=True)
        (home / 'user-dirs.dirs').write_text(f'XDG_DOWNLOAD_DIR="{home}/downloads"\n')

    def _find_application(self):
        if self.process is not None and self.process.poll() is not None:
            raise Lost(f'{self.name} ended with {self.process.returncode}: '
                       + self.log.read_text())
        desktop = Atspi.get_desktop(0)
        desktop.clear_cache()
        for i in range(desktop.get_child_count()):
            try:
                application = desktop.get_child_at_index(i)
                if (application is not None and application.get_child_count() > 0
                        and application.get_process_id() == self.pid):
                    return application
            except GLib.Error:  # somebody else's, which has just ended
                pass
        return None

    def find_window(self, title):
        found = subprocess.run(['xdotool', 'search', '--all', '--onlyvisible',
                                '--pid', str(self.pid), '--name', title],
                               capture_output=True, text=True, timeout=PATIENCE_S).stdout.split()
        return found[-1] if found else None

    # --- Looking ---

    def look(self, role, name, suits=lambda accessible: True):
        """What has this role and a name that ends so, or None. Buttons are called just so."""
        def is_meant(called):
            return called == name if name and role.endswith('button') else called.endswith(name)

        for accessible in walk(self.application):
            try:
                if (accessible.get_role_name() == role and is_meant(accessible.get_name())
                        and suits(accessible)):
                    return accessible
            except GLib.Error:
                pass
        return None

    def find(self, role, name, patience_s=PATIENCE_S, look_again_s=LOOK_AGAIN_S):
        return wait_for(f'{role} "{name}" of {self.name}',
                        lambda: self.look(role, name), patience_s, look_again_s)

    def names(self, role):
        names = []
        for accessible in walk(self.application):
            try:
                if accessible.get_role_name() == role:
                    names.append(accessible.get_name())
            except GLib.Error:  # what was there a moment ago
                pass
        return names

    def unnamed(self):
        """What can be focused but has nothing to be called by, or is called by an underscore
        that was to underline a letter; the names of scrolled areas, which only pass the focus
        on, are the toolkit's."""
        unnamed = []
        for accessible in walk(self.application):
            try:
                role, name = accessible.get_role_name(), accessible.get_name()
            except GLib.Error:  # what was there a moment ago
                continue
            if (role != 'scroll pane' and (not name or name.startswith(('Gtk', '_')))
                    and has_state(accessible, Atspi.StateType.FOCUSABLE)):
                unnamed.append(f'{role} "{name}"')
        return unnamed

    # --- Acting ---

    def click(self, role, name):
        def works(accessible):
            return (has_state(accessible, Atspi.StateType.SENSITIVE)
                    and accessible.get_n_actions() > 0)
        button = wait_for(f'{role} "{name}" of {self.name} to work',
                          lambda: self.look(role, name, works))
        button.get_action_iface().do_action(0)
        time.sleep(CLICK_S)

    def choose(self, menu, item):
        """Chooses from a menu."""
        def is_open():
            return self.look('push button', menu, lambda button: has_state(
                button, Atspi.StateType.EXPANDED)) is not None
        self.click('push button', menu)
        wait_for(f'{menu} of {self.name} to open', is_open)
        self.click('menu item', item)
        wait_for(f'{menu} of {self.name} to close', lambda: not is_open())

    def write(self, name, text):
        """Writes into the entry of this name, in place of what it holds."""
        entry = self.find('text', name).get_editable_text_iface()
        entry.set_text_contents(text)

    def press(self, keys, window_id=None):
        run('xdotool', 'windowfocus', window_id or self.window_id,
            'key', '--clearmodifiers', keys)

    def press_and_be_told(self, keys, words):
        """Until one is: what says so is gone soon, and who looks too late, because
        the machine is busy, presses again."""
        pressed = float('-inf')

        def look():
            nonlocal pressed
            if time.monotonic() >= pressed + TOAST_S:
                self.press(keys)
                pressed = time.monotonic()
            for accessible in walk_levels(self.application, TOAST_LEVELS):
                try:
                    if accessible.get_name() == words:
                        return True
                except GLib.Error:
                    pass
            return False
        wait_for(f'“{words}” to be told to {self.name}', look)

    def type(self, text, window_id=None):
        run('xdotool', 'windowfocus', window_id or self.window_id,
            'type', '--clearmodifiers', '--delay', '5', text)

    def place(self, x, y, width, height):
        run('xdotool', 'windowsize', self.window_id, str(width), str(height),
            'windowmove', self.window_id, str(x), str(y))

    def send_file(self, path):
        """Chooses the file in the dialog, by keys alone."""
        self.press('ctrl+o')
        window = wait_for('the files to choose from', lambda: self.find_window('Send Files'))
        self.type(str(path), window)
        self.press('Return', window)
        wait_for('the dialog to close', lambda: not self.find_window('Send Files'))
        self.find('list item', f'file {path.name}. Offered to your peer')

    def shoot(self, file, window_id=None):
        run('xdotool', 'windowfocus', window_id or self.window_id)
        time.sleep(0.4)
        run('import', '-window', window_id or self.window_id, str(file))

    def leave(self):
        """Asks the program to end; returns its exit status."""
        self.process.terminate()
        return self.process.wait(timeout=PATIENCE_S)

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def complaints(self):
        """What went wrong so far; what was never freed is known after the end."""
        before, lost, n_others = leaks.read(self.log.read_text())
        if n_others > 0:
            print(f'{n_others} leaks at the end of {self.name} are of libraries alone')
        return lost + [line for line in before.splitlines()
                       if 'WARNING' in line or 'CRITICAL' in line or 'ERROR' in line]


class Guest(Person):
    """Somebody whose window another program has opened, and will close."""

    # pylint: disable-next=super-init-not-called
    def __init__(self, name, pid):
        self.name = name
        self.pid = pid
        self.process = None
        self._look_for_window()
