/*
 * SPDX-License-Identifier: MIT
 *
 * nat-peer.c: one end of a connection, told over stdin when, to say how it went
 *
 * It prints "ready", waits for a line, opens, and then writes and reads at
 * once. With --invite it makes an invitation first, and the line has that of
 * the peer. Each thing that happens is a line "what key=value…", with the time
 * on the clock that all processes of a machine share and the CPU time used
 * so far, in µs.
 */
#include <srudp-glib/srudp-glib.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CHUNK_BYTES 16384

static int port = 0;
static char *to = NULL;
static gboolean do_accept = FALSE;
static gboolean do_invite = FALSE;
static gboolean do_map = FALSE;
static char **servers = NULL;
static gint64 send_bytes = 0;
static gint64 rate = 0;
static int hold_ms = 0;
static int open_timeout_ms = 30000;
static int keepalive_ms = 15000;
static int idle_ms = 21000;
static int opener_ttl = 0;
static int n_dead = 0;
static int live_after_ms = -1;
static int gap_after_ms = 0;

static const GOptionEntry entries[] = {
  { "port", 0, 0, G_OPTION_ARG_INT, &port, "own port", "N" },
  { "to", 0, 0, G_OPTION_ARG_STRING, &to, "the peer", "HOST:PORT" },
  { "accept", 0, 0, G_OPTION_ARG_NONE, &do_accept, "wait to be called", NULL },
  { "invite", 0, 0, G_OPTION_ARG_NONE, &do_invite, "invitations", NULL },
  { "stun", 0, 0, G_OPTION_ARG_STRING_ARRAY, &servers, "to ask", "HOST:PORT" },
  { "map", 0, 0, G_OPTION_ARG_NONE, &do_map, "ask the router", NULL },
  { "send", 0, 0, G_OPTION_ARG_INT64, &send_bytes, "how much to write", "BYTES" },
  { "rate", 0, 0, G_OPTION_ARG_INT64, &rate, "at most, 0: no limit", "BYTES/s" },
  { "hold", 0, 0, G_OPTION_ARG_INT, &hold_ms, "before the first byte", "MS" },
  { "keepalive", 0, 0, G_OPTION_ARG_INT, &keepalive_ms, "interval", "MS" },
  { "idle", 0, 0, G_OPTION_ARG_INT, &idle_ms, "timeout", "MS" },
  { "opener-ttl", 0, 0, G_OPTION_ARG_INT, &opener_ttl, "of the first packets", "HOPS" },
  { "dead", 0, 0, G_OPTION_ARG_INT, &n_dead, "candidates where nobody is", "N" },
  { "live-after", 0, 0, G_OPTION_ARG_INT, &live_after_ms,
    "the invitation has the dead ones alone; the others are added", "MS" },
  { "gap-after", 0, 0, G_OPTION_ARG_INT, &gap_after_ms,
    "pauses count this long after the first byte", "MS" },
  { "open-timeout", 0, 0, G_OPTION_ARG_INT, &open_timeout_ms, "of open", "MS" },
  { NULL },
};

static void G_GNUC_PRINTF (1, 2)
say (const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  printf ("%s at=%" G_GINT64_FORMAT " cpu=%" G_GINT64_FORMAT "\n", text,
          g_get_monotonic_time (),
          (gint64) clock () * G_USEC_PER_SEC / CLOCKS_PER_SEC);
  fflush (stdout);
}

static void
say_failure (const char   *what,
             const GError *error)
{
  g_autofree char *words = g_strescape (error->message, NULL);

  say ("failed in=%s error=%s:%d words=\"%s\"", what,
       g_quark_to_string (error->domain), error->code, words);
}

static void
fill (guint8 *chunk,
      gint64  offset,
      gsize   n)
{
  /* A byte that is lost, doubled or moved changes the sum. */
  for (gsize i = 0; i < n; i++)
    chunk[i] = (guint8) (((guint64) offset + i) * 0x9E3779B97F4A7C15u >> 40);
}

