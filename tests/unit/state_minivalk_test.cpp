// What is read of minivalk's counters, and where it arrives.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "catalogue_rows.h"
#include "state_minivalk_support.h"

namespace test {
namespace {

TEST_F(MinivalkReader, FindsEveryPathInTheRealMinivalk) {
  EXPECT_EQ(layout().name, "minivalk");
  EXPECT_EQ(layout().fields.size(), state::all_paths(state::known_layouts().front()).size());
  for (const auto& missing : layout().missing) {
    ADD_FAILURE() << missing.path << ": " << missing.reason;
  }
  EXPECT_TRUE(state::is_current(layout()));
}

// It has no pool of cells beside its heap: its heap is one.
bool is_of_cells(const model::CatalogueEntry& entry) {
  return entry.name.starts_with("valk_gc_cells_");
}

TEST_F(MinivalkReader, GivesEveryFamilyOfTheCatalogue) {
  const auto reader = state::make_reader(layout(), kBias);
  ASSERT_TRUE(reader);
  const auto members = (*reader)->members();
  for (const auto* const entry : catalogue_rows::of_memory()) {
    if (is_of_cells(*entry)) continue;
    EXPECT_THAT(members, testing::Contains(entry->member)) << entry->name;
  }
  for (const model::Member& member : members) {
    EXPECT_EQ(std::count(members.begin(), members.end(), member), 1)
        << model::entry_of(member).name;
    EXPECT_NE(model::entry_of(member).from, model::Preference::kProbeOnly)
        << model::entry_of(member).name;
  }
}

TEST_F(MinivalkReader, SaysWhereItsNumbersDiffer) {
  const auto reader = state::make_reader(layout(), kBias);
  ASSERT_TRUE(reader);
  const auto members = (*reader)->members();
  EXPECT_FALSE((*reader)->differences().empty());
  for (const state::Difference& difference : (*reader)->differences()) {
    EXPECT_THAT(members, testing::Contains(difference.member)) << difference.text;
  }
}

TEST_F(MinivalkReader, BringsEveryNumberToItsPlace) {
  put("system_count", 3);
  put("server_count", 16);
  put("client_count", 2);
  expect_numbers<GcMetrics>(
      kGc, "gc.", [](const auto& all) -> const auto& { return all.gc; });
  expect_numbers<InterpreterMetrics>(
      kInterpreter, "vm.", [](const auto& all) -> const auto& { return all.interpreter; });
  for (const std::size_t i : {0u, 2u}) {
    expect_numbers<SystemMetrics>(
        kSystems, "systems[].", [i](const auto& all) -> const auto& { return all.systems.at(i); },
        {i});
  }
  for (const std::size_t i : {0u, 15u}) {
    expect_numbers<ServerMetrics>(
        kServers, "servers[].", [i](const auto& all) -> const auto& { return all.servers.at(i); },
        {i});
  }
  for (const std::size_t i : {0u, 1u}) {
    expect_numbers<ClientMetrics>(
        kClients, "clients[].", [i](const auto& all) -> const auto& { return all.clients.at(i); },
        {i});
  }
}

TEST_F(MinivalkReader, AsksForNothingThatTheseTestsDoNotKnow) {
  std::set<std::string> known{"system_count",
                              "systems[].name",
                              "systems[].started_at_ns",
                              "systems[].loop_idle_ns_total",
                              "systems[].loop_waits_since_ns",
                              "server_count",
                              "servers[].host",
                              "servers[].port",
                              "servers[].protocol",
                              "servers[].requests_2xx_total",
                              "servers[].requests_3xx_total",
                              "servers[].requests_4xx_total",
                              "servers[].requests_5xx_total",
                              "servers[].requests_other_total",
                              "servers[].request_duration.buckets[]",
                              "servers[].request_duration.sum_ns",
                              "client_count",
                              "clients[].name",
                              "clients[].type",
                              "clients[].operation_duration.buckets[]",
                              "clients[].operation_duration.sum_ns"};
  for (const auto& [name, member] : kGc) known.insert(std::string("gc.") + name);
  for (const auto& [name, member] : kInterpreter) known.insert(std::string("vm.") + name);
  for (const auto& [name, member] : kSystems) known.insert(std::string("systems[].") + name);
  for (const auto& [name, member] : kServers) known.insert(std::string("servers[].") + name);
  for (const auto& [name, member] : kClients) known.insert(std::string("clients[].") + name);
  for (const auto& path : state::minivalk_paths()) {
    ASSERT_TRUE(path.starts_with("minivalk_runtime.")) << path;
    EXPECT_TRUE(known.contains(path.substr(17))) << path;
  }
}

TEST_F(MinivalkReader, KnowsNoLastCollectionBeforeTheFirst) {
  const auto gc = read().gc;
  EXPECT_EQ(gc.cycles, 0u);
  EXPECT_EQ(gc.heap_live_bytes, std::nullopt);
  EXPECT_EQ(gc.last_collection_unix_ns, std::nullopt);
}

TEST_F(MinivalkReader, BringsNamesAndPorts) {
  put("system_count", 2);
  put_text("systems[].name", "main", 0);
  put_text("systems[].name", std::string(32, 'x'), 1);  // without a NUL
  put("server_count", 1);
  put_text("servers[].host", "127.0.0.1", 0);
  put("servers[].port", 65'535, {0});
  put_text("servers[].protocol", "http", 0);
  put("client_count", 1);
  put_text("clients[].name", "\xff\x01", 0);
  put_text("clients[].type", "cache", 0);
  const auto readings = read();
  ASSERT_EQ(readings.systems.size(), 2u);
  EXPECT_EQ(readings.systems[0].name, "main");
  EXPECT_EQ(readings.systems[1].name, std::string(32, 'x'));
  ASSERT_EQ(readings.servers.size(), 1u);
  EXPECT_EQ(readings.servers[0].host, "127.0.0.1");
  EXPECT_EQ(readings.servers[0].port, "65535");
  EXPECT_EQ(readings.servers[0].protocol, "http");
  ASSERT_EQ(readings.clients.size(), 1u);
  EXPECT_EQ(readings.clients[0].name, "\xff\x01");
  EXPECT_EQ(readings.clients[0].type, "cache");
}

TEST_F(MinivalkReader, CountsRequestsByStatus) {
  put("server_count", 2);
  const std::vector<std::pair<model::StatusClass, std::string>> usual{
      {model::StatusClass::k2xx, "2xx"},
      {model::StatusClass::k3xx, "3xx"},
      {model::StatusClass::k4xx, "4xx"},
      {model::StatusClass::k5xx, "5xx"}};
  std::vector<std::uint64_t> numbers;
  for (const auto& [status, name] : usual) {
    numbers.push_back(put_next("servers[].requests_" + name + "_total", {1}));
  }
  auto readings = read();
  ASSERT_EQ(readings.servers[0].requests.size(), 4u);
  ASSERT_EQ(readings.servers[1].requests.size(), 4u);
  for (std::size_t i = 0; i < usual.size(); ++i) {
    EXPECT_EQ(readings.servers[0].requests[i].count, 0u);
    EXPECT_EQ(readings.servers[1].requests[i].status, usual[i].first);
    EXPECT_EQ(readings.servers[1].requests[i].count, numbers[i]);
  }
  put("servers[].requests_other_total", 7, {0});
  readings = read();
  ASSERT_EQ(readings.servers[0].requests.size(), 5u);
  EXPECT_EQ(readings.servers[0].requests[4].status, model::StatusClass::kOther);
  EXPECT_EQ(readings.servers[0].requests[4].count, 7u);
  EXPECT_EQ(readings.servers[1].requests.size(), 4u);
}

void expect_histogram(const std::optional<model::Histogram>& histogram, std::uint64_t first,
                      std::uint64_t sum_ns) {
  ASSERT_TRUE(histogram);
  EXPECT_EQ(histogram->bounds_ns.size(), 17u);
  EXPECT_EQ(histogram->bounds_ns.front(), 50'000u);
  EXPECT_EQ(histogram->bounds_ns.back(), 10'000'000'000u);
  EXPECT_TRUE(std::is_sorted(histogram->bounds_ns.begin(), histogram->bounds_ns.end()));
  ASSERT_EQ(histogram->counts.size(), 18u);
  for (std::size_t i = 0; i < 18; ++i) EXPECT_EQ(histogram->counts[i], first + i);
  EXPECT_EQ(histogram->sum_ns, sum_ns);
}

TEST_F(MinivalkReader, BringsHistograms) {
  put("server_count", 2);
  put("client_count", 3);
  for (std::size_t bucket = 0; bucket < 18; ++bucket) {
    put("servers[].request_duration.buckets[]", 10 + bucket, {1, bucket});
    put("clients[].operation_duration.buckets[]", 100 + bucket, {2, bucket});
  }
  put("servers[].request_duration.sum_ns", 55, {1});
  put("clients[].operation_duration.sum_ns", 77, {2});
  const auto readings = read();
  expect_histogram(readings.servers.at(1).request_duration_ns, 10, 55);
  expect_histogram(readings.clients.at(2).duration_ns, 100, 77);
  ASSERT_TRUE(readings.clients[2].latency);
  EXPECT_EQ(readings.clients[2].latency->sum_ns, 77u);
  EXPECT_EQ(readings.clients[2].latency->count, readings.clients[2].duration_ns->count());
}

TEST_F(MinivalkReader, TellsAnAgeOnlyOfWhatHasStarted) {
  put("system_count", 3);
  put("systems[].started_at_ns", 1, {0});
  put("systems[].started_at_ns", kNow + 1, {1});
  const auto readings = read();
  EXPECT_EQ(readings.systems.at(0).uptime_ns, kNow - 1);
  EXPECT_EQ(readings.systems.at(1).uptime_ns, std::nullopt);
  EXPECT_EQ(readings.systems.at(2).uptime_ns, std::nullopt);
}

TEST_F(MinivalkReader, AddsTheWaitThatGoesOnToThoseThatAreOver) {
  put("system_count", 2);
  put("systems[].loop_idle_ns_total", 100, {0});
  put("systems[].loop_waits_since_ns", kNow - 7, {0});
  put("systems[].loop_idle_ns_total", 100, {1});
  const auto readings = read();
  EXPECT_EQ(readings.systems.at(0).loop_idle_ns, 107u);
  EXPECT_EQ(readings.systems.at(1).loop_idle_ns, 100u);
}

TEST_F(MinivalkReader, LeavesOutAGaugeThatWasTakenBelowZero) {
  put("system_count", 1);
  put("systems[].streams_active", ~std::uint64_t{0}, {0});
  put("systems[].requests_active", 5, {0});
  const auto readings = read();
  EXPECT_EQ(readings.systems.at(0).streams_active, std::nullopt);
  EXPECT_EQ(readings.systems.at(0).requests_active, 5u);
}

TEST_F(MinivalkReader, ReadsEverythingInOneCall) {
  read();
  ASSERT_EQ(memory_.calls.size(), 1u);
  EXPECT_TRUE(memory_.is_aligned);
}
TEST(SumOver, IsAbsentWhereAPartIsAndZeroWhereThereIsNone) {
  std::vector<model::SystemMetrics> systems(2);
  systems[0].requests = 10;
  systems[1].requests = 5;
  systems[0].connections_accepted = 2;
  EXPECT_EQ(state::sum_over(systems, &model::SystemMetrics::requests), 15u);
  EXPECT_EQ(state::sum_over(systems, &model::SystemMetrics::connections_accepted), std::nullopt);
  EXPECT_EQ(state::sum_over({}, &model::SystemMetrics::requests), 0u);
}

}  // namespace
}  // namespace test
