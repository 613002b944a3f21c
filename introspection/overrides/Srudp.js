// SPDX-License-Identifier: MIT
//
// Srudp.js: makes the API feel native in JavaScript

const {Gio} = imports.gi;

const PROMISES = {
    Connection: [
        'accept_stream',
        'open',
        'open_stream',
        'receive_datagram',
        'wait_delivered',
    ],
    Endpoint: [
        'accept',
        'close',
        'connect_to',
        'connect_to_host',
        'create_invitation',
        'introduce',
        'probe_network',
    ],
    Identity: [
        'save',
    ],
    KnownPeers: [
        'save',
    ],
};

function addressToString(address) {
    return address instanceof Gio.InetSocketAddress ? address.to_string() : '?';
}

// Until the endpoint is closed: for await (const connection of endpoint) …
async function* acceptAll() {
    for (;;) {
        let connection;

        try {
            connection = await this.accept_async(null);
        } catch (error) {
            if (error.matches?.(Gio.IOErrorEnum, Gio.IOErrorEnum.CLOSED))
                return;
            throw error;
        }
        yield connection;
    }
}

function _init() {
    const Srudp = this;

    for (const [name, methods] of Object.entries(PROMISES)) {
        for (const method of methods)
            Gio._promisify(Srudp[name].prototype, `${method}_async`, `${method}_finish`);
    }
    for (const name of ['Identity', 'KnownPeers'])
        Gio._promisify(Srudp[name], 'new_from_file_async', 'new_from_file_finish');

    // What all connections share with other streams.
    Gio._promisify(Srudp.Connection.prototype, 'close_async', 'close_finish');
    Gio._promisify(Srudp.Stream.prototype, 'close_async', 'close_finish');

    Srudp.Endpoint.prototype[Symbol.asyncIterator] = acceptAll;

    Srudp.PeerId.prototype.toString = function () {
        return this.to_string();
    };

    Srudp.Connection.prototype.toString = function () {
        return `[Srudp.Connection from ${addressToString(this.local_address)} ` +
            `to ${addressToString(this.remote_address)}, peer ${this.peer_id ?? 'unknown'}]`;
    };
}
