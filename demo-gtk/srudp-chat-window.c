/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-window.c: the window: chats at the side, one of them at large
 */
#include "config.h"

#include "srudp-chat-window.h"

#include "srudp-chat-attachments.h"
#include "srudp-chat-conversation-view.h"
#include "srudp-chat-details-window.h"
#include "srudp-chat-numbers.h"
#include "srudp-chat-sidebar-row.h"
#include "srudp-chat-verify-window.h"
#include "srudp-chat-words.h"

#include <glib/gi18n.h>

struct _SrudpChatWindow
{
  AdwApplicationWindow parent_instance;

  SrudpChatRoster *roster;
  SrudpChatConversation *selected; /* NULL: a new chat */
  guint refresh_id;

  AdwToastOverlay *toasts;
  AdwLeaflet *leaflet;
  AdwHeaderBar *sidebar_header;
  AdwHeaderBar *content_header;
  AdwWindowTitle *content_title;
  GtkListBox *chat_list;
  GtkWidget *back_button;
  GtkMenuButton *chat_menu_button;
  GtkStack *pages;
  SrudpChatNewPage *new_page;
};

G_DEFINE_FINAL_TYPE (SrudpChatWindow, srudp_chat_window, ADW_TYPE_APPLICATION_WINDOW)

static void
say (SrudpChatWindow *self,
     const char      *text)
{
  adw_toast_overlay_add_toast (self->toasts, adw_toast_new (text));
}

/* --- The header ------------------------------------------------------------ */

/* "Direct · 31 ms · Not verified" */
static char *
describe_connection (SrudpChatConversation *conversation)
{
  SrudpChatLink *link = srudp_chat_conversation_get_link (conversation);
  SrudpChatPresence presence = srudp_chat_conversation_get_presence (conversation);
  const char *trust = srudp_chat_conversation_get_verified (conversation) ? _ ("Verified")
                      : srudp_chat_conversation_was_invited (conversation)
                        ? _ ("Verified by invitation") : _ ("Not verified");
  g_auto (SrudpChatLinkFacts) facts = { 0 };
  g_autofree char *rtt = NULL;

  /* A line that the peer has left may close a moment later. */
  if (link == NULL || !srudp_chat_link_is_up (link) || presence > SRUDP_CHAT_PRESENCE_SILENT)
    return g_strdup (_ ("Not connected"));
  if (presence == SRUDP_CHAT_PRESENCE_SILENT)
    return g_strdup (_ ("Reconnecting…"));
  srudp_chat_link_get_facts (link, &facts);
  rtt = srudp_chat_numbers_for_rtt (facts.rtt_us);
  /* Translators: the kind of path, its round-trip time, and whether the peer
   * is verified: "Direct · 31 ms · Not verified". */
  return g_strdup_printf (_ ("Direct · %s · %s"), rtt, trust);
}

static void
set_enabled (SrudpChatWindow *self,
             const char      *action,
             gboolean         enabled)
{
  gtk_widget_action_set_enabled (GTK_WIDGET (self), action, enabled);
}

static void
update_actions (SrudpChatWindow *self)
{
  gboolean talking = FALSE, up = FALSE, asking = FALSE, ended = FALSE;

  if (self->selected != NULL)
    {
      SrudpChatPhase phase = srudp_chat_conversation_get_phase (self->selected);
      SrudpChatPresence presence = srudp_chat_conversation_get_presence (self->selected);

      talking = phase == SRUDP_CHAT_PHASE_TALKING;
      asking = phase == SRUDP_CHAT_PHASE_REQUEST;
      up = talking && presence <= SRUDP_CHAT_PRESENCE_SILENT;
      ended = phase == SRUDP_CHAT_PHASE_FAILED || phase == SRUDP_CHAT_PHASE_CONNECTING
              || (talking && presence >= SRUDP_CHAT_PRESENCE_LEFT);
    }
  gtk_widget_set_visible (GTK_WIDGET (self->chat_menu_button), talking);
  set_enabled (self, "win.disconnect", talking && !ended);
  set_enabled (self, "win.send-file", talking);
  set_enabled (self, "win.verify", up);
  set_enabled (self, "win.details", up);
  set_enabled (self, "win.close-chat", self->selected != NULL);
  set_enabled (self, "win.reconnect", ended);
  set_enabled (self, "win.trust", up && srudp_chat_conversation_is_suspect (self->selected));
  set_enabled (self, "win.accept", asking);
  set_enabled (self, "win.decline", asking);
}

