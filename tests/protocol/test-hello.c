/*
 * SPDX-License-Identifier: MIT
 *
 * test-hello.c: HELLO and the outside of the other handshake packets
 */
#include "srudp-hello.h"

#include "srudp-handshake-packet.h"
#include "srudp-noise.h"

static void
fill_hello (SrudpHello *hello)
{
  memset (hello, 0, sizeof *hello);
  srudp_hello_fields_init (&hello->fields, "org.example.Chat/1", 0x1122334455667788);
  memset (hello->peer_tag, 0xAA, SRUDP_TAG_BYTES);
  memset (hello->invitation_tag, 0xBB, SRUDP_TAG_BYTES);
  memset (hello->fields.sas_commitment, 0xCC, SRUDP_SAS_BYTES);
}

static void
assert_same_fields (const SrudpHelloFields *a,
                    const SrudpHelloFields *b)
{
  g_assert_cmpuint (a->version_min, ==, b->version_min);
  g_assert_cmpuint (a->version_max, ==, b->version_max);
  g_assert_cmpmem (a->application, SRUDP_APPLICATION_BYTES,
                   b->application, SRUDP_APPLICATION_BYTES);
  g_assert_cmpuint (a->connection_id, ==, b->connection_id);
  g_assert_cmpuint (a->ciphers, ==, b->ciphers);
  g_assert_cmpmem (a->sas_commitment, SRUDP_SAS_BYTES,
                   b->sas_commitment, SRUDP_SAS_BYTES);
  g_assert_cmpint (a->has_cpace, ==, b->has_cpace);
  g_assert_cmpmem (a->cpace_share, SRUDP_CPACE_BYTES,
                   b->cpace_share, SRUDP_CPACE_BYTES);
}

static void
test_payload (gconstpointer data)
{
  guint8 payload[SRUDP_HELLO_PAYLOAD_MAX_BYTES];
  SrudpHello hello, parsed;
  gsize size;

  fill_hello (&hello);
  hello.fields.has_cpace = GPOINTER_TO_INT (data);
  if (hello.fields.has_cpace)
    memset (hello.fields.cpace_share, 0xDD, SRUDP_CPACE_BYTES);

  size = srudp_hello_payload_write (&hello, payload);
  g_assert_true (srudp_hello_payload_parse (&parsed, payload, size));
  g_assert_cmpmem (parsed.peer_tag, SRUDP_TAG_BYTES, hello.peer_tag, SRUDP_TAG_BYTES);
  g_assert_cmpmem (parsed.invitation_tag, SRUDP_TAG_BYTES,
                   hello.invitation_tag, SRUDP_TAG_BYTES);
  assert_same_fields (&parsed.fields, &hello.fields);
  g_assert_cmpuint (parsed.tagged_size, ==, size - 2 * SRUDP_TAG_BYTES);

  for (gsize cut = 0; cut < size; cut++)
    g_assert_false (srudp_hello_payload_parse (&parsed, payload, cut));
}

typedef struct
{
  const char *name;
  guint8 bytes[8];
  gsize size;
  gboolean valid;
} Tail;

static const Tail tails[] = {
  { "none", { 0 }, 0, TRUE },
  { "unknown-entry", { 0x09, 0x02, 0xFF, 0xFF }, 4, TRUE },
  { "empty-entry", { 0x09, 0x00 }, 2, TRUE },
  { "two-entries", { 0x09, 0x00, 0x40, 0x41, 0x01, 0x00 }, 6, TRUE },
  { "entry-without-length", { 0x09 }, 1, FALSE },
  { "entry-too-long", { 0x09, 0x03, 0xFF, 0xFF }, 4, FALSE },
  { "entry-far-too-long", { 0x09, 0xBF, 0xFF, 0xFF, 0xFF }, 5, FALSE },
};

