/*
 * SPDX-License-Identifier: MIT
 *
 * stranger.c: a peer who has the chat's protocol but not its manners: offers files
 * under names that the chat itself would never send
 *
 * usage: stranger ADDRESS [--damaged] NAME…
 *
 * Of each file one line says what became of it; its content is "This is NUMBER.",
 * counted from 0, or something else if it is to arrive damaged.
 */
#include "srudp-chat-endpoint.h"

#include <stdlib.h>
#include <string.h>

typedef struct
{
  GMainLoop *loop;
  SrudpChatLink *link;
  char **names;
  guint n_names;
  guint n_over;
  gboolean damaged;
  gboolean greeted;
} Stranger;

typedef struct
{
  Stranger *stranger;
  guint64 id;
  guint64 offset_bytes;
} Wish;

static void
say (Stranger             *self,
     const SrudpChatFrame *frame)
{
  srudp_chat_link_send (self->link, frame);
}

static char *
write_content (guint64 id)
{
  return g_strdup_printf ("This is %" G_GUINT64_FORMAT ".", id);
}

static void
offer (Stranger *self,
       guint     number)
{
  g_autofree char *content = write_content (number);
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  SrudpChatFrame frame = { .type = SRUDP_CHAT_FRAME_FILE,
                           .id = number,
                           .size_bytes = strlen (content),
                           .text = self->names[number] };
  gsize size = sizeof frame.checksum;

  g_checksum_update (sum, (const guchar *) content, (gssize) strlen (content));
  g_checksum_get_digest (sum, frame.checksum, &size);
  say (self, &frame);
}

static void
stream_closed_cb (GObject      *source,
                  GAsyncResult *result,
                  gpointer      user_data)
{
  g_autoptr (GError) error = NULL;

  if (!g_io_stream_close_finish (G_IO_STREAM (source), result, &error))
    g_printerr ("a stream did not close: %s\n", error->message);
}

static void
stream_opened_cb (GObject      *source,
                  GAsyncResult *result,
                  gpointer      user_data)
{
  g_autofree Wish *wish = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *content = write_content (wish->id);
  guint8 header[SRUDP_CHAT_STREAM_HEADER_BYTES];
  GOutputStream *out;
  g_autoptr (GIOStream) stream =
    srudp_chat_link_open_stream_finish (SRUDP_CHAT_LINK (source), result, &error);

  if (stream == NULL)
    {
      g_printerr ("no stream: %s\n", error->message);
      return;
    }
  if (wish->stranger->damaged)
    content[0] ^= 1;
  out = g_io_stream_get_output_stream (stream);
  srudp_chat_stream_header_write (header, wish->id, wish->offset_bytes);
  if (!g_output_stream_write_all (out, header, sizeof header, NULL, NULL, &error)
      || !g_output_stream_write_all (out, content + wish->offset_bytes,
                                     strlen (content) - wish->offset_bytes, NULL, NULL, &error))
    g_printerr ("not written: %s\n", error->message);
  g_io_stream_close_async (stream, G_PRIORITY_DEFAULT, NULL, stream_closed_cb, NULL);
}

static void
send_wanted (Stranger             *self,
             const SrudpChatFrame *frame)
{
  Wish *wish = g_new0 (Wish, 1);

  wish->stranger = self;
  wish->id = frame->id;
  wish->offset_bytes = frame->offset_bytes;
  srudp_chat_link_open_stream_async (self->link, NULL, stream_opened_cb, wish);
}

static void
report (Stranger             *self,
        const SrudpChatFrame *frame)
{
  if (frame->type == SRUDP_CHAT_FRAME_FILE_KEPT)
    g_print ("%" G_GUINT64_FORMAT " kept\n", frame->id);
  else
    g_print ("%" G_GUINT64_FORMAT " refused: %d\n", frame->id, frame->refusal);
  if (++self->n_over == self->n_names)
    srudp_chat_link_close (self->link);
  else
    offer (self, self->n_over);
}

static void
frame_cb (SrudpChatLink        *link,
          const SrudpChatFrame *frame,
          Stranger             *self)
{
  switch (frame->type)
    {
    case SRUDP_CHAT_FRAME_HELLO:
      offer (self, 0);
      break;
    case SRUDP_CHAT_FRAME_FILE_WANTED:
      send_wanted (self, frame);
      break;
    case SRUDP_CHAT_FRAME_FILE_KEPT:
    case SRUDP_CHAT_FRAME_FILE_REFUSED:
      report (self, frame);
      break;
    case SRUDP_CHAT_FRAME_TEXT:
    case SRUDP_CHAT_FRAME_RECEIPT:
    case SRUDP_CHAT_FRAME_BYE:
    case SRUDP_CHAT_FRAME_TYPING:
    case SRUDP_CHAT_FRAME_FILE:
    case SRUDP_CHAT_FRAME_FILE_WITHDRAWN:
    default:
      break;
    }
}

static void
state_cb (Stranger *self)
{
  SrudpChatFrame hello = { .type = SRUDP_CHAT_FRAME_HELLO,
                           .version = SRUDP_CHAT_PROTOCOL_VERSION,
                           .text = (char *) "Mallory" };

  if (srudp_chat_link_is_up (self->link) && !self->greeted)
    {
      self->greeted = TRUE;
      say (self, &hello);
    }
  else if (srudp_chat_link_get_state (self->link) == SRUDP_CONNECTION_STATE_CLOSED)
    g_main_loop_quit (self->loop);
}

static gboolean
call (Stranger    *self,
      const char  *where,
      GError     **error)
{
  g_autoptr (SrudpIdentity) identity = srudp_identity_generate ();
  g_autoptr (SrudpChatInvitations) none = srudp_chat_invitations_new (NULL);
  g_autoptr (SrudpChatNetwork) network = srudp_chat_endpoint_new (identity, none);
  g_auto (SrudpChatAddress) address = { 0 };

  if (srudp_chat_address_parse (where, 0, &address) != SRUDP_CHAT_ADDRESS_GOOD)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "no address: %s", where);
      return FALSE;
    }
  if (!srudp_chat_network_listen (network, 0, error))
    return FALSE;

  self->link = srudp_chat_network_dial (network, &address);
  g_signal_connect_swapped (self->link, "notify::state", G_CALLBACK (state_cb), self);
  g_signal_connect (self->link, "frame", G_CALLBACK (frame_cb), self);
  srudp_chat_link_open (self->link);
  g_main_loop_run (self->loop);
  if (srudp_chat_link_get_error (self->link) != NULL)
    g_propagate_error (error, g_error_copy (srudp_chat_link_get_error (self->link)));
  g_object_unref (self->link);
  return *error == NULL;
}

int
main (int    argc,
      char **argv)
{
  gboolean damaged = argc > 2 && strcmp (argv[2], "--damaged") == 0;
  int first = damaged ? 3 : 2;
  Stranger self = { .damaged = damaged };
  g_autoptr (GError) error = NULL;

  if (argc <= first)
    {
      g_printerr ("usage: stranger ADDRESS [--damaged] NAME…\n");
      return 2;
    }
  self.names = argv + first;
  self.n_names = (guint) (argc - first);
  self.loop = g_main_loop_new (NULL, FALSE);
  if (!call (&self, argv[1], &error))
    g_printerr ("%s\n", error->message);
  g_main_loop_unref (self.loop);
  return error == NULL && self.n_over == self.n_names ? EXIT_SUCCESS : EXIT_FAILURE;
}