static void
update_header (SrudpChatWindow *self)
{
  gboolean talking = self->selected != NULL
                     && srudp_chat_conversation_get_phase (self->selected)
                          == SRUDP_CHAT_PHASE_TALKING;
  g_autofree char *subtitle = NULL;

  if (talking)
    subtitle = describe_connection (self->selected);
  adw_window_title_set_title (self->content_title,
                              self->selected != NULL
                                ? srudp_chat_conversation_get_title (self->selected)
                                : _ ("New Chat"));
  adw_window_title_set_subtitle (self->content_title, subtitle != NULL ? subtitle : "");
}

static void
update (SrudpChatWindow *self)
{
  update_header (self);
  update_actions (self);
}

static gboolean
refresh_cb (gpointer user_data)
{
  SrudpChatWindow *self = user_data;
  GListModel *conversations = srudp_chat_roster_get_conversations (self->roster);
  guint n_items = g_list_model_get_n_items (conversations);

  for (guint i = 0; i < n_items; i++)
    {
      g_autoptr (SrudpChatConversation) conversation = g_list_model_get_item (conversations, i);

      srudp_chat_conversation_measure (conversation);
    }
  update_header (self);
  return G_SOURCE_CONTINUE;
}

/* --- Choosing a chat ------------------------------------------------------- */

static SrudpChatConversationView *
find_view (SrudpChatWindow       *self,
           SrudpChatConversation *conversation)
{
  GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self->pages));

  for (; child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      SrudpChatConversationView *view;

      if (!SRUDP_CHAT_IS_CONVERSATION_VIEW (child))
        continue;
      view = SRUDP_CHAT_CONVERSATION_VIEW (child);
      if (srudp_chat_conversation_view_get_conversation (view) == conversation)
        return view;
    }
  return NULL;
}

static GtkListBoxRow *
find_row (SrudpChatWindow       *self,
          SrudpChatConversation *conversation)
{
  GtkListBoxRow *row;

  for (int i = 0; (row = gtk_list_box_get_row_at_index (self->chat_list, i)) != NULL; i++)
    if (srudp_chat_sidebar_row_get_conversation (SRUDP_CHAT_SIDEBAR_ROW (row)) == conversation)
      return row;
  return NULL;
}

/* A message is read when its chat is shown in a window that is in use. */
static void
update_visible (SrudpChatWindow *self)
{
  gboolean content = !adw_leaflet_get_folded (self->leaflet)
                     || g_strcmp0 (adw_leaflet_get_visible_child_name (self->leaflet),
                                   "content") == 0;

  if (self->selected != NULL)
    srudp_chat_conversation_set_visible (self->selected,
                                         content && gtk_window_is_active (GTK_WINDOW (self)));
  else if (gtk_window_is_active (GTK_WINDOW (self)))
    srudp_chat_new_page_look_at_clipboard (self->new_page);
}

static void
unselect (SrudpChatWindow *self)
{
  if (self->selected == NULL)
    return;
  g_signal_handlers_disconnect_by_func (self->selected, update, self);
  srudp_chat_conversation_set_visible (self->selected, FALSE);
  g_clear_object (&self->selected);
}

/* @conversation is NULL for the page that starts one. */
void
srudp_chat_window_select (SrudpChatWindow       *self,
                          SrudpChatConversation *conversation)
{
  g_autoptr (SrudpChatConversation) kept =
    conversation != NULL ? g_object_ref (conversation) : NULL;

  unselect (self);
  adw_leaflet_set_visible_child_name (self->leaflet, "content");
  if (kept != NULL)
    {
      SrudpChatConversationView *view = find_view (self, kept);

      self->selected = g_object_ref (kept);
      g_signal_connect_swapped (kept, "notify", G_CALLBACK (update), self);
      gtk_stack_set_visible_child (self->pages, GTK_WIDGET (view));
      gtk_list_box_select_row (self->chat_list, find_row (self, kept));
      srudp_chat_conversation_view_focus (view);
    }
  else
    {
      gtk_list_box_unselect_all (self->chat_list);
      gtk_stack_set_visible_child_name (self->pages, "new");
      srudp_chat_new_page_focus (self->new_page);
    }
  update_visible (self);
  update (self);
}

void
srudp_chat_window_call (SrudpChatWindow        *self,
                        const SrudpChatAddress *address)
{
  srudp_chat_window_select (self, srudp_chat_roster_call (self->roster, address));
}

static void
address_entered_cb (SrudpChatNewPage *page,
                    SrudpChatAddress *address,
                    SrudpChatWindow  *self)
{
  srudp_chat_window_call (self, address);
}

static void
row_activated_cb (GtkListBox      *list,
                  GtkListBoxRow   *row,
                  SrudpChatWindow *self)
{
  srudp_chat_window_select (
    self, srudp_chat_sidebar_row_get_conversation (SRUDP_CHAT_SIDEBAR_ROW (row)));
}

