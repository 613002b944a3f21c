/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-stun.c: asking a server by which address it sees us (RFC 8489)
 */
#include "srudp-stun.h"

#include "srudp-reader.h"
#include "srudp-writer.h"

/* RFC 8489, section 5 */
#define HEADER_BYTES 20
#define MAGIC_COOKIE 0x2112a442u
#define COOKIE_OFFSET 4
#define COOKIE_AND_ID_BYTES 16
#define BINDING_REQUEST 0x0001
#define BINDING_SUCCESS 0x0101
#define BINDING_ERROR 0x0111

/* RFC 8489, section 18.3; RFC 5780, section 9.1. What is below has to be
 * understood (RFC 8489, section 14). */
#define ATTRIBUTE_HEADER_BYTES 4
#define MAPPED_ADDRESS 0x0001
#define MESSAGE_INTEGRITY 0x0008
#define ERROR_CODE 0x0009
#define UNKNOWN_ATTRIBUTES 0x000a
#define LAST_OF_RFC_3489 0x000b
#define REALM 0x0014
#define NONCE 0x0015
#define MESSAGE_INTEGRITY_SHA256 0x001c
#define XOR_MAPPED_ADDRESS 0x0020
#define FIRST_OPTIONAL 0x8000
#define FINGERPRINT 0x8028
#define RESPONSE_ORIGIN 0x802b
#define OTHER_ADDRESS 0x802c

/* RFC 8489, section 14.7 */
#define FINGERPRINT_BYTES 4
#define FINGERPRINT_XOR 0x5354554eu

/* RFC 8489, section 14.1 */
#define FAMILY_IPV4 1
#define FAMILY_IPV6 2

/* ITU-T V.42: reflected, the polynomial as in Ethernet. */
static guint32
compute_crc32 (const guint8 *data,
               gsize         size)
{
  guint32 crc = 0xffffffffu;

  for (gsize i = 0; i < size; i++)
    {
      crc ^= data[i];
      for (guint bit = 0; bit < 8; bit++)
        crc = crc >> 1 ^ (0xedb88320u & (0 - (crc & 1)));
    }
  return ~crc;
}

/* --- Requests --- */

void
srudp_stun_write_request (guint8        out[SRUDP_STUN_REQUEST_BYTES],
                          const guint8 *transaction_id)
{
  SrudpWriter writer;

  srudp_writer_init (&writer, out, SRUDP_STUN_REQUEST_BYTES);
  srudp_writer_put_u16 (&writer, BINDING_REQUEST);
  srudp_writer_put_u16 (&writer, SRUDP_STUN_REQUEST_BYTES - HEADER_BYTES);
  srudp_writer_put_u32 (&writer, MAGIC_COOKIE);
  srudp_writer_put_bytes (&writer, transaction_id,
                          SRUDP_STUN_TRANSACTION_ID_BYTES);
  srudp_writer_put_u16 (&writer, FINGERPRINT);
  srudp_writer_put_u16 (&writer, FINGERPRINT_BYTES);
  srudp_writer_put_u32 (&writer,
                        compute_crc32 (out, HEADER_BYTES) ^ FINGERPRINT_XOR);
}

/* --- Responses --- */

/* Gives a cursor over the attributes: all that follows the header. */
static gboolean
read_header (SrudpReader *reader,
             guint16     *type)
{
  guint16 length;
  guint32 cookie;

  return srudp_reader_get_u16 (reader, type) && (*type & 0xc000) == 0
         && srudp_reader_get_u16 (reader, &length) && length % 4 == 0
         && srudp_reader_get_u32 (reader, &cookie) && cookie == MAGIC_COOKIE
         && srudp_reader_skip (reader, SRUDP_STUN_TRANSACTION_ID_BYTES)
         && reader->left == length;
}

gboolean
srudp_stun_is_message (const guint8 *data,
                       gsize         size)
{
  SrudpReader reader;
  guint16 type;

  srudp_reader_init (&reader, data, size);
  return read_header (&reader, &type);
}

typedef struct
{
  const guint8 *message;
  SrudpStunResponse response;
  SrudpAddress plain_mapped; /* from a server of RFC 3489 */
  gboolean is_error;
  gboolean has_integrity;
} Parser;

/* RFC 8489, sections 14.1 and 14.2. The first one counts (section 14). */
static gboolean
parse_address (const Parser *parser,
               SrudpReader  *value,
               gboolean      is_xored,
               SrudpAddress *address)
{
  const guint8 *mask = parser->message + COOKIE_OFFSET;
  guint8 family, ip[COOKIE_AND_ID_BYTES] = { 0 };
  gsize n_bytes;
  guint16 port;

  if (!srudp_reader_skip (value, 1) || !srudp_reader_get_u8 (value, &family)
      || (family != FAMILY_IPV4 && family != FAMILY_IPV6)
      || !srudp_reader_get_u16 (value, &port))
    return FALSE;
  n_bytes = family == FAMILY_IPV4 ? 4 : 16;
  if (!srudp_reader_get_bytes (value, ip, n_bytes)
      || !srudp_reader_is_empty (value))
    return FALSE;
  if (srudp_address_is_set (address))
    return TRUE;

  for (gsize i = 0; is_xored && i < n_bytes; i++)
    ip[i] ^= mask[i];
  if (is_xored)
    port ^= MAGIC_COOKIE >> 16;
  if (family == FAMILY_IPV4)
    srudp_address_init_ipv4 (address, ip, port);
  else
    srudp_address_init_ipv6 (address, ip, port, 0);
  return TRUE;
}

