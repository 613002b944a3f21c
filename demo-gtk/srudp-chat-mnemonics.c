/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-mnemonics.c: what buttons with an underlined letter are called
 *
 * The toolkit calls such a button by its label as it was given, underscore and
 * all, and then by what the label shows: "_Connect Connect". Whoever has the
 * window read out gets it once.
 */
#include "config.h"

#include "srudp-chat-mnemonics.h"

/* Where no letter of the word can be typed it stands behind: "接続(_C)". */
static const char *
skip_letter_behind (const char *label)
{
  if (g_str_has_prefix (label, "(_") && label[2] != '\0')
    {
      const char *end = g_utf8_next_char (label + 2);

      if (*end == ')')
        return end + 1;
    }
  return label;
}

/**
 * srudp_chat_mnemonics_strip:
 * @label: a label in which an underscore stands before the letter to underline
 *
 * Returns: (transfer full): what it says
 */
char *
srudp_chat_mnemonics_strip (const char *label)
{
  GString *said = g_string_new (NULL);

  while (*label != '\0')
    {
      const char *behind = skip_letter_behind (label);

      if (behind != label)
        label = behind;
      else if (*label == '_' && *++label == '\0')
        break;
      else
        g_string_append_c (said, *label++);
    }
  return g_string_free (said, FALSE);
}

static void
name_cb (GtkButton *button)
{
  const char *label = gtk_button_get_label (button);
  g_autofree char *said = NULL;

  if (label == NULL || !gtk_button_get_use_underline (button))
    return;
  said = srudp_chat_mnemonics_strip (label);
  gtk_accessible_reset_relation (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_RELATION_LABELLED_BY);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, said,
                                  -1);
}

/**
 * srudp_chat_mnemonics_name:
 * @widget: a widget with buttons in it
 *
 * Has all buttons in @widget called by what is written on them, now and when
 * that changes.
 */
void
srudp_chat_mnemonics_name (GtkWidget *widget)
{
  if (GTK_IS_BUTTON (widget))
    {
      name_cb (GTK_BUTTON (widget));
      g_signal_connect (widget, "notify::label", G_CALLBACK (name_cb), NULL);
      g_signal_connect (widget, "notify::use-underline", G_CALLBACK (name_cb), NULL);
      return;
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    srudp_chat_mnemonics_name (child);
}
