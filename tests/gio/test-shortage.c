/*
 * SPDX-License-Identifier: MIT
 *
 * test-shortage.c: a system that refuses what one needs
 */
#include "support.h"

#include <errno.h>
#include <sys/resource.h>
#include <unistd.h>

typedef struct
{
  const char *path;
  int code; /* of errno */
} Refusal;

/* A full queue, a firewall, no route, and what nobody thought of. */
static const Refusal refusals[] = {
  { "/shortage/sending/no-buffers", ENOBUFS },
  { "/shortage/sending/not-permitted", EPERM },
  { "/shortage/sending/network-unreachable", ENETUNREACH },
  { "/shortage/sending/host-unreachable", EHOSTUNREACH },
  { "/shortage/sending/no-memory", ENOMEM },
  { "/shortage/sending/input-output", EIO },
};

/* Every third call fails at first, then each one for a while: data is late, but
 * all there, in both directions. */
static void
test_sending (gconstpointer data)
{
  const Refusal *refusal = data;
  g_autoptr (GBytes) pattern = make_pattern (MEBIBYTE / 4);
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (GError) error = NULL;
  Pair pair = { 0 };

  pair_set_up_fragile (&pair, PATIENCE_MS);
  fragile_transport_set_error (pair.transport, refusal->code, 3);
  g_output_stream_write_all (pair.out_a, g_bytes_get_data (pattern, NULL),
                             g_bytes_get_size (pattern), NULL, cancellable,
                             &error);
  g_assert_no_error (error);
  expect_bytes (pair.in_b, pattern);

  fragile_transport_set_error (pair.transport, refusal->code, 1);
  write_text (pair.out_a, "late");
  run_for (300);
  fragile_transport_set_error (pair.transport, 0, 0);
  expect_text (pair.in_b, "late");
  write_text (pair.out_b, "back");
  expect_text (pair.in_a, "back");
  pair_tear_down (&pair);
}

static struct rlimit
allow_descriptors (rlim_t n)
{
  struct rlimit before, now;

  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &before), ==, 0);
  now = before;
  now.rlim_cur = n;
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &now), ==, 0);
  return before;
}

/* Nothing new can be made, which is said; what there is goes on as it was. */
static void
test_descriptors (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SrudpEndpoint) endpoint = NULL;
  struct rlimit before;
  Pair pair = { 0 };

  pair_set_up (&pair);
  before = allow_descriptors (3);
  endpoint = srudp_endpoint_new_for_port (0, &error);
  g_assert_null (endpoint);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TOO_MANY_OPEN_FILES);
  g_clear_error (&error);
  g_assert_cmpint (srudp_connection_export_fd (pair.a, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TOO_MANY_OPEN_FILES);
  g_clear_error (&error);

  write_text (pair.out_a, "still here");
  expect_text (pair.in_b, "still here");
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &before), ==, 0);

  endpoint = srudp_endpoint_new_for_port (0, &error);
  g_assert_no_error (error);
  g_assert_nonnull (endpoint);
  pair_tear_down (&pair);
}

/* Takes all that are allowed but so many; the array names the taken ones. */
static GArray *
take_all_but (guint n)
{
  GArray *taken = g_array_new (FALSE, FALSE, sizeof (int));
  int fd;

  while ((fd = dup (STDERR_FILENO)) >= 0)
    g_array_append_val (taken, fd);
  g_assert_cmpint (errno, ==, EMFILE);
  g_assert_cmpuint (taken->len, >, n);
  for (; n > 0; n--)
    {
      close (g_array_index (taken, int, taken->len - 1));
      g_array_set_size (taken, taken->len - 1);
    }
  return taken;
}

static void
give_back (GArray *taken)
{
  for (guint i = 0; i < taken->len; i++)
    close (g_array_index (taken, int, i));
  g_array_unref (taken);
}

/* A socket, and what wakes the worker: with less there is an error, whichever
 * of them is missing. Whatever else would be good to have can wait. */
static void
test_last_descriptors (void)
{
  g_autoptr (SrudpEndpoint) first = make_endpoint ();
  g_autoptr (SrudpInvitation) invitation = NULL;
  struct rlimit before;

  /* What GLib makes once in a program is there now, and once the worker has
   * answered, it has looked around in the network. It stays: that of a closed
   * endpoint gives its descriptors back a moment later. */
  invitation = srudp_endpoint_create_invitation (first, NULL, NULL);
  g_assert_nonnull (invitation);
  before = allow_descriptors (200);
  for (guint n = 0; n < 8; n++)
    {
      GArray *taken = take_all_but (n);
      g_autoptr (GError) error = NULL;
      g_autoptr (SrudpEndpoint) endpoint = srudp_endpoint_new_for_port (0, &error);

      give_back (taken);
      if (n < 2)
        {
          g_assert_null (endpoint);
          g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TOO_MANY_OPEN_FILES);
          continue;
        }
      g_assert_no_error (error);
      g_assert_nonnull (endpoint);
      g_assert_true (srudp_endpoint_close (endpoint, NULL, &error));
      g_assert_no_error (error);
    }
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &before), ==, 0);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  /* First: it counts, and no endpoint of another test may still be closing. */
  g_test_add_func ("/shortage/the-last-descriptors", test_last_descriptors);
  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    g_test_add_data_func (refusals[i].path, &refusals[i], test_sending);
  g_test_add_func ("/shortage/descriptors", test_descriptors);
  return g_test_run ();
}
