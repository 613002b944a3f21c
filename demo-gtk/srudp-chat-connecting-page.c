/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-connecting-page.c: the way to a connection, or why there is none
 */
#include "config.h"

#include "srudp-chat-connecting-page.h"

#include "srudp-chat-mnemonics.h"
#include "srudp-chat-numbers.h"
#include "srudp-chat-problem.h"
#include "srudp-chat-stage-row.h"
#include "srudp-chat-words.h"

#include <glib/gi18n.h>

struct _SrudpChatConnectingPage
{
  AdwBin parent_instance;

  SrudpChatConversation *conversation;
  SrudpChatLink *link;
  SrudpChatNetwork *network;
  guint tick_id;

  GtkStack *stack;
  GtkLabel *title;
  SrudpChatStageRow *finding_row;
  SrudpChatStageRow *waiting_row;
  SrudpChatStageRow *path_row;
  SrudpChatStageRow *securing_row;
  SrudpChatStageRow *connected_row;
  AdwStatusPage *failure;
  GtkLabel *diagnostics;
};

G_DEFINE_FINAL_TYPE (SrudpChatConnectingPage, srudp_chat_connecting_page, ADW_TYPE_BIN)

/* --- Progress -------------------------------------------------------------- */

static char *
waiting_detail (SrudpChatConnectingPage *self,
                SrudpConnectionState     state)
{
  gint64 since_us = srudp_chat_conversation_get_since (self->conversation);
  gint64 seconds = (g_get_monotonic_time () - since_us) / G_USEC_PER_SEC;

  if (state == SRUDP_CONNECTION_STATE_RESOLVING)
    return g_strdup (_ ("Looking up the address"));
  if (state != SRUDP_CONNECTION_STATE_WAITING)
    return NULL;
  /* Translators: how long it has been so, in minutes and seconds: 0:42 */
  return g_strdup_printf (_ ("Has your peer pasted your invitation? %d:%02d"),
                          (int) (seconds / 60), (int) (seconds % 60));
}

static void
set_row (SrudpChatStageRow    *row,
         SrudpConnectionState  state,
         SrudpConnectionState  first,
         SrudpConnectionState  beyond,
         const char           *detail)
{
  if (state >= beyond)
    srudp_chat_stage_row_set (row, SRUDP_CHAT_STAGE_DONE, NULL);
  else if (state >= first)
    srudp_chat_stage_row_set (row, SRUDP_CHAT_STAGE_ACTIVE, detail);
  else
    srudp_chat_stage_row_set (row, SRUDP_CHAT_STAGE_PENDING, NULL);
}

/* "203.0.113.1:5001 · 48 ms" */
static char *
found_detail (SrudpChatConnectingPage *self)
{
  const char *address = srudp_chat_network_get_public_address (self->network);
  gint64 rtt_us = srudp_chat_network_get_rtt (self->network);
  g_autofree char *rtt = NULL;

  if (address == NULL)
    return g_strdup (_ ("Only in your local network"));
  if (rtt_us < 0)
    return g_strdup (address);
  rtt = srudp_chat_numbers_for_rtt (rtt_us);
  /* Translators: the own address, and how long it took to ask for it:
   * "203.0.113.1:5001 · 48 ms". */
  return g_strdup_printf (_ ("%s · %s"), address, rtt);
}

/* Independent of the others: it may take longer than they do. */
static void
show_finding (SrudpChatConnectingPage *self)
{
  g_autofree char *found = found_detail (self);

  switch (srudp_chat_network_get_reach (self->network))
    {
    case SRUDP_CHAT_REACH_FINDING:
      srudp_chat_stage_row_set (self->finding_row, SRUDP_CHAT_STAGE_ACTIVE, NULL);
      break;
    case SRUDP_CHAT_REACH_SILENT:
      srudp_chat_stage_row_set (self->finding_row, SRUDP_CHAT_STAGE_FAILED,
                                _ ("The STUN servers did not answer"));
      break;
    case SRUDP_CHAT_REACH_PUBLIC:
    case SRUDP_CHAT_REACH_CHANGING:
    case SRUDP_CHAT_REACH_LOCAL:
    default:
      srudp_chat_stage_row_set (self->finding_row, SRUDP_CHAT_STAGE_DONE, found);
    }
}

