// What the BPF programs make of events, right and wrong ones.
#include <map>

#include "base/clock.h"
#include "model/names.h"
#include "probe_fixture.h"

namespace kernel_test {
namespace {

class ProgramsTest : public KernelTest {
 protected:
  void SetUp() override {
    KernelTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    puppet_.emplace();
    watched_.emplace(watch_process(read_binary(puppet_path("probe_puppet")), puppet_->pid()));
  }

  std::string tell(const std::string& command) { return puppet_->tell(command); }
  probe::Readings readings() const { return watched_->slot(); }
  std::uint64_t lost(const std::string& cause) const { return watched_->lost(cause); }

  std::optional<Puppet> puppet_;
  std::optional<Watched> watched_;
};

TEST_F(ProgramsTest, CountsCollectionsWithTheirPauses) {
  tell("gc 50");
  const model::GcMetrics gc = readings().gc;
  EXPECT_EQ(gc.cycles, 50u);
  EXPECT_EQ(gc.pause_ns->count(), 50u);
  EXPECT_EQ(gc.time_to_safepoint_ns->count(), 50u);
  EXPECT_EQ(gc.reclaimed_bytes, 50'000u);
  EXPECT_EQ(gc.heap_total_bytes, 10'000u);
  EXPECT_EQ(gc.trigger_bytes, 8'000u);
  EXPECT_GT(*gc.pause_ns_max, 0u);
  EXPECT_LE(*gc.pause_ns_max, *gc.pause_ns_total);
  EXPECT_EQ(watched_->hits("gc__request"), 50u);
  EXPECT_EQ(lost("gc_begin_unseen"), 0u);
}

TEST_F(ProgramsTest, ACollectionThatWasUnderWayAtAttachIsCountedNotTimedAndNoLoss) {
  tell("gc-part end 9");
  const model::GcMetrics gc = readings().gc;
  EXPECT_EQ(gc.cycles, 1u);
  EXPECT_EQ(gc.pause_ns->count(), 0u);
  EXPECT_EQ(lost("gc_begin_unseen"), 0u);
  EXPECT_EQ(lost("attached_in_the_middle"), 1u);
  tell("gc-part end 10");
  EXPECT_EQ(lost("gc_begin_unseen"), 1u);
  EXPECT_EQ(lost("attached_in_the_middle"), 1u);
}

TEST_F(ProgramsTest, TellsTheLiveHeapAndWhenTheLastCollectionEnded) {
  EXPECT_EQ(readings().gc.heap_live_bytes, std::nullopt);
  EXPECT_EQ(readings().gc.last_collection_unix_ns, std::nullopt);
  const std::uint64_t before_ns = base::unix_ns();
  tell("gc 2");
  const std::uint64_t after_ns = base::unix_ns();
  const model::GcMetrics gc = readings().gc;
  EXPECT_EQ(gc.heap_live_bytes, 1'000u);
  constexpr std::uint64_t kSlackNs = 1'000'000;  // the clocks are read one after the other
  EXPECT_GE(gc.last_collection_unix_ns, before_ns - kSlackNs);
  EXPECT_LE(gc.last_collection_unix_ns, after_ns + kSlackNs);
}

TEST_F(ProgramsTest, PutsEachStatusIntoItsClass) {
  for (const char* status :
       {"100", "200", "204", "301", "404", "499", "500", "599", "600", "999"}) {
    tell("status " + std::string(status) + " 1 1000");
  }
  const probe::Readings seen = readings();
  const auto count = [&](const char* status) {
    return requests(seen, "127.0.0.1", "8080", status);
  };
  EXPECT_EQ(count("1xx"), 1u);
  EXPECT_EQ(count("2xx"), 2u);
  EXPECT_EQ(count("3xx"), 1u);
  EXPECT_EQ(count("4xx"), 2u);
  EXPECT_EQ(count("5xx"), 2u);
  EXPECT_EQ(count("other"), 2u);
}

TEST_F(ProgramsTest, AGivenUpRequestIsNoAnswerButActiveTime) {
  tell("status 0 1000 5000");
  const probe::Readings seen = readings();
  EXPECT_EQ(all_requests(seen), 0u);
  ASSERT_EQ(seen.systems.size(), 1u);
  const auto& active = seen.systems[0].state_durations.at(1);
  EXPECT_EQ(active.state, model::ConnectionState::kActive);
  EXPECT_EQ(active.duration_ns.count(), 1u);
  EXPECT_EQ(active.duration_ns.sum_ns, 5'000u);
}

TEST_F(ProgramsTest, ARequestOfUnknownDurationIsCountedAndReported) {
  tell("status 200 0 0");
  EXPECT_EQ(requests(readings(), "127.0.0.1", "8080"), 1u);
  EXPECT_EQ(readings().servers.at(0).request_duration_ns->count(), 0u);
  EXPECT_EQ(lost("duration_unknown"), 1u);
}

TEST_F(ProgramsTest, CountsTransitionsAndTheTimeInTheStateThatWasLeft) {
  tell("state 0 1 0");
  tell("state 1 3 20000");
  tell("state 3 4 3000000");
  tell("state 4 5 0");
  const auto seen = readings();
  ASSERT_EQ(seen.systems.size(), 1u);
  std::uint64_t transitions = 0;
  for (const auto& transition : seen.systems[0].transitions) transitions += transition.count;
  EXPECT_EQ(transitions, 4u);
  std::map<std::string_view, const model::Histogram*> durations;
  for (const auto& [state, duration] : seen.systems[0].state_durations) {
    durations[name_of(state)] = &duration;
  }
  EXPECT_EQ(durations.at("connecting")->sum_ns, 20'000u);
  EXPECT_EQ(durations.at("idle")->sum_ns, 3'000'000u);
  EXPECT_EQ(durations.at("closing")->count(), 0u);
  EXPECT_EQ(lost("duration_unknown"), 1u);
}

TEST_F(ProgramsTest, AStateOutsideTheContractIsALoss) {
  tell("state 6 1 1");
  tell("state 0 99999 1");
  tell("state 2 4 1");  // requests tell of active
  EXPECT_TRUE(readings().systems.empty());
  EXPECT_EQ(lost("state_invalid"), 3u);
}

TEST_F(ProgramsTest, CountsOverloadResponsesWhateverTheReason) {
  for (const char* reason : {"0", "1", "2", "3", "77"}) tell(std::string("overload ") + reason);
  EXPECT_EQ(readings().servers.at(0).overload_responses, 5u);
}

TEST_F(ProgramsTest, PastTheLimitOfServersTheOtherEntryCountsTheRest) {
  tell("servers 1 1100");
  const probe::Readings seen = readings();
  EXPECT_EQ(seen.servers.size(), std::size_t{VALK_USUAL_ENDPOINTS} + 1);
  EXPECT_EQ(requests(seen, "other", ""), 1100u - VALK_USUAL_ENDPOINTS);
  EXPECT_EQ(all_requests(seen), 1100u);
  EXPECT_EQ(lost("endpoints_full"), 1100u - VALK_USUAL_ENDPOINTS);
}

TEST_F(ProgramsTest, AServerWhoseNameCannotBeReadIsHiddenUntilItCan) {
  tell("names main -");
  tell("requests 1 2");
  EXPECT_TRUE(readings().servers.empty());
  EXPECT_EQ(lost("name_unreadable"), 2u);
  tell("names main 10.0.0.1");
  tell("requests 1 1");
  EXPECT_EQ(requests(readings(), "10.0.0.1", "8080"), 3u);
  EXPECT_EQ(lost("name_unreadable"), 2u);
}

TEST_F(ProgramsTest, ANameThatIsTooLongIsCutAndReported) {
  const std::string name(100, 'x');
  tell("names main " + name);
  tell("requests 1 1");
  EXPECT_EQ(requests(readings(), name.substr(0, VALK_NAME_BYTES - 1), "8080"), 1u);
  EXPECT_EQ(lost("name_truncated"), 1u);
}

TEST_F(ProgramsTest, ForgettingASlotLeavesNothingOfItBehind) {
  tell("requests 1 5");
  tell("gc 2");
  tell("state 0 1 0");
  watched_->programs.forget(0);
  const probe::Readings seen = readings();
  EXPECT_TRUE(seen.servers.empty());
  EXPECT_TRUE(seen.systems.empty());
  EXPECT_EQ(seen.gc.cycles, 0u);
  EXPECT_EQ(watched_->hits("request__end"), 5u);
}

TEST_F(ProgramsTest, TimesOutermostEvaluationsByKind) {
  tell("eval 1 4");
  tell("eval 2 1");
  tell("eval 5 2");
  const auto seen = readings().evals;
  ASSERT_EQ(seen.size(), 5u);
  EXPECT_EQ(seen[0].duration_ns.count(), 4u);
  EXPECT_EQ(seen[1].duration_ns.count(), 1u);
  EXPECT_EQ(seen[2].duration_ns.count(), 0u);
  EXPECT_EQ(seen[4].duration_ns.count(), 2u);
  EXPECT_GT(seen[0].duration_ns.sum_ns, 0u);
}

TEST_F(ProgramsTest, TimesEvaluationsOfRequestsByTheRequestItself) {
  tell("eval-request 70000");
  tell("eval-request 0");
  const auto requests_evals = readings().evals.at(2);
  EXPECT_EQ(requests_evals.kind, model::EvalKind::kRequest);
  EXPECT_EQ(requests_evals.duration_ns.count(), 1u);
  EXPECT_EQ(requests_evals.duration_ns.sum_ns, 70'000u);
}

TEST_F(ProgramsTest, EvaluationsThatLackTheirOtherHalfAreLosses) {
  tell("eval-part end 1");
  EXPECT_EQ(lost("attached_in_the_middle"), 1u);
  EXPECT_EQ(lost("eval_begin_unseen"), 0u);
  tell("eval-part end 1");
  EXPECT_EQ(lost("eval_begin_unseen"), 1u);
  tell("eval-part begin 1");
  tell("eval-part begin 2");
  EXPECT_EQ(lost("eval_end_unseen"), 1u);
  tell("eval-part end 1");
  EXPECT_EQ(lost("eval_begin_unseen"), 2u);
  tell("eval-part end 9");
  EXPECT_EQ(lost("eval_kind_invalid"), 1u);
  for (const auto& eval : readings().evals) EXPECT_EQ(eval.duration_ns.count(), 0u);
}

TEST_F(ProgramsTest, CountsOperationsOfClientsWithTheirOutcome) {
  tell("client 1 0 0 60000 redis Cache");
  tell("client 1 0 1 60000 redis Cache");
  tell("client 1 1 1 2000000 redis Cache");
  tell("client 1 0 0 0 redis Cache");
  tell("cache 1 1");
  tell("cache 1 1");
  tell("cache 1 0");
  const auto clients = readings().clients;
  ASSERT_EQ(clients.size(), 1u);
  EXPECT_EQ(clients[0].name, "redis");
  EXPECT_EQ(clients[0].type, "Cache");
  EXPECT_EQ(clients[0].operations, 4u);
  EXPECT_EQ(clients[0].errors, 1u);
  EXPECT_EQ(clients[0].retries, 2u);
  EXPECT_EQ(clients[0].cache_hits, 2u);
  EXPECT_EQ(clients[0].cache_misses, 1u);
  EXPECT_EQ(clients[0].duration_ns->count(), 3u);
  EXPECT_EQ(clients[0].duration_ns->sum_ns, 2'120'000u);
  EXPECT_EQ(lost("duration_unknown"), 1u);
}

TEST_F(ProgramsTest, PastTheLimitOfClientsTheOtherEntryCountsTheRest) {
  tell("clients 300");
  const auto clients = readings().clients;
  EXPECT_EQ(clients.size(), std::size_t{VALK_USUAL_CLIENTS} + 1);
  std::uint64_t operations = 0;
  for (const auto& client : clients) operations += *client.operations;
  EXPECT_EQ(operations, 300u);
  EXPECT_EQ(lost("clients_full"), 300u - VALK_USUAL_CLIENTS);
}

TEST_F(ProgramsTest, CountsTurnsOfTheLoopFromAMillisecondOn) {
  tell("turn 999999");
  tell("turn 1000000");
  tell("turn 70000000");
  const auto systems = readings().systems;
  ASSERT_EQ(systems.size(), 1u);
  EXPECT_EQ(systems[0].name, "main");
  EXPECT_EQ(systems[0].loop_stall_ns->count(), 2u);
  EXPECT_EQ(systems[0].loop_stall_ns->sum_ns, 71'000'000u);
}

TEST_F(ProgramsTest, TimesCallsOfFunctionsByName) {
  tell("call fib 1");
  tell("call fib 2");
  tell("call map 1");
  const auto functions = readings().functions;
  ASSERT_EQ(functions.size(), 2u);
  const auto& fib = functions[0].name == "fib" ? functions[0] : functions[1];
  EXPECT_EQ(fib.duration_ns.count(), 2u);
  EXPECT_EQ(lost("function_entry_unseen"), 0u);
}

TEST_F(ProgramsTest, PastTheLimitOfFunctionsTheOtherEntryCountsTheRest) {
  tell("functions 1200");
  const auto functions = readings().functions;
  EXPECT_EQ(functions.size(), std::size_t{VALK_MAX_FUNCTIONS} + 1);
  std::uint64_t calls = 0;
  std::uint64_t others = 0;
  for (const auto& function : functions) {
    calls += function.duration_ns.count();
    if (function.name == "other") others = function.duration_ns.count();
  }
  EXPECT_EQ(calls, 1200u);
  EXPECT_EQ(others, 1200u - VALK_MAX_FUNCTIONS);
  EXPECT_EQ(lost("functions_full"), 1200u - VALK_MAX_FUNCTIONS);
}

TEST_F(KernelTest, EachGroupLoadsAloneAndCountsOnlyItsOwn) {
  const Binary binary = read_binary(puppet_path("probe_puppet"));
  for (const probe::Group group : all_groups()) {
    Puppet puppet;
    const Watched watched =
        watch_process(binary, puppet.pid(), probe::best_attach_method(), {group});
    puppet.tell("requests 1 1");
    puppet.tell("gc 1");
    puppet.tell("state 0 1 0");
    puppet.tell("client 1 0 0 1 a b");
    puppet.tell("turn 5000000");
    puppet.tell("call fib 1");
    using probe::Group;
    const probe::Readings seen = watched.slot();
    EXPECT_EQ(seen.gc.cycles.has_value(), group == Group::kGc) << name_of(group);
    EXPECT_EQ(!seen.servers.empty(), group == Group::kHttp) << name_of(group);
    EXPECT_EQ(!seen.systems.empty(),
              group == Group::kHttp || group == Group::kConnection || group == Group::kLoop)
        << name_of(group);
    EXPECT_EQ(!seen.evals.empty(), group == Group::kEval || group == Group::kHttp)
        << name_of(group);
    EXPECT_EQ(!seen.clients.empty(), group == Group::kClient) << name_of(group);
    EXPECT_EQ(!seen.functions.empty(), group == Group::kFunction) << name_of(group);
  }
}

}  // namespace
}  // namespace kernel_test
