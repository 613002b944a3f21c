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

gsize
fill (GOutputStream *stream)
{
  static const char block[50000] = { 0 };
  g_autoptr (GError) error = NULL;
  gsize sum = 0;
  guint n_refused = 0;

  /* The worker carries on while this waits: full means full for a while. */
  while (n_refused < 5)
    {
      gssize n = g_pollable_output_stream_write_nonblocking (
        G_POLLABLE_OUTPUT_STREAM (stream), block, sizeof block, NULL, &error);

      if (n > 0)
        {
          sum += (gsize) n;
          n_refused = 0;
          continue;
        }
      expect_error (&error, G_IO_ERROR_WOULD_BLOCK);
      n_refused++;
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
