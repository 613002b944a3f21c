# SPDX-License-Identifier: MIT
#
# loopback.py: connections between two endpoints of one process, for the tests

import concurrent.futures

import gi

gi.require_version('Srudp', '1.0')
from gi.repository import Gio, GLib, Srudp

WAIT_SECONDS = 60


def endpoint(identity=None):
    address = Gio.InetSocketAddress.new_from_string('127.0.0.1', 0)
    return Srudp.Endpoint.new(address, identity)


def port_of(endpoint):
    return endpoint.get_local_address().get_port()


def address_of(endpoint):
    return f'127.0.0.1:{port_of(endpoint)}'


def at_once(*calls):
    """Runs blocking calls side by side; the list of what they return."""
    with concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:
        futures = [pool.submit(call) for call in calls]
        return [future.result(WAIT_SECONDS) for future in futures]


def connection(here, there):
    """One that isn't open yet."""
    return Srudp.Connection.new(here, there.get_local_address())


def pair():
    """Two connections, opened both ways at the same time."""
    a, b = endpoint(), endpoint()
    both = connection(a, b), connection(b, a)
    at_once(*(lambda one=one: one.open(None) for one in both))
    return both


def run_until(condition):
    """Runs the default main context until something is so."""
    context = GLib.MainContext.default()
    late = []
    timeout = GLib.timeout_add_seconds(WAIT_SECONDS, late.append, True)
    while not condition() and not late:
        context.iteration(True)
    if late:
        raise TimeoutError
    GLib.source_remove(timeout)
