/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-new-page.c: where a chat starts
 */
#include "config.h"

#include "srudp-chat-new-page.h"

#include "srudp-chat-fold-box.h"
#include "srudp-chat-mnemonics.h"
#include "srudp-chat-problem.h"
#include "srudp-chat-words.h"

#include <glib/gi18n.h>

#define DEFAULT_PEER_PORT 5001

struct _SrudpChatNewPage
{
  AdwBin parent_instance;

  SrudpChatRoster *roster;
  char *offered;            /* what the clipboard held, or we were started with */
  gboolean was_started_with; /* the latter */

  AdwEntryRow *address_row;
  GtkWidget *passphrase_row;
  GtkWidget *connect_button;
  GtkRevealer *problem_revealer;
  GtkLabel *problem_label;
  GtkRevealer *offer_revealer;
  GtkLabel *offer_label;
  GtkButton *offer_button;
  GtkLabel *invitation;
  GtkLabel *reach;
  GtkSpinner *finding;
  GtkWidget *recent_group;
  GtkListBox *recent_list;
  GtkRevealer *port_problem_revealer;
  GtkLabel *port_problem_label;
};

G_DEFINE_FINAL_TYPE (SrudpChatNewPage, srudp_chat_new_page, ADW_TYPE_BIN)

enum
{
  ADDRESS_ENTERED,
  PORT_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

/* --- The peer -------------------------------------------------------------- */

static const char *
get_text (AdwEntryRow *row)
{
  return gtk_editable_get_text (GTK_EDITABLE (row));
}

/* Says it too to those who don't see it. */
static void
set_alert (GtkLabel   *label,
           const char *text)
{
  gtk_label_set_label (label, text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (label), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
}

static void
show_problem (SrudpChatNewPage *self,
              const char       *problem)
{
  if (problem != NULL)
    set_alert (self->problem_label, problem);
  gtk_revealer_set_reveal_child (self->problem_revealer, problem != NULL);
  if (problem != NULL)
    gtk_widget_add_css_class (GTK_WIDGET (self->address_row), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->address_row), "error");
}

static guint16
get_port (SrudpChatNewPage *self)
{
  return srudp_chat_network_get_port (srudp_chat_roster_get_network (self->roster));
}

static SrudpChatAddressResult
parse (SrudpChatNewPage *self,
       SrudpChatAddress *address)
{
  return srudp_chat_address_parse (get_text (self->address_row), DEFAULT_PEER_PORT, address);
}

static gboolean
is_own (SrudpChatNewPage       *self,
        const SrudpChatAddress *address)
{
  SrudpChatNetwork *network = srudp_chat_roster_get_network (self->roster);
  g_autofree char *own_id = srudp_chat_network_dup_peer_id (network);

  return srudp_chat_address_is_own (address, get_port (self), own_id);
}

static void
show_offer (SrudpChatNewPage *self)
{
  gtk_revealer_set_reveal_child (self->offer_revealer,
                                 self->offered != NULL && *get_text (self->address_row) == '\0');
}

static void
address_changed_cb (AdwEntryRow      *row,
                    SrudpChatNewPage *self)
{
  g_auto (SrudpChatAddress) address = { 0 };

  gtk_widget_set_sensitive (self->connect_button,
                            parse (self, &address) != SRUDP_CHAT_ADDRESS_EMPTY);
  show_problem (self, NULL);
  show_offer (self);
}

/* For as long as it stands here, it is asked for. */
static void
passphrase_changed_cb (AdwEntryRow      *row,
                       SrudpChatNewPage *self)
{
  const char *text = get_text (row);

  srudp_chat_network_set_passphrase (srudp_chat_roster_get_network (self->roster),
                                     *text != '\0' ? text : NULL);
}

/* The entry keeps what was refused, to be mended. */
static void
connect_cb (GtkWidget        *widget,
            SrudpChatNewPage *self)
{
  g_auto (SrudpChatAddress) address = { 0 };
  SrudpChatAddressResult result = parse (self, &address);
  const char *problem = srudp_chat_problem_of_entry (result);

  if (result == SRUDP_CHAT_ADDRESS_GOOD && is_own (self, &address))
    problem = address.invitation != NULL ? _ ("This is your own invitation.")
                                         : _ ("This is your own address.");
  show_problem (self, problem);
  if (result != SRUDP_CHAT_ADDRESS_GOOD || problem != NULL)
    return;

  g_signal_emit (self, signals[ADDRESS_ENTERED], 0, &address);
  gtk_editable_set_text (GTK_EDITABLE (self->address_row), "");
}

/* As if @text had been typed and sent off. */
void
srudp_chat_new_page_enter (SrudpChatNewPage *self,
                           const char       *text)
{
  gtk_editable_set_text (GTK_EDITABLE (self->address_row), text);
  connect_cb (self->connect_button, self);
}

/* --- Offers ---------------------------------------------------------------- */

static void
take_offer (SrudpChatNewPage *self,
            const char       *text,
            const char       *words,
            const char       *button)
{
  g_free (self->offered);
  self->offered = g_strdup (text);
  gtk_label_set_label (self->offer_label, words);
  gtk_button_set_label (self->offer_button, button);
  show_offer (self);
}

static void
use_offer_cb (GtkButton        *button,
              SrudpChatNewPage *self)
{
  g_autofree char *text = g_steal_pointer (&self->offered);

  self->was_started_with = FALSE;
  show_offer (self);
  if (text != NULL)
    srudp_chat_new_page_enter (self, text);
}

static void
clipboard_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr (SrudpChatNewPage) self = user_data;
  g_autofree char *text = gdk_clipboard_read_text_finish (GDK_CLIPBOARD (source), result, NULL);
  g_auto (SrudpChatAddress) address = { 0 };
  gboolean good = text != NULL && self->roster != NULL
                  && *get_text (self->address_row) == '\0'
                  && srudp_chat_address_parse (text, 0, &address) == SRUDP_CHAT_ADDRESS_GOOD
                  && address.invitation != NULL && !is_own (self, &address);

