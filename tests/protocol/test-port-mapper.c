/*
 * SPDX-License-Identifier: MIT
 *
 * test-port-mapper.c: a port stays mapped, whatever the router speaks
 */
#include "srudp-port-mapper.h"

#include "test-bytes.h"

#define SECOND ((gint64) G_USEC_PER_SEC)
#define START (1000 * SECOND)
#define NONCE "000102030405060708090a0b"
#define MAPPED_BY_PCP(lifetime) \
  "0281000000" lifetime "00000009" "000000000000000000000000" NONCE \
  "110000009c40c350" "00000000000000000000ffffcb007107"
#define HOUR "000e10"

typedef struct
{
  SrudpPortMapper mapper;
  gint64 now;
} Fixture;

static void
set_up (Fixture      *self,
        gconstpointer data)
{
  static const guint8 ip[4] = { 192, 168, 1, 2 };
  guint8 nonce[SRUDP_PORT_MAP_NONCE_BYTES];
  SrudpAddress client;

  srudp_address_init_ipv4 (&client, ip, 40000);
  test_bytes_fill (nonce, sizeof nonce, NONCE);
  self->now = START;
  srudp_port_mapper_init (&self->mapper, self->now, &client, nonce);
}

/* What goes out now: 'p' for PCP, 'n' for NAT-PMP, 'a' for its question for
 * the address; in capitals what ends a mapping. */
static char *
send_all (Fixture *self)
{
  GString *sent = g_string_new (NULL);
  guint8 out[SRUDP_PORT_MAP_REQUEST_BYTES];
  gsize size;

  while ((size = srudp_port_mapper_poll (&self->mapper, self->now, out)) > 0)
    {
      gboolean ends = size == 60 ? memcmp (out + 4, "\0\0\0\0", 4) == 0
                                 : size == 12 && memcmp (out + 8, "\0\0\0\0", 4) == 0;
      char what = size == 60 ? 'p' : size == 12 ? 'n' : 'a';

      g_string_append_c (sent, ends ? g_ascii_toupper (what) : what);
    }
  return g_string_free (sent, FALSE);
}

static void
expect_sent (Fixture    *self,
             const char *expected)
{
  g_autofree char *sent = send_all (self);

  g_assert_cmpstr (sent, ==, expected);
}

static gboolean
hear (Fixture    *self,
      const char *hex)
{
  g_autoptr (GByteArray) bytes = test_bytes_from_hex (hex);

  return srudp_port_mapper_receive (&self->mapper, self->now, bytes->data,
                                    bytes->len);
}

static void
expect_external (Fixture    *self,
                 const char *expected)
{
  char text[SRUDP_ADDRESS_STRING_BYTES] = "none";
  SrudpAddress external;

  if (srudp_port_mapper_get_external (&self->mapper, &external))
    srudp_address_format (&external, text);
  g_assert_cmpstr (text, ==, expected);
}

static void
pass_until_due (Fixture *self)
{
  gint64 deadline = srudp_port_mapper_get_deadline (&self->mapper);

  g_assert_cmpint (deadline, >=, 0);
  self->now = MAX (self->now, deadline);
}

static void
test_pcp (Fixture      *self,
          gconstpointer data)
{
  expect_sent (self, "p");
  g_assert_true (srudp_port_mapper_is_asking (&self->mapper));
  g_assert_true (hear (self, MAPPED_BY_PCP (HOUR)));
  g_assert_false (srudp_port_mapper_is_asking (&self->mapper));
  expect_external (self, "203.0.113.7:50000");

  /* At half of the lifetime. */
  pass_until_due (self);
  g_assert_cmpint (self->now - START, ==, 1800 * SECOND);
  expect_sent (self, "p");
  g_assert_true (hear (self, MAPPED_BY_PCP (HOUR)));
  g_assert_cmpint (srudp_port_mapper_get_deadline (&self->mapper) - self->now,
                   ==, 1800 * SECOND);

  srudp_port_mapper_release (&self->mapper, self->now);
  expect_external (self, "none");
  expect_sent (self, "P");
  expect_sent (self, "");
  g_assert_cmpint (srudp_port_mapper_get_deadline (&self->mapper), ==, -1);
}

static void
test_nat_pmp (Fixture      *self,
              gconstpointer data)
{
  const char *replies[] = { "008000000000000acb007107",
                            "008100000000000a9c40c35000000e10" };
  guint first = GPOINTER_TO_UINT (data);

  expect_sent (self, "p");
  g_assert_true (hear (self, "008100010000000a"));
  expect_sent (self, "an");
  g_assert_true (hear (self, replies[first]));
  expect_external (self, "none");
  g_assert_true (hear (self, replies[1 - first]));
  expect_external (self, "203.0.113.7:50000");

  pass_until_due (self);
  g_assert_cmpint (self->now - START, ==, 1800 * SECOND);
  expect_sent (self, "an");
  srudp_port_mapper_release (&self->mapper, self->now);
  expect_sent (self, "N");
}

