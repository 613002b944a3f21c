/*
 * SPDX-License-Identifier: MIT
 *
 * stage.c: Alice's window on a network that is none, for tests of how it looks
 *
 * With SRUDP_CHAT_SHOTS set to a folder, pictures go there. With
 * SRUDP_CHAT_LOCALES, the folder of translations, the window speaks LANGUAGE,
 * and with SRUDP_CHAT_TEXT_PERCENT it does so in letters of that size.
 */
#include "config.h"

#include "stage.h"

#include "census.h"

#include <glib/gi18n.h>
#include <locale.h>
#include <stdlib.h>

/* What is queued when one frame is drawn may change the next ones. */
#define SETTLE_FRAMES 3
/* So many frames, where others keep the machine busy. */
#define PATIENCE_FRAMES 1000
/* What the toolkit counts in: 1024ths of a dot per inch. */
#define USUAL_DPI (96 * 1024)

/* --- Before the first window ----------------------------------------------- */

/* Before anything is asked for in the language. */
static void
learn_language (void)
{
  const char *locales = g_getenv ("SRUDP_CHAT_LOCALES");

  if (locales == NULL)
    return;
  bindtextdomain (GETTEXT_PACKAGE, locales);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
}

static void
speak_language (void)
{
  if (g_getenv ("SRUDP_CHAT_LOCALES") == NULL)
    return;
  /* As the toolkit does itself where it has a translation of its own. */
  if (g_strcmp0 (g_getenv ("LANGUAGE"), "ar") == 0)
    gtk_widget_set_default_direction (GTK_TEXT_DIR_RTL);
  if (g_strcmp0 (g_getenv ("LANGUAGE"), "en") != 0)
    g_assert_cmpstr (gettext ("New Chat"), !=, "New Chat");
}

void
stage_set_text_percent (int percent)
{
  g_object_set (gtk_settings_get_default (), "gtk-xft-dpi", USUAL_DPI * percent / 100, NULL);
}

static void
add_style (GtkCssProvider *provider)
{
  gtk_style_context_add_provider_for_display (gdk_display_get_default (),
                                              GTK_STYLE_PROVIDER (provider),
                                              GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
}

static void
prepare_looks (void)
{
  const char *percent = g_getenv ("SRUDP_CHAT_TEXT_PERCENT");
  g_autoptr (GtkCssProvider) style = gtk_css_provider_new ();
  g_autoptr (GtkCssProvider) frameless = gtk_css_provider_new ();

  /* A picture of a page that is half faded in shows nothing. */
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, NULL);
  if (percent != NULL)
    stage_set_text_percent (atoi (percent));
  gtk_icon_theme_add_resource_path (
    gtk_icon_theme_get_for_display (gdk_display_get_default ()), "/org/srudp/Chat/icons");
  gtk_css_provider_load_from_resource (style, "/org/srudp/Chat/style.css");
  add_style (style);
  /* Where there is no compositor, the toolkit would draw a frame and count it as
   * a part of the window. */
  gtk_css_provider_load_from_data (
    frameless, "window.solid-csd { padding: 0; box-shadow: none; }", -1);
  add_style (frameless);
}

/* Call it instead of g_test_init(). */
void
stage_init (int    *argc,
            char ***argv)
{
  setlocale (LC_ALL, "");
  learn_language ();
  g_test_init (argc, argv, NULL);
  adw_init ();
  speak_language ();
  prepare_looks ();
}

void
stage_set_up (Stage         *stage,
              gconstpointer  data)
{
  stage->network = fake_network_new ();
  stage->roster = srudp_chat_roster_new (SRUDP_CHAT_NETWORK (stage->network), "Alice");
  stage->window = srudp_chat_window_new (NULL, stage->roster);
  gtk_window_present (GTK_WINDOW (stage->window));
}

void
stage_tear_down (Stage         *stage,
                 gconstpointer  data)
{
  gtk_window_destroy (GTK_WINDOW (stage->window));
  g_assert_finalize_object (stage->roster);
  g_assert_finalize_object (stage->network);
  census_assert_none ();
}

/* --- Looking --------------------------------------------------------------- */