  if (!self->was_started_with)
    take_offer (self, good ? address.invitation : NULL,
                _ ("The clipboard holds an invitation."), _ ("_Use It"));
}

/* Offers an invitation that somebody copied elsewhere. */
void
srudp_chat_new_page_look_at_clipboard (SrudpChatNewPage *self)
{
  GdkClipboard *clipboard = gtk_widget_get_clipboard (GTK_WIDGET (self));

  if (gdk_content_formats_contain_gtype (gdk_clipboard_get_formats (clipboard), G_TYPE_STRING))
    gdk_clipboard_read_text_async (clipboard, NULL, clipboard_cb, g_object_ref (self));
}

/* Offers the peer that @text leads to, one key away, until that is used. */
void
srudp_chat_new_page_offer (SrudpChatNewPage *self,
                           const char       *text)
{
  g_auto (SrudpChatAddress) address = { 0 };
  g_autofree char *words = NULL;

  if (srudp_chat_address_parse (text, DEFAULT_PEER_PORT, &address) != SRUDP_CHAT_ADDRESS_GOOD)
    {
      srudp_chat_new_page_enter (self, text);
      return;
    }
  if (address.invitation != NULL)
    words = g_strdup (_ ("You have an invitation to chat."));
  else
    {
      g_autofree char *where = srudp_chat_address_to_string (&address);

      /* Translators: the placeholder is the address of somebody to chat with. */
      words = g_strdup_printf (_ ("Somebody to chat with is at %s."), where);
    }
  /* Translators: a button that begins one. */
  take_offer (self, text, words, _ ("_Chat"));
  self->was_started_with = TRUE;
  srudp_chat_new_page_focus (self);
}

/* --- Oneself --------------------------------------------------------------- */

static char *
reach_in_words (SrudpChatNetwork *network)
{
  const char *address = srudp_chat_network_get_public_address (network);

  switch (srudp_chat_network_get_reach (network))
    {
    case SRUDP_CHAT_REACH_PUBLIC:
      /* Translators: the placeholder is an address with a port. */
      return g_strdup_printf (_ ("Reachable from outside as %s"), address);
    case SRUDP_CHAT_REACH_CHANGING:
      return g_strdup (_ ("Your router gives every peer another port: some can’t reach you"));
    case SRUDP_CHAT_REACH_LOCAL:
      return g_strdup (_ ("Only in your local network"));
    case SRUDP_CHAT_REACH_SILENT:
      return g_strdup (_ ("Only in your local network: the STUN servers did not answer"));
    case SRUDP_CHAT_REACH_FINDING:
    default:
      return g_strdup (_ ("Finding your public address…"));
    }
}

