/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-port-map.c: asking a router to let packets in (RFC 6887, RFC 6886)
 */
#include "srudp-port-map.h"

#include "srudp-reader.h"
#include "srudp-writer.h"

#include <string.h>

/* RFC 6887, sections 7.1 and 7.2 */
#define PCP_VERSION 2
#define PCP_ANNOUNCE 0
#define PCP_MAP 1
#define PCP_RESPONSE_BIT 0x80
#define PCP_MIN_BYTES 24
#define PCP_MAX_BYTES 1100
/* RFC 6887, section 11.1: the protocol is that of IANA. */
#define PCP_UDP 17
/* RFC 6887, section 7.4 */
#define PCP_SUCCESS 0

/* RFC 6886, sections 3.2, 3.3 and 3.5 */
#define PMP_VERSION 0
#define PMP_ADDRESS 0
#define PMP_MAP_UDP 1
#define PMP_RESPONSE_BIT 0x80
#define PMP_SUCCESS 0
#define PMP_UNSUPPORTED_VERSION 1

static const guint8 v4_mapped[12] = {
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff,
};

/* --- Requests --- */

/* RFC 6887, section 5: IPv4 addresses are v4-mapped. Unset is "any", of the
 * family of the client. */
static void
put_address (SrudpWriter        *writer,
             const SrudpAddress *address,
             guint8              family)
{
  gboolean is_set = address->family == family;

  if (family == SRUDP_FAMILY_IPV4)
    srudp_writer_put_bytes (writer, v4_mapped, sizeof v4_mapped);
  if (is_set)
    srudp_writer_put_bytes (writer, address->ip,
                            family == SRUDP_FAMILY_IPV4 ? 4 : 16);
  else
    srudp_writer_put_zeros (writer, family == SRUDP_FAMILY_IPV4 ? 4 : 16);
}

/* RFC 6887, sections 7.1 and 11.1 */
static void
write_pcp (SrudpWriter               *writer,
           const SrudpPortMapRequest *request)
{
  srudp_writer_put_u8 (writer, PCP_VERSION);
  srudp_writer_put_u8 (writer, PCP_MAP);
  srudp_writer_put_u16 (writer, 0);
  srudp_writer_put_u32 (writer, request->lifetime_s);
  put_address (writer, &request->client, request->client.family);

  srudp_writer_put_bytes (writer, request->nonce, sizeof request->nonce);
  srudp_writer_put_u8 (writer, PCP_UDP);
  srudp_writer_put_zeros (writer, 3);
  srudp_writer_put_u16 (writer, request->client.port);
  srudp_writer_put_u16 (writer, request->external.port);
  put_address (writer, &request->external, request->client.family);
}

/* RFC 6886, sections 3.3 and 3.4: one that ends suggests no port. */
static void
write_pmp (SrudpWriter               *writer,
           const SrudpPortMapRequest *request)
{
  srudp_writer_put_u8 (writer, PMP_VERSION);
  srudp_writer_put_u8 (writer, PMP_MAP_UDP);
  srudp_writer_put_u16 (writer, 0);
  srudp_writer_put_u16 (writer, request->client.port);
  srudp_writer_put_u16 (writer,
                        request->lifetime_s > 0 ? request->external.port : 0);
  srudp_writer_put_u32 (writer, request->lifetime_s);
}

gsize
srudp_port_map_write_request (guint8                     out[SRUDP_PORT_MAP_REQUEST_BYTES],
                              SrudpPortMapProtocol       protocol,
                              const SrudpPortMapRequest *request)
{
  SrudpWriter writer;

  srudp_writer_init (&writer, out, SRUDP_PORT_MAP_REQUEST_BYTES);
  if (protocol == SRUDP_PORT_MAP_PCP)
    write_pcp (&writer, request);
  else
    write_pmp (&writer, request);
  return writer.size;
}

/* RFC 6886, section 3.2 */
gsize
srudp_port_map_write_address_request (guint8 out[SRUDP_PORT_MAP_REQUEST_BYTES])
{
  out[0] = PMP_VERSION;
  out[1] = PMP_ADDRESS;
  return 2;
}

/* --- Replies --- */

static gboolean
read_address (SrudpReader  *reader,
              guint16       port,
              SrudpAddress *out)
{
  guint8 ip[16];

  if (!srudp_reader_get_bytes (reader, ip, sizeof ip))
    return FALSE;

  if (memcmp (ip, v4_mapped, sizeof v4_mapped) == 0)
    srudp_address_init_ipv4 (out, ip + sizeof v4_mapped, port);
  else
    srudp_address_init_ipv6 (out, ip, port, 0);
  return TRUE;
}

/* RFC 6887, section 11.1: what follows the header. */
static gboolean
read_pcp_mapping (SrudpReader       *reader,
                  SrudpPortMapReply *reply)
{
  guint8 protocol;

  return srudp_reader_get_bytes (reader, reply->nonce, sizeof reply->nonce)
         && srudp_reader_get_u8 (reader, &protocol) && protocol == PCP_UDP
         && srudp_reader_skip (reader, 3)
         && srudp_reader_get_u16 (reader, &reply->internal_port)
         && srudp_reader_get_u16 (reader, &reply->external_port)
         && read_address (reader, reply->external_port, &reply->external);
}

