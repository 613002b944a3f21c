/*
 * SPDX-License-Identifier: MIT
 *
 * test-reader.c: nothing is read past the end, and a failure changes nothing
 */
#include "srudp-reader.h"

#include "test-bytes.h"

static void
test_numbers_are_big_endian (void)
{
  static const guint8 data[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };
  SrudpReader reader;
  guint8 u8;
  guint16 u16;
  guint32 u32;
  guint64 u64;

  srudp_reader_init (&reader, data, sizeof data);
  g_assert_true (srudp_reader_peek_u8 (&reader, &u8));
  g_assert_cmphex (u8, ==, 1);
  g_assert_true (srudp_reader_get_u8 (&reader, &u8));
  g_assert_cmphex (u8, ==, 1);
  g_assert_true (srudp_reader_get_u16 (&reader, &u16));
  g_assert_cmphex (u16, ==, 0x0203);
  g_assert_true (srudp_reader_get_u32 (&reader, &u32));
  g_assert_cmphex (u32, ==, 0x04050607);
  g_assert_true (srudp_reader_get_u64 (&reader, &u64));
  g_assert_cmphex (u64, ==, G_GUINT64_CONSTANT (0x08090a0b0c0d0e0f));
  g_assert_cmpuint (reader.left, ==, 1);
  g_assert_false (srudp_reader_is_empty (&reader));
  g_assert_true (srudp_reader_skip (&reader, 1));
  g_assert_true (srudp_reader_is_empty (&reader));
}

static void
test_bytes_and_views (void)
{
  static const guint8 data[] = "abcdefgh";
  SrudpReader reader, inner;
  const guint8 *view;
  guint8 copy[3], last = 0;

  srudp_reader_init (&reader, data, 8);
  g_assert_true (srudp_reader_get_bytes (&reader, copy, 3));
  g_assert_cmpmem (copy, 3, "abc", 3);
  g_assert_true (srudp_reader_get_view (&reader, &view, 2));
  g_assert_true (view == data + 3);
  g_assert_true (srudp_reader_get_reader (&reader, &inner, 2));
  g_assert_cmpuint (reader.left, ==, 1);

  /* The inner one ends where its field ends. */
  g_assert_true (srudp_reader_skip (&inner, 1));
  g_assert_true (srudp_reader_get_u8 (&inner, &last));
  g_assert_cmpint (last, ==, 'g');
  g_assert_false (srudp_reader_get_u8 (&inner, &last));
}

/* RFC 9000, appendix A.1, and the limits of each length */
static const struct
{
  const char *hex;
  guint64 value;
} varints[] = {
  { "c2197c5eff14e88c", G_GUINT64_CONSTANT (151288809941952652) },
  { "9d7f3e7d", 494878333 },
  { "7bbd", 15293 },
  { "25", 37 },
  { "4025", 37 },
  { "00", 0 },
  { "3f", 63 },
  { "4040", 64 },
  { "7fff", 16383 },
  { "80004000", 16384 },
  { "bfffffff", 1073741823 },
  { "c000000040000000", 1073741824 },
  { "ffffffffffffffff", G_GUINT64_CONSTANT (0x3fffffffffffffff) },
};

static void
test_varint (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (varints); i++)
    {
      g_autoptr (GByteArray) bytes = test_bytes_from_hex (varints[i].hex);
      SrudpReader reader;
      guint64 value = 0;

      srudp_reader_init (&reader, bytes->data, bytes->len);
      g_assert_true (srudp_reader_get_varint (&reader, &value));
      g_assert_cmpuint (value, ==, varints[i].value);
      g_assert_true (srudp_reader_is_empty (&reader));
    }
}

static void
test_short_varint (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (varints); i++)
    {
      g_autoptr (GByteArray) bytes = test_bytes_from_hex (varints[i].hex);

      for (gsize size = 0; size < bytes->len; size++)
        {
          /* On the heap, so that a checker sees any step past the end. */
          g_autofree guint8 *exact = g_memdup2 (bytes->data, size);
          const guint8 *start;
          SrudpReader reader;
          guint64 value = 4711;

          srudp_reader_init (&reader, exact, size);
          start = reader.data;
          g_assert_false (srudp_reader_get_varint (&reader, &value));
          g_assert_cmpuint (value, ==, 4711);
          g_assert_cmpuint (reader.left, ==, size);
          g_assert_true (reader.data == start);
        }
    }
}

static void
test_failure_changes_nothing (void)
{
  static const guint8 data[7] = { 0 };
  const guint8 *view = NULL;
  guint8 bytes[4] = { 1, 2, 3, 4 };
  guint8 u8 = 1;
  guint16 u16 = 1;
  guint32 u32 = 1;
  guint64 u64 = 1;
  SrudpReader reader, inner;

  srudp_reader_init (&reader, data, 7);
  g_assert_false (srudp_reader_get_u64 (&reader, &u64));
  srudp_reader_init (&reader, data, 3);
  g_assert_false (srudp_reader_get_u32 (&reader, &u32));
  g_assert_false (srudp_reader_get_bytes (&reader, bytes, 4));
  g_assert_false (srudp_reader_get_view (&reader, &view, G_MAXSIZE));
  g_assert_false (srudp_reader_get_reader (&reader, &inner, G_MAXSIZE - 2));
  g_assert_false (srudp_reader_skip (&reader, 4));
  g_assert_cmpuint (reader.left, ==, 3);
  g_assert_true (reader.data == data);
  srudp_reader_init (&reader, data, 1);
  g_assert_false (srudp_reader_get_u16 (&reader, &u16));
  srudp_reader_init (&reader, NULL, 0);
  g_assert_false (srudp_reader_get_u8 (&reader, &u8));
  g_assert_false (srudp_reader_peek_u8 (&reader, &u8));
  g_assert_true (srudp_reader_get_bytes (&reader, bytes, 0));

  g_assert_null (view);
  g_assert_cmpuint (u8 + u16 + u32 + u64, ==, 4);
  g_assert_cmpmem (bytes, 4, "\1\2\3\4", 4);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/reader/numbers-are-big-endian", test_numbers_are_big_endian);
  g_test_add_func ("/reader/bytes-and-views", test_bytes_and_views);
  g_test_add_func ("/reader/varint", test_varint);
  g_test_add_func ("/reader/short-varint", test_short_varint);
  g_test_add_func ("/reader/failure-changes-nothing", test_failure_changes_nothing);

  return g_test_run ();
}
