/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-stream-table.c: which streams there are, and whose turn it is
 */
#include "srudp-stream-table-private.h"

static SrudpStream *
create_stream (SrudpStreamTable *table,
               guint64           stream_id)
{
  const SrudpStreamTableConfig *config = &table->config;

  SrudpStream *stream
    = srudp_stream_new (stream_id, config->remote_max_stream_data,
                        config->local_max_stream_data,
                        config->max_stream_receive_window);

  if (config->first_offset > 0)
    srudp_stream_start_at (stream, config->first_offset);

  return stream;
}

guint64
srudp_stream_table_get_streams_limit (const SrudpStreamTable *table)
{
  return MIN (table->n_remote_closed + table->config.local_max_streams,
              SRUDP_MAX_STREAMS);
}

void
srudp_stream_table_init (SrudpStreamTable             *table,
                         const SrudpStreamTableConfig *config)
{
  *table = (SrudpStreamTable) {
    .config = *config,
    .next_local = config->n_streams_before + 1,
    .next_remote = config->n_streams_before + 1,
    .remote_limit = MIN (config->n_streams_before + config->remote_max_streams,
                         SRUDP_MAX_STREAMS),
    .n_remote_closed = config->n_streams_before,
    .rtt_us = -1,
  };
  table->advertised_limit = srudp_stream_table_get_streams_limit (table);
  srudp_receive_window_init (&table->receive_window, config->local_max_data,
                             config->max_receive_window);
  srudp_receive_window_start_at (&table->receive_window, config->first_offset);
  srudp_send_window_init (&table->send_window, config->remote_max_data);
  srudp_send_window_start_at (&table->send_window, config->first_offset);
  table->streams = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL,
                                          (GDestroyNotify) srudp_stream_free);
  table->main_stream = create_stream (table, SRUDP_MAIN_STREAM);
}

void
srudp_stream_table_clear (SrudpStreamTable *table)
{
  g_clear_pointer (&table->streams, g_hash_table_unref);
  g_clear_pointer (&table->main_stream, srudp_stream_free);
}

void
srudp_stream_table_set_rtt (SrudpStreamTable *table,
                            gint64            rtt_us)
{
  table->rtt_us = rtt_us;
}

void
srudp_stream_table_set_send_buffer (SrudpStreamTable *table,
                                    gsize             bytes)
{
  table->config.send_buffer_bytes = bytes;
}

void
srudp_stream_table_set_max_windows (SrudpStreamTable *table,
                                    guint64           connection_max,
                                    guint64           stream_max,
                                    guint64           max_pending)
{
  GHashTableIter iter;
  gpointer value;

  table->config.max_receive_window = connection_max;
  table->config.max_pending_bytes = max_pending;
  table->config.max_stream_receive_window = stream_max;
  srudp_receive_window_set_maximum (&table->receive_window, connection_max);
  srudp_receive_window_set_maximum (&table->main_stream->receive_window,
                                    stream_max);

  g_hash_table_iter_init (&iter, table->streams);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    srudp_receive_window_set_maximum (&((SrudpStream *) value)->receive_window,
                                      stream_max);
}

/* The initiator's are 2, 4, 6 …, the responder's 1, 3, 5 … */
static guint64
id_from_ordinal (guint64  ordinal,
                 gboolean of_initiator)
{
  return of_initiator ? ordinal * 2 : ordinal * 2 - 1;
}

SrudpStream *
srudp_stream_table_lookup (SrudpStreamTable *table,
                           guint64           stream_id)
{
  if (stream_id == SRUDP_MAIN_STREAM)
    return table->main_stream;

  return g_hash_table_lookup (table->streams, &stream_id);
}

static SrudpStream *
insert_stream (SrudpStreamTable *table,
               guint64           stream_id)
{
  SrudpStream *stream = create_stream (table, stream_id);

  g_hash_table_insert (table->streams, &stream->id, stream);

  return stream;
}

/* RFC 9000, section 3.2: opening a stream opens those below it, so that both
 * sides see them in the same order. */
