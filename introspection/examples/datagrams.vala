// SPDX-License-Identifier: MIT
//
// datagrams.vala: two sides tell each other the time, when it gets through
//
// usage: datagrams HOST[:PORT] [LOCAL-PORT [COUNT [SECONDS]]]
//
// Datagrams may get lost; each is sent once a second and ends up here or not.

double now () {
    return get_real_time () / 1e6;
}

void received (Srudp.Connection connection, Bytes datagram) {
    var text = ((string) datagram.get_data ()).substring (0, (long) datagram.length);
    var sent = double.parse (text);

    stdout.printf ("%zu bytes, %.1f ms on the way\n", datagram.length, (now () - sent) * 1000);
}

async void send_times (Srudp.Connection connection, int count, double seconds) throws Error {
    for (int sent = 0; count == 0 || sent < count; sent++) {
        var text = "%.6f".printf (now ());

        connection.send_datagram (new Bytes (text.data));
        Timeout.add ((uint) (seconds * 1000), send_times.callback);
        yield;
    }
}

async void talk (string[] args) throws Error {
    var local_port = (uint16) uint.parse (args.length > 2 ? args[2] : "12345");
    var count = int.parse (args.length > 3 ? args[3] : "0");
    var seconds = double.parse (args.length > 4 ? args[4] : "1");
    var endpoint = new Srudp.Endpoint.for_port (local_port);
    var connection = yield endpoint.connect_to_host_async (args[1], 12345);

    connection.datagram_received.connect (received);
    try {
        yield send_times (connection, count, seconds);
    } catch (IOError error) {
        stdout.printf ("%s\n", error.message);
    }
    yield connection.close_async ();
}

int main (string[] args) {
    var loop = new MainLoop ();
    var status = 0;

    if (args.length < 2) {
        printerr ("usage: datagrams HOST[:PORT] [LOCAL-PORT [COUNT [SECONDS]]]\n");
        return 2;
    }
    talk.begin (args, (object, result) => {
        try {
            talk.end (result);
        } catch (Error error) {
            printerr ("datagrams: %s\n", error.message);
            status = 1;
        }
        loop.quit ();
    });
    loop.run ();
    return status;
}
