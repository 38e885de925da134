// From map entries, as BPF leaves them, to metrics.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "model/names.h"
#include "probe/buckets.h"
#include "probe/endpoint_readings.h"
#include "probe/gc_readings.h"

namespace {

using testing::IsEmpty;
using testing::SizeIs;

const probe::ProbeSet kAllAttached = ~probe::ProbeSet();

valk_endpoint endpoint(std::uint64_t server, std::uint32_t slot = 0, std::uint16_t port = 80) {
  return {.system = 1, .server = server, .slot = slot, .port = port, .tls = 0, .pad = 0};
}

std::pair<valk_endpoint, valk_endpoint_names> names_of(const valk_endpoint& key, const char* system,
                                                       const char* host) {
  valk_endpoint_names names{};
  std::strncpy(names.system, system, sizeof names.system - 1);
  std::strncpy(names.host, host, sizeof names.host - 1);
  return {key, names};
}

std::vector<model::SystemMetrics> systems_of(const probe::ServerEntries& servers,
                                             const probe::ConnectionEntries& connections,
                                             const probe::EndpointNames& names,
                                             const probe::ProbeSet& attached) {
  return probe::system_metrics({servers, connections, {}}, names, 0, attached);
}

std::uint64_t count_of(const std::vector<model::StatusCount>& counts, std::string_view status) {
  for (const auto& count : counts) {
    if (name_of(count.status) == status) return count.count;
  }
  ADD_FAILURE() << "no class " << status;
  return 0;
}

std::uint64_t count_of(const model::SystemMetrics& system, std::string_view from,
                       std::string_view to) {
  for (const auto& transition : system.transitions) {
    if (name_of(transition.from) == from && name_of(transition.to) == to) return transition.count;
  }
  ADD_FAILURE() << "no transition " << from << " to " << to;
  return 0;
}

const model::Histogram* duration_of(const model::SystemMetrics& system, std::string_view state) {
  for (const auto& duration : system.state_durations) {
    if (name_of(duration.state) == state) return &duration.duration_ns;
  }
  return nullptr;
}

TEST(Buckets, HttpFoldsWhatIsBelowItsFirstBound) {
  const __u64 buckets[VALK_BUCKETS] = {1, 2, 4, 8};
  const model::Histogram all = probe::to_histogram(buckets, 9);
  const model::Histogram http = probe::to_http_histogram(buckets, 9);
  EXPECT_EQ(all.bounds_ns.size(), 19u);
  EXPECT_EQ(all.bounds_ns.front(), 10'000u);
  EXPECT_EQ(http.bounds_ns.size(), 17u);
  EXPECT_EQ(http.bounds_ns.front(), 50'000u);
  EXPECT_EQ(http.bounds_ns.back(), 10'000'000'000u);
  EXPECT_EQ(http.counts.front(), 7u);
  EXPECT_EQ(http.counts.size(), 18u);
  EXPECT_EQ(http.count(), all.count());
}

TEST(GcMetrics, SumsTheHeapsOfTheSlotAndNoOthers) {
  valk_gc_heap heap{};
  heap.cycles = 2;
  heap.pause[5] = 2;
  heap.pause_sum_ns = 700'000;
  heap.pause_max_ns = 400'000;
  heap.total_bytes = 1000;
  const probe::HeapEntries heaps{{{1, 0, 0}, heap}, {{2, 0, 0}, heap}, {{1, 3, 0}, heap}};
  const model::GcMetrics gc = probe::gc_metrics(heaps, 0, kAllAttached);
  EXPECT_EQ(gc.cycles, 4u);
  EXPECT_EQ(gc.pause_ns_total, 1'400'000u);
  EXPECT_EQ(gc.pause_ns_max, 400'000u);
  EXPECT_EQ(gc.heap_total_bytes, 2000u);
  EXPECT_EQ(gc.pause_ns->count(), 4u);
}

TEST(GcMetrics, BeforeTheFirstCollectionCountsAreZeroAndGaugesAbsent) {
  const model::GcMetrics gc = probe::gc_metrics({}, 0, kAllAttached);
  EXPECT_EQ(gc.cycles, 0u);
  EXPECT_EQ(gc.pause_ns_total, 0u);
  EXPECT_FALSE(gc.pause_ns_max);
  EXPECT_FALSE(gc.heap_total_bytes);
  EXPECT_FALSE(gc.trigger_bytes);
}

TEST(GcMetrics, WhatNeedsADetachedProbeIsAbsent) {
  probe::ProbeSet attached = kAllAttached;
  attached.reset(VALK_PROBE_GC_BEGIN);
  const model::GcMetrics gc = probe::gc_metrics({}, 0, attached);
  EXPECT_TRUE(gc.cycles);
  EXPECT_FALSE(gc.pause_ns);
  EXPECT_FALSE(gc.pause_ns_total);
  EXPECT_FALSE(gc.time_to_safepoint_ns);
}

TEST(ServerMetrics, GivenUpRequestsHaveNoClassAndNoLatency) {
  valk_http_server server{};
  server.requests[2][VALK_REQUEST_OPENED][3] = 5;
  server.requests[VALK_STATUS_GIVEN_UP][VALK_REQUEST_OPENED][9] = 7;
  server.given_up_sum_ns[VALK_REQUEST_OPENED] = 99;
  server.answered_sum_ns[VALK_REQUEST_OPENED] = 11;
  const valk_endpoint key = endpoint(1);
  const probe::EndpointNames names({names_of(key, "main", "127.0.0.1")});
  const auto servers = probe::server_metrics({{key, server}}, names, 0, kAllAttached, true);
  ASSERT_THAT(servers, SizeIs(1));
  EXPECT_EQ(count_of(servers[0].requests, "2xx"), 5u);
  EXPECT_THAT(servers[0].requests, SizeIs(4));
  EXPECT_EQ(servers[0].request_duration_ns->count(), 5u);
  EXPECT_EQ(servers[0].request_duration_ns->sum_ns, 11u);
  EXPECT_EQ(servers[0].port, "80");
}

TEST(ServerMetrics, TellTheTimeInLispOfTheRequestsThatItHadAPartIn) {
  valk_http_server server{};
  server.requests[2][VALK_REQUEST_JOINED][3] = 5;
  server.eval[2] = 4;
  server.eval_sum_ns = 160'000;
  const valk_endpoint key = endpoint(1);
  const probe::EndpointNames names({names_of(key, "main", "127.0.0.1")});
  const auto servers = probe::server_metrics({{key, server}}, names, 0, kAllAttached, true);
  ASSERT_THAT(servers, SizeIs(1));
  ASSERT_TRUE(servers[0].request_eval_ns);
  EXPECT_EQ(servers[0].request_eval_ns->count(), 4u);
  EXPECT_EQ(servers[0].request_eval_ns->counts[2], 4u);
  EXPECT_EQ(servers[0].request_eval_ns->sum_ns, 160'000u);
}

TEST(ServerMetrics, TellTheTimeInPausesWhereEachPauseStopsAllThreads) {
  valk_http_server server{};
  server.requests[2][VALK_REQUEST_JOINED][3] = 1;
  server.gc_pause_sum_ns = 7'000;
  const valk_endpoint key = endpoint(1);
  const probe::EndpointNames names({names_of(key, "main", "h")});
  const probe::ServerEntries entries{{key, server}};
  EXPECT_EQ(probe::server_metrics(entries, names, 0, kAllAttached, true)[0].request_gc_pause_ns,
            7'000u);
  EXPECT_FALSE(
      probe::server_metrics(entries, names, 0, kAllAttached, false)[0].request_gc_pause_ns);
}

TEST(ServerMetrics, UnknownDurationsCountByClassButHaveNoLatency) {
  valk_http_server server{};
  server.requests[5][VALK_REQUEST_JOINED][VALK_DURATION_UNKNOWN] = 3;
  const valk_endpoint key = endpoint(1);
  const probe::EndpointNames names({names_of(key, "main", "h")});
  const auto servers = probe::server_metrics({{key, server}}, names, 0, kAllAttached, true);
  ASSERT_THAT(servers, SizeIs(1));
  EXPECT_EQ(count_of(servers[0].requests, "5xx"), 3u);
  EXPECT_EQ(servers[0].request_duration_ns->count(), 0u);
}

TEST(ServerMetrics, AServerWhoseNameIsNotKnownYetStaysHidden) {
  valk_http_server server{};
  server.requests[2][0][0] = 1;
  EXPECT_THAT(probe::server_metrics({{endpoint(1), server}}, probe::EndpointNames({}), 0,
                                    kAllAttached, true),
              IsEmpty());
}

TEST(ServerMetrics, TheOtherEntryShowsOnlyWhenItCounted) {
  valk_endpoint key = endpoint(VALK_OTHER_ID);
  key.system = VALK_OTHER_ID;
  valk_http_server server{};
  const probe::EndpointNames names({});
  EXPECT_THAT(probe::server_metrics({{key, server}}, names, 0, kAllAttached, true), IsEmpty());
  server.requests[2][0][0] = 1;
  const auto servers = probe::server_metrics({{key, server}}, names, 0, kAllAttached, true);
  ASSERT_THAT(servers, SizeIs(1));
  EXPECT_EQ(servers[0].host, "other");
}

TEST(SystemMetrics, RequestsTellOfTransitionsBetweenActiveAndIdle) {
  const valk_endpoint key = endpoint(1);
  const probe::EndpointNames names({names_of(key, "main", "h")});
  valk_http_server server{};
  server.requests[2][VALK_REQUEST_OPENED][4] = 10;
  server.requests[2][VALK_REQUEST_JOINED][4] = 90;
  server.answered_sum_ns[VALK_REQUEST_OPENED] = 1'000;
  server.answered_sum_ns[VALK_REQUEST_JOINED] = 9'000;
  server.idle[0] = 10;
  server.idle_sum_ns = 50;
  valk_connections connections{};
  connections.transitions[VALK_STATE_IDLE][VALK_STATE_CLOSING] = 2;
  connections.duration[VALK_STATE_IDLE][1] = 2;
  connections.duration_sum_ns[VALK_STATE_IDLE] = 30;
  const auto systems = systems_of({{key, server}}, {{key, connections}}, names, kAllAttached);
  ASSERT_THAT(systems, SizeIs(1));
  EXPECT_EQ(systems[0].name, "main");
  EXPECT_EQ(count_of(systems[0], "idle", "active"), 10u);
  EXPECT_EQ(count_of(systems[0], "active", "idle"), 10u);
  EXPECT_EQ(count_of(systems[0], "idle", "closing"), 2u);
  EXPECT_EQ(count_of(systems[0], "none", "connecting"), 0u);
  EXPECT_EQ(duration_of(systems[0], "active")->count(), 10u);
  EXPECT_EQ(duration_of(systems[0], "active")->sum_ns, 1'000u);
  EXPECT_EQ(duration_of(systems[0], "idle")->count(), 12u);
  EXPECT_EQ(duration_of(systems[0], "idle")->sum_ns, 80u);
}

TEST(SystemMetrics, TimesInActiveAndIdleNeedBothProbes) {
  const valk_endpoint key = endpoint(1);
  const probe::EndpointNames names({names_of(key, "main", "h")});
  valk_connections connections{};
  connections.transitions[VALK_STATE_NONE][VALK_STATE_CONNECTING] = 1;
  probe::ProbeSet attached;
  attached.set(VALK_PROBE_CONNECTION_STATE);
  const auto systems = systems_of({}, {{key, connections}}, names, attached);
  ASSERT_THAT(systems, SizeIs(1));
  EXPECT_NE(duration_of(systems[0], "connecting"), nullptr);
  EXPECT_EQ(duration_of(systems[0], "active"), nullptr);
  EXPECT_EQ(duration_of(systems[0], "idle"), nullptr);
}

TEST(SystemMetrics, ServersOfOneSystemAreSummed) {
  const valk_endpoint first = endpoint(1);
  const valk_endpoint second = endpoint(2, 0, 81);
  const valk_endpoint elsewhere = endpoint(1, 5);
  const probe::EndpointNames names({names_of(first, "main", "h"), names_of(second, "main", "h"),
                                    names_of(elsewhere, "main", "h")});
  valk_connections connections{};
  connections.transitions[VALK_STATE_CLOSING][VALK_STATE_CLOSED] = 3;
  const auto systems =
      systems_of({}, {{first, connections}, {second, connections}, {elsewhere, connections}}, names,
                 kAllAttached);
  ASSERT_THAT(systems, SizeIs(1));
  EXPECT_EQ(count_of(systems[0], "closing", "closed"), 6u);
}

}  // namespace
