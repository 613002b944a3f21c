/*
 * SPDX-License-Identifier: MIT
 *
 * fuzz-messages.c: what a stranger with keys of his own says in the handshake
 *
 * An engine meets somebody whose messages are authentic, whatever is in them:
 * messages 1 and 3 if the engine accepts, message 2 if it opens. The first byte
 * says which; then comes each payload, its size (2) before it. The handshake may
 * come about, and then has to hold with whatever parameters it was given.
 */
#include "fuzz.h"

#include "srudp-cookie.h"
#include "srudp-engine.h"
#include "srudp-handshake-packet.h"
#include "srudp-hello.h"
#include "srudp-noise.h"
#include "srudp-reader.h"
#include "srudp-secrets.h"

#include <string.h>

/* of the first byte */
#define OPENS 0x01
#define WITH_COOKIE 0x02
#define WITH_PASSPHRASE 0x04
#define MAX_STEPS 100

typedef struct
{
  SrudpEngine *engine;
  SrudpSession *session;
  SrudpPath path;
  SrudpNoise noise; /* the stranger's */
  guint8 answer[SRUDP_HELLO_BYTES]; /* the engine's newest handshake packet */
  gsize answer_size;
  gint64 now;
  guint64 random;
  SrudpReader script;
} Fuzz;

static const char passphrase[] = "correct horse";
static guint8 buffer[SRUDP_MAX_UDP_PAYLOAD];

static void
start (Fuzz   *fuzz,
       guint8  how)
{
  static const guint8 here[4] = { 192, 0, 2, 1 }, there[4] = { 192, 0, 2, 2 };
  SrudpEngineConfig config = { .random = fuzz_random,
                               .random_data = &fuzz->random };
  guint8 secret[SRUDP_KEY_BYTES], public_key[SRUDP_KEY_BYTES];

  fuzz->now = G_USEC_PER_SEC;
  srudp_address_init_ipv4 (&fuzz->path.local, here, 0);
  srudp_address_init_ipv4 (&fuzz->path.remote, there, 4000);
  fuzz_random (&fuzz->random, config.static_secret, SRUDP_KEY_BYTES);
  fuzz->engine = srudp_engine_new (&config, fuzz->now);
  srudp_engine_set_accepting (fuzz->engine, TRUE);
  srudp_engine_set_max_window (fuzz->engine, 64 * 1024);
  if (how & WITH_COOKIE)
    srudp_engine_set_hello_limits (fuzz->engine, 0, 0);
  if (how & WITH_PASSPHRASE)
    srudp_engine_set_passphrase (fuzz->engine, passphrase, strlen (passphrase));

  fuzz_random (&fuzz->random, secret, sizeof secret);
  srudp_x25519_public_key (public_key, secret);
  srudp_noise_init (&fuzz->noise, !(how & OPENS), SRUDP_PROLOGUE,
                    strlen (SRUDP_PROLOGUE), secret, public_key);
  fuzz_random (&fuzz->random, secret, sizeof secret);
  srudp_noise_set_ephemeral (&fuzz->noise, secret);
}

static void
stop (Fuzz *fuzz)
{
  srudp_engine_free (fuzz->engine);
  srudp_noise_clear (&fuzz->noise);
}

/* Everything that the engine has to say; its last handshake packet is kept. */
static void
serve (Fuzz *fuzz)
{
  SrudpEvent event = { 0 };
  SrudpTransmit transmit;

  while (srudp_engine_poll_event (fuzz->engine, &event))
    {
      if (event.type == SRUDP_EVENT_INCOMING)
        {
          srudp_session_claim (event.session);
          fuzz->session = event.session;
        }
      g_clear_pointer (&event.datagram, g_bytes_unref);
    }
  while (srudp_engine_poll_transmit (fuzz->engine, fuzz->now, &transmit, buffer,
                                     sizeof buffer, 1) > 0)
    if (transmit.size <= sizeof fuzz->answer && buffer[0] >= SRUDP_PACKET_HELLO)
      {
        fuzz->answer_size = transmit.size;
        memcpy (fuzz->answer, buffer, transmit.size);
      }
}

