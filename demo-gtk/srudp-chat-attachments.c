/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-attachments.c: files chosen, dropped or pasted into a chat
 */
#include "config.h"

#include "srudp-chat-attachments.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>

static void
say (GtkWidget  *widget,
     const char *words)
{
  gtk_widget_activate_action (widget, "win.say", "s", words);
}

static void
attach (GtkWidget             *widget,
        SrudpChatConversation *conversation,
        GFile                 *file,
        const char            *name)
{
  if (!srudp_chat_conversation_send_file (conversation, file, name))
    say (widget, _ ("Your peer’s version of Srudp Chat knows of no files."));
}

/* --- Choosing -------------------------------------------------------------- */

static void
response_cb (GtkNativeDialog       *dialog,
             int                    response,
             SrudpChatConversation *conversation)
{
  GtkWidget *parent = GTK_WIDGET (gtk_native_dialog_get_transient_for (dialog));
  g_autoptr (GListModel) files = gtk_file_chooser_get_files (GTK_FILE_CHOOSER (dialog));
  guint n_files = response == GTK_RESPONSE_ACCEPT ? g_list_model_get_n_items (files) : 0;

  for (guint i = 0; i < n_files; i++)
    {
      g_autoptr (GFile) file = g_list_model_get_item (files, i);

      attach (parent, conversation, file, NULL);
    }
  gtk_native_dialog_destroy (dialog);
  g_object_unref (dialog);
}

void
srudp_chat_attachments_choose (GtkWidget             *widget,
                               SrudpChatConversation *conversation)
{
  GtkWindow *window = GTK_WINDOW (gtk_widget_get_root (widget));
  GtkFileChooserNative *dialog =
    gtk_file_chooser_native_new (_ ("Send Files"), window, GTK_FILE_CHOOSER_ACTION_OPEN,
                                 _ ("_Send"), _ ("_Cancel"));

  gtk_file_chooser_set_select_multiple (GTK_FILE_CHOOSER (dialog), TRUE);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_signal_connect_object (dialog, "response", G_CALLBACK (response_cb), conversation, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

/* --- Dropping -------------------------------------------------------------- */

static gboolean
attach_value (GtkWidget             *widget,
              SrudpChatConversation *conversation,
              const GValue          *value)
{
  GSList *files;

  if (!G_VALUE_HOLDS (value, GDK_TYPE_FILE_LIST))
    return FALSE;
  files = g_value_get_boxed (value);
  for (GSList *each = files; each != NULL; each = each->next)
    attach (widget, conversation, each->data, NULL);
  return files != NULL;
}

static gboolean
drop_cb (GtkDropTarget         *target,
         const GValue          *value,
         double                 x,
         double                 y,
         SrudpChatConversation *conversation)
{
  GtkWidget *widget = gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (target));

  return attach_value (widget, conversation, value);
}

/* Files that are dropped on @widget are sent. */
void
srudp_chat_attachments_drop (GtkWidget             *widget,
                             SrudpChatConversation *conversation)
{
  GtkDropTarget *target = gtk_drop_target_new (GDK_TYPE_FILE_LIST, GDK_ACTION_COPY);

  g_signal_connect_object (target, "drop", G_CALLBACK (drop_cb), conversation, 0);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (target));
}

/* --- Pasting --------------------------------------------------------------- */

typedef struct
{
  GtkWidget *widget;
  SrudpChatConversation *conversation;
} Paste;

static void
paste_free (Paste *paste)
{
  g_object_unref (paste->widget);
  g_object_unref (paste->conversation);
  g_free (paste);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Paste, paste_free)

/* Pictures that were pasted are kept as long as the session. */
static GFile *
save_picture (GdkTexture *texture)
{
  g_autofree char *folder = g_build_filename (g_get_user_runtime_dir (), "srudp-chat", NULL);
  g_autofree char *path = g_build_filename (folder, "pasted-XXXXXX.png", NULL);
  int fd;

  g_mkdir_with_parents (folder, 0700);
  fd = g_mkstemp (path);
  if (fd < 0)
    return NULL;
  g_close (fd, NULL);
  return gdk_texture_save_to_png (texture, path) ? g_file_new_for_path (path) : NULL;
}

static void
texture_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (Paste) paste = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GdkTexture) texture =
    gdk_clipboard_read_texture_finish (GDK_CLIPBOARD (source), result, &error);
  g_autoptr (GFile) file = texture != NULL ? save_picture (texture) : NULL;

  if (file != NULL)
    /* Translators: the name of a file with a pasted picture; keep ".png". */
    attach (paste->widget, paste->conversation, file, _ ("Picture.png"));
  else
    say (paste->widget, _ ("The picture could not be pasted."));
}

static void
files_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (Paste) paste = user_data;
  const GValue *value = gdk_clipboard_read_value_finish (GDK_CLIPBOARD (source), result, NULL);

  if (value != NULL)
    attach_value (paste->widget, paste->conversation, value);
}

/* Returns: FALSE if the clipboard holds nothing but, perhaps, text. */
gboolean
srudp_chat_attachments_paste (GtkWidget             *widget,
                              SrudpChatConversation *conversation)
{
  GdkClipboard *clipboard = gtk_widget_get_clipboard (widget);
  GdkContentFormats *formats = gdk_clipboard_get_formats (clipboard);
  gboolean has_files = gdk_content_formats_contain_gtype (formats, GDK_TYPE_FILE_LIST);
  gboolean has_picture = gdk_content_formats_contain_gtype (formats, GDK_TYPE_TEXTURE);
  Paste *paste;

  if (!has_files && !has_picture)
    return FALSE;
  paste = g_new0 (Paste, 1);
  paste->widget = g_object_ref (widget);
  paste->conversation = g_object_ref (conversation);
  if (has_files)
    gdk_clipboard_read_value_async (clipboard, GDK_TYPE_FILE_LIST, G_PRIORITY_DEFAULT, NULL,
                                    files_cb, paste);
  else
    gdk_clipboard_read_texture_async (clipboard, NULL, texture_cb, paste);
  return TRUE;
}
