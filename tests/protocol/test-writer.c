/*
 * SPDX-License-Identifier: MIT
 *
 * test-writer.c: what is written can be read back, and never past the end
 */
#include "srudp-writer.h"

#include "srudp-reader.h"

#include "test-bytes.h"

static void
test_layout (void)
{
  guint8 buffer[64];
  guint8 *room;
  SrudpWriter writer;

  srudp_writer_init (&writer, buffer, sizeof buffer);
  g_assert_true (srudp_writer_put_u8 (&writer, 0x01));
  g_assert_true (srudp_writer_put_u16 (&writer, 0x0203));
  g_assert_true (srudp_writer_put_u32 (&writer, 0x04050607));
  g_assert_true (srudp_writer_put_u64 (&writer, G_GUINT64_CONSTANT (0x08090a0b0c0d0e0f)));
  g_assert_true (srudp_writer_put_bytes (&writer, "\x10\x11", 2));
  g_assert_true (srudp_writer_put_zeros (&writer, 2));
  g_assert_true (srudp_writer_reserve (&writer, &room, 1));
  *room = 0x12;

  test_assert_bytes (buffer, writer.size, "0102030405060708090a0b0c0d0e0f1011000012");
  g_assert_cmpuint (srudp_writer_get_left (&writer), ==, sizeof buffer - writer.size);
  g_assert_false (writer.overflowed);
}

/* RFC 9000, appendix A.1, and the limits of each length */
static const struct
{
  guint64 value;
  const char *hex;
} varints[] = {
  { 37, "25" },
  { 15293, "7bbd" },
  { 494878333, "9d7f3e7d" },
  { G_GUINT64_CONSTANT (151288809941952652), "c2197c5eff14e88c" },
  { 0, "00" },
  { 63, "3f" },
  { 64, "4040" },
  { 16383, "7fff" },
  { 16384, "80004000" },
  { 1073741823, "bfffffff" },
  { 1073741824, "c000000040000000" },
  { SRUDP_VARINT_MAX, "ffffffffffffffff" },
};

static void
test_varint (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (varints); i++)
    {
      guint8 buffer[8];
      SrudpWriter writer;

      srudp_writer_init (&writer, buffer, sizeof buffer);
      g_assert_true (srudp_writer_put_varint (&writer, varints[i].value));
      test_assert_bytes (buffer, writer.size, varints[i].hex);
      g_assert_cmpuint (srudp_varint_size (varints[i].value), ==, writer.size);
    }
}

/* Every value in every length that holds it, also longer than needed. */
static void
test_sized_varint (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (varints); i++)
    for (gsize n_bytes = 1; n_bytes <= 8; n_bytes *= 2)
      {
        gboolean fits = n_bytes >= srudp_varint_size (varints[i].value);
        guint8 buffer[8];
        SrudpWriter writer;
        SrudpReader reader;
        guint64 value = 0;

        srudp_writer_init (&writer, buffer, sizeof buffer);
        g_assert_cmpint (srudp_writer_put_varint_sized (&writer, varints[i].value, n_bytes), ==,
                         fits);
        g_assert_cmpuint (writer.size, ==, fits ? n_bytes : 0);
        if (!fits)
          continue;

        srudp_reader_init (&reader, buffer, writer.size);
        g_assert_true (srudp_reader_get_varint (&reader, &value));
        g_assert_cmpuint (value, ==, varints[i].value);
        g_assert_true (srudp_reader_is_empty (&reader));
      }
}

static void
test_too_large_for_varint (void)
{
  guint8 buffer[8];
  SrudpWriter writer;

  srudp_writer_init (&writer, buffer, sizeof buffer);
  g_assert_false (srudp_writer_put_varint (&writer, SRUDP_VARINT_MAX + 1));
  g_assert_true (writer.overflowed);
  g_assert_cmpuint (writer.size, ==, 0);
}

/* The byte after the end stays, and what comes later fails too. */
static void
test_overflow_is_sticky (void)
{
  guint8 buffer[4] = { 0, 0, 0, 0xee };
  /* Volatile, or the compiler warns of a copy that is never made. */
  volatile gsize too_much = G_MAXSIZE;
  SrudpWriter writer;

  srudp_writer_init (&writer, buffer, 3);
  g_assert_true (srudp_writer_put_u16 (&writer, 0x0102));
  g_assert_false (srudp_writer_put_u16 (&writer, 0x0304));
  g_assert_true (writer.overflowed);
  g_assert_cmpuint (srudp_writer_get_left (&writer), ==, 0);
  g_assert_false (srudp_writer_put_u8 (&writer, 0x05));
  g_assert_false (srudp_writer_put_bytes (&writer, buffer, too_much));
  g_assert_false (srudp_writer_put_zeros (&writer, too_much));
  g_assert_false (srudp_writer_put_varint (&writer, 1));
  test_assert_bytes (buffer, sizeof buffer, "010200ee");
  g_assert_cmpuint (writer.size, ==, 2);
}

static void
test_rewind (void)
{
  guint8 buffer[4];
  SrudpWriter writer;
  gsize mark;

  srudp_writer_init (&writer, buffer, sizeof buffer);
  srudp_writer_put_u8 (&writer, 1);
  mark = writer.size;
  g_assert_true (srudp_writer_put_u16 (&writer, 2));
  g_assert_false (srudp_writer_put_u16 (&writer, 3));
  srudp_writer_rewind (&writer, mark);
  g_assert_false (writer.overflowed);
  g_assert_true (srudp_writer_put_u8 (&writer, 4));
  test_assert_bytes (buffer, writer.size, "0104");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/writer/layout", test_layout);
  g_test_add_func ("/writer/varint", test_varint);
  g_test_add_func ("/writer/sized-varint", test_sized_varint);
  g_test_add_func ("/writer/too-large-for-varint", test_too_large_for_varint);
  g_test_add_func ("/writer/overflow-is-sticky", test_overflow_is_sticky);
  g_test_add_func ("/writer/rewind", test_rewind);

  return g_test_run ();
}
