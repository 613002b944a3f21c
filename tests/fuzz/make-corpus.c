/*
 * SPDX-License-Identifier: MIT
 *
 * make-corpus.c: writes the first inputs of the fuzz targets
 *
 * usage: make-corpus FOLDER
 *
 * To be run when the wire format changes; inputs that were found later are
 * files beside these.
 */
#include "fuzz.h"

#include "srudp-chat-codec.h"
#include "srudp-frame.h"
#include "srudp-handshake-packet.h"
#include "srudp-hello.h"
#include "srudp-secrets.h"
#include "srudp-transport-params.h"

#include "srudp-glib/srudp-invitation-private.h"

#include <srudp-glib/srudp-glib.h>

#include <glib/gstdio.h>
#include <string.h>

static const char *folder;

static void
save (const char   *target,
      const char   *name,
      const guint8 *data,
      gsize         size)
{
  g_autofree char *inner = g_build_filename (folder, target, NULL);
  g_autofree char *path = g_build_filename (inner, name, NULL);
  g_autoptr (GError) error = NULL;

  g_mkdir_with_parents (inner, 0755);
  if (!g_file_set_contents (path, data != NULL ? (const char *) data : "",
                            (gssize) size, &error))
    g_error ("%s", error->message);
}

/* A frame by itself, and in a packet from the peer, after some of our own are
 * sent and before they are again; an initiator's is traced, and both take part
 * in the short code. */
static void
save_frames (const char   *name,
             const guint8 *frames,
             gsize         size)
{
  guint8 script[3000];
  SrudpWriter writer;

  save ("frame", name, frames, size);
  for (guint8 initiator = 0; initiator < 2; initiator++)
    {
      g_autofree char *role
        = g_strconcat (name, initiator ? "-to-initiator" : "-to-responder", NULL);

      srudp_writer_init (&writer, script, sizeof script);
      srudp_writer_put_u8 (&writer, initiator ? 0x0f : 0x0c);
      srudp_writer_put_bytes (&writer, "\x03\x02\x03\x00\x03\x40\x02", 7);
      srudp_writer_put_u8 (&writer, 0);
      srudp_writer_put_u16 (&writer, (guint16) size);
      srudp_writer_put_bytes (&writer, frames, size);
      srudp_writer_put_bytes (&writer, "\x02\x03\x01\x01\x10\x02", 6);
      save ("transport", role, script, writer.size);
    }
}

#define TEXT(string) (const guint8 *) string, sizeof string - 1

static const SrudpFrame frames[] = {
  { .type = SRUDP_FRAME_PING },
  { .type = SRUDP_FRAME_HANDSHAKE_DONE },
  { .type = SRUDP_FRAME_IMMEDIATE_ACK },
  { .type = SRUDP_FRAME_RESET_STREAM, .reset_stream = { 1, 2, 3 } },
  { .type = SRUDP_FRAME_STOP_SENDING, .stop_sending = { 0, 2 } },
  { .type = SRUDP_FRAME_STREAM, .stream = { 0, 0, TEXT ("hello"), FALSE } },
  { .type = SRUDP_FRAME_STREAM, .stream = { 1, 5, TEXT ("world"), TRUE } },
  { .type = SRUDP_FRAME_MAX_DATA, .limit = { 0, 100000 } },
  { .type = SRUDP_FRAME_MAX_STREAM_DATA, .limit = { 0, 100000 } },
  { .type = SRUDP_FRAME_MAX_STREAMS, .limit = { 0, 20 } },
  { .type = SRUDP_FRAME_DATA_BLOCKED, .limit = { 0, 65536 } },
  { .type = SRUDP_FRAME_STREAM_DATA_BLOCKED, .limit = { 1, 32768 } },
  { .type = SRUDP_FRAME_STREAMS_BLOCKED, .limit = { 0, 8 } },
  { .type = SRUDP_FRAME_DATAGRAM, .datagram = { TEXT ("datagram") } },
  { .type = SRUDP_FRAME_PATH_CHALLENGE, .path = { "1234567" } },
  { .type = SRUDP_FRAME_PATH_RESPONSE, .path = { "1234567" } },
  { .type = SRUDP_FRAME_NEW_CONNECTION_ID, .connection_id = { 1, 0, 77 } },
  { .type = SRUDP_FRAME_RETIRE_CONNECTION_ID, .connection_id = { 0, 0, 0 } },
  { .type = SRUDP_FRAME_CLOSE, .close = { 1, TEXT ("why") } },
  { .type = SRUDP_FRAME_ACK_FREQUENCY, .ack_frequency = { 0, 4, 25000, 3 } },
  { .type = SRUDP_FRAME_OBSERVED_ADDRESS,
    .address = { 1, { .family = SRUDP_FAMILY_IPV4, .ip = { 192, 0, 2, 3 },
                      .port = 99 } } },
  { .type = SRUDP_FRAME_ADD_ADDRESS,
    .address = { 1, { .family = SRUDP_FAMILY_IPV6, .ip = { 0x20, 1, 0x0d, 0xb8 },
                      .port = 99 } } },
  { .type = SRUDP_FRAME_REMOVE_ADDRESS, .address = { .sequence = 1 } },
  { .type = SRUDP_FRAME_INTRODUCE,
    .introduce = { SRUDP_INTRODUCTION_PEER, "key",
                   SRUDP_MAPPING_ENDPOINT_DEPENDENT, 1,
                   { { .family = SRUDP_FAMILY_IPV4, .ip = { 192, 0, 2, 3 },
                       .port = 99 } }, 1 } },
  { .type = SRUDP_FRAME_KEY_SHARE, .key_share = { 1, "share" } },
  { .type = SRUDP_FRAME_SAS_REVEAL, .sas_reveal = { "nonce" } },
};