/* RFC 8489, section 14.8. The words of a stranger are not passed on. */
static gboolean
parse_error_code (SrudpReader *value,
                  guint       *error_code)
{
  guint8 hundreds, rest;

  if (!srudp_reader_skip (value, 2) || !srudp_reader_get_u8 (value, &hundreds)
      || !srudp_reader_get_u8 (value, &rest))
    return FALSE;
  hundreds &= 7;
  if (hundreds < 3 || hundreds > 6 || rest > 99)
    return FALSE;
  if (*error_code == 0)
    *error_code = hundreds * 100u + rest;
  return TRUE;
}

/* RFC 8489, section 14.10 */
static gboolean
parse_unknown (SrudpReader       *value,
               SrudpStunResponse *response)
{
  guint16 type;

  while (srudp_reader_get_u16 (value, &type))
    if (response->n_unknown < SRUDP_STUN_MAX_UNKNOWN)
      response->unknown[response->n_unknown++] = type;
  return srudp_reader_is_empty (value);
}

/* RFC 8489, section 14.7: always the last one. */
static gboolean
check_fingerprint (const Parser      *parser,
                   SrudpReader       *value,
                   const SrudpReader *rest)
{
  gsize covered = (gsize) (value->data - ATTRIBUTE_HEADER_BYTES
                           - parser->message);
  guint32 crc;

  return srudp_reader_is_empty (rest) && srudp_reader_get_u32 (value, &crc)
         && srudp_reader_is_empty (value)
         && (crc ^ FINGERPRINT_XOR) == compute_crc32 (parser->message, covered);
}

/* RFC 8489, section 6.3.3: a success with what isn't understood is none; an
 * error stays one. */
static gboolean
may_be_ignored (const Parser *parser,
                guint16       type)
{
  return parser->is_error || type >= FIRST_OPTIONAL
         || (type > 0 && type <= LAST_OF_RFC_3489) || type == REALM
         || type == NONCE;
}

static gboolean
parse_value (Parser      *parser,
             guint16      type,
             SrudpReader *value)
{
  SrudpStunResponse *response = &parser->response;

  switch (type)
    {
    case MAPPED_ADDRESS:
      return parse_address (parser, value, FALSE, &parser->plain_mapped);
    case XOR_MAPPED_ADDRESS:
      return parse_address (parser, value, TRUE, &response->mapped);
    case RESPONSE_ORIGIN:
      return parse_address (parser, value, FALSE, &response->origin);
    case OTHER_ADDRESS:
      return parse_address (parser, value, FALSE, &response->other);
    case ERROR_CODE:
      return !parser->is_error
             || parse_error_code (value, &response->error_code);
    case UNKNOWN_ATTRIBUTES:
      return !parser->is_error || parse_unknown (value, response);
    case MESSAGE_INTEGRITY:
    case MESSAGE_INTEGRITY_SHA256:
      parser->has_integrity = TRUE;
      return TRUE;
    default:
      return may_be_ignored (parser, type);
    }
}

/* Values are padded to 4 bytes, with anything (RFC 8489, section 14). */
static gboolean
parse_attribute (Parser      *parser,
                 SrudpReader *attributes)
{
  SrudpReader value;
  guint16 type, length;

  if (!srudp_reader_get_u16 (attributes, &type)
      || !srudp_reader_get_u16 (attributes, &length)
      || !srudp_reader_get_reader (attributes, &value, length)
      || !srudp_reader_skip (attributes, (4 - length % 4) % 4))
    return FALSE;

  if (type == FINGERPRINT)
    return check_fingerprint (parser, &value, attributes);
  /* RFC 8489, section 14.5: anybody can have added what comes after. */
  return parser->has_integrity || parse_value (parser, type, &value);
}

gboolean
srudp_stun_parse_response (const guint8      *data,
                           gsize              size,
                           SrudpStunResponse *response)
{
  Parser parser = { .message = data };
  SrudpReader reader;
  guint16 type;

  srudp_reader_init (&reader, data, size);
  if (!read_header (&reader, &type)
      || (type != BINDING_SUCCESS && type != BINDING_ERROR))
    return FALSE;

  parser.is_error = type == BINDING_ERROR;
  memcpy (parser.response.transaction_id, data + HEADER_BYTES
            - SRUDP_STUN_TRANSACTION_ID_BYTES,
          SRUDP_STUN_TRANSACTION_ID_BYTES);
  while (!srudp_reader_is_empty (&reader))
    if (!parse_attribute (&parser, &reader))
      return FALSE;

  if (!srudp_address_is_set (&parser.response.mapped))
    parser.response.mapped = parser.plain_mapped;
  if (parser.is_error ? parser.response.error_code == 0
                      : !srudp_address_is_set (&parser.response.mapped))
    return FALSE;

  *response = parser.response;
  return TRUE;
}
