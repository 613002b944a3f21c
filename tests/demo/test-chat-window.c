/*
 * SPDX-License-Identifier: MIT
 *
 * test-chat-window.c: every page of the chat shows, with no warning
 */
#include "config.h"

#include "census.h"
#include "srudp-chat-details-window.h"
#include "srudp-chat-emoji.h"
#include "srudp-chat-file-row.h"
#include "srudp-chat-preferences-window.h"
#include "srudp-chat-verify-window.h"
#include "stage.h"

#include <glib/gi18n.h>

/* How often all is drawn before something has to be gone */
#define PATIENCE_ROUNDS 10

#define INVITATION \
  "srudp:0504p101107hc7945cs3jg279sanrrvae5w7z1mdjjdt5adgpyzcbk6kv82c1a5j2w9rk16b01rgf1h0046vg0" \
  "01001000r00g00a006rtnanexvsk6dvq9t7rev6"

static void
test_new_page (Stage         *stage,
               gconstpointer  data)
{
  SrudpChatNewPage *page = srudp_chat_window_get_new_page (stage->window);

  srudp_chat_network_found (SRUDP_CHAT_NETWORK (stage->network), INVITATION,
                            SRUDP_CHAT_REACH_PUBLIC, "203.0.113.1:5001", -1);
  srudp_chat_peers_remember (srudp_chat_roster_get_peers (stage->roster), "id", "Bob",
                             "203.0.113.7:5001", TRUE);
  stage_shoot (GTK_WINDOW (stage->window), "new");
  srudp_chat_new_page_show_port_in_use (page, 5001);
  srudp_chat_new_page_enter (page, "what is this?");
  stage_shoot (GTK_WINDOW (stage->window), "new-refused");
  g_assert_null (fake_network_get_last (stage->network));
  srudp_chat_new_page_enter (page, "127.0.0.1:5001");
  g_assert_null (fake_network_get_last (stage->network));
  srudp_chat_new_page_enter (page, " “bob.example.org:5001” ");
  g_assert_nonnull (fake_network_get_last (stage->network));
}

static gboolean
shows (GtkWidget  *widget,
       const char *words)
{
  if (GTK_IS_LABEL (widget) && g_strcmp0 (gtk_label_get_label (GTK_LABEL (widget)), words) == 0)
    return gtk_widget_get_mapped (widget);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (shows (child, words))
      return TRUE;
  return FALSE;
}

static void
test_renewed (Stage         *stage,
              gconstpointer  data)
{
  const char *words = _ ("Your network has changed: there is a new invitation");

  g_assert_false (shows (GTK_WIDGET (stage->window), words));
  srudp_chat_network_renewed (SRUDP_CHAT_NETWORK (stage->network));
  stage_settle (GTK_WINDOW (stage->window));
  g_assert_true (shows (GTK_WIDGET (stage->window), words));
}

static void
test_connecting_page (Stage         *stage,
                      gconstpointer  data)
{
  SrudpChatConversation *conversation = stage_call (stage, "203.0.113.7:5001");
  FakeLink *link = fake_network_get_last (stage->network);

  srudp_chat_network_found (SRUDP_CHAT_NETWORK (stage->network), INVITATION,
                            SRUDP_CHAT_REACH_PUBLIC, "203.0.113.1:5001", 48000);
  stage_shoot (GTK_WINDOW (stage->window), "connecting");
  srudp_chat_link_set_state (SRUDP_CHAT_LINK (link), SRUDP_CONNECTION_STATE_SECURING);
  stage_shoot (GTK_WINDOW (stage->window), "connecting-securing");
  fake_link_break (link, SRUDP_ERROR, SRUDP_ERROR_PEER_UNREACHABLE, "Nobody answered.");
  g_assert_cmpint (srudp_chat_conversation_get_phase (conversation), ==,
                   SRUDP_CHAT_PHASE_FAILED);
  stage_shoot (GTK_WINDOW (stage->window), "failed");
  gtk_widget_activate_action (GTK_WIDGET (stage->window), "win.reconnect", NULL);
  g_assert_cmpint (srudp_chat_conversation_get_phase (conversation), ==,
                   SRUDP_CHAT_PHASE_CONNECTING);
  /* What a stranger says is told, and ends nothing. */
  link = fake_network_get_last (stage->network);
  fake_link_set_hint (link, SRUDP_ERROR, SRUDP_ERROR_PEER_IDENTITY);
  srudp_chat_link_set_state (SRUDP_CHAT_LINK (link), SRUDP_CONNECTION_STATE_PUNCHING);
  stage_shoot (GTK_WINDOW (stage->window), "wrong-key");
  g_assert_cmpint (srudp_chat_conversation_get_phase (conversation), ==,
                   SRUDP_CHAT_PHASE_CONNECTING);
  gtk_widget_activate_action (GTK_WIDGET (stage->window), "win.close-chat", NULL);
  stage_settle (GTK_WINDOW (stage->window));
}

