/*
 * SPDX-License-Identifier: MIT
 *
 * test-chat-fit.c: every page of the chat fits on a narrow screen, whatever the
 * size of letters
 */
#include "config.h"

#include "srudp-chat-details-window.h"
#include "srudp-chat-preferences-window.h"
#include "srudp-chat-verify-window.h"
#include "stage.h"

#include <time.h>

#define NARROW_WIDTH 360
#define NARROW_HEIGHT 640
#define ROOMY_WIDTH 900

#define INVITATION \
  "srudp:0504p101107hc7945cs3jg279sanrrvae5w7z1mdjjdt5adgpyzcbk6kv82c1a5j2w9rk16b01rgf1h0046vg0" \
  "01001000r00g00a006rtnanexvsk6dvq9t7rev6"

static const int text_percents[] = { 100, 150, 200 };

/* --- The pages ------------------------------------------------------------- */

static void
show_new (Stage *stage)
{
  srudp_chat_network_found (SRUDP_CHAT_NETWORK (stage->network), INVITATION,
                            SRUDP_CHAT_REACH_PUBLIC, "203.0.113.1:5001", -1);
  srudp_chat_peers_remember (srudp_chat_roster_get_peers (stage->roster), "id", "Bob",
                             "203.0.113.7:5001", TRUE);
}

static void
show_refused (Stage *stage)
{
  SrudpChatNewPage *page = srudp_chat_window_get_new_page (stage->window);

  show_new (stage);
  srudp_chat_new_page_show_port_in_use (page, 5001);
  srudp_chat_new_page_enter (page, "what is this?");
}

static void
show_connecting (Stage *stage)
{
  stage_call (stage, "203.0.113.7:5001");
}

static void
show_failed (Stage *stage)
{
  stage_call (stage, "203.0.113.7:5001");
  fake_link_break (fake_network_get_last (stage->network), SRUDP_ERROR,
                   SRUDP_ERROR_PEER_UNREACHABLE, "Nobody answered.");
}

static void
show_request (Stage *stage)
{
  g_autoptr (FakeLink) link = fake_link_new ("a-stranger");

  srudp_chat_peers_remember (srudp_chat_roster_get_peers (stage->roster), "another-key", "Bob",
                             "203.0.113.7:5001", TRUE);
  srudp_chat_link_set_state (SRUDP_CHAT_LINK (link), SRUDP_CONNECTION_STATE_ESTABLISHED);
  srudp_chat_network_take_call (SRUDP_CHAT_NETWORK (stage->network), SRUDP_CHAT_LINK (link));
  stage_hear (link, SRUDP_CHAT_FRAME_HELLO, 0, "Bob");
}

static void
show_empty_chat (Stage *stage)
{
  stage_start_talking (stage);
}

static void
show_chat (Stage *stage)
{
  SrudpChatConversation *conversation = stage_start_talking (stage);
  FakeLink *link = fake_network_get_last (stage->network);

  stage_exchange_messages (conversation, link);
  stage_exchange_files (conversation, link);
}

static void
show_lost_chat (Stage *stage)
{
  SrudpChatConversation *conversation = stage_start_talking (stage);

  stage_exchange_messages (conversation, fake_network_get_last (stage->network));
  fake_link_break (fake_network_get_last (stage->network), G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                   "Nothing heard.");
}

static void
show_suspect (Stage *stage)
{
  srudp_chat_peers_remember (srudp_chat_roster_get_peers (stage->roster), "another-key", "Bob",
                             "203.0.113.7:5001", TRUE);
  stage_start_talking (stage);
}

static void
show_chats (Stage *stage)
{
  SrudpChatConversation *conversation = stage_start_talking (stage);

  stage_exchange_messages (conversation, fake_network_get_last (stage->network));
  gtk_widget_activate_action (GTK_WIDGET (stage->window), "win.back", NULL);
}

static GtkWindow *
open_details (Stage *stage)
{
  return srudp_chat_details_window_new (GTK_WINDOW (stage->window),
                                        stage_start_talking (stage));
}

static GtkWindow *
open_verify (Stage *stage)
{
  SrudpChatConversation *conversation = stage_start_talking (stage);

  fake_link_set_short_code (FAKE_LINK (srudp_chat_conversation_get_link (conversation)),
                            "🌍 ⛄ 🌽 🐢 🍓 💡 📷");
  return srudp_chat_verify_window_new (GTK_WINDOW (stage->window), conversation);
}

static GtkWindow *
open_preferences (Stage *stage)
{
  g_autoptr (GSettings) settings = g_settings_new ("org.srudp.Chat");

  return srudp_chat_preferences_window_new (GTK_WINDOW (stage->window), settings,
                                            SRUDP_CHAT_NETWORK (stage->network));
}

/* Either something in Alice's window, or a window beside it. */
typedef struct
{
  const char *name;
  void (*show) (Stage *stage);
  GtkWindow *(*open) (Stage *stage);
} Page;

