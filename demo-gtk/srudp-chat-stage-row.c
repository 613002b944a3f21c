/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-stage-row.c: one step on the way to a connection
 */
#include "config.h"

#include "srudp-chat-stage-row.h"

#include <glib/gi18n.h>

struct _SrudpChatStageRow
{
  AdwActionRow parent_instance;

  GtkStack *mark;
  GtkSpinner *spinner;
};

G_DEFINE_FINAL_TYPE (SrudpChatStageRow, srudp_chat_stage_row, ADW_TYPE_ACTION_ROW)

static void
srudp_chat_stage_row_class_init (SrudpChatStageRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/srudp/Chat/srudp-chat-stage-row.ui");
  gtk_widget_class_bind_template_child (widget_class, SrudpChatStageRow, mark);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatStageRow, spinner);
}

static void
srudp_chat_stage_row_init (SrudpChatStageRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  /* Its label says the title, and more. */
  gtk_accessible_reset_relation (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_RELATION_LABELLED_BY);
}

static const char *
stage_in_words (SrudpChatStage stage)
{
  switch (stage)
    {
    case SRUDP_CHAT_STAGE_ACTIVE:
      return _ ("in progress");
    case SRUDP_CHAT_STAGE_DONE:
      return _ ("done");
    case SRUDP_CHAT_STAGE_FAILED:
      return _ ("failed");
    case SRUDP_CHAT_STAGE_PENDING:
    default:
      return _ ("not started");
    }
}

/* @detail may be NULL. */
void
srudp_chat_stage_row_set (SrudpChatStageRow *self,
                          SrudpChatStage     stage,
                          const char        *detail)
{
  static const char *const names[] = { "pending", "active", "done", "failed" };
  const char *title = adw_preferences_row_get_title (ADW_PREFERENCES_ROW (self));
  g_autofree char *label = NULL;

  gtk_stack_set_visible_child_name (self->mark, names[stage]);
  gtk_spinner_set_spinning (self->spinner, stage == SRUDP_CHAT_STAGE_ACTIVE);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self), detail != NULL ? detail : "");

  /* Translators: a step of connecting and its state: "Opening a path: done". */
  label = g_strdup_printf (_ ("%s: %s"), title, stage_in_words (stage));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
}
