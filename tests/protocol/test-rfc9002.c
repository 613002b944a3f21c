/*
 * SPDX-License-Identifier: MIT
 *
 * test-rfc9002.c: loss detection and congestion control by the book, as tables
 * of what happens when, and what follows
 *
 * Times are in milliseconds, windows in packets. A line of a script is a time,
 * what happens then, and what must hold right after it:
 *
 *     send A-B      packets of these numbers leave
 *     ack A-B [+D]  an ACK of these arrives; the peer held it back for D ms
 *     timer         the timer goes off
 *
 *     srtt var min  the estimates of the round-trip time
 *     pto           the probe timeout without back-off
 *     timer         when it goes off next; "never"
 *     probes        packets to be sent now, whatever the window
 *     acked lost    numbers, "-": none
 *     spurious      packets that were called lost and came after all
 *     persistent    whether congestion persists: yes, no
 *     window        the congestion window
 *     state         of congestion control, by its qlog name
 */
#include <srudp-cubic.h>
#include <srudp-recovery.h>

#include <stdio.h>
#include <string.h>

#define MS 1000
#define PACKET 1200
#define BULK (SRUDP_SENT_ACK_ELICITING | SRUDP_SENT_IN_FLIGHT)

typedef struct
{
  gint64 at_ms;
  const char *in, *out;
} Line;

/* RFC 9002, sections 6.2.1 and 6.2.2: from the last ack-eliciting packet on,
 * doubled each time, here up to 900 ms, and reset by an ACK. Without any sample
 * the round trip is taken for 333 ms: 333 + 4 * 166.5 + 25. */
static const Line probe_timeout[] = {
  {    0, "send 0-0", "timer=1024" },
  {  100, "ack 0-0", "acked=0 srtt=100 var=50 min=100 pto=325 timer=never" },
  {  200, "send 1-1", "timer=525" },
  {  300, "send 2-2", "timer=625" },
  {  625, "timer", "probes=2 lost=- timer=1275" },
  {  625, "send 3-4", "timer=1275" },
  { 1275, "timer", "probes=2 lost=- timer=2175" },
  { 1275, "send 5-5", "timer=2175" },
  { 1375, "ack 1-5", "acked=1,2,3,4,5 probes=0 srtt=100 timer=never" },
  { 1400, "send 6-6", "pto=275 timer=1675" },
  /* What lies between was answered: no back-off is left. */
};

/* Section 5.3: of the first sample nothing is taken off; later no more than
 * max_ack_delay (25), and never so much that it falls below the minimum. */
static const Line ack_delay[] = {
  {    0, "send 0-0", "" },
  {  100, "ack 0-0 +20", "srtt=100 var=50 min=100" },
  {  200, "send 1-1", "" },
  {  320, "ack 1-1 +10", "srtt=101.25 var=40 min=100" },
  {  400, "send 2-2", "" },
  {  505, "ack 2-2 +20", "srtt=101.72 var=30.94 min=100" },
  {  600, "send 3-3", "" },
  {  800, "ack 3-3 +90", "srtt=110.88 var=41.52 min=100" },
  {  900, "send 4-4", "" },
  {  980, "ack 4-4 +25", "srtt=107.02 var=38.86 min=80" },
};

/* Section 6.1.1: three packets later; section 6.1.2: nine eighths of a round
 * trip later. An ACK of the unacknowledged rest stops the clock. */
static const Line loss[] = {
  {    0, "send 0-0", "" },
  {  100, "ack 0-0", "srtt=100" },
  {  200, "send 1-5", "" },
  {  300, "ack 4-4", "acked=4 lost=1 timer=312.5" },
  {  312, "timer", "lost=- probes=0 timer=312.5" },
  {  313, "timer", "lost=2,3 probes=0" },
  {  320, "ack 5-5", "acked=5 lost=- timer=never" },
};

/* Section 7.6: all that was sent over more than three probe timeouts (275 ms
 * each, with the sample that this ACK gives) is lost, so the window falls to
 * two packets, and grows by the one that tells of it; not so if one in between
 * came through, or if the time was shorter. */