static void
test_request_page (Stage         *stage,
                   gconstpointer  data)
{
  g_autoptr (FakeLink) link = fake_link_new ("a-stranger");
  g_autoptr (SrudpChatConversation) conversation = NULL;

  srudp_chat_link_set_state (SRUDP_CHAT_LINK (link), SRUDP_CONNECTION_STATE_ESTABLISHED);
  srudp_chat_network_take_call (SRUDP_CHAT_NETWORK (stage->network), SRUDP_CHAT_LINK (link));
  stage_hear (link, SRUDP_CHAT_FRAME_HELLO, 0, "Bob");
  stage_shoot (GTK_WINDOW (stage->window), "request");
  conversation = g_list_model_get_item (
    srudp_chat_roster_get_conversations (stage->roster), 0);
  g_assert_cmpuint (fake_link_get_n_sent (link), ==, 0);
  gtk_widget_activate_action (GTK_WIDGET (stage->window), "win.accept", NULL);
  g_assert_cmpint (srudp_chat_conversation_get_phase (conversation), ==,
                   SRUDP_CHAT_PHASE_TALKING);
  stage_settle (GTK_WINDOW (stage->window));
}

/* Whose key is known is no stranger, whatever the name. */
static void
test_callers (Stage         *stage,
              gconstpointer  data)
{
  static const struct
  {
    const char *known_key;
    const char *calling_key;
    gboolean verified;
    const char *words;
  } table[] = {
    { "bobs-key", "bobs-key", TRUE,
      N_ ("Calling from %s. This is the peer you verified in an earlier chat.") },
    { "bobs-key", "bobs-key", FALSE,
      N_ ("Calling from %s. This is a peer of an earlier chat; you can verify later who "
          "it is.") },
    { "bobs-key", "another-key", TRUE,
      N_ ("Calling from %s. Somebody you verified had this name, but another key. It may be "
          "someone else.") },
    { "carols-key", "a-strangers-key", FALSE,
      N_ ("Calling from %s. Anybody can use any name; you can verify later who it is.") },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    {
      SrudpChatPeers *peers = srudp_chat_roster_get_peers (stage->roster);
      g_autoptr (FakeLink) link = fake_link_new (table[i].calling_key);
      g_autoptr (GString) words = g_string_new (_ (table[i].words));

      g_string_replace (words, "%s", "203.0.113.7:5001", 1);
      srudp_chat_peers_remember (peers, table[i].known_key, i < 3 ? "Bob" : "Carol",
                                 "203.0.113.7:5001", table[i].verified);
      srudp_chat_link_set_state (SRUDP_CHAT_LINK (link), SRUDP_CONNECTION_STATE_ESTABLISHED);
      srudp_chat_network_take_call (SRUDP_CHAT_NETWORK (stage->network),
                                    SRUDP_CHAT_LINK (link));
      stage_hear (link, SRUDP_CHAT_FRAME_HELLO, 0, "Bob");
      stage_settle (GTK_WINDOW (stage->window));
      g_assert_true (shows (GTK_WIDGET (stage->window), words->str));
      gtk_widget_activate_action (GTK_WIDGET (stage->window), "win.decline", NULL);
      srudp_chat_peers_forget (peers, table[i].known_key);
    }
}

static void
test_talk_page (Stage         *stage,
                gconstpointer  data)
{
  SrudpChatConversation *conversation = stage_start_talking (stage);
  FakeLink *link = fake_network_get_last (stage->network);

  stage_shoot (GTK_WINDOW (stage->window), "talk-empty");
  stage_exchange_messages (conversation, link);
  stage_shoot (GTK_WINDOW (stage->window), "talk");
  srudp_chat_link_set_state (SRUDP_CHAT_LINK (link), SRUDP_CONNECTION_STATE_UNREACHABLE);
  stage_shoot (GTK_WINDOW (stage->window), "talk-silent");
  fake_link_break (link, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "Nothing heard.");
  stage_shoot (GTK_WINDOW (stage->window), "talk-lost");
  gtk_window_set_default_size (GTK_WINDOW (stage->window), 360, 640);
  stage_shoot (GTK_WINDOW (stage->window), "talk-narrow");
}

static void
test_files (Stage         *stage,
            gconstpointer  data)
{
  SrudpChatConversation *conversation = stage_start_talking (stage);

  stage_exchange_files (conversation, fake_network_get_last (stage->network));
  stage_shoot (GTK_WINDOW (stage->window), "files");
}

/* How many files have an icon below @widget; each has to be a symbol. */
static guint
count_symbols (GtkWidget *widget)
{
  guint n = 0;

  if (GTK_IS_IMAGE (widget)
      && gtk_widget_get_ancestor (widget, SRUDP_CHAT_TYPE_FILE_ROW) != NULL)
    {
      GtkIconTheme *theme = gtk_icon_theme_get_for_display (gtk_widget_get_display (widget));
      g_autoptr (GtkIconPaintable) icon = gtk_icon_theme_lookup_by_gicon (
        theme, gtk_image_get_gicon (GTK_IMAGE (widget)), 32, 1, GTK_TEXT_DIR_LTR, 0);

      g_assert_true (gtk_icon_paintable_is_symbolic (icon));
      n++;
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    n += count_symbols (child);
  return n;
}

/* Whatever they are, and though the theme may have no symbol for that. */
static void
test_kinds_of_files (Stage         *stage,
                     gconstpointer  data)
{
  static const char *const names[] = { "data.bin", "harbour.jpg", "novel.epub", "code.c", "all" };

  stage_start_talking (stage);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      SrudpChatFrame frame = { .type = SRUDP_CHAT_FRAME_FILE, .id = 20 + i,
                               .size_bytes = 1000, .text = (char *) names[i] };
      g_autoptr (GBytes) bytes = srudp_chat_frame_encode (&frame);

      srudp_chat_link_receive (SRUDP_CHAT_LINK (fake_network_get_last (stage->network)), bytes);
    }
  stage_shoot (GTK_WINDOW (stage->window), "kinds-of-files");
  g_assert_cmpuint (count_symbols (GTK_WIDGET (stage->window)), ==, G_N_ELEMENTS (names));
}

static void
test_dark (Stage         *stage,
           gconstpointer  data)
{
  AdwStyleManager *style = adw_style_manager_get_default ();
  SrudpChatConversation *conversation = stage_start_talking (stage);

  adw_style_manager_set_color_scheme (style, ADW_COLOR_SCHEME_FORCE_DARK);
  stage_exchange_messages (conversation, fake_network_get_last (stage->network));
  stage_shoot (GTK_WINDOW (stage->window), "talk-dark");
  adw_style_manager_set_color_scheme (style, ADW_COLOR_SCHEME_DEFAULT);
}

static void
test_narrow (Stage         *stage,
             gconstpointer  data)
{
  gtk_window_set_default_size (GTK_WINDOW (stage->window), 360, 640);
  stage_shoot (GTK_WINDOW (stage->window), "new-narrow");
  g_assert_cmpint (gtk_widget_get_width (GTK_WIDGET (stage->window)), ==, 360);
  stage_start_talking (stage);
  gtk_widget_activate_action (GTK_WIDGET (stage->window), "win.back", NULL);
  stage_shoot (GTK_WINDOW (stage->window), "chats-narrow");
}

static void
test_side_windows (Stage         *stage,
                   gconstpointer  data)
{
  SrudpChatConversation *conversation = stage_start_talking (stage);
  GtkWindow *parent = GTK_WINDOW (stage->window);
  GtkWindow *details = srudp_chat_details_window_new (parent, conversation);
  GtkWindow *verify = srudp_chat_verify_window_new (parent, conversation);

  gtk_window_present (details);
  stage_shoot (details, "details");
  gtk_window_destroy (details);
  gtk_window_present (verify);
  stage_shoot (verify, "verify");
  gtk_window_destroy (verify);
}

static gboolean
shows_label (GtkWidget  *widget,
             const char *text)
{
  if (!gtk_widget_get_visible (widget))
    return FALSE;
  if (GTK_IS_LABEL (widget)
      && g_strcmp0 (gtk_label_get_label (GTK_LABEL (widget)), text) == 0)
    return TRUE;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (shows_label (child, text))
      return TRUE;

  return FALSE;
}

/* The emoji come when both sides know them, names and all; what has to wrap on
 * a telephone wraps. */
static void
test_short_code (Stage         *stage,
                 gconstpointer  data)
{
  static const char code[] = "🐢 🍓 🌻 ⛄ ⏳ 🔑 🌍";
  g_auto (GStrv) emoji = g_strsplit (code, " ", -1);
  SrudpChatConversation *conversation = stage_start_talking (stage);
  FakeLink *link = FAKE_LINK (srudp_chat_conversation_get_link (conversation));
  GtkWindow *verify =
    srudp_chat_verify_window_new (GTK_WINDOW (stage->window), conversation);

  gtk_window_set_default_size (verify, 360, 640);
  gtk_window_present (verify);
  stage_shoot (verify, "verify-old-peer");
  g_assert_false (shows_label (GTK_WIDGET (verify), srudp_chat_emoji_get_name (emoji[0])));
  g_assert_true (shows_label (GTK_WIDGET (verify), _ ("I have compared all the numbers")));

  fake_link_set_short_code (link, code);
  stage_shoot (verify, "verify-narrow");
  g_assert_true (shows_label (GTK_WIDGET (verify),
                              _ ("I have compared the emoji, or all the numbers")));
  for (guint i = 0; emoji[i] != NULL; i++)
    {
      g_assert_true (shows_label (GTK_WIDGET (verify), emoji[i]));
      g_assert_true (shows_label (GTK_WIDGET (verify),
                                  srudp_chat_emoji_get_name (emoji[i])));
    }
  g_assert_cmpint (gtk_widget_get_width (GTK_WIDGET (verify)), ==, 360);
  gtk_window_destroy (verify);
}

static void
test_preferences (Stage         *stage,
                  gconstpointer  data)
{
  g_autoptr (GSettings) settings = g_settings_new ("org.srudp.Chat");
  GtkWindow *preferences =
    srudp_chat_preferences_window_new (GTK_WINDOW (stage->window), settings,
                                       SRUDP_CHAT_NETWORK (stage->network));

  gtk_window_present (preferences);
  stage_shoot (preferences, "preferences");
  gtk_window_destroy (preferences);
}

/* A name that was verified comes back with another key. */
static void
test_suspect (Stage         *stage,
              gconstpointer  data)
{
  SrudpChatConversation *conversation;
  FakeLink *link;

  srudp_chat_peers_remember (srudp_chat_roster_get_peers (stage->roster), "another-key",
                             "Bob", "203.0.113.7:5001", TRUE);
  conversation = stage_start_talking (stage);
  link = fake_network_get_last (stage->network);
  g_assert_true (srudp_chat_conversation_is_suspect (conversation));
  srudp_chat_conversation_send (conversation, "Is it you?");
  g_assert_cmpuint (fake_link_get_n_sent (link), ==, 1);
  stage_shoot (GTK_WINDOW (stage->window), "suspect");
  gtk_widget_activate_action (GTK_WIDGET (stage->window), "win.trust", NULL);
  g_assert_false (srudp_chat_conversation_is_suspect (conversation));
  g_assert_cmpuint (fake_link_get_n_sent (link), ==, 2);
}

static gboolean
any_alive (const char *const *type_names)
{
  for (gsize i = 0; type_names[i] != NULL; i++)
    if (census_count (type_names[i]) > 0)
      return TRUE;
  return FALSE;
}

/* Neither the window nor anybody else keeps anything of it. */
static void
test_closed (Stage         *stage,
             gconstpointer  data)
{
  static const char *const of_a_chat[] = {
    "SrudpChatConversation", "SrudpChatConversationView", "SrudpChatFile",
    "SrudpChatFileRow", "SrudpChatMessage", "SrudpChatMessageRow", NULL
  };
  SrudpChatConversation *conversation = stage_start_talking (stage);
  FakeLink *link = fake_network_get_last (stage->network);
  g_autofree char *left = NULL;

  stage_exchange_messages (conversation, link);
  stage_exchange_files (conversation, link);
  stage_settle (GTK_WINDOW (stage->window));
  for (gsize i = 0; of_a_chat[i] != NULL; i++)
    g_assert_cmpuint (census_count (of_a_chat[i]), >, 0);
  gtk_widget_activate_action (GTK_WIDGET (stage->window), "win.close-chat", NULL);
  for (guint i = 0; i < PATIENCE_ROUNDS && any_alive (of_a_chat); i++)
    stage_settle (GTK_WINDOW (stage->window));
  left = census_tell ();
  g_test_message ("still alive: %s", left);
  for (gsize i = 0; of_a_chat[i] != NULL; i++)
    g_assert_cmpuint (census_count (of_a_chat[i]), ==, 0);
}

static void
add (const char *path,
     void      (*test) (Stage         *stage,
                        gconstpointer  data))
{
  g_test_add (path, Stage, NULL, stage_set_up, test, stage_tear_down);
}

int
main (int    argc,
      char **argv)
{
  stage_init (&argc, &argv);

  add ("/chat/window/new-chat", test_new_page);
  add ("/chat/window/a-new-invitation-is-told-of", test_renewed);
  add ("/chat/window/connecting", test_connecting_page);
  add ("/chat/window/request", test_request_page);
  add ("/chat/window/whose-key-is-known-is-no-stranger", test_callers);
  add ("/chat/window/talk", test_talk_page);
  add ("/chat/window/files", test_files);
  add ("/chat/window/every-kind-of-file-has-a-symbol", test_kinds_of_files);
  add ("/chat/window/dark", test_dark);
  add ("/chat/window/narrow", test_narrow);
  add ("/chat/window/verify-and-details", test_side_windows);
  add ("/chat/window/emoji-to-compare", test_short_code);
  add ("/chat/window/preferences", test_preferences);
  add ("/chat/window/a-known-name-with-another-key", test_suspect);
  add ("/chat/window/a-closed-chat-leaves-nothing", test_closed);
  return g_test_run ();
}
