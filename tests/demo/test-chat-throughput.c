/*
 * SPDX-License-Identifier: MIT
 *
 * test-chat-throughput.c: how much went to and fro in the last minute
 */
#include "config.h"

#include "srudp-chat-throughput.h"

#define LAST (SRUDP_CHAT_THROUGHPUT_SECONDS - 1)

static void
test_differences (void)
{
  SrudpChatThroughput throughput = { 0 };

  srudp_chat_throughput_add (&throughput, 1000, 500);
  g_assert_cmpfloat (throughput.samples[LAST].sent, ==, 0);
  srudp_chat_throughput_add (&throughput, 4000, 700);
  g_assert_cmpfloat (throughput.samples[LAST].sent, ==, 3000);
  g_assert_cmpfloat (throughput.samples[LAST].received, ==, 200);
  srudp_chat_throughput_add (&throughput, 4000, 700);
  g_assert_cmpfloat (throughput.samples[LAST].sent, ==, 0);
  g_assert_cmpfloat (throughput.samples[LAST - 1].sent, ==, 3000);
  g_assert_cmpfloat (srudp_chat_throughput_get_most (&throughput), ==, 3000);
}

static void
test_new_link (void)
{
  SrudpChatThroughput throughput = { 0 };

  srudp_chat_throughput_add (&throughput, 9000, 9000);
  srudp_chat_throughput_add (&throughput, 100, 9100);
  g_assert_cmpfloat (throughput.samples[LAST].sent, ==, 0);
  g_assert_cmpfloat (throughput.samples[LAST].received, ==, 0);
  srudp_chat_throughput_add (&throughput, 150, 9100);
  g_assert_cmpfloat (throughput.samples[LAST].sent, ==, 50);
}

static void
test_minute (void)
{
  SrudpChatThroughput throughput = { 0 };

  srudp_chat_throughput_add (&throughput, 1, 1);
  srudp_chat_throughput_add (&throughput, 1001, 1);
  for (guint i = 1; i < SRUDP_CHAT_THROUGHPUT_SECONDS; i++)
    srudp_chat_throughput_add (&throughput, 1001, 1);
  g_assert_cmpfloat (throughput.samples[0].sent, ==, 1000);
  srudp_chat_throughput_add (&throughput, 1001, 1);
  g_assert_cmpfloat (srudp_chat_throughput_get_most (&throughput), ==, 0);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/chat/throughput/is-the-difference", test_differences);
  g_test_add_func ("/chat/throughput/begins-anew-with-a-link", test_new_link);
  g_test_add_func ("/chat/throughput/forgets-after-a-minute", test_minute);
  return g_test_run ();
}