static void
deliver (Fuzz         *fuzz,
         const guint8 *packet,
         gsize         size)
{
  g_autofree guint8 *copy = g_memdup2 (packet, size);

  fuzz->now += 20000;
  srudp_engine_receive (fuzz->engine, fuzz->now, &fuzz->path, SRUDP_ECN_NOT_ECT,
                        copy, size);
  serve (fuzz);
}

/* Returns: the size of the next payload in the script, at most so many bytes. */
static gsize
get_payload (Fuzz          *fuzz,
             gsize          max_size,
             const guint8 **payload)
{
  guint16 size = 0;

  srudp_reader_get_u16 (&fuzz->script, &size);
  size = (guint16) MIN (size, MIN (max_size, fuzz->script.left));
  if (!srudp_reader_get_view (&fuzz->script, payload, size))
    g_assert_not_reached ();

  return size;
}

static gboolean
parse_answer (Fuzz                 *fuzz,
              SrudpPacketType       type,
              SrudpHandshakePacket *packet)
{
  return fuzz->answer_size > 0
         && srudp_handshake_packet_parse (packet, fuzz->answer, fuzz->answer_size)
         && packet->type == type;
}

/* Message 2 or 3, in answer to a packet with this token and number. */
static void
deliver_message (Fuzz           *fuzz,
                 SrudpPacketType type,
                 guint64         destination_id,
                 guint64         token,
                 guint32         counter,
                 const guint8   *noise,
                 gsize           noise_size)
{
  SrudpHandshakePacket packet = {
    .type = type,
    .destination_id = destination_id,
    .echo = { .echo_token = token, .echo_counter = counter },
    .noise = noise,
    .noise_size = noise_size,
  };
  guint8 bytes[SRUDP_HANDSHAKE_MAX_BYTES];

  deliver (fuzz, bytes, srudp_handshake_packet_write (&packet, bytes));
}

/* The stranger's HELLO, and again with the cookie that it may be given. */
static void
say_hello (Fuzz *fuzz)
{
  guint8 noise[SRUDP_HELLO_MAX_NOISE_BYTES], hello[SRUDP_HELLO_BYTES];
  guint8 hash[SRUDP_SHA256_BYTES];
  SrudpHelloTrailer trailer = { 0 };
  const guint8 *payload;
  gsize size = get_payload (fuzz, sizeof noise - SRUDP_NOISE_MESSAGE_1_OVERHEAD,
                            &payload);

  srudp_noise_write_message_1 (&fuzz->noise, payload, size, noise);
  srudp_hello_packet_init (hello, noise, size + SRUDP_NOISE_MESSAGE_1_OVERHEAD);
  srudp_hello_packet_set_trailer (hello, &trailer);
  deliver (fuzz, hello, sizeof hello);

  srudp_hello_packet_hash (hello, hash);
  if (fuzz->answer_size > 0
      && srudp_cookie_packet_open (fuzz->answer, fuzz->answer_size, hash, trailer.cookie))
    {
      trailer.counter++;
      srudp_hello_packet_set_trailer (hello, &trailer);
      deliver (fuzz, hello, sizeof hello);
    }
}

static void
be_initiator (Fuzz *fuzz)
{
  static const SrudpHelloFields no_fields;
  static const guint8 no_hash[SRUDP_SHA256_BYTES];
  guint8 noise[SRUDP_HANDSHAKE_MAX_NOISE_BYTES], psk[SRUDP_PSK_BYTES];
  SrudpHandshakePacket message_2;
  SrudpHelloFields fields;
  SrudpSecrets secrets;
  SrudpReader reader;
  const guint8 *payload;
  gsize size;

  say_hello (fuzz);
  if (!parse_answer (fuzz, SRUDP_PACKET_MESSAGE_2, &message_2))
    return;

  if (!srudp_noise_read_message_2 (&fuzz->noise, message_2.noise,
                                   message_2.noise_size, noise))
    g_error ("message 2 is not authentic");
  srudp_reader_init (&reader, noise,
                     message_2.noise_size - SRUDP_NOISE_MESSAGE_2_OVERHEAD);
  if (!srudp_hello_fields_parse (&reader, &fields))
    g_error ("message 2 has no fields");

  srudp_secrets_init (&secrets, NULL, NULL, fuzz_random, &fuzz->random);
  if (!srudp_secrets_make_psk (&secrets, no_hash, &no_fields, no_hash, psk))
    g_error ("no psk");
  size = get_payload (fuzz, sizeof noise - SRUDP_NOISE_MESSAGE_3_OVERHEAD, &payload);
  if (!srudp_noise_write_message_3 (&fuzz->noise, psk, payload, size, noise))
    g_error ("message 3 cannot be written");
  deliver_message (fuzz, SRUDP_PACKET_MESSAGE_3, fields.connection_id,
                   message_2.echo.token, message_2.echo.counter, noise,
                   size + SRUDP_NOISE_MESSAGE_3_OVERHEAD);
}

