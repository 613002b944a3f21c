# SPDX-License-Identifier: MIT
#
# Srudp.py: makes the API feel native in Python, and works with asyncio
#
# What is annotated is in the type stub as well, which stub.py makes.

from __future__ import annotations

import asyncio
import atexit
import gc
import io
import socket
import threading

from gi.overrides import override
from gi.repository import Gio, GLib
from ..module import get_introspection_module

Srudp = get_introspection_module('Srudp')

__all__ = []


def _to_bytes(data):
    return data if isinstance(data, GLib.Bytes) else GLib.Bytes.new(bytes(data))


class PeerId(Srudp.PeerId):
    """The public key by which a peer is known.

    Equal ids are equal, and can be keys of a dictionary. str() gives the text
    form and bytes() the key.
    """

    def __eq__(self, other: object) -> bool:
        return self.equal(other) if isinstance(other, Srudp.PeerId) else NotImplemented

    def __hash__(self) -> int:
        return self.hash()

    def __str__(self) -> str:
        return self.to_string()

    def __bytes__(self) -> bytes:
        return self.to_bytes().get_data()

    def __repr__(self) -> str:
        return f'<Srudp.PeerId {self}>'


PeerId = override(PeerId)
__all__.append('PeerId')


class _File(io.RawIOBase):
    """A pair of GIO streams as one of Python's files."""

    def __init__(self, stream, mode):
        self._input = stream.get_input_stream() if 'r' in mode else None
        self._output = stream.get_output_stream() if 'w' in mode else None
        self._stream = stream  # it closes when nobody holds it

    def readable(self):
        return self._input is not None

    def writable(self):
        return self._output is not None

    def readinto(self, buffer):
        data = self._input.read_bytes(len(buffer), None).get_data()
        buffer[:len(data)] = data
        return len(data)

    def write(self, data):
        return self._output.write(bytes(data), None)


class _Streams:
    """What connections and their further streams have in common."""

    def recv(self, size: int) -> bytes:
        """Waits for data, and returns at most size bytes; b'' at the end."""
        return self.get_input_stream().read_bytes(size, None).get_data()

    def sendall(self, data: bytes) -> None:
        """Writes all of data."""
        self.get_output_stream().write_all(bytes(data), None)

    def makefile(self, mode: str = 'rb', **options: Any) -> IO[Any]:
        """A file for reading ('r') or writing ('w'), of bytes ('b') or text.

        Takes the options of io.TextIOWrapper for text. Closing the file
        flushes it; it doesn't close the connection.
        """
        if mode not in ('r', 'w', 'rb', 'wb'):
            raise ValueError(f'invalid mode: {mode!r}')
        raw = _File(self, mode)
        file = io.BufferedReader(raw) if 'r' in mode else io.BufferedWriter(raw)
        return file if 'b' in mode else io.TextIOWrapper(file, **options)

    def __iter__(self) -> Iterator[bytes]:
        """The lines that arrive, as bytes with their ends, as in a file."""
        return iter(self.makefile('rb'))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, exception_type: Any, exception: Any, traceback: Any) -> None:
        # Who leaves in trouble neither waits for the peer nor lets the peer
        # believe that this was all.
        if exception_type is not None and issubclass(exception_type,
                                                     (Exception, KeyboardInterrupt)):
            _abort(self)
        else:
            self.close(None)


def _abort(stream):
    cancellable = Gio.Cancellable()
    cancellable.cancel()
    try:
        stream.close(cancellable)
    except GLib.Error:
        pass  # it says that it was cancelled


def _socket_address(address):
    if isinstance(address, Gio.InetSocketAddress):
        return address.to_string()
    return '?' if address is None else type(address).__name__


class Stream(_Streams, Srudp.Stream):
    """A further stream of a connection."""

    def __repr__(self) -> str:
        return f'<Srudp.Stream {self.get_id()} of {self.get_connection()!r}>'


Stream = override(Stream)
__all__.append('Stream')


class Connection(_Streams, Srudp.Connection):
    """A secure, reliable connection to one peer.

    `with` closes it at the end, which waits until the peer has everything; an
    exception breaks it off instead.
    """

    def send_datagram(self, datagram: Union[bytes, GLib.Bytes]) -> bool:
        """Sends bytes (or a GLib.Bytes) that may get lost or overtake others."""
        return Srudp.Connection.send_datagram(self, _to_bytes(datagram))

    def __repr__(self) -> str:
        return (f'<Srudp.Connection {self.get_state().value_nick}, '
                f'from {_socket_address(self.props.local_address)} '
                f'to {_socket_address(self.props.remote_address)}, '
                f'peer {self.get_peer_id() or "unknown"}>')


Connection = override(Connection)
__all__.append('Connection')


class Endpoint(Srudp.Endpoint):
    """One UDP port and the connections over it.

    `with` closes it at the end, and iterating over it accepts connections
    until it is closed.
    """

    def __iter__(self) -> Iterator[Connection]:
        while True:
            try:
                connection = self.accept(None)
            except GLib.Error as error:
                if error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CLOSED):
                    return
                raise
            yield connection

    def __enter__(self) -> Self:
        return self

    def __exit__(self, exception_type: Any, exception: Any, traceback: Any) -> None:
        self.close(None)

    def __repr__(self) -> str:
        return (f'<Srudp.Endpoint {"closed" if self.get_closed() else "open"}, '
                f'at {_socket_address(self.props.local_address)}, peer id {self.get_peer_id()}>')


Endpoint = override(Endpoint)
__all__.append('Endpoint')


# --- asyncio -----------------------------------------------------------------

