#include <array>

#include "model/catalogue/rows.h"

namespace model {
namespace {

using enum Kind;
using enum Preference;

constexpr std::array kRows{
    CatalogueEntry{.name = "http_requests_total",
                   .kind = kCounter,
                   .from = kStateElseProbe,
                   .member = &ServerMetrics::requests,
                   .help = "HTTP requests answered",
                   .remark = "By class of status; every request is in exactly one series. Those "
                             "that were shed are in 5xx; \"other\" is every class of which the "
                             "runtime keeps no count, and no status.",
                   .json = {kRegistryPlace}},
    CatalogueEntry{.name = "http_connections_active",
                   .kind = kGauge,
                   .from = kStateOnly,
                   .member = &ServerMetrics::connections_active,
                   .help = "Open connections of the server",
                   .json = {kRegistryPlace}},
    CatalogueEntry{.name = "http_request_duration_seconds",
                   .kind = kHistogram,
                   .from = kStateElseProbe,
                   .member = &ServerMetrics::request_duration_ns,
                   .help = "Duration in seconds of each HTTP request answered",
                   .remark = "Those that were shed are counted.",
                   .json = {kRegistryPlace}},
    CatalogueEntry{.name = "http_bytes_sent_total",
                   .kind = kCounter,
                   .from = kStateElseProbe,
                   .member = &ServerMetrics::bytes_sent,
                   .help = "Application bytes that the server sent, as the runtime counts them,",
                   .remark = "Bodies alone.",
                   .json = {kRegistryPlace}},
    CatalogueEntry{
        .name = "http_bytes_recv_total",
        .kind = kCounter,
        .from = kStateElseProbe,
        .member = &ServerMetrics::bytes_received,
        .help = "Application bytes that the server received, as the runtime counts them,",
        .remark = "Names and values of headers, with 4 bytes more for each, and bodies.",
        .json = {kRegistryPlace}},
    CatalogueEntry{.name = "http_overload_responses_total",
                   .kind = kCounter,
                   .from = kStateElseProbe,
                   .member = &ServerMetrics::overload_responses,
                   .help = "Responses that the server sent because it was overloaded",
                   .json = {kRegistryPlace}},
    CatalogueEntry{
        .name = "http_request_eval_duration_seconds",
        .kind = kHistogram,
        .from = kProbeOnly,
        .member = &ServerMetrics::request_eval_ns,
        .help = "Duration in seconds of the Lisp handlers of each HTTP request that has some,"},
    CatalogueEntry{.name = "http_client_connections_active",
                   .kind = kGauge,
                   .from = kStateOnly,
                   .member = &ClientMetrics::connections_active,
                   .help = "Open connections of the client",
                   .json = {kRegistryPlace}},
    CatalogueEntry{.name = "http_client_pool_size",
                   .kind = kGauge,
                   .from = kStateOnly,
                   .member = &ClientMetrics::pool_size,
                   .help = "Size of the client's connection pool",
                   .json = {kRegistryPlace}},
    CatalogueEntry{.name = "http_client_operations_total",
                   .kind = kCounter,
                   .from = kStateElseProbe,
                   .member = &ClientMetrics::operations,
                   .help = "Operations of the client",
                   .json = {kRegistryPlace}},
    CatalogueEntry{.name = "http_client_errors_total",
                   .kind = kCounter,
                   .from = kStateElseProbe,
                   .member = &ClientMetrics::errors,
                   .help = "Operations of the client that failed",
                   .json = {kRegistryPlace}},
    CatalogueEntry{.name = "http_client_retries_total",
                   .kind = kCounter,
                   .from = kStateElseProbe,
                   .member = &ClientMetrics::retries,
                   .help = "Operations of the client that were retries",
                   .json = {kRegistryPlace}},
    CatalogueEntry{.name = "http_client_cache_hits_total",
                   .kind = kCounter,
                   .from = kStateElseProbe,
                   .member = &ClientMetrics::cache_hits,
                   .help = "Cache look-ups of the client that hit",
                   .json = {kRegistryPlace}},
    CatalogueEntry{.name = "http_client_cache_misses_total",
                   .kind = kCounter,
                   .from = kStateElseProbe,
                   .member = &ClientMetrics::cache_misses,
                   .help = "Cache look-ups of the client that missed",
                   .json = {kRegistryPlace}},
    CatalogueEntry{.name = "http_client_request_duration_seconds",
                   .kind = kHistogram,
                   .from = kStateElseProbe,
                   .member = &ClientMetrics::duration_ns,
                   .help = "Duration in seconds of each operation of the client",
                   .json = {kRegistryPlace}},
    CatalogueEntry{.name = "http_client_latency_seconds_avg",
                   .kind = kAggregate,
                   .from = kStateElseProbe,
                   .member = &ClientMetrics::latency,
                   .help = "Mean duration in seconds of an operation of the client",
                   .json = {kRegistryPlace}},
};

}  // namespace

std::span<const CatalogueEntry> http_rows() {
  return kRows;
}

}  // namespace model
