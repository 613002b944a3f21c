/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-transport-params.c: what each side tells the other in the handshake
 */
#include "srudp-transport-params.h"

/* RFC 9000, section 18.2, and RFC 9221, section 3, where the entry exists
 * there; 0x40 and above are our own. */
enum
{
  PARAM_IDLE_TIMEOUT_MS = 0x01,
  PARAM_MAX_UDP_PAYLOAD = 0x03,
  PARAM_INITIAL_MAX_DATA = 0x04,
  PARAM_INITIAL_MAX_STREAM_DATA = 0x05,
  PARAM_INITIAL_MAX_STREAMS = 0x08,
  PARAM_CONNECTION_ID_LIMIT = 0x0e,
  PARAM_MAX_DATAGRAM = 0x20,
  PARAM_BOOT_ID = 0x40,
  PARAM_FEATURES = 0x41,
  PARAM_CIPHERS = 0x42,
  PARAM_MAX_ACK_DELAY_US = 0x43,
};
#define N_PARAMS 11

/* RFC 9000, section 18.2: an ACK delayed by 2^14 ms or more is absurd. */
#define MAX_ACK_DELAY_US ((G_GINT64_CONSTANT (1) << 14) * 1000 - 1)
#define DEFAULT_ACK_DELAY_US 25000
/* RFC 9000, section 18.2: fewer than two ids would forbid any change. */
#define MIN_CONNECTION_ID_LIMIT 2
#define MAX_CONNECTION_ID_LIMIT 64
/* RFC 9000, section 19.11. */
#define MAX_STREAMS_LIMIT (G_GUINT64_CONSTANT (1) << 60)
/* A year and more; it keeps microseconds far from overflow. */
#define MAX_IDLE_TIMEOUT_MS (G_GUINT64_CONSTANT (1) << 35)
/* 576 bytes, which any IPv4 host takes (RFC 1122, section 3.3.2), without the
 * IP and UDP headers. */
#define MIN_UDP_PAYLOAD 548
#define MAX_UDP_PAYLOAD 65507

void
srudp_transport_params_init (SrudpTransportParams *params)
{
  *params = (SrudpTransportParams) {
    .max_ack_delay_us = DEFAULT_ACK_DELAY_US,
    .max_udp_payload_bytes = MAX_UDP_PAYLOAD,
    .active_connection_id_limit = MIN_CONNECTION_ID_LIMIT,
    .ciphers = SRUDP_CIPHER_BIT_CHACHA20_POLY1305,
  };
}

static void
put_number (SrudpWriter *writer,
            guint64      id,
            guint64      value)
{
  srudp_writer_put_varint (writer, id);
  srudp_writer_put_varint (writer, srudp_varint_size (value));
  srudp_writer_put_varint (writer, value);
}

/* RFC 9000, section 18.1: ids 31 N + 27 are never given a meaning. */
static void
put_grease (SrudpWriter *writer,
            guint32      grease)
{
  guint8 length = grease % 4;

  srudp_writer_put_varint (writer, 31 * (guint64) grease + 27);
  srudp_writer_put_varint (writer, length);
  for (guint i = 0; i < length; i++)
    srudp_writer_put_u8 (writer, (guint8) (grease >> 8 * i));
}

gboolean
srudp_transport_params_write (SrudpWriter                *writer,
                              const SrudpTransportParams *params,
                              guint32                     grease)
{
  gsize start = writer->size;

  put_number (writer, PARAM_IDLE_TIMEOUT_MS,
              MIN ((guint64) MAX (params->idle_timeout_us, 0) / 1000,
                   MAX_IDLE_TIMEOUT_MS));
  put_number (writer, PARAM_MAX_UDP_PAYLOAD, params->max_udp_payload_bytes);
  put_number (writer, PARAM_INITIAL_MAX_DATA, params->initial_max_data);
  put_number (writer, PARAM_INITIAL_MAX_STREAM_DATA,
              params->initial_max_stream_data);
  put_number (writer, PARAM_INITIAL_MAX_STREAMS, params->initial_max_streams);
  put_number (writer, PARAM_CONNECTION_ID_LIMIT,
              params->active_connection_id_limit);
  if (grease != 0)
    put_grease (writer, grease);
  put_number (writer, PARAM_MAX_DATAGRAM, params->max_datagram_bytes);
  srudp_writer_put_varint (writer, PARAM_BOOT_ID);
  srudp_writer_put_varint (writer, SRUDP_BOOT_ID_BYTES);
  srudp_writer_put_bytes (writer, params->boot_id, SRUDP_BOOT_ID_BYTES);
  put_number (writer, PARAM_FEATURES, params->features);
  put_number (writer, PARAM_CIPHERS, params->ciphers);
  put_number (writer, PARAM_MAX_ACK_DELAY_US, (guint64) params->max_ack_delay_us);

  if (!writer->overflowed)
    return TRUE;

  srudp_writer_rewind (writer, start);

  return FALSE;
}