static void
test_silence (Fixture      *self,
              gconstpointer data)
{
  GString *sent = g_string_new (NULL);

  while (self->now < START + 60 * SECOND)
    {
      g_autofree char *now = send_all (self);

      g_string_append (sent, now);
      pass_until_due (self);
    }
  /* In turns, and then peace for ten minutes. */
  g_assert_cmpstr (sent->str, ==, "panpanpan");
  g_assert_false (srudp_port_mapper_is_asking (&self->mapper));
  g_assert_cmpint (self->now - START, >, 600 * SECOND);
  g_assert_cmpint (self->now - START, <, 610 * SECOND);
  expect_sent (self, "p");
  g_string_free (sent, TRUE);

}

/* What the router grants when nobody listens any more would stay for two hours:
 * a question without its answer is withdrawn too. */
static void
test_withdrawn_unheard (Fixture      *self,
                        gconstpointer data)
{
  expect_sent (self, "p");
  srudp_port_mapper_release (&self->mapper, self->now);
  expect_sent (self, "P");
  expect_sent (self, "");
  g_assert_cmpint (srudp_port_mapper_get_deadline (&self->mapper), ==, -1);
}

/* One that never answered, or that has refused, has nothing to take back. */
static void
test_rest_is_peace (Fixture      *self,
                    gconstpointer data)
{
  while (srudp_port_mapper_is_asking (&self->mapper))
    {
      g_free (send_all (self));

      if (srudp_port_mapper_is_asking (&self->mapper))
        pass_until_due (self);
    }
  srudp_port_mapper_release (&self->mapper, self->now);
  expect_sent (self, "");
}

static void
test_refusal (Fixture      *self,
              gconstpointer data)
{
  expect_sent (self, "p");
  /* Out of resources, for 60 seconds. */
  g_assert_true (hear (self, "028100080000003c00000009000000000000000000000000"
                             NONCE "110000009c400000"
                             "00000000000000000000ffff00000000"));
  g_assert_false (srudp_port_mapper_is_asking (&self->mapper));
  pass_until_due (self);
  g_assert_cmpint (self->now - START, ==, 60 * SECOND);
  expect_sent (self, "p");
  g_assert_true (hear (self, MAPPED_BY_PCP (HOUR)));
  expect_external (self, "203.0.113.7:50000");
}

static void
test_lost_router (Fixture      *self,
                  gconstpointer data)
{
  expect_sent (self, "p");
  g_assert_true (hear (self, MAPPED_BY_PCP (HOUR)));
  while (self->now < START + 3600 * SECOND)
    {
      g_free (send_all (self));
      expect_external (self, "203.0.113.7:50000");
      pass_until_due (self);
    }
  g_assert_cmpint (self->now, ==, START + 3600 * SECOND);
  expect_sent (self, "");
  expect_external (self, "none");
}

static void
test_end (Fixture      *self,
          gconstpointer data)
{
  expect_sent (self, "p");
  g_assert_cmpint (srudp_port_mapper_get_end (&self->mapper), ==, -1);
  g_assert_true (hear (self, MAPPED_BY_PCP (HOUR)));
  g_assert_cmpint (srudp_port_mapper_get_end (&self->mapper), ==, -1);

  for (guint i = 0; i < 3; i++)
    {
      pass_until_due (self);
      g_assert_cmpint (srudp_port_mapper_get_end (&self->mapper), ==, -1);
      expect_sent (self, "p");
    }
  g_assert_cmpint (srudp_port_mapper_get_end (&self->mapper), ==,
                   START + 3600 * SECOND);

  g_assert_true (hear (self, MAPPED_BY_PCP (HOUR)));
  g_assert_cmpint (srudp_port_mapper_get_end (&self->mapper), ==, -1);
}

#define ANNOUNCED_BY_PCP(epoch) \
  "0280000000000000" epoch "000000000000000000000000"

static gboolean
hear_everybodys (Fixture    *self,
                 const char *hex)
{
  g_autoptr (GByteArray) bytes = test_bytes_from_hex (hex);

  return srudp_port_mapper_hear_everybodys (&self->mapper, self->now,
                                            bytes->data, bytes->len);
}

