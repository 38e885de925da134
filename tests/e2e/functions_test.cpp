// A runtime without the provider: its functions and its memory tell.
#include <signal.h>
#include <sys/uio.h>
#include <sys/utsname.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "exporter.h"
#include "probe/function_probes.h"
#include "support/deadline.h"

namespace e2e {
namespace {

using test::Samples;

class Functions : public EndToEnd {
 protected:
  void SetUp() override {
    EndToEnd::SetUp();
    if (!IsSkipped() && !HasFatalFailure()) puppet_.emplace(puppet_path("function_puppet"));
  }

  void tell(const std::string& command) { ASSERT_EQ(puppet_->tell(command), "done") << command; }

  // Whether somebody has a breakpoint in it.
  bool is_probed() const { return first_byte(address_of_collect()) == 0xcc; }

  std::uint64_t address_of_collect() const {
    const Answer probes = run_to_end({"probes", "--pid", pid(), "--format", "json"});
    const auto listed = nlohmann::json::parse(probes.out);
    for (const auto& probe : listed["probes"]) {
      if (probe["name"] != "gc__end") continue;
      const std::string address = probe["functions"].at(0)["address"];
      return std::stoull(address, nullptr, 16);
    }
    throw std::runtime_error("no gc__end in " + probes.out);
  }

  int first_byte(std::uint64_t address) const {
    unsigned char byte = 0;
    iovec own{&byte, 1};
    iovec other{reinterpret_cast<void*>(address), 1};
    return ::process_vm_readv(puppet_->pid(), &own, 1, &other, 1, 0) == 1 ? byte : -1;
  }

  std::string pid() const { return std::to_string(puppet_->pid()); }

