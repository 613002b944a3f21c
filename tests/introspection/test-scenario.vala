// SPDX-License-Identifier: MIT
//
// test-scenario.vala: a connection from its opening to its end, in Vala

const uint LIMIT_SECONDS = 60;

class Pair : Object {
    public Srudp.Connection a;
    public Srudp.Connection b;

    public Pair () throws Error {
        var here = new_endpoint ();
        var there = new_endpoint ();

        a = new Srudp.Connection (here, there.get_local_address ());
        b = new Srudp.Connection (there, here.get_local_address ());
    }

    // Both ways at the same time.
    public async void open () throws Error {
        Error? failure = null;
        var opened = 0;

        foreach (var connection in new Srudp.Connection[] { a, b }) {
            connection.open_async.begin (null, (object, result) => {
                try {
                    connection.open_async.end (result);
                } catch (Error error) {
                    failure = error;
                }
                if (++opened == 2) {
                    open.callback ();
                }
            });
        }
        yield;
        if (failure != null) {
            throw failure;
        }
    }
}

Srudp.Endpoint new_endpoint () throws Error {
    return new Srudp.Endpoint (new InetSocketAddress.from_string ("127.0.0.1", 0), null);
}

string to_string (Bytes bytes) {
    return ((string) bytes.get_data ()).substring (0, (long) bytes.length);
}

async string read_text (IOStream stream) throws Error {
    var bytes = yield stream.input_stream.read_bytes_async (65536);

    return bytes.length == 0 ? "" : to_string (bytes);
}

async void write_text (IOStream stream, string text) throws Error {
    yield stream.output_stream.write_all_async (text.data, Priority.DEFAULT, null, null);
}

async void both_sides_agree () throws Error {
    var pair = new Pair ();

    yield pair.open ();
    assert_cmpint (pair.a.state, CompareOperator.EQ, Srudp.ConnectionState.ESTABLISHED);
    assert_cmpint (pair.b.state, CompareOperator.EQ, Srudp.ConnectionState.ESTABLISHED);
    assert_true (pair.a.get_peer_id ().equal (pair.b.endpoint.get_peer_id ()));
    assert_true (pair.b.get_peer_id ().equal (pair.a.endpoint.get_peer_id ()));
    assert_cmpstr (pair.a.dup_safety_number (), CompareOperator.EQ,
                   pair.b.dup_safety_number ());
}

async void both_see_the_same_emoji () throws Error {
    var pair = new Pair ();

    yield pair.open ();
    foreach (var one in new Srudp.Connection[] { pair.a, pair.b }) {
        var id = one.notify["short-code"].connect (() => {
            Idle.add (both_see_the_same_emoji.callback);
        });
        if (one.dup_short_code () == null)
            yield;
        one.disconnect (id);
    }
    assert_cmpstr (pair.a.dup_short_code (), CompareOperator.EQ, pair.b.short_code);
    assert_cmpint (pair.a.dup_short_code ().split (" ").length, CompareOperator.EQ, 7);
}

async void states_come_in_order () throws Error {
    var pair = new Pair ();
    var last = Srudp.ConnectionState.NEW;

    // Two steps may be told when the second has been made.
    pair.a.notify["state"].connect (() => {
        var state = pair.a.state;

        assert_cmpint (state, CompareOperator.GE, last);
        if (state == Srudp.ConnectionState.CLOSED && last != state) {
            Idle.add (states_come_in_order.callback);
        }
        last = state;
    });
    yield pair.open ();
    pair.a.close_async.begin ();
    yield;
    assert_cmpint (last, CompareOperator.EQ, Srudp.ConnectionState.CLOSED);
}

async void bytes_go_both_ways () throws Error {
    var pair = new Pair ();

    yield pair.open ();
    yield write_text (pair.a, "from a to b");
    assert_cmpstr (yield read_text (pair.b), CompareOperator.EQ, "from a to b");
    yield write_text (pair.b, "from b to a");
    assert_cmpstr (yield read_text (pair.a), CompareOperator.EQ, "from b to a");
}

async void datagrams_arrive () throws Error {
    var pair = new Pair ();
    string? signalled = null;

    yield pair.open ();
    pair.a.send_datagram (new Bytes ("waited for".data));
    var datagram = yield pair.b.receive_datagram_async ();
    assert_cmpstr (to_string (datagram), CompareOperator.EQ, "waited for");

    pair.b.datagram_received.connect ((received) => {
        signalled = to_string (received);
        Idle.add (datagrams_arrive.callback);
    });
    pair.a.send_datagram (new Bytes ("signalled".data));
    yield;
    assert_cmpstr (signalled, CompareOperator.EQ, "signalled");

    try {
        pair.a.send_datagram (new Bytes (new uint8[pair.a.max_datagram_size + 1]));
        assert_not_reached ();
    } catch (IOError.MESSAGE_TOO_LARGE error) {
        assert_true (error.message != "");
    }
}