static void
open_remote (SrudpStreamTable *table)
{
  guint64 id = id_from_ordinal (table->next_remote++, !table->config.initiator);
  SrudpStream *stream = insert_stream (table, id);

  if (table->is_shut_down)
    {
      srudp_send_buffer_finish (&stream->send);
      srudp_stream_table_settle (table, stream);
      srudp_stream_table_stop_reading (table, id, 0);
      return;
    }

  stream->flags |= SRUDP_STREAM_EVENT_OPENED;
  srudp_stream_table_settle (table, stream);
}

SrudpStreamResult
srudp_stream_table_resolve (SrudpStreamTable *table,
                            guint64           stream_id,
                            SrudpStream     **stream)
{
  gboolean of_initiator = stream_id % 2 == 0;
  guint64 ordinal = (stream_id + 1) / 2;

  *stream = NULL;
  if (stream_id != SRUDP_MAIN_STREAM)
    {
      if (of_initiator == table->config.initiator)
        {
          /* RFC 9000, section 19.8: ours, yet never opened. */
          if (ordinal >= table->next_local)
            return SRUDP_STREAM_STATE;
        }
      else if (ordinal > table->advertised_limit)
        {
          return SRUDP_STREAM_LIMIT;
        }
      else
        {
          while (table->next_remote <= ordinal)
            open_remote (table);
        }
    }
  *stream = srudp_stream_table_lookup (table, stream_id);

  return SRUDP_STREAM_OK;
}

gboolean
srudp_stream_table_open (SrudpStreamTable *table,
                         guint64          *stream_id)
{
  if (table->is_shut_down)
    return FALSE;

  if (table->next_local > table->remote_limit)
    {
      table->pending |= SRUDP_CONNECTION_PENDING_STREAMS_BLOCKED;
      table->is_awaited = TRUE;
      return FALSE;
    }

  *stream_id = id_from_ordinal (table->next_local++, table->config.initiator);
  insert_stream (table, *stream_id);

  return TRUE;
}

/* --- Lists --------------------------------------------------------------- */

/* The send list where a stream belongs; NULL: it has nothing to send now. */
static SrudpStreamList *
choose_send_list (SrudpStreamTable *table,
                  SrudpStream      *stream)
{
  if (stream->send_state != SRUDP_SEND_STATE_SEND
      && stream->send_state != SRUDP_SEND_STATE_DATA_SENT)
    return NULL;

  if (srudp_send_buffer_has_free_work (&stream->send))
    return &table->send[0][stream->priority];

  if (srudp_send_buffer_get_unsent (&stream->send) == 0)
    return NULL;

  if (srudp_send_window_get_credit (&stream->send_window) > 0)
    return &table->send[1][stream->priority];

  if (srudp_send_window_note_blocked (&stream->send_window))
    stream->flags |= SRUDP_STREAM_PENDING_BLOCKED;

  return NULL;
}

/* Keeps its place in a list where it is already. */
static void
put_into (SrudpStream         *stream,
          SrudpStreamListKind  kind,
          SrudpStreamList     *list)
{
  if (stream->lists[kind] != list)
    srudp_stream_enlist (stream, kind, list);
}

/* RFC 9000, section 4.6: a place for every stream that is over. */
static void
forget_stream (SrudpStreamTable *table,
               SrudpStream      *stream)
{
  gboolean is_remote = (stream->id % 2 == 0) != table->config.initiator;
  guint64 id = stream->id;
  guint64 limit;

  g_hash_table_remove (table->streams, &id);
  if (!is_remote)
    return;

  table->n_remote_closed++;
  limit = srudp_stream_table_get_streams_limit (table);
  if (limit - table->advertised_limit >= (table->config.local_max_streams + 1) / 2)
    table->pending |= SRUDP_CONNECTION_PENDING_MAX_STREAMS;
}

