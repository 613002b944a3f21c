/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-engine-receive.c: whose a datagram is
 */
#include "srudp-engine-private.h"

#define FIRST_TRANSPORT_BYTE 0x40
#define FIRST_HANDSHAKE_BYTE 0x80

static void
count_result (SrudpEngine        *engine,
              SrudpReceiveResult  result)
{
  switch (result)
    {
    case SRUDP_RECEIVE_OK:
      break;
    case SRUDP_RECEIVE_FORGED:
      engine->counters.dropped_forged++;
      break;
    case SRUDP_RECEIVE_REPLAYED:
      engine->counters.dropped_replayed++;
      break;
    case SRUDP_RECEIVE_MALFORMED:
      engine->counters.dropped_junk++;
      break;
    }
}

/* The first transport packet that opens confirms the answer whose keys open
 * it: the responder has verified message 3. */
static SrudpReceiveResult
try_answers (SrudpSession    *session,
             const SrudpPath *path,
             SrudpEcn         ecn,
             guint8          *data,
             gsize            size)
{
  SrudpAttempt *attempt = session->attempt;
  SrudpEngine *engine = session->engine;
  SrudpReceiveResult result = SRUDP_RECEIVE_FORGED;

  for (guint i = 0; i < attempt->n_answers; i++)
    {
      SrudpAnswer *answer = attempt->answers[i];
      SrudpTransport *transport = answer->transport;

      if (transport == NULL)
        transport = answer->transport =
          srudp_session_make_transport (engine, &answer->result, &answer->path,
                                        answer->rtt_us, session->idle_timeout_us,
                                        session->keepalive_us);

      srudp_transport_set_trace (transport, session->trace);
      result = srudp_transport_receive (transport, engine->now, path, ecn,
                                        data, size);
      if (result != SRUDP_RECEIVE_OK)
        continue;

      answer->transport = NULL;
      srudp_session_establish (session, transport, &answer->result,
                               srudp_attempt_get_ephemeral (attempt),
                               answer->named);
      break;
    }

  return result;
}

/* Packets come in batches from the same peer. */
static SrudpSession *
find_session (SrudpEngine *engine,
              guint64      id)
{
  SrudpSession *session = engine->recent;

  if (session != NULL && session->local_id == id)
    return session;

  session = g_hash_table_lookup (engine->by_id, &id);
  if (session != NULL)
    engine->recent = session;

  return session;
}

static void
receive_transport (SrudpEngine     *engine,
                   const SrudpPath *path,
                   SrudpEcn         ecn,
                   guint8          *data,
                   gsize            size)
{
  SrudpReceiveResult result = SRUDP_RECEIVE_FORGED;
  SrudpSession *session;
  guint64 id;

  if (!srudp_packet_get_destination (data, size, &id))
    {
      engine->counters.dropped_junk++;
      return;
    }

  session = find_session (engine, id);
  if (session != NULL && session->transport != NULL)
    result = srudp_transport_receive (session->transport, engine->now, path, ecn,
                                      data, size);
  else if (session != NULL && session->attempt != NULL)
    result = try_answers (session, path, ecn, data, size);
  if (session != NULL)
    srudp_session_touch (session);

  if (result == SRUDP_RECEIVE_FORGED &&
      srudp_engine_receive_for_ghost (engine, id, path, ecn, data, size))
    return;
  if (session == NULL)
    engine->counters.dropped_unknown_id++;
  else
    count_result (engine, result);
}

static void
receive_handshake (SrudpEngine     *engine,
                   const SrudpPath *path,
                   const guint8    *data,
                   gsize            size)
{
  SrudpHandshakePacket packet;
  guint64 id;

  switch (data[0])
    {
    case SRUDP_PACKET_HELLO:
      srudp_engine_receive_hello (engine, path, data, size);
      return;

    case SRUDP_PACKET_MESSAGE_2:
      if (!srudp_handshake_packet_parse (&packet, data, size))
        break;
      srudp_engine_receive_message_2 (engine, path, &packet);
      return;

    case SRUDP_PACKET_MESSAGE_3:
      if (!srudp_handshake_packet_parse (&packet, data, size))
        break;
      srudp_engine_receive_message_3 (engine, path, &packet);
      return;

    case SRUDP_PACKET_COOKIE:
      if (!srudp_packet_get_destination (data, size, &id))
        break;
      srudp_engine_receive_cookie (engine, path, id, data, size);
      return;

    case SRUDP_PACKET_REJECT:
      if (!srudp_packet_get_destination (data, size, &id))
        break;
      srudp_engine_receive_reject (engine, id, data, size);
      return;

    default:
      break;
    }

  engine->counters.dropped_junk++;
}

void
srudp_engine_receive (SrudpEngine     *engine,
                      gint64           now,
                      const SrudpPath *path,
                      SrudpEcn         ecn,
                      guint8          *data,
                      gsize            size)
{
  srudp_engine_set_now (engine, now);
  engine->counters.datagrams_received++;

  if (size == 0 || data[0] < FIRST_TRANSPORT_BYTE)
    engine->counters.dropped_junk++;
  else if (data[0] < FIRST_HANDSHAKE_BYTE)
    receive_transport (engine, path, ecn, data, size);
  else
    receive_handshake (engine, path, data, size);
}
