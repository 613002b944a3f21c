/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-graph.c: how much went to and fro in the last minute
 */
#include "config.h"

#include "srudp-chat-graph.h"

#include <glib/gi18n.h>

/* One each second. */
#define N_SAMPLES 60
#define HEIGHT 96
/* Less than this is drawn as little, not as much. */
#define MIN_SCALE 1000.0
#define MARGIN 12

typedef struct
{
  double sent;
  double received;
} Sample;

struct _SrudpChatGraph
{
  GtkWidget parent_instance;

  Sample samples[N_SAMPLES]; /* the newest is the last */
};

G_DEFINE_FINAL_TYPE (SrudpChatGraph, srudp_chat_graph, GTK_TYPE_WIDGET)

static double
get_scale (SrudpChatGraph *self)
{
  double scale = MIN_SCALE;

  for (guint i = 0; i < N_SAMPLES; i++)
    scale = MAX (scale, MAX (self->samples[i].sent, self->samples[i].received));
  return scale;
}

static void
draw_line (cairo_t      *cr,
           const double *values,
           double        scale,
           double        width,
           double        height)
{
  for (guint i = 0; i < N_SAMPLES; i++)
    cairo_line_to (cr, MARGIN + (width - 2 * MARGIN) * i / (N_SAMPLES - 1),
                   height - MARGIN - (height - 2 * MARGIN) * values[2 * i] / scale);
  cairo_stroke (cr);
}

static void
srudp_chat_graph_snapshot (GtkWidget   *widget,
                           GtkSnapshot *snapshot)
{
  SrudpChatGraph *self = SRUDP_CHAT_GRAPH (widget);
  GtkStyleContext *style = gtk_widget_get_style_context (widget);
  float width = (float) gtk_widget_get_width (widget);
  float height = (float) gtk_widget_get_height (widget);
  cairo_t *cr = gtk_snapshot_append_cairo (snapshot,
                                           &GRAPHENE_RECT_INIT (0, 0, width, height));
  double scale = get_scale (self);
  GdkRGBA color, accent;

  gtk_style_context_get_color (style, &color);
  if (!gtk_style_context_lookup_color (style, "accent_color", &accent))
    accent = color;
  cairo_set_line_width (cr, 2);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  gdk_cairo_set_source_rgba (cr, &accent);
  draw_line (cr, &self->samples[0].sent, scale, width, height);
  /* Not by its colour alone can it be told from the other. */
  cairo_set_dash (cr, (const double[]) { 4, 4 }, 2, 0);
  gdk_cairo_set_source_rgba (cr, &color);
  draw_line (cr, &self->samples[0].received, scale, width, height);
  cairo_destroy (cr);
}

static void
srudp_chat_graph_measure (GtkWidget      *widget,
                          GtkOrientation  orientation,
                          int             for_size,
                          int            *minimum,
                          int            *natural,
                          int            *minimum_baseline,
                          int            *natural_baseline)
{
  *minimum = *natural = orientation == GTK_ORIENTATION_VERTICAL ? HEIGHT : N_SAMPLES;
}

static void
srudp_chat_graph_class_init (SrudpChatGraphClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  widget_class->snapshot = srudp_chat_graph_snapshot;
  widget_class->measure = srudp_chat_graph_measure;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
srudp_chat_graph_init (SrudpChatGraph *self)
{
}

/* What went in the last second, in bytes; to be called once a second. */
void
srudp_chat_graph_add (SrudpChatGraph *self,
                      double          sent,
                      double          received)
{
  g_autofree char *sent_words = g_format_size ((guint64) sent);
  g_autofree char *received_words = g_format_size ((guint64) received);
  /* Translators: amounts of data, such as "12 kB". */
  g_autofree char *words =
    g_strdup_printf (_ ("%s sent and %s received in the last second"), sent_words,
                     received_words);

  memmove (self->samples, self->samples + 1, sizeof self->samples - sizeof (Sample));
  self->samples[N_SAMPLES - 1] = (Sample) { sent, received };
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, words,
                                  -1);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}
