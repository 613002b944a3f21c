/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-mailbox.c: how other threads have a worker do something
 *
 * The engine belongs to the worker. Whoever wants something of it posts a
 * function, and the worker is woken only when its mailbox was empty before, and
 * it sleeps: while it is awake, it looks before it falls asleep. Or
 * he takes the worker's turn while that is asleep, which saves both of them
 * the way from thread to thread.
 */
#include "config.h"

#include "srudp-glib/srudp-mailbox-private.h"

#include "srudp-glib/srudp-fork-private.h"
#include "srudp-glib/srudp-source-private.h"

/* A question and its answer on one machine, or between two in one room. */
#define BRISK_US 100

typedef struct
{
  SrudpMailFunc func;
  gpointer data;
} Mail;

struct _SrudpMailbox
{
  gatomicrefcount ref_count;
  int n_forks; /* constant */
  GMainContext *context;
  GMutex turn; /* before any other lock; held by the worker unless it sleeps */
  /* Whose turn it is. */
  gboolean lent;  /* somebody else had it since the worker fell asleep */
  gboolean brisk; /* the last such sleep was short */

  GMutex lock;

  /* Under the lock. */
  GArray *mails; /* of Mail */
  GSource *source; /* NULL once closed */
  gboolean awake;  /* it will look into its mailbox */

  /* Worker only. */
  GArray *spare; /* of Mail: what is being worked off */
  SrudpMailFunc after;
  gpointer after_data;
};

typedef struct
{
  GSource parent;
  SrudpMailbox *mailbox;
} MailSource;

static void
work_off (SrudpMailbox *self)
{
  GArray *mails;

  g_mutex_lock (&self->lock);
  mails = self->mails;
  self->mails = self->spare;
  self->spare = mails;
  g_mutex_unlock (&self->lock);

  for (guint i = 0; i < mails->len; i++)
    {
      Mail mail = g_array_index (mails, Mail, i);

      mail.func (mail.data);
    }
  g_array_set_size (mails, 0);
}

static gboolean
has_mail (SrudpMailbox *self)
{
  gboolean has;

  g_mutex_lock (&self->lock);
  has = self->mails->len > 0;
  g_mutex_unlock (&self->lock);
  return has;
}

static gboolean
mail_source_prepare (GSource *source,
                     int     *timeout_ms)
{
  *timeout_ms = -1;
  return has_mail (((MailSource *) source)->mailbox);
}

static gboolean
mail_source_check (GSource *source)
{
  return has_mail (((MailSource *) source)->mailbox);
}

