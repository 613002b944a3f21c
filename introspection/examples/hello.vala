// SPDX-License-Identifier: MIT
//
// hello.vala: says hello every three seconds, and shows it on the other side
//
// usage: hello send|receive HOST[:PORT] [LOCAL-PORT [COUNT [SECONDS]]]
//
// Start one to send and one to receive, in any order; each names the other.

async void wait_for (double seconds) {
    Timeout.add ((uint) (seconds * 1000), wait_for.callback);
    yield;
}

// Not just "send": the C function of that name would be replaced.
async void send_hello (Srudp.Connection connection, int count, double seconds) throws Error {
    for (int sent = 0; count == 0 || sent < count; sent++) {
        var line = "hello %.3f\n".printf (get_real_time () / 1e6);

        yield connection.output_stream.write_all_async (line.data, Priority.DEFAULT, null, null);
        yield wait_for (seconds);
    }
}

async void receive_hello (Srudp.Connection connection) throws Error {
    var input = new DataInputStream (connection.input_stream);
    string? line;

    while ((line = yield input.read_line_async ()) != null) {
        stdout.printf ("%s\n", line);
    }
}

async void talk (string[] args) throws Error {
    var local_port = (uint16) uint.parse (args.length > 3 ? args[3] : "12345");
    var count = int.parse (args.length > 4 ? args[4] : "0");
    var seconds = double.parse (args.length > 5 ? args[5] : "3");
    var endpoint = new Srudp.Endpoint.for_port (local_port);
    var connection = yield endpoint.connect_to_host_async (args[2], 12345);

    stdout.printf ("connected to %s\n", connection.get_remote_address ().to_string ());
    if (args[1] == "send") {
        yield send_hello (connection, count, seconds);
    } else {
        yield receive_hello (connection);
    }
    yield connection.close_async ();
    stdout.printf ("closed\n");
}

int main (string[] args) {
    var loop = new MainLoop ();
    var status = 0;

    if (args.length < 3 || !(args[1] == "send" || args[1] == "receive")) {
        printerr ("usage: hello send|receive HOST[:PORT] [LOCAL-PORT [COUNT [SECONDS]]]\n");
        return 2;
    }
    talk.begin (args, (object, result) => {
        try {
            talk.end (result);
        } catch (Error error) {
            printerr ("hello: %s\n", error.message);
            status = 1;
        }
        loop.quit ();
    });
    loop.run ();
    return status;
}
