/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-transport-params.c: what each side tells the other in the handshake
 */
#include "srudp-transport-params.h"

#include "srudp-frame.h"

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

/* RFC 9000, section 18.2: an ACK delayed by 2^14 ms or more is absurd. */
#define MAX_ACK_DELAY_US ((G_GINT64_CONSTANT (1) << 14) * 1000 - 1)
#define DEFAULT_ACK_DELAY_US 25000
/* RFC 9000, section 18.2: fewer than two ids would forbid any change. */
#define MIN_CONNECTION_ID_LIMIT 2
#define MAX_CONNECTION_ID_LIMIT 64
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
void
srudp_transport_params_write_grease (SrudpWriter *writer,
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
    srudp_transport_params_write_grease (writer, grease);
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

/* All entries but the boot id are numbers; others than these are absurd. */
static const struct
{
  guint8 id;
  guint64 minimum, maximum;
} numbers[] = {
  { PARAM_IDLE_TIMEOUT_MS, 0, MAX_IDLE_TIMEOUT_MS },
  { PARAM_MAX_UDP_PAYLOAD, MIN_UDP_PAYLOAD, SRUDP_VARINT_MAX },
  { PARAM_INITIAL_MAX_DATA, 0, SRUDP_VARINT_MAX },
  { PARAM_INITIAL_MAX_STREAM_DATA, 0, SRUDP_VARINT_MAX },
  { PARAM_INITIAL_MAX_STREAMS, 0, SRUDP_MAX_STREAMS },
  { PARAM_CONNECTION_ID_LIMIT, MIN_CONNECTION_ID_LIMIT, SRUDP_VARINT_MAX },
  { PARAM_MAX_DATAGRAM, 0, SRUDP_VARINT_MAX },
  { PARAM_FEATURES, 0, SRUDP_VARINT_MAX },
  { PARAM_CIPHERS, 0, SRUDP_VARINT_MAX },
  { PARAM_MAX_ACK_DELAY_US, 0, MAX_ACK_DELAY_US },
};

/* Large values are cut to what we ever use. */
static gboolean
set_number (SrudpTransportParams *params,
            guint8                id,
            guint64               number)
{
  switch (id)
    {
    case PARAM_IDLE_TIMEOUT_MS:
      params->idle_timeout_us = (gint64) number * 1000;
      return TRUE;
    case PARAM_MAX_UDP_PAYLOAD:
      params->max_udp_payload_bytes = (guint) MIN (number, MAX_UDP_PAYLOAD);
      return TRUE;
    case PARAM_INITIAL_MAX_DATA:
      params->initial_max_data = number;
      return TRUE;
    case PARAM_INITIAL_MAX_STREAM_DATA:
      params->initial_max_stream_data = number;
      return TRUE;
    case PARAM_INITIAL_MAX_STREAMS:
      params->initial_max_streams = number;
      return TRUE;
    case PARAM_CONNECTION_ID_LIMIT:
      params->active_connection_id_limit =
        (guint) MIN (number, MAX_CONNECTION_ID_LIMIT);
      return TRUE;
    case PARAM_MAX_DATAGRAM:
      params->max_datagram_bytes = (guint) MIN (number, MAX_UDP_PAYLOAD);
      return TRUE;
    case PARAM_FEATURES:
      /* Bits above these belong to later versions. */
      params->features = (guint32) number;
      return TRUE;
    case PARAM_CIPHERS:
      params->ciphers = (guint32) number;
      return (number & SRUDP_CIPHER_BIT_CHACHA20_POLY1305) != 0;
    case PARAM_MAX_ACK_DELAY_US:
      params->max_ack_delay_us = (gint64) number;
      return TRUE;
    default:
      g_return_val_if_reached (FALSE);
    }
}

/* A value fills its entry exactly. */
static gboolean
parse_number (SrudpTransportParams *params,
              SrudpReader          *value,
              guint                 index)
{
  guint64 number;

  return srudp_reader_get_varint (value, &number) && srudp_reader_is_empty (value)
    && number >= numbers[index].minimum && number <= numbers[index].maximum
    && set_number (params, numbers[index].id, number);
}

static gboolean
parse_boot_id (SrudpTransportParams *params,
               SrudpReader          *value)
{
  return srudp_reader_get_bytes (value, params->boot_id, SRUDP_BOOT_ID_BYTES)
    && srudp_reader_is_empty (value);
}

/* `seen` has a bit for each known entry: none may come twice. */
static gboolean
parse_entry (SrudpTransportParams *params,
             guint64               id,
             SrudpReader          *value,
             guint                *seen)
{
  guint index = 0;

  while (index < G_N_ELEMENTS (numbers) && numbers[index].id != id)
    index++;
  if (index == G_N_ELEMENTS (numbers) && id != PARAM_BOOT_ID)
    return TRUE;

  if ((*seen & 1u << index) != 0)
    return FALSE;
  *seen |= 1u << index;

  return id == PARAM_BOOT_ID ? parse_boot_id (params, value)
                             : parse_number (params, value, index);
}

gboolean
srudp_transport_params_parse (SrudpReader          *reader,
                              SrudpTransportParams *params)
{
  SrudpTransportParams parsed;
  guint seen = 0;

  srudp_transport_params_init (&parsed);
  while (!srudp_reader_is_empty (reader))
    {
      SrudpReader value;
      guint64 id, length;

      if (!srudp_reader_get_varint (reader, &id)
          || !srudp_reader_get_varint (reader, &length)
          || length > reader->left
          || !srudp_reader_get_reader (reader, &value, (gsize) length)
          || !parse_entry (&parsed, id, &value, &seen))
        return FALSE;
    }

  *params = parsed;

  return TRUE;
}