static void
test_tail (gconstpointer data)
{
  const Tail *tail = data;
  guint8 payload[SRUDP_HELLO_PAYLOAD_MAX_BYTES + sizeof tail->bytes];
  SrudpHello hello, parsed;
  gsize size;

  fill_hello (&hello);
  size = srudp_hello_payload_write (&hello, payload);
  memcpy (payload + size, tail->bytes, tail->size);
  g_assert_cmpint (srudp_hello_payload_parse (&parsed, payload, size + tail->size),
                   ==, tail->valid);
}

typedef struct
{
  const char *name;
  guint8 a[2], b[2];
  guint version;
} Versions;

static const Versions versions[] = {
  { "same", { 1, 1 }, { 1, 1 }, 1 },
  { "highest-of-both", { 1, 3 }, { 2, 5 }, 3 },
  { "newer-speaks-older", { 1, 1 }, { 1, 9 }, 1 },
  { "too-new", { 1, 1 }, { 2, 3 }, 0 },
  { "gap", { 1, 2 }, { 4, 5 }, 0 },
};

static void
test_version (gconstpointer data)
{
  const Versions *test = data;
  SrudpHelloFields a = { .version_min = test->a[0], .version_max = test->a[1] };
  SrudpHelloFields b = { .version_min = test->b[0], .version_max = test->b[1] };

  g_assert_cmpuint (srudp_hello_fields_choose_version (&a, &b), ==, test->version);
  g_assert_cmpuint (srudp_hello_fields_choose_version (&b, &a), ==, test->version);
}

static void
test_cipher (void)
{
  SrudpHelloFields a = { .ciphers = SRUDP_CIPHER_CHACHA20_POLY1305 };
  SrudpHelloFields b = { .ciphers = SRUDP_CIPHER_CHACHA20_POLY1305 |
                                    SRUDP_CIPHER_AES_256_GCM };

  g_assert_cmpint (srudp_hello_fields_choose_cipher (&a, &b), ==,
                   SRUDP_CIPHER_CHACHA20_POLY1305);
  g_assert_cmpint (srudp_hello_fields_choose_cipher (&b, &b), ==,
                   SRUDP_CIPHER_AES_256_GCM);
}

static void
test_application (void)
{
  SrudpHelloFields none, one, same, other;

  srudp_hello_fields_init (&none, NULL, 1);
  srudp_hello_fields_init (&one, "a/1", 2);
  srudp_hello_fields_init (&same, "a/1", 3);
  srudp_hello_fields_init (&other, "a/2", 4);
  g_assert_true (srudp_hello_fields_same_application (&one, &same));
  g_assert_true (srudp_hello_fields_same_application (&none, &none));
  g_assert_false (srudp_hello_fields_same_application (&one, &other));
  g_assert_false (srudp_hello_fields_same_application (&one, &none));
}

static gsize
make_packet (guint8 packet[SRUDP_HELLO_BYTES])
{
  guint8 noise[SRUDP_HELLO_MAX_NOISE_BYTES];
  SrudpHelloTrailer trailer = { .token = 7, .counter = 9, .cookie = { 1, 2, 3 } };
  gsize size = SRUDP_NOISE_MESSAGE_1_OVERHEAD + 100;

  memset (noise, 0x5A, sizeof noise);
  srudp_hello_packet_init (packet, noise, size);
  srudp_hello_packet_set_trailer (packet, &trailer);

  return size;
}

static void
test_packet (void)
{
  guint8 packet[SRUDP_HELLO_BYTES + 1] = { 0 };
  guint8 hash[SRUDP_SHA256_BYTES], other[SRUDP_SHA256_BYTES];
  const guint8 *noise;
  SrudpHelloTrailer trailer = { 0 };
  gsize size = make_packet (packet), parsed_size;

  g_assert_true (srudp_hello_packet_parse (packet, SRUDP_HELLO_BYTES, &noise,
                                           &parsed_size, &trailer));
  g_assert_cmpuint (parsed_size, ==, size);
  g_assert_true (noise == packet + SRUDP_HELLO_NOISE_OFFSET);
  g_assert_cmpuint (trailer.token, ==, 7);
  g_assert_cmpuint (trailer.counter, ==, 9);
  g_assert_cmpuint (trailer.cookie[2], ==, 3);

  /* The trailer may change, the HELLO is the same. */
  srudp_hello_packet_hash (packet, hash);
  packet[SRUDP_HELLO_BYTES - 1] ^= 1;
  srudp_hello_packet_hash (packet, other);
  g_assert_cmpmem (hash, sizeof hash, other, sizeof other);
  packet[SRUDP_HELLO_NOISE_OFFSET] ^= 1;
  srudp_hello_packet_hash (packet, other);
  g_assert_cmpint (memcmp (hash, other, sizeof hash), !=, 0);

  for (gsize wrong = 0; wrong <= sizeof packet; wrong++)
    if (wrong != SRUDP_HELLO_BYTES)
      g_assert_false (srudp_hello_packet_parse (packet, wrong, &noise,
                                                &parsed_size, &trailer));
}

