// SPDX-License-Identifier: MIT
//
// echo.vala: a server that sends back what it gets, and a client for it
//
// usage: echo serve [PORT [COUNT]]
//        echo call HOST[:PORT] TEXT
//
// With a COUNT the server ends after so many connections.

// Until the other side has no more to say.
async void answer (Srudp.Connection connection) throws Error {
    yield connection.output_stream.splice_async (connection.input_stream,
                                                 OutputStreamSpliceFlags.CLOSE_TARGET);
    yield connection.close_async ();
}

async void serve (uint16 port, int count) throws Error {
    var endpoint = new Srudp.Endpoint.for_port (port);
    var busy = 0;
    SourceFunc? all_answered = null;

    endpoint.accept_incoming = true;
    stdout.printf ("ready\n");
    stdout.flush ();
    for (int n = 0; count == 0 || n < count; n++) {
        var connection = yield endpoint.accept_async ();

        busy++;
        answer.begin (connection, (object, result) => {
            try {
                answer.end (result);
            } catch (Error error) {
                printerr ("echo: %s\n", error.message);
            }
            if (--busy == 0 && all_answered != null) {
                all_answered ();
            }
        });
    }
    if (busy > 0) {
        all_answered = serve.callback;
        yield;
    }
}

string to_string (Bytes bytes) {
    return ((string) bytes.get_data ()).substring (0, (long) bytes.length);
}

async void call (string peer, string text) throws Error {
    var endpoint = new Srudp.Endpoint.for_port (0);
    var connection = yield endpoint.connect_to_host_async (peer, 12345);
    var answered = new MemoryOutputStream.resizable ();

    yield connection.output_stream.write_all_async (text.data, Priority.DEFAULT, null, null);
    // That was all; the server sees the end, and the answer still comes.
    yield connection.output_stream.close_async ();
    yield answered.splice_async (connection.input_stream, OutputStreamSpliceFlags.CLOSE_TARGET);
    stdout.printf ("%s\n", to_string (answered.steal_as_bytes ()));
    yield connection.close_async ();
}

async void run (string[] args) throws Error {
    if (args[1] == "serve") {
        yield serve ((uint16) uint.parse (args[2] ?? "12345"), int.parse (args[3] ?? "0"));
    } else {
        yield call (args[2], args[3]);
    }
}

int main (string[] args) {
    var loop = new MainLoop ();
    var status = 0;

    if (!(args[1] == "serve" || args[1] == "call" && args.length == 4)) {
        printerr ("usage: echo serve [PORT [COUNT]] | call HOST[:PORT] TEXT\n");
        return 2;
    }
    run.begin (args, (object, result) => {
        try {
            run.end (result);
        } catch (Error error) {
            printerr ("echo: %s\n", error.message);
            status = 1;
        }
        loop.quit ();
    });
    loop.run ();
    return status;
}