static void
keep_to_rate (gint64 since,
              gint64 sent)
{
  gint64 due = since + (rate > 0 ? sent * G_USEC_PER_SEC / rate : 0);
  gint64 now = g_get_monotonic_time ();

  if (due > now)
    g_usleep ((gulong) (due - now));
}

/* Writes all there is to write and the end of it. */
static gpointer
writer (gpointer data)
{
  GOutputStream *stream = g_io_stream_get_output_stream (data);
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autoptr (GError) error = NULL;
  guint8 chunk[CHUNK_BYTES];
  /* Limited writers write little and often. */
  gint64 step = rate > 0 ? CLAMP (rate / 50, 1, CHUNK_BYTES) : CHUNK_BYTES;
  gint64 since;

  g_usleep ((gulong) hold_ms * 1000);
  since = g_get_monotonic_time ();
  say ("writing");
  for (gint64 sent = 0; sent < send_bytes;)
    {
      gsize n = (gsize) MIN (step, send_bytes - sent);

      fill (chunk, sent, n);
      g_checksum_update (sum, chunk, (gssize) n);
      if (!g_output_stream_write_all (stream, chunk, n, NULL, NULL, &error))
        {
          say_failure ("write", error);
          return GINT_TO_POINTER (FALSE);
        }
      sent += (gint64) n;
      keep_to_rate (since, sent);
    }

  if (!g_output_stream_close (stream, NULL, &error))
    {
      say_failure ("write", error);
      return GINT_TO_POINTER (FALSE);
    }
  say ("written bytes=%" G_GINT64_FORMAT " sum=%s", send_bytes,
       g_checksum_get_string (sum));
  return GINT_TO_POINTER (TRUE);
}

/* Reads to the end, and remembers the longest silence between two bytes. */
static gboolean
read_all (SrudpConnection *connection)
{
  GInputStream *stream = g_io_stream_get_input_stream (G_IO_STREAM (connection));
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autoptr (GError) error = NULL;
  guint8 chunk[CHUNK_BYTES];
  gint64 bytes = 0, gap_us = 0, gap_end = 0, first = 0, last = 0;
  gssize n;

  while ((n = g_input_stream_read (stream, chunk, sizeof chunk, NULL, &error)) > 0)
    {
      gint64 now = g_get_monotonic_time ();

      if (bytes == 0)
        {
          say ("first");
          first = now;
        }
      else if (last - first >= (gint64) gap_after_ms * 1000
               && now - last > gap_us)
        {
          gap_us = now - last;
          gap_end = now;
        }
      last = now;
      bytes += n;
      g_checksum_update (sum, chunk, n);
    }

  if (n < 0)
    {
      say_failure ("read", error);
      return FALSE;
    }
  say ("read bytes=%" G_GINT64_FORMAT " gap=%" G_GINT64_FORMAT
       " gap_end=%" G_GINT64_FORMAT " sum=%s", bytes, gap_us, gap_end,
       g_checksum_get_string (sum));
  return TRUE;
}

static void
say_diagnostics (SrudpConnection *connection)
{
  g_autofree char *text = srudp_connection_dup_diagnostics (connection);
  g_autofree char *words = g_strescape (text, NULL);

  say ("tried words=\"%s\"", words);
}

static gboolean
invite (SrudpEndpoint  *endpoint,
        GError        **error)
{
  g_autoptr (SrudpInvitation) invitation = NULL;
  g_autofree char *text = NULL;

  srudp_endpoint_set_stun_servers (endpoint, (const char * const *) servers);
  srudp_endpoint_set_port_mapping (endpoint, do_map);
  invitation = srudp_endpoint_create_invitation (endpoint, NULL, error);
  if (invitation == NULL)
    return FALSE;
  text = srudp_invitation_to_string (invitation);
  say ("invitation text=%s", text);
  return TRUE;
}

static void
candidates_added_cb (SrudpEndpoint *endpoint,
                     gboolean      *added)
{
  *added = TRUE;
}

