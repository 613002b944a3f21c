# SPDX-License-Identifier: MIT
#
# test_scenario.py: a connection from its opening to its end, in Python

import unittest

import loopback
from gi.repository import Gio, GLib, Srudp

State = Srudp.ConnectionState


class Scenario(unittest.TestCase):
    def assert_raises(self, domain, code, call, *arguments):
        with self.assertRaises(GLib.Error) as caught:
            call(*arguments)
        self.assertTrue(caught.exception.matches(domain, code), caught.exception)

    def assert_io_error(self, code, call, *arguments):
        self.assert_raises(Gio.io_error_quark(), code, call, *arguments)

    def assert_srudp_error(self, code, call, *arguments):
        self.assert_raises(Srudp.error_quark(), code, call, *arguments)

    def test_both_sides_open_and_agree(self):
        a, b = loopback.pair()
        self.assertEqual([a.get_state(), b.get_state()], [State.ESTABLISHED] * 2)
        self.assertTrue(a.get_peer_id().equal(b.get_endpoint().get_peer_id()))
        self.assertTrue(b.get_peer_id().equal(a.get_endpoint().get_peer_id()))
        self.assertEqual(a.dup_safety_number(), b.dup_safety_number())
        self.assertEqual(a.dup_channel_binding().get_data(), b.dup_channel_binding().get_data())
        self.assertEqual(a.get_remote_address().get_port(),
                         loopback.port_of(b.get_endpoint()))

    def test_both_see_the_same_emoji(self):
        a, b = loopback.pair()
        loopback.run_until(lambda: a.props.short_code and b.props.short_code)
        self.assertEqual(a.dup_short_code(), b.dup_short_code())
        self.assertEqual(len(a.dup_short_code().split(' ')), 7)

    def test_states_are_notified_once_and_in_order(self):
        a, b = loopback.endpoint(), loopback.endpoint()
        one, other = loopback.connection(a, b), loopback.connection(b, a)
        states, done = [], []
        one.connect('notify::state', lambda *_: states.append(int(one.get_state())))
        one.open_async(None, lambda _, result: done.append(one.open_finish(result)))
        other.open_async(None, lambda _, result: done.append(other.open_finish(result)))
        loopback.run_until(lambda: len(done) == 2)
        one.close_async(GLib.PRIORITY_DEFAULT, None, lambda *_: None)
        loopback.run_until(lambda: State.CLOSED in states)
        self.assertEqual(states, sorted(states))
        other.close(None)

    def test_bytes_go_both_ways(self):
        a, b = loopback.pair()
        for one, other, text in (a, b, b'from a to b'), (b, a, b'from b to a'):
            ok, n_written = one.get_output_stream().write_all(text, None)
            self.assertEqual((ok, n_written), (True, len(text)))
            received = other.get_input_stream().read_bytes(len(text), None)
            self.assertEqual(received.get_data(), text)

    def test_datagrams_go_to_who_waits_or_to_the_signal(self):
        a, b = loopback.pair()
        self.assertGreater(a.get_max_datagram_size(), 0)
        a.send_datagram(GLib.Bytes.new(b'waited for'))
        self.assertEqual(b.receive_datagram(None).get_data(), b'waited for')

        signalled = []
        b.connect('datagram-received', lambda _, datagram: signalled.append(datagram.get_data()))
        a.send_datagram(GLib.Bytes.new(b'signalled'))
        loopback.run_until(lambda: signalled)
        self.assertEqual(signalled, [b'signalled'])

        too_long = GLib.Bytes.new(bytes(a.get_max_datagram_size() + 1))
        self.assert_io_error(Gio.IOErrorEnum.MESSAGE_TOO_LARGE, a.send_datagram, too_long)

    def test_one_direction_ends_the_other_goes_on(self):
        a, b = loopback.pair()
        a.get_output_stream().write_all(b'all', None)
        a.get_output_stream().close(None)
        self.assertEqual(b.get_input_stream().read_bytes(10, None).get_data(), b'all')
        self.assertEqual(b.get_input_stream().read_bytes(10, None).get_size(), 0)
        b.get_output_stream().write_all(b'and the answer', None)
        self.assertEqual(a.get_input_stream().read_bytes(100, None).get_data(), b'and the answer')

    def test_closing_delivers_all_and_is_final(self):
        a, b = loopback.pair()
        sent = bytes(range(256)) * 1000

        def read_all():
            received = Gio.MemoryOutputStream.new_resizable()
            received.splice(b.get_input_stream(), Gio.OutputStreamSpliceFlags.CLOSE_TARGET, None)
            return received.steal_as_bytes().get_data()

        def write_and_close():
            a.get_output_stream().write_all(sent, None)
            return a.close(None)

        self.assertEqual(loopback.at_once(write_and_close, read_all), [True, sent])
        b.close(None)
        self.assertEqual([a.get_state(), b.get_state()], [State.CLOSED] * 2)
        self.assertIsNone(a.dup_error())
        self.assert_io_error(Gio.IOErrorEnum.CLOSED, a.get_output_stream().write_bytes,
                             GLib.Bytes.new(b'late'), None)
        self.assert_io_error(Gio.IOErrorEnum.CLOSED, a.open, None)

    def test_a_wrong_key_is_refused(self):
        a, b = loopback.endpoint(), loopback.endpoint()
        b.set_accept_incoming(True)
        one = loopback.connection(a, b)
        one.set_expected_peer(Srudp.Identity.new().get_peer_id())
        one.set_open_timeout(3000)
        self.assert_srudp_error(Srudp.Error.PEER_IDENTITY, one.open, None)
        self.assertEqual(one.get_state(), State.CLOSED)
        self.assertEqual(one.dup_error().code, Srudp.Error.PEER_IDENTITY)

    def test_another_application_is_refused(self):
        a, b = loopback.endpoint(), loopback.endpoint()
        a.set_application_protocol('org.srudp.Test/1')
        b.set_application_protocol('org.srudp.Test/2')
        b.set_accept_incoming(True)
        one = loopback.connection(a, b)
        one.set_open_timeout(3000)
        self.assert_srudp_error(Srudp.Error.APPLICATION_PROTOCOL, one.open, None)

    def test_nobody_there_is_told_in_time(self):
        a = loopback.endpoint()
        silent = loopback.endpoint()
        one = loopback.connection(a, silent)
        one.set_open_timeout(300)
        with self.assertRaises(GLib.Error) as caught:
            one.open(None)
        self.assertTrue(
            caught.exception.matches(Gio.io_error_quark(), Gio.IOErrorEnum.TIMED_OUT)
            or caught.exception.matches(Srudp.error_quark(), Srudp.Error.PEER_UNREACHABLE),
            caught.exception)
        self.assertIn('answers: 0', one.dup_diagnostics())

    def test_opening_can_be_cancelled(self):
        one = loopback.connection(loopback.endpoint(), loopback.endpoint())
        cancellable = Gio.Cancellable()
        errors = []

        def opened(_, result):
            try:
                one.open_finish(result)
            except GLib.Error as error:
                errors.append(error)

        one.open_async(cancellable, opened)
        GLib.timeout_add(100, cancellable.cancel)
        loopback.run_until(lambda: errors)
        self.assertTrue(errors[0].matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED))

    def test_damaged_text_is_no_peer_id(self):
        peer_id = Srudp.Identity.new().get_peer_id()
        text = peer_id.to_string()
        self.assertTrue(Srudp.PeerId.new_from_string(text).equal(peer_id))
        damaged = text[:-1] + ('0' if text[-1] != '0' else '1')
        self.assert_srudp_error(Srudp.Error.IDENTITY, Srudp.PeerId.new_from_string, damaged)

    def test_strangers_are_accepted_when_asked_for(self):
        a, b = loopback.endpoint(), loopback.endpoint()
        one, other = loopback.at_once(
            lambda: a.connect_to(b.get_local_address(), None), lambda: b.accept(None))
        self.assertTrue(other.get_peer_id().equal(a.get_peer_id()))
        b.close(None)
        self.assertTrue(b.get_closed())
        self.assert_io_error(Gio.IOErrorEnum.CLOSED, b.accept, None)
        one.close(None)

    def test_further_streams_are_independent(self):
        a, b = loopback.pair()
        stream = a.open_stream(None)
        stream.get_output_stream().write_all(b'beside', None)
        other = b.accept_stream(None)
        self.assertEqual(other.get_id(), stream.get_id())
        self.assertEqual(other.get_input_stream().read_bytes(6, None).get_data(), b'beside')


if __name__ == '__main__':
    unittest.main()
