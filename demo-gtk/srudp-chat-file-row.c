/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-file-row.c: a file as a bubble
 */
#include "config.h"

#include "srudp-chat-file-row.h"

#include "srudp-chat-fold-box.h"
#include "srudp-chat-words.h"

#include <glib/gi18n.h>

struct _SrudpChatFileRow
{
  GtkListBoxRow parent_instance;

  SrudpChatConversation *conversation;
  SrudpChatMessage *message;
  SrudpChatFile *file; /* unowned: the message's */

  GtkWidget *bubble;
  GtkImage *icon;
  GtkLabel *name;
  GtkLabel *detail;
  GtkProgressBar *progress;
  GtkWidget *buttons;
  GtkWidget *accept_button;
  GtkButton *cancel_button;
  GtkWidget *retry_button;
  GtkWidget *open_button;
  GtkWidget *folder_button;
  GtkLabel *time;
};

G_DEFINE_FINAL_TYPE (SrudpChatFileRow, srudp_chat_file_row, GTK_TYPE_LIST_BOX_ROW)

/* --- Words ----------------------------------------------------------------- */

static char *
time_left_in_words (SrudpChatFile *file)
{
  double rate = srudp_chat_file_get_rate (file);
  guint64 left_bytes = srudp_chat_file_get_size (file) - srudp_chat_file_get_moved (file);
  double seconds = rate > 0 ? (double) left_bytes / rate : G_MAXINT;
  guint n;

  if (seconds > 48 * 3600)
    return NULL;
  if (seconds < 60)
    {
      n = (guint) seconds + 1;
      return g_strdup_printf (ngettext ("%u second left", "%u seconds left", n), n);
    }
  if (seconds < 3600)
    {
      n = (guint) (seconds / 60) + 1;
      return g_strdup_printf (ngettext ("%u minute left", "%u minutes left", n), n);
    }
  n = (guint) (seconds / 3600) + 1;
  return g_strdup_printf (ngettext ("%u hour left", "%u hours left", n), n);
}

/* "12.1 MB of 100.0 MB · 25.1 MB/s · 4 seconds left" */
static char *
progress_in_words (SrudpChatFile *file)
{
  double rate = srudp_chat_file_get_rate (file);
  g_autofree char *moved = g_format_size (srudp_chat_file_get_moved (file));
  g_autofree char *size = g_format_size (srudp_chat_file_get_size (file));
  g_autofree char *speed = g_format_size ((guint64) rate);
  g_autofree char *left = time_left_in_words (file);

  if (rate < 1 || left == NULL)
    /* Translators: so much of a file has been transferred: "12 MB of 100 MB". */
    return g_strdup_printf (_ ("%s of %s"), moved, size);
  /* Translators: of a file, so much of all, at so much a second, for so long:
   * "12 MB of 100 MB · 25 MB/s · 4 seconds left". */
  return g_strdup_printf (_ ("%s of %s · %s/s · %s"), moved, size, speed, left);
}

static const char *
state_in_words (SrudpChatFile *file)
{
  gboolean outgoing = srudp_chat_file_is_outgoing (file);
  const char *problem = srudp_chat_file_get_problem (file);

  switch (srudp_chat_file_get_state (file))
    {
    case SRUDP_CHAT_FILE_PREPARING:
      return _ ("Preparing…");
    case SRUDP_CHAT_FILE_WAITING:
      return _ ("Waiting…");
    case SRUDP_CHAT_FILE_OFFERED:
      return outgoing ? _ ("Offered to your peer") : NULL;
    case SRUDP_CHAT_FILE_INTERRUPTED:
      return _ ("Goes on when you are connected again");
    case SRUDP_CHAT_FILE_DONE:
      return outgoing ? _ ("Delivered") : _ ("Received");
    case SRUDP_CHAT_FILE_REFUSED:
      return _ ("Declined");
    case SRUDP_CHAT_FILE_CANCELLED:
      return _ ("Cancelled");
    case SRUDP_CHAT_FILE_FAILED:
      return problem != NULL ? problem : _ ("Not delivered");
    case SRUDP_CHAT_FILE_MOVING:
    default:
      return NULL;
    }
}

