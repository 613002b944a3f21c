// SPDX-License-Identifier: MIT
//
// file.vala: sends a file, or receives it, and shows how far it is
//
// usage: file send|receive FILE HOST[:PORT] [LOCAL-PORT]
//
// Start one to send and one to receive, in any order; each names the other.

const int CHUNK_BYTES = 65536;

// Tells of each tenth that is done.
class Progress {
    public int64 size;
    private int64 shown = 0;

    public Progress (int64 size) {
        this.size = size;
    }

    public void show (int64 done) {
        var tenths = size > 0 ? done * 10 / size : 10;

        if (tenths > shown) {
            shown = tenths;
            stdout.printf ("%d %%\n", (int) tenths * 10);
            stdout.flush ();
        }
    }
}

async void send_file (Srudp.Connection connection, File file) throws Error {
    var input = yield file.read_async ();
    var progress = new Progress ((yield input.query_info_async ("standard::size")).get_size ());
    var head = @"$(progress.size)\n";
    var buffer = new uint8[CHUNK_BYTES];
    int64 written = 0;
    ssize_t n_read;

    yield connection.output_stream.write_all_async (head.data, Priority.DEFAULT, null, null);
    while ((n_read = yield input.read_async (buffer)) > 0) {
        yield connection.output_stream.write_all_async (buffer[0:n_read], Priority.DEFAULT,
                                                        null, null);
        written += n_read;
        // Written is not arrived: count what the peer has acknowledged.
        progress.show (written - (int64) connection.dup_stats ().get_unacknowledged_bytes ());
    }
    yield connection.wait_delivered_async ();
    progress.show (progress.size);
}

async void receive_file (Srudp.Connection connection, File file) throws Error {
    var input = new DataInputStream (connection.input_stream);
    var progress = new Progress (int64.parse ((yield input.read_line_async ()) ?? "-1"));
    var output = yield file.replace_async (null, false, FileCreateFlags.NONE);
    var buffer = new uint8[CHUNK_BYTES];
    int64 done = 0;
    ssize_t n_read;

    while ((n_read = yield input.read_async (buffer)) > 0) {
        yield output.write_all_async (buffer[0:n_read], Priority.DEFAULT, null, null);
        done += n_read;
        progress.show (done);
    }
    yield output.close_async ();
    if (done != progress.size) {
        throw new IOError.PARTIAL_INPUT (@"$done of $(progress.size) bytes arrived");
    }
    progress.show (done);
}

async void transfer (string[] args) throws Error {
    var local_port = (uint16) uint.parse (args.length > 4 ? args[4] : "12345");
    var endpoint = new Srudp.Endpoint.for_port (local_port);
    var connection = yield endpoint.connect_to_host_async (args[3], 12345);
    var file = File.new_for_path (args[2]);

    if (args[1] == "send") {
        yield send_file (connection, file);
    } else {
        yield receive_file (connection, file);
    }
    yield connection.close_async ();
}

int main (string[] args) {
    var loop = new MainLoop ();
    var status = 0;

    if (args.length < 4 || !(args[1] == "send" || args[1] == "receive")) {
        printerr ("usage: file send|receive FILE HOST[:PORT] [LOCAL-PORT]\n");
        return 2;
    }
    transfer.begin (args, (object, result) => {
        try {
            transfer.end (result);
        } catch (Error error) {
            printerr ("file: %s\n", error.message);
            status = 1;
        }
        loop.quit ();
    });
    loop.run ();
    return status;
}
