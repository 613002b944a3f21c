// SPDX-License-Identifier: MIT
//
// chat.vala: sends what is typed, line by line, and shows what the other types
//
// usage: chat HOST[:PORT] [LOCAL-PORT]
//
// Start it on both machines, in any order; each names the other.

Error? send_typed (Srudp.Connection connection) {
    string? line;

    try {
        while ((line = stdin.read_line ()) != null) {
            connection.output_stream.write_all ((line + "\n").data, null);
        }
        // That was all from here; the other may go on.
        connection.output_stream.close ();
    } catch (Error error) {
        return error;
    }
    return null;
}

void show_received (Srudp.Connection connection) throws Error {
    var lines = new DataInputStream (connection.input_stream);
    string? line;

    while ((line = lines.read_line ()) != null) {
        stdout.printf ("> %s\n", line);
        stdout.flush ();
    }
    stdout.printf ("the other has ended\n");
    stdout.flush ();
}

void talk (string peer, uint16 local_port) throws Error {
    var endpoint = new Srudp.Endpoint.for_port (local_port);
    var connection = endpoint.connect_to_host (peer, 12345);

    stdout.printf ("connected, Ctrl+D ends; compare: %s\n", connection.dup_safety_number ());
    stdout.flush ();
    var sender = new Thread<Error?> ("sender", () => send_typed (connection));
    show_received (connection);
    var failure = sender.join ();
    if (failure != null) {
        throw failure;
    }
    connection.close ();
}

int main (string[] args) {
    if (args.length < 2) {
        printerr ("usage: chat HOST[:PORT] [LOCAL-PORT]\n");
        return 2;
    }
    try {
        talk (args[1], (uint16) uint.parse (args[2] ?? "12345"));
    } catch (Error error) {
        printerr ("chat: %s\n", error.message);
        return 1;
    }
    return 0;
}
