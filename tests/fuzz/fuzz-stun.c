/*
 * SPDX-License-Identifier: MIT
 *
 * fuzz-stun.c: what somebody sends in place of a STUN server
 */
#include "fuzz.h"

#include "srudp-stun.h"

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  SrudpStunResponse response;

  if (!srudp_stun_parse_response (data, size, &response))
    return 0;

  g_assert_true (srudp_stun_is_message (data, size));
  g_assert_cmpuint (response.n_unknown, <=, SRUDP_STUN_MAX_UNKNOWN);
  if (response.error_code == 0)
    g_assert_true (srudp_address_is_set (&response.mapped));
  else
    {
      g_assert_cmpuint (response.error_code, >=, 300);
      g_assert_cmpuint (response.error_code, <, 700);
    }

  return 0;
}
