/*
 * SPDX-License-Identifier: MIT
 *
 * fuzz-port-map.c: what somebody sends in place of a router
 */
#include "fuzz.h"

#include "srudp-port-mapper.h"

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  static const guint8 nonce[SRUDP_PORT_MAP_NONCE_BYTES] = { 0 };
  static const guint8 ip[4] = { 192, 168, 1, 2 };
  guint8 out[SRUDP_PORT_MAP_REQUEST_BYTES];
  SrudpPortMapReply reply;
  SrudpPortMapper mapper;
  SrudpAddress address;

  srudp_address_init_ipv4 (&address, ip, 0x9c40);
  srudp_port_mapper_init (&mapper, 0, &address, nonce);
  while (srudp_port_mapper_poll (&mapper, 0, out) > 0)
    ;
  srudp_port_mapper_receive (&mapper, 0, data, size);
  srudp_port_mapper_hear_everybodys (&mapper, 0, data, size);
  if (srudp_port_mapper_get_external (&mapper, &address))
    {
      g_assert_true (srudp_address_is_unicast (&address));
      g_assert_cmpuint (address.port, !=, 0);
    }
  /* Nobody can make it busy. */
  g_assert_cmpint (srudp_port_mapper_get_deadline (&mapper), >=, 0);

  if (srudp_port_map_parse_reply (data, size, &reply)
      && reply.type == SRUDP_PORT_MAP_MAPPED)
    g_assert_cmpuint (reply.external_port, !=, 0);
  return 0;
}