/* Were padding free to vary, one HELLO could pose as many. */
static void
test_padding_is_zero (void)
{
  guint8 packet[SRUDP_HELLO_BYTES];
  const guint8 *noise;
  SrudpHelloTrailer trailer;
  gsize size = make_packet (packet), parsed_size;

  for (gsize i = SRUDP_HELLO_NOISE_OFFSET + size; i < SRUDP_HELLO_CONSTANT_BYTES; i++)
    {
      packet[i] = 1;
      g_assert_false (srudp_hello_packet_parse (packet, sizeof packet, &noise,
                                                &parsed_size, &trailer));
      packet[i] = 0;
    }
}

static void
test_impossible_lengths (void)
{
  for (guint length = 0; length <= G_MAXUINT16; length++)
    {
      guint8 packet[SRUDP_HELLO_BYTES] = { SRUDP_PACKET_HELLO, (guint8) (length >> 8),
                                           (guint8) length };
      const guint8 *noise;
      SrudpHelloTrailer trailer;
      gsize size;

      g_assert_cmpint (srudp_hello_packet_parse (packet, sizeof packet, &noise,
                                                 &size, &trailer), ==,
                       length >= SRUDP_NOISE_MESSAGE_1_OVERHEAD &&
                       length <= SRUDP_HELLO_MAX_NOISE_BYTES);
    }
}

static void
test_tags_differ (void)
{
  guint8 key[2][SRUDP_KEY_BYTES] = { { 1 }, { 2 } };
  guint8 e[2][SRUDP_KEY_BYTES] = { { 3 }, { 4 } };
  const guint8 *bytes = (const guint8 *) "fields", *other = (const guint8 *) "field$";
  guint8 tags[5][SRUDP_TAG_BYTES];

  srudp_hello_make_tag (tags[0], SRUDP_TAG_PEER, key[0], e[0], bytes, 6);
  srudp_hello_make_tag (tags[1], SRUDP_TAG_INVITATION, key[0], e[0], bytes, 6);
  srudp_hello_make_tag (tags[2], SRUDP_TAG_PEER, key[1], e[0], bytes, 6);
  srudp_hello_make_tag (tags[3], SRUDP_TAG_PEER, key[0], e[1], bytes, 6);
  srudp_hello_make_tag (tags[4], SRUDP_TAG_PEER, key[0], e[0], other, 6);
  for (guint i = 0; i < 5; i++)
    for (guint j = 0; j < i; j++)
      g_assert_cmpint (memcmp (tags[i], tags[j], SRUDP_TAG_BYTES), !=, 0);
}

