/*
 * SPDX-License-Identifier: MIT
 *
 * test-fork.c: keys are not used by two processes
 */
#include "support.h"

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

static void
test_refused (void)
{
  Pair pair = { 0 };
  int status = -1;
  pid_t child;

  pair_set_up (&pair);
  child = fork ();
  if (child == 0)
    {
      alarm (CHILD_SECONDS);
      _exit (try_in_child (&pair));
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);

  /* The parent doesn't notice. */
  write_text (pair.out_a, "still here");
  expect_text (pair.in_b, "still here");
  pair_tear_down (&pair);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fork/the-child-is-refused", test_refused);

  return g_test_run ();
}
