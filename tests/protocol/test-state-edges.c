/*
 * SPDX-License-Identifier: MIT
 *
 * test-state-edges.c: every edge of every state machine is gone along
 *
 * Sessions tell each of their states by an event. The others have one function
 * that changes the state; this program is linked so that those calls come by
 * here (--wrap of the linker). At the end stands the list of all edges, and how
 * often each was taken.
 */
#include "srudp-session.h"
#include "srudp-stream-state.h"
#include "srudp-transport-private.h"
#include "test-pipe.h"

#define MS 1000
#define SECOND G_USEC_PER_SEC

/* --- The machines ----------------------------------------------------------- */

static const char *const connection_states[] = {
  "NEW", "RESOLVING", "WAITING", "PUNCHING", "SECURING", "ESTABLISHED",
  "UNREACHABLE", "CLOSING", "CLOSED",
};
static const char *const send_states[] = {
  "SEND", "DATA_SENT", "DATA_RECVD", "RESET_SENT", "RESET_RECVD",
};
static const char *const receive_states[] = {
  "RECV", "SIZE_KNOWN", "DATA_RECVD", "DATA_READ", "RESET_RECVD", "RESET_READ",
};
typedef enum
{
  PATH_NONE = 0,
  PATH_UNPROVEN,  /* a packet came from there */
  PATH_OWN,       /* we want to move there */
  PATH_REPEATED,  /* a challenge was not answered in time */
  PATH_VALIDATED,
  PATH_FAILED,    /* no challenge was ever answered */
} PathState;
static const char *const path_states[] = {
  "NONE", "UNPROVEN", "OWN", "REPEATED", "VALIDATED", "FAILED",
};

#define MAX_STATES 9
/* An x for each edge there is: a row from, a column to. */
typedef struct
{
  const char *name;
  const char *const *states;
  guint n_states;
  const char *edges[MAX_STATES];
  guint n_taken[MAX_STATES][MAX_STATES];
} Machine;

static Machine connection = {
  "connection", connection_states, G_N_ELEMENTS (connection_states), {
    "..x..x..x", ".........", "...x....x", "....x...x", ".....x..x",
    "......xxx", ".....x.xx", "........x", ".........",
  },
};
static Machine transport = {
  "transport", connection_states, G_N_ELEMENTS (connection_states), {
    ".........", ".........", ".........", ".........", ".........",
    "......xxx", ".....x.xx", "........x", ".........",
  },
};
static Machine output = {
  "output of a stream", send_states, G_N_ELEMENTS (send_states), {
    ".x.x.", "..xx.", ".....", "....x", ".....",
  },
};
static Machine input = {
  "input of a stream", receive_states, G_N_ELEMENTS (receive_states), {
    ".x..x.", "..x.x.", "...x..", "......", ".....x", "......",
  },
};
static Machine path = {
  "path", path_states, G_N_ELEMENTS (path_states), {
    ".xx...", "x..xx.", "x..xx.", "x..xxx", "x.....", "......",
  },
};

static Machine *const machines[] = { &connection, &transport, &output, &input,
                                     &path };

static void
note (Machine *machine,
      guint    from,
      guint    to)
{
  g_assert_cmpuint (MAX (from, to), <, machine->n_states);
  if (machine->edges[from][to] != 'x')
    g_error ("%s: %s to %s is no edge", machine->name, machine->states[from],
             machine->states[to]);
  machine->n_taken[from][to]++;
}

/* --- What comes by here ----------------------------------------------------- */

void     __real_srudp_transport_set_state (SrudpTransport *self,
                                           SrudpState      state);
void     __wrap_srudp_transport_set_state (SrudpTransport *self,
                                           SrudpState      state);
void     __real_srudp_stream_set_send_state (SrudpStream    *stream,
                                             SrudpSendState  state);
void     __wrap_srudp_stream_set_send_state (SrudpStream    *stream,
                                             SrudpSendState  state);
void     __real_srudp_stream_set_recv_state (SrudpStream    *stream,
                                             SrudpRecvState  state);
void     __wrap_srudp_stream_set_recv_state (SrudpStream    *stream,
                                             SrudpRecvState  state);
gboolean __real_srudp_path_state_on_response (SrudpPathState *state,
                                              const guint8   *answer);
gboolean __wrap_srudp_path_state_on_response (SrudpPathState *state,
                                              const guint8   *answer);
SrudpPathVerdict
         __real_srudp_path_state_on_timeout (SrudpPathState *state,
                                             gint64          now);
SrudpPathVerdict
         __wrap_srudp_path_state_on_timeout (SrudpPathState *state,
                                             gint64          now);
void     __real_srudp_path_state_init_unproven (SrudpPathState  *state,
                                                const SrudpPath *addresses,
                                                const guint8    *challenge);
