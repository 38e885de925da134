// The reader for the runtime of December 2025, against live memory of its shape.
#include <fcntl.h>
#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <map>
#include <memory>
#include <random>

#include "state_puppet_fixture.h"

namespace {

using model::Count;

class Valkyria202512 : public test::StatePuppet {
 protected:
  Valkyria202512() : StatePuppet("valkyria_2025_12") {}

  // Reads as if this build had none of the fields whose path begins so.
  base::Result<state::Readings> read_without(const std::string& paths) {
    state::Layout layout = layout_;
    std::erase_if(layout.fields,
                  [&](const elf::Field& field) { return field.path.starts_with(paths); });
    return state::make_reader(std::move(layout), load_bias_)
        .value()
        ->read(*memory_, {base::monotonic_ns()});
  }
};

TEST_F(Valkyria202512, IsRecognisedAndLacksNothing) {
  EXPECT_EQ(layout_.name, "valkyria_2025_12");
  for (const state::MissingField& missing : layout_.missing) {
    ADD_FAILURE() << missing.path << ": " << missing.reason;
  }
}

TEST_F(Valkyria202512, SaysHowItsNumbersDiffer) {
  expect_sound_differences();
  EXPECT_NE(difference_of(&model::ServerMetrics::request_duration_ns).find("5 s"),
            std::string::npos);
  EXPECT_NE(difference_of(&model::ServerMetrics::requests), "");
  EXPECT_EQ(difference_of(&model::GcMetrics::heap_peak_bytes), "");  // it keeps its own
}

TEST_F(Valkyria202512, SaysNothingOfWhatThisBuildDoesNotHave) {
  std::erase_if(layout_.fields,
                [](const elf::Field& field) { return field.path.starts_with("g_valk_metrics."); });
  reader_ = state::make_reader(layout_, load_bias_).value();
  expect_sound_differences();
  EXPECT_EQ(difference_of(&model::ServerMetrics::requests), "");
}

TEST_F(Valkyria202512, TellsTheHeapAndTheInterpreterBeforeAnySystemIsThere) {
  const auto readings = read().value();
  EXPECT_EQ(readings.gc.cycles, 3u);
  EXPECT_EQ(readings.gc.pause_ns_total, 1'500'000u);
  EXPECT_EQ(readings.gc.pause_ns_max, 900'000u);
  EXPECT_EQ(readings.gc.heap_used_bytes, 5'000u);
  EXPECT_EQ(readings.gc.heap_peak_bytes, 7'000u);
  EXPECT_EQ(readings.gc.heap_total_bytes, 250u << 20);
  EXPECT_EQ(readings.gc.trigger_bytes, 16u << 20);
  EXPECT_EQ(readings.interpreter.evals, 11u);
  EXPECT_EQ(readings.interpreter.stack_depth_max, 14u);
  EXPECT_TRUE(readings.systems.empty());
  EXPECT_TRUE(readings.clients.empty());
  EXPECT_EQ(readings.events.connections, 0u);
}

// The runtime's limit, trigger and peak are of objects from malloc, so use is, too.
TEST_F(Valkyria202512, TellsCellsApartFromWhatTheHeapsLimitBounds) {
  const auto gc = read().value().gc;
  EXPECT_EQ(gc.cells_used, 10u);
  EXPECT_EQ(gc.cells_total, 1'000u);
  EXPECT_EQ(gc.cells_used_bytes, 10u * 96);
  EXPECT_EQ(gc.cells_total_bytes, 1'000u * 96);
  EXPECT_EQ(gc.heap_live_bytes, std::nullopt);
  EXPECT_EQ(gc.last_collection_unix_ns, std::nullopt);
}

TEST_F(Valkyria202512, LeavesCellsOutWhereAPartOfThemIsNotKnown) {
  const auto without_size = read_without("g_heap_for_signal->lval_slab->itemSize").value().gc;
  EXPECT_EQ(without_size.cells_used, 10u);
  EXPECT_FALSE(without_size.cells_used_bytes);
  EXPECT_FALSE(without_size.cells_total_bytes);
  const auto without_free = read_without("g_heap_for_signal->lval_slab->numFree").value().gc;
  EXPECT_FALSE(without_free.cells_used);
  EXPECT_FALSE(without_free.cells_total);
  EXPECT_EQ(without_free.heap_used_bytes, 5'000u);
  const auto without_use = read_without("g_heap_for_signal->allocated_bytes").value().gc;
  EXPECT_FALSE(without_use.heap_used_bytes);
  EXPECT_FALSE(without_use.heap_peak_bytes);
  EXPECT_EQ(without_use.cells_used, 10u);
}

TEST_F(Valkyria202512, NeverTellsAPeakThatFallsOrIsBelowWhatItSaw) {
  tell("heap 9000");
  EXPECT_EQ(read().value().gc.heap_peak_bytes, 9'000u);
  tell("heap 100");
  const auto gc = read().value().gc;
  EXPECT_EQ(gc.heap_used_bytes, 100u);
  EXPECT_EQ(gc.heap_peak_bytes, 9'000u);
}

TEST_F(Valkyria202512, TellsTheSystemByItsPoolsAndNotByCountersThatNobodyWrites) {
  tell("start");
  tell("connections 1 2 1");
  const auto readings = read().value();
  ASSERT_EQ(readings.systems.size(), 1u);
  const auto& system = readings.systems[0];
  EXPECT_EQ(system.name, "main");
  EXPECT_EQ(system.handles, 5u);
  EXPECT_EQ(system.arenas_used, 3u);
  EXPECT_EQ(system.tcp_buffers_used, 2u);
  EXPECT_EQ(system.pending_requests, 4u);
  EXPECT_EQ(system.pending_responses, 0u);
  EXPECT_EQ(system.queue_depth, 4u);
  EXPECT_EQ(system.loop_iterations, 77u);
  EXPECT_EQ(system.loop_idle_ns, 5'000'000'000u);
  EXPECT_EQ(system.connections_accepted, 9u);
  EXPECT_LT(system.uptime_ns, 60'000'000'000u);
  ASSERT_EQ(readings.clients.size(), 1u);
  EXPECT_EQ(readings.clients[0].name, "postgres");
  EXPECT_EQ(readings.clients[0].latency->sum_ns, 8'000'000u);
}

TEST_F(Valkyria202512, TellsConnectionsByTheirState) {
  tell("start");
  tell("connections 3 4 2");
  const auto system = read().value().systems[0];
  EXPECT_EQ(system.connections_active, 3u);
  EXPECT_EQ(system.connections_idle, 4u);
  EXPECT_EQ(system.connections_closing, 2u);
  EXPECT_EQ(system.connections_connecting, 0u);
  EXPECT_EQ(system.connection_pool_used, 9u);
  EXPECT_EQ(system.streams_active, 6u);
  EXPECT_EQ(system.requests_active, 6u);
}

TEST_F(Valkyria202512, PassesOverAConnectionThatPointsElsewhere) {
  tell("start");
  tell("connections 3 4 2");
  tell("freed");
  EXPECT_EQ(read().value().systems[0].connections_active, 2u);
}

TEST_F(Valkyria202512, LeavesStatesOutWhereTheListNeverEnds) {
  tell("start");
  tell("connections 3 4 2");
  tell("loop");
  const auto readings = read().value();
  EXPECT_EQ(readings.systems[0].connections_active, std::nullopt);
  EXPECT_EQ(readings.systems[0].connections_accepted, 9u);
}

std::uint64_t sum_of(const std::vector<model::StatusCount>& requests) {
  std::uint64_t sum = 0;
  for (const auto& status : requests) sum += status.count;
  return sum;
}

// None: not told.
Count rest_of(const model::ServerMetrics& server) {
  for (const auto& status : server.requests) {
    if (status.status == model::StatusClass::kOther) return status.count;
  }
  return std::nullopt;
}

TEST_F(Valkyria202512, TellsEveryRequestOfAServerOnce) {
  const auto servers = read().value().servers;
  ASSERT_EQ(servers.size(), 1u);
  EXPECT_EQ(servers[0].host, "0.0.0.0");
  EXPECT_EQ(servers[0].port, "8443");
  EXPECT_EQ(servers[0].protocol, "https");
  EXPECT_EQ(sum_of(servers[0].requests), 104u + 2);  // shed ones are not in the runtime's total
  EXPECT_EQ(servers[0].requests.size(), 4u);
  EXPECT_EQ(rest_of(servers[0]), 3u);
  EXPECT_EQ(servers[0].bytes_sent, 9'000u);
  EXPECT_EQ(servers[0].overload_responses, 2u);
  EXPECT_EQ(servers[0].connections_active, 6u);
  ASSERT_TRUE(servers[0].request_duration_ns);
  EXPECT_EQ(servers[0].request_duration_ns->count(), 104u);
  EXPECT_EQ(servers[0].request_duration_ns->counts.back(), 16u);
}

// Without the shed ones of class 5xx, or without their number, the rest is not known.
TEST_F(Valkyria202512, TellsNoRestWhereAPartOfTheSumIsNotKnown) {
  tell("drop");
  const auto server = read().value().servers.at(0);
  EXPECT_EQ(server.requests.size(), 2u);
  EXPECT_EQ(rest_of(server), std::nullopt);
}

TEST_F(Valkyria202512, GoesOnTellingWhatWasDropped) {
  const auto before = read().value().servers.at(0);
  tell("drop");
  const auto server = read().value().servers.at(0);
  EXPECT_EQ(rest_of(server), 3u);
  EXPECT_EQ(sum_of(server.requests), sum_of(before.requests));
}

TEST_F(Valkyria202512, TellsARestThatGrowsAtOnce) {
  EXPECT_EQ(rest_of(read().value().servers.at(0)), 3u);
  tell("redirect 4");
  const auto server = read().value().servers.at(0);
  EXPECT_EQ(rest_of(server), 7u);
  EXPECT_EQ(sum_of(server.requests), 104u + 4 + 2);
}

// All have a class, so there are never more of none. One may be told: it was counted in the total,
// and the puppet's thread lost its processor before it was in a class.
// The first reading is of a server at rest: between two counters of the one that follows, any
// number may be served, which makes the rest too small, never too large; and what was told once
// stays.
TEST_F(Valkyria202512, TellsNoRestOfWhatIsBeingCounted) {
  EXPECT_EQ(rest_of(read().value().servers.at(0)), 3u);
  tell("serve");
  std::uint64_t last_sum = 0;
  for (int i = 0; i < 20'000 && !HasFailure(); ++i) {
    const auto server = read().value().servers.at(0);
    EXPECT_GE(rest_of(server).value_or(0), 3u);
    EXPECT_LE(rest_of(server).value_or(0), 3u + 1);
    EXPECT_GE(sum_of(server.requests), last_sum);
    last_sum = sum_of(server.requests);
  }
  EXPECT_GT(last_sum, 104u + 2);
}

// By name; the text of a series without labels.
using Values = std::map<std::string, model::RegisteredValue>;

Values values_of(const model::Registry& registry) {
  Values values;
  for (const auto& series : registry.series) values[series.name] = series.value;
  EXPECT_EQ(values.size(), registry.series.size());
  return values;
}

TEST_F(Valkyria202512, PassesOnNothingThatIsOfAServer) {
  const auto registry = read().value().registry;
  ASSERT_TRUE(registry);
  EXPECT_TRUE(registry->series.empty());
  EXPECT_EQ(registry->unreadable, 0u);
}

TEST_F(Valkyria202512, PassesOnWhatTheApplicationRegistered) {
  tell("application");
  const auto readings = read().value();
  EXPECT_EQ(readings.servers.size(), 1u);
  ASSERT_TRUE(readings.registry);
  EXPECT_EQ(readings.registry->unreadable, 0u);
  EXPECT_EQ(readings.registry->series.size(), 10u);
  EXPECT_EQ(readings.registry->series[0].labels[0].second, "a \"b\" \\ \n \xff");
  EXPECT_EQ(readings.registry->series[0].help, "");
  const Values values = values_of(*readings.registry);
  EXPECT_EQ(std::get<std::uint64_t>(values.at("shop_orders_total")), 12u);
  EXPECT_EQ(std::get<std::uint64_t>(values.at("shop_visits")), 7u);
  EXPECT_EQ(std::get<std::uint64_t>(values.at("http_requests_total")), 5u);
  EXPECT_EQ(std::get<std::int64_t>(values.at("http_connections_active")), 2);
  EXPECT_EQ(std::get<std::int64_t>(values.at("shop_balance")), -42);
  EXPECT_EQ(std::get<std::int64_t>(values.at("shop_least")),
            std::numeric_limits<std::int64_t>::min());
  const auto& wait = std::get<model::RegisteredHistogram>(values.at("shop_wait_seconds"));
  EXPECT_EQ(wait.bounds_seconds, (std::vector{0.00005, 0.1, 2.5}));
  EXPECT_EQ(wait.counts, (std::vector<std::uint64_t>{1, 2, 3, 4}));
  EXPECT_EQ(wait.sum_ns, 7'250'000'000u);
}

TEST_F(Valkyria202512, LeavesOutAndCountsWhatNoHonestRuntimeRegisters) {
  tell("hostile");
  const auto readings = read().value();
  EXPECT_EQ(readings.servers.size(), 1u);
  EXPECT_TRUE(readings.registry->series.empty());
  EXPECT_EQ(readings.registry->unreadable, 8u);
}

TEST_F(Valkyria202512, PassesOnWhatTheLayoutHasThePathsFor) {
  tell("application");
  EXPECT_FALSE(read_without("g_valk_metrics.").value().registry);
  const auto without_bounds = read_without("g_valk_metrics.histograms[].bucket_bounds").value();
  EXPECT_EQ(without_bounds.registry->unreadable, 1u);
  EXPECT_EQ(without_bounds.registry->series.size(), 9u);
  const auto without_labels = read_without("g_valk_metrics.counters[].labels").value();
  EXPECT_EQ(without_labels.registry->unreadable, 0u);
  EXPECT_EQ(without_labels.registry->series.size(), 5u);
}

TEST_F(Valkyria202512, RefusesACountBeyondTheRegistry) {
  tell("count 33");
  const auto readings = read();
  ASSERT_FALSE(readings);
  EXPECT_NE(readings.error().message.find("33 of at most 32"), std::string::npos);
}

// Whatever is asked for, there is something: small numbers, large ones, and pointers to all of it.
class RandomMemory : public memory::Memory {
 public:
  base::Result<void> read(std::span<memory::Piece> pieces) override {
    for (memory::Piece& piece : pieces) {
      piece.complete = random_() % 50 != 0;
      for (std::size_t i = 0; i + 8 <= piece.into.size(); i += 8) {
        const std::uint64_t word = a_word();
        std::memcpy(piece.into.data() + i, &word, sizeof word);
      }
    }
    return {};
  }

 private:
  std::uint64_t a_word() {
    switch (random_() % 4) {
      case 0:
        return random_() % 20;
      case 1:
        return 0x7f0000000000 + 8 * (random_() % 1000);
      case 2:
        return random_();
      default:
        return 0;
    }
  }

  std::mt19937_64 random_{1};
};

TEST_F(Valkyria202512, SurvivesAnyMemory) {
  RandomMemory memory;
  int read = 0;
  for (int i = 0; i < 3'000; ++i) {
    const auto readings = reader_->read(memory, {base::monotonic_ns()});
    if (!readings) continue;
    ++read;
    EXPECT_LE(readings->systems.size(), 1u);
    EXPECT_LE(readings->clients.size(), 4u);
    EXPECT_LE(readings->servers.size(), 48u);
    EXPECT_LE(readings->registry->series.size() + readings->registry->unreadable, 48u);
  }
  EXPECT_GT(read, 10);
}

// 0 to 4 active ones, 0 to 6 idle, 0 to 2 closing: never more, whatever is torn.
TEST_F(Valkyria202512, NeverCountsMoreThanThereAreWhileTheListChanges) {
  tell("start");
  tell("churn");
  int known = 0;
  for (int i = 0; i < 2'000; ++i) {
    const auto readings = read().value();
    const auto& system = readings.systems[0];
    if (!system.connections_active) continue;
    ++known;
    EXPECT_LE(*system.connections_active + *system.connections_idle + *system.connections_closing,
              12u);
  }
  EXPECT_GT(known, 0);
  tell("connections 1 0 0");
  EXPECT_EQ(read().value().systems[0].connections_active, 1u);
}

}  // namespace