static void
open_to_stranger (Fuzz  *fuzz,
                  guint8 how)
{
  gboolean has_passphrase = how & WITH_PASSPHRASE;
  SrudpOpenConfig config = {
    .candidates = &fuzz->path.remote,
    .n_candidates = 1,
    .passphrase = has_passphrase ? passphrase : NULL,
    .passphrase_size = has_passphrase ? strlen (passphrase) : 0,
    .open_timeout_us = 20 * G_USEC_PER_SEC,
    .idle_timeout_us = 21 * G_USEC_PER_SEC,
    .keepalive_us = 15 * G_USEC_PER_SEC,
  };

  fuzz->session = srudp_engine_open (fuzz->engine, fuzz->now, &config);
  serve (fuzz);
}

static void
be_responder (Fuzz  *fuzz,
              guint8 how)
{
  guint8 out[SRUDP_HELLO_BYTES];
  SrudpHelloTrailer trailer;
  const guint8 *noise, *payload;
  gsize size;
  SrudpHello hello;

  open_to_stranger (fuzz, how);
  if (!srudp_hello_packet_parse (fuzz->answer, fuzz->answer_size, &noise, &size,
                                 &trailer)
      || !srudp_noise_read_message_1 (&fuzz->noise, noise, size, out)
      || !srudp_hello_payload_parse (&hello, out, size - SRUDP_NOISE_MESSAGE_1_OVERHEAD))
    g_error ("HELLO is not authentic");

  size = get_payload (fuzz, SRUDP_HANDSHAKE_MAX_NOISE_BYTES - SRUDP_NOISE_MESSAGE_2_OVERHEAD,
                      &payload);
  if (!srudp_noise_write_message_2 (&fuzz->noise, payload, size, out))
    g_error ("message 2 cannot be written");
  deliver_message (fuzz, SRUDP_PACKET_MESSAGE_2, hello.fields.connection_id,
                   trailer.token, trailer.counter, out,
                   size + SRUDP_NOISE_MESSAGE_2_OVERHEAD);
}

/* A session that has come of it talks to its end; nobody answers any more. */
static void
talk (Fuzz *fuzz)
{
  if (fuzz->session != NULL)
    {
      SrudpSlice slice = { srudp_chunk_new (3000), 0, 3000 };

      memset (slice.chunk->data, 'x', 3000);
      srudp_session_write (fuzz->session, fuzz->now, SRUDP_MAIN_STREAM, &slice);
      srudp_session_send_datagram (fuzz->session, fuzz->now, buffer, 20);
      srudp_session_close (fuzz->session, fuzz->now);
    }
  for (guint i = 0; i < MAX_STEPS; i++)
    {
      gint64 deadline = srudp_engine_get_deadline (fuzz->engine);

      if (deadline < 0)
        break;
      fuzz->now = MAX (fuzz->now, deadline);
      srudp_engine_advance (fuzz->engine, fuzz->now);
      serve (fuzz);
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  Fuzz fuzz = { 0 };
  guint8 how;

  if (!srudp_crypto_init ())
    g_error ("libsodium cannot be used");
  srudp_reader_init (&fuzz.script, data, size);
  if (!srudp_reader_get_u8 (&fuzz.script, &how))
    return 0;

  start (&fuzz, how);
  if (how & OPENS)
    be_responder (&fuzz, how);
  else
    be_initiator (&fuzz);
  talk (&fuzz);
  stop (&fuzz);

  return 0;
}
