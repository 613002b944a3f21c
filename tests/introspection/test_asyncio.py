# SPDX-License-Identifier: MIT
#
# test_asyncio.py: connections on asyncio's own loop

import asyncio
import unittest

import loopback
from gi.repository import Gio, GLib, Srudp


async def both_ways():
    """A (reader, writer) each for two sides that open at once."""
    a, b = loopback.endpoint(), loopback.endpoint()
    return await asyncio.gather(
        Srudp.open_connection('127.0.0.1', loopback.port_of(b), endpoint=a),
        Srudp.open_connection('127.0.0.1', loopback.port_of(a), endpoint=b))


class Asyncio(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.limit = asyncio.create_task(self.out_of_time(asyncio.current_task()))

    async def asyncTearDown(self):
        self.limit.cancel()

    async def out_of_time(self, task):
        await asyncio.sleep(3 * loopback.WAIT_SECONDS)
        task.cancel()

    async def test_bytes_go_both_ways(self):
        (reader_a, writer_a), (reader_b, writer_b) = await both_ways()
        writer_a.write(b'hello ')
        writer_a.write(b'world')
        await writer_a.drain()
        self.assertEqual(await reader_b.readexactly(11), b'hello world')
        writer_b.write(b'one line\n')
        self.assertEqual(await reader_a.readline(), b'one line\n')
        for writer in writer_a, writer_b:
            writer.close()
        await asyncio.gather(writer_a.wait_closed(), writer_b.wait_closed())

    async def test_one_direction_ends_the_other_goes_on(self):
        (reader_a, writer_a), (reader_b, writer_b) = await both_ways()
        writer_a.write(b'question')
        writer_a.write_eof()
        self.assertEqual(await reader_b.read(), b'question')
        writer_b.write(b'answer')
        writer_b.close()
        self.assertEqual(await reader_a.read(), b'answer')
        writer_a.close()

    async def test_waiting_for_the_close_is_waiting_for_delivery(self):
        (_, writer_a), (reader_b, writer_b) = await both_ways()
        sent = bytes(range(256)) * 8000
        received = asyncio.create_task(reader_b.read())
        writer_a.write(sent)
        writer_a.close()
        await writer_a.wait_closed()
        self.assertEqual(writer_a.connection.get_state(), Srudp.ConnectionState.CLOSED)
        self.assertIsNone(writer_a.connection.dup_error())
        self.assertEqual(await received, sent)
        writer_b.close()

    async def test_a_server_answers_many_at_once(self):
        async def answer(reader, writer):
            writer.write((await reader.readline()).upper())
            writer.close()

        async def ask(port, text):
            reader, writer = await Srudp.open_connection('127.0.0.1', port)
            writer.write(text)
            answered = await reader.read()
            writer.close()
            return answered

        async with await Srudp.start_server(answer, endpoint=loopback.endpoint()) as server:
            self.assertTrue(server.is_serving())
            port = loopback.port_of(server.endpoint)
            questions = [b'question %d\n' % i for i in range(5)]
            answers = await asyncio.gather(*(ask(port, text) for text in questions))
        self.assertEqual(answers, [text.upper() for text in questions])
        self.assertFalse(server.is_serving())

    async def test_the_connection_is_at_hand(self):
        (_, writer_a), (_, writer_b) = await both_ways()
        self.assertEqual(writer_a.connection.dup_safety_number(),
                         writer_b.connection.dup_safety_number())
        writer_a.connection.send_datagram(b'beside the stream')
        datagram = await asyncio.to_thread(writer_b.connection.receive_datagram, None)
        self.assertEqual(datagram.get_data(), b'beside the stream')
        for writer in writer_a, writer_b:
            writer.close()

    async def test_cancelling_the_task_cancels_the_opening(self):
        endpoint, silent = loopback.endpoint(), loopback.endpoint()
        opening = asyncio.create_task(Srudp.open_connection(
            '127.0.0.1', loopback.port_of(silent), endpoint=endpoint))
        while endpoint.get_connections().get_n_items() == 0:
            await asyncio.sleep(0.01)
        connection = endpoint.get_connections().get_item(0)
        opening.cancel()
        with self.assertRaises(asyncio.CancelledError):
            await opening
        while connection.get_state() != Srudp.ConnectionState.CLOSED:
            await asyncio.sleep(0.01)

    async def test_errors_are_those_of_the_library(self):
        endpoint = loopback.endpoint()
        endpoint.close(None)
        with self.assertRaises(GLib.Error) as caught:
            await Srudp.open_connection('127.0.0.1', 1234, endpoint=endpoint)
        self.assertTrue(caught.exception.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CLOSED),
                        caught.exception)

    async def test_ipv6(self):
        address = Gio.InetSocketAddress.new_from_string('::1', 0)
        try:
            server = Srudp.Endpoint.new(address, None)
        except GLib.Error:
            self.skipTest('no IPv6 here')
        server.set_accept_incoming(True)
        client = asyncio.create_task(Srudp.open_connection('::1', loopback.port_of(server)))
        inbound = await asyncio.to_thread(server.accept, None)
        inbound.sendall(b'over IPv6')
        reader, writer = await client
        self.assertEqual(await reader.readexactly(9), b'over IPv6')
        writer.close()


if __name__ == '__main__':
    unittest.main()
