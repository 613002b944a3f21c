/*
 * SPDX-License-Identifier: MIT
 *
 * test-nat.c: from what servers see to how a NAT gives out ports
 */
#include "srudp-nat.h"

#define HOME_PORT 5000

static SrudpAddress
make (guint8  last,
      guint16 port)
{
  const guint8 ip[4] = { 203, 0, 113, last };
  SrudpAddress address;

  srudp_address_init_ipv4 (&address, ip, port);
  return address;
}

typedef struct
{
  const char *name;
  guint n;
  struct
  {
    guint8 server; /* the last byte of its IP address */
    guint16 server_port;
    guint16 seen;
  } answers[SRUDP_NAT_MAX_PORTS + 2];
  gboolean at_home; /* the address that is seen is one of this machine */
  SrudpMapping mapping;
  int delta;
} Row;

static const Row rows[] = {
  { "nobody has answered", 0, { { 0 } }, FALSE, SRUDP_MAPPING_UNKNOWN, 0 },
  { "one server alone can't tell", 1, { { 1, 3478, 5000 } }, FALSE,
    SRUDP_MAPPING_UNKNOWN, 0 },
  { "one server sees what the machine is", 1, { { 1, 3478, HOME_PORT } }, TRUE,
    SRUDP_MAPPING_NONE, 0 },
  { "two servers see what the machine is", 2,
    { { 1, 3478, HOME_PORT }, { 2, 3478, HOME_PORT } }, TRUE,
    SRUDP_MAPPING_NONE, 0 },
  { "two servers see the same", 2, { { 1, 3478, 6000 }, { 2, 3478, 6000 } },
    FALSE, SRUDP_MAPPING_ENDPOINT_INDEPENDENT, 0 },
  { "two ports of one server see the same", 2,
    { { 1, 3478, 6000 }, { 1, 3479, 6000 } }, FALSE, SRUDP_MAPPING_UNKNOWN,
    0 },
  { "two ports of one server see others", 2,
    { { 1, 3478, 6000 }, { 1, 3479, 9999 } }, FALSE,
    SRUDP_MAPPING_ENDPOINT_DEPENDENT, 0 },
  { "far apart", 2, { { 1, 3478, 6000 }, { 2, 3478, 41234 } }, FALSE,
    SRUDP_MAPPING_ENDPOINT_DEPENDENT, 0 },
  { "one after the other", 2, { { 1, 3478, 6000 }, { 2, 3478, 6001 } }, FALSE,
    SRUDP_MAPPING_ENDPOINT_DEPENDENT, 1 },
  { "downwards by twos", 3,
    { { 1, 3478, 6000 }, { 2, 3478, 5998 }, { 3, 3478, 5996 } }, FALSE,
    SRUDP_MAPPING_ENDPOINT_DEPENDENT, -2 },
  { "somebody else took one in between", 3,
    { { 1, 3478, 6000 }, { 2, 3478, 6002 }, { 3, 3478, 6003 } }, FALSE,
    SRUDP_MAPPING_ENDPOINT_DEPENDENT, 1 },
  { "to and fro", 3,
    { { 1, 3478, 6000 }, { 2, 3478, 6002 }, { 3, 3478, 6001 } }, FALSE,
    SRUDP_MAPPING_ENDPOINT_DEPENDENT, 0 },
  { "the same twice, then another", 3,
    { { 1, 3478, 6000 }, { 2, 3478, 6000 }, { 3, 3478, 6001 } }, FALSE,
    SRUDP_MAPPING_ENDPOINT_DEPENDENT, 0 },
  { "more answers than are kept", SRUDP_NAT_MAX_PORTS + 2,
    { { 1, 3478, 6000 }, { 2, 3478, 6001 }, { 3, 3478, 6002 },
      { 4, 3478, 6003 }, { 5, 3478, 6004 }, { 6, 3478, 6005 },
      { 7, 3478, 6006 }, { 8, 3478, 6007 }, { 9, 3478, 6008 },
      { 10, 3478, 6009 } },
    FALSE, SRUDP_MAPPING_ENDPOINT_DEPENDENT, 1 },
};

static void
test_row (gconstpointer data)
{
  const Row *row = data;
  SrudpNatObservation observations[SRUDP_NAT_MAX_PORTS + 2];
  const SrudpAddress local = make (100, HOME_PORT);
  SrudpNatFacts facts;

  for (guint i = 0; i < row->n; i++)
    {
      observations[i].server = make (row->answers[i].server,
                                     row->answers[i].server_port);
      observations[i].mapped = make (row->at_home ? 100 : 99,
                                     row->answers[i].seen);
    }

  srudp_nat_classify (&facts, 17, observations, row->n, &local, 1);
  g_assert_cmpint (facts.mapping, ==, row->mapping);
  g_assert_cmpint (facts.port_delta, ==, row->delta);
  g_assert_cmpint (facts.measured_us, ==, 17);
  g_assert_cmpuint (facts.n_ports, ==, MIN (row->n, SRUDP_NAT_MAX_PORTS));
  for (guint i = 0; i < facts.n_ports; i++)
    g_assert_cmpuint (facts.ports[i], ==, row->answers[i].seen);
  g_assert_cmpint (srudp_address_is_set (&facts.address), ==, row->n > 0);
  if (row->n > 0)
    g_assert_cmpuint (facts.address.port, ==, row->answers[row->n - 1].seen);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *path = g_strdup_printf ("/nat/%s", rows[i].name);

      g_test_add_data_func (path, &rows[i], test_row);
    }
  return g_test_run ();
}
