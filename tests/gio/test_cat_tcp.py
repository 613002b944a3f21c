#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# test_cat_tcp.py: TCP connections through srudp-cat

import contextlib
import hashlib
import http.server
import json
import os
import shutil
import socket
import struct
import subprocess
import threading
import time
import unittest
import urllib.request

import cat_support

MEGABYTE = 1000 * 1000
PAGE = os.urandom(10 * MEGABYTE)


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header('Content-Length', str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *_):
        pass


def read_all(connection):
    parts = []
    while part := connection.recv(1 << 16):
        parts.append(part)
    return b''.join(parts)


class Tcp(cat_support.CatTest):
    def serve(self, talk):
        """A TCP server on loopback; talk() has each connection in a thread."""
        listener = socket.create_server(('127.0.0.1', 0))
        self.addCleanup(listener.close)

        def accept():
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    threading.Thread(target=run, args=[connection], daemon=True).start()

        def run(connection):
            with connection, contextlib.suppress(OSError):
                connection.settimeout(cat_support.PATIENCE_S)
                talk(connection)

        threading.Thread(target=accept, daemon=True).start()
        return '%s:%d' % listener.getsockname()

    def serve_page(self):
        server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Page)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return '%s:%d' % server.server_address

    def gateway(self, server):
        """Both ends of a gateway to the server."""
        there = self.listen('--to', server)
        here = self.start('--forward', '0', self.way_to(there))
        here.await_line('Connected with')
        return here, there

    def connect(self, gateway):
        client = socket.create_connection(gateway.tcp_address, cat_support.PATIENCE_S)
        self.addCleanup(client.close)
        return client

    def test_each_direction_ends_on_its_own(self):
        def answer(connection):
            asked = read_all(connection)
            connection.sendall(hashlib.sha256(asked).digest())

        here, _ = self.gateway(self.serve(answer))
        client = self.connect(here)
        client.sendall(PAGE)
        client.shutdown(socket.SHUT_WR)
        self.assertEqual(read_all(client), hashlib.sha256(PAGE).digest())

    def test_a_server_may_end_first(self):
        heard = []

        def greet(connection):
            connection.sendall(b'hello')
            connection.shutdown(socket.SHUT_WR)
            heard.append(read_all(connection))
            done.set()

        done = threading.Event()
        here, _ = self.gateway(self.serve(greet))
        client = self.connect(here)
        self.assertEqual(read_all(client), b'hello')
        client.sendall(b'and good-bye')
        client.close()
        self.assertTrue(done.wait(cat_support.PATIENCE_S))
        self.assertEqual(heard, [b'and good-bye'])

    def test_a_reset_arrives_as_a_reset(self):
        def break_off(connection):
            connection.sendall(b'half')
            connection.recv(1)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))

        here, _ = self.gateway(self.serve(break_off))
        client = self.connect(here)
        self.assertEqual(client.recv(4), b'half')
        client.sendall(b'x')
        with self.assertRaises(ConnectionResetError):
            read_all(client)

    def test_many_at_once_do_not_wait_for_each_other(self):
        def echo(connection):
            while part := connection.recv(1 << 16):
                connection.sendall(part)

        here, _ = self.gateway(self.serve(echo))
        stalled = self.connect(here)
        stalled.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:
                stalled.send(bytes(1 << 20))  # and never reads what comes back
        clients = [self.connect(here) for _ in range(20)]
        for number, client in enumerate(clients):
            client.sendall(b'number %d' % number)
        for number, client in reversed(list(enumerate(clients))):
            client.shutdown(socket.SHUT_WR)
            self.assertEqual(read_all(client), b'number %d' % number)

    def test_both_sides_may_forward(self):
        def name(what):
            return self.serve(lambda connection: connection.sendall(what))

        there = self.listen('--forward', '0', '--to', name(b'there'))
        here = self.start('--forward', '0', '--to', name(b'here'), there.address)
        for gateway in (here, there):
            gateway.await_line('Connected with')
        self.assertEqual(read_all(self.connect(here)), b'there')
        self.assertEqual(read_all(self.connect(there)), b'here')

    def test_a_server_that_is_not_there_resets_the_client(self):
        with socket.create_server(('127.0.0.1', 0)) as listener:
            nobody = '%s:%d' % listener.getsockname()
        here, there = self.gateway(nobody)
        with self.assertRaises(ConnectionResetError):
            read_all(self.connect(here))
        there.await_line('refused')

    def test_the_end_of_the_gateway_reaches_everybody(self):
        here, there = self.gateway(self.serve(read_all))
        client = self.connect(here)
        client.sendall(b'still talking')
        there.interrupt()
        with contextlib.suppress(ConnectionResetError):
            self.assertEqual(read_all(client), b'')
        self.assertEqual((there.status(), here.status()), (130, 0))

    def test_a_gateway_serves_many_peers(self):
        there = self.listen('--keep', '--to', self.serve(lambda one: one.sendall(b'yes')))
        for _ in range(3):
            here = self.start('--forward', '0', there.address)
            here.await_line('Connected with')
            self.assertEqual(read_all(self.connect(here)), b'yes')
            here.interrupt()
            self.assertEqual(here.status(), 130)

    def test_a_page_of_ten_megabytes(self):
        here, _ = self.gateway(self.serve_page())
        with urllib.request.urlopen('http://%s:%d/' % here.tcp_address,
                                    timeout=cat_support.PATIENCE_S) as answer:
            self.assertTrue(answer.read() == PAGE)

    @cat_support.on_each_network
    @unittest.skipUnless(shutil.which('curl'), 'curl is not installed')
    def test_curl(self):
        here, _ = self.gateway(self.serve_page())
        run = subprocess.run(['curl', '--silent', '--show-error', '--fail', '--noproxy', '*',
                              'http://%s:%d/' % here.tcp_address],
                             stdout=subprocess.PIPE, timeout=cat_support.PATIENCE_S)
        self.assertEqual(run.returncode, 0)
        self.assertTrue(run.stdout == PAGE)

    def measure(self, address, seconds, *options):
        """Bytes that iperf3 has carried, as its receiving side counts them."""
        host, port = address
        until = time.monotonic() + cat_support.PATIENCE_S
        while True:
            run = subprocess.run(['iperf3', '--client', host, '--port', str(port), '--json',
                                  '--time', str(seconds), *options],
                                 stdout=subprocess.PIPE, timeout=cat_support.PATIENCE_S)
            report = json.loads(run.stdout)
            # The end of the measurement before may still be on its way there.
            if 'busy' not in report.get('error', '') or time.monotonic() > until:
                break
        self.assertNotIn('error', report)
        self.assertEqual(run.returncode, 0)
        return report['end']['sum_received']['bytes']

    @cat_support.on_each_network
    @unittest.skipUnless(shutil.which('iperf3'), 'iperf3 is not installed')
    def test_iperf3(self):
        with socket.create_server(('127.0.0.1', 0)) as free:
            port = free.getsockname()[1]
        server = subprocess.Popen(['iperf3', '--server', '--bind', '127.0.0.1',
                                   '--port', str(port), '--forceflush'],
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.addCleanup(server.communicate)
        self.addCleanup(server.kill)
        while 'listening' not in server.stdout.readline():
            self.assertIsNone(server.poll())
        here, _ = self.gateway(f'127.0.0.1:{port}')
        # One connection each way, then several at once.
        for options in [], ['--reverse'], ['--parallel', '4']:
            with self.subTest(options=options):
                # How fast, is not asked here: a busy machine is given longer.
                for seconds in 1, 4, 16:
                    carried = self.measure(here.tcp_address, seconds, *options)
                    if carried > MEGABYTE:
                        break
                self.assertGreater(carried, MEGABYTE)


if __name__ == '__main__':
    cat_support.main()
