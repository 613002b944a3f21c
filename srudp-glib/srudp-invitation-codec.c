/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-invitation-codec.c: what an invitation says, and its text
 *
 * The fields of version 1; docs/invitation.md has them byte by byte. What
 * follows the candidates says what it is: what isn't known is passed over.
 */
#include "config.h"

#include "srudp-glib/srudp-invitation-codec-private.h"

#include "srudp-glib/protocol/srudp-crypto.h"
#include "srudp-glib/protocol/srudp-reader.h"
#include "srudp-glib/protocol/srudp-writer.h"

#include <string.h>

#define HAS_SECRET 0x80
#define HAS_EXPIRY 0x40
#define COUNT_MASK 0x3f

/* Each candidate begins with its family and what it shares with the one
 * before: the port, and the network of an IPv6 address (RFC 4291, section
 * 2.5.4: half of it). */
#define SAME_PORT 0x80
#define SAME_NETWORK 0x40
#define FAMILY_MASK 0x3f
#define NETWORK_BYTES 8

/* Additions: a type and a length, each in one byte, and a value. */
#define ADDITION_NAT 1
#define NAT_BYTES 4
#define ADDITION_INTRODUCER 2
#define INTRODUCER_BYTES \
  (SRUDP_INVITATION_KEY_BYTES \
   + SRUDP_INVITATION_MAX_INTRODUCER_ADDRESSES * 19)
#define ADDITION_HEADER_BYTES 2

#define MAX_FIELD_BYTES \
  (1 + SRUDP_INVITATION_KEY_BYTES + SRUDP_INVITATION_SECRET_BYTES + 4 \
   + SRUDP_INVITATION_MAX_CANDIDATES * 19 \
   + ADDITION_HEADER_BYTES + NAT_BYTES \
   + SRUDP_INVITATION_MAX_INTRODUCERS \
       * (ADDITION_HEADER_BYTES + INTRODUCER_BYTES))

/* RFC 4291, section 2.5.6: a link-local address is one on a link only. */
gboolean
srudp_invitation_can_name (const SrudpAddress *address)
{
  if (address->family != SRUDP_FAMILY_IPV4
      && address->family != SRUDP_FAMILY_IPV6)
    return FALSE;
  if (address->family == SRUDP_FAMILY_IPV6 && address->ip[0] == 0xfe
      && (address->ip[1] & 0xc0) == 0x80)
    return FALSE;
  return address->port != 0 && srudp_address_is_unicast (address);
}

static gsize
count_ip_bytes (guint8 family)
{
  return family == SRUDP_FAMILY_IPV4 ? 4 : 16;
}

/* Writing */

static void
write_candidate (SrudpWriter        *writer,
                 const SrudpAddress *address,
                 const SrudpAddress *before)
{
  guint8 tag = address->family;
  gsize skipped = 0;

  if (before != NULL && before->port == address->port)
    tag |= SAME_PORT;
  if (before != NULL && address->family == SRUDP_FAMILY_IPV6
      && before->family == SRUDP_FAMILY_IPV6
      && memcmp (before->ip, address->ip, NETWORK_BYTES) == 0)
    {
      tag |= SAME_NETWORK;
      skipped = NETWORK_BYTES;
    }

  srudp_writer_put_u8 (writer, tag);
  srudp_writer_put_bytes (writer, address->ip + skipped,
                          count_ip_bytes (address->family) - skipped);
  if (!(tag & SAME_PORT))
    srudp_writer_put_u16 (writer, address->port);
}

static void
write_nat (SrudpWriter                 *writer,
           const SrudpInvitationFields *fields)
{
  for (guint i = 0; i < fields->n_candidates; i++)
    {
      if (!srudp_address_equal (&fields->candidates[i], &fields->nat.address))
        continue;
      srudp_writer_put_u8 (writer, ADDITION_NAT);
      srudp_writer_put_u8 (writer, NAT_BYTES);
      srudp_writer_put_u8 (writer, (guint8) i);
      srudp_writer_put_u8 (writer, (guint8) fields->nat.mapping);
      srudp_writer_put_u16 (writer, (guint16) fields->nat.port_delta);
      return;
    }
}

