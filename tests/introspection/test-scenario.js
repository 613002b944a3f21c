// SPDX-License-Identifier: MIT
//
// test-scenario.js: a connection from its opening to its end, in JavaScript

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Srudp from 'gi://Srudp?version=1.0';

import {equal, fails, run, yes} from './harness.js';

Gio._promisify(Gio.InputStream.prototype, 'read_bytes_async', 'read_bytes_finish');
Gio._promisify(Gio.OutputStream.prototype, 'write_bytes_async', 'write_bytes_finish');
Gio._promisify(Gio.OutputStream.prototype, 'close_async', 'close_finish');

const State = Srudp.ConnectionState;
const bytes = text => new TextEncoder().encode(text);
const text = gbytes => new TextDecoder().decode(gbytes.toArray());

function newEndpoint() {
    return Srudp.Endpoint.new(Gio.InetSocketAddress.new_from_string('127.0.0.1', 0), null);
}

function newConnection(here, there) {
    return Srudp.Connection.new(here, there.get_local_address());
}

// Two connections, opened both ways at the same time.
async function pair() {
    const [a, b] = [newEndpoint(), newEndpoint()];
    const both = [newConnection(a, b), newConnection(b, a)];

    await Promise.all(both.map(connection => connection.open_async(null)));
    return both;
}

function read(connection, size = 65536) {
    return connection.get_input_stream().read_bytes_async(size, GLib.PRIORITY_DEFAULT, null);
}

function write(connection, string) {
    return connection.get_output_stream().write_bytes_async(bytes(string),
        GLib.PRIORITY_DEFAULT, null);
}

function close(stream) {
    return stream.close_async(GLib.PRIORITY_DEFAULT, null);
}

function once(object, signal) {
    return new Promise(resolve => {
        const id = object.connect(signal, (_, ...args) => {
            object.disconnect(id);
            resolve(args);
        });
    });
}

await run({
    async 'both sides open and agree'() {
        const [a, b] = await pair();

        equal([a.state, b.state], [State.ESTABLISHED, State.ESTABLISHED]);
        yes(a.peer_id.equal(b.endpoint.peer_id), 'A knows B');
        yes(b.peer_id.equal(a.endpoint.peer_id), 'B knows A');
        equal(a.dup_safety_number(), b.dup_safety_number());
        equal(`${a.peer_id}`, b.endpoint.peer_id.to_string());
        yes(`${a}`.includes(`${b.endpoint.peer_id}`), 'A says who B is');
    },

    async 'both see the same emoji'() {
        const [a, b] = await pair();

        for (const one of [a, b]) {
            if (one.short_code === null)
                await once(one, 'notify::short-code');
        }
        equal(a.dup_short_code(), b.short_code);
        equal(a.short_code.split(' ').length, 7);
    },

    async 'states are notified once and in order'() {
        const [a, b] = [newEndpoint(), newEndpoint()];
        const [one, other] = [newConnection(a, b), newConnection(b, a)];
        const states = [];

        one.connect('notify::state', () => states.push(one.state));
        await Promise.all([one.open_async(null), other.open_async(null)]);
        await close(one);
        while (!states.includes(State.CLOSED))
            await once(one, 'notify::state');
        equal(states, [...states].sort((left, right) => left - right));
    },

    async 'bytes go both ways'() {
        const [a, b] = await pair();

        await write(a, 'from a to b');
        equal(text(await read(b)), 'from a to b');
        await write(b, 'from b to a');
        equal(text(await read(a)), 'from b to a');
    },

    async 'datagrams go to who waits or to the signal'() {
        const [a, b] = await pair();

        a.send_datagram(bytes('waited for'));
        equal(text(await b.receive_datagram_async(null)), 'waited for');

        const signalled = once(b, 'datagram-received');
        a.send_datagram(new GLib.Bytes(bytes('signalled')));
        equal(text((await signalled)[0]), 'signalled');

        await fails(Gio.IOErrorEnum, Gio.IOErrorEnum.MESSAGE_TOO_LARGE,
            (async () => a.send_datagram(new Uint8Array(a.max_datagram_size + 1)))());
    },

    async 'one direction ends, the other goes on'() {
        const [a, b] = await pair();

        await write(a, 'all');
        await close(a.get_output_stream());
        equal(text(await read(b)), 'all');
        equal((await read(b)).get_size(), 0);
        await write(b, 'and the answer');
        equal(text(await read(a)), 'and the answer');
    },

    async 'closing delivers all and is final'() {
        const [a, b] = await pair();

        await write(a, 'the last word');
        const [, received] = await Promise.all([close(a), read(b)]);
        equal(text(received), 'the last word');
        equal((await read(b)).get_size(), 0);
        await close(b);
        equal([a.state, b.state], [State.CLOSED, State.CLOSED]);
        await fails(Gio.IOErrorEnum, Gio.IOErrorEnum.CLOSED, write(a, 'late'));
        await fails(Gio.IOErrorEnum, Gio.IOErrorEnum.CLOSED, a.open_async(null));
    },

    async 'errors say what went wrong'() {
        const [a, b] = [newEndpoint(), newEndpoint()];
        const one = newConnection(a, b);

        b.accept_incoming = true;
        one.expected_peer = Srudp.Identity.new().peer_id;
        one.open_timeout = 3000;
        await fails(Srudp.Error, Srudp.Error.PEER_IDENTITY, one.open_async(null));
        await fails(Srudp.Error, Srudp.Error.IDENTITY,
            (async () => Srudp.PeerId.new_from_string(`${a.peer_id}x`))());
    },

    async 'opening can be cancelled'() {
        const one = newConnection(newEndpoint(), newEndpoint());
        const cancellable = new Gio.Cancellable();
        const opened = one.open_async(cancellable);

        cancellable.cancel();
        await fails(Gio.IOErrorEnum, Gio.IOErrorEnum.CANCELLED, opened);
    },

    async 'an endpoint is iterated until it is closed'() {
        const [client, server] = [newEndpoint(), newEndpoint()];
        const inbound = [];
        const serving = (async () => {
            for await (const connection of server) {
                inbound.push(connection);
                await write(connection, 'welcome');
            }
        })();

        for (let i = 0; i < 2; i++) {
            const connection = await client.connect_to_async(server.get_local_address(), null);

            equal(text(await read(connection)), 'welcome');
        }
        await server.close_async(null);
        await serving;
        equal(inbound.length, 2);
    },

    async 'further streams are independent'() {
        const [a, b] = await pair();
        const stream = await a.open_stream_async(null);

        await write(stream, 'beside');
        const other = await b.accept_stream_async(null);
        equal(other.id, stream.id);
        equal(text(await read(other)), 'beside');
    },
});
