/*
 * SPDX-License-Identifier: MIT
 *
 * test-announcements.c: the peer learns every address, and what became of it
 */
#include "srudp-announcements.h"

static SrudpAddress
make_address (guint8 d)
{
  SrudpAddress address;

  srudp_address_init_ipv4 (&address, (const guint8[4]) { 192, 168, 1, d }, 4000);

  return address;
}

/* What the peer would know, from frames of which some get lost. */
typedef struct
{
  gboolean knows[256];
  guint64 sequences[256];
} Peer;

static void
take (Peer             *peer,
      const SrudpFrame *frame)
{
  guint8 d = frame->address.address.ip[3];

  if (frame->type == SRUDP_FRAME_ADD_ADDRESS)
    {
      peer->knows[d] = TRUE;
      peer->sequences[d] = frame->address.sequence;
    }
  else if (frame->type == SRUDP_FRAME_REMOVE_ADDRESS)
    for (guint i = 0; i < 256; i++)
      if (peer->knows[i] && peer->sequences[i] == frame->address.sequence)
        peer->knows[i] = FALSE;
}

static void
tell_all (SrudpAnnouncements *self,
          Peer               *peer,
          GRand              *rand)
{
  SrudpFrame frame;

  while (srudp_announcements_next (self, &frame))
    {
      srudp_announcements_sent (self, &frame);
      if (g_rand_boolean (rand))
        {
          g_assert_true (srudp_announcements_lost (self, (guint8) frame.type,
                                                   frame.address.sequence));
          continue;
        }
      take (peer, &frame);
      srudp_announcements_acked (self, (guint8) frame.type,
                                 frame.address.sequence);
    }
}

static void
test_set (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  SrudpAnnouncements announcements = { 0 };
  Peer peer = { 0 };

  for (guint round = 0; round < 500; round++)
    {
      SrudpAddress addresses[SRUDP_MAX_LOCAL_CANDIDATES];
      gboolean ours[256] = { FALSE };
      guint n = (guint) g_rand_int_range (rand, 0,
                                          SRUDP_MAX_LOCAL_CANDIDATES + 1);

      for (guint i = 0; i < n; i++)
        {
          guint8 d = (guint8) g_rand_int_range (rand, 1, 20);

          addresses[i] = make_address (d);
          ours[d] = TRUE;
        }
      srudp_announcements_set (&announcements, addresses, n);
      tell_all (&announcements, &peer, rand);
      g_assert_cmpuint (announcements.n_items, <=, SRUDP_MAX_LOCAL_CANDIDATES);
      for (guint d = 0; d < 256; d++)
        g_assert_cmpint (peer.knows[d], ==, ours[d]);
    }
  srudp_announcements_clear (&announcements);
}

static void
test_extra (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  SrudpAnnouncements announcements = { 0 };
  SrudpAddress addresses[] = { make_address (1), make_address (2) };
  Peer peer = { 0 };

  srudp_announcements_set (&announcements, addresses, 2);
  for (guint8 d = 3; d < 200; d++)
    {
      SrudpAddress extra = make_address (d);

      srudp_announcements_set_extra (&announcements, &extra);
      srudp_announcements_set (&announcements, addresses, d % 2 + 1);
      tell_all (&announcements, &peer, rand);
      g_assert_cmpuint (announcements.n_items, <=, 3);
      g_assert_true (peer.knows[1]);
      g_assert_true (peer.knows[d]);
      if (d > 3)
        g_assert_false (peer.knows[d - 1]);
    }
  srudp_announcements_clear (&announcements);
}

static void
test_observed (void)
{
  SrudpAnnouncements announcements = { 0 };
  SrudpAddress first = make_address (1), second = make_address (2);
  SrudpFrame frame;

  g_assert_false (srudp_announcements_next (&announcements, &frame));
  srudp_announcements_observe (&announcements, &first);
  g_assert_true (srudp_announcements_next (&announcements, &frame));
  g_assert_cmpint (frame.type, ==, SRUDP_FRAME_OBSERVED_ADDRESS);
  srudp_announcements_sent (&announcements, &frame);
  srudp_announcements_observe (&announcements, &first);
  g_assert_false (srudp_announcements_next (&announcements, &frame));

  /* What is outdated is not sent again. */
  srudp_announcements_observe (&announcements, &second);
  g_assert_false (srudp_announcements_lost (&announcements,
                                            SRUDP_FRAME_OBSERVED_ADDRESS, 1));
  g_assert_true (srudp_announcements_next (&announcements, &frame));
  g_assert_true (srudp_address_equal (&frame.address.address, &second));
  g_assert_cmpuint (frame.address.sequence, ==, 2);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/announcements/all-arrive-in-the-end", test_set);
  g_test_add_func ("/announcements/one-more-until-the-next", test_extra);
  g_test_add_func ("/announcements/only-the-newest-observation", test_observed);

  return g_test_run ();
}
