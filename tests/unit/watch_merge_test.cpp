// One target's numbers from two sources: each family from its own, and from no other.
#include "watch/merge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "catalogue_rows.h"
#include "support/catalogue.h"

namespace {

using model::ClientMetrics;
using model::Count;
using model::GcMetrics;
using model::InterpreterMetrics;
using model::ServerMetrics;
using model::Source;
using model::SystemMetrics;
using model::TargetMetrics;

constexpr std::array<std::uint64_t, 1> kBounds{10};
constexpr std::uint64_t kProbe = 100;
constexpr std::uint64_t kState = 200;

// What a family of the catalogue says in the end.
using Reading = std::function<Count(const TargetMetrics&)>;

Reading gc(Count GcMetrics::*member) {
  return [member](const TargetMetrics& metrics) { return metrics.gc.*member; };
}
Reading interpreter(Count InterpreterMetrics::*member) {
  return [member](const TargetMetrics& metrics) { return metrics.interpreter.*member; };
}
Reading system_of(Count SystemMetrics::*member) {
  return [member](const TargetMetrics& metrics) { return metrics.systems.at(0).*member; };
}
Reading server(Count ServerMetrics::*member) {
  return [member](const TargetMetrics& metrics) { return metrics.servers.at(0).*member; };
}
Reading client(Count ClientMetrics::*member) {
  return [member](const TargetMetrics& metrics) { return metrics.clients.at(0).*member; };
}

Count sum_of(const std::optional<model::Histogram>& histogram) {
  return histogram ? Count(histogram->sum_ns) : std::nullopt;
}

const std::map<std::string_view, Reading> kFamilies{
    {"valk_gc_cycles_total", gc(&GcMetrics::cycles)},
    {"valk_gc_pause_seconds_total", gc(&GcMetrics::pause_ns_total)},
    {"valk_gc_pause_seconds_max", gc(&GcMetrics::pause_ns_max)},
    {"valk_gc_reclaimed_bytes_total", gc(&GcMetrics::reclaimed_bytes)},
    {"valk_gc_heap_used_bytes", gc(&GcMetrics::heap_used_bytes)},
    {"valk_gc_heap_total_bytes", gc(&GcMetrics::heap_total_bytes)},
    {"valk_gc_heap_utilization_ratio", gc(&GcMetrics::heap_used_bytes)},
    {"valk_gc_heap_peak_bytes", gc(&GcMetrics::heap_peak_bytes)},
    {"valk_gc_trigger_bytes", gc(&GcMetrics::trigger_bytes)},
    {"valk_eval_total", interpreter(&InterpreterMetrics::evals)},
    {"valk_function_calls_total", interpreter(&InterpreterMetrics::function_calls)},
    {"valk_builtin_calls_total", interpreter(&InterpreterMetrics::builtin_calls)},
    {"valk_stack_depth_max", interpreter(&InterpreterMetrics::stack_depth_max)},
    {"valk_closures_created_total", interpreter(&InterpreterMetrics::closures_created)},
    {"valk_env_lookups_total", interpreter(&InterpreterMetrics::env_lookups)},
    {"valk_loop_iterations_total", system_of(&SystemMetrics::loop_iterations)},
    {"valk_events_processed_total", system_of(&SystemMetrics::loop_events)},
    {"valk_loop_idle_seconds_total", system_of(&SystemMetrics::loop_idle_ns)},
    {"valk_aio_servers_count", system_of(&SystemMetrics::servers)},
    {"valk_aio_clients_count", system_of(&SystemMetrics::clients)},
    {"valk_aio_handles_count", system_of(&SystemMetrics::handles)},
    {"valk_aio_arenas_used", system_of(&SystemMetrics::arenas_used)},
    {"valk_aio_arenas_total", system_of(&SystemMetrics::arenas_total)},
    {"valk_aio_tcp_buffers_used", system_of(&SystemMetrics::tcp_buffers_used)},
    {"valk_aio_tcp_buffers_total", system_of(&SystemMetrics::tcp_buffers_total)},
    {"valk_aio_queue_depth", system_of(&SystemMetrics::queue_depth)},
    {"valk_aio_pending_requests", system_of(&SystemMetrics::pending_requests)},
    {"valk_aio_pending_responses", system_of(&SystemMetrics::pending_responses)},
    {"valk_aio_arena_pool_overflow_total", system_of(&SystemMetrics::arena_overflows)},
    {"valk_aio_tcp_buffer_overflow_total", system_of(&SystemMetrics::tcp_buffer_overflows)},
    {"valk_aio_connections_rejected_load_total", system_of(&SystemMetrics::connections_rejected)},
    {"valk_aio_uptime_seconds", system_of(&SystemMetrics::uptime_ns)},
    {"valk_aio_connections_total", system_of(&SystemMetrics::connections_accepted)},
    {"valk_aio_connections_active", system_of(&SystemMetrics::connections_active)},
    {"valk_aio_connections_failed", system_of(&SystemMetrics::connections_failed)},
    {"valk_aio_connection_failures_total", system_of(&SystemMetrics::connections_failed)},
    {"valk_aio_connections_connecting", system_of(&SystemMetrics::connections_connecting)},
    {"valk_aio_connections_idle", system_of(&SystemMetrics::connections_idle)},
    {"valk_aio_connections_closing", system_of(&SystemMetrics::connections_closing)},
    {"valk_aio_connection_pool_total", system_of(&SystemMetrics::connection_pool_total)},
    {"valk_aio_connection_pool_used", system_of(&SystemMetrics::connection_pool_used)},
    {"valk_aio_streams_total", system_of(&SystemMetrics::streams)},
    {"valk_aio_streams_active", system_of(&SystemMetrics::streams_active)},
    {"valk_aio_requests_total", system_of(&SystemMetrics::requests)},
    {"valk_aio_requests_active", system_of(&SystemMetrics::requests_active)},
    {"valk_aio_requests_errors", system_of(&SystemMetrics::request_errors)},
    {"valk_aio_request_errors_total", system_of(&SystemMetrics::request_errors)},
    {"valk_aio_bytes_sent_total", system_of(&SystemMetrics::bytes_sent)},
    {"valk_aio_bytes_recv_total", system_of(&SystemMetrics::bytes_received)},
    {"http_requests_total",
     [](const TargetMetrics& metrics) -> Count {
       const auto& requests = metrics.servers.at(0).requests;
       return requests.empty() ? Count() : Count(requests[0].count);
     }},
    {"http_connections_active", server(&ServerMetrics::connections_active)},
    {"http_request_duration_seconds",
     [](const TargetMetrics& metrics) {
       return sum_of(metrics.servers.at(0).request_duration_ns);
     }},
    {"http_bytes_sent_total", server(&ServerMetrics::bytes_sent)},
    {"http_bytes_recv_total", server(&ServerMetrics::bytes_received)},
    {"http_overload_responses_total", server(&ServerMetrics::overload_responses)},
    {"http_client_connections_active", client(&ClientMetrics::connections_active)},
    {"http_client_pool_size", client(&ClientMetrics::pool_size)},
    {"http_client_operations_total", client(&ClientMetrics::operations)},
    {"http_client_errors_total", client(&ClientMetrics::errors)},
    {"http_client_retries_total", client(&ClientMetrics::retries)},
    {"http_client_cache_hits_total", client(&ClientMetrics::cache_hits)},
    {"http_client_cache_misses_total", client(&ClientMetrics::cache_misses)},
    {"http_client_request_duration_seconds",
     [](const TargetMetrics& metrics) { return sum_of(metrics.clients.at(0).duration_ns); }},
    {"http_client_latency_seconds_avg",
     [](const TargetMetrics& metrics) -> Count {
       const auto& latency = metrics.clients.at(0).latency;
       return latency ? Count(latency->sum_ns) : std::nullopt;
     }},
};

model::Histogram histogram(std::uint64_t sum_ns) {
  return {kBounds, {1, 2}, sum_ns};
}

GcMetrics full_gc(std::uint64_t number) {
  GcMetrics metrics;
  for (const auto member :
       {&GcMetrics::cycles, &GcMetrics::pause_ns_total, &GcMetrics::pause_ns_max,
        &GcMetrics::reclaimed_bytes, &GcMetrics::heap_used_bytes, &GcMetrics::heap_total_bytes,
        &GcMetrics::heap_peak_bytes, &GcMetrics::trigger_bytes}) {
    metrics.*member = number;
  }
  return metrics;
}

ServerMetrics full_server(std::uint64_t number, const std::string& port) {
  ServerMetrics metrics;
  metrics.host = "127.0.0.1";
  metrics.port = port;
  metrics.protocol = "http";
  metrics.connections_active = metrics.bytes_sent = metrics.bytes_received =
      metrics.overload_responses = number;
  metrics.requests = {{model::StatusClass::k2xx, number}};
  metrics.request_duration_ns = histogram(number);
  return metrics;
}

ClientMetrics full_client(std::uint64_t number, const std::string& name) {
  ClientMetrics metrics;
  metrics.name = name;
  metrics.type = "http";
  metrics.connections_active = metrics.pool_size = metrics.operations = metrics.errors =
      metrics.retries = metrics.cache_hits = metrics.cache_misses = number;
  metrics.duration_ns = histogram(number);
  metrics.latency = model::DurationSum{number, 3};
  return metrics;
}

SystemMetrics system_from_state(const std::string& name) {
  SystemMetrics metrics;
  metrics.name = name;
  for (const auto member : {&SystemMetrics::uptime_ns,
                            &SystemMetrics::loop_iterations,
                            &SystemMetrics::loop_events,
                            &SystemMetrics::loop_idle_ns,
                            &SystemMetrics::servers,
                            &SystemMetrics::clients,
                            &SystemMetrics::handles,
                            &SystemMetrics::arenas_used,
                            &SystemMetrics::arenas_total,
                            &SystemMetrics::arena_overflows,
                            &SystemMetrics::tcp_buffers_used,
                            &SystemMetrics::tcp_buffers_total,
                            &SystemMetrics::tcp_buffer_overflows,
                            &SystemMetrics::queue_depth,
                            &SystemMetrics::pending_requests,
                            &SystemMetrics::pending_responses,
                            &SystemMetrics::connections_accepted,
                            &SystemMetrics::connections_failed,
                            &SystemMetrics::connections_rejected,
                            &SystemMetrics::connections_connecting,
                            &SystemMetrics::connections_active,
                            &SystemMetrics::connections_idle,
                            &SystemMetrics::connections_closing,
                            &SystemMetrics::connection_pool_total,
                            &SystemMetrics::connection_pool_used,
                            &SystemMetrics::streams,
                            &SystemMetrics::streams_active,
                            &SystemMetrics::requests,
                            &SystemMetrics::requests_active,
                            &SystemMetrics::request_errors,
                            &SystemMetrics::bytes_sent,
                            &SystemMetrics::bytes_received}) {
    metrics.*member = kState;
  }
  return metrics;
}

SystemMetrics system_from_probes(const std::string& name) {
  SystemMetrics metrics;
  metrics.name = name;
  metrics.transitions = {{model::ConnectionState::kNone, model::ConnectionState::kActive, kProbe}};
  metrics.state_durations = {{model::ConnectionState::kActive, histogram(kProbe)}};
  metrics.loop_stall_ns = histogram(kProbe);
  return metrics;
}

probe::Readings from_probes() {
  probe::Readings readings;
  readings.gc = full_gc(kProbe);
  readings.gc.pause_ns = histogram(kProbe);
  readings.gc.time_to_safepoint_ns = histogram(kProbe);
  readings.systems = {system_from_probes("main")};
  readings.servers = {full_server(kProbe, "80")};
  readings.clients = {full_client(kProbe, "db")};
  readings.evals = {{model::EvalKind::kRequest, histogram(kProbe)}};
  readings.functions = {{"f", histogram(kProbe)}};
  return readings;
}

state::Readings from_state() {
  state::Readings readings;
  readings.gc = full_gc(kState);
  readings.interpreter = {kState, kState, kState, kState, kState, kState};
  readings.systems = {system_from_state("main")};
  readings.servers = {full_server(kState, "80")};
  readings.clients = {full_client(kState, "db")};
  return readings;
}

// Every family from one source, but for one.
std::vector<model::FamilySource> sources(Source most, std::string_view odd = {}) {
  std::vector<model::FamilySource> all;
  for (const auto* const entry : catalogue_rows::of_memory()) {
    Source source = most;
    if (entry->name == odd) source = most == Source::kState ? Source::kProbe : Source::kState;
    if (entry->from == model::Preference::kStateOnly) source = Source::kState;
    all.push_back({entry, source});
  }
  return all;
}

// By name, of the families that are looked at here.
std::map<std::string_view, Source> of_table(const std::vector<model::FamilySource>& sources) {
  std::map<std::string_view, Source> by_name;
  for (const auto& [entry, source, difference] : sources) {
    if (kFamilies.contains(entry->name)) by_name.emplace(entry->name, source);
  }
  return by_name;
}

TargetMetrics merged(std::vector<model::FamilySource> of, probe::Readings probes,
                     state::Readings state) {
  TargetMetrics metrics;
  metrics.sources = std::move(of);
  watch::merge(metrics, std::move(probes), std::move(state));
  return metrics;
}

Count expected(Source source) {
  return source == Source::kState ? kState : kProbe;
}

TEST(Merge, KnowsEveryFamilyOfTheCatalogue) {
  const auto table = test::read_catalogue();
  for (const auto& row : table) EXPECT_TRUE(kFamilies.contains(row.name)) << row.name;
  EXPECT_EQ(kFamilies.size(), table.size());
}

TEST(Merge, TakesEachFamilyFromItsSourceAlone) {
  for (const Source most : {Source::kState, Source::kProbe}) {
    for (const auto& [odd, reading_of_odd] : kFamilies) {
      const auto metrics = merged(sources(most, odd), from_probes(), from_state());
      for (const auto& [family, source] : of_table(metrics.sources)) {
        EXPECT_EQ(kFamilies.at(family)(metrics), expected(source))
            << family << " where " << odd << " is the odd one";
      }
    }
  }
}

TEST(Merge, LeavesFamiliesAbsentWhereStateCouldNotBeRead) {
  const auto metrics = merged(sources(Source::kState, "http_bytes_sent_total"), from_probes(), {});
  ASSERT_EQ(metrics.servers.size(), 1u);  // the probes know it
  EXPECT_EQ(metrics.servers[0].bytes_sent, kProbe);
  for (const auto& [family, source] : of_table(metrics.sources)) {
    if (source == Source::kProbe) continue;
    EXPECT_EQ(kFamilies.at(family)(metrics), std::nullopt) << family;
  }
}

TEST(Merge, LeavesFamiliesAbsentWhereProbesTellNothing) {
  const auto metrics = merged(sources(Source::kProbe), {}, from_state());
  for (const auto& [family, source] : of_table(metrics.sources)) {
    const Count wanted = source == Source::kState ? Count(kState) : std::nullopt;
    EXPECT_EQ(kFamilies.at(family)(metrics), wanted) << family;
  }
}

TEST(Merge, TakesEverythingFromProbesWhereThereIsNoState) {
  const auto metrics = merged({}, from_probes(), {});
  EXPECT_EQ(metrics.gc.cycles, kProbe);
  EXPECT_EQ(metrics.servers.at(0).requests.at(0).count, kProbe);
  EXPECT_EQ(metrics.servers.at(0).host, "127.0.0.1");
  EXPECT_EQ(sum_of(metrics.servers.at(0).request_duration_ns), kProbe);
  EXPECT_EQ(metrics.clients.at(0).operations, kProbe);
  EXPECT_EQ(metrics.gc.heap_used_bytes, std::nullopt);
}

TEST(Merge, AlwaysTakesFromProbesWhatIsInNoCatalogue) {
  for (const Source most : {Source::kState, Source::kProbe}) {
    const auto metrics = merged(sources(most), from_probes(), from_state());
    EXPECT_EQ(sum_of(metrics.gc.pause_ns), kProbe);
    EXPECT_EQ(sum_of(metrics.gc.time_to_safepoint_ns), kProbe);
    EXPECT_EQ(metrics.systems.at(0).transitions.size(), 1u);
    EXPECT_EQ(metrics.systems.at(0).state_durations.size(), 1u);
    EXPECT_EQ(sum_of(metrics.systems.at(0).loop_stall_ns), kProbe);
    EXPECT_EQ(metrics.evals.size(), 1u);
    EXPECT_EQ(metrics.functions.size(), 1u);
  }
}

TEST(Merge, TakesAHistogramWholeFromOneSource) {
  auto probes = from_probes();
  auto state = from_state();
  probes.servers[0].request_duration_ns->counts = {5, 6};
  state.servers[0].request_duration_ns->counts = {7, 8};
  const auto first =
      merged(sources(Source::kState, "http_request_duration_seconds"), probes, state);
  EXPECT_EQ(first.servers.at(0).request_duration_ns->counts, (std::vector<std::uint64_t>{5, 6}));
  const auto second = merged(sources(Source::kState), probes, state);
  EXPECT_EQ(second.servers.at(0).request_duration_ns->counts, (std::vector<std::uint64_t>{7, 8}));
}

TEST(Merge, TakesTheMeanFromItsOwnSourceWhateverTheHistogramDoes) {
  const auto metrics = merged(sources(Source::kState, "http_client_request_duration_seconds"),
                              from_probes(), from_state());
  ASSERT_TRUE(metrics.clients.at(0).latency);
  EXPECT_EQ(metrics.clients[0].latency->sum_ns, kState);
  EXPECT_EQ(metrics.clients[0].latency->count, 3u);
  EXPECT_EQ(sum_of(metrics.clients[0].duration_ns), kProbe);
}

TEST(Merge, KeepsWhatOnlyOneSourceKnowsBesideTheOther) {
  probe::Readings probes;
  probes.servers = {full_server(kProbe, "80"), full_server(kProbe, "")};  // the "other" entry
  probes.systems = {system_from_probes("late")};
  probes.clients = {full_client(kProbe, "db")};
  state::Readings state;
  state.servers = {full_server(kState, "81"), full_server(kState, "80")};
  state.systems = {system_from_state("main")};
  auto of = sources(Source::kState, "http_request_duration_seconds");
  const auto metrics = merged(std::move(of), std::move(probes), std::move(state));

  ASSERT_EQ(metrics.servers.size(), 3u);
  EXPECT_EQ(metrics.servers[0].port, "81");  // no request yet
  EXPECT_EQ(metrics.servers[0].bytes_sent, kState);
  EXPECT_FALSE(metrics.servers[0].request_duration_ns);
  EXPECT_EQ(metrics.servers[1].port, "80");
  EXPECT_EQ(metrics.servers[1].bytes_sent, kState);
  EXPECT_EQ(sum_of(metrics.servers[1].request_duration_ns), kProbe);
  EXPECT_EQ(metrics.servers[2].port, "");
  EXPECT_EQ(metrics.servers[2].bytes_sent, std::nullopt);
  EXPECT_EQ(metrics.servers[2].connections_active, std::nullopt);
  EXPECT_TRUE(metrics.servers[2].requests.empty());
  EXPECT_EQ(sum_of(metrics.servers[2].request_duration_ns), kProbe);

  ASSERT_EQ(metrics.systems.size(), 2u);
  EXPECT_EQ(metrics.systems[0].name, "main");
  EXPECT_TRUE(metrics.systems[0].transitions.empty());
  EXPECT_EQ(metrics.systems[1].name, "late");
  EXPECT_EQ(metrics.systems[1].requests, std::nullopt);
  EXPECT_EQ(metrics.systems[1].transitions.size(), 1u);

  ASSERT_EQ(metrics.clients.size(), 1u);
  EXPECT_EQ(metrics.clients[0].operations, std::nullopt);
}

TEST(Merge, TellsApartWhatDiffersInOneLabel) {
  for (const auto member : {&ServerMetrics::host, &ServerMetrics::port, &ServerMetrics::protocol}) {
    probe::Readings probes;
    probes.servers = {full_server(kProbe, "80")};
    probes.servers[0].*member += "x";
    state::Readings state;
    state.servers = {full_server(kState, "80")};
    EXPECT_EQ(merged(sources(Source::kState), probes, state).servers.size(), 2u);
  }
  for (const auto member : {&ClientMetrics::name, &ClientMetrics::type}) {
    probe::Readings probes;
    probes.clients = {full_client(kProbe, "db")};
    probes.clients[0].*member += "x";
    state::Readings state;
    state.clients = {full_client(kState, "db")};
    EXPECT_EQ(merged(sources(Source::kState), probes, state).clients.size(), 2u);
  }
}

TEST(Merge, KeepsWhatTheApplicationRegistered) {
  state::Readings state;
  state.registry = model::Registry{{{"shop_orders_total", "", {}, std::uint64_t{3}}}, 2};
  const auto metrics = merged({}, {}, std::move(state));
  ASSERT_TRUE(metrics.registry);
  EXPECT_EQ(metrics.registry->series.at(0).name, "shop_orders_total");
  EXPECT_EQ(metrics.registry->unreadable, 2u);
  EXPECT_FALSE(merged({}, {}, {}).registry);
}

TEST(Merge, PairsTheNthWithTheNthWhereNamesStandTwice) {
  probe::Readings probes;
  probes.servers = {full_server(1, "80"), full_server(2, "80")};
  state::Readings state;
  state.servers = {full_server(10, "80"), full_server(20, "80"), full_server(30, "80")};
  const auto metrics = merged(sources(Source::kState, "http_request_duration_seconds"),
                              std::move(probes), std::move(state));
  ASSERT_EQ(metrics.servers.size(), 3u);
  EXPECT_EQ(metrics.servers[0].bytes_sent, 10u);
  EXPECT_EQ(sum_of(metrics.servers[0].request_duration_ns), 1u);
  EXPECT_EQ(metrics.servers[1].bytes_sent, 20u);
  EXPECT_EQ(sum_of(metrics.servers[1].request_duration_ns), 2u);
  EXPECT_EQ(metrics.servers[2].bytes_sent, 30u);
  EXPECT_FALSE(metrics.servers[2].request_duration_ns);
}

}  // namespace