/* --- The list of chats ----------------------------------------------------- */

static GtkWidget *
create_row (gpointer item,
            gpointer user_data)
{
  return srudp_chat_sidebar_row_new (SRUDP_CHAT_CONVERSATION (item));
}

static void
add_missing_views (SrudpChatWindow *self,
                   GListModel      *conversations)
{
  guint n_items = g_list_model_get_n_items (conversations);

  for (guint i = 0; i < n_items; i++)
    {
      g_autoptr (SrudpChatConversation) conversation = g_list_model_get_item (conversations, i);

      if (find_view (self, conversation) == NULL)
        gtk_stack_add_child (self->pages,
                             srudp_chat_conversation_view_new (
                               conversation, srudp_chat_roster_get_network (self->roster)));
    }
}

static gboolean
is_listed (GListModel            *conversations,
           SrudpChatConversation *conversation)
{
  return g_list_store_find (G_LIST_STORE (conversations), conversation, NULL);
}

static void
remove_stale_views (SrudpChatWindow *self,
                    GListModel      *conversations)
{
  GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self->pages));

  while (child != NULL)
    {
      GtkWidget *next = gtk_widget_get_next_sibling (child);

      if (SRUDP_CHAT_IS_CONVERSATION_VIEW (child)
          && !is_listed (conversations, srudp_chat_conversation_view_get_conversation (
                                          SRUDP_CHAT_CONVERSATION_VIEW (child))))
        gtk_stack_remove (self->pages, child);
      child = next;
    }
}

static void
conversations_changed_cb (GListModel      *conversations,
                          guint            position,
                          guint            removed,
                          guint            added,
                          SrudpChatWindow *self)
{
  if (self->selected != NULL && !is_listed (conversations, self->selected))
    srudp_chat_window_select (self, NULL);
  add_missing_views (self, conversations);
  remove_stale_views (self, conversations);
}

/* Who asks comes to the front unless one is busy with another chat. */
static void
requested_cb (SrudpChatRoster       *roster,
              SrudpChatConversation *conversation,
              SrudpChatWindow       *self)
{
  if (self->selected == NULL)
    srudp_chat_window_select (self, conversation);
  else if (self->selected != conversation)
    say (self, _ ("Somebody wants to chat"));
}

static void
renewed_cb (SrudpChatNetwork *network,
            SrudpChatWindow  *self)
{
  say (self, _ ("Your network has changed: there is a new invitation"));
}

/* --- Actions --------------------------------------------------------------- */

static void
new_chat_action (GtkWidget  *widget,
                 const char *name,
                 GVariant   *parameter)
{
  srudp_chat_window_select (SRUDP_CHAT_WINDOW (widget), NULL);
}

static void
select_nth (SrudpChatWindow *self,
            guint            n)
{
  GListModel *conversations = srudp_chat_roster_get_conversations (self->roster);
  g_autoptr (SrudpChatConversation) conversation = g_list_model_get_item (conversations, n);

  if (conversation != NULL)
    srudp_chat_window_select (self, conversation);
}

static void
nth_chat_action (GtkWidget  *widget,
                 const char *name,
                 GVariant   *parameter)
{
  select_nth (SRUDP_CHAT_WINDOW (widget), g_variant_get_uint32 (parameter));
}

static void
next_chat_action (GtkWidget  *widget,
                  const char *name,
                  GVariant   *parameter)
{
  SrudpChatWindow *self = SRUDP_CHAT_WINDOW (widget);
  GListModel *conversations = srudp_chat_roster_get_conversations (self->roster);
  guint n_items = g_list_model_get_n_items (conversations);
  guint position;

  if (n_items == 0)
    return;
  if (self->selected == NULL
      || !g_list_store_find (G_LIST_STORE (conversations), self->selected, &position))
    position = n_items - 1;
  select_nth (self, (position + 1) % n_items);
}

static void
back_action (GtkWidget  *widget,
             const char *name,
             GVariant   *parameter)
{
  SrudpChatWindow *self = SRUDP_CHAT_WINDOW (widget);

  adw_leaflet_navigate (self->leaflet, ADW_NAVIGATION_DIRECTION_BACK);
}

