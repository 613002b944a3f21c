/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-fold-box.c: widgets side by side where there is room, else one
 * below the other
 *
 * Words are longer in some languages and larger for some eyes: two buttons that
 * fit beside each other here don't fit there.
 */
#include "config.h"

#include "srudp-chat-fold-box.h"

struct _SrudpChatFoldBox
{
  GtkWidget parent_instance;

  int spacing;
};

enum
{
  PROP_0,
  PROP_SPACING,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (SrudpChatFoldBox, srudp_chat_fold_box, GTK_TYPE_WIDGET)

/* --- How much room --------------------------------------------------------- */

/* The first at or after @child that is to be seen. */
static GtkWidget *
skip_hidden (GtkWidget *child)
{
  while (child != NULL && !gtk_widget_should_layout (child))
    child = gtk_widget_get_next_sibling (child);
  return child;
}

static GtkWidget *
get_first (SrudpChatFoldBox *self)
{
  return skip_hidden (gtk_widget_get_first_child (GTK_WIDGET (self)));
}

static GtkWidget *
get_next (GtkWidget *child)
{
  return skip_hidden (gtk_widget_get_next_sibling (child));
}

static gboolean
expands (GtkWidget *child)
{
  return gtk_widget_compute_expand (child, GTK_ORIENTATION_HORIZONTAL);
}

static int
get_width (GtkWidget *child,
           gboolean   least)
{
  int minimum, natural;

  gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, &natural, NULL, NULL);
  return least ? minimum : natural;
}

/* What is left of @width in a row where all have the widths they like, only who
 * expands the least one; negative if it cannot hold them. */
static int
get_rest (SrudpChatFoldBox *self,
          int               width,
          int              *n_expanding)
{
  GtkWidget *first = get_first (self);

  *n_expanding = 0;
  for (GtkWidget *child = first; child != NULL; child = get_next (child))
    {
      width -= get_width (child, expands (child)) + (child != first ? self->spacing : 0);
      *n_expanding += expands (child);
    }
  return width;
}

/* Widths of those in a row of @width; NULL if it cannot hold them. */
static GArray *
share_row (SrudpChatFoldBox *self,
           int               width)
{
  int n_expanding;
  int rest = get_rest (self, width, &n_expanding);
  GArray *widths;

  if (rest < 0)
    return NULL;
  widths = g_array_new (FALSE, FALSE, sizeof (int));
  for (GtkWidget *child = get_first (self); child != NULL; child = get_next (child))
    {
      int share = get_width (child, expands (child));

      if (n_expanding > 0 && expands (child))
        {
          share += rest / n_expanding;
          rest -= rest / n_expanding;
          n_expanding--;
        }
      g_array_append_val (widths, share);
    }
  return widths;
}

/* --- Widget ---------------------------------------------------------------- */

static GtkSizeRequestMode
srudp_chat_fold_box_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

/* At least as wide as the widest alone, at best as all of them beside each other. */
static void
measure_widths (SrudpChatFoldBox *self,
                int              *minimum,
                int              *natural)
{
  GtkWidget *first = get_first (self);

  for (GtkWidget *child = first; child != NULL; child = get_next (child))
    {
      *minimum = MAX (*minimum, get_width (child, TRUE));
      *natural += get_width (child, FALSE) + (child != first ? self->spacing : 0);
    }
}

static void
measure_heights (SrudpChatFoldBox *self,
                 int               width,
                 int              *minimum,
                 int              *natural)
{
  g_autoptr (GArray) row = share_row (self, width);
  guint i = 0;

  for (GtkWidget *child = get_first (self); child != NULL; child = get_next (child), i++)
    {
      int least, usual;

      gtk_widget_measure (child, GTK_ORIENTATION_VERTICAL,
                          row != NULL ? g_array_index (row, int, i) : width, &least, &usual,
                          NULL, NULL);
      if (row != NULL)
        {
          *minimum = MAX (*minimum, least);
          *natural = MAX (*natural, usual);
        }
      else
        {
          *minimum += least + (i > 0 ? self->spacing : 0);
          *natural += usual + (i > 0 ? self->spacing : 0);
        }
    }
}

static void
srudp_chat_fold_box_measure (GtkWidget      *widget,
                             GtkOrientation  orientation,
                             int             for_size,
                             int            *minimum,
                             int            *natural,
                             int            *minimum_baseline,
                             int            *natural_baseline)
{
  SrudpChatFoldBox *self = SRUDP_CHAT_FOLD_BOX (widget);

  *minimum = *natural = 0;
  *minimum_baseline = *natural_baseline = -1;
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      measure_widths (self, minimum, natural);
      return;
    }
  if (for_size < 0)
    for_size = get_width (widget, FALSE);
  measure_heights (self, for_size, minimum, natural);
}

static void
allocate_row (SrudpChatFoldBox *self,
              GArray           *row,
              int               width,
              int               height)
{
  gboolean rtl = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;
  GtkWidget *child = get_first (self);
  int at = 0;

  for (guint i = 0; i < row->len; i++, child = get_next (child))
    {
      int share = g_array_index (row, int, i);
      GtkAllocation place = { rtl ? width - at - share : at, 0, share, height };

      gtk_widget_size_allocate (child, &place, -1);
      at += share + self->spacing;
    }
}

static void
allocate_column (SrudpChatFoldBox *self,
                 int               width)
{
  int at = 0;

  for (GtkWidget *child = get_first (self); child != NULL; child = get_next (child))
    {
      GtkAllocation place = { 0, at, width, 0 };

      gtk_widget_measure (child, GTK_ORIENTATION_VERTICAL, width, &place.height, NULL, NULL,
                          NULL);
      gtk_widget_size_allocate (child, &place, -1);
      at += place.height + self->spacing;
    }
}

static void
srudp_chat_fold_box_size_allocate (GtkWidget *widget,
                                   int        width,
                                   int        height,
                                   int        baseline)
{
  SrudpChatFoldBox *self = SRUDP_CHAT_FOLD_BOX (widget);
  g_autoptr (GArray) row = share_row (self, width);

  if (row != NULL)
    allocate_row (self, row, width, height);
  else
    allocate_column (self, width);
}

/* --- Object ---------------------------------------------------------------- */

static void
srudp_chat_fold_box_get_property (GObject    *object,
                                  guint       property,
                                  GValue     *value,
                                  GParamSpec *pspec)
{
  g_value_set_int (value, SRUDP_CHAT_FOLD_BOX (object)->spacing);
}

static void
srudp_chat_fold_box_set_property (GObject      *object,
                                  guint         property,
                                  const GValue *value,
                                  GParamSpec   *pspec)
{
  SRUDP_CHAT_FOLD_BOX (object)->spacing = g_value_get_int (value);
  gtk_widget_queue_resize (GTK_WIDGET (object));
}

static void
srudp_chat_fold_box_dispose (GObject *object)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);

  G_OBJECT_CLASS (srudp_chat_fold_box_parent_class)->dispose (object);
}

static void
srudp_chat_fold_box_class_init (SrudpChatFoldBoxClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = srudp_chat_fold_box_dispose;
  object_class->get_property = srudp_chat_fold_box_get_property;
  object_class->set_property = srudp_chat_fold_box_set_property;
  widget_class->get_request_mode = srudp_chat_fold_box_get_request_mode;
  widget_class->measure = srudp_chat_fold_box_measure;
  widget_class->size_allocate = srudp_chat_fold_box_size_allocate;

  props[PROP_SPACING] = g_param_spec_int ("spacing", NULL, NULL, 0, G_MAXINT, 0,
                                          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
srudp_chat_fold_box_init (SrudpChatFoldBox *self)
{
}