static char *
detail_in_words (SrudpChatFile *file)
{
  const char *state = state_in_words (file);
  g_autofree char *size = NULL;

  if (srudp_chat_file_get_state (file) == SRUDP_CHAT_FILE_MOVING)
    return progress_in_words (file);
  if (srudp_chat_file_get_state (file) == SRUDP_CHAT_FILE_PREPARING
      || srudp_chat_file_get_state (file) == SRUDP_CHAT_FILE_FAILED)
    return g_strdup (state);
  size = g_format_size (srudp_chat_file_get_size (file));
  if (state == NULL)
    return g_steal_pointer (&size);
  /* Translators: the size of a file, and what became of it: "12 MB · Delivered". */
  return g_strdup_printf (_ ("%s · %s"), size, state);
}

static void
announce (SrudpChatFileRow *self)
{
  const char *author = srudp_chat_message_get_author (self->message);
  const char *name = srudp_chat_file_get_name (self->file);
  const char *state = state_in_words (self->file);
  g_autofree char *size = g_format_size (srudp_chat_file_get_size (self->file));
  g_autofree char *label = NULL;

  if (author == NULL)
    /* Translators: one's own file: its name, and what became of it. */
    label = g_strdup_printf (_ ("You, file %s. %s"), name, state != NULL ? state : size);
  else
    /* Translators: a peer's file: who, its name, and what became of it. */
    label = g_strdup_printf (_ ("%s, file %s. %s"), author, name, state != NULL ? state : size);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
}

/* --- Following the file ---------------------------------------------------- */

static void
update_progress (SrudpChatFileRow *self)
{
  guint64 size = srudp_chat_file_get_size (self->file);
  double fraction = size > 0 ? (double) srudp_chat_file_get_moved (self->file) / (double) size
                             : 1.0;
  g_autofree char *detail = detail_in_words (self->file);

  gtk_label_set_label (self->detail, detail);
  gtk_progress_bar_set_fraction (self->progress, MIN (fraction, 1.0));
}

static void
update (SrudpChatFileRow *self)
{
  gboolean outgoing = srudp_chat_file_is_outgoing (self->file);
  SrudpChatFileState state = srudp_chat_file_get_state (self->file);
  gboolean asked = !outgoing && state == SRUDP_CHAT_FILE_OFFERED;
  gboolean over = srudp_chat_file_is_over (self->file);
  gboolean may_retry = outgoing && (state == SRUDP_CHAT_FILE_CANCELLED
                                    || state == SRUDP_CHAT_FILE_FAILED);
  gboolean here = !outgoing && state == SRUDP_CHAT_FILE_DONE;

  gtk_widget_set_visible (GTK_WIDGET (self->progress),
                          state == SRUDP_CHAT_FILE_MOVING
                            || state == SRUDP_CHAT_FILE_INTERRUPTED);
  gtk_widget_set_visible (self->accept_button, asked);
  gtk_button_set_label (self->cancel_button, asked ? _ ("Decline File") : _ ("Cancel File"));
  gtk_widget_set_visible (GTK_WIDGET (self->cancel_button), !over);
  gtk_widget_set_visible (self->retry_button, may_retry);
  gtk_widget_set_visible (self->open_button, here);
  gtk_widget_set_visible (self->folder_button, here);
  gtk_widget_set_visible (self->buttons, !over || may_retry || here);
  if (state == SRUDP_CHAT_FILE_FAILED)
    gtk_widget_add_css_class (GTK_WIDGET (self), "failed");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self), "failed");
  update_progress (self);
  announce (self);
}

/* --- Acting ---------------------------------------------------------------- */

static void
accept_cb (GtkButton        *button,
           SrudpChatFileRow *self)
{
  srudp_chat_conversation_accept_file (self->conversation, self->file);
}

static void
cancel_cb (GtkButton        *button,
           SrudpChatFileRow *self)
{
  srudp_chat_conversation_cancel_file (self->conversation, self->file);
}

static void
retry_cb (GtkButton        *button,
          SrudpChatFileRow *self)
{
  srudp_chat_conversation_retry_file (self->conversation, self->file);
}

static GtkWindow *
get_window (SrudpChatFileRow *self)
{
  return GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self)));
}

static void
show (SrudpChatFileRow *self,
      GFile            *file)
{
  g_autofree char *uri = g_file_get_uri (file);

  gtk_show_uri (get_window (self), uri, GDK_CURRENT_TIME);
}