void     __wrap_srudp_path_state_init_unproven (SrudpPathState  *state,
                                                const SrudpPath *addresses,
                                                const guint8    *challenge);
void     __real_srudp_path_state_init_own (SrudpPathState  *state,
                                           const SrudpPath *addresses,
                                           const guint8    *challenge);
void     __wrap_srudp_path_state_init_own (SrudpPathState  *state,
                                           const SrudpPath *addresses,
                                           const guint8    *challenge);
void     __real_srudp_path_state_clear (SrudpPathState *state);
void     __wrap_srudp_path_state_clear (SrudpPathState *state);

void
__wrap_srudp_transport_set_state (SrudpTransport *self,
                                  SrudpState      state)
{
  note (&transport, self->state, state);
  __real_srudp_transport_set_state (self, state);
}

void
__wrap_srudp_stream_set_send_state (SrudpStream    *stream,
                                    SrudpSendState  state)
{
  note (&output, stream->send_state, state);
  __real_srudp_stream_set_send_state (stream, state);
}

void
__wrap_srudp_stream_set_recv_state (SrudpStream    *stream,
                                    SrudpRecvState  state)
{
  note (&input, stream->recv_state, state);
  __real_srudp_stream_set_recv_state (stream, state);
}

static PathState
get_path_state (const SrudpPathState *state)
{
  if (!state->in_use)
    return PATH_NONE;
  if (state->validated)
    return PATH_VALIDATED;
  if (state->n_challenges > 1)
    return PATH_REPEATED;

  return state->is_own_idea ? PATH_OWN : PATH_UNPROVEN;
}

void
__wrap_srudp_path_state_init_unproven (SrudpPathState  *state,
                                       const SrudpPath *addresses,
                                       const guint8    *challenge)
{
  if (state->in_use)
    note (&path, get_path_state (state), PATH_NONE);
  note (&path, PATH_NONE, PATH_UNPROVEN);
  __real_srudp_path_state_init_unproven (state, addresses, challenge);
}

void
__wrap_srudp_path_state_init_own (SrudpPathState  *state,
                                  const SrudpPath *addresses,
                                  const guint8    *challenge)
{
  if (state->in_use)
    note (&path, get_path_state (state), PATH_NONE);
  note (&path, PATH_NONE, PATH_OWN);
  __real_srudp_path_state_init_own (state, addresses, challenge);
}

gboolean
__wrap_srudp_path_state_on_response (SrudpPathState *state,
                                     const guint8   *answer)
{
  PathState before = get_path_state (state);
  gboolean proven = __real_srudp_path_state_on_response (state, answer);

  if (proven && before != PATH_VALIDATED)
    note (&path, before, PATH_VALIDATED);

  return proven;
}

SrudpPathVerdict
__wrap_srudp_path_state_on_timeout (SrudpPathState *state,
                                    gint64          now)
{
  PathState before = get_path_state (state);
  guint n = state->n_challenges;
  SrudpPathVerdict verdict = __real_srudp_path_state_on_timeout (state, now);

  if (verdict == SRUDP_PATH_FAILED)
    note (&path, before, PATH_FAILED);
  /* The first one may only have been put off. */
  else if (verdict == SRUDP_PATH_REPEAT && n > 0)
    note (&path, before, PATH_REPEATED);

  return verdict;
}

void
__wrap_srudp_path_state_clear (SrudpPathState *state)
{
  PathState before = get_path_state (state);

  /* A transport clears what it has just made. */
  if (before != PATH_NONE)
    note (&path, before, PATH_NONE);
  __real_srudp_path_state_clear (state);
}

/* --- The scenes ------------------------------------------------------------- */

/* Which packets are dropped: by their first byte, or by what comes next. */
typedef struct
{
  guint8 kind;      /* of a handshake packet; 0: none */
  gboolean all;
  guint n_next;     /* the next so many */
} Drop;

static PipeVerdict
drop_cb (Pipe       *pipe,
         PipePacket *packet,
         gpointer    user_data)
{
  Drop *drop = user_data;

  if (drop->all || (drop->kind != 0 && packet->data[0] == drop->kind))
    return PIPE_DROP;
  if (drop->n_next > 0)
    {
      drop->n_next--;
      return PIPE_DROP;
    }

  return PIPE_PASS;
}