static const Page pages[] = {
  { "new", show_new, NULL },
  { "refused", show_refused, NULL },
  { "connecting", show_connecting, NULL },
  { "failed", show_failed, NULL },
  { "request", show_request, NULL },
  { "empty-chat", show_empty_chat, NULL },
  { "chat", show_chat, NULL },
  { "lost-chat", show_lost_chat, NULL },
  { "suspect", show_suspect, NULL },
  { "chats", show_chats, NULL },
  { "details", NULL, open_details },
  { "verify", NULL, open_verify },
  { "preferences", NULL, open_preferences },
};

/* --- Looking --------------------------------------------------------------- */

static int
get_least_width (GtkWidget *widget)
{
  int width;

  gtk_widget_measure (widget, GTK_ORIENTATION_HORIZONTAL, -1, &width, NULL, NULL, NULL);
  return width;
}

/* Names who needs so much, for whoever has to mend it. */
static void
blame (GtkWidget *widget,
       int        depth)
{
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (get_least_width (child) > NARROW_WIDTH - 60)
      {
        g_test_message ("%*s%s needs %d", depth, "", G_OBJECT_TYPE_NAME (child),
                        get_least_width (child));
        blame (child, depth + 2);
      }
}

static void
assert_narrow (GtkWindow  *window,
               const char *name,
               int         percent)
{
  int width = get_least_width (GTK_WIDGET (window));

  if (width <= NARROW_WIDTH)
    return;
  blame (GTK_WIDGET (window), 0);
  g_test_fail_printf ("%s at %d %% needs %d", name, percent, width);
}

/* What is known from elsewhere or only a glimpse may be cut: what follows a name
 * in the list of chats, and the names of files. */
static gboolean
may_be_cut (GtkWidget *label)
{
  return gtk_label_get_ellipsize (GTK_LABEL (label)) == PANGO_ELLIPSIZE_MIDDLE
         || (gtk_widget_has_css_class (label, "caption")
             && gtk_widget_get_ancestor (label, GTK_TYPE_LIST_BOX_ROW) != NULL);
}

static void
assert_whole (GtkWidget  *widget,
              const char *name,
              int         percent)
{
  if (!gtk_widget_get_mapped (widget))
    return;
  if (GTK_IS_LABEL (widget) && !may_be_cut (widget)
      && pango_layout_is_ellipsized (gtk_label_get_layout (GTK_LABEL (widget))))
    g_test_fail_printf ("%s at %d %% cuts “%s”", name, percent,
                        gtk_label_get_label (GTK_LABEL (widget)));
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    assert_whole (child, name, percent);
}

static void
test_page (Stage         *stage,
           gconstpointer  data)
{
  const Page *page = data;
  GtkWindow *window = GTK_WINDOW (stage->window);

  if (page->show != NULL)
    page->show (stage);
  else
    window = page->open (stage);
  gtk_window_present (window);
  for (gsize i = 0; i < G_N_ELEMENTS (text_percents); i++)
    {
      g_autofree char *picture = g_strdup_printf ("fit-%s-%d", page->name, text_percents[i]);

      stage_set_text_percent (text_percents[i]);
      gtk_window_set_default_size (window, NARROW_WIDTH, NARROW_HEIGHT);
      stage_shoot (window, picture);
      assert_narrow (window, page->name, text_percents[i]);
      assert_whole (GTK_WIDGET (window), page->name, text_percents[i]);
    }
  stage_set_text_percent (100);
  if (page->open != NULL)
    gtk_window_destroy (window);
}

/* --- The end stays in view ------------------------------------------------- */