static gboolean
count_frame_cb (GtkWidget     *widget,
                GdkFrameClock *clock,
                gpointer       user_data)
{
  guint *n_frames = user_data;

  *n_frames -= 1;
  return *n_frames > 0 ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static void
await_frames (GtkWindow *window)
{
  guint n_frames = SETTLE_FRAMES;

  gtk_widget_add_tick_callback (GTK_WIDGET (window), count_frame_cb, &n_frames, NULL);
  while (n_frames > 0)
    g_main_context_iteration (NULL, TRUE);
}

static gboolean
idle_cb (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
  return G_SOURCE_REMOVE;
}

/* Lets all be laid out and drawn that was changed, what waits for it be done,
 * and be drawn again. */
void
stage_settle (GtkWindow *window)
{
  gboolean idle = FALSE;

  await_frames (window);
  g_idle_add_full (G_PRIORITY_LOW + 1, idle_cb, &idle, NULL);
  while (!idle)
    g_main_context_iteration (NULL, TRUE);
  await_frames (window);
}

/* NULL as long as nothing was drawn. */
static GskRenderNode *
draw (GtkWidget *widget)
{
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (widget);
  g_autoptr (GtkSnapshot) snapshot = gtk_snapshot_new ();

  gdk_paintable_snapshot (paintable, snapshot, gtk_widget_get_width (widget),
                          gtk_widget_get_height (widget));
  return gtk_snapshot_free_to_node (g_steal_pointer (&snapshot));
}

void
stage_shoot (GtkWindow  *window,
             const char *name)
{
  const char *folder = g_getenv ("SRUDP_CHAT_SHOTS");
  GtkWidget *widget = GTK_WIDGET (window);
  g_autoptr (GskRenderNode) node = NULL;

  for (guint i = 0; node == NULL && i < PATIENCE_FRAMES / SETTLE_FRAMES; i++)
    {
      stage_settle (window);
      node = draw (widget);
    }
  g_assert_nonnull (node);
  if (folder != NULL)
    {
      GskRenderer *renderer = gtk_native_get_renderer (GTK_NATIVE (window));
      g_autoptr (GdkTexture) texture = gsk_renderer_render_texture (renderer, node, NULL);
      g_autofree char *file = g_strdup_printf ("%s/%s.png", folder, name);

      g_assert_true (gdk_texture_save_to_png (texture, file));
    }
}

/* --- Playing --------------------------------------------------------------- */

/* The conversation stays the roster's. */
SrudpChatConversation *
stage_call (Stage      *stage,
            const char *text)
{
  g_auto (SrudpChatAddress) address = { 0 };
  g_autoptr (SrudpChatConversation) conversation = NULL;

  g_assert_cmpint (srudp_chat_address_parse (text, 5001, &address), ==,
                   SRUDP_CHAT_ADDRESS_GOOD);
  srudp_chat_window_call (stage->window, &address);
  conversation = g_list_model_get_item (srudp_chat_roster_get_conversations (stage->roster), 0);
  return conversation;
}

/* The peer says something. */
void
stage_hear (FakeLink           *link,
            SrudpChatFrameType  type,
            guint64             id,
            const char         *text)
{
  SrudpChatFrame frame = {
    .type = type,
    .version = SRUDP_CHAT_PROTOCOL_VERSION,
    .id = id,
    .typing = TRUE,
    .text = (char *) text,
  };
  g_autoptr (GBytes) bytes = srudp_chat_frame_encode (&frame);

  srudp_chat_link_receive (SRUDP_CHAT_LINK (link), bytes);
}

SrudpChatConversation *
stage_start_talking (Stage *stage)
{
  SrudpChatConversation *conversation = stage_call (stage, "203.0.113.7:5001");
  FakeLink *link = fake_network_get_last (stage->network);

  srudp_chat_link_set_state (SRUDP_CHAT_LINK (link), SRUDP_CONNECTION_STATE_ESTABLISHED);
  stage_hear (link, SRUDP_CHAT_FRAME_HELLO, 0, "Bob");
  g_assert_cmpint (srudp_chat_conversation_get_phase (conversation), ==,
                   SRUDP_CHAT_PHASE_TALKING);
  return conversation;
}

static guint64
get_id (SrudpChatConversation *conversation,
        guint                  position)
{
  g_autoptr (SrudpChatMessage) message = g_list_model_get_item (
    srudp_chat_conversation_get_messages (conversation), position);

  return srudp_chat_message_get_id (message);
}

void
stage_exchange_messages (SrudpChatConversation *conversation,
                         FakeLink              *link)
{
  stage_hear (link, SRUDP_CHAT_FRAME_TEXT, 1, "Hello Alice! Can you read this?");
  srudp_chat_conversation_send (conversation, "Perfectly. No server in between 🎉");
  stage_hear (link, SRUDP_CHAT_FRAME_RECEIPT, get_id (conversation, 1), NULL);
  stage_hear (link, SRUDP_CHAT_FRAME_TEXT, 2,
              "Then <b>markup</b> & entities stay what they are: &amp; <i>");
  srudp_chat_conversation_send (conversation,
                                "Here is the long story of how two computers behind two "
                                "routers found each other: https://www.rfc-editor.org/rfc/rfc8445"
                                "\nAnd it even has a second line.");
  stage_hear (link, SRUDP_CHAT_FRAME_TYPING, 0, NULL);
}

/* One that is offered, one on its way, one that failed. */
void
stage_exchange_files (SrudpChatConversation *conversation,
                      FakeLink              *link)
{
  GListModel *messages = srudp_chat_conversation_get_messages (conversation);
  guint first = g_list_model_get_n_items (messages);
  g_autoptr (GFile) nothing = g_file_new_for_path ("/nothing/report.odt");
  g_autoptr (SrudpChatMessage) moving = NULL;
  SrudpChatFile *file;
  static const SrudpChatFrame offers[] = {
    { .type = SRUDP_CHAT_FRAME_FILE, .id = 11, .size_bytes = 123456789,
      .text = (char *) "A photograph of the harbour at sunrise, from the hill.jpg" },
    { .type = SRUDP_CHAT_FRAME_FILE, .id = 12, .size_bytes = 48000000,
      .text = (char *) "notes.txt" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (offers); i++)
    {
      g_autoptr (GBytes) bytes = srudp_chat_frame_encode (&offers[i]);

      srudp_chat_link_receive (SRUDP_CHAT_LINK (link), bytes);
    }
  g_assert_true (srudp_chat_conversation_send_file (conversation, nothing, NULL));
  moving = g_list_model_get_item (messages, first + 1);
  file = srudp_chat_message_get_file (moving);
  srudp_chat_file_set_state (file, SRUDP_CHAT_FILE_MOVING, NULL);
  srudp_chat_file_restart_at (file, 10000000);
  srudp_chat_file_update (file, 1);
  srudp_chat_file_add_moved (file, 12300000);
  srudp_chat_file_update (file, 1 + G_USEC_PER_SEC);
}
