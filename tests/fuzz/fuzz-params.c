/*
 * SPDX-License-Identifier: MIT
 *
 * fuzz-params.c: transport parameters; what was read is written alike
 */
#include "fuzz.h"

#include "srudp-transport-params.h"

static gsize
write_params (const SrudpTransportParams *params,
              guint8                      out[500])
{
  SrudpWriter writer;

  srudp_writer_init (&writer, out, 500);
  g_assert_true (srudp_transport_params_write (&writer, params, 0));

  return writer.size;
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  SrudpTransportParams params, again;
  guint8 first[500], second[500];
  SrudpReader reader;
  gsize first_size;

  srudp_transport_params_init (&params);
  srudp_reader_init (&reader, data, size);
  if (!srudp_transport_params_parse (&reader, &params))
    return 0;

  g_assert_true (srudp_reader_is_empty (&reader));
  first_size = write_params (&params, first);
  srudp_transport_params_init (&again);
  srudp_reader_init (&reader, first, first_size);
  g_assert_true (srudp_transport_params_parse (&reader, &again));
  g_assert_cmpmem (first, first_size, second, write_params (&again, second));

  return 0;
}
