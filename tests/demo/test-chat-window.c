/*
 * SPDX-License-Identifier: MIT
 *
 * test-chat-window.c: every page of the chat shows, with no warning
 *
 * With SRUDP_CHAT_SHOTS set to a folder, pictures of the pages go there. With
 * SRUDP_CHAT_LOCALES, the folder of translations, it speaks LANGUAGE, and with
 * SRUDP_CHAT_TEXT_PERCENT it does so in letters of that size.
 */
#include "config.h"

#include "fake-network.h"
#include "srudp-chat-details-window.h"
#include "srudp-chat-verify-window.h"
#include "srudp-chat-preferences-window.h"
#include "srudp-chat-window.h"

#include <glib/gi18n.h>
#include <locale.h>
#include <stdlib.h>

#define SETTLE_MS 400
/* So often, where others keep the machine busy. */
#define PATIENCE 25
#define INVITATION \
  "srudp:0504p101107hc7945cs3jg279sanrrvae5w7z1mdjjdt5adgpyzcbk6kv82c1a5j2w9rk16b01rgf1h0046vg0" \
  "01001000r00g00a006rtnanexvsk6dvq9t7rev6"

typedef struct
{
  FakeNetwork *network;
  SrudpChatRoster *roster;
  SrudpChatWindow *window;
} Fixture;

static gboolean
settled_cb (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
  return G_SOURCE_REMOVE;
}

