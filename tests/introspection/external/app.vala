// SPDX-License-Identifier: MIT
//
// app.vala: the least that an application does: two endpoints say hello

int main () {
    try {
        var here = new Srudp.Endpoint.for_port (0);
        var there = new Srudp.Endpoint.for_port (0);

        here.accept_incoming = true;
        var connection = there.connect_to (here.create_invitation ());

        connection.output_stream.write_all ("hello\n".data, null);
        connection.close ();
    } catch (Error error) {
        printerr ("%s\n", error.message);
        return 1;
    }
    print ("said\n");
    return 0;
}