static void
show_invitation (SrudpChatNewPage *self)
{
  SrudpChatNetwork *network = srudp_chat_roster_get_network (self->roster);
  const char *invitation = srudp_chat_network_get_invitation (network);
  g_autofree char *reach = reach_in_words (network);

  gtk_label_set_label (self->invitation, invitation != NULL ? invitation : "");
  gtk_widget_set_visible (GTK_WIDGET (self->invitation), invitation != NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->invitation),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  invitation != NULL ? invitation : _ ("Your Invitation"), -1);
  gtk_label_set_label (self->reach, reach);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->reach), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  reach, -1);
  gtk_spinner_set_spinning (self->finding, invitation == NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->finding), invitation == NULL);
}

static void
show_port_problem (SrudpChatNewPage *self,
                   const char       *problem)
{
  if (problem != NULL)
    set_alert (self->port_problem_label, problem);
  gtk_revealer_set_reveal_child (self->port_problem_revealer, problem != NULL);
}

void
srudp_chat_new_page_show_port_in_use (SrudpChatNewPage *self,
                                      guint             port)
{
  /* Translators: the number is a UDP port. */
  g_autofree char *problem = g_strdup_printf (_ ("Port %u is in use by another program."), port);

  show_port_problem (self, problem);
}

static void
listen (SrudpChatNewPage *self,
        guint16           port)
{
  SrudpChatNetwork *network = srudp_chat_roster_get_network (self->roster);
  g_autoptr (GError) error = NULL;

  if (srudp_chat_network_listen (network, port, &error))
    {
      show_port_problem (self, NULL);
      g_signal_emit (self, signals[PORT_CHANGED], 0, (guint) port);
    }
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE))
    srudp_chat_new_page_show_port_in_use (self, port);
  else
    show_port_problem (self, error->message);
}

static void
any_port_cb (GtkButton        *button,
             SrudpChatNewPage *self)
{
  listen (self, 0);
}

/* --- Recent peers ---------------------------------------------------------- */

static void
forget_cb (GtkButton        *button,
           SrudpChatNewPage *self)
{
  srudp_chat_peers_forget (srudp_chat_roster_get_peers (self->roster),
                           g_object_get_data (G_OBJECT (button), "peer-id"));
}

static void
set_label (GtkWidget  *widget,
           const char *label)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
}

static GtkWidget *
create_recent (gpointer item,
               gpointer user_data)
{
  SrudpChatNewPage *self = user_data;
  SrudpChatPeer *peer = item;
  const char *address = srudp_chat_peer_get_address (peer);
  const char *name = srudp_chat_peer_get_name (peer);
  const char *trust = srudp_chat_peer_is_verified (peer) ? _ ("Verified") : _ ("Not verified");
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *avatar = adw_avatar_new (32, name, TRUE);
  GtkWidget *button = gtk_button_new_from_icon_name ("user-trash-symbolic");
  /* Translators: the placeholder is the name of a peer. */
  g_autofree char *forget = g_strdup_printf (_ ("Forget %s"), name);

  if (*name == '\0')
    name = srudp_chat_address_is_invitation (address) ? _ ("Somebody") : address;
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), name);
  adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 1);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), trust);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_tooltip_text (button, forget);
  set_label (button, forget);
  set_label (row, name);
  gtk_accessible_reset_relation (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_RELATION_LABELLED_BY);
  g_object_set_data_full (G_OBJECT (button), "peer-id",
                          g_strdup (srudp_chat_peer_get_id (peer)), g_free);
  g_signal_connect (button, "clicked", G_CALLBACK (forget_cb), self);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), avatar);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
  return row;
}

