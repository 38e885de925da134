// The reader for the runtime of February 2026, against live memory of its shape.
#include <fcntl.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <random>

#include "state_puppet_fixture.h"

namespace {

class Valkyria202602 : public test::StatePuppet {
 protected:
  Valkyria202602() : StatePuppet("valkyria_2026_02") {}

  model::SystemMetrics read_system() { return read().value().systems.at(0); }
};

TEST_F(Valkyria202602, IsRecognisedAndLacksNothing) {
  EXPECT_EQ(layout_.name, "valkyria_2026_02");
  for (const state::MissingField& missing : layout_.missing) {
    ADD_FAILURE() << missing.path << ": " << missing.reason;
  }
}

TEST_F(Valkyria202602, SaysHowItsNumbersDiffer) {
  expect_sound_differences();
  EXPECT_NE(difference_of(&model::GcMetrics::heap_peak_bytes).find("lower bound"),
            std::string::npos);
  EXPECT_NE(difference_of(&model::ServerMetrics::requests), "");
}

TEST(KnownLayouts, EachBuildHasTheMarkOfOneRuntime) {
  for (const char* puppet : {"minivalk_state", "valkyria_2025_12", "valkyria_2026_02"}) {
    const auto information = test::open_debug_information(test::puppet_path(puppet));
    const auto marks = std::ranges::count_if(state::known_layouts(), [&](const auto& known) {
      return information.has_variable(known.mark);
    });
    EXPECT_EQ(marks, 1) << puppet;
    const auto name = state::resolve_known_layout(information).value().name;
    EXPECT_TRUE(std::string_view(puppet).starts_with(name)) << puppet << ": " << name;
  }
}

TEST_F(Valkyria202602, TellsTheInterpreterBeforeAnythingElseIsThere) {
  const auto readings = read().value();
  EXPECT_EQ(readings.interpreter.evals, 11u);
  EXPECT_EQ(readings.interpreter.stack_depth_max, 14u);
  EXPECT_EQ(readings.gc.cycles, std::nullopt);
  EXPECT_EQ(readings.gc.heap_used_bytes, std::nullopt);
  EXPECT_EQ(readings.gc.heap_peak_bytes, std::nullopt);
  EXPECT_EQ(readings.gc.trigger_bytes, std::nullopt);
  EXPECT_TRUE(readings.systems.empty());
  EXPECT_TRUE(readings.clients.empty());
  EXPECT_EQ(readings.events.connections, 0u);
}

TEST_F(Valkyria202602, BearsARootThatIsNull) {
  tell("null");
  const auto readings = read().value();
  EXPECT_EQ(readings.interpreter.evals, 11u);
  EXPECT_TRUE(readings.systems.empty());
}

TEST_F(Valkyria202602, TellsTheHeapByItsObjectsAndNotByItsSumOfAllThatEverWas) {
  tell("create");
  const auto gc = read().value().gc;
  EXPECT_EQ(gc.cycles, 3u);
  EXPECT_EQ(gc.pause_ns_total, 1'500'000u);
  EXPECT_EQ(gc.pause_ns_max, 900'000u);
  EXPECT_EQ(gc.reclaimed_bytes, 4096u);
  EXPECT_EQ(gc.heap_used_bytes, 32u * 16 + 32 * 32 + 8192);
  EXPECT_EQ(gc.heap_peak_bytes, 12'000u);  // before the last collection
  EXPECT_EQ(gc.heap_live_bytes, 9'500u);   // less what that reclaimed
  EXPECT_EQ(gc.last_collection_unix_ns, std::nullopt);
  EXPECT_EQ(gc.cells_used, std::nullopt);
  EXPECT_EQ(gc.heap_total_bytes, 512u << 20);
  EXPECT_EQ(gc.trigger_bytes, 384u << 20);
}

TEST_F(Valkyria202602, KnowsNothingOfALastCollectionBeforeTheFirst) {
  tell("create");
  tell("fresh");
  const auto gc = read().value().gc;
  EXPECT_EQ(gc.cycles, 0u);
  EXPECT_EQ(gc.heap_live_bytes, std::nullopt);
  EXPECT_EQ(gc.heap_peak_bytes, gc.heap_used_bytes);
}

TEST_F(Valkyria202602, TellsTheLowerOfBothLimitsThatStartACollection) {
  tell("create");
  tell("percent 50");
  EXPECT_EQ(read().value().gc.trigger_bytes, 256u << 20);
}

TEST_F(Valkyria202602, TellsTheSystemByItsPoolsAndNotByGaugesThatNobodyWrites) {
  tell("start");
  tell("connections 1 2 1");
  const auto readings = read().value();
  ASSERT_EQ(readings.systems.size(), 1u);
  const auto& system = readings.systems[0];
  EXPECT_EQ(system.name, "main");
  EXPECT_EQ(system.handles, 5u);
  EXPECT_EQ(system.arenas_used, 3u);
  EXPECT_EQ(system.arenas_total, 20u);
  EXPECT_EQ(system.tcp_buffers_used, 2u);
  EXPECT_EQ(system.tcp_buffers_total, 40u);
  EXPECT_EQ(system.loop_iterations, 77u);
  EXPECT_EQ(system.loop_idle_ns, 5'000'000'000u);
  EXPECT_EQ(system.servers, 1u);
  EXPECT_EQ(system.arena_overflows, 2u);
  EXPECT_EQ(system.connections_rejected, 4u);
  EXPECT_EQ(system.connections_accepted, 9u);
  EXPECT_EQ(system.requests, 108u);
  EXPECT_EQ(system.bytes_sent, 9'000u);
  EXPECT_LT(system.uptime_ns, 60'000'000'000u);
  EXPECT_EQ(readings.events.requests, 108u);
  EXPECT_EQ(readings.events.connections, 9u);
}

TEST_F(Valkyria202602, LeavesOutWhatTheRuntimeDoesNotKeep) {
  tell("start");
  const auto system = read_system();
  EXPECT_EQ(system.clients, std::nullopt);
  EXPECT_EQ(system.queue_depth, std::nullopt);
  EXPECT_EQ(system.pending_requests, std::nullopt);
  EXPECT_EQ(system.connection_pool_total, std::nullopt);
  const auto members = reader_->members();
  EXPECT_EQ(std::ranges::count(members, model::Member(&model::SystemMetrics::clients)), 0);
  EXPECT_EQ(std::ranges::count(members, model::Member(&model::SystemMetrics::handles)), 1);
}

TEST_F(Valkyria202602, LeavesAGaugeBelowZeroOut) {
  tell("start");
  tell("wrap");
  EXPECT_EQ(read_system().servers, std::nullopt);
}

TEST_F(Valkyria202602, CountsAWaitWhileItGoesOnAndNeverFalls) {
  tell("start");
  EXPECT_EQ(read_system().loop_idle_ns, 5'000'000'000u);
  tell("wait");
  const auto waiting_ns = read_system().loop_idle_ns;
  EXPECT_GT(waiting_ns, 5'000'000'000u);
  EXPECT_LT(waiting_ns, 65'000'000'000u);
  tell("work");
  EXPECT_EQ(read_system().loop_idle_ns, waiting_ns);
}

TEST_F(Valkyria202602, LetsIdleTimeStandStillWhileTheProcessIsStopped) {
  constexpr std::uint64_t kSecond = 1'000'000'000;
  const auto idle_at = [&](std::uint64_t at_ns, bool is_running) {
    const auto readings = reader_->read(*memory_, {at_ns, is_running}).value();
    return readings.systems.at(0).loop_idle_ns.value();
  };
  tell("start");
  tell("wait");
  const std::uint64_t begin_ns = base::monotonic_ns();
  const std::uint64_t told_ns = idle_at(begin_ns, true);
  EXPECT_EQ(idle_at(begin_ns + 10 * kSecond, false), told_ns);
  EXPECT_EQ(idle_at(begin_ns + 60 * kSecond, false), told_ns);
  // Of the 65 s since, it is not known of 15 whether it ran.
  EXPECT_EQ(idle_at(begin_ns + 65 * kSecond, true), told_ns + 15 * kSecond);
  // The wait is over, and libuv takes it for one.
  tell("waited 70");
  EXPECT_EQ(idle_at(begin_ns + 80 * kSecond, true), 25 * kSecond);
}

TEST_F(Valkyria202602, AddsNoWaitOfAProcessThatItHasOnlySeenStopped) {
  tell("start");
  tell("wait");
  EXPECT_EQ(read(false).value().systems.at(0).loop_idle_ns, 5'000'000'000u);
}

TEST_F(Valkyria202602, FailsWhereAPartOfASystemThatRunsIsNotThere) {
  tell("start");
  tell("unmapped");
  const auto readings = read();
  ASSERT_FALSE(readings);
  EXPECT_NE(readings.error().message.find("not mapped"), std::string::npos);
}

TEST_F(Valkyria202602, AddsSystemsOfOneNameButNotWhatTheyCountTogether) {
  tell("start");
  tell("start");
  const auto readings = read().value();
  ASSERT_EQ(readings.systems.size(), 1u);
  EXPECT_EQ(readings.systems[0].loop_iterations, 154u);
  EXPECT_EQ(readings.systems[0].arenas_total, 40u);
  EXPECT_EQ(readings.systems[0].arenas_used, 6u);
  EXPECT_EQ(readings.systems[0].connections_accepted, 9u);
  EXPECT_EQ(readings.events.requests, 108u);
}

TEST_F(Valkyria202602, CountsASystemOnceThatIsListedTwice) {
  tell("start");
  tell("twice");
  const auto readings = read().value();
  ASSERT_EQ(readings.systems.size(), 1u);
  EXPECT_EQ(readings.systems[0].loop_iterations, 77u);
}

TEST_F(Valkyria202602, TellsOfASystemThatStopsWhatIsNotGivenUp) {
  tell("start");
  tell("connections 1 2 1");
  tell("stop");
  const auto readings = read().value();
  ASSERT_EQ(readings.systems.size(), 1u);
  EXPECT_EQ(readings.systems[0].arenas_used, std::nullopt);
  EXPECT_EQ(readings.systems[0].arenas_total, std::nullopt);
  EXPECT_EQ(readings.systems[0].connections_idle, std::nullopt);
  EXPECT_EQ(readings.systems[0].loop_iterations, 77u);
  EXPECT_EQ(readings.systems[0].loop_idle_ns, 5'000'000'000u);
  EXPECT_EQ(readings.events.requests, 108u);
}

TEST_F(Valkyria202602, AddsOnlyTheLoopOfASystemThatStopsToTheNextOne) {
  tell("start");
  tell("stop");
  tell("start");
  const auto readings = read().value();
  ASSERT_EQ(readings.systems.size(), 1u);
  EXPECT_EQ(readings.systems[0].arenas_used, 3u);
  EXPECT_EQ(readings.systems[0].arenas_total, 20u);
  EXPECT_EQ(readings.systems[0].loop_iterations, 154u);
  EXPECT_EQ(readings.systems[0].loop_idle_ns, 10'000'000'000u);
  EXPECT_EQ(readings.events.requests, 108u);
}

TEST_F(Valkyria202602, LeavesLoopsOutWhereTheWholeRuntimeEnds) {
  tell("start");
  tell("end");
  const auto readings = read().value();
  ASSERT_EQ(readings.systems.size(), 1u);
  EXPECT_EQ(readings.systems[0].loop_iterations, std::nullopt);
  EXPECT_EQ(readings.systems[0].loop_idle_ns, std::nullopt);
  EXPECT_EQ(readings.events.requests, 108u);
}

TEST_F(Valkyria202602, TellsConnectionsByTheirState) {
  tell("start");
  tell("connections 3 4 2");
  const auto system = read_system();
  EXPECT_EQ(system.connections_active, 3u);
  EXPECT_EQ(system.connections_idle, 4u);
  EXPECT_EQ(system.connections_closing, 2u);
  EXPECT_EQ(system.connection_pool_used,
            *system.connections_active + *system.connections_idle + *system.connections_closing);
  EXPECT_EQ(system.connections_connecting, 0u);
  EXPECT_EQ(system.streams_active, 6u);
  EXPECT_EQ(system.requests_active, 6u);
}

// Of one connection, in each of the runtime's states: connecting, idle, closing.
TEST_F(Valkyria202602, KnowsEveryStateOfTheRuntime) {
  struct Expected {
    int state;
    std::uint64_t connecting, idle, closing;
  };
  tell("start");
  tell("connections 0 1 0");
  for (const Expected& expected :
       {Expected{0, 1, 0, 0}, Expected{1, 1, 0, 0}, Expected{2, 0, 1, 0}, Expected{3, 0, 0, 1},
        Expected{4, 0, 0, 1}, Expected{5, 0, 0, 1}, Expected{6, 0, 0, 0}, Expected{7, 0, 0, 1},
        Expected{8, 0, 0, 0}, Expected{-1, 0, 0, 0}}) {
    tell("state " + std::to_string(expected.state));
    const auto system = read_system();
    EXPECT_EQ(system.connections_connecting, expected.connecting) << expected.state;
    EXPECT_EQ(system.connections_idle, expected.idle) << expected.state;
    EXPECT_EQ(system.connections_closing, expected.closing) << expected.state;
    EXPECT_EQ(system.connections_active, 0u) << expected.state;
  }
}

TEST_F(Valkyria202602, DoesNotCountConnectionsThatTheRuntimeOpened) {
  tell("start");
  tell("connections 3 0 0");
  tell("client");
  EXPECT_EQ(read_system().connections_active, 2u);
}

TEST_F(Valkyria202602, PassesOverAConnectionThatPointsElsewhere) {
  tell("start");
  tell("connections 3 4 2");
  tell("freed");
  EXPECT_EQ(read_system().connections_active, 2u);
}

TEST_F(Valkyria202602, LeavesStatesOutWhereTheListNeverEnds) {
  tell("start");
  tell("connections 3 4 2");
  tell("loop");
  const auto system = read_system();
  EXPECT_EQ(system.connections_active, std::nullopt);
  EXPECT_EQ(system.streams_active, std::nullopt);
  EXPECT_EQ(system.connections_accepted, 9u);
}

TEST_F(Valkyria202602, LeavesStatesOutWhereTheListEndsInAHandleThatIsFree) {
  tell("start");
  tell("connections 3 4 2");
  tell("unlinked");
  EXPECT_EQ(read_system().connections_active, std::nullopt);
}

TEST_F(Valkyria202602, TellsEveryRequestOfAServerOnce) {
  const auto servers = read().value().servers;
  ASSERT_EQ(servers.size(), 1u);
  EXPECT_EQ(servers[0].host, "0.0.0.0");
  EXPECT_EQ(servers[0].port, "8443");
  EXPECT_EQ(servers[0].protocol, "https");
  std::uint64_t requests = 0;
  for (const auto& status : servers[0].requests) requests += status.count;
  EXPECT_EQ(requests, 106u + 2);
  EXPECT_EQ(servers[0].requests.size(), 4u);
  EXPECT_EQ(servers[0].requests.back().status, model::StatusClass::kOther);
  EXPECT_EQ(servers[0].requests.back().count, 3u);
  EXPECT_EQ(servers[0].bytes_sent, 9'000u);
  EXPECT_EQ(servers[0].overload_responses, 2u);
  EXPECT_EQ(servers[0].connections_active, 6u);
}

TEST_F(Valkyria202602, TellsDurationsUpToTheLastBound) {
  const auto duration = read().value().servers.at(0).request_duration_ns;
  ASSERT_TRUE(duration);
  ASSERT_EQ(duration->counts.size(), 18u);
  EXPECT_EQ(duration->count(), 106u);
  EXPECT_EQ(duration->bounds_ns.back(), 10'000'000'000u);
  EXPECT_EQ(duration->counts[16], 4u);
  EXPECT_EQ(duration->counts[17], 2u);
  EXPECT_EQ(duration->sum_ns, 2'500'000u);
}

TEST_F(Valkyria202602, PassesOverMetricsThatWereDropped) {
  tell("dropped");
  const auto servers = read().value().servers;
  ASSERT_EQ(servers.size(), 1u);
  EXPECT_EQ(servers[0].port, "8443");
}

TEST_F(Valkyria202602, PassesOnWhatApplicationsRegisteredAndNotItsOwn) {
  tell("application");
  const auto registry = read().value().registry;
  ASSERT_TRUE(registry);
  EXPECT_EQ(registry->unreadable, 0u);
  ASSERT_EQ(registry->series.size(), 1u) << registry->series[0].name;
  EXPECT_EQ(registry->series[0].name, "shop_orders_total");
  EXPECT_EQ(registry->series[0].help, "Orders of the shop");
  EXPECT_EQ(std::get<std::uint64_t>(registry->series[0].value), 12u);
}

TEST_F(Valkyria202602, RefusesACountBeyondTheRegistry) {
  tell("count 65");
  const auto readings = read();
  ASSERT_FALSE(readings);
  EXPECT_NE(readings.error().message.find("65 of at most 64"), std::string::npos);
}

TEST_F(Valkyria202602, RefusesACountBeyondTheSubsystems) {
  for (const char* count : {"17", "-1", "2147483647"}) {
    tell(std::string("subsystems ") + count);
    const auto readings = read();
    ASSERT_FALSE(readings) << count;
    EXPECT_NE(readings.error().message.find("no list of subsystems"), std::string::npos);
  }
}

// A layout can come from a file that anybody wrote. There may be a copy for each system.
TEST_F(Valkyria202602, LeavesSystemsOutWhoseLayoutClaimsTooMuch) {
  tell("start");
  for (elf::Field& field : layout_.fields) {
    if (field.path.ends_with("}->name")) field.repeats = {{4096, 1000}};
  }
  reader_ = state::make_reader(layout_, load_bias_).value();
  EXPECT_TRUE(read().value().systems.empty());
  EXPECT_EQ(std::ranges::count(reader_->members(), model::Member(&model::SystemMetrics::handles)),
            0);
}

// Whatever is asked for, there is something: small numbers, large ones, and pointers to all of it.
// The function that marks an AIO system is among the pointers.
class RandomMemory : public memory::Memory {
 public:
  explicit RandomMemory(std::uint64_t mark) : mark_(mark) {}

  base::Result<void> read(std::span<memory::Piece> pieces) override {
    for (memory::Piece& piece : pieces) {
      piece.complete = random_() % 200 != 0;
      for (std::size_t i = 0; i + 8 <= piece.into.size(); i += 8) {
        const std::uint64_t word = a_word();
        std::memcpy(piece.into.data() + i, &word, sizeof word);
      }
    }
    return {};
  }

 private:
  std::uint64_t a_word() {
    switch (random_() % 5) {
      case 0:
        return random_() % 17;
      case 1:
        return 0x7f0000000000 + 8 * (random_() % 1000);
      case 2:
        return random_();
      case 3:
        return mark_;
      default:
        return 0;
    }
  }

  std::uint64_t mark_;
  std::mt19937_64 random_{1};
};

TEST_F(Valkyria202602, SurvivesAnyMemory) {
  RandomMemory memory(layout_.find("&valk_aio_stop")->address + load_bias_);
  int read = 0;
  for (int i = 0; i < 3'000; ++i) {
    const auto readings = reader_->read(memory, {base::monotonic_ns()});
    if (!readings) continue;
    ++read;
    EXPECT_LE(readings->systems.size(), 16u);
    EXPECT_TRUE(readings->clients.empty());
    EXPECT_LE(readings->servers.size(), 88u);
  }
  EXPECT_GT(read, 10);
}

// The real memory, but for every eighth piece: so whatever leads further is mostly right, and what
// it leads to is anything.
class PartlyRandomMemory : public memory::Memory {
 public:
  PartlyRandomMemory(memory::Memory& real, std::uint64_t mark) : real_(real), random_(mark) {}

  base::Result<void> read(std::span<memory::Piece> pieces) override {
    for (memory::Piece& piece : pieces) {
      const auto one = std::span(&piece, 1);
      if (auto done = dice_() % 8 == 0 ? random_.read(one) : real_.read(one); !done) {
        piece.complete = false;
      }
    }
    return {};
  }

 private:
  memory::Memory& real_;
  RandomMemory random_;
  std::mt19937_64 dice_{2};
};

TEST_F(Valkyria202602, SurvivesAnyPartOfItsMemory) {
  tell("create");
  tell("start");
  tell("start");
  tell("connections 3 4 2");
  PartlyRandomMemory memory(*memory_, layout_.find("&valk_aio_stop")->address + load_bias_);
  int with_systems = 0;
  for (int i = 0; i < 3'000; ++i) {
    const auto readings = reader_->read(memory, {base::monotonic_ns()});
    if (!readings) continue;
    EXPECT_LE(readings->systems.size(), 16u);
    if (!readings->systems.empty()) ++with_systems;
  }
  EXPECT_GT(with_systems, 100);
}

// 0 to 4 active ones, 0 to 6 idle, 0 to 2 closing: never more, whatever is torn.
TEST_F(Valkyria202602, NeverCountsMoreThanThereAreWhileTheListChanges) {
  tell("start");
  tell("churn");
  int known = 0;
  for (int i = 0; i < 2'000; ++i) {
    const auto system = read_system();
    if (!system.connections_active) continue;
    ++known;
    EXPECT_LE(*system.connections_active + *system.connections_idle + *system.connections_closing,
              12u);
  }
  EXPECT_GT(known, 0);
  tell("connections 1 0 0");
  EXPECT_EQ(read_system().connections_active, 1u);
}

}  // namespace