static const Line persistent[] = {
  {    0, "send 0-0", "" },
  {  100, "ack 0-0", "srtt=100 pto=325 window=11" },
  {  200, "send 1-1", "" },
  {  700, "send 2-2", "" },
  { 1030, "send 3-3", "" },
  { 1200, "send 4-6", "" },
  { 1300, "ack 6-6", "acked=6 lost=1,2,3 persistent=yes window=3" },
};

static const Line not_that_long[] = {
  {    0, "send 0-0", "" },
  {  100, "ack 0-0", "pto=325 window=11" },
  {  200, "send 1-1", "" },
  {  700, "send 2-2", "" },
  { 1020, "send 3-3", "" },
  { 1200, "send 4-6", "" },
  { 1300, "ack 6-6", "lost=1,2,3 persistent=no window=7.7" },
};

static const Line not_in_a_row[] = {
  {    0, "send 0-0", "" },
  {  100, "ack 0-0", "pto=325 window=11" },
  {  200, "send 1-1", "" },
  {  700, "send 2-2", "" },
  { 1030, "send 3-3", "" },
  { 1200, "send 4-6", "" },
  { 1290, "ack 2-2", "acked=2" },
  { 1300, "ack 6-6", "lost=3 persistent=no" },
};

/* What was called lost arrives: the window is what it was (RFC 9438, section
 * 4.9), and the next of that kind is waited for longer. */
static const Line undo[] = {
  {    0, "send 0-9", "window=10" },
  {  100, "ack 0-0", "window=11 state=slow_start" },
  {  110, "ack 5-9", "acked=5,6,7,8,9 lost=1,2,3,4 state=congestion_avoidance window=7.7" },
  {  115, "ack 1-4", "spurious=4 lost=- window=11 state=slow_start" },
  {  200, "send 10-19", "" },
  {  300, "ack 14-18", "acked=14,15,16,17,18 lost=- spurious=0" },
  {  300, "ack 19-19", "acked=19 lost=10" },
};

/* Section 7.3.1: a packet for a packet, up to the first loss. It goes on from
 * seven tenths of that (RFC 9438, section 4.6) towards what the window was,
 * within K = cbrt (35 * 0.3 / 0.4) = 2.97 s (section 4.2): 0.4 * (t - K)^3 + 35
 * is 27.4 a round trip after t = 0.2. */
static const Line slow_start_by_loss[] = {
  {    0, "send 0-9", "window=10 state=slow_start" },
  {  100, "ack 0-9", "window=20 state=slow_start" },
  {  100, "send 10-29", "" },
  {  200, "ack 10-24", "window=35 state=slow_start" },
  {  205, "ack 28-29", "lost=25,26 window=24.5 state=congestion_avoidance" },
  {  206, "ack 27-27", "lost=- window=24.5" },
  {  300, "send 30-54", "" },
  {  400, "ack 30-54", "state=congestion_avoidance window=27.34" },
};

/* RFC 9406, section 4.2: eight samples of one round that are all an eighth of
 * a round trip above the round before (at least 4 ms, at most 16): the window
 * grows at a quarter of the pace from there on, and slow start is over after
 * five rounds of it. */