/* Its addresses are written as those of the candidates are. */
static void
write_introducer (SrudpWriter                     *writer,
                  const SrudpInvitationIntroducer *introducer)
{
  guint8 bytes[INTRODUCER_BYTES];
  SrudpWriter value;

  srudp_writer_init (&value, bytes, sizeof bytes);
  srudp_writer_put_bytes (&value, introducer->key, sizeof introducer->key);
  for (guint i = 0; i < introducer->n_addresses; i++)
    write_candidate (&value, &introducer->addresses[i],
                     i > 0 ? &introducer->addresses[i - 1] : NULL);
  srudp_writer_put_u8 (writer, ADDITION_INTRODUCER);
  srudp_writer_put_u8 (writer, (guint8) value.size);
  srudp_writer_put_bytes (writer, bytes, value.size);
}

char *
srudp_invitation_encode (const SrudpInvitationFields *fields)
{
  guint8 bytes[MAX_FIELD_BYTES];
  guint8 first = (guint8) fields->n_candidates;
  SrudpWriter writer;
  char *text;

  g_return_val_if_fail (
    fields->n_candidates <= SRUDP_INVITATION_MAX_CANDIDATES, NULL);

  if (fields->has_secret)
    first |= HAS_SECRET;
  if (fields->expires_s != 0)
    first |= HAS_EXPIRY;

  srudp_writer_init (&writer, bytes, sizeof bytes);
  srudp_writer_put_u8 (&writer, first);
  srudp_writer_put_bytes (&writer, fields->key, sizeof fields->key);
  if (fields->has_secret)
    srudp_writer_put_bytes (&writer, fields->secret, sizeof fields->secret);
  if (fields->expires_s != 0)
    srudp_writer_put_u32 (&writer, fields->expires_s);
  for (guint i = 0; i < fields->n_candidates; i++)
    write_candidate (&writer, &fields->candidates[i],
                     i > 0 ? &fields->candidates[i - 1] : NULL);
  if (fields->nat.mapping != SRUDP_MAPPING_UNKNOWN)
    write_nat (&writer, fields);
  for (guint i = 0; i < fields->n_introducers; i++)
    write_introducer (&writer, &fields->introducers[i]);

  text = srudp_invitation_wrap (SRUDP_INVITATION_VERSION, bytes, writer.size);
  srudp_crypto_wipe (bytes, sizeof bytes);
  return text;
}

/* Reading */

static gboolean
read_ip (SrudpReader        *reader,
         guint8              tag,
         const SrudpAddress *before,
         guint8              ip[16])
{
  gsize known = 0;

  if (tag & SAME_NETWORK)
    {
      if (before == NULL || before->family != SRUDP_FAMILY_IPV6
          || (tag & FAMILY_MASK) != SRUDP_FAMILY_IPV6)
        return FALSE;
      memcpy (ip, before->ip, NETWORK_BYTES);
      known = NETWORK_BYTES;
    }
  return srudp_reader_get_bytes (reader, ip + known,
                                 count_ip_bytes (tag & FAMILY_MASK) - known);
}

static gboolean
read_candidate (SrudpReader        *reader,
                const SrudpAddress *before,
                SrudpAddress       *address)
{
  guint8 tag, ip[16];
  guint16 port = before != NULL ? before->port : 0;

  if (!srudp_reader_get_u8 (reader, &tag)
      || ((tag & FAMILY_MASK) != SRUDP_FAMILY_IPV4
          && (tag & FAMILY_MASK) != SRUDP_FAMILY_IPV6)
      || !read_ip (reader, tag, before, ip)
      || (!(tag & SAME_PORT) && !srudp_reader_get_u16 (reader, &port)))
    return FALSE;

  if ((tag & FAMILY_MASK) == SRUDP_FAMILY_IPV4)
    srudp_address_init_ipv4 (address, ip, port);
  else
    srudp_address_init_ipv6 (address, ip, port, 0);
  return address->family == (tag & FAMILY_MASK)
         && srudp_invitation_can_name (address);
}