static void
make_frames (void)
{
  static const SrudpAckRange ranges[] = { { 1, 2 }, { 0, 0 } };
  static const SrudpEcnCounts ecn = { .ect0 = 2 };
  guint8 all[1400], one[200];
  SrudpWriter writer, all_writer;

  srudp_writer_init (&all_writer, all, sizeof all);
  for (guint i = 0; i < G_N_ELEMENTS (frames); i++)
    {
      g_autofree char *name
        = g_strdup_printf ("%02u-%s", i,
                           srudp_frame_type_get_name (frames[i].type));

      srudp_writer_init (&writer, one, sizeof one);
      if (!srudp_frame_write (&writer, &frames[i]))
        g_error ("%s cannot be written", name);
      save_frames (name, one, writer.size);
      if (frames[i].type != SRUDP_FRAME_CLOSE)
        srudp_frame_write (&all_writer, &frames[i]);
    }
  save_frames ("all", all, all_writer.size);

  srudp_writer_init (&writer, one, sizeof one);
  srudp_frame_write_ack (&writer, ranges, 1, 1000, NULL);
  save_frames ("ack", one, writer.size);
  srudp_writer_init (&writer, one, sizeof one);
  srudp_frame_write_ack (&writer, ranges, G_N_ELEMENTS (ranges), 0, &ecn);
  save_frames ("ack-ecn", one, writer.size);
}

static void
make_params (void)
{
  SrudpTransportParams params;
  guint8 data[500];
  SrudpWriter writer;

  srudp_transport_params_init (&params);
  for (guint32 grease = 0; grease < 2; grease++)
    {
      srudp_writer_init (&writer, data, sizeof data);
      srudp_transport_params_write (&writer, &params, grease);
      save ("params", grease ? "grease" : "default", data, writer.size);
      params.initial_max_data = G_GUINT64_CONSTANT (1) << 40;
      params.features = SRUDP_FEATURE_DATAGRAM | SRUDP_FEATURE_REKEY;
      params.idle_timeout_us = 21 * G_USEC_PER_SEC;
    }
}

static void
make_handshake (void)
{
  guint8 hello[SRUDP_HELLO_BYTES], payload[SRUDP_HELLO_PAYLOAD_MAX_BYTES];
  guint8 message[SRUDP_HANDSHAKE_MAX_BYTES], noise[200] = { 0 };
  SrudpHandshakePacket packet = { .type = SRUDP_PACKET_MESSAGE_2,
                                  .destination_id = 7,
                                  .noise = noise,
                                  .noise_size = sizeof noise };
  SrudpHello fields = { 0 };
  gsize size;

  srudp_hello_fields_init (&fields.fields, "chat", 7);
  size = srudp_hello_payload_write (&fields, payload);
  save ("handshake", "payload", payload, size);
  save ("handshake", "fields", payload + 2 * SRUDP_TAG_BYTES,
        size - 2 * SRUDP_TAG_BYTES);
  srudp_hello_packet_init (hello, noise, sizeof noise);
  save ("handshake", "hello", hello, sizeof hello);
  save ("handshake", "message-2", message,
        srudp_handshake_packet_write (&packet, message));
  packet.type = SRUDP_PACKET_MESSAGE_3;
  save ("handshake", "message-3", message,
        srudp_handshake_packet_write (&packet, message));
}

