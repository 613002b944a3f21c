# SPDX-License-Identifier: MIT
#
# test_walk.py: reads every property and calls every getter that the typelib
# knows, in every state an object can be in

import tempfile
import unittest

import gi
import loopback

gi.require_version('GIRepository', '2.0')
from gi.repository import Gio, GIRepository, GLib, GObject, Srudp

# Methods without arguments that do more than look.
NOT_GETTERS = {'copy', 'export_fd', 'free'}


def infos():
    repository = GIRepository.Repository.get_default()
    for i in range(repository.get_n_infos('Srudp')):
        yield repository.get_info('Srudp', i)


def methods_of(info):
    if info.get_type() == GIRepository.InfoType.STRUCT:
        kind = GIRepository.struct_info_get_n_methods, GIRepository.struct_info_get_method
    else:
        kind = GIRepository.object_info_get_n_methods, GIRepository.object_info_get_method
    count, get = kind
    return [get(info, i) for i in range(count(info))]


def is_getter(method):
    return (GIRepository.callable_info_is_method(method)
            and GIRepository.callable_info_get_n_args(method) == 0
            and method.get_name() not in NOT_GETTERS)


def getters_of(type_name):
    info = GIRepository.Repository.get_default().find_by_name('Srudp', type_name)
    return [method.get_name() for method in methods_of(info) if is_getter(method)]


def look_at(test, thing):
    """Returns how much there was to see."""
    seen = 0
    if isinstance(thing, GObject.Object):
        for spec in thing.list_properties():
            if spec.flags & GObject.ParamFlags.READABLE:
                with test.subTest(property=spec.name):
                    thing.get_property(spec.name)
                    seen += 1
    for name in getters_of(type(thing).__name__):
        with test.subTest(method=name):
            try:
                getattr(thing, name)()
            except GLib.Error as error:
                test.assertTrue(error.message)
            seen += 1
    return seen


class Walk(unittest.TestCase):
    def look_at_all(self, *things):
        for thing in things:
            with self.subTest(thing=repr(thing)):
                self.assertGreater(look_at(self, thing), 0)

    def test_endpoints(self):
        bound, closed = loopback.endpoint(), loopback.endpoint()
        closed.close(None)
        other = Srudp.Endpoint.new_for_transport(Gio.Socket.new(
            Gio.SocketFamily.IPV4, Gio.SocketType.DATAGRAM, Gio.SocketProtocol.UDP), None, None)
        self.look_at_all(Srudp.Endpoint(), bound, closed, other)

    def test_connections_from_their_making_to_their_end(self):
        new = loopback.connection(loopback.endpoint(), loopback.endpoint())
        self.look_at_all(new)
        opening = loopback.connection(loopback.endpoint(), loopback.endpoint())
        opening.open_async(None, lambda *_: None)
        self.look_at_all(opening)
        opening.close(None)
        a, b = loopback.pair()
        self.look_at_all(a, a.dup_stats())
        stream = a.open_stream(None)
        stream.get_output_stream().write_all(b'x', None)
        self.look_at_all(b.accept_stream(None))
        a.close(None)
        self.look_at_all(a, a.dup_stats())
        b.close(None)

    def test_objects_made_of_nothing(self):
        self.look_at_all(Srudp.Connection(), Srudp.Connection().dup_stats(), Srudp.Stream())

    def test_identities_and_peer_ids(self):
        identity = Srudp.Identity()
        self.look_at_all(identity, Srudp.Identity.generate(), identity.get_peer_id())
        with tempfile.TemporaryDirectory() as folder:
            file = Gio.File.new_for_path(f'{folder}/identity')
            identity.save(file, None)
            self.look_at_all(Srudp.Identity.new_from_file(file, None))

    def test_invitations(self):
        peer_id = Srudp.Identity().get_peer_id()
        address = Gio.InetSocketAddress.new_from_string('192.0.2.1', 5001)
        made = Srudp.Invitation.new(peer_id, [address])
        read = Srudp.Invitation.parse(made.to_string())
        self.look_at_all(Srudp.Invitation(), made, read)
        self.assertTrue(read.props.peer_id.equal(peer_id))
        self.assertEqual([at.to_string() for at in read.props.candidates], ['192.0.2.1:5001'])
        self.assertEqual(Srudp.Invitation.new(peer_id, []).get_candidates().get_n_items(), 0)

    def test_network_reports(self):
        report = loopback.endpoint().probe_network(None)
        self.look_at_all(Srudp.NetworkReport(), report)
        self.assertEqual(report.props.mapping, Srudp.NatMapping.UNKNOWN)
        self.assertIn('STUN', report.to_string())

    def test_known_peers(self):
        peer_id = Srudp.Identity().get_peer_id()
        known = Srudp.KnownPeers()
        self.look_at_all(known)
        known.remember('Ada', peer_id)
        self.assertTrue(known.lookup('Ada').equal(peer_id))
        self.assertEqual(known.dup_names(), ['Ada'])

    def test_nothing_is_forgotten(self):
        seen = {'Connection', 'Endpoint', 'Identity', 'Invitation', 'KnownPeers', 'NetworkReport',
                'PeerId', 'Stats', 'Stream'}
        types = {info.get_name() for info in infos()
                 if info.get_type() in (GIRepository.InfoType.OBJECT, GIRepository.InfoType.STRUCT)
                 and not info.get_name().endswith('Class')}
        self.assertEqual(types, seen)

    def test_enumerations_are_types_of_their_own(self):
        self.assertEqual(Srudp.ConnectionState.ESTABLISHED.value_nick, 'established')
        self.assertEqual(Srudp.Error.PEER_IDENTITY.value_nick, 'peer-identity')
        self.assertEqual(GLib.quark_to_string(Srudp.error_quark()), 'srudp-error-quark')


if __name__ == '__main__':
    unittest.main()