static gboolean
is_whole (const SrudpPortMapReply *reply)
{
  return reply->code != PCP_SUCCESS
         || (reply->external_port != 0
             && srudp_address_is_unicast (&reply->external));
}

/* RFC 6887, section 7.2. A refusal repeats the request, so that its nonce can
 * be compared as well. */
static gboolean
read_pcp (SrudpReader       *reader,
          gsize              size,
          SrudpPortMapReply *reply)
{
  guint8 opcode, code;

  if (size < PCP_MIN_BYTES || size > PCP_MAX_BYTES || size % 4 != 0
      || !srudp_reader_get_u8 (reader, &opcode)
      || (opcode != (PCP_RESPONSE_BIT | PCP_MAP)
          && opcode != (PCP_RESPONSE_BIT | PCP_ANNOUNCE))
      || !srudp_reader_skip (reader, 1) || !srudp_reader_get_u8 (reader, &code)
      || !srudp_reader_get_u32 (reader, &reply->lifetime_s)
      || !srudp_reader_get_u32 (reader, &reply->epoch_s)
      || !srudp_reader_skip (reader, 12))
    return FALSE;

  reply->protocol = SRUDP_PORT_MAP_PCP;
  reply->code = code;
  reply->type = SRUDP_PORT_MAP_ANNOUNCED;
  if (opcode == (PCP_RESPONSE_BIT | PCP_ANNOUNCE))
    return code == PCP_SUCCESS;
  reply->type =
    code == PCP_SUCCESS ? SRUDP_PORT_MAP_MAPPED : SRUDP_PORT_MAP_REFUSED;
  return read_pcp_mapping (reader, reply) && is_whole (reply);
}

/* RFC 6887, section 9, and appendix A: who speaks another version of PCP says
 * so in that; nobody else can be asked for NAT-PMP. */
static gboolean
read_other_pcp (SrudpReader       *reader,
                SrudpPortMapReply *reply)
{
  guint8 opcode;

  reply->type = SRUDP_PORT_MAP_OTHER_VERSION;
  reply->protocol = SRUDP_PORT_MAP_NAT_PMP;
  return srudp_reader_get_u8 (reader, &opcode)
         && (opcode & PCP_RESPONSE_BIT) != 0;
}

static gboolean
read_pmp_mapping (SrudpReader       *reader,
                  SrudpPortMapReply *reply)
{
  reply->type = SRUDP_PORT_MAP_MAPPED;
  return srudp_reader_get_u16 (reader, &reply->internal_port)
         && srudp_reader_get_u16 (reader, &reply->external_port)
         && srudp_reader_get_u32 (reader, &reply->lifetime_s)
         && reply->external_port != 0;
}

static gboolean
read_pmp_address (SrudpReader       *reader,
                  SrudpPortMapReply *reply)
{
  guint8 ip[4];

  reply->type = SRUDP_PORT_MAP_ADDRESS;
  if (!srudp_reader_get_bytes (reader, ip, sizeof ip))
    return FALSE;

  srudp_address_init_ipv4 (&reply->external, ip, 0);
  return srudp_address_is_unicast (&reply->external);
}

/* RFC 6886, sections 3.2, 3.3 and 3.5: a refusal may end after its code. */
static gboolean
read_pmp (SrudpReader       *reader,
          SrudpPortMapReply *reply)
{
  guint8 opcode;
  guint16 code;

  if (!srudp_reader_get_u8 (reader, &opcode)
      || (opcode & PMP_RESPONSE_BIT) == 0
      || !srudp_reader_get_u16 (reader, &code)
      || !srudp_reader_get_u32 (reader, &reply->epoch_s))
    return FALSE;

  reply->protocol = SRUDP_PORT_MAP_NAT_PMP;
  reply->code = code;
  if (code != PMP_SUCCESS)
    {
      reply->type = code == PMP_UNSUPPORTED_VERSION
                      ? SRUDP_PORT_MAP_OTHER_VERSION
                      : SRUDP_PORT_MAP_REFUSED;
      return TRUE;
    }

  switch (opcode & ~PMP_RESPONSE_BIT)
    {
    case PMP_MAP_UDP:
      return read_pmp_mapping (reader, reply);
    case PMP_ADDRESS:
      return read_pmp_address (reader, reply);
    default:
      return FALSE;
    }
}

gboolean
srudp_port_map_parse_reply (const guint8      *data,
                            gsize              size,
                            SrudpPortMapReply *reply)
{
  SrudpPortMapReply parsed = { 0 };
  SrudpReader reader;
  guint8 version;
  gboolean ok;

  srudp_reader_init (&reader, data, size);
  if (!srudp_reader_get_u8 (&reader, &version))
    return FALSE;

  if (version == PMP_VERSION)
    ok = read_pmp (&reader, &parsed);
  else if (version == PCP_VERSION)
    ok = read_pcp (&reader, size, &parsed);
  else
    ok = read_other_pcp (&reader, &parsed);
  if (ok)
    *reply = parsed;
  return ok;
}