/* A number fills its entry exactly. */
static gboolean
get_number (SrudpReader *value,
            guint64      minimum,
            guint64      maximum,
            guint64     *out)
{
  return srudp_reader_get_varint (value, out) && srudp_reader_is_empty (value)
    && *out >= minimum && *out <= maximum;
}

/* `index` is a small number for each known entry, -1 for an unknown one. */
static gboolean
parse_entry (SrudpTransportParams *params,
             guint64               id,
             SrudpReader          *value,
             int                  *index)
{
  guint64 number = 0;

  switch (id)
    {
    case PARAM_IDLE_TIMEOUT_MS:
      *index = 0;
      if (!get_number (value, 0, MAX_IDLE_TIMEOUT_MS, &number))
        return FALSE;
      params->idle_timeout_us = (gint64) number * 1000;
      return TRUE;
    case PARAM_MAX_UDP_PAYLOAD:
      *index = 1;
      if (!get_number (value, MIN_UDP_PAYLOAD, SRUDP_VARINT_MAX, &number))
        return FALSE;
      params->max_udp_payload_bytes = (guint) MIN (number, MAX_UDP_PAYLOAD);
      return TRUE;
    case PARAM_INITIAL_MAX_DATA:
      *index = 2;
      return get_number (value, 0, SRUDP_VARINT_MAX, &params->initial_max_data);
    case PARAM_INITIAL_MAX_STREAM_DATA:
      *index = 3;
      return get_number (value, 0, SRUDP_VARINT_MAX,
                         &params->initial_max_stream_data);
    case PARAM_INITIAL_MAX_STREAMS:
      *index = 4;
      return get_number (value, 0, MAX_STREAMS_LIMIT,
                         &params->initial_max_streams);
    case PARAM_CONNECTION_ID_LIMIT:
      *index = 5;
      if (!get_number (value, MIN_CONNECTION_ID_LIMIT, SRUDP_VARINT_MAX, &number))
        return FALSE;
      params->active_connection_id_limit =
        (guint) MIN (number, MAX_CONNECTION_ID_LIMIT);
      return TRUE;
    case PARAM_MAX_DATAGRAM:
      *index = 6;
      if (!get_number (value, 0, SRUDP_VARINT_MAX, &number))
        return FALSE;
      params->max_datagram_bytes = (guint) MIN (number, MAX_UDP_PAYLOAD);
      return TRUE;
    case PARAM_BOOT_ID:
      *index = 7;
      return srudp_reader_get_bytes (value, params->boot_id, SRUDP_BOOT_ID_BYTES)
        && srudp_reader_is_empty (value);
    case PARAM_FEATURES:
      *index = 8;
      /* Bits above these belong to later versions. */
      if (!get_number (value, 0, SRUDP_VARINT_MAX, &number))
        return FALSE;
      params->features = (guint32) number;
      return TRUE;
    case PARAM_CIPHERS:
      *index = 9;
      if (!get_number (value, 1, SRUDP_VARINT_MAX, &number)
          || (number & SRUDP_CIPHER_BIT_CHACHA20_POLY1305) == 0)
        return FALSE;
      params->ciphers = (guint32) number;
      return TRUE;
    case PARAM_MAX_ACK_DELAY_US:
      *index = 10;
      if (!get_number (value, 0, MAX_ACK_DELAY_US, &number))
        return FALSE;
      params->max_ack_delay_us = (gint64) number;
      return TRUE;
    default:
      *index = -1;
      return TRUE;
    }
}

gboolean
srudp_transport_params_parse (SrudpReader          *reader,
                              SrudpTransportParams *params)
{
  SrudpTransportParams parsed;
  gboolean seen[N_PARAMS] = { FALSE };

  srudp_transport_params_init (&parsed);
  while (!srudp_reader_is_empty (reader))
    {
      SrudpReader value;
      guint64 id, length;
      int index;

      if (!srudp_reader_get_varint (reader, &id)
          || !srudp_reader_get_varint (reader, &length)
          || length > reader->left
          || !srudp_reader_get_reader (reader, &value, (gsize) length)
          || !parse_entry (&parsed, id, &value, &index))
        return FALSE;

      if (index >= 0 && seen[index])
        return FALSE;
      if (index >= 0)
        seen[index] = TRUE;
    }

  *params = parsed;

  return TRUE;
}