static void
save_engine (const char *name,
             guint8      how)
{
  guint8 script[60] = { how };

  memcpy (script + 16, "\x07\x00\x07\x01\x00\x00\x00\x07\x02\x07\x03", 11);
  memcpy (script + 40, "\x07\x04\x00\x00\x07\x05\x00\x07\xff", 9);
  save ("engine", name, script, sizeof script);
}

/* All arrives, for each way to begin, traced in half of them; then they talk
 * and part. And so with secrets, cookies and keys that do not last. */
static void
make_engine (void)
{
  static const guint8 extra[] = { 0x40, 0x80, 0xc0 };

  for (guint8 how = 0; how < 32; how++)
    {
      g_autofree char *name = g_strdup_printf ("smooth-%02u", how);

      save_engine (name, how % 2 == 0 ? how : how | 0x20);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (extra); i++)
    for (guint8 how = 2; how <= 15; how += 13)
      {
        g_autofree char *name
          = g_strdup_printf ("smooth-%02u-%s", how,
                             extra[i] == 0x40 ? "secrets"
                             : extra[i] == 0x80 ? "careful" : "secrets-careful");

        save_engine (name, how | extra[i]);
      }
}

static void
put_payload (SrudpWriter  *writer,
             const guint8 *payload,
             gsize         size)
{
  srudp_writer_put_u16 (writer, (guint16) size);
  srudp_writer_put_bytes (writer, payload, size);
}

/* Fields, no open named, parameters. */
static gsize
write_message (const SrudpHelloFields *fields,
               guint8                  out[300])
{
  static const guint8 named[SRUDP_KEY_BYTES];
  SrudpTransportParams params;
  SrudpWriter writer;

  srudp_transport_params_init (&params);
  params.features = SRUDP_FEATURE_DATAGRAM | SRUDP_FEATURE_REKEY;
  srudp_writer_init (&writer, out, 300);
  srudp_hello_fields_write (&writer, fields);
  srudp_writer_put_bytes (&writer, named, sizeof named);
  srudp_transport_params_write (&writer, &params, 0);

  return writer.size;
}

/* With a commitment for the short code, and maybe a guess at a passphrase. */
static void
init_fields (SrudpHelloFields *fields,
             gboolean          with_passphrase)
{
  static const char guess[] = "wrong horse";
  guint64 random = 0;
  SrudpPassphrase *passphrase = NULL;
  SrudpKeyring keyring;
  SrudpSecrets secrets;

  srudp_keyring_init (&keyring);
  if (with_passphrase)
    passphrase = srudp_keyring_intern (&keyring, guess, strlen (guess));
  srudp_hello_fields_init (fields, NULL, 7);
  srudp_secrets_init (&secrets, passphrase, NULL, fuzz_random, &random);
  srudp_secrets_offer (&secrets, fields);

  srudp_secrets_clear (&secrets);
  g_clear_pointer (&passphrase, srudp_passphrase_unref);
  srudp_keyring_clear (&keyring);
}

/* Good ones, to an engine that accepts or opens, with a cookie, a passphrase. */
static void
make_messages (void)
{
  for (guint8 how = 0; how < 8; how++)
    {
      g_autofree char *name
        = g_strdup_printf ("%s%s%s", how & 1 ? "opens" : "accepts",
                           how & 2 ? "-cookie" : "", how & 4 ? "-passphrase" : "");
      guint8 hello_payload[SRUDP_HELLO_PAYLOAD_MAX_BYTES], message[300], script[900];
      SrudpHello hello = { 0 };
      SrudpWriter writer;

      init_fields (&hello.fields, (how & 4) != 0);
      srudp_writer_init (&writer, script, sizeof script);
      srudp_writer_put_u8 (&writer, how);
      if (!(how & 1))
        put_payload (&writer, hello_payload,
                     srudp_hello_payload_write (&hello, hello_payload));
      put_payload (&writer, message, write_message (&hello.fields, message));
      save ("messages", name, script, writer.size);
    }
}

