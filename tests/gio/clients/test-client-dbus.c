/*
 * SPDX-License-Identifier: MIT
 *
 * test-client-dbus.c: D-Bus from peer to peer over a connection
 */
#include "client-support.h"

#define N_CALLS 1000
/* Each of them takes a round trip. */
#define N_BLOCKING_CALLS_ROUGH 50
#define TIMEOUT_MS 60000

static const char interface_xml[] =
  "<node><interface name='org.example.Mirror'>"
  "<method name='Measure'>"
  "<arg type='ay' direction='in'/><arg type='u' direction='in'/>"
  "<arg type='t' direction='out'/><arg type='u' direction='out'/>"
  "</method></interface></node>";

/* The server: tells the length of the argument, and the number again. */

static void
method_call_cb (GDBusConnection       *bus,
                const char            *sender,
                const char            *path,
                const char            *interface,
                const char            *method,
                GVariant              *parameters,
                GDBusMethodInvocation *invocation,
                gpointer               user_data)
{
  g_autoptr (GVariant) bytes = NULL;
  guint32 number;

  g_variant_get (parameters, "(@ayu)", &bytes, &number);
  g_dbus_method_invocation_return_value (
    invocation, g_variant_new ("(tu)", (guint64) g_variant_get_size (bytes),
                               number));
}

static const GDBusInterfaceVTable vtable = { .method_call = method_call_cb };

/* Methods are called in the context of whoever registers: a thread's own, as
 * the client blocks. */
typedef struct
{
  GIOStream *stream;
  GMainContext *context;
  GMainLoop *loop;
} ServerThread;

static GDBusConnection *
new_server (GIOStream *stream)
{
  g_autofree char *guid = g_dbus_generate_guid ();
  g_autoptr (GError) error = NULL;
  GDBusConnection *bus = g_dbus_connection_new_sync (
    stream, guid,
    G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_SERVER
      | G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_ALLOW_ANONYMOUS
      | G_DBUS_CONNECTION_FLAGS_DELAY_MESSAGE_PROCESSING,
    NULL, NULL, &error);

  g_assert_no_error (error);
  return bus;
}

static gpointer
server_thread (gpointer data)
{
  ServerThread *self = data;
  g_autoptr (GDBusNodeInfo) info =
    g_dbus_node_info_new_for_xml (interface_xml, NULL);
  g_autoptr (GDBusConnection) bus = NULL;
  g_autoptr (GError) error = NULL;

  g_main_context_push_thread_default (self->context);
  bus = new_server (self->stream);
  g_dbus_connection_register_object (bus, "/mirror", info->interfaces[0],
                                     &vtable, NULL, NULL, &error);
  g_assert_no_error (error);
  g_dbus_connection_start_message_processing (bus);
  g_main_loop_run (self->loop);
  g_main_context_pop_thread_default (self->context);
  return NULL;
}

static GThread *
server_start (ServerThread *self,
              GIOStream    *stream)
{
  self->stream = stream;
  self->context = g_main_context_new ();
  self->loop = g_main_loop_new (self->context, FALSE);
  return g_thread_new ("server", server_thread, self);
}

static gboolean
quit_cb (gpointer data)
{
  g_main_loop_quit (data);
  return G_SOURCE_REMOVE;
}

static void
server_stop (ServerThread *self,
             GThread      *thread)
{
  g_main_context_invoke (self->context, quit_cb, self->loop);
  g_thread_join (thread);
  g_main_loop_unref (self->loop);
  g_main_context_unref (self->context);
}

/* The client */

static GDBusConnection *
new_client (Link *link)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GDBusConnection *bus;

  g_dbus_connection_new (link->stream_a, NULL,
                         G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT, NULL,
                         NULL, client_store_cb, &result);
  client_run_until ((gpointer *) &result);
  bus = g_dbus_connection_new_finish (result, &error);
  g_assert_no_error (error);
  return bus;
}

static GVariant *
make_argument (gsize   size,
               guint32 number)
{
  g_autoptr (GBytes) bytes = client_make_bytes (size, number);

  return g_variant_new ("(@ayu)",
                        g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING,
                                                  bytes, TRUE),
                        number);
}

static void
expect_reply (GVariant *reply,
              gsize     size,
              guint32   number)
{
  guint64 reply_size;
  guint32 reply_number;

  g_variant_get (reply, "(tu)", &reply_size, &reply_number);
  g_assert_cmpuint (reply_size, ==, size);
  g_assert_cmpuint (reply_number, ==, number);
}

static void
call_sync (GDBusConnection *bus,
           gsize            size,
           guint32          number)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
    bus, NULL, "/mirror", "org.example.Mirror", "Measure",
    make_argument (size, number), G_VARIANT_TYPE ("(tu)"),
    G_DBUS_CALL_FLAGS_NONE, TIMEOUT_MS, NULL, &error);

  g_assert_no_error (error);
  expect_reply (reply, size, number);
}

static void
close_bus (GDBusConnection *bus)
{
  g_autoptr (GError) error = NULL;

  g_dbus_connection_close_sync (bus, NULL, &error);
  g_assert_no_error (error);
}

static void
test_sync (Link *link)
{
  ServerThread server;
  GThread *thread = server_start (&server, link->stream_b);
  g_autoptr (GDBusConnection) bus = NULL;
  g_autoptr (GError) error = NULL;
  guint n = (guint) client_size (link, N_CALLS, N_BLOCKING_CALLS_ROUGH);

  bus = g_dbus_connection_new_sync (
    link->stream_a, NULL, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT, NULL,
    NULL, &error);
  g_assert_no_error (error);
  for (guint32 i = 0; i < n; i++)
    call_sync (bus, i, i);
  close_bus (bus);
  server_stop (&server, thread);
}

static void
test_large (Link *link)
{
  ServerThread server;
  GThread *thread = server_start (&server, link->stream_b);
  g_autoptr (GDBusConnection) bus = new_client (link);

  call_sync (bus, MEBIBYTE, 1);
  call_sync (bus, 0, 2);
  close_bus (bus);
  server_stop (&server, thread);
}

typedef struct
{
  guint n_replies;
  gboolean replied[N_CALLS];
  gpointer all; /* not NULL in the end */
} Replies;

static void
reply_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  Replies *replies = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply =
    g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  guint64 size;
  guint32 number;

  g_assert_no_error (error);
  g_variant_get (reply, "(tu)", &size, &number);
  g_assert_cmpuint (number, <, N_CALLS);
  g_assert_cmpuint (size, ==, number);
  g_assert_false (replies->replied[number]);
  replies->replied[number] = TRUE;
  if (++replies->n_replies == N_CALLS)
    replies->all = replies;
}

static void
test_async (Link *link)
{
  ServerThread server;
  GThread *thread = server_start (&server, link->stream_b);
  g_autoptr (GDBusConnection) bus = new_client (link);
  Replies replies = { 0 };

  for (guint32 i = 0; i < N_CALLS; i++)
    g_dbus_connection_call (bus, NULL, "/mirror", "org.example.Mirror",
                            "Measure", make_argument (i, i),
                            G_VARIANT_TYPE ("(tu)"), G_DBUS_CALL_FLAGS_NONE,
                            TIMEOUT_MS, NULL, reply_cb, &replies);
  client_run_until (&replies.all);
  close_bus (bus);
  server_stop (&server, thread);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  client_add ("/d-bus/blocking-calls", test_sync);
  client_add ("/d-bus/asynchronous-calls", test_async);
  client_add ("/d-bus/a-megabyte", test_large);

  return g_test_run ();
}