static void
test_handshake_packet (void)
{
  const guint8 noise[] = { 1, 2, 3, 4 };
  SrudpHandshakePacket packet = {
    .type = SRUDP_PACKET_MESSAGE_3,
    .destination_id = 0x0102030405060708,
    .echo = { 11, 12, 13, 14, 15 },
    .noise = noise,
    .noise_size = sizeof noise,
  };
  SrudpHandshakePacket parsed;
  guint8 data[SRUDP_HANDSHAKE_MAX_BYTES + 1];
  guint64 id;
  gsize size = srudp_handshake_packet_write (&packet, data);

  g_assert_cmpuint (size, ==, SRUDP_HANDSHAKE_HEADER_BYTES + sizeof noise);
  g_assert_true (srudp_handshake_packet_parse (&parsed, data, size));
  g_assert_cmpint (parsed.type, ==, packet.type);
  g_assert_cmpuint (parsed.destination_id, ==, packet.destination_id);
  g_assert_cmpuint (parsed.echo.token, ==, 11);
  g_assert_cmpuint (parsed.echo.counter, ==, 12);
  g_assert_cmpuint (parsed.echo.echo_token, ==, 13);
  g_assert_cmpuint (parsed.echo.echo_counter, ==, 14);
  g_assert_cmpuint (parsed.echo.echo_delay_us, ==, 15);
  g_assert_cmpmem (parsed.noise, parsed.noise_size, noise, sizeof noise);
  g_assert_true (srudp_packet_get_destination (data, size, &id));
  g_assert_cmpuint (id, ==, packet.destination_id);

  for (gsize cut = 0; cut < SRUDP_HANDSHAKE_HEADER_BYTES; cut++)
    g_assert_false (srudp_handshake_packet_parse (&parsed, data, cut));
  g_assert_false (srudp_handshake_packet_parse (&parsed, data, sizeof data));
  data[0] = SRUDP_PACKET_COOKIE;
  g_assert_false (srudp_handshake_packet_parse (&parsed, data, size));
}

static void
test_reject (void)
{
  static const SrudpReason reasons[] = {
    SRUDP_REASON_NONE, SRUDP_REASON_REFUSED, SRUDP_REASON_PASSPHRASE,
    SRUDP_REASON_APPLICATION_PROTOCOL, SRUDP_REASON_VERSION,
  };
  const guint8 secret[SRUDP_SHA256_BYTES] = { 1 }, other[SRUDP_SHA256_BYTES] = { 2 };

  for (gsize i = 0; i < G_N_ELEMENTS (reasons); i++)
    {
      guint8 packet[SRUDP_REJECT_BYTES];
      SrudpReason reason;

      srudp_reject_write (packet, 42, secret, reasons[i]);
      g_assert_true (srudp_reject_open (packet, sizeof packet, secret, &reason));
      g_assert_cmpint (reason, ==, reasons[i]);
      g_assert_false (srudp_reject_open (packet, sizeof packet, other, &reason));
      for (gsize cut = 0; cut < sizeof packet; cut++)
        g_assert_false (srudp_reject_open (packet, cut, secret, &reason));
      for (gsize byte = 0; byte < sizeof packet; byte++)
        {
          packet[byte] ^= 1;
          g_assert_false (srudp_reject_open (packet, sizeof packet, secret, &reason));
          packet[byte] ^= 1;
        }
    }
}

static void
add_tests (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (tails); i++)
    {
      g_autofree char *path = g_strdup_printf ("/hello/tail/%s", tails[i].name);

      g_test_add_data_func (path, &tails[i], test_tail);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (versions); i++)
    {
      g_autofree char *path = g_strdup_printf ("/hello/version/%s", versions[i].name);

      g_test_add_data_func (path, &versions[i], test_version);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (!srudp_crypto_init ())
    return 1;

  g_test_add_data_func ("/hello/payload/plain", GINT_TO_POINTER (FALSE), test_payload);
  g_test_add_data_func ("/hello/payload/with-cpace", GINT_TO_POINTER (TRUE), test_payload);
  add_tests ();
  g_test_add_func ("/hello/cipher", test_cipher);
  g_test_add_func ("/hello/application", test_application);
  g_test_add_func ("/hello/packet/round-trip", test_packet);
  g_test_add_func ("/hello/packet/padding-is-zero", test_padding_is_zero);
  g_test_add_func ("/hello/packet/impossible-lengths", test_impossible_lengths);
  g_test_add_func ("/hello/tags-differ", test_tags_differ);
  g_test_add_func ("/handshake-packet/round-trip", test_handshake_packet);
  g_test_add_func ("/handshake-packet/reject", test_reject);

  return g_test_run ();
}
