/*
 * SPDX-License-Identifier: MIT
 *
 * test-chunk.c: blocks of bytes are shared and freed once
 */
#include "srudp-chunk.h"

static void
test_slice_keeps_chunk (void)
{
  SrudpChunk *chunk = srudp_chunk_new (16);
  SrudpSlice slice = { srudp_chunk_ref (chunk), 4, 8 };

  chunk->data[4] = 'x';
  srudp_chunk_unref (chunk);

  g_assert_cmpint (srudp_slice_data (&slice)[0], ==, 'x');
  g_assert_cmpuint (slice.chunk->capacity, ==, 16);

  srudp_slice_clear (&slice);
  g_assert_null (slice.chunk);
  g_assert_cmpuint (slice.length, ==, 0);
  srudp_slice_clear (&slice); /* an empty one may be cleared again */
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/chunk/slice-keeps-chunk", test_slice_keeps_chunk);

  return g_test_run ();
}