static gboolean
mail_source_dispatch (GSource     *source,
                      GSourceFunc  callback,
                      gpointer     user_data)
{
  SrudpMailbox *self = ((MailSource *) source)->mailbox;

  /* Whatever is posted from here on wakes the worker anew. */
  g_source_set_ready_time (source, -1);
  work_off (self);
  self->after (self->after_data);
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs mail_source_funcs = {
  .prepare = mail_source_prepare,
  .check = mail_source_check,
  .dispatch = mail_source_dispatch,
};

SrudpMailbox *
srudp_mailbox_new (GMainContext *context)
{
  SrudpMailbox *self = g_new0 (SrudpMailbox, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->n_forks = srudp_fork_count ();
  self->context = g_main_context_ref (context);
  g_mutex_init (&self->turn);
  g_mutex_init (&self->lock);
  self->mails = g_array_new (FALSE, FALSE, sizeof (Mail));
  self->spare = g_array_new (FALSE, FALSE, sizeof (Mail));
  self->source = g_source_new (&mail_source_funcs, sizeof (MailSource));
  ((MailSource *) self->source)->mailbox = self;
  g_source_set_static_name (self->source, "[srudp] mailbox");
  return self;
}

SrudpMailbox *
srudp_mailbox_ref (SrudpMailbox *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
srudp_mailbox_unref (SrudpMailbox *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_clear_pointer (&self->source, g_source_unref);
  g_array_unref (self->mails);
  g_array_unref (self->spare);
  g_main_context_unref (self->context);
  g_mutex_clear (&self->lock);
  g_mutex_clear (&self->turn);
  g_free (self);
}

gboolean
srudp_mailbox_post (SrudpMailbox  *self,
                    SrudpMailFunc  func,
                    gpointer       data)
{
  Mail mail = { func, data };
  gboolean open;

  /* The worker is in another process. */
  if (self->n_forks != srudp_fork_count ())
    return FALSE;

  g_mutex_lock (&self->lock);
  open = self->source != NULL;
  if (open)
    {
      g_array_append_val (self->mails, mail);
      if (self->mails->len == 1 && !self->awake)
        g_source_set_ready_time (self->source, 0);
    }
  g_mutex_unlock (&self->lock);
  return open;
}

/* A copy of the worker's memory has no worker, and must not send in its name. */
gboolean
srudp_mailbox_try_turn (SrudpMailbox *self)
{
  gboolean idle;

  if (self->n_forks != srudp_fork_count () || !g_mutex_trylock (&self->turn))
    return FALSE;

  g_mutex_lock (&self->lock);
  idle = self->source != NULL && self->mails->len == 0;
  g_mutex_unlock (&self->lock);

  if (idle)
    self->lent = TRUE;
  else
    g_mutex_unlock (&self->turn);
  return idle;
}

void
srudp_mailbox_give_turn (SrudpMailbox *self)
{
  g_mutex_unlock (&self->turn);
}

/* GLib gives a poll function no data. */
static GPrivate sleeping = G_PRIVATE_INIT (NULL);

/* Somebody asks and is answered so quickly that it takes longer to fall asleep
 * and be woken: stays awake for that long. Others may run meanwhile. */
static int
doze (GPollFD *fds,
      guint    n_fds,
      gint64   until_us)
{
  int n_ready;

  while ((n_ready = g_poll (fds, n_fds, 0)) == 0
         && g_get_monotonic_time () < until_us)
    g_thread_yield ();
  return n_ready;
}

/* FALSE: there is mail, and nobody has woken the worker for it. */
static gboolean
fall_asleep (SrudpMailbox *self)
{
  g_mutex_lock (&self->lock);
  self->awake = self->mails->len > 0;
  g_mutex_unlock (&self->lock);
  return !self->awake;
}

static void
wake_up (SrudpMailbox *self)
{
  g_mutex_lock (&self->lock);
  self->awake = TRUE;
  g_mutex_unlock (&self->lock);
}

static int
sleep_out_of_turn (GPollFD *fds,
                   guint    n_fds,
                   int      timeout_ms)
{
  SrudpMailbox *self = g_private_get (&sleeping);
  gint64 start_us;
  gboolean brisk;
  int n_ready = 0;

  if (timeout_ms == 0 || !fall_asleep (self))
    return g_poll (fds, n_fds, 0);

  start_us = g_get_monotonic_time ();
  brisk = self->brisk;
  self->lent = FALSE;
  g_mutex_unlock (&self->turn);
  if (brisk)
    n_ready = doze (fds, n_fds, start_us + BRISK_US);
  if (n_ready == 0)
    n_ready = g_poll (fds, n_fds, timeout_ms);
  g_mutex_lock (&self->turn);
  wake_up (self);
  self->brisk = self->lent && n_ready > 0
                && g_get_monotonic_time () - start_us <= BRISK_US;
  return n_ready;
}

void
srudp_mailbox_begin_turns (SrudpMailbox *self,
                           gboolean      lend)
{
  g_private_set (&sleeping, self);
  g_mutex_lock (&self->turn);
  if (lend)
    g_main_context_set_poll_func (self->context, sleep_out_of_turn);
}

void
srudp_mailbox_end_turns (SrudpMailbox *self)
{
  g_mutex_unlock (&self->turn);
  g_private_set (&sleeping, NULL);
}

void
srudp_mailbox_start (SrudpMailbox  *self,
                     SrudpMailFunc  after,
                     gpointer       user_data)
{
  self->after = after;
  self->after_data = user_data;
  g_source_attach (self->source, self->context);
}

void
srudp_mailbox_close (SrudpMailbox *self)
{
  GSource *source;

  g_mutex_lock (&self->lock);
  source = g_steal_pointer (&self->source);
  g_mutex_unlock (&self->lock);

  work_off (self);
  srudp_clear_source (&source);
}