  std::optional<Puppet> puppet_;
};

// -1: there is no such series.
double value(const Samples& samples, const std::string& name, const test::Labels& labels = {}) {
  const test::Value* const found = samples.find(name, labels);
  return found != nullptr ? found->number : -1;
}

// Before Linux 6.11 returns are probed under seccomp, too.
class FunctionsUnderSeccomp : public Functions {
 protected:
  void SetUp() override {
    utsname name{};
    ::uname(&name);
    if (!probe::find_return_fault(true, name.release)) {
      if (std::getenv("CI") != nullptr) FAIL() << "before Linux 6.11 this can't be tried";
      GTEST_SKIP() << "on this kernel a probed return makes no system call";
    }
    Functions::SetUp();
  }
};

// Whether the metrics become as wanted.
template <typename Condition>
bool becomes(const Exporter& exporter, const Condition& condition) {
  return test::wait_until(test::soon(), [&] { return condition(exporter.metrics()); });
}

TEST_F(Functions, AreProbedWhereThereAreNoProbes) {
  for (const char* before : {"collect 10", "connect 1", "request 70 0 5 1"}) tell(before);
  const Exporter exporter = Exporter::of_pid(puppet_->pid());
  for (const char* command :
       {"collect 20", "connect 1", "close", "request 70 0 5 1", "operate 300 1 1", "look-up 1"}) {
    tell(command);
  }
  const Samples seen = exporter.metrics();
  EXPECT_EQ(value(seen, "valkyria_up"), 1);
  // From memory, since the start:
  EXPECT_EQ(value(seen, "valk_gc_cycles_total"), 2);
  EXPECT_EQ(value(seen, "valk_aio_connections_total", {{"system", "main"}}), 2);
  EXPECT_EQ(value(seen, "valk_aio_requests_total", {{"system", "main"}}), 2);
  // As the libuv has it that the process has loaded:
  EXPECT_EQ(value(seen, "valk_loop_iterations_total", {{"system", "main"}}), 11);
  EXPECT_EQ(value(seen, "valk_events_processed_total", {{"system", "main"}}), 22);
  EXPECT_EQ(value(seen, "valk_loop_idle_seconds_total", {{"system", "main"}}), 3);
  // From functions, since attach:
  EXPECT_EQ(value(seen, "valk_gc_pause_duration_seconds_count"), 1);
  EXPECT_GE(value(seen, "valk_gc_pause_duration_seconds_sum"), 0.0002);
  EXPECT_EQ(value(seen, "valk_gc_heap_live_bytes"), 4'980) << "as the heap says at the return";
  EXPECT_EQ(value(seen, "valk_gc_heap_used_bytes"), 4'980);
  EXPECT_EQ(value(seen, "valk_aio_request_duration_seconds_count", {{"system", "main"}}), 1);
  EXPECT_EQ(value(seen, "valk_aio_request_duration_seconds_sum", {{"system", "main"}}), 0.00007);
  EXPECT_EQ(value(seen, "valk_aio_request_bytes_sent_total", {{"system", "main"}}), 5);
  const test::Labels client{{"client", "users"}, {"type", "Database"}};
  EXPECT_EQ(value(seen, "http_client_request_duration_seconds_sum", client), 0.0003);
  EXPECT_EQ(value(seen, "http_client_cache_hits_total", client), 1);
  EXPECT_EQ(value(seen, "valk_aio_connection_transitions_total",
                  {{"system", "main"}, {"from", "closing"}, {"to", "closed"}}),
            1);
  // What nobody tells is absent, not 0:
  EXPECT_TRUE(seen.series("valk_gc_time_to_safepoint_seconds_count").empty());
  EXPECT_TRUE(seen.series("http_request_gc_pause_seconds_total").empty());
  EXPECT_TRUE(seen.series("valk_aio_connection_state_duration_seconds_count").empty());
  EXPECT_TRUE(seen.series("valk_eval_duration_seconds_count").empty());
  EXPECT_TRUE(seen.series("http_request_duration_seconds_count").empty());
  EXPECT_EQ(value(seen, "valkyria_exporter_probe_attached", {{"probe", "gc__end"}}), 1);
  EXPECT_EQ(value(seen, "valkyria_exporter_probe_attached", {{"probe", "loop__stall"}}), 0);
}

TEST_F(Functions, AreFoundByNameAndAgainAfterARestart) {
  const Exporter exporter({"--name", "function_puppet"});
  const test::Labels process{{"process", "function_puppet"}};
  ASSERT_TRUE(becomes(
      exporter, [&](const Samples& seen) { return value(seen, "valkyria_up", process) == 1; }));
  puppet_.emplace(puppet_path("function_puppet"));
  const std::string now = pid();
  ASSERT_TRUE(becomes(exporter, [&](const Samples& seen) {
    const auto& info = seen.series("valkyria_process_info");
    return info.size() == 1 && info[0].labels.at("pid") == now;
  }));
  tell("collect 10");
  EXPECT_EQ(value(exporter.metrics(), "valk_gc_pause_duration_seconds_count", process), 1);
}

TEST_F(Functions, AreNamedByDoctorAndByProbes) {
  const Answer doctor = run_to_end({"doctor", "--pid", pid()});
  EXPECT_EQ(doctor.code, 0) << doctor.out;
  EXPECT_NE(doctor.out.find("the symbol g_valk_metrics of valkyria_2025_12"), std::string::npos)
      << doctor.out;
  EXPECT_NE(doctor.out.find("probed instead: valk_gc_malloc_collect"), std::string::npos);
  EXPECT_NE(doctor.out.find("layout valkyria_2025_12 (it has the symbol"), std::string::npos);
  const Answer probes = run_to_end({"probes", "--pid", pid(), "--format", "json"});
  ASSERT_EQ(probes.code, 0) << probes.err;
  const auto listed = nlohmann::json::parse(probes.out);
  for (const auto& probe : listed["probes"]) {
    if (probe["name"] != "gc__end") continue;
    EXPECT_EQ(probe["state"], "attachable");
    EXPECT_EQ(probe["functions"].at(0)["function"], "valk_gc_malloc_collect");
    EXPECT_EQ(probe["functions"].at(0)["at"], "return");
  }
}

TEST_F(FunctionsUnderSeccomp, AreNotProbedAtReturns) {
  tell("seccomp");
  const Exporter exporter = Exporter::of_pid(puppet_->pid());
  tell("collect 10");
  tell("connect 1");
  const Samples seen = exporter.metrics();
  EXPECT_EQ(value(seen, "valk_gc_cycles_total"), 1) << "from memory";
  EXPECT_TRUE(seen.series("valk_gc_pause_duration_seconds_count").empty());
  EXPECT_EQ(value(seen, "valkyria_exporter_probe_attached", {{"probe", "gc__begin"}}), 0);
  EXPECT_EQ(value(seen, "valkyria_exporter_probe_hits_total", {{"probe", "connection__state"}}), 1);
  EXPECT_NE(exporter.log().find("the process is under seccomp"), std::string::npos)
      << exporter.log();
  const Answer probes = run_to_end({"probes", "--pid", pid()});
  EXPECT_NE(probes.out.find("REFUSED: return of valk_gc_malloc_collect: the process is under"),
            std::string::npos)
      << probes.out;
}

TEST_F(FunctionsUnderSeccomp, LoseTheirReturnsWhenAFilterComesLater) {
  const Exporter exporter = Exporter::of_pid(puppet_->pid());
  tell("collect 10");
  EXPECT_EQ(value(exporter.metrics(), "valk_gc_pause_duration_seconds_count"), 1);
  tell("seccomp-thread");
  ASSERT_TRUE(becomes(exporter, [&](const Samples& seen) {
    return value(seen, "valkyria_exporter_probe_attached", {{"probe", "gc__end"}}) == 0;
  }));
  tell("collect 10");
  const Samples seen = exporter.metrics();
  EXPECT_EQ(value(seen, "valk_gc_cycles_total"), 2);
  EXPECT_TRUE(seen.series("valk_gc_pause_duration_seconds_count").empty());
  EXPECT_EQ(value(seen, "valkyria_exporter_probe_attached", {{"probe", "request__end"}}), 1);
}

TEST_F(FunctionsUnderSeccomp, LoseTheirReturnsInADumpToo) {
  test::ChildProcess dump(exporter_path(), {"dump", "--pid", pid(), "--seconds", "30"},
                          test::Stderr::kCaptured);
  // The filter must come after the probes.
  ASSERT_TRUE(test::wait_until(test::soon(), [&] { return is_probed(); }));
  tell("seccomp");
  ASSERT_TRUE(test::wait_until(test::soon(), [&] {
    return dump.stderr_text().find("no longer probing the returns") != std::string::npos;
  }));
  dump.signal(SIGTERM);
  EXPECT_TRUE(dump.wait(test::soon()));
}

TEST_F(Functions, ThatFallSilentLeaveWhatOthersTell) {
  const Exporter exporter = Exporter::of_pid(puppet_->pid());
  ASSERT_TRUE(becomes(exporter, [&](const Samples& seen) {
    return value(seen, "valkyria_exporter_missed_events_total", {{"event", "request"}}) == 0;
  }));
  tell("connect 1");
  tell("count-requests 9");
  ASSERT_TRUE(becomes(exporter, [&](const Samples& seen) {
    return value(seen, "valkyria_exporter_missed_events_total", {{"event", "request"}}) == 9;
  }));
  const Samples seen = exporter.metrics();
  EXPECT_EQ(value(seen, "valk_aio_connection_transitions_total",
                  {{"system", "main"}, {"from", "none"}, {"to", "connecting"}}),
            1);
  EXPECT_TRUE(seen.series("valk_aio_request_duration_seconds_count").empty());
}

TEST_F(Functions, AreAsTheyWereOnceTheExporterIsGone) {
  const std::uint64_t address = address_of_collect();
  const int before = first_byte(address);
  for (const int signal : {SIGTERM, SIGKILL}) {
    Exporter exporter = Exporter::of_pid(puppet_->pid());
    EXPECT_EQ(first_byte(address), 0xcc);
    tell("collect 10");
    exporter.process().signal(signal);
    ASSERT_TRUE(exporter.process().wait(test::soon()));
    EXPECT_TRUE(test::wait_until(test::soon(), [&] { return first_byte(address) == before; }));
    tell("collect 10");
  }
}

TEST_F(Functions, AreCountedOnceAfterAnExec) {
  for (const bool by_pid : {true, false}) {
    const Exporter exporter =
        by_pid ? Exporter::of_pid(puppet_->pid()) : Exporter({"--name", "function_puppet"});
    const auto cycles = [&](const Samples& seen) { return seen.sum("valk_gc_cycles_total"); };
    tell("collect 10");
    ASSERT_TRUE(becomes(exporter, [&](const Samples& seen) { return cycles(seen) == 1; }));
    ASSERT_EQ(puppet_->tell("exec"), "ready");
    // Each look at it also fails where a series stands there twice.
    ASSERT_TRUE(becomes(exporter, [&](const Samples& seen) {
      EXPECT_LE(seen.sum("valkyria_process_info"), 1) << "one process";
      return !seen.series("valk_gc_cycles_total").empty() && cycles(seen) == 0;
    }));
    for (int i = 0; i < 20; ++i) tell("collect 10");
    EXPECT_EQ(exporter.metrics().sum("valk_gc_pause_duration_seconds_count"), 20);
    ASSERT_EQ(puppet_->tell("exec"), "ready");
  }
}

TEST_F(Functions, ThatCrashTakeOnlyTheirProcessWithThem) {
  const Exporter exporter = Exporter::of_pid(puppet_->pid());
  tell("collect 10");
  puppet_->process.write_line("crash");
  const auto status = puppet_->process.wait(test::soon());
  ASSERT_TRUE(status);
  EXPECT_TRUE(status->signalled);
  EXPECT_EQ(status->code, SIGSEGV) << "its own fault, not one of ours";
  ASSERT_TRUE(
      becomes(exporter, [](const Samples& seen) { return value(seen, "valkyria_up") == 0; }));
  EXPECT_TRUE(exporter.metrics().series("valk_gc_cycles_total").empty());
}

// By its symbol and its memory; its functions are the kernel ring's.
TEST_F(Functions, OfTheRuntimeOf2026AreLookedForByItsMark) {
  puppet_.emplace(puppet_path("valkyria_2026_02"));
  tell("create");
  const Exporter exporter = Exporter::of_pid(puppet_->pid());
  const Samples seen = exporter.metrics();
  EXPECT_EQ(value(seen, "valkyria_up"), 1);
  EXPECT_EQ(seen.series("valkyria_process_info").at(0).labels.at("layout"), "valkyria_2026_02");
  EXPECT_EQ(value(seen, "valk_gc_cycles_total"), 3);
  EXPECT_NE(exporter.log().find("not probing the entry of valk_gc_heap_collect"), std::string::npos)
      << exporter.log();
}

TEST_F(Functions, ThatAreNeverCalledAreNotTrusted) {
  const Exporter exporter = Exporter::of_pid(puppet_->pid());
  // The first comparison of both must have been: then the cycles count.
  ASSERT_TRUE(becomes(exporter, [&](const Samples& seen) {
    return value(seen, "valkyria_exporter_missed_events_total", {{"event", "gc_cycle"}}) == 0;
  }));
  EXPECT_EQ(value(exporter.metrics(), "valk_gc_pause_duration_seconds_count"), 0);
  tell("count-cycles 7");
  ASSERT_TRUE(becomes(exporter, [&](const Samples& seen) {
    return value(seen, "valkyria_exporter_missed_events_total", {{"event", "gc_cycle"}}) == 7;
  }));
  const Samples seen = exporter.metrics();
  EXPECT_EQ(value(seen, "valk_gc_cycles_total"), 7);
  EXPECT_TRUE(seen.series("valk_gc_pause_duration_seconds_count").empty()) << "unknown, not 0";
}

}  // namespace
}  // namespace e2e
