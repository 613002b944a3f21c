/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-endpoint-survey-private.h: what is made of the answers of STUN servers
 *
 * Somebody waits for an object that takes a survey of the prober: it is ordered
 * here, and made on the worker.
 */
#pragma once

#include "srudp-glib/srudp-endpoint-private.h"
#include "srudp-glib/srudp-prober-private.h"

G_BEGIN_DECLS

/* What `done` is given as user data; it has to free it. */
typedef struct
{
  SrudpEndpointCore *core;
  SrudpWaiter *waiter;
  SrudpSurveyFunc done;
  gboolean maps_port; /* the router is asked as well */
  guint lifetime_s;   /* of an invitation; 0: without a limit */
} SrudpSurveyOrder;

void     srudp_survey_order_free     (SrudpSurveyOrder *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SrudpSurveyOrder, srudp_survey_order_free)

/* The endpoint was closed. */
void     srudp_survey_order_fail     (SrudpSurveyOrder *self);
/* This is it (transfer full). */
void     srudp_survey_order_give     (SrudpSurveyOrder *self,
                                      gpointer          object);
/* FALSE: one of the servers has no proper name, or the endpoint is closed. */
gboolean srudp_endpoint_order_survey (SrudpEndpoint    *self,
                                      SrudpSurveyFunc   done,
                                      gboolean          maps_port,
                                      SrudpWaiter      *waiter,
                                      GError          **error);

G_END_DECLS
