# SPDX-License-Identifier: MIT
#
# test_overrides.py: what feels native in Python

import gc
import subprocess
import sys
import threading
import unittest

import loopback
from gi.repository import Gio, GLib, Srudp


class PeerIds(unittest.TestCase):
    def setUp(self):
        self.peer_id = Srudp.Identity.new().get_peer_id()
        self.same = Srudp.PeerId.new_from_string(str(self.peer_id))

    def test_compare_and_are_keys(self):
        other = Srudp.Identity.new().get_peer_id()
        self.assertEqual(self.peer_id, self.same)
        self.assertNotEqual(self.peer_id, other)
        self.assertNotEqual(self.peer_id, str(self.peer_id))
        self.assertEqual({self.peer_id: 'friend'}[self.same], 'friend')
        self.assertEqual(len({self.peer_id, self.same, other}), 2)

    def test_turn_into_text_and_bytes(self):
        self.assertIn(str(self.peer_id), repr(self.peer_id))
        self.assertEqual(len(bytes(self.peer_id)), Srudp.PEER_ID_BYTES)
        self.assertEqual(Srudp.PeerId.new_from_bytes(bytes(self.peer_id)), self.peer_id)

    def test_of_properties_are_the_same_kind(self):
        endpoint = loopback.endpoint()
        self.assertEqual(endpoint.props.peer_id, endpoint.props.identity.props.peer_id)


class Connections(unittest.TestCase):
    def test_take_bytes_as_datagrams(self):
        a, b = loopback.pair()
        for data in b'bytes', bytearray(b'bytes'), memoryview(b'bytes'), GLib.Bytes.new(b'bytes'):
            self.assertTrue(a.send_datagram(data))
            self.assertEqual(b.receive_datagram(None).get_data(), b'bytes')
        with self.assertRaises(TypeError):
            a.send_datagram('text')

    def test_send_and_receive_like_sockets(self):
        a, b = loopback.pair()
        a.sendall(b'x' * 100000)
        a.get_output_stream().close(None)
        received = b''
        while data := b.recv(65536):
            received += data
        self.assertEqual(received, b'x' * 100000)

    def test_are_read_line_by_line(self):
        a, b = loopback.pair()
        with a.makefile('w', encoding='utf-8') as file:
            file.write('one\nzwölf\n\nand no end')
        a.get_output_stream().close(None)
        self.assertEqual(list(b), [b'one\n', 'zwölf\n'.encode(), b'\n', b'and no end'])

    def test_make_files_that_leave_them_open(self):
        a, b = loopback.pair()
        a.makefile('wb').write(b'flushed when it goes')
        gc.collect()
        self.assertEqual(b.recv(100), b'flushed when it goes')
        a.sendall(b'still open')
        self.assertEqual(b.makefile('r').read(10), 'still open')
        with self.assertRaises(ValueError):
            a.makefile('rw')

    def test_close_at_the_end_of_with(self):
        a, b = loopback.pair()
        with a:
            a.sendall(b'all of it')
        self.assertEqual(a.get_state(), Srudp.ConnectionState.CLOSED)
        self.assertEqual(b.makefile('r').read(), 'all of it')

    def test_break_off_when_with_fails(self):
        a, b = loopback.pair()
        with self.assertRaises(ZeroDivisionError):
            with a:
                a.sendall(b'half of it')
                a.wait_delivered(None)
                1 / 0
        self.assertEqual(a.get_state(), Srudp.ConnectionState.CLOSED)
        self.assertEqual(b.recv(100), b'half of it')
        with self.assertRaises(GLib.Error):  # and not the end
            b.recv(100)

    def test_say_what_they_are(self):
        a, b = loopback.pair()
        for connection, peer in (a, b), (b, a):
            text = repr(connection)
            self.assertIn('established', text)
            self.assertIn(str(peer.get_endpoint().get_peer_id()), text)
            self.assertIn(loopback.address_of(peer.get_endpoint()), text)
        new = repr(loopback.connection(loopback.endpoint(), loopback.endpoint()))
        self.assertIn('peer unknown', new)

    def test_have_further_streams_of_the_same_kind(self):
        a, b = loopback.pair()
        with a.open_stream(None) as stream:
            stream.sendall(b'one\ntwo\n')
        self.assertEqual(list(b.accept_stream(None)), [b'one\n', b'two\n'])
        self.assertIn(str(stream.get_id()), repr(stream))


class Endpoints(unittest.TestCase):
    def test_are_iterated_until_closed(self):
        served = []

        def serve(endpoint):
            for connection in endpoint:
                served.append(connection)
                connection.sendall(b'welcome')

        server = loopback.endpoint()
        server.set_accept_incoming(True)
        thread = threading.Thread(target=serve, args=[server])
        thread.start()
        client = loopback.endpoint()
        for _ in range(2):
            connection = client.connect_to(server.get_local_address(), None)
            self.assertEqual(connection.recv(7), b'welcome')
        server.close(None)
        thread.join(loopback.WAIT_SECONDS)
        self.assertFalse(thread.is_alive())
        self.assertEqual(len(served), 2)

    def test_close_at_the_end_of_with(self):
        with loopback.endpoint() as endpoint:
            self.assertIn('open', repr(endpoint))
        self.assertTrue(endpoint.get_closed())
        self.assertIn('closed', repr(endpoint))


class AtExit(unittest.TestCase):
    def test_what_was_not_closed_loses_nothing(self):
        """A process ends right after it has written."""
        script = '''
import gi, sys
gi.require_version('Srudp', '1.0')
from gi.repository import Srudp
endpoint = Srudp.Endpoint.new_for_port(0)
connection = endpoint.connect_to_host(sys.argv[1], 0, None)
connection.sendall(bytes(1000000))
'''
        server = loopback.endpoint()
        server.set_accept_incoming(True)
        process = subprocess.Popen([sys.executable, '-c', script, loopback.address_of(server)])
        connection = server.accept(None)
        received = 0
        while data := connection.recv(65536):
            received += len(data)
        self.assertEqual(received, 1000000)
        self.assertEqual(process.wait(loopback.WAIT_SECONDS), 0)


if __name__ == '__main__':
    unittest.main()
