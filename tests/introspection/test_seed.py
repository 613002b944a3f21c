# SPDX-License-Identifier: MIT
#
# test_seed.py: what Python's srudp tests of itself, said in our API

import asyncio
import hashlib
import os
import threading
import unittest

import gi

gi.require_version('Srudp', '1.0')
from gi.repository import Gio, GLib, Srudp

BIG_BYTES = 16 * 1024 * 1024
WAIT_SECONDS = 60


def endpoint_at(host):
    return Srudp.Endpoint.new(Gio.InetSocketAddress.new_from_string(host, 0), None)


def address_of(endpoint):
    return endpoint.get_local_address().to_string()


def in_thread(function, *arguments):
    """A thread, and the list in which its result will be."""
    results = []

    def run():
        results.append(function(*arguments))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread, results


def meet(host='127.0.0.1'):
    """Both sides connect, as sock.connect() of both did."""
    here, there = endpoint_at(host), endpoint_at(host)
    thread, results = in_thread(here.connect_to_host, address_of(there), 0, None)
    other = there.connect_to_host(address_of(here), 0, None)
    thread.join(WAIT_SECONDS)
    return results[0], other


class Seed(unittest.TestCase):
    def talk(self, host):
        a, b = meet(host)
        with a, b:
            a.sendall(b'hello world')
            self.assertEqual(b.recv(1024), b'hello world')
            b.sendall(b'good bye')
            self.assertEqual(a.recv(1024), b'good bye')
            for one, other in (a, b), (b, a):
                self.assertEqual(one.get_local_address().to_string(),
                                 other.get_remote_address().to_string())
            self.assertEqual(a.get_state(), Srudp.ConnectionState.ESTABLISHED)
            self.assertFalse(a.is_closed())
            a.get_output_stream().close(None)
            self.assertEqual(b.recv(1024), b'')
        self.assertTrue(a.is_closed())

    def test_basic(self):
        self.talk('127.0.0.1')

    def test_ipv6(self):
        try:
            endpoint_at('::1')
        except GLib.Error as error:
            self.skipTest(f'no IPv6 here: {error.message}')
        self.talk('::1')

    def test_big_size(self):
        a, b = meet()
        data = os.urandom(BIG_BYTES)
        with a, b:
            sender, _ = in_thread(a.sendall, data)
            received, digest = 0, hashlib.sha256()
            while received < BIG_BYTES:
                part = b.recv(65536)
                self.assertTrue(part)
                received += len(part)
                digest.update(part)
            sender.join(WAIT_SECONDS)
            self.assertEqual(received, BIG_BYTES)
            self.assertEqual(digest.digest(), hashlib.sha256(data).digest())
            self.assertGreaterEqual(b.dup_stats().get_packets_received(), BIG_BYTES // 65536)

    def test_broadcast_and_hook(self):
        a, b = meet()
        loop, heard = GLib.MainLoop(), []

        def hook(connection, datagram):
            heard.append((datagram.get_data(), connection))
            loop.quit()

        b.connect('datagram-received', hook)
        GLib.timeout_add_seconds(WAIT_SECONDS, loop.quit)
        with a, b:
            a.send_datagram(b'to whom it may concern')
            loop.run()
            self.assertEqual(heard, [(b'to whom it may concern', b)])
            # The stream knows nothing of it.
            a.sendall(b'stream')
            self.assertEqual(b.recv(1024), b'stream')

    def test_asyncio(self):
        async def side(endpoint, peer, say):
            host, port = peer.rsplit(':', 1)
            reader, writer = await Srudp.open_connection(host, int(port), endpoint=endpoint)
            for word in say:
                writer.write(word)
            await writer.drain()
            writer.write_eof()
            heard = await reader.read()
            writer.close()
            await writer.wait_closed()
            return heard

        async def both():
            here, there = endpoint_at('127.0.0.1'), endpoint_at('127.0.0.1')
            return await asyncio.gather(side(here, address_of(there), [b'hello', b'world']),
                                        side(there, address_of(here), [b'good ', b'bye']))

        self.assertEqual(asyncio.run(both()), [b'good bye', b'helloworld'])


if __name__ == '__main__':
    unittest.main()