/* The states that a node's sessions went through. */
static void
note_sessions (Pipe *pipe)
{
  for (guint i = 0; i < pipe->n_nodes; i++)
    {
      g_autoptr (GHashTable) last = g_hash_table_new (NULL, NULL);

      for (guint k = 0; k < pipe->events[i]->len; k++)
        {
          SrudpEvent *event = &g_array_index (pipe->events[i], SrudpEvent, k);
          gpointer from = g_hash_table_lookup (last, event->session);

          if (event->type != SRUDP_EVENT_STATE
              && event->type != SRUDP_EVENT_INCOMING)
            continue;
          note (&connection, GPOINTER_TO_UINT (from), event->state);
          g_hash_table_insert (last, event->session,
                               GUINT_TO_POINTER (event->state));
        }
    }
}

static void
set_scene (Pipe         *pipe,
           Drop         *drop,
           SrudpSession *sessions[2])
{
  pipe->filter = drop_cb;
  pipe->filter_data = drop;
  srudp_engine_set_accepting (pipe->engines[1], TRUE);
  sessions[0] = pipe_open (pipe, 0, 1, PIPE_PINNED);
  pipe_run (pipe, 500 * MS);
  sessions[1] = pipe_get_incoming (pipe, 1, 0);
  pipe_assert_connected (sessions[0], sessions[1]);
}

static void
test_opening_in_vain (void)
{
  static const guint8 kinds[] = { 0xc1, 0xc2, 0xc3 };
  guint8 key[SRUDP_KEY_BYTES];

  /* Nobody answers; a HELLO comes and no more; message 2 and no more. */
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr (Pipe) pipe = pipe_new (1 + i, 2);
      Drop drop = { .kind = kinds[i] };

      pipe->filter = drop_cb;
      pipe->filter_data = &drop;
      pipe_open (pipe, 0, 1, PIPE_PINNED);
      pipe_open (pipe, 1, 0, PIPE_PINNED);
      pipe_run (pipe, 30 * SECOND);
      note_sessions (pipe);
    }

  /* Oneself is nobody to connect to. */
  {
    g_autoptr (Pipe) pipe = pipe_new (9, 2);
    SrudpOpenConfig config = { .candidates = &pipe->addresses[1],
                               .n_candidates = 1, .expected_peer = key };

    pipe_get_key (pipe, 0, key);
    srudp_engine_open (pipe->engines[0], pipe->now, &config);
    pipe_run (pipe, SECOND);
    note_sessions (pipe);
  }
}

static gboolean
say (Pipe         *pipe,
     SrudpSession *session,
     guint64       id,
     gsize         n)
{
  SrudpSlice slice = { srudp_chunk_new (n), 0, n };

  memset (slice.chunk->data, 1, n);

  return srudp_session_write (session, pipe->now, id, &slice);
}

static void
listen_to (Pipe         *pipe,
           SrudpSession *session,
           guint64       id)
{
  SrudpSlice slice;

  while (srudp_session_read (session, id, &slice))
    {
      srudp_session_consume (session, pipe->now, id, slice.length);
      srudp_slice_clear (&slice);
    }
  srudp_session_get_read_state (session, id);
}

static void
test_falling_silent (void)
{
  enum { COMES_BACK, IS_GONE, IS_CLOSED, IS_ABORTED, N_ENDS };

  for (guint end = 0; end < N_ENDS; end++)
    {
      g_autoptr (Pipe) pipe = pipe_new (20 + end, 2);
      Drop drop = { 0 };
      SrudpSession *sessions[2];

      set_scene (pipe, &drop, sessions);
      drop.all = end != IS_ABORTED;
      say (pipe, sessions[0], SRUDP_MAIN_STREAM, 100);
      pipe_run (pipe, 6 * SECOND);
      drop.all = end == IS_GONE || end == IS_CLOSED;
      if (end == COMES_BACK)
        pipe_run (pipe, 6 * SECOND);
      if (end == IS_ABORTED)
        srudp_session_abort (sessions[0], pipe->now);
      else if (end != IS_GONE)
        srudp_session_close (sessions[0], pipe->now);
      pipe_run (pipe, 60 * SECOND);
      note_sessions (pipe);
    }
}

/* In order; reset before the end; reset after it, when all was sent and when
 * the end is known and bytes are missing. */
static void
test_streams (void)
{
  enum { IN_ORDER, RESET, RESET_AFTER_END, RESET_WITH_GAP, N_ENDS };

  for (guint end = 0; end < N_ENDS; end++)
    {
      g_autoptr (Pipe) pipe = pipe_new (30 + end, 2);
      Drop drop = { 0 };
      SrudpSession *sessions[2];
      guint64 id;

      set_scene (pipe, &drop, sessions);
      g_assert_true (srudp_session_open_stream (sessions[0], &id));
      drop.n_next = end == RESET_WITH_GAP ? 1 : 0;
      drop.all = end == RESET_AFTER_END;
      say (pipe, sessions[0], id, 3000);
      if (end != RESET)
        srudp_session_finish (sessions[0], pipe->now, id);
      pipe_run (pipe, 20 * MS);
      drop.all = FALSE;
      if (end != IN_ORDER)
        srudp_session_reset_stream (sessions[0], pipe->now, id, 7);
      pipe_run (pipe, SECOND);
      listen_to (pipe, sessions[1], id);
      srudp_session_finish (sessions[1], pipe->now, id);
      pipe_run (pipe, SECOND);
      listen_to (pipe, sessions[0], id);
      note_sessions (pipe);
    }
}

