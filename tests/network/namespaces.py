# SPDX-License-Identifier: MIT
#
# namespaces.py: networks of our own, for tests that need more than loopback
#
# A namespace has its own interfaces, addresses and routes. Nothing in it can
# reach the world, and all of it goes with it.

import os
import subprocess
import sys


def run(*words):
    subprocess.run(words, check=True, capture_output=True, text=True)


def reason_to_skip():
    """Why no namespace can be made here; None if one can."""
    if os.geteuid() != 0:
        return 'only root can make a network namespace'
    name = f'srudp-{os.getpid()}-try'
    try:
        run('ip', 'netns', 'add', name)
    except (OSError, subprocess.CalledProcessError) as error:
        return f'no network namespace can be made: {error}'
    run('ip', 'netns', 'delete', name)
    return None


class Namespace:
    def __init__(self, label):
        self.name = f'srudp-{os.getpid()}-{label}'
        self.processes = []
        run('ip', 'netns', 'add', self.name)
        self.ip('link', 'set', 'lo', 'up')

    def ip(self, *words):
        run('ip', '-netns', self.name, *words)

    def address(self, interface, address):
        nodad = ['nodad'] if ':' in address else []
        self.ip('address', 'add', address, 'dev', interface, *nodad)

    def start(self, *command):
        """A program in this namespace, its output as lines of text. It ends
        with the namespace at the latest."""
        process = subprocess.Popen(
            ['ip', 'netns', 'exec', self.name, *map(str, command)],
            stdout=subprocess.PIPE, text=True)
        self.processes.append(process)
        return process

    def sniff(self, interface):
        return Sniffer(self, interface)

    def delete(self):
        for process in self.processes:
            process.kill()
            process.wait()
            process.stdout.close()
        run('ip', 'netns', 'delete', self.name)


def link(a, name_a, b, name_b):
    """A cable between two namespaces."""
    a.ip('link', 'add', name_a, 'type', 'veth', 'peer', 'name', name_b, 'netns', b.name)
    a.ip('link', 'set', name_a, 'up')
    b.ip('link', 'set', name_b, 'up')


class Sniffer:
    """Looks at all UDP packets of an interface, in both directions."""

    def __init__(self, namespace, interface):
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'sniffer.py')
        self.process = namespace.start(sys.executable, script, interface)
        assert self.process.stdout.readline() == 'ready\n'

    def stop(self):
        """The packets so far: (source, destination, ECN mark) → how many."""
        self.process.terminate()
        lines, _ = self.process.communicate(timeout=10)
        packets = {}
        for line in lines.splitlines():
            source, destination, mark, count = line.split()
            packets[source, destination, int(mark)] = int(count)
        return packets
