/*
 * SPDX-License-Identifier: MIT
 *
 * test-stun-client.c: asking several servers at once, over a bad network
 */
#include "srudp-stun-client.h"

#include "srudp-writer.h"

#include <string.h>

#define MS 1000
#define START (5 * G_USEC_PER_SEC)

static void
count_up (gpointer  user_data,
          guint8   *out,
          gsize     n_bytes)
{
  guint8 *next = user_data;

  memset (out, ++*next, n_bytes);
}

static SrudpAddress
make (guint8 last)
{
  const guint8 ip[4] = { 203, 0, 113, last };
  SrudpAddress address;

  srudp_address_init_ipv4 (&address, ip, 3478);
  return address;
}

typedef struct
{
  SrudpStunClient client;
  guint8 next_id;
} Fixture;

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  self->next_id = 0;
  srudp_stun_client_init (&self->client, count_up, &self->next_id);
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
}

/* The answer of a server to the request: it sees 198.51.100.7, port 4242. */
static gsize
answer (const guint8 *request,
        guint16       type,
        guint8        out[64])
{
  SrudpWriter writer;

  srudp_writer_init (&writer, out, 64);
  srudp_writer_put_u16 (&writer, type);
  srudp_writer_put_u16 (&writer, type == 0x0111 ? 8 : 12);
  srudp_writer_put_bytes (&writer, request + 4, 16);
  if (type == 0x0111)
    {
      srudp_writer_put_u32 (&writer, 0x00090004);
      srudp_writer_put_u32 (&writer, 0x00000500);
      return writer.size;
    }
  srudp_writer_put_u32 (&writer, 0x00200008);
  srudp_writer_put_u16 (&writer, 0x0001);
  srudp_writer_put_u16 (&writer, 4242 ^ 0x2112);
  srudp_writer_put_u32 (&writer, 0xc6336407u ^ 0x2112a442u);
  return writer.size;
}

static void
test_answered (Fixture       *self,
               gconstpointer  data)
{
  const SrudpAddress server = make (1);
  guint8 request[SRUDP_STUN_REQUEST_BYTES], bytes[64];
  SrudpStunAnswer got;
  SrudpAddress to;
  guint token = srudp_stun_client_ask (&self->client, START, &server);
  gsize size;

  g_assert_cmpuint (token, !=, 0);
  g_assert_cmpint (srudp_stun_client_get_deadline (&self->client), ==, START);
  g_assert_true (srudp_stun_client_poll_transmit (&self->client, START, &to,
                                                  request));
  g_assert_true (srudp_address_equal (&to, &server));
  g_assert_false (srudp_stun_client_poll_transmit (&self->client, START, &to,
                                                   request));
  g_assert_false (srudp_stun_client_poll_answer (&self->client, START, &got));

  size = answer (request, 0x0101, bytes);
  g_assert_true (srudp_stun_client_receive (&self->client, START + 30 * MS,
                                            &server, bytes, size));
  g_assert_cmpint (srudp_stun_client_get_deadline (&self->client), ==, 0);
  g_assert_true (srudp_stun_client_poll_answer (&self->client, START, &got));
  g_assert_cmpuint (got.token, ==, token);
  g_assert_true (got.answered);
  g_assert_cmpint (got.rtt_us, ==, 30 * MS);
  g_assert_cmpuint (got.response.mapped.port, ==, 4242);
  g_assert_cmpint (srudp_stun_client_get_deadline (&self->client), ==, -1);

  /* It counts once. */
  g_assert_false (srudp_stun_client_receive (&self->client, START + 31 * MS,
                                             &server, bytes, size));
  g_assert_false (srudp_stun_client_poll_answer (&self->client, START, &got));
}

static void
test_refused (Fixture       *self,
              gconstpointer  data)
{
  const SrudpAddress server = make (1);
  guint8 request[SRUDP_STUN_REQUEST_BYTES], bytes[64];
  SrudpStunAnswer got;
  SrudpAddress to;

  srudp_stun_client_ask (&self->client, START, &server);
  srudp_stun_client_poll_transmit (&self->client, START, &to, request);
  g_assert_true (srudp_stun_client_receive (
    &self->client, START, &server, bytes, answer (request, 0x0111, bytes)));
  g_assert_true (srudp_stun_client_poll_answer (&self->client, START, &got));
  g_assert_false (got.answered);
  g_assert_cmpuint (got.response.error_code, ==, 500);
}

/* Each change alone makes it none of ours. */
static void
test_forged (Fixture       *self,
             gconstpointer  data)
{
  const SrudpAddress server = make (1), stranger = make (2);
  guint8 request[SRUDP_STUN_REQUEST_BYTES], bytes[64];
  SrudpAddress to, other_port = server;
  gsize size;

  srudp_stun_client_ask (&self->client, START, &server);
  /* Before it was asked, nobody can know the id. */
  srudp_stun_write_request (request, self->client.items[0].id);
  size = answer (request, 0x0101, bytes);
  g_assert_false (srudp_stun_client_receive (&self->client, START, &server,
                                             bytes, size));
  srudp_stun_client_poll_transmit (&self->client, START, &to, request);

  other_port.port++;
  g_assert_false (srudp_stun_client_receive (&self->client, START, &stranger,
                                             bytes, size));
  g_assert_false (srudp_stun_client_receive (&self->client, START,
                                             &other_port, bytes, size));
  g_assert_false (srudp_stun_client_receive (&self->client, START, &server,
                                             bytes, size - 1));
  for (gsize i = 0; i < 20; i++)
    {
      bytes[i] ^= 0x80;
      g_assert_false (srudp_stun_client_receive (&self->client, START,
                                                 &server, bytes, size));
      bytes[i] ^= 0x80;
    }
  /* Our own request, sent back. */
  g_assert_false (srudp_stun_client_receive (&self->client, START, &server,
                                             request, sizeof request));
  g_assert_true (srudp_stun_client_receive (&self->client, START, &server,
                                            bytes, size));
}