/* The path is there, but the chat isn't yet. */
static char *
connected_detail (const SrudpChatLinkFacts *facts)
{
  g_autofree char *path = srudp_chat_numbers_for_path (facts);

  return g_strdup_printf ("%s\n%s", path, _ ("Waiting until your peer accepts"));
}

static void
show_progress (SrudpChatConnectingPage *self)
{
  SrudpConnectionState state = self->link != NULL ? srudp_chat_link_get_state (self->link)
                                                  : SRUDP_CONNECTION_STATE_NEW;
  g_autofree char *waiting = waiting_detail (self, state);
  g_autofree char *attempt = NULL, *connected = NULL;
  g_auto (SrudpChatLinkFacts) facts = { 0 };

  if (self->link != NULL)
    srudp_chat_link_get_facts (self->link, &facts);
  attempt = srudp_chat_numbers_for_attempt (&facts);
  connected = connected_detail (&facts);

  show_finding (self);
  set_row (self->waiting_row, state, SRUDP_CONNECTION_STATE_NEW,
           SRUDP_CONNECTION_STATE_PUNCHING, waiting);
  /* All addresses are tried from the beginning, and not only once the peer was
   * heard. */
  set_row (self->path_row, state, SRUDP_CONNECTION_STATE_WAITING,
           SRUDP_CONNECTION_STATE_SECURING, attempt);
  set_row (self->securing_row, state, SRUDP_CONNECTION_STATE_SECURING,
           SRUDP_CONNECTION_STATE_ESTABLISHED, _ ("Checking your peer’s key"));
  set_row (self->connected_row, state, SRUDP_CONNECTION_STATE_ESTABLISHED,
           SRUDP_CONNECTION_STATE_CLOSED, connected);
}

/* --- Failure --------------------------------------------------------------- */

static char *
describe_failure (SrudpChatConnectingPage *self)
{
  const GError *error = srudp_chat_conversation_get_error (self->conversation);
  g_autoptr (GError) hint = NULL;
  g_autofree char *tried = NULL;
  g_autoptr (GString) text = g_string_new (NULL);

  if (self->link != NULL)
    {
      tried = srudp_chat_link_dup_diagnostics (self->link);
      hint = srudp_chat_link_dup_hint (self->link);
    }
  if (error == NULL)
    error = hint;
  if (error != NULL)
    g_string_append (text, error->message);
  if (tried != NULL && *tried != '\0')
    g_string_append_printf (text, "%s%s", text->len > 0 ? "\n\n" : "", tried);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
show_failure (SrudpChatConnectingPage *self,
              const SrudpChatProblem  *problem)
{
  g_autofree char *body = g_markup_escape_text (problem->body, -1);
  g_autofree char *description = describe_failure (self);

  adw_status_page_set_title (self->failure, problem->title);
  adw_status_page_set_description (self->failure, body);
  gtk_label_set_label (self->diagnostics, description);
  gtk_stack_set_visible_child_name (self->stack, "failure");
}

/* What seems to stand in the way is told of early. Connecting goes on behind
 * it, so that a stranger who answers can't keep the peer away. */
static void
show_connecting (SrudpChatConnectingPage *self)
{
  g_auto (SrudpChatProblem) problem = { 0 };

  show_progress (self);
  if (srudp_chat_conversation_get_phase (self->conversation) != SRUDP_CHAT_PHASE_CONNECTING)
    return;
  if (!srudp_chat_problem_of_hint (self->conversation, self->network, &problem))
    gtk_stack_set_visible_child_name (self->stack, "progress");
  else if (g_strcmp0 (gtk_stack_get_visible_child_name (self->stack), "failure") != 0)
    show_failure (self, &problem);
}

static gboolean
tick_cb (gpointer user_data)
{
  show_connecting (user_data);
  return G_SOURCE_CONTINUE;
}

static void
copy_cb (GtkButton               *button,
         SrudpChatConnectingPage *self)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)),
                          gtk_label_get_label (self->diagnostics));
  gtk_widget_activate_action (GTK_WIDGET (self), "win.say", "s", _ ("Details copied"));
}

