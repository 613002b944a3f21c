/*
 * SPDX-License-Identifier: MIT
 *
 * test-fork.c: keys are not used by two processes
 */
#include "support.h"

#include "srudp-glib/srudp-connection-private.h"
#include "srudp-glib/srudp-endpoint-core-private.h"
#include "srudp-glib/srudp-endpoint-private.h"

#include <sys/wait.h>
#include <unistd.h>

/* A child that hangs is killed. */
#define CHILD_SECONDS 10

/* What goes wrong, as a number: nothing else of the child can be seen. */
static int
try_in_child (Pair *pair)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SrudpConnection) connection = NULL;
  char byte;

  connection = srudp_endpoint_connect_to_host (pair->endpoint_a, "127.0.0.1", 9,
                                               NULL, &error);
  if (connection != NULL
      || !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED))
    return 1;
  g_clear_error (&error);
  if (g_input_stream_read (pair->in_a, &byte, 1, NULL, &error) != -1
      || !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED))
    return 2;
  return 0;
}

static int
close_in_child (Pair *pair)
{
  g_autoptr (GError) error = NULL;

  if (g_io_stream_close (G_IO_STREAM (pair->a), NULL, &error)
      || !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED))
    return 1;
  g_clear_error (&error);
  if (srudp_endpoint_close (pair->endpoint_a, NULL, &error)
      || !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED))
    return 2;
  return 0;
}

/* All of them, as a program does that ends. */
static int
drop_in_child (Pair *pair)
{
  g_clear_object (&pair->a);
  g_clear_object (&pair->b);
  g_clear_object (&pair->endpoint_a);
  g_clear_object (&pair->endpoint_b);
  return 0;
}

static void
run_in_child (Pair *pair,
              int (*func) (Pair *))
{
  int status = -1;
  pid_t child = fork ();

  if (child == 0)
    {
      alarm (CHILD_SECONDS);
      _exit (func (pair));
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
}

static void
test_refused (void)
{
  Pair pair = { 0 };

  pair_set_up (&pair);
  run_in_child (&pair, try_in_child);
  run_in_child (&pair, close_in_child);

  /* The parent doesn't notice. */
  write_text (pair.out_a, "still here");
  expect_text (pair.in_b, "still here");
  pair_tear_down (&pair);
}

static void
test_dropped (void)
{
  Pair pair = { 0 };

  pair_set_up (&pair);
  run_in_child (&pair, drop_in_child);
  write_text (pair.out_a, "still here");
  expect_text (pair.in_b, "still here");
  pair_tear_down (&pair);
}

/* Whatever another thread held when the process was copied stays locked in the
 * copy. */
static void
test_dropped_while_locked (void)
{
  Pair pair = { 0 };
  GMutex *locks[4];

  pair_set_up (&pair);
  locks[0] = &pair.a->core->lock;
  locks[1] = &pair.a->core->main_stream->lock;
  locks[2] = &pair.endpoint_a->lock;
  locks[3] = &pair.endpoint_a->core->lock;
  for (guint i = 0; i < G_N_ELEMENTS (locks); i++)
    {
      g_mutex_lock (locks[i]);
      run_in_child (&pair, drop_in_child);
      g_mutex_unlock (locks[i]);
    }
  pair_tear_down (&pair);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fork/the-child-is-refused", test_refused);
  g_test_add_func ("/fork/the-child-drops-all", test_dropped);
  g_test_add_func ("/fork/the-child-drops-what-was-locked",
                   test_dropped_while_locked);

  return g_test_run ();
}