/* It was 9 s old when it mapped the port. */
static void
test_restart (Fixture      *self,
              gconstpointer data)
{
  expect_sent (self, "p");
  g_assert_false (hear_everybodys (self, ANNOUNCED_BY_PCP ("00000000")));
  g_assert_true (hear (self, MAPPED_BY_PCP (HOUR)));

  self->now += 100 * SECOND;
  g_assert_false (hear_everybodys (self, ANNOUNCED_BY_PCP ("0000006d")));
  g_assert_false (hear_everybodys (self, ANNOUNCED_BY_PCP ("00000071")));
  g_assert_false (hear_everybodys (self, "008000000000006dcb007107"));
  expect_sent (self, "");

  g_assert_true (hear_everybodys (self, ANNOUNCED_BY_PCP ("00000000")));
  g_assert_cmpint (srudp_port_mapper_get_deadline (&self->mapper) - self->now,
                   <=, 5 * SECOND);
  expect_external (self, "203.0.113.7:50000");
  pass_until_due (self);
  expect_sent (self, "p");
  g_assert_true (hear (self, MAPPED_BY_PCP (HOUR)));

  /* Said again and again, it does not bring more, nor put off what is due. */
  for (guint i = 0; i < 100; i++)
    {
      g_assert_true (hear_everybodys (self, ANNOUNCED_BY_PCP ("00000000")));
      expect_sent (self, "");
      self->now += SECOND / 100;
    }
  pass_until_due (self);
  expect_sent (self, "p");
}

/* More time has passed there than here. */
static void
test_another_router (Fixture      *self,
                     gconstpointer data)
{
  expect_sent (self, "p");
  g_assert_true (hear (self, MAPPED_BY_PCP (HOUR)));
  self->now += 10 * SECOND;
  g_assert_true (hear_everybodys (self, ANNOUNCED_BY_PCP ("00010000")));
}

static void
test_restart_nat_pmp (Fixture      *self,
                      gconstpointer data)
{
  expect_sent (self, "p");
  g_assert_true (hear (self, "008100010000000a"));
  expect_sent (self, "an");
  g_assert_true (hear (self, "008000000000000acb007107"));
  g_assert_true (hear (self, "008100000000000a9c40c35000000e10"));

  self->now += 100 * SECOND;
  g_assert_false (hear_everybodys (self, "008000000000006ecb007107"));
  /* The same router with another address. */
  g_assert_true (hear_everybodys (self, "008000000000006ecb007108"));
  g_assert_true (hear_everybodys (self, "0080000000000000cb007107"));
  pass_until_due (self);
  expect_sent (self, "an");
  g_assert_true (srudp_port_mapper_get_deadline (&self->mapper) > self->now);
}

static void
test_strangers (Fixture      *self,
                gconstpointer data)
{
  expect_sent (self, "p");
  /* Another nonce, another port, another family. */
  g_assert_false (hear (self, "028100000000" "0e10" "00000009"
                              "000000000000000000000000"
                              "ff0102030405060708090a0b"
                              "110000009c40c350"
                              "00000000000000000000ffffcb007107"));
  g_assert_false (hear (self, "028100000000" "0e10" "00000009"
                              "000000000000000000000000" NONCE
                              "110000009c41c350"
                              "00000000000000000000ffffcb007107"));
  g_assert_false (hear (self, "028100000000" "0e10" "00000009"
                              "000000000000000000000000" NONCE
                              "110000009c40c350"
                              "20010db8000000000000000000000002"));
  g_assert_false (hear (self, "008100000000000a9c41c35000000e10"));
  expect_external (self, "none");
}

int
main (int    argc,
      char **argv)
{
  static const struct
  {
    const char *path;
    void (*func) (Fixture *, gconstpointer);
    guint data;
  } tests[] = {
    { "a-router-that-speaks-pcp", test_pcp },
    { "a-router-that-speaks-nat-pmp/address-first", test_nat_pmp, 0 },
    { "a-router-that-speaks-nat-pmp/mapping-first", test_nat_pmp, 1 },
    { "a-router-that-says-nothing-is-left-alone", test_silence },
    { "a-router-that-refuses-is-asked-again-later", test_refusal },
    { "a-question-without-its-answer-is-withdrawn", test_withdrawn_unheard },
    { "one-that-never-answered-has-peace-in-the-end", test_rest_is_peace },
    { "a-router-that-vanishes-takes-the-mapping-with-it", test_lost_router },
    { "the-end-is-known-when-a-router-does-not-renew", test_end },
    { "a-router-that-has-begun-anew-is-asked-anew", test_restart },
    { "a-router-that-is-another-one-is-asked-anew", test_another_router },
    { "a-router-that-speaks-nat-pmp-has-begun-anew", test_restart_nat_pmp },
    { "replies-to-others-are-no-replies", test_strangers },
  };

  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strconcat ("/port-mapper/", tests[i].path, NULL);

      g_test_add (path, Fixture, GUINT_TO_POINTER (tests[i].data), set_up,
                  tests[i].func, NULL);
    }

  return g_test_run ();
}