static void
read_nat (SrudpReader           *value,
          SrudpInvitationFields *fields)
{
  guint8 index, mapping;
  guint16 delta;

  if (!srudp_reader_get_u8 (value, &index) || index >= fields->n_candidates
      || !srudp_reader_get_u8 (value, &mapping)
      || mapping > SRUDP_MAPPING_ENDPOINT_DEPENDENT
      || !srudp_reader_get_u16 (value, &delta))
    return;
  fields->nat.mapping = mapping;
  fields->nat.port_delta = (gint16) delta;
  fields->nat.address = fields->candidates[index];
}

static void
read_introducer (SrudpReader           *value,
                 SrudpInvitationFields *fields)
{
  SrudpInvitationIntroducer introducer = { 0 };

  if (fields->n_introducers == SRUDP_INVITATION_MAX_INTRODUCERS
      || !srudp_reader_get_bytes (value, introducer.key, sizeof introducer.key))
    return;
  while (!srudp_reader_is_empty (value))
    {
      guint n = introducer.n_addresses++;

      if (n == SRUDP_INVITATION_MAX_INTRODUCER_ADDRESSES
          || !read_candidate (value,
                              n > 0 ? &introducer.addresses[n - 1] : NULL,
                              &introducer.addresses[n]))
        return;
    }
  if (introducer.n_addresses > 0)
    fields->introducers[fields->n_introducers++] = introducer;
}

/* They only help: one that makes no sense is none. */
static void
read_additions (SrudpReader           *reader,
                SrudpInvitationFields *fields)
{
  SrudpReader value;
  guint8 type, length;

  while (srudp_reader_get_u8 (reader, &type)
         && srudp_reader_get_u8 (reader, &length)
         && srudp_reader_get_reader (reader, &value, length))
    {
      if (type == ADDITION_NAT)
        read_nat (&value, fields);
      else if (type == ADDITION_INTRODUCER)
        read_introducer (&value, fields);
    }
}

static gboolean
read_fields (SrudpReader           *reader,
             SrudpInvitationFields *fields)
{
  guint8 first;

  if (!srudp_reader_get_u8 (reader, &first)
      || !srudp_reader_get_bytes (reader, fields->key, sizeof fields->key))
    return FALSE;

  fields->n_candidates = first & COUNT_MASK;
  fields->has_secret = (first & HAS_SECRET) != 0;
  if (fields->n_candidates > SRUDP_INVITATION_MAX_CANDIDATES
      || (fields->has_secret
          && !srudp_reader_get_bytes (reader, fields->secret,
                                      sizeof fields->secret))
      || ((first & HAS_EXPIRY) != 0
          && (!srudp_reader_get_u32 (reader, &fields->expires_s)
              || fields->expires_s == 0)))
    return FALSE;

  for (guint i = 0; i < fields->n_candidates; i++)
    if (!read_candidate (reader, i > 0 ? &fields->candidates[i - 1] : NULL,
                         &fields->candidates[i]))
      return FALSE;
  read_additions (reader, fields);
  return TRUE;
}

static SrudpInvitationResult
parse_fields (const SrudpInvitationBytes *bytes,
              SrudpInvitationFields      *fields)
{
  SrudpReader reader;

  if (bytes->version > SRUDP_INVITATION_VERSION)
    return SRUDP_INVITATION_NEWER;
  srudp_reader_init (&reader, bytes->fields, bytes->n_fields);
  if (bytes->version == SRUDP_INVITATION_VERSION
      && read_fields (&reader, fields))
    return SRUDP_INVITATION_GOOD;
  return SRUDP_INVITATION_DAMAGED;
}

SrudpInvitationResult
srudp_invitation_decode (const char            *text,
                         SrudpInvitationFields *fields,
                         char                 **canonical)
{
  g_auto (SrudpInvitationBytes) bytes = { 0 };
  SrudpInvitationFields parsed = { 0 };
  SrudpInvitationResult result = srudp_invitation_unwrap (text, &bytes);

  if (result == SRUDP_INVITATION_GOOD)
    result = parse_fields (&bytes, &parsed);
  if (result == SRUDP_INVITATION_GOOD)
    {
      *fields = parsed;
      *canonical = srudp_invitation_wrap (bytes.version, bytes.fields,
                                          bytes.n_fields);
    }
  srudp_crypto_wipe (&parsed, sizeof parsed);
  return result;
}
