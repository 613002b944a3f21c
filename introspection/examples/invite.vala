// SPDX-License-Identifier: MIT
//
// invite.vala: prints an invitation, or follows one
//
// usage: invite make | follow INVITATION
//
// The line that it prints goes to the other side by mail or chat.

void make () throws Error {
    var endpoint = new Srudp.Endpoint.for_port (0);

    stdout.printf ("%s\n", endpoint.create_invitation ().to_string ());
    stdout.flush ();
    var connection = endpoint.accept ();

    connection.output_stream.write_all ("welcome\n".data, null);
    stdout.printf ("%s\n", connection.dup_safety_number ());
    connection.close ();
}

void follow (string text) throws Error {
    // The invitation says who has to answer: nobody else gets through.
    var invitation = Srudp.Invitation.parse (text);
    var endpoint = new Srudp.Endpoint.for_port (0);
    var connection = endpoint.connect_to (invitation);
    var lines = new DataInputStream (connection.input_stream);

    stdout.printf ("%s\n", lines.read_line ());
    stdout.printf ("%s\n", connection.dup_safety_number ());
    connection.close ();
}

int main (string[] args) {
    try {
        if (args.length == 2 && args[1] == "make") {
            make ();
        } else if (args.length == 3 && args[1] == "follow") {
            follow (args[2]);
        } else {
            printerr ("usage: invite make | follow INVITATION\n");
            return 2;
        }
    } catch (Error error) {
        printerr ("invite: %s\n", error.message);
        return 1;
    }
    return 0;
}
