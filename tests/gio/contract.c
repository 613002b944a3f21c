/*
 * SPDX-License-Identifier: MIT
 *
 * contract.c: what the tests of GIO's contract for streams share
 */
#include "contract.h"

static void
run_contract (gconstpointer data)
{
  ContractFunc func = *(ContractFunc *) data;
  Pair pair = { 0 };

  pair_set_up (&pair);
  func (&pair);
  pair_tear_down (&pair);
}

void
contract_add (const char   *path,
              ContractFunc  func)
{
  g_autofree char *full = g_strconcat ("/contract", path, NULL);

  g_test_add_data_func_full (full, g_memdup2 (&func, sizeof func),
                             run_contract, g_free);
}

void
expect_error (GError **error,
              int      code)
{
  g_assert_error (*error, G_IO_ERROR, code);
  g_clear_error (error);
}

GAsyncResult *
take_result (GAsyncResult **result)
{
  run_until_set ((gpointer *) result);
  return g_steal_pointer (result);
}

void
wait_readable (GInputStream *stream)
{
  gint64 until_us = g_get_monotonic_time () + PATIENCE_MS * 1000;

  while (!g_pollable_input_stream_is_readable (
    G_POLLABLE_INPUT_STREAM (stream)))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, until_us);
      g_usleep (1000);
    }
}

/* All that the peer has allowed is there, and it has said so. */
static gboolean
is_at_rest (Pair  *pair,
            gsize  n_written)
{
  g_autoptr (SrudpStats) stats = srudp_connection_dup_stats (pair->a);
  guint64 n_unread = count_unread (pair->b);

  return n_unread > 0 && srudp_stats_get_bytes_in_flight (stats) == 0
         && n_unread + srudp_stats_get_unacknowledged_bytes (stats)
              == n_written;
}

gsize
fill (Pair *pair)
{
  static const char block[50000] = { 0 };
  g_autoptr (GCancellable) late = patience ();
  g_autoptr (GError) error = NULL;
  gsize sum = 0;
  guint n_refused = 0;

  /* The workers carry on while this waits. */
  while (n_refused < 5)
    {
      gssize n = g_pollable_output_stream_write_nonblocking (
        G_POLLABLE_OUTPUT_STREAM (pair->out_a), block, sizeof block, NULL,
        &error);

      g_assert_false (g_cancellable_is_cancelled (late));
      if (n > 0)
        {
          sum += (gsize) n;
          n_refused = 0;
          continue;
        }
      expect_error (&error, G_IO_ERROR_WOULD_BLOCK);
      n_refused = is_at_rest (pair, sum) ? n_refused + 1 : 0;
      g_usleep (20 * 1000);
    }
  return sum;
}

gpointer
drain_thread (gpointer stream)
{
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (GError) error = NULL;

  while (g_input_stream_skip (stream, 100000, cancellable, &error) > 0)
    {
    }
  g_assert_no_error (error);
  return NULL;
}