/* Signals come where the default context runs. */
static void
wait_for_more (SrudpEndpoint *endpoint)
{
  gboolean added = FALSE;
  gulong handler = g_signal_connect (endpoint, "candidates-added",
                                     G_CALLBACK (candidates_added_cb), &added);

  while (!added)
    g_main_context_iteration (NULL, TRUE);
  g_signal_handler_disconnect (endpoint, handler);
  say ("added");
}

/* An invitation may be asked for again before, or when there is more to name. */
static gboolean
wait_for_go (SrudpEndpoint *endpoint,
             char          *line,
             int            size)
{
  while (fgets (line, size, stdin) != NULL)
    {
      g_autoptr (GError) error = NULL;

      if (g_str_has_prefix (line, "await"))
        {
          wait_for_more (endpoint);
          continue;
        }
      if (!g_str_has_prefix (line, "invite"))
        return TRUE;
      if (!invite (endpoint, &error))
        {
          say_failure ("invite", error);
          return FALSE;
        }
    }
  return FALSE;
}

/* The same peer, after so many addresses where nobody answers (RFC 5737). */
static SrudpInvitation *
among_dead (SrudpInvitation *invitation)
{
  g_autoptr (GPtrArray) addresses = g_ptr_array_new_with_free_func (g_object_unref);
  GListModel *candidates = srudp_invitation_get_candidates (invitation);

  for (int i = 0; i < n_dead; i++)
    {
      g_autofree char *ip = g_strdup_printf ("203.0.113.%d", 100 + i);

      g_ptr_array_add (addresses, g_inet_socket_address_new_from_string (ip, 4000));
    }
  for (guint i = 0;
       live_after_ms < 0 && i < g_list_model_get_n_items (candidates); i++)
    g_ptr_array_add (addresses, g_list_model_get_item (candidates, i));
  return srudp_invitation_new (srudp_invitation_get_peer_id (invitation),
                               (GSocketAddress **) addresses->pdata, addresses->len);
}

/* The line we wait for: "go", or "go INVITATION". */
static GSocketConnectable *
parse_peer (char    *line,
            GError **error)
{
  char *text = strchr (g_strchomp (line), ' ');
  g_autoptr (SrudpInvitation) invitation = NULL;

  if (text == NULL)
    return g_network_address_parse (to, 0, error);
  invitation = srudp_invitation_parse (text + 1, error);
  if (invitation == NULL)
    return NULL;
  return G_SOCKET_CONNECTABLE (n_dead > 0 ? among_dead (invitation)
                                          : g_steal_pointer (&invitation));
}

typedef struct
{
  SrudpConnection *connection;
  GListModel *candidates;
} Live;

static gpointer
add_live (gpointer data)
{
  Live *live = data;

  g_usleep ((gulong) live_after_ms * 1000);
  for (guint i = 0; i < g_list_model_get_n_items (live->candidates); i++)
    {
      g_autoptr (GSocketAddress) address =
        g_list_model_get_item (live->candidates, i);

      srudp_connection_add_candidate (live->connection, address);
    }
  g_object_unref (live->connection);
  g_object_unref (live->candidates);
  g_free (live);
  return NULL;
}

/* The peer is found elsewhere while the connection is being opened. */
static void
add_live_later (SrudpConnection *connection,
                char            *line)
{
  g_autoptr (SrudpInvitation) invitation =
    srudp_invitation_parse (strchr (line, ' ') + 1, NULL);
  Live *live;

  if (live_after_ms < 0 || invitation == NULL)
    return;
  live = g_new (Live, 1);
  live->connection = g_object_ref (connection);
  live->candidates =
    g_object_ref (srudp_invitation_get_candidates (invitation));
  g_thread_unref (g_thread_new ("live", add_live, live));
}