void
srudp_stream_table_settle (SrudpStreamTable *table,
                           SrudpStream      *stream)
{
  SrudpStreamList *send_list;

  if (stream != table->main_stream
      && srudp_stream_send_is_done (stream) && srudp_stream_recv_is_done (stream)
      && (stream->flags & SRUDP_STREAM_EVENT_ANY) == 0)
    {
      forget_stream (table, stream);
      return;
    }

  send_list = choose_send_list (table, stream);
  put_into (stream, SRUDP_STREAM_LIST_SEND, send_list);
  if (send_list != NULL)
    table->first_priority = MIN (table->first_priority, stream->priority);
  put_into (stream, SRUDP_STREAM_LIST_CONTROL,
            stream->flags & SRUDP_STREAM_PENDING_ANY ? &table->control : NULL);
  put_into (stream, SRUDP_STREAM_LIST_EVENT,
            stream->flags & SRUDP_STREAM_EVENT_ANY ? &table->events : NULL);
}

gboolean
srudp_stream_table_has_event (const SrudpStreamTable *table)
{
  return table->events.first != NULL || table->is_awaited;
}

gboolean
srudp_stream_table_poll_event (SrudpStreamTable *table,
                               SrudpEvent       *event)
{
  static const struct
  {
    SrudpStreamFlags flag;
    SrudpEventType type;
  } kinds[] = {
    { SRUDP_STREAM_EVENT_OPENED, SRUDP_EVENT_STREAM_OPENED },
    { SRUDP_STREAM_EVENT_READABLE, SRUDP_EVENT_READABLE },
    { SRUDP_STREAM_EVENT_WRITABLE, SRUDP_EVENT_WRITABLE },
    { SRUDP_STREAM_EVENT_STOPPED, SRUDP_EVENT_WRITE_STOPPED },
    { SRUDP_STREAM_EVENT_DELIVERED, SRUDP_EVENT_DELIVERED },
  };
  SrudpStream *stream = table->events.first;
  guint i = 0;

  if (table->is_awaited && table->next_local <= table->remote_limit)
    {
      table->is_awaited = FALSE;
      *event = (SrudpEvent) { .type = SRUDP_EVENT_STREAMS_AVAILABLE };
      return TRUE;
    }

  if (stream == NULL)
    return FALSE;

  while ((stream->flags & kinds[i].flag) == 0)
    i++;

  *event = (SrudpEvent) { .type = kinds[i].type, .stream_id = stream->id };
  if (kinds[i].type == SRUDP_EVENT_WRITE_STOPPED)
    event->code = stream->peer_stop_code;
  stream->flags &= ~kinds[i].flag;
  srudp_stream_table_settle (table, stream);

  return TRUE;
}

/* --- Closing and statistics ---------------------------------------------- */

void
srudp_stream_table_shut_down (SrudpStreamTable *table)
{
  g_autoptr (GList) streams = g_hash_table_get_values (table->streams);

  table->is_shut_down = TRUE;
  streams = g_list_prepend (streams, table->main_stream);
  for (GList *l = streams; l != NULL; l = l->next)
    {
      guint64 id = ((SrudpStream *) l->data)->id;

      srudp_stream_table_finish (table, id);
      srudp_stream_table_stop_reading (table, id, 0);
    }
}

gboolean
srudp_stream_table_is_flushed (SrudpStreamTable *table)
{
  GHashTableIter iter;
  gpointer stream;

  if (!srudp_stream_send_is_done (table->main_stream))
    return FALSE;

  g_hash_table_iter_init (&iter, table->streams);
  while (g_hash_table_iter_next (&iter, NULL, &stream))
    if (!srudp_stream_send_is_done (stream))
      return FALSE;

  return TRUE;
}

guint64
srudp_stream_table_get_unread (SrudpStreamTable *table)
{
  return table->receive_window.received - table->receive_window.consumed;
}

guint64
srudp_stream_table_get_unacknowledged (SrudpStreamTable *table)
{
  guint64 sum = srudp_send_buffer_get_pending (&table->main_stream->send);
  GHashTableIter iter;
  gpointer stream;

  g_hash_table_iter_init (&iter, table->streams);
  while (g_hash_table_iter_next (&iter, NULL, &stream))
    sum += srudp_send_buffer_get_pending (&((SrudpStream *) stream)->send);

  return sum;
}