static void
test_silence (Fixture       *self,
              gconstpointer  data)
{
  static const int expected_ms[] = { 0, 100, 300, 700, 1200, 1700 };
  const SrudpAddress server = make (1);
  guint8 request[SRUDP_STUN_REQUEST_BYTES], first[SRUDP_STUN_REQUEST_BYTES];
  SrudpStunAnswer got;
  SrudpAddress to;
  gint64 now = START;

  srudp_stun_client_ask (&self->client, START, &server);
  for (guint i = 0; i < G_N_ELEMENTS (expected_ms); i++)
    {
      now = srudp_stun_client_get_deadline (&self->client);
      g_assert_cmpint (now, ==, START + expected_ms[i] * MS);
      g_assert_false (srudp_stun_client_poll_transmit (&self->client, now - 1,
                                                       &to, request));
      g_assert_true (srudp_stun_client_poll_transmit (&self->client, now, &to,
                                                      request));
      /* RFC 8489, section 6.2.1: the same request each time. */
      if (i == 0)
        memcpy (first, request, sizeof first);
      g_assert_cmpmem (first, sizeof first, request, sizeof request);
      g_assert_false (srudp_stun_client_poll_answer (&self->client, now,
                                                     &got));
    }

  now = srudp_stun_client_get_deadline (&self->client);
  g_assert_cmpint (now, ==, START + 2200 * MS);
  g_assert_true (srudp_stun_client_poll_answer (&self->client, now, &got));
  g_assert_false (got.answered);
  g_assert_cmpuint (got.response.error_code, ==, 0);
  g_assert_cmpint (srudp_stun_client_get_deadline (&self->client), ==, -1);
}

/* An answer to any of the repetitions will do, but tells no time. */
static void
test_late (Fixture       *self,
           gconstpointer  data)
{
  const SrudpAddress server = make (1);
  guint8 request[SRUDP_STUN_REQUEST_BYTES], bytes[64];
  SrudpStunAnswer got;
  SrudpAddress to;

  srudp_stun_client_ask (&self->client, START, &server);
  for (gint64 now = START; now <= START + 1000 * MS; now += MS)
    srudp_stun_client_poll_transmit (&self->client, now, &to, request);
  g_assert_true (srudp_stun_client_receive (&self->client, START + 1000 * MS,
                                            &server, bytes,
                                            answer (request, 0x0101, bytes)));
  g_assert_true (srudp_stun_client_poll_answer (&self->client,
                                                START + 1000 * MS, &got));
  g_assert_true (got.answered);
  g_assert_cmpint (got.rtt_us, ==, -1);
}

/* One after the other, so that ports are given out in this order. */
static void
test_paced (Fixture       *self,
            gconstpointer  data)
{
  guint8 request[SRUDP_STUN_REQUEST_BYTES];
  SrudpAddress to, server;

  for (guint8 i = 0; i < 4; i++)
    {
      server = make (i);
      srudp_stun_client_ask (&self->client, START, &server);
    }
  for (guint8 i = 0; i < 4; i++)
    {
      gint64 now = srudp_stun_client_get_deadline (&self->client);

      g_assert_cmpint (now, ==, START + i * SRUDP_STUN_GAP_US);
      g_assert_true (srudp_stun_client_poll_transmit (&self->client, now, &to,
                                                      request));
      server = make (i);
      g_assert_true (srudp_address_equal (&to, &server));
    }
}

static void
test_bounded (Fixture       *self,
              gconstpointer  data)
{
  SrudpAddress server = make (1);
  guint token = 0;

  for (guint i = 0; i < SRUDP_STUN_MAX_TRANSACTIONS; i++)
    {
      token = srudp_stun_client_ask (&self->client, START, &server);
      g_assert_cmpuint (token, !=, 0);
    }
  g_assert_cmpuint (srudp_stun_client_ask (&self->client, START, &server), ==,
                    0);
  srudp_stun_client_cancel (&self->client, token);
  g_assert_cmpuint (srudp_stun_client_ask (&self->client, START, &server), !=,
                    0);

  srudp_stun_client_cancel (&self->client, 1);
  server.port = 0;
  g_assert_cmpuint (srudp_stun_client_ask (&self->client, START, &server), ==,
                    0);
}

#define ADD(path, func) \
  g_test_add ("/stun-client/" path, Fixture, NULL, set_up, func, tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("a server answers", test_answered);
  ADD ("a server refuses", test_refused);
  ADD ("nobody else can answer", test_forged);
  ADD ("silence is given up after repeating", test_silence);
  ADD ("a late answer counts", test_late);
  ADD ("servers are asked one after the other", test_paced);
  ADD ("no more than so many at once", test_bounded);
  return g_test_run ();
}