/* Out of what is shown, without ending any chat that has begun. */
static void
leave_action (GtkWidget  *widget,
              const char *name,
              GVariant   *parameter)
{
  SrudpChatWindow *self = SRUDP_CHAT_WINDOW (widget);
  SrudpChatPhase phase = self->selected != NULL
                           ? srudp_chat_conversation_get_phase (self->selected)
                           : SRUDP_CHAT_PHASE_TALKING;

  if (phase == SRUDP_CHAT_PHASE_CONNECTING || phase == SRUDP_CHAT_PHASE_FAILED)
    srudp_chat_roster_remove (self->roster, self->selected);
  else if (adw_leaflet_get_folded (self->leaflet))
    adw_leaflet_navigate (self->leaflet, ADW_NAVIGATION_DIRECTION_BACK);
}

static void
close_chat_action (GtkWidget  *widget,
                   const char *name,
                   GVariant   *parameter)
{
  SrudpChatWindow *self = SRUDP_CHAT_WINDOW (widget);

  if (self->selected != NULL)
    srudp_chat_roster_remove (self->roster, self->selected);
}

static void
chat_action (GtkWidget  *widget,
             const char *name,
             GVariant   *parameter)
{
  SrudpChatWindow *self = SRUDP_CHAT_WINDOW (widget);
  static const struct
  {
    const char *name;
    void (*function) (SrudpChatConversation *conversation);
  } actions[] = {
    { "win.accept", srudp_chat_conversation_accept },
    { "win.decline", srudp_chat_conversation_decline },
    { "win.disconnect", srudp_chat_conversation_disconnect },
    { "win.reconnect", srudp_chat_conversation_reconnect },
    { "win.trust", srudp_chat_conversation_trust },
  };

  if (self->selected == NULL)
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (actions); i++)
    if (g_str_equal (name, actions[i].name))
      actions[i].function (self->selected);
  if (self->selected == NULL)
    return;
  update (self);
  srudp_chat_conversation_view_focus (find_view (self, self->selected));
}

static void
focus_chat (SrudpChatWindow *self)
{
  if (self->selected != NULL)
    srudp_chat_conversation_view_focus (find_view (self, self->selected));
}

/* Once it is closed one goes on writing. */
static void
present_beside (SrudpChatWindow *self,
                GtkWindow       *window)
{
  g_signal_connect_object (window, "destroy", G_CALLBACK (focus_chat), self,
                           G_CONNECT_SWAPPED);
  gtk_window_present (window);
}

static void
verify_action (GtkWidget  *widget,
               const char *name,
               GVariant   *parameter)
{
  SrudpChatWindow *self = SRUDP_CHAT_WINDOW (widget);

  if (self->selected != NULL)
    present_beside (self, srudp_chat_verify_window_new (GTK_WINDOW (self), self->selected));
}

static void
details_action (GtkWidget  *widget,
                const char *name,
                GVariant   *parameter)
{
  SrudpChatWindow *self = SRUDP_CHAT_WINDOW (widget);

  if (self->selected != NULL)
    present_beside (self, srudp_chat_details_window_new (GTK_WINDOW (self), self->selected));
}

static void
copy_invitation_action (GtkWidget  *widget,
                        const char *name,
                        GVariant   *parameter)
{
  SrudpChatWindow *self = SRUDP_CHAT_WINDOW (widget);
  SrudpChatNetwork *network = srudp_chat_roster_get_network (self->roster);
  const char *invitation = srudp_chat_network_get_invitation (network);

  if (invitation == NULL)
    {
      say (self, _ ("Your invitation is not ready yet"));
      return;
    }
  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), invitation);
  say (self, _ ("Invitation copied"));
}

static void
send_file_action (GtkWidget  *widget,
                  const char *name,
                  GVariant   *parameter)
{
  SrudpChatWindow *self = SRUDP_CHAT_WINDOW (widget);

  if (self->selected != NULL)
    srudp_chat_attachments_choose (widget, self->selected);
}

static void
say_action (GtkWidget  *widget,
            const char *name,
            GVariant   *parameter)
{
  say (SRUDP_CHAT_WINDOW (widget), g_variant_get_string (parameter, NULL));
}

/* --- Object ---------------------------------------------------------------- */

static void
srudp_chat_window_dispose (GObject *object)
{
  SrudpChatWindow *self = SRUDP_CHAT_WINDOW (object);

  g_clear_handle_id (&self->refresh_id, g_source_remove);
  unselect (self);
  g_clear_object (&self->roster);

  G_OBJECT_CLASS (srudp_chat_window_parent_class)->dispose (object);
}

