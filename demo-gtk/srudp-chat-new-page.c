/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-new-page.c: where a chat starts
 */
#include "config.h"

#include "srudp-chat-new-page.h"

#include "srudp-chat-problem.h"
#include "srudp-chat-text.h"

#include <glib/gi18n.h>

#define DEFAULT_PEER_PORT 5001

struct _SrudpChatNewPage
{
  AdwBin parent_instance;

  SrudpChatRoster *roster;

  AdwEntryRow *address_row;
  GtkWidget *connect_button;
  GtkRevealer *problem_revealer;
  GtkLabel *problem_label;
  AdwEntryRow *name_row;
  AdwEntryRow *port_row;
  AdwActionRow *peer_id_row;
  GtkRevealer *port_problem_revealer;
  GtkLabel *port_problem_label;
};

G_DEFINE_FINAL_TYPE (SrudpChatNewPage, srudp_chat_new_page, ADW_TYPE_BIN)

enum
{
  ADDRESS_ENTERED,
  NAME_CHANGED,
  PORT_CHANGED,
  COPIED,
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

static void
address_changed_cb (AdwEntryRow      *row,
                    SrudpChatNewPage *self)
{
  g_auto (SrudpChatAddress) address = { 0 };

  gtk_widget_set_sensitive (self->connect_button,
                            parse (self, &address) != SRUDP_CHAT_ADDRESS_EMPTY);
  show_problem (self, NULL);
}

/* The entry keeps what was refused, to be mended. */
static void
connect_cb (GtkWidget        *widget,
            SrudpChatNewPage *self)
{
  g_auto (SrudpChatAddress) address = { 0 };
  SrudpChatAddressResult result = parse (self, &address);
  const char *problem = srudp_chat_problem_of_entry (result);

  if (result == SRUDP_CHAT_ADDRESS_GOOD
      && srudp_chat_address_is_own (&address, get_port (self)))
    problem = _ ("This is your own address.");
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

/* --- Oneself --------------------------------------------------------------- */

static void
name_applied_cb (AdwEntryRow      *row,
                 SrudpChatNewPage *self)
{
  g_autofree char *name = srudp_chat_text_tame_name (get_text (row));

  gtk_editable_set_text (GTK_EDITABLE (row), name);
  srudp_chat_roster_set_own_name (self->roster, name);
  g_signal_emit (self, signals[NAME_CHANGED], 0, name);
}

static void
show_port (SrudpChatNewPage *self)
{
  g_autofree char *port = g_strdup_printf ("%u", get_port (self));

  gtk_editable_set_text (GTK_EDITABLE (self->port_row), port);
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
      show_port (self);
      g_signal_emit (self, signals[PORT_CHANGED], 0, (guint) port);
    }
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE))
    srudp_chat_new_page_show_port_in_use (self, port);
  else
    show_port_problem (self, error->message);
}

static void
port_applied_cb (AdwEntryRow      *row,
                 SrudpChatNewPage *self)
{
  guint64 port;

  if (!g_ascii_string_to_unsigned (get_text (row), 10, 1, G_MAXUINT16, &port, NULL))
    show_port_problem (self, srudp_chat_problem_of_entry (SRUDP_CHAT_ADDRESS_BAD_PORT));
  else if (port != get_port (self))
    listen (self, (guint16) port);
  else
    show_port_problem (self, NULL);
}

static void
any_port_cb (GtkButton        *button,
             SrudpChatNewPage *self)
{
  listen (self, 0);
}

static void
copy_cb (GtkButton        *button,
         SrudpChatNewPage *self)
{
  GdkClipboard *clipboard = gtk_widget_get_clipboard (GTK_WIDGET (self));

  gdk_clipboard_set_text (clipboard, adw_action_row_get_subtitle (self->peer_id_row));
  g_signal_emit (self, signals[COPIED], 0, _ ("Peer ID copied"));
}

/* --- Object ---------------------------------------------------------------- */

static void
srudp_chat_new_page_dispose (GObject *object)
{
  g_clear_object (&SRUDP_CHAT_NEW_PAGE (object)->roster);

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
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/srudp/Chat/srudp-chat-new-page.ui");
  gtk_widget_class_bind_template_child (widget_class, SrudpChatNewPage, address_row);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatNewPage, connect_button);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatNewPage, problem_revealer);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatNewPage, problem_label);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatNewPage, name_row);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatNewPage, port_row);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatNewPage, peer_id_row);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatNewPage,
                                        port_problem_revealer);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatNewPage, port_problem_label);
  gtk_widget_class_bind_template_callback (widget_class, address_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, connect_cb);
  gtk_widget_class_bind_template_callback (widget_class, name_applied_cb);
  gtk_widget_class_bind_template_callback (widget_class, port_applied_cb);
  gtk_widget_class_bind_template_callback (widget_class, any_port_cb);
  gtk_widget_class_bind_template_callback (widget_class, copy_cb);
}

static void
srudp_chat_new_page_class_init (SrudpChatNewPageClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = srudp_chat_new_page_dispose;

  /* The address (a SrudpChatAddress) is valid during the emission only. */
  signals[ADDRESS_ENTERED] = add_signal ("address-entered", G_TYPE_POINTER);
  signals[NAME_CHANGED] = add_signal ("name-changed", G_TYPE_STRING);
  signals[PORT_CHANGED] = add_signal ("port-changed", G_TYPE_UINT);
  signals[COPIED] = add_signal ("copied", G_TYPE_STRING);
  bind_template (GTK_WIDGET_CLASS (klass));
}

static void
srudp_chat_new_page_init (SrudpChatNewPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
srudp_chat_new_page_set_roster (SrudpChatNewPage *self,
                                SrudpChatRoster  *roster)
{
  g_autofree char *peer_id = NULL;

  g_set_object (&self->roster, roster);
  peer_id = srudp_chat_network_dup_peer_id (srudp_chat_roster_get_network (roster));
  adw_action_row_set_subtitle (self->peer_id_row, peer_id);
  gtk_editable_set_text (GTK_EDITABLE (self->name_row), srudp_chat_roster_get_own_name (roster));
  show_port (self);
}

void
srudp_chat_new_page_focus (SrudpChatNewPage *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->address_row));
}