static const Line slow_start_by_delay[] = {
  {    0, "send 0-9", "" },
  {  100, "ack 0-0", "" }, {  100, "ack 1-1", "" }, {  100, "ack 2-2", "" },
  {  100, "ack 3-3", "" }, {  100, "ack 4-4", "" }, {  100, "ack 5-5", "" },
  {  100, "ack 6-6", "" }, {  100, "ack 7-7", "" }, {  100, "ack 8-8", "" },
  {  100, "ack 9-9", "window=20 state=slow_start" },
  {  100, "send 10-29", "" },
  {  214, "ack 10-10", "" }, {  214, "ack 11-11", "" },
  {  214, "ack 12-12", "" }, {  214, "ack 13-13", "" },
  {  214, "ack 14-14", "" }, {  214, "ack 15-15", "" },
  {  214, "ack 16-16", "window=27" },
  {  214, "ack 17-17", "window=28" },
  {  214, "ack 18-18", "window=28.25" },
  {  214, "ack 19-19", "window=28.5" },
  {  214, "ack 20-29", "window=31 state=slow_start" },
  /* Rounds of the same delay: five, and it is over. */
  {  215, "send 30-49", "" },
  {  330, "ack 30-49", "window=36 state=slow_start" },
  {  331, "send 50-69", "" },
  {  446, "ack 50-69", "window=41 state=slow_start" },
  {  447, "send 70-89", "" },
  {  562, "ack 70-89", "window=46 state=slow_start" },
  {  563, "send 90-109", "" },
  {  678, "ack 90-109", "window=51 state=slow_start" },
  {  679, "send 110-129", "" },
  {  794, "ack 110-129", "state=congestion_avoidance" },
};

#define SCRIPT(lines) lines, G_N_ELEMENTS (lines)

static const struct
{
  const char *path;
  const Line *lines;
  guint n;
} scripts[] = {
  { "/rfc9002/probe-timeout", SCRIPT (probe_timeout) },
  { "/rfc9002/ack-delay", SCRIPT (ack_delay) },
  { "/rfc9002/loss", SCRIPT (loss) },
  { "/rfc9002/persistent-congestion", SCRIPT (persistent) },
  { "/rfc9002/persistent-congestion/not-that-long", SCRIPT (not_that_long) },
  { "/rfc9002/persistent-congestion/not-in-a-row", SCRIPT (not_in_a_row) },
  { "/rfc9002/spurious-loss-is-undone", SCRIPT (undo) },
  { "/rfc9002/slow-start-ends-by-loss", SCRIPT (slow_start_by_loss) },
  { "/rfc9002/slow-start-ends-by-delay", SCRIPT (slow_start_by_delay) },
};

/* What one line brought about. */
typedef struct
{
  SrudpRecovery recovery;
  SrudpLossOutcome outcome;
  GString *acked, *lost;
} Stage;

static int
compare_numbers (gconstpointer a,
                 gconstpointer b)
{
  guint64 x = *(const guint64 *) a, y = *(const guint64 *) b;

  return x < y ? -1 : x > y;
}

static void
take (SrudpRecovery *recovery,
      const SrudpSentPacket *(*next) (SrudpRecovery *),
      GString *out)
{
  g_autoptr (GArray) numbers = g_array_new (FALSE, FALSE, sizeof (guint64));
  const SrudpSentPacket *packet;

  while ((packet = next (recovery)) != NULL)
    g_array_append_val (numbers, packet->number);
  g_array_sort (numbers, compare_numbers);
  g_string_assign (out, numbers->len > 0 ? "" : "-");
  for (guint i = 0; i < numbers->len; i++)
    g_string_append_printf (out, "%s%" G_GUINT64_FORMAT, i > 0 ? "," : "",
                            g_array_index (numbers, guint64, i));
}

static void
play (Stage      *stage,
      gint64      now,
      const char *in)
{
  SrudpRecovery *recovery = &stage->recovery;
  guint64 first = 0, last = 0;
  guint delay_ms = 0;

  memset (&stage->outcome, 0, sizeof stage->outcome);
  if (sscanf (in, "send %" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT, &first,
              &last) == 2)
    {
      for (guint64 i = first; i <= last; i++)
        g_assert_cmpuint (srudp_recovery_on_sent (recovery, now, PACKET,
                                                  BULK)->number, ==, i);
    }
  else if (sscanf (in, "ack %" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT " +%u",
                   &first, &last, &delay_ms) >= 2)
    {
      SrudpAckRange range = { first, last };

      g_assert_true (srudp_recovery_on_ack (recovery, now, &range, 1,
                                            delay_ms * MS, NULL,
                                            &stage->outcome));
    }
  else
    {
      g_assert_cmpstr (in, ==, "timer");
      srudp_recovery_on_timer (recovery, now, &stage->outcome);
    }
  take (recovery, srudp_recovery_next_acked, stage->acked);
  take (recovery, srudp_recovery_next_lost, stage->lost);
}

