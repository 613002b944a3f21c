// SPDX-License-Identifier: MIT
//
// passphrase.vala: connects two people who have agreed on some words
//
// usage: passphrase HOST[:PORT] [LOCAL-PORT] <WORDS
//
// The words come from standard input, for others can read a command line.

int main (string[] args) {
    if (args.length < 2) {
        printerr ("usage: passphrase HOST[:PORT] [LOCAL-PORT] <WORDS\n");
        return 2;
    }
    try {
        var endpoint = new Srudp.Endpoint.for_port ((uint16) uint.parse (args[2] ?? "12345"));

        endpoint.passphrase = stdin.read_line () ?? "";
        var connection = endpoint.connect_to_host (args[1], 12345);

        stdout.printf ("both know it\n");
        connection.close ();
    } catch (Srudp.Error.PASSPHRASE error) {
        stdout.printf ("they differ\n");
    } catch (Error error) {
        printerr ("passphrase: %s\n", error.message);
        return 1;
    }
    return 0;
}
