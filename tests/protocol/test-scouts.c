/*
 * SPDX-License-Identifier: MIT
 *
 * test-scouts.c: where else a silent peer may be
 */
#include "srudp-scouts.h"

static SrudpPath
make_path (guint8  host,
           guint16 port)
{
  const guint8 ip[4] = { 192, 0, 2, host };
  SrudpPath path = { 0 };

  srudp_address_init_ipv4 (&path.remote, ip, port);

  return path;
}

static void
add (SrudpScouts    *scouts,
     SrudpScoutKind  kind,
     guint16         port)
{
  SrudpPath path = make_path (1, port);

  srudp_scouts_add (scouts, kind, &path, port);
}

static guint
send_all (SrudpScouts *scouts)
{
  SrudpScout *scout;
  guint n = 0;

  while ((scout = srudp_scouts_next (scouts)) != NULL)
    {
      scout->is_due = FALSE;
      scout->is_sent = TRUE;
      scout->challenge[0] = (guint8) ++n;
    }

  return n;
}

static void
test_each_is_sent_out_but_to_where_we_are (void)
{
  g_auto (SrudpScouts) scouts = { 0 };
  SrudpPath active = make_path (1, 2001);

  for (guint16 port = 2000; port < 2003; port++)
    add (&scouts, SRUDP_SCOUT_NAMED, port);
  add (&scouts, SRUDP_SCOUT_NAMED, 2002);
  g_assert_cmpuint (scouts.n_items, ==, 3);
  active.local = make_path (9, 0).remote;
  srudp_scouts_send_out (&scouts, &active);

  g_assert_true (scouts.are_out);
  g_assert_cmpuint (send_all (&scouts), ==, 2);
}

static void
test_only_answers_to_what_was_sent_count (void)
{
  const guint8 first[SRUDP_PATH_CHALLENGE_BYTES] = { 1 };
  const guint8 zero[SRUDP_PATH_CHALLENGE_BYTES] = { 0 };
  g_auto (SrudpScouts) scouts = { 0 };
  SrudpPath active = make_path (5, 5000);

  add (&scouts, SRUDP_SCOUT_NAMED, 2000);
  g_assert_null (srudp_scouts_find (&scouts, zero));
  srudp_scouts_send_out (&scouts, &active);
  send_all (&scouts);
  g_assert_cmpuint (srudp_scouts_find (&scouts, first)->path.remote.port, ==, 2000);
  g_assert_null (srudp_scouts_find (&scouts, zero));
  srudp_scouts_call_back (&scouts);
  g_assert_null (srudp_scouts_find (&scouts, first));
}

static void
test_number_of_each_kind_is_bounded (void)
{
  g_auto (SrudpScouts) scouts = { 0 };

  for (guint16 port = 2000; port < 3000; port++)
    add (&scouts, SRUDP_SCOUT_PEERS, port);
  g_assert_cmpuint (scouts.n_items, ==, 9);
  for (guint16 port = 3000; port < 4000; port++)
    add (&scouts, SRUDP_SCOUT_NAMED, port);
  g_assert_cmpuint (scouts.n_items, ==, 9 + 12);
  for (guint16 port = 4000; port < 5000; port++)
    add (&scouts, SRUDP_SCOUT_FORMER, port);

  g_assert_cmpuint (scouts.n_items, ==, SRUDP_MAX_SCOUTS);
  for (guint i = 0; i < SRUDP_MAX_SCOUTS; i++)
    if (scouts.items[i].kind == SRUDP_SCOUT_FORMER) /* the newest */
      g_assert_cmpuint (scouts.items[i].path.remote.port, >=, 4996);
    else
      g_assert_cmpuint (scouts.items[i].path.remote.port, <, 3012);
}

static void
test_peer_cannot_name_victims (void)
{
  static const guint8 hosts[][4] = {
    { 224, 0, 0, 1 }, { 255, 255, 255, 255 }, { 0, 0, 0, 0 },
  };
  g_auto (SrudpScouts) scouts = { 0 };
  SrudpPath path = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (hosts); i++)
    {
      srudp_address_init_ipv4 (&path.remote, hosts[i], 4000);
      srudp_scouts_add (&scouts, SRUDP_SCOUT_PEERS, &path, i);
    }
  add (&scouts, SRUDP_SCOUT_PEERS, 53);
  g_assert_cmpuint (scouts.n_items, ==, 0);

  add (&scouts, SRUDP_SCOUT_NAMED, 53); /* the application may */
  g_assert_cmpuint (scouts.n_items, ==, 1);
}

static void
test_peer_removes_only_what_it_named (void)
{
  g_auto (SrudpScouts) scouts = { 0 };

  add (&scouts, SRUDP_SCOUT_NAMED, 2000);
  add (&scouts, SRUDP_SCOUT_PEERS, 2001);
  srudp_scouts_remove (&scouts, 2000);
  g_assert_cmpuint (scouts.n_items, ==, 2);
  srudp_scouts_remove (&scouts, 2001);
  g_assert_cmpuint (scouts.n_items, ==, 1);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scouts/each-is-sent-out-but-to-where-we-are",
                   test_each_is_sent_out_but_to_where_we_are);
  g_test_add_func ("/scouts/only-answers-to-what-was-sent-count",
                   test_only_answers_to_what_was_sent_count);
  g_test_add_func ("/scouts/number-of-each-kind-is-bounded",
                   test_number_of_each_kind_is_bounded);
  g_test_add_func ("/scouts/peer-cannot-name-victims",
                   test_peer_cannot_name_victims);
  g_test_add_func ("/scouts/peer-removes-only-what-it-named",
                   test_peer_removes_only_what_it_named);

  return g_test_run ();
}