static void
recent_activated_cb (GtkListBox       *list,
                     GtkListBoxRow    *row,
                     SrudpChatNewPage *self)
{
  GListModel *model =
    srudp_chat_peers_get_model (srudp_chat_roster_get_peers (self->roster));
  g_autoptr (SrudpChatPeer) peer =
    g_list_model_get_item (model, (guint) gtk_list_box_row_get_index (row));

  srudp_chat_new_page_enter (self, srudp_chat_peer_get_address (peer));
}

static void
recent_changed_cb (SrudpChatNewPage *self)
{
  GListModel *model =
    srudp_chat_peers_get_model (srudp_chat_roster_get_peers (self->roster));

  gtk_widget_set_visible (self->recent_group, g_list_model_get_n_items (model) > 0);
}

/* --- Object ---------------------------------------------------------------- */

static void
srudp_chat_new_page_dispose (GObject *object)
{
  SrudpChatNewPage *self = SRUDP_CHAT_NEW_PAGE (object);

  g_clear_object (&self->roster);
  g_clear_pointer (&self->offered, g_free);

  G_OBJECT_CLASS (srudp_chat_new_page_parent_class)->dispose (object);
}

static guint
add_signal (const char *name,
            GType       argument_type)
{
  return g_signal_new (name, SRUDP_CHAT_TYPE_NEW_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                       NULL, G_TYPE_NONE, 1, argument_type);
}

static void
bind_template (GtkWidgetClass *widget_class)
{
  g_type_ensure (SRUDP_CHAT_TYPE_FOLD_BOX);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/srudp/Chat/srudp-chat-new-page.ui");
  gtk_widget_class_bind_template_child (widget_class, SrudpChatNewPage, address_row);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatNewPage, passphrase_row);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatNewPage, connect_button);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatNewPage, problem_revealer);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatNewPage, problem_label);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatNewPage, offer_revealer);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatNewPage, offer_label);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatNewPage, offer_button);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatNewPage, invitation);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatNewPage, reach);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatNewPage, finding);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatNewPage, recent_group);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatNewPage, recent_list);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatNewPage,
                                        port_problem_revealer);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatNewPage, port_problem_label);
  gtk_widget_class_bind_template_callback (widget_class, address_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, passphrase_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, connect_cb);
  gtk_widget_class_bind_template_callback (widget_class, use_offer_cb);
  gtk_widget_class_bind_template_callback (widget_class, recent_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, any_port_cb);
}

static void
srudp_chat_new_page_class_init (SrudpChatNewPageClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = srudp_chat_new_page_dispose;

  /* The address (a SrudpChatAddress) is valid during the emission only. */
  signals[ADDRESS_ENTERED] = add_signal ("address-entered", G_TYPE_POINTER);
  signals[PORT_CHANGED] = add_signal ("port-changed", G_TYPE_UINT);
  bind_template (GTK_WIDGET_CLASS (klass));
}

/* Libadwaita gives its own buttons tooltips, but no names. */
static void
name_buttons (GtkWidget *widget)
{
  const char *tooltip = gtk_widget_get_tooltip_text (widget);

  if (GTK_IS_BUTTON (widget) && tooltip != NULL)
    set_label (widget, tooltip);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    name_buttons (child);
}

static void
srudp_chat_new_page_init (SrudpChatNewPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  srudp_chat_words_wrap (GTK_WIDGET (self));
  srudp_chat_mnemonics_name (GTK_WIDGET (self));
  name_buttons (self->passphrase_row);
}

void
srudp_chat_new_page_set_roster (SrudpChatNewPage *self,
                                SrudpChatRoster  *roster)
{
  SrudpChatNetwork *network = srudp_chat_roster_get_network (roster);
  GListModel *recent = srudp_chat_peers_get_model (srudp_chat_roster_get_peers (roster));

  g_set_object (&self->roster, roster);
  g_signal_connect_object (network, "found", G_CALLBACK (show_invitation), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (recent, "items-changed", G_CALLBACK (recent_changed_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_list_box_bind_model (self->recent_list, recent, create_recent, self, NULL);
  show_invitation (self);
  recent_changed_cb (self);
}

void
srudp_chat_new_page_focus (SrudpChatNewPage *self)
{
  gtk_widget_grab_focus (self->was_started_with ? GTK_WIDGET (self->offer_button)
                                                : GTK_WIDGET (self->address_row));
}
