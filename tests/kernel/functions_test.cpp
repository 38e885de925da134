// Function probes: what is told of a runtime without probe sites.
#include <unistd.h>

#include <stdexcept>

#include "elf/elf_file.h"
#include "model/names.h"
#include "probe_fixture.h"

namespace kernel_test {
namespace {

using model::ConnectionState;
using probe::AttachMethod;

probe::FunctionCheck functions_of(const target::Executable& executable, const char* runtime,
                                  const std::optional<std::string>& return_fault = std::nullopt) {
  const auto file = elf::ElfFile::open(base::UniqueFd(::dup(executable.fd.get())), executable.path);
  if (!file) throw std::runtime_error(file.error().message);
  return probe::check_functions(*file, runtime, return_fault);
}

// By both ways of attaching.
class FunctionsTest : public KernelTest, public testing::WithParamInterface<AttachMethod> {
 protected:
  void SetUp() override {
    KernelTest::SetUp();
    if (GetParam() == AttachMethod::kUprobeMulti &&
        probe::best_attach_method() != AttachMethod::kUprobeMulti) {
      GTEST_SKIP() << "this kernel's uprobe_multi is not good enough";
    }
  }

  void watch(const char* runtime, const std::optional<std::string>& return_fault = std::nullopt) {
    auto executable = target::open_executable(puppet_path("function_puppet"));
    auto programs = probe::Programs::load(all_groups(), {GetParam(), std::nullopt});
    ASSERT_TRUE(executable) << executable.error().message;
    ASSERT_TRUE(programs) << programs.error().message;
    watched_.emplace(Watched{std::move(*programs), {}});
    ASSERT_TRUE(watched_->programs.watch(0, puppet_.pid()));
    std::vector<probe::AttachFailure> failed;
    watched_->attachments.push_back(probe::Attachment::attach(
        watched_->programs, {executable->fd.get(), puppet_.pid(), 0}, probe::Means::kFunctions,
        probe::sites_of(functions_of(*executable, runtime, return_fault)), failed));
    ASSERT_TRUE(failed.empty()) << failed[0].reason;
  }

  void tell(const std::string& command) { ASSERT_EQ(puppet_.tell(command), "done"); }
  probe::Readings readings() const { return watched_->slot(); }

  static std::uint64_t transitions(const probe::Readings& readings, ConnectionState from,
                                   ConnectionState to) {
    for (const auto& transition : readings.systems.at(0).transitions) {
      if (transition.from == from && transition.to == to) return transition.count;
    }
    return 0;
  }