async def _in_thread(function, *arguments):
    """Runs a blocking call of ours in a thread of its own.

    Not in the loop's executor: a call may wait as long as it likes, and must
    not take one of the few threads there. When the task is cancelled so is the
    call.
    """
    loop = asyncio.get_running_loop()
    future = loop.create_future()
    cancellable = Gio.Cancellable()

    def finish(result, error):
        if future.cancelled():
            if isinstance(result, Srudp.Connection):
                result.close_async(GLib.PRIORITY_DEFAULT, None, None)
        elif error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)

    def run():
        result = error = None
        try:
            result = function(*arguments, cancellable)
        except Exception as caught:
            error = caught
        try:
            loop.call_soon_threadsafe(finish, result, error)
        except RuntimeError:
            pass  # the loop was closed meanwhile

    threading.Thread(target=run, name='srudp-call', daemon=True).start()
    try:
        return await future
    finally:
        cancellable.cancel()


class _Protocol(asyncio.StreamReaderProtocol):
    """Closes the connection after its local socket."""

    def __init__(self, connection, reader, callback=None, loop=None):
        super().__init__(reader, callback, loop=loop)
        self._connection = connection
        self.closed = loop.create_future()

    def connection_lost(self, error):
        super().connection_lost(error)
        # Not a daemon: the interpreter doesn't end before the peer has all.
        threading.Thread(target=self._close, name='srudp-close').start()

    def _close(self):
        try:
            self._connection.close(None)
        except GLib.Error:
            pass  # whoever reads or writes has been told
        try:
            self.closed.get_loop().call_soon_threadsafe(self.closed.set_result, None)
        except RuntimeError:
            pass  # the loop was closed meanwhile


class StreamWriter(asyncio.StreamWriter):
    """An asyncio.StreamWriter that knows its connection."""

    connection: Connection

    def __init__(self, transport, protocol, reader, loop, connection):
        super().__init__(transport, protocol, reader, loop)
        self.connection = connection
        self._srudp_closed = protocol.closed

    async def wait_closed(self) -> None:
        """Waits until the peer has everything that was written."""
        await super().wait_closed()
        await asyncio.shield(self._srudp_closed)


async def open_streams(connection: Connection, *, limit: int = 2 ** 16
                       ) -> tuple[asyncio.StreamReader, StreamWriter]:
    """An asyncio (reader, writer) for an established connection."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=limit, loop=loop)
    protocol = _Protocol(connection, reader, loop=loop)
    local = socket.socket(fileno=connection.export_fd())
    transport, _ = await loop.create_connection(lambda: protocol, sock=local)
    return reader, StreamWriter(transport, protocol, reader, loop, connection)


async def open_connection(host: str, port: int, *, endpoint: Optional[Endpoint] = None,
                          local_port: int = 0, limit: int = 2 ** 16
                          ) -> tuple[asyncio.StreamReader, StreamWriter]:
    """Connects to a peer and returns an asyncio (reader, writer).

    The peer may be opening a connection to us at the same time. We use the
    endpoint given, or else one of our own at local_port (0: any).
    """
    if endpoint is None:
        endpoint = Endpoint.new_for_port(local_port)
    name = f'[{host}]' if ':' in host else host
    connection = await _in_thread(endpoint.connect_to_host, f'{name}:{port}', port)
    return await open_streams(connection, limit=limit)


class Server:
    """Accepts connections for asyncio; made by start_server()."""

    endpoint: Endpoint

    def __init__(self, endpoint: Endpoint, client_connected: Callable[..., Any], limit: int):
        self.endpoint = endpoint
        self._client_connected = client_connected
        self._limit = limit
        self._clients = set()
        self._accepting = asyncio.ensure_future(self._accept())

    async def _accept(self):
        while True:
            try:
                connection = await _in_thread(self.endpoint.accept)
            except GLib.Error as error:
                if error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CLOSED):
                    return
                raise
            client = asyncio.ensure_future(self._serve(connection))
            self._clients.add(client)
            client.add_done_callback(self._clients.discard)

    async def _serve(self, connection):
        reader, writer = await open_streams(connection, limit=self._limit)
        result = self._client_connected(reader, writer)
        if asyncio.iscoroutine(result):
            await result

    def is_serving(self) -> bool:
        return not self._accepting.done()

    def close(self) -> None:
        """Takes no more connections; those at work go on."""
        self._accepting.cancel()

    async def wait_closed(self) -> None:
        await asyncio.wait([self._accepting])

    async def serve_forever(self) -> None:
        await self._accepting

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: Any) -> None:
        self.close()
        await self.wait_closed()


async def start_server(client_connected: Callable[..., Any], port: int = 0, *,
                       endpoint: Optional[Endpoint] = None, limit: int = 2 ** 16) -> Server:
    """Calls client_connected(reader, writer) for each connection that comes.

    Uses the endpoint given, or else one of our own at the port (0: any, see
    the endpoint of the server that is returned).
    """
    if endpoint is None:
        endpoint = Endpoint.new_for_port(port)
    endpoint.set_accept_incoming(True)
    return Server(endpoint, client_connected, limit)


__all__ += ['Server', 'StreamWriter', 'open_connection', 'open_streams', 'start_server']


# --- The end -----------------------------------------------------------------

def _close_at_exit():
    """Whoever forgot to close a connection loses nothing by that."""
    endpoints = set()
    for found in gc.get_objects():
        if type(found) is Endpoint:
            endpoints.add(found)
        elif type(found) is Connection and found.get_endpoint() is not None:
            endpoints.add(found.get_endpoint())
    for endpoint in endpoints:
        try:
            endpoint.close(None)
        except GLib.Error:
            pass  # nobody is left to be told


atexit.register(_close_at_exit)
