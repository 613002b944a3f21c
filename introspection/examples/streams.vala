// SPDX-License-Identifier: MIT
//
// streams.vala: sends several things at once, none of which waits for another
//
// usage: streams HOST[:PORT] LOCAL-PORT WORD…

// A plain "send" would take the place of the C library's.
async void send_words (Srudp.Connection connection, string[] words) throws Error {
    foreach (unowned var word in words) {
        var stream = yield connection.open_stream_async ();

        yield stream.output_stream.write_all_async (word.data, Priority.DEFAULT, null, null);
        yield stream.close_async ();
    }
    // The first stream tells how many others there are.
    var count = "%d\n".printf (words.length);

    yield connection.output_stream.write_all_async (count.data, Priority.DEFAULT, null, null);
}

string to_string (Bytes bytes) {
    return ((string) bytes.get_data ()).substring (0, (long) bytes.length);
}

async void show_words (Srudp.Connection connection) throws Error {
    var lines = new DataInputStream (connection.input_stream);

    for (int left = int.parse (yield lines.read_line_async ()); left > 0; left--) {
        var stream = yield connection.accept_stream_async ();
        var received = new MemoryOutputStream.resizable ();

        yield received.splice_async (stream.input_stream, OutputStreamSpliceFlags.CLOSE_TARGET);
        stdout.printf ("%s\n", to_string (received.steal_as_bytes ()));
        stdout.flush ();
        yield stream.close_async ();
    }
}

async void talk (string[] args) throws Error {
    var endpoint = new Srudp.Endpoint.for_port ((uint16) uint.parse (args[2]));
    var connection = yield endpoint.connect_to_host_async (args[1], 12345);
    var words = args[3:args.length];
    var sent = false;
    SourceFunc? done = null;
    Error? failure = null;

    send_words.begin (connection, words, (object, result) => {
        try {
            send_words.end (result);
        } catch (Error error) {
            failure = error;
        }
        sent = true;
        if (done != null) {
            done ();
        }
    });
    yield show_words (connection);
    if (!sent) {
        done = talk.callback;
        yield;
    }
    if (failure != null) {
        throw failure;
    }
    yield connection.close_async ();
}

int main (string[] args) {
    var loop = new MainLoop ();
    var status = 0;

    if (args.length < 4) {
        printerr ("usage: streams HOST[:PORT] LOCAL-PORT WORD…\n");
        return 2;
    }
    talk.begin (args, (object, result) => {
        try {
            talk.end (result);
        } catch (Error error) {
            printerr ("streams: %s\n", error.message);
            status = 1;
        }
        loop.quit ();
    });
    loop.run ();
    return status;
}