/* Lets transitions end. */
static void
settle (void)
{
  gboolean settled = FALSE;

  g_timeout_add (SETTLE_MS, settled_cb, &settled);
  while (!settled)
    g_main_context_iteration (NULL, TRUE);
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

static void
shoot (GtkWindow  *window,
       const char *name)
{
  const char *folder = g_getenv ("SRUDP_CHAT_SHOTS");
  GtkWidget *widget = GTK_WIDGET (window);
  g_autoptr (GskRenderNode) node = NULL;

  for (guint i = 0; node == NULL && i < PATIENCE; i++)
    {
      settle ();
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

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture->network = fake_network_new ();
  fixture->roster = srudp_chat_roster_new (SRUDP_CHAT_NETWORK (fixture->network), "Alice");
  fixture->window = srudp_chat_window_new (NULL, fixture->roster);
  gtk_window_present (GTK_WINDOW (fixture->window));
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  gtk_window_destroy (GTK_WINDOW (fixture->window));
  g_assert_finalize_object (fixture->roster);
  g_assert_finalize_object (fixture->network);
}

static SrudpChatConversation *
call (Fixture    *fixture,
      const char *text)
{
  g_auto (SrudpChatAddress) address = { 0 };
  g_autoptr (SrudpChatConversation) conversation = NULL;

  g_assert_cmpint (srudp_chat_address_parse (text, 5001, &address), ==,
                   SRUDP_CHAT_ADDRESS_GOOD);
  srudp_chat_window_call (fixture->window, &address);
  conversation = g_list_model_get_item (
    srudp_chat_roster_get_conversations (fixture->roster), 0);
  return conversation;
}

static void
speak (FakeLink           *link,
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

static guint64
get_id (SrudpChatConversation *conversation,
        guint                  position)
{
  g_autoptr (SrudpChatMessage) message = g_list_model_get_item (
    srudp_chat_conversation_get_messages (conversation), position);

  return srudp_chat_message_get_id (message);
}

static SrudpChatConversation *
start_talking (Fixture *fixture)
{
  SrudpChatConversation *conversation = call (fixture, "203.0.113.7:5001");
  FakeLink *link = fake_network_get_last (fixture->network);

  srudp_chat_link_set_state (SRUDP_CHAT_LINK (link), SRUDP_CONNECTION_STATE_ESTABLISHED);
  speak (link, SRUDP_CHAT_FRAME_HELLO, 0, "Bob");
  g_assert_cmpint (srudp_chat_conversation_get_phase (conversation), ==,
                   SRUDP_CHAT_PHASE_TALKING);
  return conversation;
}

static void
exchange_messages (SrudpChatConversation *conversation,
                   FakeLink              *link)
{
  speak (link, SRUDP_CHAT_FRAME_TEXT, 1, "Hello Alice! Can you read this?");
  srudp_chat_conversation_send (conversation, "Perfectly. No server in between 🎉");
  speak (link, SRUDP_CHAT_FRAME_RECEIPT, get_id (conversation, 1), NULL);
  speak (link, SRUDP_CHAT_FRAME_TEXT, 2,
         "Then <b>markup</b> & entities stay what they are: &amp; <i>");
  srudp_chat_conversation_send (conversation,
                                "Here is the long story of how two computers behind two "
                                "routers found each other: https://www.rfc-editor.org/rfc/rfc8445"
                                "\nAnd it even has a second line.");
  speak (link, SRUDP_CHAT_FRAME_TYPING, 0, NULL);
}

static void
test_new_page (Fixture       *fixture,
               gconstpointer  data)
{
  SrudpChatNewPage *page = srudp_chat_window_get_new_page (fixture->window);

  srudp_chat_network_found (SRUDP_CHAT_NETWORK (fixture->network), INVITATION,
                            SRUDP_CHAT_REACH_PUBLIC, "203.0.113.1:5001");
  srudp_chat_peers_remember (srudp_chat_roster_get_peers (fixture->roster), "id", "Bob",
                             "203.0.113.7:5001", TRUE);
  shoot (GTK_WINDOW (fixture->window), "new");
  srudp_chat_new_page_show_port_in_use (page, 5001);
  srudp_chat_new_page_enter (page, "what is this?");
  shoot (GTK_WINDOW (fixture->window), "new-refused");
  g_assert_null (fake_network_get_last (fixture->network));
  srudp_chat_new_page_enter (page, "127.0.0.1:5001");
  g_assert_null (fake_network_get_last (fixture->network));
  srudp_chat_new_page_enter (page, " “bob.example.org:5001” ");
  g_assert_nonnull (fake_network_get_last (fixture->network));
}

static void
test_connecting_page (Fixture       *fixture,
                      gconstpointer  data)
{
  SrudpChatConversation *conversation = call (fixture, "203.0.113.7:5001");
  FakeLink *link = fake_network_get_last (fixture->network);

  shoot (GTK_WINDOW (fixture->window), "connecting");
  srudp_chat_link_set_state (SRUDP_CHAT_LINK (link), SRUDP_CONNECTION_STATE_SECURING);
  shoot (GTK_WINDOW (fixture->window), "connecting-securing");
  fake_link_break (link, SRUDP_ERROR, SRUDP_ERROR_PEER_UNREACHABLE, "Nobody answered.");
  g_assert_cmpint (srudp_chat_conversation_get_phase (conversation), ==,
                   SRUDP_CHAT_PHASE_FAILED);
  shoot (GTK_WINDOW (fixture->window), "failed");
  gtk_widget_activate_action (GTK_WIDGET (fixture->window), "win.reconnect", NULL);
  g_assert_cmpint (srudp_chat_conversation_get_phase (conversation), ==,
                   SRUDP_CHAT_PHASE_CONNECTING);
  /* What a stranger says is told, and ends nothing. */
  link = fake_network_get_last (fixture->network);
  fake_link_set_hint (link, SRUDP_ERROR, SRUDP_ERROR_PEER_IDENTITY);
  srudp_chat_link_set_state (SRUDP_CHAT_LINK (link), SRUDP_CONNECTION_STATE_PUNCHING);
  shoot (GTK_WINDOW (fixture->window), "wrong-key");
  g_assert_cmpint (srudp_chat_conversation_get_phase (conversation), ==,
                   SRUDP_CHAT_PHASE_CONNECTING);
  gtk_widget_activate_action (GTK_WIDGET (fixture->window), "win.close-chat", NULL);
  settle ();
}

static void
test_request_page (Fixture       *fixture,
                   gconstpointer  data)
{
  g_autoptr (FakeLink) link = fake_link_new ("a-stranger");
  g_autoptr (SrudpChatConversation) conversation = NULL;

  srudp_chat_link_set_state (SRUDP_CHAT_LINK (link), SRUDP_CONNECTION_STATE_ESTABLISHED);
  srudp_chat_network_take_call (SRUDP_CHAT_NETWORK (fixture->network), SRUDP_CHAT_LINK (link));
  speak (link, SRUDP_CHAT_FRAME_HELLO, 0, "Bob");
  shoot (GTK_WINDOW (fixture->window), "request");
  conversation = g_list_model_get_item (
    srudp_chat_roster_get_conversations (fixture->roster), 0);
  g_assert_cmpuint (fake_link_get_n_sent (link), ==, 0);
  gtk_widget_activate_action (GTK_WIDGET (fixture->window), "win.accept", NULL);
  g_assert_cmpint (srudp_chat_conversation_get_phase (conversation), ==,
                   SRUDP_CHAT_PHASE_TALKING);
  settle ();
}

static void
test_talk_page (Fixture       *fixture,
                gconstpointer  data)
{
  SrudpChatConversation *conversation = start_talking (fixture);
  FakeLink *link = fake_network_get_last (fixture->network);

  shoot (GTK_WINDOW (fixture->window), "talk-empty");
  exchange_messages (conversation, link);
  shoot (GTK_WINDOW (fixture->window), "talk");
  srudp_chat_link_set_state (SRUDP_CHAT_LINK (link), SRUDP_CONNECTION_STATE_UNREACHABLE);
  shoot (GTK_WINDOW (fixture->window), "talk-silent");
  fake_link_break (link, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "Nothing heard.");
  shoot (GTK_WINDOW (fixture->window), "talk-lost");
  gtk_window_set_default_size (GTK_WINDOW (fixture->window), 360, 640);
  shoot (GTK_WINDOW (fixture->window), "talk-narrow");
}

/* One that is offered, one on its way, one that failed. */
static void
test_files (Fixture       *fixture,
            gconstpointer  data)
{
  SrudpChatConversation *conversation = start_talking (fixture);
  FakeLink *link = fake_network_get_last (fixture->network);
  g_autoptr (GFile) nothing = g_file_new_for_path ("/nothing/report.odt");
  static const SrudpChatFrame offers[] = {
    { .type = SRUDP_CHAT_FRAME_FILE, .id = 1, .size_bytes = 123456789,
      .text = (char *) "A photograph of the harbour at sunrise, from the hill.jpg" },
    { .type = SRUDP_CHAT_FRAME_FILE, .id = 2, .size_bytes = 5, .text = (char *) "notes.txt" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (offers); i++)
    {
      g_autoptr (GBytes) bytes = srudp_chat_frame_encode (&offers[i]);

      srudp_chat_link_receive (SRUDP_CHAT_LINK (link), bytes);
    }
  g_assert_true (srudp_chat_conversation_send_file (conversation, nothing, NULL));
  {
    g_autoptr (SrudpChatMessage) message =
      g_list_model_get_item (srudp_chat_conversation_get_messages (conversation), 1);
    SrudpChatFile *file = srudp_chat_message_get_file (message);

    srudp_chat_file_set_state (file, SRUDP_CHAT_FILE_MOVING, NULL);
    srudp_chat_file_restart_at (file, 1);
    srudp_chat_file_update (file, 1);
    srudp_chat_file_add_moved (file, 2);
    srudp_chat_file_update (file, 1 + G_USEC_PER_SEC);
  }
  settle ();
  shoot (GTK_WINDOW (fixture->window), "files");
}

static void
test_dark (Fixture       *fixture,
           gconstpointer  data)
{
  AdwStyleManager *style = adw_style_manager_get_default ();
  SrudpChatConversation *conversation = start_talking (fixture);

  adw_style_manager_set_color_scheme (style, ADW_COLOR_SCHEME_FORCE_DARK);
  exchange_messages (conversation, fake_network_get_last (fixture->network));
  shoot (GTK_WINDOW (fixture->window), "talk-dark");
  adw_style_manager_set_color_scheme (style, ADW_COLOR_SCHEME_DEFAULT);
}

static void
test_narrow (Fixture       *fixture,
             gconstpointer  data)
{
  gtk_window_set_default_size (GTK_WINDOW (fixture->window), 360, 640);
  shoot (GTK_WINDOW (fixture->window), "new-narrow");
  g_assert_cmpint (gtk_widget_get_width (GTK_WIDGET (fixture->window)), ==, 360);
  start_talking (fixture);
  gtk_widget_activate_action (GTK_WIDGET (fixture->window), "win.back", NULL);
  shoot (GTK_WINDOW (fixture->window), "chats-narrow");
}

static void
test_side_windows (Fixture       *fixture,
                   gconstpointer  data)
{
  SrudpChatConversation *conversation = start_talking (fixture);
  GtkWindow *parent = GTK_WINDOW (fixture->window);
  GtkWindow *details = srudp_chat_details_window_new (parent, conversation);
  GtkWindow *verify = srudp_chat_verify_window_new (parent, conversation);

  gtk_window_present (details);
  shoot (details, "details");
  gtk_window_destroy (details);
  gtk_window_present (verify);
  shoot (verify, "verify");
  gtk_window_destroy (verify);
}

static void
test_preferences (Fixture       *fixture,
                  gconstpointer  data)
{
  g_autoptr (GSettings) settings = g_settings_new ("org.srudp.Chat");
  GtkWindow *preferences =
    srudp_chat_preferences_window_new (GTK_WINDOW (fixture->window), settings,
                                       SRUDP_CHAT_NETWORK (fixture->network));

  gtk_window_present (preferences);
  shoot (preferences, "preferences");
  gtk_window_destroy (preferences);
}

/* A name that was verified comes back with another key. */
static void
test_suspect (Fixture       *fixture,
              gconstpointer  data)
{
  SrudpChatConversation *conversation;
  FakeLink *link;

  srudp_chat_peers_remember (srudp_chat_roster_get_peers (fixture->roster), "another-key",
                             "Bob", "203.0.113.7:5001", TRUE);
  conversation = start_talking (fixture);
  link = fake_network_get_last (fixture->network);
  g_assert_true (srudp_chat_conversation_is_suspect (conversation));
  srudp_chat_conversation_send (conversation, "Is it you?");
  g_assert_cmpuint (fake_link_get_n_sent (link), ==, 1);
  shoot (GTK_WINDOW (fixture->window), "suspect");
  gtk_widget_activate_action (GTK_WIDGET (fixture->window), "win.trust", NULL);
  g_assert_false (srudp_chat_conversation_is_suspect (conversation));
  g_assert_cmpuint (fake_link_get_n_sent (link), ==, 2);
}

static void
add (const char *path,
     void      (*test) (Fixture       *fixture,
                        gconstpointer  data))
{
  g_test_add (path, Fixture, NULL, set_up, test, tear_down);
}

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

static void
prepare_looks (void)
{
  const char *percent = g_getenv ("SRUDP_CHAT_TEXT_PERCENT");

  /* A picture of a page that is half faded in shows nothing. */
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, NULL);
  if (percent != NULL)
    g_object_set (gtk_settings_get_default (), "gtk-xft-dpi",
                  96 * 1024 * atoi (percent) / 100, NULL);
}

int
main (int    argc,
      char **argv)
{
  setlocale (LC_ALL, "");
  learn_language ();
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  speak_language ();
  prepare_looks ();
  gtk_icon_theme_add_resource_path (
    gtk_icon_theme_get_for_display (gdk_display_get_default ()), "/org/srudp/Chat/icons");
  {
    g_autoptr (GtkCssProvider) provider = gtk_css_provider_new ();

    gtk_css_provider_load_from_resource (provider, "/org/srudp/Chat/style.css");
    gtk_style_context_add_provider_for_display (gdk_display_get_default (),
                                                GTK_STYLE_PROVIDER (provider),
                                                GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
  }

  add ("/chat/window/new-chat", test_new_page);
  add ("/chat/window/connecting", test_connecting_page);
  add ("/chat/window/request", test_request_page);
  add ("/chat/window/talk", test_talk_page);
  add ("/chat/window/files", test_files);
  add ("/chat/window/dark", test_dark);
  add ("/chat/window/narrow", test_narrow);
  add ("/chat/window/verify-and-details", test_side_windows);
  add ("/chat/window/preferences", test_preferences);
  add ("/chat/window/a-known-name-with-another-key", test_suspect);
  return g_test_run ();
}