static void
install_actions (GtkWidgetClass *widget_class)
{
  gtk_widget_class_install_action (widget_class, "win.new-chat", NULL, new_chat_action);
  gtk_widget_class_install_action (widget_class, "win.back", NULL, back_action);
  gtk_widget_class_install_action (widget_class, "win.leave", NULL, leave_action);
  gtk_widget_class_install_action (widget_class, "win.nth-chat", "u", nth_chat_action);
  gtk_widget_class_install_action (widget_class, "win.next-chat", NULL, next_chat_action);
  gtk_widget_class_install_action (widget_class, "win.close-chat", NULL, close_chat_action);
  gtk_widget_class_install_action (widget_class, "win.accept", NULL, chat_action);
  gtk_widget_class_install_action (widget_class, "win.decline", NULL, chat_action);
  gtk_widget_class_install_action (widget_class, "win.disconnect", NULL, chat_action);
  gtk_widget_class_install_action (widget_class, "win.reconnect", NULL, chat_action);
  gtk_widget_class_install_action (widget_class, "win.trust", NULL, chat_action);
  gtk_widget_class_install_action (widget_class, "win.copy-invitation", NULL,
                                   copy_invitation_action);
  gtk_widget_class_install_action (widget_class, "win.verify", NULL, verify_action);
  gtk_widget_class_install_action (widget_class, "win.details", NULL, details_action);
  gtk_widget_class_install_action (widget_class, "win.send-file", NULL, send_file_action);
  gtk_widget_class_install_action (widget_class, "win.say", "s", say_action);
}

static void
bind_template (GtkWidgetClass *widget_class)
{
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/srudp/Chat/srudp-chat-window.ui");
  gtk_widget_class_bind_template_child (widget_class, SrudpChatWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatWindow, leaflet);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatWindow, sidebar_header);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatWindow, content_header);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatWindow, content_title);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatWindow, chat_list);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatWindow, back_button);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatWindow, chat_menu_button);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatWindow, pages);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatWindow, new_page);
  gtk_widget_class_bind_template_callback (widget_class, address_entered_cb);
  gtk_widget_class_bind_template_callback (widget_class, row_activated_cb);
}

static void
srudp_chat_window_class_init (SrudpChatWindowClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = srudp_chat_window_dispose;

  g_type_ensure (SRUDP_CHAT_TYPE_NEW_PAGE);
  bind_template (GTK_WIDGET_CLASS (klass));
  install_actions (GTK_WIDGET_CLASS (klass));
}

static void
bind_fold (SrudpChatWindow *self,
           gpointer         target,
           const char      *property,
           GBindingFlags    flags)
{
  g_object_bind_property (self->leaflet, "folded", target, property,
                          G_BINDING_SYNC_CREATE | flags);
}

static void
srudp_chat_window_init (SrudpChatWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  srudp_chat_words_wrap (GTK_WIDGET (self->sidebar_header));
  srudp_chat_words_wrap (GTK_WIDGET (self->content_header));

  /* Side by side, the two header bars share the window's buttons. */
  bind_fold (self, self->back_button, "visible", G_BINDING_DEFAULT);
  bind_fold (self, self->sidebar_header, "show-end-title-buttons", G_BINDING_DEFAULT);
  bind_fold (self, self->content_header, "show-start-title-buttons", G_BINDING_DEFAULT);
  g_signal_connect_swapped (self->leaflet, "notify::visible-child",
                            G_CALLBACK (update_visible), self);
  g_signal_connect (self, "notify::is-active", G_CALLBACK (update_visible), NULL);
  self->refresh_id = g_timeout_add_seconds (1, refresh_cb, self);
}

SrudpChatWindow *
srudp_chat_window_new (GtkApplication  *application,
                       SrudpChatRoster *roster)
{
  SrudpChatWindow *self = g_object_new (SRUDP_CHAT_TYPE_WINDOW, "application", application, NULL);
  GListModel *conversations = srudp_chat_roster_get_conversations (roster);

  self->roster = g_object_ref (roster);
  srudp_chat_new_page_set_roster (self->new_page, roster);
  gtk_list_box_bind_model (self->chat_list, conversations, create_row, NULL, NULL);
  g_signal_connect_object (conversations, "items-changed",
                           G_CALLBACK (conversations_changed_cb), self, 0);
  g_signal_connect_object (srudp_chat_roster_get_network (roster), "renewed",
                           G_CALLBACK (renewed_cb), self, 0);
  g_signal_connect_object (roster, "requested", G_CALLBACK (requested_cb), self, 0);
  add_missing_views (self, conversations);
  srudp_chat_window_select (self, NULL);
  return self;
}

SrudpChatNewPage *
srudp_chat_window_get_new_page (SrudpChatWindow *self)
{
  return self->new_page;
}

/* That of the chat that is shown; NULL if there is none. */
SrudpChatLink *
srudp_chat_window_get_link (SrudpChatWindow *self)
{
  return self->selected != NULL ? srudp_chat_conversation_get_link (self->selected) : NULL;
}
