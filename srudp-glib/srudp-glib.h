/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-glib.h: the one header that applications include
 */
#pragma once

#include <srudp-glib/srudp-connection-state.h>
#include <srudp-glib/srudp-connection.h>
#include <srudp-glib/srudp-endpoint.h>
#include <srudp-glib/srudp-enum-types.h>
#include <srudp-glib/srudp-error.h>
#include <srudp-glib/srudp-identity.h>
#include <srudp-glib/srudp-invitation.h>
#include <srudp-glib/srudp-known-peers.h>
#include <srudp-glib/srudp-network-report.h>
#include <srudp-glib/srudp-peer-id.h>
#include <srudp-glib/srudp-stats.h>
#include <srudp-glib/srudp-stream.h>
#include <srudp-glib/srudp-version.h>
