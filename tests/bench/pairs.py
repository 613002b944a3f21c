# SPDX-License-Identifier: MIT
#
# pairs.py: two programs that talk to each other, and what that cost

import json
import os
import select
import signal
import subprocess
import time

# On two processors each side has one of its own; the receiver the second.
CLIENT_CPU, SERVER_CPU = 0, 1


class Failure(Exception):
    pass


# What one measurement may end with and leave the others alone.
FAILURES = (Failure, OSError, LookupError, ValueError, subprocess.SubprocessError)


def last_line(text):
    return (text.strip().splitlines() or ['no word of why'])[-1]


def pin(cpu):
    def apply():
        if cpu is not None and cpu < os.cpu_count():
            os.sched_setaffinity(0, {cpu})
    return apply


class Process:
    """A program, pinned, perhaps in a namespace, whose end tells its cost."""

    def __init__(self, command, namespace=None, cpu=None, environment=None):
        if namespace:
            command = ['ip', 'netns', 'exec', namespace, *command]
        self.words = ' '.join(map(str, command))
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            [str(word) for word in command], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, preexec_fn=pin(cpu),
            env={**os.environ, **(environment or {})})
        self.cpu_seconds = None
        self.seconds = None

    def wait_until_ready(self, timeout=15):
        there, _, _ = select.select([self.process.stdout], [], [], timeout)
        if not there or self.process.stdout.readline() != 'ready\n':
            self.end()
            raise Failure(f'{self.words}: {last_line(self.process.stderr.read())}')

    def wait(self, timeout):
        """What it printed, as one dictionary."""
        end = time.monotonic() + timeout
        while True:
            pid, status, usage = os.wait4(self.process.pid, os.WNOHANG)
            if pid:
                break
            if time.monotonic() > end:
                self.end()
                raise Failure(f'{self.words}: not done after {timeout} s')
            time.sleep(0.002)
        self.seconds = time.monotonic() - self.started
        self.process.returncode = os.waitstatus_to_exitcode(status)
        self.cpu_seconds = usage.ru_utime + usage.ru_stime
        output, errors = self.process.stdout.read(), self.process.stderr.read()
        if self.process.returncode:
            raise Failure(f'{self.words}: {last_line(errors)} ({self.process.returncode})')
        result = {}
        for line in output.splitlines():
            if line.startswith('{'):
                result.update(json.loads(line))
        return result

    def end(self):
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()


def run_pair(server, client, timeout):
    """Both to their end. What both printed, and the processor time of both."""
    try:
        client = client()
        result = client.wait(timeout)
        result.update(server.wait(timeout))
        result['cpu_seconds'] = client.cpu_seconds + server.cpu_seconds
        result['server_cpu_seconds'] = server.cpu_seconds
        result['client_seconds'] = client.seconds
        return result
    finally:
        server.end()
        if isinstance(client, Process):
            client.end()


class Place:
    """Where the two programs run: one machine, or two namespaces."""

    def __init__(self, address='127.0.0.1', own='127.0.0.1', client=None, server=None):
        self.address, self.own, self.client, self.server = address, own, client, server
        self.port = 20000

    def next_port(self):
        self.port += 7
        return self.port


class Transport:
    """A program of ours that speaks one transport."""

    def __init__(self, name, program, *options, environment=None, encrypted=True,
                 modes=('transfer',)):
        self.name, self.program, self.options = name, program, options
        self.environment, self.encrypted = environment or {}, encrypted
        self.modes = modes

    def measure(self, place, mode='transfer', timeout=30, pinned=True, server_options=(),
                client_options=()):
        port = ['--port', place.next_port(), *self.options]
        server = Process(
            [self.program, 'server', mode, '--address', place.address, *port, *server_options],
            place.server,
            SERVER_CPU if pinned else None,
            {**self.environment, 'BENCH_OWN_ADDRESS': place.address})
        server.wait_until_ready()
        # The line before says that it will listen, not that it does.
        time.sleep(0.05)
        return run_pair(server, lambda: Process(
            [self.program, 'client', mode, '--address', place.address, *port,
             *client_options], place.client, CLIENT_CPU if pinned else None,
            {**self.environment, 'BENCH_OWN_ADDRESS': place.own}), timeout)


class Absent:
    """A peer that is not installed has a row that says so."""

    def __init__(self, name, modes=('transfer',), encrypted=False):
        self.name, self.modes, self.encrypted = name, modes, encrypted

    def measure(self, *unused, **options):
        raise Failure('not installed')


class Ngtcp2:
    """Debian's example programs of ngtcp2, which speak HTTP/3: the server is
    the one that sends. They count nothing; a file of known size does."""

    encrypted = True
    modes = ('transfer',)

    def __init__(self, name, folder, key, certificate, *options):
        self.name, self.folder, self.options = name, folder, options
        self.key, self.certificate = key, certificate

    def start(self, place, client_options, pinned):
        port = place.next_port()
        server = Process(
            ['/usr/sbin/gtlsserver', '-q', '-d', self.folder, *self.options,
             place.address, port, self.key, self.certificate], place.server,
            CLIENT_CPU if pinned else None)
        time.sleep(0.2)
        # Windows as large as ours; by itself it allows 1 MiB.
        return server, lambda: Process(
            ['/usr/bin/gtlsclient', '-q', '--exit-on-all-streams-close',
             '--max-data=16M', '--max-stream-data-bidi-local=16M', '--max-window=24M',
             '--max-stream-window=16M', *client_options, place.address, port,
             f'https://{place.address}:{port}/file'],
            place.client, SERVER_CPU if pinned else None)

    def measure(self, place, mode='transfer', timeout=60, pinned=True, **unused):
        size = os.path.getsize(os.path.join(self.folder, 'file'))
        server, client = self.start(place, (), pinned)
        try:
            process = client()
            process.wait(timeout)
            server.process.send_signal(signal.SIGINT)
            try:
                server.wait(5)
            except Failure:
                pass
            return {'bytes': size, 'seconds': process.seconds,
                    'cpu_seconds': process.cpu_seconds + (server.cpu_seconds or 0)}
        finally:
            server.end()

    def measure_window(self, place, seconds, target):
        """How much has come so long after the first byte."""
        server, client = self.start(place, [f'--download={target}'], False)
        process = client()
        path = os.path.join(target, 'file')
        try:
            limit = time.monotonic() + 10
            while not (os.path.exists(path) and os.path.getsize(path)):
                if time.monotonic() > limit:
                    raise Failure('ngtcp2: nothing came')
                time.sleep(0.001)
            time.sleep(seconds)
            return {'bytes': os.path.getsize(path), 'seconds': seconds}
        finally:
            process.end()
            server.end()
            if os.path.exists(path):
                os.unlink(path)