static SrudpConnection *
open_connection (SrudpEndpoint  *endpoint,
                 char           *line,
                 GError        **error)
{
  g_autoptr (GSocketConnectable) peer = NULL;
  g_autoptr (SrudpConnection) connection = NULL;

  if (do_accept)
    return srudp_endpoint_accept (endpoint, NULL, error);

  peer = parse_peer (line, error);
  if (peer == NULL)
    return NULL;

  connection = srudp_connection_new (endpoint, peer);
  srudp_connection_set_open_timeout (connection, (guint) open_timeout_ms);
  srudp_connection_set_idle_timeout (connection, (guint) idle_ms);
  srudp_connection_set_keepalive_interval (connection, (guint) keepalive_ms);
  if (live_after_ms >= 0)
    add_live_later (connection, line);
  if (!srudp_connection_open (connection, NULL, error))
    {
      say_diagnostics (connection);
      return NULL;
    }
  return g_steal_pointer (&connection);
}

static char *
describe (GSocketAddress *address)
{
  return address != NULL
           ? g_socket_connectable_to_string (G_SOCKET_CONNECTABLE (address))
           : g_strdup ("unknown");
}

static void
say_opened (SrudpConnection *connection,
            gint64           since)
{
  g_autoptr (GSocketAddress) remote =
    srudp_connection_get_remote_address (connection, NULL);
  g_autofree char *text = describe (remote);

  say ("opened took=%" G_GINT64_FORMAT " remote=%s",
       g_get_monotonic_time () - since, text);
  say_diagnostics (connection);
}

static gboolean
talk (SrudpConnection *connection)
{
  g_autoptr (GError) error = NULL;
  GThread *thread = g_thread_new ("writer", writer, connection);
  gboolean has_read = read_all (connection);
  gboolean has_written = GPOINTER_TO_INT (g_thread_join (thread));
  g_autoptr (SrudpStats) stats = srudp_connection_dup_stats (connection);
  g_autoptr (GSocketAddress) local_address =
    srudp_connection_get_local_address (connection, NULL);
  g_autoptr (GSocketAddress) remote_address =
    srudp_connection_get_remote_address (connection, NULL);
  g_autofree char *local = describe (local_address);
  g_autofree char *remote = describe (remote_address);

  if (!has_read || !has_written)
    return FALSE;
  if (!g_io_stream_close (G_IO_STREAM (connection), NULL, &error))
    {
      say_failure ("close", error);
      return FALSE;
    }
  say ("closed packets=%" G_GUINT64_FORMAT " lost=%" G_GUINT64_FORMAT
       " mtu=%u local=%s remote=%s",
       srudp_stats_get_packets_sent (stats), srudp_stats_get_packets_lost (stats),
       srudp_stats_get_path_mtu (stats), local, remote);
  return TRUE;
}

int
main (int    argc,
      char **argv)
{
  g_autoptr (GOptionContext) options = g_option_context_new (NULL);
  g_autoptr (SrudpEndpoint) endpoint = NULL;
  g_autoptr (SrudpConnection) connection = NULL;
  g_autoptr (GError) error = NULL;
  char line[2048];
  gint64 since;

  g_option_context_add_main_entries (options, entries, NULL);
  if (!g_option_context_parse (options, &argc, &argv, &error)
      || (endpoint = srudp_endpoint_new_for_port ((guint16) port, &error)) == NULL)
    {
      say_failure ("start", error);
      return EXIT_FAILURE;
    }
  srudp_endpoint_set_accept_incoming (endpoint, do_accept);
  srudp_endpoint_set_opener_ttl (endpoint, (guint) opener_ttl);

  if (do_invite && !invite (endpoint, &error))
    {
      say_failure ("invite", error);
      return EXIT_FAILURE;
    }
  say ("ready");
  if (!wait_for_go (endpoint, line, sizeof line))
    return EXIT_FAILURE;

  since = g_get_monotonic_time ();
  say ("opening");
  connection = open_connection (endpoint, line, &error);
  if (connection == NULL)
    {
      say_failure ("open", error);
      return EXIT_FAILURE;
    }
  say_opened (connection, since);
  if (!talk (connection))
    return EXIT_FAILURE;

  /* The last acknowledgement may have got lost: the port has to live until
   * the peer knows that this side has everything. */
  if (!srudp_endpoint_close (endpoint, NULL, &error))
    {
      say_failure ("end", error);
      return EXIT_FAILURE;
    }
  return EXIT_SUCCESS;
}
