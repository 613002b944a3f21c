/*
 * SPDX-License-Identifier: MIT
 *
 * test-engine-flood.c: strangers cost little, and keep nobody out
 */
#include "srudp-handshake-packet.h"
#include "srudp-hello.h"
#include "test-pipe.h"

#define MS 1000
#define SECOND G_USEC_PER_SEC

/* Whoever is always asked for a cookie still gets in, at the price of one more
 * round trip. */
static void
test_always_asked (gconstpointer data)
{
  gboolean both = GPOINTER_TO_INT (data);

  for (guint32 seed = 0; seed < 8; seed++)
    {
      g_autoptr (Pipe) pipe = pipe_new (seed, 2);
      SrudpSession *a, *b = NULL;

      srudp_engine_set_accepting (pipe->engines[1], !both);
      for (guint i = 0; i < 2; i++)
        srudp_engine_set_hello_limits (pipe->engines[i], 0, 0);
      a = pipe_open (pipe, 0, 1, PIPE_ANYONE);
      if (both)
        b = pipe_open (pipe, 1, 0, PIPE_ANYONE);
      pipe_run (pipe, both ? SECOND : 6 * PIPE_DELAY_US + 6 * MS);
      pipe_assert_connected (a, both ? b : pipe_get_incoming (pipe, 1, 0));
    }
}

static PipeVerdict
count_cookies_cb (Pipe       *pipe,
                  PipePacket *packet,
                  gpointer    user_data)
{
  guint *n = user_data;

  if (packet->data[0] == SRUDP_PACKET_COOKIE)
    ++*n;

  return PIPE_PASS;
}

/* Its tag says that it is waited for. */
static void
test_never_asked (void)
{
  g_autoptr (Pipe) pipe = pipe_new (3, 2);
  guint n_cookies = 0;
  SrudpSession *a, *b;

  pipe->filter = count_cookies_cb;
  pipe->filter_data = &n_cookies;
  for (guint i = 0; i < 2; i++)
    srudp_engine_set_hello_limits (pipe->engines[i], 0, 0);
  a = pipe_open (pipe, 0, 1, PIPE_PINNED);
  b = pipe_open (pipe, 1, 0, PIPE_PINNED);
  pipe_run (pipe, SECOND);
  pipe_assert_connected (a, b);
  g_assert_cmpuint (n_cookies, ==, 0);
}

/* Genuine ones, each of another stranger. */
#define N_HELLOS 2000
#define N_COPIES 5 /* of each, in two seconds */
static guint8 *
make_hellos (Pipe *pipe)
{
  guint8 *hellos = g_malloc (N_HELLOS * SRUDP_HELLO_BYTES);

  for (guint i = 0; i < N_HELLOS; i++)
    pipe_make_hello (pipe, 1, hellos + i * SRUDP_HELLO_BYTES);

  return hellos;
}

typedef struct
{
  guint n_answers, n_cookies;
  gsize bytes_in, bytes_out;
} Cost;

/* 5,000 a second from 1,000 ports, of one address or of each its own. */
static void
flood_for (Pipe         *pipe,
           const guint8 *hellos,
           gint64        duration_us,
           gboolean      spoofed,
           Cost         *cost)
{
  gint64 end = pipe->now + duration_us;
  guint i = 0;

  while (pipe->now < end)
    {
      guint8 ip[4] = { 198, 51, 100, 7 };
      guint8 hello[SRUDP_HELLO_BYTES];
      SrudpPath path = { 0 };
      SrudpTransmit transmit;

      if (spoofed)
        {
          ip[1] = (guint8) (i >> 8);
          ip[2] = (guint8) i;
        }
      srudp_address_init_ipv4 (&path.remote, ip, (guint16) (1024 + i % 1000));
      memcpy (hello, hellos + i % N_HELLOS * SRUDP_HELLO_BYTES, sizeof hello);
      srudp_engine_receive (pipe->engines[1], pipe->now, &path, SRUDP_ECN_NOT_ECT,
                            hello, sizeof hello);
      cost->bytes_in += sizeof hello;
      while (srudp_engine_poll_transmit (pipe->engines[1], pipe->now, &transmit,
                                         pipe->buffer, SRUDP_MAX_UDP_PAYLOAD, 1) > 0)
        {
          if (srudp_address_equal (&transmit.path.remote, &pipe->addresses[0]))
            pipe_inject (pipe, 1, 0, pipe->buffer, transmit.size);
          else
            cost->bytes_out += transmit.size;
          cost->n_answers += pipe->buffer[0] == SRUDP_PACKET_MESSAGE_2;
          cost->n_cookies += pipe->buffer[0] == SRUDP_PACKET_COOKIE;
        }
      i++;
      pipe_run (pipe, SECOND / 5000);
    }
}

static void
test_flood (gconstpointer data)
{
  gboolean spoofed = GPOINTER_TO_INT (data);
  g_autoptr (Pipe) pipe = pipe_new (4, 2);
  g_autofree guint8 *hellos = make_hellos (pipe);
  SrudpSession *session;
  Cost cost = { 0 };

  srudp_engine_set_accepting (pipe->engines[1], TRUE);
  flood_for (pipe, hellos, SECOND, spoofed, &cost);
  session = pipe_open (pipe, 0, 1, PIPE_ANYONE);
  flood_for (pipe, hellos, SECOND, spoofed, &cost);
  pipe_assert_connected (session, pipe_get_incoming (pipe, 1, 0));

  g_test_message ("%u answers, %u cookies, %" G_GSIZE_FORMAT " bytes for %"
                  G_GSIZE_FORMAT, cost.n_answers, cost.n_cookies, cost.bytes_out,
                  cost.bytes_in);
  g_assert_cmpuint (cost.bytes_out, <, cost.bytes_in);
  /* Two seconds and a full bucket; a copy of one that was answered is answered
   * again, which costs nothing but a token. All others are asked. */
  g_assert_cmpuint (cost.n_answers, <=, spoofed ? 600 * N_COPIES : 600);
  g_assert_cmpuint (cost.n_cookies, >=, N_HELLOS * N_COPIES - cost.n_answers);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/flood/asked-for-a-cookie/one-accepts",
                        GINT_TO_POINTER (FALSE), test_always_asked);
  g_test_add_data_func ("/flood/asked-for-a-cookie/both-open",
                        GINT_TO_POINTER (TRUE), test_always_asked);
  g_test_add_func ("/flood/who-is-waited-for-is-not-asked", test_never_asked);
  g_test_add_data_func ("/flood/hellos-of-one-address", GINT_TO_POINTER (FALSE),
                        test_flood);
  g_test_add_data_func ("/flood/hellos-of-many-addresses", GINT_TO_POINTER (TRUE),
                        test_flood);

  return g_test_run ();
}