static void
open_cb (GtkButton        *button,
         SrudpChatFileRow *self)
{
  show (self, srudp_chat_file_get_location (self->file));
}

static void
folder_cb (GtkButton        *button,
           SrudpChatFileRow *self)
{
  g_autoptr (GFile) folder = g_file_get_parent (srudp_chat_file_get_location (self->file));

  show (self, folder);
}

/* --- Object ---------------------------------------------------------------- */

static void
srudp_chat_file_row_dispose (GObject *object)
{
  SrudpChatFileRow *self = SRUDP_CHAT_FILE_ROW (object);

  g_clear_object (&self->conversation);
  g_clear_object (&self->message);

  G_OBJECT_CLASS (srudp_chat_file_row_parent_class)->dispose (object);
}

static void
srudp_chat_file_row_class_init (SrudpChatFileRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = srudp_chat_file_row_dispose;

  g_type_ensure (SRUDP_CHAT_TYPE_FOLD_BOX);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/srudp/Chat/srudp-chat-file-row.ui");
  gtk_widget_class_bind_template_child (widget_class, SrudpChatFileRow, bubble);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatFileRow, icon);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatFileRow, name);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatFileRow, detail);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatFileRow, progress);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatFileRow, buttons);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatFileRow, accept_button);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatFileRow, cancel_button);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatFileRow, retry_button);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatFileRow, open_button);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatFileRow, folder_button);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatFileRow, time);
  gtk_widget_class_bind_template_callback (widget_class, accept_cb);
  gtk_widget_class_bind_template_callback (widget_class, cancel_cb);
  gtk_widget_class_bind_template_callback (widget_class, retry_cb);
  gtk_widget_class_bind_template_callback (widget_class, open_cb);
  gtk_widget_class_bind_template_callback (widget_class, folder_cb);
}

static void
srudp_chat_file_row_init (SrudpChatFileRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/* Where the theme has no symbol for what the file is, it would give a picture in
 * colours: that is hard to see on a bubble. */
static GIcon *
create_icon (const char *name)
{
  g_autofree char *type = g_content_type_guess (name, NULL, 0, NULL);
  g_autoptr (GIcon) all = g_content_type_get_symbolic_icon (type);
  const char *const *names = g_themed_icon_get_names (G_THEMED_ICON (all));
  GIcon *icon = g_themed_icon_new ("text-x-generic-symbolic");

  for (gsize i = g_strv_length ((char **) names); i-- > 0;)
    if (g_str_has_suffix (names[i], "-symbolic"))
      g_themed_icon_prepend_name (G_THEMED_ICON (icon), names[i]);
  return icon;
}

static void
show_kind (SrudpChatFileRow *self)
{
  const char *name = srudp_chat_file_get_name (self->file);
  g_autoptr (GIcon) icon = create_icon (name);

  gtk_image_set_from_gicon (self->icon, icon);
  gtk_label_set_label (self->name, name);
}

static void
take_side (SrudpChatFileRow *self)
{
  gboolean outgoing = srudp_chat_file_is_outgoing (self->file);
  GtkAlign align = outgoing ? GTK_ALIGN_END : GTK_ALIGN_START;

  gtk_widget_add_css_class (GTK_WIDGET (self), outgoing ? "outgoing" : "incoming");
  gtk_widget_set_halign (self->bubble, align);
  gtk_widget_set_halign (GTK_WIDGET (self->time), align);
}

GtkWidget *
srudp_chat_file_row_new (SrudpChatConversation *conversation,
                         SrudpChatMessage      *message)
{
  SrudpChatFileRow *self = g_object_new (SRUDP_CHAT_TYPE_FILE_ROW, NULL);
  g_autofree char *time = g_date_time_format (srudp_chat_message_get_time (message), "%H:%M");

  self->conversation = g_object_ref (conversation);
  self->message = g_object_ref (message);
  self->file = srudp_chat_message_get_file (message);
  gtk_label_set_label (self->time, time);
  take_side (self);
  show_kind (self);
  g_signal_connect_object (self->file, "notify::state", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->file, "notify::moved", G_CALLBACK (update_progress), self,
                           G_CONNECT_SWAPPED);
  update (self);
  srudp_chat_words_wrap (self->buttons);
  return GTK_WIDGET (self);
}