/* --- Following the conversation -------------------------------------------- */

static void
update (SrudpChatConnectingPage *self)
{
  SrudpChatPhase phase = srudp_chat_conversation_get_phase (self->conversation);
  g_autofree char *title = NULL;

  g_clear_handle_id (&self->tick_id, g_source_remove);
  if (phase == SRUDP_CHAT_PHASE_FAILED)
    {
      g_auto (SrudpChatProblem) problem =
        srudp_chat_problem_of_conversation (self->conversation, self->network);

      show_failure (self, &problem);
      return;
    }
  if (srudp_chat_conversation_was_invited (self->conversation)
      && srudp_chat_conversation_get_name (self->conversation) == NULL)
    title = g_strdup (_ ("Connecting to your peer"));
  else
    /* Translators: the placeholder is the peer's address or name. */
    title = g_strdup_printf (_ ("Connecting to %s"),
                             srudp_chat_conversation_get_title (self->conversation));
  gtk_label_set_label (self->title, title);
  show_connecting (self);
  if (phase == SRUDP_CHAT_PHASE_CONNECTING)
    self->tick_id = g_timeout_add_seconds (1, tick_cb, self);
}

static void
follow_link (SrudpChatConnectingPage *self)
{
  if (self->link != NULL)
    g_signal_handlers_disconnect_by_data (self->link, self);
  g_set_object (&self->link, srudp_chat_conversation_get_link (self->conversation));
  if (self->link != NULL)
    g_signal_connect_swapped (self->link, "notify::state", G_CALLBACK (show_connecting), self);
  update (self);
}

void
srudp_chat_connecting_page_show (SrudpChatConnectingPage *self,
                                 SrudpChatConversation   *conversation,
                                 SrudpChatNetwork        *network)
{
  g_return_if_fail (self->conversation == NULL);

  self->conversation = g_object_ref (conversation);
  self->network = g_object_ref (network);
  g_signal_connect_object (network, "found", G_CALLBACK (show_finding), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (conversation, "notify::link", G_CALLBACK (follow_link), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (conversation, "notify::phase", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  follow_link (self);
}

/* --- Object ---------------------------------------------------------------- */

static void
srudp_chat_connecting_page_dispose (GObject *object)
{
  SrudpChatConnectingPage *self = SRUDP_CHAT_CONNECTING_PAGE (object);

  g_clear_handle_id (&self->tick_id, g_source_remove);
  if (self->link != NULL)
    g_signal_handlers_disconnect_by_data (self->link, self);
  g_clear_object (&self->link);
  g_clear_object (&self->conversation);
  g_clear_object (&self->network);

  G_OBJECT_CLASS (srudp_chat_connecting_page_parent_class)->dispose (object);
}

static void
srudp_chat_connecting_page_class_init (SrudpChatConnectingPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = srudp_chat_connecting_page_dispose;

  g_type_ensure (SRUDP_CHAT_TYPE_STAGE_ROW);
  gtk_widget_class_set_template_from_resource (
    widget_class, "/org/srudp/Chat/srudp-chat-connecting-page.ui");
  gtk_widget_class_bind_template_child (widget_class, SrudpChatConnectingPage, stack);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatConnectingPage, title);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatConnectingPage, finding_row);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatConnectingPage, waiting_row);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatConnectingPage, path_row);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatConnectingPage, securing_row);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatConnectingPage, connected_row);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatConnectingPage, failure);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatConnectingPage, diagnostics);
  gtk_widget_class_bind_template_callback (widget_class, copy_cb);
}

static void
srudp_chat_connecting_page_init (SrudpChatConnectingPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  srudp_chat_words_wrap (GTK_WIDGET (self));
  srudp_chat_mnemonics_name (GTK_WIDGET (self));
}