/* At most two decimals, and none that say nothing. */
static char *
format_number (double number)
{
  char *text = g_strdup_printf ("%.2f", number);
  char *end = text + strlen (text) - 1;

  while (*end == '0')
    *end-- = '\0';
  if (*end == '.')
    *end = '\0';

  return text;
}

static char *
describe (Stage      *stage,
          const char *key)
{
  const SrudpRecovery *recovery = &stage->recovery;
  const SrudpRtt *rtt = &recovery->rtt;
  const SrudpCongestion *congestion = recovery->congestion;
  gint64 deadline = srudp_recovery_get_deadline (recovery);

  if (g_str_equal (key, "srtt"))
    return format_number ((double) rtt->smoothed_us / MS);
  if (g_str_equal (key, "var"))
    return format_number ((double) rtt->variance_us / MS);
  if (g_str_equal (key, "min"))
    return format_number ((double) rtt->min_us / MS);
  if (g_str_equal (key, "pto"))
    return format_number ((double) srudp_recovery_get_pto (recovery) / MS);
  if (g_str_equal (key, "timer"))
    return deadline < 0 ? g_strdup ("never")
                        : format_number ((double) deadline / MS);
  if (g_str_equal (key, "probes"))
    return g_strdup_printf ("%u", recovery->n_probes);
  if (g_str_equal (key, "acked"))
    return g_strdup (stage->acked->str);
  if (g_str_equal (key, "lost"))
    return g_strdup (stage->lost->str);
  if (g_str_equal (key, "spurious"))
    return g_strdup_printf ("%" G_GUINT64_FORMAT, stage->outcome.n_spurious);
  if (g_str_equal (key, "persistent"))
    return g_strdup (stage->outcome.persistent_congestion ? "yes" : "no");
  if (g_str_equal (key, "window"))
    return format_number ((double) srudp_recovery_get_window (recovery) / PACKET);
  if (g_str_equal (key, "state"))
    return g_strdup (congestion->klass->get_state (congestion));
  g_error ("no such value: %s", key);
}

static guint
check (Stage      *stage,
       guint       line,
       const char *out)
{
  g_auto (GStrv) pairs = g_strsplit (out, " ", -1);
  guint n_wrong = 0;

  for (guint i = 0; pairs[i] != NULL && pairs[i][0] != '\0'; i++)
    {
      g_auto (GStrv) pair = g_strsplit (pairs[i], "=", 2);
      g_autofree char *got = describe (stage, pair[0]);

      if (g_str_equal (got, pair[1]))
        continue;
      g_test_message ("line %u: %s is %s, not %s", line, pair[0], got, pair[1]);
      n_wrong++;
    }

  return n_wrong;
}

static void
test_script (gconstpointer data)
{
  guint index = GPOINTER_TO_UINT (data), n_wrong = 0;
  SrudpRecoveryConfig config = {
    .controller = &srudp_cubic,
    .first_rtt_us = -1,
    .max_ack_delay_us = 25 * MS,
    .max_datagram_size = PACKET,
  };
  Stage stage = { .acked = g_string_new (NULL), .lost = g_string_new (NULL) };

  srudp_recovery_init (&stage.recovery, &config, 0);
  for (guint i = 0; i < scripts[index].n; i++)
    {
      const Line *line = &scripts[index].lines[i];

      play (&stage, line->at_ms * MS, line->in);
      n_wrong += check (&stage, i + 1, line->out);
    }
  g_assert_cmpuint (n_wrong, ==, 0);

  srudp_recovery_clear (&stage.recovery);
  g_string_free (stage.acked, TRUE);
  g_string_free (stage.lost, TRUE);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (scripts); i++)
    g_test_add_data_func (scripts[i].path, GUINT_TO_POINTER (i), test_script);

  return g_test_run ();
}