/* --- Paths ------------------------------------------------------------------ */

static void
send_from (Pipe         *pipe,
           SrudpSession *session,
           guint16       port)
{
  pipe->addresses[0].port = port;
  say (pipe, session, SRUDP_MAIN_STREAM, 100);
}

/* A NAT that changes its mind: at once answered; when a challenge was lost; the
 * packets go on along the old path; the answers never come. */
static void
test_rebinding (void)
{
  enum { ANSWERED, ANSWERED_LATE, TAKEN_BACK, TAKEN_BACK_LATE, IN_VAIN, N_ENDS };

  for (guint end = 0; end < N_ENDS; end++)
    {
      g_autoptr (Pipe) pipe = pipe_new (40 + end, 2);
      Drop drop = { 0 };
      SrudpSession *sessions[2];
      guint16 old_port;

      set_scene (pipe, &drop, sessions);
      old_port = pipe->addresses[0].port;
      send_from (pipe, sessions[0], 5000);
      /* Let it get there, and nothing back. */
      pipe_flush (pipe);
      drop.all = end != ANSWERED;
      pipe_run (pipe, end == TAKEN_BACK ? 20 * MS : 300 * MS);
      drop.all = end == IN_VAIN;
      if (end == TAKEN_BACK || end == TAKEN_BACK_LATE)
        send_from (pipe, sessions[0], old_port);
      pipe_run (pipe, 10 * SECOND);
      note_sessions (pipe);
    }
}

/* A move of one's own: answered, answered late, given up for another, in vain,
 * and while the peer is not to be heard at all. */
static void
test_moving (void)
{
  enum { ANSWERED, ANSWERED_LATE, ANOTHER, IN_VAIN, N_ENDS };

  for (guint end = 0; end < N_ENDS; end++)
    {
      g_autoptr (Pipe) pipe = pipe_new (50 + end, 2);
      Drop drop = { 0 };
      SrudpSession *sessions[2];
      SrudpAddress local;
      guint8 ip[4] = { 192, 0, 2, 77 };

      set_scene (pipe, &drop, sessions);
      srudp_address_init_ipv4 (&local, ip, 1000);
      drop.all = end != ANSWERED;
      g_assert_true (srudp_session_migrate (sessions[0], pipe->now, &local));
      if (end == ANOTHER)
        {
          pipe_flush (pipe);
          local.ip[15]++;
          srudp_session_migrate (sessions[0], pipe->now, &local);
        }
      pipe_run (pipe, 500 * MS);
      drop.all = end == IN_VAIN;
      pipe_run (pipe, 10 * SECOND);
      note_sessions (pipe);
    }
}

/* --- The list --------------------------------------------------------------- */

static void
test_all_were_taken (void)
{
  guint n_missing = 0;

  for (guint i = 0; i < G_N_ELEMENTS (machines); i++)
    for (guint from = 0; from < machines[i]->n_states; from++)
      for (guint to = 0; to < machines[i]->n_states; to++)
        {
          guint n = machines[i]->n_taken[from][to];

          if (machines[i]->edges[from][to] != 'x')
            continue;
          g_test_message ("%s: %s -> %s: %s (%u)", machines[i]->name,
                          machines[i]->states[from], machines[i]->states[to],
                          n > 0 ? "taken" : "NEVER TAKEN", n);
          n_missing += n == 0;
        }
  g_assert_cmpuint (n_missing, ==, 0);
}

/* The table above is the engine's own. */
static void
test_list_is_complete (void)
{
  for (guint from = 0; from < SRUDP_N_STATES; from++)
    for (guint to = 0; to < SRUDP_N_STATES; to++)
      g_assert_cmpint (connection.edges[from][to] == 'x', ==,
                       srudp_session_edge_is_legal (from, to));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/edges/list-is-complete", test_list_is_complete);
  g_test_add_func ("/edges/opening-in-vain", test_opening_in_vain);
  g_test_add_func ("/edges/falling-silent", test_falling_silent);
  g_test_add_func ("/edges/streams", test_streams);
  g_test_add_func ("/edges/rebinding", test_rebinding);
  g_test_add_func ("/edges/moving", test_moving);
  g_test_add_func ("/edges/all-were-taken", test_all_were_taken);

  return g_test_run ();
}
