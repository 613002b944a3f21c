/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-stream-state.c: the two state machines of one stream (RFC 9000, section 3)
 */
#include "srudp-stream-state.h"

#define BIT(state) (1u << (state))

SrudpStream *
srudp_stream_new (guint64 id,
                  guint64 send_limit,
                  guint64 receive_window,
                  guint64 max_receive_window)
{
  SrudpStream *stream = g_new0 (SrudpStream, 1);

  stream->id = id;
  stream->priority = SRUDP_STREAM_PRIORITY_DEFAULT;
  srudp_send_buffer_init (&stream->send);
  srudp_send_window_init (&stream->send_window, send_limit);
  srudp_receive_buffer_init (&stream->receive);
  srudp_receive_window_init (&stream->receive_window, receive_window,
                             max_receive_window);

  return stream;
}

void
srudp_stream_free (SrudpStream *stream)
{
  for (guint kind = 0; kind < SRUDP_STREAM_N_LISTS; kind++)
    srudp_stream_enlist (stream, kind, NULL);
  srudp_send_buffer_clear (&stream->send);
  srudp_receive_buffer_clear (&stream->receive);
  g_free (stream);
}

void
srudp_stream_start_at (SrudpStream *stream,
                       guint64      offset)
{
  srudp_send_buffer_start_at (&stream->send, offset);
  srudp_send_window_start_at (&stream->send_window, offset);
  srudp_receive_buffer_start_at (&stream->receive, offset);
  srudp_receive_window_start_at (&stream->receive_window, offset);
}

void
srudp_stream_set_send_state (SrudpStream    *stream,
                             SrudpSendState  state)
{
  static const guint8 edges[] = {
    [SRUDP_SEND_STATE_SEND] = BIT (SRUDP_SEND_STATE_DATA_SENT)
      | BIT (SRUDP_SEND_STATE_RESET_SENT),
    [SRUDP_SEND_STATE_DATA_SENT] = BIT (SRUDP_SEND_STATE_DATA_RECVD)
      | BIT (SRUDP_SEND_STATE_RESET_SENT),
    [SRUDP_SEND_STATE_RESET_SENT] = BIT (SRUDP_SEND_STATE_RESET_RECVD),
    [SRUDP_SEND_STATE_DATA_RECVD] = 0,
    [SRUDP_SEND_STATE_RESET_RECVD] = 0,
  };

  g_return_if_fail ((edges[stream->send_state] & BIT (state)) != 0);

  stream->send_state = state;
}

void
srudp_stream_set_recv_state (SrudpStream    *stream,
                             SrudpRecvState  state)
{
  static const guint8 edges[] = {
    [SRUDP_RECV_STATE_RECV] = BIT (SRUDP_RECV_STATE_SIZE_KNOWN)
      | BIT (SRUDP_RECV_STATE_RESET_RECVD),
    [SRUDP_RECV_STATE_SIZE_KNOWN] = BIT (SRUDP_RECV_STATE_DATA_RECVD)
      | BIT (SRUDP_RECV_STATE_RESET_RECVD),
    [SRUDP_RECV_STATE_DATA_RECVD] = BIT (SRUDP_RECV_STATE_DATA_READ),
    [SRUDP_RECV_STATE_RESET_RECVD] = BIT (SRUDP_RECV_STATE_RESET_READ),
    [SRUDP_RECV_STATE_DATA_READ] = 0,
    [SRUDP_RECV_STATE_RESET_READ] = 0,
  };

  g_return_if_fail ((edges[stream->recv_state] & BIT (state)) != 0);

  stream->recv_state = state;
}

gboolean
srudp_stream_send_is_done (const SrudpStream *stream)
{
  return stream->send_state == SRUDP_SEND_STATE_DATA_RECVD
    || stream->send_state == SRUDP_SEND_STATE_RESET_RECVD;
}

gboolean
srudp_stream_recv_is_done (const SrudpStream *stream)
{
  if (stream->stop_sent)
    return stream->recv_state != SRUDP_RECV_STATE_RECV;

  return stream->recv_state == SRUDP_RECV_STATE_RESET_READ
    || (stream->recv_state == SRUDP_RECV_STATE_DATA_READ
        && stream->receive_window.consumed == stream->receive.final_size);
}

static void
leave_list (SrudpStream         *stream,
            SrudpStreamListKind  kind)
{
  SrudpStreamList *list = stream->lists[kind];
  SrudpStreamLink *link = &stream->links[kind];

  if (list == NULL)
    return;

  if (link->prev != NULL)
    link->prev->links[kind].next = link->next;
  else
    list->first = link->next;
  if (link->next != NULL)
    link->next->links[kind].prev = link->prev;
  else
    list->last = link->prev;
  stream->lists[kind] = NULL;
}

void
srudp_stream_enlist (SrudpStream         *stream,
                     SrudpStreamListKind  kind,
                     SrudpStreamList     *list)
{
  leave_list (stream, kind);
  if (list == NULL)
    return;

  stream->links[kind] = (SrudpStreamLink) { .next = NULL, .prev = list->last };
  if (list->last != NULL)
    list->last->links[kind].next = stream;
  else
    list->first = stream;
  list->last = stream;
  stream->lists[kind] = list;
}