async void one_direction_ends () throws Error {
    var pair = new Pair ();

    yield pair.open ();
    yield write_text (pair.a, "all");
    yield pair.a.output_stream.close_async ();
    assert_cmpstr (yield read_text (pair.b), CompareOperator.EQ, "all");
    assert_cmpstr (yield read_text (pair.b), CompareOperator.EQ, "");
    yield write_text (pair.b, "and the answer");
    assert_cmpstr (yield read_text (pair.a), CompareOperator.EQ, "and the answer");
}

async void closing_is_final () throws Error {
    var pair = new Pair ();

    yield pair.open ();
    yield write_text (pair.a, "the last word");
    yield pair.a.close_async ();
    assert_cmpstr (yield read_text (pair.b), CompareOperator.EQ, "the last word");
    assert_cmpstr (yield read_text (pair.b), CompareOperator.EQ, "");
    yield pair.b.close_async ();
    assert_cmpint (pair.a.state, CompareOperator.EQ, Srudp.ConnectionState.CLOSED);
    assert_cmpint (pair.b.state, CompareOperator.EQ, Srudp.ConnectionState.CLOSED);
    try {
        yield write_text (pair.a, "late");
        assert_not_reached ();
    } catch (IOError.CLOSED error) {
        assert_true (error.message != "");
    }
}

async void errors_say_what_went_wrong () throws Error {
    var server = new_endpoint ();
    var connection = new Srudp.Connection (new_endpoint (), server.get_local_address ());

    server.accept_incoming = true;
    connection.expected_peer = new Srudp.Identity ().peer_id;
    connection.open_timeout = 3000;
    try {
        yield connection.open_async ();
        assert_not_reached ();
    } catch (Srudp.Error.PEER_IDENTITY error) {
        assert_true (error.message != "");
    }

    try {
        new Srudp.PeerId.from_string ("nobody");
        assert_not_reached ();
    } catch (Srudp.Error.IDENTITY error) {
        assert_true (error.message != "");
    }
}

async void opening_is_cancelled () throws Error {
    var pair = new Pair ();
    var cancellable = new Cancellable ();

    Idle.add (() => {
        cancellable.cancel ();
        return Source.REMOVE;
    });
    try {
        yield pair.a.open_async (cancellable);
        assert_not_reached ();
    } catch (IOError.CANCELLED error) {
        assert_cmpint (pair.a.state, CompareOperator.EQ, Srudp.ConnectionState.CLOSED);
    }
}

async void streams_are_independent () throws Error {
    var pair = new Pair ();

    yield pair.open ();
    var stream = yield pair.a.open_stream_async ();
    yield write_text (stream, "beside");
    var other = yield pair.b.accept_stream_async ();
    assert_true (other.id == stream.id);
    assert_cmpstr (yield read_text (other), CompareOperator.EQ, "beside");
}

delegate void Begin (AsyncReadyCallback callback);
delegate void End (AsyncResult result) throws Error;

void run (Begin begin, End end) {
    var loop = new MainLoop ();
    var limit = Timeout.add_seconds (LIMIT_SECONDS, () => {
        error ("out of time");
    });

    begin ((object, result) => {
        try {
            end (result);
        } catch (Error failure) {
            error ("%s", failure.message);
        }
        loop.quit ();
    });
    loop.run ();
    Source.remove (limit);
}

int main (string[] args) {
    Test.init (ref args);
    Test.add_func ("/vala/both-sides-agree", () =>
        run ((callback) => both_sides_agree.begin (callback),
             (result) => both_sides_agree.end (result)));
    Test.add_func ("/vala/both-see-the-same-emoji", () =>
        run ((callback) => both_see_the_same_emoji.begin (callback),
             (result) => both_see_the_same_emoji.end (result)));
    Test.add_func ("/vala/states-come-in-order", () =>
        run ((callback) => states_come_in_order.begin (callback),
             (result) => states_come_in_order.end (result)));
    Test.add_func ("/vala/bytes-go-both-ways", () =>
        run ((callback) => bytes_go_both_ways.begin (callback),
             (result) => bytes_go_both_ways.end (result)));
    Test.add_func ("/vala/datagrams-arrive", () =>
        run ((callback) => datagrams_arrive.begin (callback),
             (result) => datagrams_arrive.end (result)));
    Test.add_func ("/vala/one-direction-ends", () =>
        run ((callback) => one_direction_ends.begin (callback),
             (result) => one_direction_ends.end (result)));
    Test.add_func ("/vala/closing-is-final", () =>
        run ((callback) => closing_is_final.begin (callback),
             (result) => closing_is_final.end (result)));
    Test.add_func ("/vala/errors-say-what-went-wrong", () =>
        run ((callback) => errors_say_what_went_wrong.begin (callback),
             (result) => errors_say_what_went_wrong.end (result)));
    Test.add_func ("/vala/opening-is-cancelled", () =>
        run ((callback) => opening_is_cancelled.begin (callback),
             (result) => opening_is_cancelled.end (result)));
    Test.add_func ("/vala/streams-are-independent", () =>
        run ((callback) => streams_are_independent.begin (callback),
             (result) => streams_are_independent.end (result)));
    return Test.run ();
}