  Puppet puppet_{puppet_path("function_puppet")};
  std::optional<Watched> watched_;
};

INSTANTIATE_TEST_SUITE_P(By, FunctionsTest,
                         testing::Values(AttachMethod::kUprobeMulti, AttachMethod::kPerfEvent),
                         [](const auto& method) {
                           return method.param == AttachMethod::kUprobeMulti ? "UprobeMulti"
                                                                             : "PerfEvent";
                         });

TEST_P(FunctionsTest, TimeACollectionFromEntryToReturn) {
  ASSERT_NO_FATAL_FAILURE(watch("valkyria_2025_12"));
  for (const char* bytes : {"100", "0", "50"}) tell(std::string("collect ") + bytes);
  const probe::Readings seen = readings();
  EXPECT_EQ(seen.gc.cycles, 3u);
  EXPECT_EQ(seen.gc.reclaimed_bytes, 150u);
  EXPECT_EQ(seen.gc.pause_ns->count(), 3u);
  EXPECT_GE(seen.gc.pause_ns->sum_ns, 3 * 200'000u);
  EXPECT_GE(*seen.gc.pause_ns_max, 200'000u);
  EXPECT_EQ(seen.events.gc_cycles, 3u);
  EXPECT_FALSE(seen.gc.time_to_safepoint_ns);
  EXPECT_FALSE(seen.gc.heap_total_bytes);
  EXPECT_FALSE(seen.gc.trigger_bytes);
  EXPECT_FALSE(seen.gc.heap_live_bytes) << "nobody has said where it stands";
  EXPECT_TRUE(seen.gc.last_collection_unix_ns);
  EXPECT_EQ(watched_->lost("gc_request_unseen"), 0u);
  EXPECT_EQ(watched_->lost("gc_begin_unseen"), 0u);
}

TEST_P(FunctionsTest, TellOfConnectionsOnlyTheirBeginAndEnd) {
  ASSERT_NO_FATAL_FAILURE(watch("valkyria_2025_12"));
  for (const char* command : {"connect 1", "connect 1", "connect 0", "close"}) tell(command);
  const probe::Readings seen = readings();
  ASSERT_EQ(seen.systems.size(), 1u);
  EXPECT_EQ(seen.systems[0].name, "main");
  EXPECT_EQ(transitions(seen, ConnectionState::kNone, ConnectionState::kConnecting), 2u);
  EXPECT_EQ(transitions(seen, ConnectionState::kNone, ConnectionState::kClosing), 1u);
  EXPECT_EQ(transitions(seen, ConnectionState::kClosing, ConnectionState::kClosed), 1u);
  EXPECT_EQ(seen.systems[0].transitions.size(), 3u) << "the others are not known, not 0";
  EXPECT_TRUE(seen.systems[0].state_durations.empty());
  EXPECT_EQ(seen.events.connections, 3u);
}

TEST_P(FunctionsTest, TimeTheRequestsOfTheWholeSystem) {
  ASSERT_NO_FATAL_FAILURE(watch("valkyria_2025_12"));
  for (const char* command :
       {"request 50 0 10 1", "request 51 0 10 1", "request 0 1 0 1", "request 9000000 0 1 0"}) {
    tell(command);
  }
  const probe::Readings seen = readings();
  EXPECT_TRUE(seen.servers.empty()) << "no server is known";
  ASSERT_EQ(seen.systems.size(), 1u);
  const model::Histogram& durations = *seen.systems[0].request_duration_ns;
  EXPECT_EQ(durations.count(), 4u);
  EXPECT_EQ(durations.counts[0], 2u) << "50 us and less than 1 us";
  EXPECT_EQ(durations.counts[1], 1u) << "51 us";
  EXPECT_EQ(durations.sum_ns, 9'000'101'001u);
  EXPECT_EQ(seen.systems[0].request_bytes_sent, 21u);
  EXPECT_EQ(seen.systems[0].request_bytes_received, 3u);
  EXPECT_EQ(seen.events.requests, 4u);
}

TEST_P(FunctionsTest, AClockThatWentBackIsNoDuration) {
  ASSERT_NO_FATAL_FAILURE(watch("valkyria_2025_12"));
  tell("request -1 0 5 0");
  const probe::Readings seen = readings();
  EXPECT_EQ(seen.systems.at(0).request_duration_ns->count(), 0u);
  EXPECT_EQ(seen.systems[0].request_bytes_sent, 5u);
  EXPECT_EQ(watched_->lost("duration_unknown"), 1u);
}

TEST_P(FunctionsTest, TellOfClientsAllThatProbesDo) {
  ASSERT_NO_FATAL_FAILURE(watch("valkyria_2025_12"));
  for (const char* command : {"operate 100 0 0", "operate 300 1 1", "look-up 1", "look-up 0"}) {
    tell(command);
  }
  const probe::Readings seen = readings();
  ASSERT_EQ(seen.clients.size(), 1u);
  EXPECT_EQ(seen.clients[0].name, "users");
  EXPECT_EQ(seen.clients[0].type, "Database");
  EXPECT_EQ(seen.clients[0].operations, 2u);
  EXPECT_EQ(seen.clients[0].errors, 1u);
  EXPECT_EQ(seen.clients[0].retries, 1u);
  EXPECT_EQ(seen.clients[0].duration_ns->sum_ns, 400'000u);
  EXPECT_EQ(seen.clients[0].cache_hits, 1u);
  EXPECT_EQ(seen.clients[0].cache_misses, 1u);
}

TEST_P(FunctionsTest, KnowWhoCollectsAmongThoseWhoTakePart) {
  ASSERT_NO_FATAL_FAILURE(watch("valkyria_2026_02"));
  for (const char* command : {"lose", "take-part", "win 70", "take-part", "lose", "win 30"}) {
    tell(command);
  }
  const probe::Readings seen = readings();
  EXPECT_EQ(seen.gc.cycles, 2u);
  EXPECT_EQ(seen.gc.reclaimed_bytes, 100u);
  EXPECT_EQ(seen.gc.pause_ns->count(), 2u);
  EXPECT_GE(seen.gc.pause_ns->sum_ns, 2 * 200'000u);
  ASSERT_TRUE(seen.gc.time_to_safepoint_ns);
  EXPECT_EQ(seen.gc.time_to_safepoint_ns->count(), 2u);
  EXPECT_GE(seen.gc.time_to_safepoint_ns->sum_ns, 2 * 200'000u);
  EXPECT_EQ(seen.events.gc_cycles, 2u);
  EXPECT_EQ(watched_->hits("gc__end"), 4u);
}

TEST_P(FunctionsTest, OfTheNewerRuntimeTellOfConnections) {
  ASSERT_NO_FATAL_FAILURE(watch("valkyria_2026_02"));
  for (const char* command : {"accept", "accept", "disconnect"}) tell(command);
  const probe::Readings seen = readings();
  EXPECT_EQ(transitions(seen, ConnectionState::kNone, ConnectionState::kConnecting), 2u);
  EXPECT_EQ(transitions(seen, ConnectionState::kClosing, ConnectionState::kClosed), 1u);
}

TEST_P(FunctionsTest, AreProbedInOneProcessAlone) {
  ASSERT_NO_FATAL_FAILURE(watch("valkyria_2025_12"));
  Puppet other(puppet_path("function_puppet"));
  for (const char* command : {"collect 10", "connect 1", "request 70 0 5 1"}) {
    ASSERT_EQ(other.tell(command), "done");
    tell(command);
  }
  for (const char* probe : {"gc__begin", "gc__end", "connection__state", "request__end"}) {
    EXPECT_EQ(watched_->hits(probe), 1u) << probe;
  }
}

TEST_P(FunctionsTest, CountAllThreadsOfAProcessTogether) {
  ASSERT_NO_FATAL_FAILURE(watch("valkyria_2025_12"));
  tell("collect-in-threads 300");
  const probe::Readings seen = readings();
  EXPECT_EQ(seen.gc.pause_ns->count(), 300u);
  EXPECT_EQ(watched_->lost("gc_heaps_full"), 0u);
  EXPECT_EQ(watched_->lost("gc_begin_unseen"), 0u);
}

TEST_P(FunctionsTest, WithoutReturnsLeaveTheWholeGroupOut) {
  ASSERT_NO_FATAL_FAILURE(watch("valkyria_2025_12", "no returns today"));
  tell("collect 100");
  tell("connect 1");
  const probe::Readings seen = readings();
  EXPECT_FALSE(watched_->attachment().has_returns());
  EXPECT_FALSE(seen.gc.cycles);
  EXPECT_FALSE(seen.gc.pause_ns);
  EXPECT_EQ(watched_->hits("gc__begin"), 0u);
  EXPECT_EQ(seen.events.connections, 1u);
}

TEST_P(FunctionsTest, ReturnsCanBeTakenOutLater) {
  ASSERT_NO_FATAL_FAILURE(watch("valkyria_2025_12"));
  tell("collect 100");
  ASSERT_TRUE(watched_->attachment().has_returns());
  { const probe::Attachment taken = watched_->attachment().take_returns(); }
  EXPECT_FALSE(watched_->attachment().has_returns());
  tell("collect 100");
  tell("connect 1");
  EXPECT_EQ(watched_->hits("gc__begin"), 1u);
  EXPECT_FALSE(readings().gc.pause_ns);
  EXPECT_EQ(readings().events.connections, 1u);
}

TEST(CheckFunctions, NamesWhatABuildDoesNotHave) {
  const auto executable = target::open_executable(puppet_path("probe_puppet"));
  ASSERT_TRUE(executable);
  const auto check = functions_of(*executable, "valkyria_2025_12");
  EXPECT_TRUE(check.good.empty());
  ASSERT_FALSE(check.refused.empty());
  EXPECT_EQ(check.refused[0].reason, "this build has no such function");
  EXPECT_TRUE(functions_of(*executable, "minivalk").refused.empty());
}

TEST(FindReturnFault, IsForProcessesUnderSeccompOnLinux6_11AndLater) {
  EXPECT_FALSE(probe::find_return_fault(false, "6.18.44"));
  EXPECT_FALSE(probe::find_return_fault(true, "6.10.9"));
  EXPECT_TRUE(probe::find_return_fault(true, "6.11.0"));
  EXPECT_TRUE(probe::find_return_fault(true, "7.0.1"));
}

}  // namespace
}  // namespace kernel_test
