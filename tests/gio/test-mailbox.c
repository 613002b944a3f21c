/*
 * SPDX-License-Identifier: MIT
 *
 * test-mailbox.c: whose turn it is may do what the worker would
 */
#include "srudp-glib/srudp-mailbox-private.h"

#define N_THREADS 3
#define N_ROUNDS 2000

typedef struct
{
  GMainContext *context;
  SrudpMailbox *mailbox;
  gboolean lend;

  /* Whose turn it is; nothing else keeps threads apart here. */
  gboolean quit;
  guint n_posted, n_out_of_turn;
} Fixture;

static void
nothing_cb (gpointer data)
{
}

static void
count_mail (gpointer data)
{
  Fixture *fixture = data;

  fixture->n_posted++;
}

static void
begun_mail (gpointer data)
{
  g_atomic_int_set ((int *) data, TRUE);
}

static void
quit_mail (gpointer data)
{
  Fixture *fixture = data;

  fixture->quit = TRUE;
}

static gpointer
worker_main (gpointer data)
{
  Fixture *fixture = data;

  srudp_mailbox_begin_turns (fixture->mailbox, fixture->lend);
  srudp_mailbox_start (fixture->mailbox, nothing_cb, NULL);
  while (!fixture->quit)
    g_main_context_iteration (fixture->context, TRUE);
  srudp_mailbox_close (fixture->mailbox);
  srudp_mailbox_end_turns (fixture->mailbox);
  return NULL;
}

static gpointer
client_main (gpointer data)
{
  Fixture *fixture = data;

  for (guint i = 0; i < N_ROUNDS; i++)
    if (srudp_mailbox_try_turn (fixture->mailbox))
      {
        fixture->n_out_of_turn++;
        srudp_mailbox_give_turn (fixture->mailbox);
        g_thread_yield ();
      }
    else
      {
        g_assert_true (srudp_mailbox_post (fixture->mailbox, count_mail, fixture));
      }
  return NULL;
}

static GThread *
start_worker (Fixture *fixture)
{
  GThread *worker;
  int begun = FALSE;

  fixture->context = g_main_context_new ();
  fixture->mailbox = srudp_mailbox_new (fixture->context);
  worker = g_thread_new ("worker", worker_main, fixture);
  g_assert_true (srudp_mailbox_post (fixture->mailbox, begun_mail, &begun));
  while (!g_atomic_int_get (&begun))
    g_thread_yield ();
  return worker;
}

static void
end_worker (Fixture *fixture,
            GThread *worker)
{
  srudp_mailbox_post (fixture->mailbox, quit_mail, fixture);
  g_thread_join (worker);

  g_assert_false (srudp_mailbox_try_turn (fixture->mailbox));
  g_assert_false (srudp_mailbox_post (fixture->mailbox, count_mail, fixture));
  srudp_mailbox_unref (fixture->mailbox);
  g_main_context_unref (fixture->context);
}

static void
test_all_is_done_once (void)
{
  Fixture fixture = { .lend = TRUE };
  GThread *worker = start_worker (&fixture), *clients[N_THREADS];

  for (guint i = 0; i < N_THREADS; i++)
    clients[i] = g_thread_new ("client", client_main, &fixture);
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (clients[i]);
  end_worker (&fixture, worker);
  g_test_message ("%u posted, %u out of turn", fixture.n_posted,
                  fixture.n_out_of_turn);
  g_assert_cmpuint (fixture.n_posted + fixture.n_out_of_turn, ==,
                    N_THREADS * N_ROUNDS);
}

/* It comes just when the worker is done with the mail before, and about to fall
 * asleep. */
static void
test_mail_in_time (void)
{
  Fixture fixture = { .lend = TRUE };
  GThread *worker = start_worker (&fixture);
  gint64 until_us = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;

  for (guint i = 0; i < 1000; i++)
    {
      int begun = FALSE;

      g_assert_true (srudp_mailbox_post (fixture.mailbox, begun_mail, &begun));
      while (!g_atomic_int_get (&begun))
        {
          g_assert_cmpint (g_get_monotonic_time (), <, until_us);
          if (i % 2 == 0)
            g_thread_yield ();
        }
    }
  end_worker (&fixture, worker);
}

static void
test_not_lent (void)
{
  Fixture fixture = { .lend = FALSE };
  GThread *worker = start_worker (&fixture);

  for (guint i = 0; i < 100; i++)
    {
      g_assert_false (srudp_mailbox_try_turn (fixture.mailbox));
      g_usleep (100);
    }
  end_worker (&fixture, worker);
}

static void
test_order (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  SrudpMailbox *mailbox = srudp_mailbox_new (context);
  Fixture fixture = { 0 };

  g_assert_true (srudp_mailbox_try_turn (mailbox));
  /* Not twice, though it is nobody else's. */
  g_assert_false (srudp_mailbox_try_turn (mailbox));
  srudp_mailbox_give_turn (mailbox);

  srudp_mailbox_post (mailbox, count_mail, &fixture);
  g_assert_false (srudp_mailbox_try_turn (mailbox));
  g_assert_cmpuint (fixture.n_posted, ==, 0);
  srudp_mailbox_close (mailbox);
  g_assert_cmpuint (fixture.n_posted, ==, 1);
  srudp_mailbox_unref (mailbox);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/mailbox/turns/all-is-done-once", test_all_is_done_once);
  g_test_add_func ("/mailbox/turns/mail-is-never-forgotten", test_mail_in_time);
  g_test_add_func ("/mailbox/turns/lent-only-if-allowed", test_not_lent);
  g_test_add_func ("/mailbox/turns/not-before-mail-that-waits", test_order);

  return g_test_run ();
}