static void
make_texts (void)
{
  guint8 secret[SRUDP_IDENTITY_BYTES] = { 1, 2, 3, 4, 5 };
  g_autoptr (SrudpIdentity) identity
    = srudp_identity_new_from_bytes (secret, sizeof secret, NULL);
  g_autofree char *id
    = srudp_peer_id_to_string (srudp_identity_get_peer_id (identity));
  g_autofree char *path = g_build_filename (folder, "identity", "file", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GError) error = NULL;

  save ("peer-id", "id", (const guint8 *) id, strlen (id));
  save ("identity", "empty", NULL, 0);
  if (!srudp_identity_save (identity, file, NULL, &error))
    g_error ("%s", error->message);
}

/* The text, and the fields alone. */
static void
save_invitation (const char                  *name,
                 const SrudpInvitationFields *fields)
{
  g_autofree char *text = srudp_invitation_encode (fields);
  g_autofree char *pasted = g_strconcat ("Join me: “", text, "”\n", NULL);
  g_autofree char *fields_name = g_strconcat (name, "-fields", NULL);
  g_auto (SrudpInvitationBytes) bytes = { 0 };

  if (srudp_invitation_unwrap (text, &bytes) != SRUDP_INVITATION_GOOD)
    g_error ("%s cannot be read", name);
  save ("invitation", name, (const guint8 *) pasted, strlen (pasted));
  save ("invitation", fields_name, bytes.fields, bytes.n_fields);
}

static void
make_invitations (void)
{
  const guint8 ip4[4] = { 192, 0, 2, 1 };
  const guint8 ip6[16] = { 0x20, 1, 0x0d, 0xb8, [15] = 1 };
  SrudpInvitationFields fields = { .key = { 1, 2, 3 } };

  save_invitation ("empty", &fields);
  srudp_address_init_ipv4 (&fields.candidates[0], ip4, 5001);
  srudp_address_init_ipv6 (&fields.candidates[1], ip6, 5001, 0);
  srudp_address_init_ipv6 (&fields.candidates[2], ip6, 5002, 0);
  srudp_address_init_ipv4 (&fields.candidates[3], ip4, 5003);
  fields.n_candidates = 4;
  save_invitation ("addresses", &fields);
  fields.has_secret = TRUE;
  fields.expires_s = 2000000000;
  save_invitation ("all", &fields);
}

/* A first byte says in pieces of how many bytes the rest comes. */
static void
save_chat (const char           *name,
           const SrudpChatFrame *frame)
{
  g_autoptr (GBytes) bytes = srudp_chat_frame_encode (frame);
  g_autoptr (GByteArray) all = g_byte_array_new ();
  guint8 piece = 6;

  g_byte_array_append (all, &piece, 1);
  for (guint i = 0; i < 2; i++)
    g_byte_array_append (all, g_bytes_get_data (bytes, NULL), (guint) g_bytes_get_size (bytes));
  save ("chat", name, all->data, all->len);
}

static void
make_chat (void)
{
  static const struct
  {
    const char *name;
    SrudpChatFrame frame;
  } table[] = {
    { "hello", { .type = SRUDP_CHAT_FRAME_HELLO, .version = 2, .text = (char *) "Bob" } },
    { "text", { .type = SRUDP_CHAT_FRAME_TEXT, .id = 1, .text = (char *) "Gr\u00fc\u00dfe" } },
    { "receipt", { .type = SRUDP_CHAT_FRAME_RECEIPT, .id = 1 } },
    { "bye", { .type = SRUDP_CHAT_FRAME_BYE, .reason = SRUDP_CHAT_BYE_DECLINED } },
    { "typing", { .type = SRUDP_CHAT_FRAME_TYPING, .typing = TRUE } },
    { "file", { .type = SRUDP_CHAT_FRAME_FILE, .id = 2, .size_bytes = 5,
                .text = (char *) "../x" } },
    { "wanted", { .type = SRUDP_CHAT_FRAME_FILE_WANTED, .id = 2, .offset_bytes = 3 } },
    { "refused", { .type = SRUDP_CHAT_FRAME_FILE_REFUSED, .id = 2, .refusal = 1 } },
    { "withdrawn", { .type = SRUDP_CHAT_FRAME_FILE_WITHDRAWN, .id = 2 } },
    { "kept", { .type = SRUDP_CHAT_FRAME_FILE_KEPT, .id = 2 } },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    save_chat (table[i].name, &table[i].frame);
}

int
main (int    argc,
      char **argv)
{
  if (argc != 2 || !srudp_crypto_init ())
    return 2;

  folder = argv[1];
  make_frames ();
  make_params ();
  make_handshake ();
  make_engine ();
  make_messages ();
  make_texts ();
  make_invitations ();
  make_chat ();

  return 0;
}
