/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-words.c: words that have room
 */
#include "config.h"

#include "srudp-chat-words.h"

/* A name that strangers choose does not get all of the window. */
#define MAX_TITLE_CHARS 48
#define MAX_TITLE_LINES 2
#define MAX_SUBTITLE_LINES 3

static void
wrap (GtkLabel *label)
{
  gtk_label_set_ellipsize (label, PANGO_ELLIPSIZE_NONE);
  gtk_label_set_wrap (label, TRUE);
  gtk_label_set_wrap_mode (label, PANGO_WRAP_WORD_CHAR);
}

static GtkSizeRequestMode
title_request_mode (GtkWidget *title)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

/* The header asks how wide this is at its own height, which has room for two
 * lines. Words go over several lines only where they have to. */
static void
title_measure (GtkWidget      *title,
               GtkOrientation  orientation,
               int             for_size,
               int            *minimum,
               int            *natural,
               int            *minimum_baseline,
               int            *natural_baseline)
{
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    for_size = -1;
  gtk_widget_measure (gtk_widget_get_first_child (title), orientation, for_size, minimum,
                      natural, minimum_baseline, natural_baseline);
}

static void
title_allocate (GtkWidget *title,
                int        width,
                int        height,
                int        baseline)
{
  gtk_widget_allocate (gtk_widget_get_first_child (title), width, height, baseline, NULL);
}

static void
wrap_in_title (GtkWidget *label)
{
  gboolean below = gtk_widget_has_css_class (label, "subtitle");
  g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();

  pango_attr_list_insert (attributes, pango_attr_insert_hyphens_new (FALSE));
  gtk_label_set_attributes (GTK_LABEL (label), attributes);
  gtk_label_set_single_line_mode (GTK_LABEL (label), FALSE);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_max_width_chars (GTK_LABEL (label), MAX_TITLE_CHARS);
  gtk_label_set_lines (GTK_LABEL (label), below ? MAX_SUBTITLE_LINES : MAX_TITLE_LINES);
  gtk_label_set_justify (GTK_LABEL (label), GTK_JUSTIFY_CENTER);
}

static void
wrap_title (GtkWidget *title)
{
  GtkWidget *box = gtk_widget_get_first_child (title);

  for (GtkWidget *child = gtk_widget_get_first_child (box); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (GTK_IS_LABEL (child))
      wrap_in_title (child);
  gtk_widget_set_layout_manager (
    title, gtk_custom_layout_new (title_request_mode, title_measure, title_allocate));
}

/* Lets the words on all buttons in @widget, above all groups and in headers go over several
 * lines: by itself the toolkit would make the window wider, or cut them. */
void
srudp_chat_words_wrap (GtkWidget *widget)
{
  GtkWidget *label = GTK_IS_BUTTON (widget) ? gtk_button_get_child (GTK_BUTTON (widget)) : NULL;

  if (GTK_IS_LABEL (label))
    {
      wrap (GTK_LABEL (label));
      gtk_label_set_justify (GTK_LABEL (label), GTK_JUSTIFY_CENTER);
      return;
    }
  if (GTK_IS_LABEL (widget) && gtk_widget_has_css_class (widget, "heading")
      && gtk_widget_get_ancestor (widget, ADW_TYPE_PREFERENCES_GROUP) != NULL)
    wrap (GTK_LABEL (widget));
  if (ADW_IS_WINDOW_TITLE (widget))
    {
      wrap_title (widget);
      return;
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    srudp_chat_words_wrap (child);
}
