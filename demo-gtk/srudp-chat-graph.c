/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-graph.c: how much went to and fro in the last minute
 */
#include "config.h"

#include "srudp-chat-graph.h"

#include <glib/gi18n.h>

#define HEIGHT 112
/* Less than this is drawn as little, not as much. */
#define MIN_SCALE 1000.0
#define MARGIN 12
#define SHADE 0.15

struct _SrudpChatGraph
{
  GtkWidget parent_instance;

  SrudpChatThroughput throughput;
};

G_DEFINE_FINAL_TYPE (SrudpChatGraph, srudp_chat_graph, GTK_TYPE_WIDGET)

/* Where the curves go, and what is at their top. */
typedef struct
{
  double width;
  double height;
  double top;
  double scale;
} Frame;

static void
trace (cairo_t      *cr,
       const Frame  *frame,
       const double *values)
{
  const int n = SRUDP_CHAT_THROUGHPUT_SECONDS;

  for (int i = 0; i < n; i++)
    cairo_line_to (cr, MARGIN + (frame->width - 2 * MARGIN) * i / (n - 1),
                   frame->height - MARGIN
                     - (frame->height - frame->top - MARGIN) * values[2 * i] / frame->scale);
}

static void
shade_below (cairo_t       *cr,
             const Frame   *frame,
             const GdkRGBA *color)
{
  cairo_path_t *curve = cairo_copy_path (cr);

  cairo_line_to (cr, frame->width - MARGIN, frame->height - MARGIN);
  cairo_line_to (cr, MARGIN, frame->height - MARGIN);
  cairo_set_source_rgba (cr, color->red, color->green, color->blue, color->alpha * SHADE);
  cairo_fill (cr);
  cairo_append_path (cr, curve);
  cairo_path_destroy (curve);
}

static void
draw (SrudpChatGraph *self,
      cairo_t        *cr,
      const Frame    *frame)
{
  GtkStyleContext *style = gtk_widget_get_style_context (GTK_WIDGET (self));
  GdkRGBA color, accent;

  gtk_style_context_get_color (style, &color);
  if (!gtk_style_context_lookup_color (style, "accent_color", &accent))
    accent = color;
  cairo_set_line_width (cr, 2);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  trace (cr, frame, &self->throughput.samples[0].sent);
  shade_below (cr, frame, &accent);
  gdk_cairo_set_source_rgba (cr, &accent);
  cairo_stroke (cr);
  /* Not by its colour alone can it be told from the other. */
  cairo_set_dash (cr, (const double[]) { 4, 4 }, 2, 0);
  gdk_cairo_set_source_rgba (cr, &color);
  trace (cr, frame, &self->throughput.samples[0].received);
  cairo_stroke (cr);
}

/* Returns where it ends. */
static double
write_scale (SrudpChatGraph *self,
             GtkSnapshot    *snapshot,
             double          most)
{
  GtkWidget *widget = GTK_WIDGET (self);
  g_autofree char *size = g_format_size ((guint64) most);
  /* Translators: what the top of a graph stands for, such as "12 MB". */
  g_autofree char *words = g_strdup_printf (_ ("Up to %s per second"), size);
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (widget, words);
  gboolean rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  int width, height;
  GdkRGBA color;

  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &color);
  pango_layout_get_pixel_size (layout, &width, &height);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (
    snapshot,
    &GRAPHENE_POINT_INIT ((float) (rtl ? gtk_widget_get_width (widget) - MARGIN - width : MARGIN),
                          MARGIN / 2.0f));
  gtk_snapshot_append_layout (snapshot, layout, &color);
  gtk_snapshot_restore (snapshot);
  return MARGIN + height;
}

static void
srudp_chat_graph_snapshot (GtkWidget   *widget,
                           GtkSnapshot *snapshot)
{
  SrudpChatGraph *self = SRUDP_CHAT_GRAPH (widget);
  double most = srudp_chat_throughput_get_most (&self->throughput);
  Frame frame = {
    .width = gtk_widget_get_width (widget),
    .height = gtk_widget_get_height (widget),
    .top = most > 0 ? write_scale (self, snapshot, most) : MARGIN,
    .scale = MAX (most, MIN_SCALE),
  };
  cairo_t *cr = gtk_snapshot_append_cairo (
    snapshot, &GRAPHENE_RECT_INIT (0, 0, (float) frame.width, (float) frame.height));

  draw (self, cr, &frame);
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
  *minimum = *natural = orientation == GTK_ORIENTATION_VERTICAL ? HEIGHT
                                                                : SRUDP_CHAT_THROUGHPUT_SECONDS;
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

void
srudp_chat_graph_show (SrudpChatGraph            *self,
                       const SrudpChatThroughput *throughput)
{
  const SrudpChatThroughputSample *last =
    &throughput->samples[SRUDP_CHAT_THROUGHPUT_SECONDS - 1];
  g_autofree char *sent = g_format_size ((guint64) last->sent);
  g_autofree char *received = g_format_size ((guint64) last->received);
  /* Translators: amounts of data, such as "12 kB". */
  g_autofree char *words =
    g_strdup_printf (_ ("%s sent and %s received in the last second"), sent, received);

  self->throughput = *throughput;
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, words,
                                  -1);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}
