/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-network-report.c: how the network treats an endpoint
 */
#include "config.h"

#include "srudp-glib/srudp-network-report-private.h"

#include "srudp-glib/srudp-address-convert-private.h"
#include "srudp-glib/srudp-address-list-private.h"
#include "srudp-glib/srudp-enum-types.h"
#include "srudp-glib/srudp-i18n-private.h"

/**
 * SrudpNetworkReport:
 *
 * How the network treats an endpoint, as STUN servers see it.
 *
 * It comes from [method@Srudp.Endpoint.probe_network]. It tells what was true
 * at that time, for the endpoint's own port. It never changes, and may be used
 * from any thread.
 */
struct _SrudpNetworkReport
{
  GObject parent_instance;

  SrudpNetworkFindings findings;
  SrudpAddressList *public_addresses;
};

enum
{
  PROP_PUBLIC_ADDRESSES = 1,
  PROP_MAPPING,
  PROP_UDP_BLOCKED,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (SrudpNetworkReport, srudp_network_report, G_TYPE_OBJECT)

static void
srudp_network_report_finalize (GObject *object)
{
  SrudpNetworkReport *self = SRUDP_NETWORK_REPORT (object);

  g_clear_object (&self->public_addresses);

  G_OBJECT_CLASS (srudp_network_report_parent_class)->finalize (object);
}

static void
srudp_network_report_get_property (GObject    *object,
                                   guint       property_id,
                                   GValue     *value,
                                   GParamSpec *pspec)
{
  SrudpNetworkReport *self = SRUDP_NETWORK_REPORT (object);

  switch (property_id)
    {
    case PROP_PUBLIC_ADDRESSES:
      g_value_set_object (value, self->public_addresses);
      break;
    case PROP_MAPPING:
      g_value_set_enum (value, srudp_network_report_get_mapping (self));
      break;
    case PROP_UDP_BLOCKED:
      g_value_set_boolean (value, srudp_network_report_get_udp_blocked (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
srudp_network_report_class_init (SrudpNetworkReportClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = srudp_network_report_finalize;
  object_class->get_property = srudp_network_report_get_property;

  /**
   * SrudpNetworkReport:public-addresses:
   *
   * The addresses of [class@Gio.SocketAddress] by which servers saw the
   * endpoint: at most one of IPv4, and then one of IPv6. The list never
   * changes.
   */
  props[PROP_PUBLIC_ADDRESSES] =
    g_param_spec_object ("public-addresses", NULL, NULL, G_TYPE_LIST_MODEL,
                         G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * SrudpNetworkReport:mapping:
   *
   * How the NAT gives out its public ports.
   *
   * It is that of IPv4, unless only IPv6 has answered: NATs are a thing of
   * IPv4.
   */
  props[PROP_MAPPING] =
    g_param_spec_enum ("mapping", NULL, NULL, SRUDP_TYPE_NAT_MAPPING,
                       SRUDP_NAT_MAPPING_UNKNOWN,
                       G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * SrudpNetworkReport:udp-blocked:
   *
   * Whether servers were asked and none has answered.
   */
  props[PROP_UDP_BLOCKED] =
    g_param_spec_boolean ("udp-blocked", NULL, NULL, FALSE,
                          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
fill_in (SrudpNetworkReport         *self,
         const SrudpNetworkFindings *findings)
{
  GPtrArray *addresses = g_ptr_array_new_with_free_func (g_object_unref);

  self->findings = *findings;
  for (guint i = 0; i < G_N_ELEMENTS (findings->nat); i++)
    if (srudp_address_is_set (&findings->nat[i].address))
      g_ptr_array_add (addresses,
                       srudp_address_to_inet (&findings->nat[i].address,
                                              FALSE));
  g_clear_object (&self->public_addresses);
  self->public_addresses = srudp_address_list_new (addresses);
}

/* One made by g_object_new() knows nothing, but is whole. */
static void
srudp_network_report_init (SrudpNetworkReport *self)
{
  const SrudpNetworkFindings nothing = { 0 };

  fill_in (self, &nothing);
}

SrudpNetworkReport *
srudp_network_report_new (const SrudpNetworkFindings *findings)
{
  SrudpNetworkReport *self = g_object_new (SRUDP_TYPE_NETWORK_REPORT, NULL);

  fill_in (self, findings);
  return self;
}

/* NULL: no server has answered. */
static const SrudpNatFacts *
get_facts (SrudpNetworkReport *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (self->findings.nat); i++)
    if (srudp_address_is_set (&self->findings.nat[i].address))
      return &self->findings.nat[i];
  return NULL;
}

/**
 * srudp_network_report_get_public_addresses:
 * @self: a report
 *
 * Gives the addresses of [class@Gio.SocketAddress] by which servers saw the
 * endpoint. The list never changes.
 *
 * Returns: (transfer none): the addresses
 */
GListModel *
srudp_network_report_get_public_addresses (SrudpNetworkReport *self)
{
  g_return_val_if_fail (SRUDP_IS_NETWORK_REPORT (self), NULL);

  return G_LIST_MODEL (self->public_addresses);
}

/**
 * srudp_network_report_get_mapping:
 * @self: a report
 *
 * Gives how the NAT gives out its public ports.
 *
 * Returns: what is known of that
 */
SrudpNatMapping
srudp_network_report_get_mapping (SrudpNetworkReport *self)
{
  const SrudpNatFacts *facts;

  g_return_val_if_fail (SRUDP_IS_NETWORK_REPORT (self),
                        SRUDP_NAT_MAPPING_UNKNOWN);

  facts = get_facts (self);
  return facts == NULL ? SRUDP_NAT_MAPPING_UNKNOWN
                       : (SrudpNatMapping) facts->mapping;
}

/**
 * srudp_network_report_get_udp_blocked:
 * @self: a report
 *
 * Gives whether servers were asked and none has answered.
 *
 * Returns: %TRUE if it is so
 */
gboolean
srudp_network_report_get_udp_blocked (SrudpNetworkReport *self)
{
  g_return_val_if_fail (SRUDP_IS_NETWORK_REPORT (self), FALSE);

  return self->findings.n_servers > 0 && self->findings.n_answers == 0;
}

/**
 * srudp_network_report_get_rtt:
 * @self: a report
 *
 * Gives how long the fastest server took to answer.
 *
 * Returns: microseconds, or -1 if none has answered the first time it was asked
 */
gint64
srudp_network_report_get_rtt (SrudpNetworkReport *self)
{
  g_return_val_if_fail (SRUDP_IS_NETWORK_REPORT (self), -1);

  return self->findings.rtt_us > 0 ? self->findings.rtt_us : -1;
}

/**
 * srudp_network_report_to_string:
 * @self: a report
 *
 * Gives the report as a sentence for people, in their language.
 *
 * Returns: (transfer full): the sentence
 */
char *
srudp_network_report_to_string (SrudpNetworkReport *self)
{
  const SrudpNatFacts *facts;
  char address[SRUDP_ADDRESS_STRING_BYTES];

  g_return_val_if_fail (SRUDP_IS_NETWORK_REPORT (self), NULL);

  facts = get_facts (self);
  if (self->findings.n_servers == 0)
    return g_strdup (_ ("No STUN server was asked, so nothing is known about "
                        "this network."));
  if (facts == NULL)
    return g_strdup (_ ("No STUN server has answered. This network blocks UDP, "
                        "or there is no connection to the Internet."));

  srudp_address_format (&facts->address, address);
  switch (facts->mapping)
    {
    case SRUDP_MAPPING_NONE:
      return g_strdup_printf (_ ("This computer has the public address %s. "
                                 "There is no NAT."), address);
    case SRUDP_MAPPING_ENDPOINT_INDEPENDENT:
      return g_strdup_printf (_ ("This computer is behind a NAT and can be "
                                 "found at %s. Most peers can be connected "
                                 "with."), address);
    case SRUDP_MAPPING_ENDPOINT_DEPENDENT:
      return g_strdup_printf (_ ("This computer is behind a NAT that gives "
                                 "each peer another port; one was %s. "
                                 "Connecting may take a while, and fails with "
                                 "peers who have such a NAT, too."), address);
    case SRUDP_MAPPING_UNKNOWN:
    default:
      return g_strdup_printf (_ ("One server sees this computer at %s. A "
                                 "second one is needed to tell whether others "
                                 "do as well."), address);
    }
}