static GtkWidget *
find (GtkWidget *widget,
      GType      type,
      gboolean (*suits) (GtkWidget *widget))
{
  if (G_TYPE_CHECK_INSTANCE_TYPE (widget, type) && suits (widget))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find (child, type, suits);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static gboolean
is_messages (GtkWidget *widget)
{
  return gtk_widget_has_css_class (widget, "messages");
}

static GtkAdjustment *
find_adjustment (Stage *stage)
{
  GtkWidget *list = find (GTK_WIDGET (stage->window), GTK_TYPE_LIST_BOX, is_messages);

  g_assert_nonnull (list);
  return gtk_scrolled_window_get_vadjustment (
    GTK_SCROLLED_WINDOW (gtk_widget_get_ancestor (list, GTK_TYPE_SCROLLED_WINDOW)));
}

static void
assert_at_end (GtkAdjustment *adjustment)
{
  g_assert_cmpfloat (gtk_adjustment_get_value (adjustment), ==,
                     gtk_adjustment_get_upper (adjustment)
                       - gtk_adjustment_get_page_size (adjustment));
}

static void
talk_much (Stage *stage)
{
  SrudpChatConversation *conversation = stage_start_talking (stage);
  FakeLink *link = fake_network_get_last (stage->network);

  for (guint i = 0; i < 12; i++)
    {
      stage_hear (link, SRUDP_CHAT_FRAME_TEXT, 1 + i,
                  "Something that is told in a line where there is room, and in many on a "
                  "narrow screen.");
      srudp_chat_conversation_send (conversation, "Is that so?");
    }
}

static void
test_end (Stage         *stage,
          gconstpointer  data)
{
  GtkWindow *window = GTK_WINDOW (stage->window);
  GtkAdjustment *adjustment;
  FakeLink *link;

  talk_much (stage);
  link = fake_network_get_last (stage->network);
  stage_settle (window);
  adjustment = find_adjustment (stage);
  assert_at_end (adjustment);
  for (gsize i = 0; i < G_N_ELEMENTS (text_percents); i++)
    {
      g_autofree char *picture = g_strdup_printf ("end-%d", text_percents[i]);

      stage_set_text_percent (text_percents[i]);
      stage_settle (window);
      assert_at_end (adjustment);
      gtk_window_set_default_size (window, NARROW_WIDTH, NARROW_HEIGHT);
      stage_shoot (window, picture);
      g_assert_cmpfloat (gtk_adjustment_get_upper (adjustment), >, NARROW_HEIGHT);
      assert_at_end (adjustment);
      srudp_chat_link_set_state (SRUDP_CHAT_LINK (link), SRUDP_CONNECTION_STATE_UNREACHABLE);
      stage_settle (window);
      assert_at_end (adjustment);
      srudp_chat_link_set_state (SRUDP_CHAT_LINK (link), SRUDP_CONNECTION_STATE_ESTABLISHED);
      gtk_window_set_default_size (window, ROOMY_WIDTH, NARROW_HEIGHT);
      stage_settle (window);
      assert_at_end (adjustment);
    }
  stage_set_text_percent (100);
}

/* Who reads what was said before is left there. */
static void
test_place (Stage         *stage,
            gconstpointer  data)
{
  GtkAdjustment *adjustment;

  talk_much (stage);
  stage_settle (GTK_WINDOW (stage->window));
  adjustment = find_adjustment (stage);
  gtk_adjustment_set_value (adjustment, 0);
  stage_settle (GTK_WINDOW (stage->window));
  gtk_window_set_default_size (GTK_WINDOW (stage->window), NARROW_WIDTH, NARROW_HEIGHT);
  stage_settle (GTK_WINDOW (stage->window));
  g_assert_cmpfloat (gtk_adjustment_get_value (adjustment), ==, 0);
}

/* --- Whatever is written ---------------------------------------------------- */

static gboolean
is_shown (GtkWidget *widget)
{
  return gtk_widget_get_mapped (widget);
}

static gboolean
is_below_a_message (GtkWidget *widget)
{
  return gtk_widget_get_mapped (widget) && gtk_widget_has_css_class (widget, "retry");
}

/* Seconds of computing, however busy the machine is, until @text is seen whole: as
 * one writes it, and as the peer did. */
static double
time_text (Stage      *stage,
           guint64     id,
           const char *text)
{
  GtkWindow *window = GTK_WINDOW (stage->window);
  GtkWidget *view = find (GTK_WIDGET (window), GTK_TYPE_TEXT_VIEW, is_shown);
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (view));
  clock_t began = clock ();

  gtk_text_buffer_set_text (buffer, text, -1);
  stage_settle (window);
  gtk_text_buffer_set_text (buffer, "", -1);
  stage_hear (fake_network_get_last (stage->network), SRUDP_CHAT_FRAME_TEXT, id, text);
  stage_settle (window);
  g_signal_emit_by_name (find (GTK_WIDGET (window), GTK_TYPE_BUTTON, is_below_a_message),
                         "clicked");
  stage_settle (window);
  return (double) (clock () - began) / CLOCKS_PER_SEC;
}

/* A line with no place to break it, as long as a message may be, keeps nobody
 * waiting much longer than one of words. */
static void
test_endless_line (Stage         *stage,
                   gconstpointer  data)
{
  g_autofree char *endless = g_strnfill (SRUDP_CHAT_MAX_TEXT_BYTES, 'x');
  g_autofree char *words = g_strnfill (SRUDP_CHAT_MAX_TEXT_BYTES, 'x');
  double endless_s, words_s;

  for (gsize i = 5; i < SRUDP_CHAT_MAX_TEXT_BYTES; i += 6)
    words[i] = ' ';
  stage_start_talking (stage);
  stage_settle (GTK_WINDOW (stage->window));
  words_s = time_text (stage, 1, words);
  endless_s = time_text (stage, 2, endless);
  g_test_message ("words %.2f s, one word %.2f s", words_s, endless_s);
  g_assert_cmpfloat (endless_s, <, 10 * words_s);
}

int
main (int    argc,
      char **argv)
{
  stage_init (&argc, &argv);

  for (gsize i = 0; i < G_N_ELEMENTS (pages); i++)
    {
      g_autofree char *path = g_strdup_printf ("/chat/fit/narrow/%s", pages[i].name);

      g_test_add (path, Stage, &pages[i], stage_set_up, test_page, stage_tear_down);
    }
  g_test_add ("/chat/fit/the-end-stays-in-view", Stage, NULL, stage_set_up, test_end,
              stage_tear_down);
  g_test_add ("/chat/fit/what-is-read-stays-in-view", Stage, NULL, stage_set_up, test_place,
              stage_tear_down);
  g_test_add ("/chat/fit/a-line-without-end-keeps-nobody-waiting", Stage, NULL, stage_set_up,
              test_endless_line, stage_tear_down);
  return g_test_run ();
}
