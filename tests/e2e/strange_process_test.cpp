// Processes that are not what they seem: without a main thread, without a file behind their code,
// run by a loader, forked, too many.
#include <csignal>
#include <fstream>
#include <memory>

#include "exporter.h"
#include "support/minivalk.h"

namespace e2e {
namespace {

using StrangeProcess = EndToEnd;
using test::Samples;

constexpr const char* kLoader = "/lib64/ld-linux-x86-64.so.2";

std::string minivalk_path() {
  return test::built_programs_dir() + "/minivalk";
}

// Arguments of env(1) that run minivalk with the library of strange ways.
std::vector<std::string> strange_minivalk(std::vector<std::string> arguments,
                                          std::vector<std::string> variables = {}) {
  std::vector<std::string> all = std::move(variables);
  all.push_back("LD_PRELOAD=" + puppet_path("strange_ways.so"));
  all.push_back(minivalk_path());
  all.insert(all.end(), arguments.begin(), arguments.end());
  return all;
}

constexpr const char* kEnv = "/usr/bin/env";

bool is_read_from_memory(const Samples& exported) {
  return exported.sum("valkyria_exporter_collector_success", {{"collector", "state"}}) == 1;
}

// Which only probes tell.
bool tells_of_pauses(const Samples& exported) {
  return !exported.series("valk_gc_pause_duration_seconds_count").empty();
}

// Of a server on a thread of its own.
struct BackgroundServer {
  test::Minivalk minivalk{kEnv,
                          strange_minivalk({"--systems", "main,background", "--servers", "2"})};

  test::Labels labels() const { return server().labels(); }
  const test::MinivalkServer& server() const {
    for (const auto& server : minivalk.servers()) {
      if (server.system == "background") return server;
    }
    throw std::runtime_error("no server in the background");
  }

  void serve(int requests) const {
    for (int i = 0; i < requests; ++i) {
      ASSERT_EQ(test::get(server().port, "/fib?n=5").body, "5\n");
    }
  }

  void lose_main_thread() {
    minivalk.process().signal(SIGUSR1);
    ASSERT_TRUE(test::wait_until(test::soon(), [&] {
      std::ifstream stat("/proc/" + std::to_string(minivalk.pid()) + "/stat");
      const std::string text{std::istreambuf_iterator<char>(stat), {}};
      return text.find(") Z ") != std::string::npos;
    }));
  }
};

TEST_F(StrangeProcess, GoesOnBeingToldOfWhenItsMainThreadLeaves) {
  BackgroundServer runtime;
  const Exporter exporter = Exporter::of_pid(runtime.minivalk.pid());
  runtime.serve(10);
  EXPECT_TRUE(comes_to(exporter, "http_requests_total", runtime.labels(), 10));
  runtime.lose_main_thread();
  runtime.serve(5);
  EXPECT_TRUE(comes_to(exporter, "http_requests_total", runtime.labels(), 15));
  const Samples exported = exporter.metrics();
  EXPECT_EQ(exported.integer("valkyria_up"), 1u);
  EXPECT_TRUE(is_read_from_memory(exported));
  EXPECT_TRUE(comes_to(exporter, "http_request_duration_seconds_count", runtime.labels(), 15));
}

TEST_F(StrangeProcess, IsFoundWithoutItsMainThread) {
  BackgroundServer runtime;
  runtime.serve(10);
  runtime.lose_main_thread();
  const Exporter exporter = Exporter::of_pid(runtime.minivalk.pid());
  runtime.serve(5);
  EXPECT_TRUE(comes_to(exporter, "http_requests_total", runtime.labels(), 15));
  EXPECT_EQ(exporter.metrics().integer("valkyria_up"), 1u);
  // Kernels differ in whether they still let it be probed. If not, memory tells this family, too.
  const double told = tells_of_pauses(exporter.metrics()) ? 5 : 15;
  EXPECT_TRUE(comes_to(exporter, "http_request_duration_seconds_count", runtime.labels(), told));
  const Exporter by_exe({"--exe", minivalk_path()});
  EXPECT_NE(name_of(by_exe, runtime.minivalk.pid()), "");
}

TEST_F(StrangeProcess, EndsForUsWhenItsLastThreadEnds) {
  BackgroundServer runtime;
  const Exporter exporter = Exporter::of_pid(runtime.minivalk.pid());
  runtime.lose_main_thread();
  EXPECT_EQ(exporter.metrics().integer("valkyria_up"), 1u);
  runtime.minivalk.process().signal(SIGKILL);
  EXPECT_TRUE(comes_to(exporter, "valkyria_up", {}, 0));
}

void serve_and_collect(test::Minivalk& minivalk) {
  for (int i = 0; i < 7; ++i) test::get(minivalk.port(), "/fib?n=5");
  for (int i = 0; i < 3; ++i) minivalk.command("gc");
}

void expect_memory_alone(const Exporter& exporter, test::Minivalk& minivalk) {
  const Samples truth = minivalk.truth();
  const Samples exported = exporter.metrics();
  EXPECT_TRUE(is_read_from_memory(exported));
  EXPECT_EQ(exported.integer("valk_gc_cycles_total"), truth.integer("valk_gc_cycles_total"));
  EXPECT_EQ(exported.sum("http_requests_total"), truth.sum("http_requests_total"));
  EXPECT_FALSE(tells_of_pauses(exported));
  EXPECT_NE(exporter.log().find("not told by probes of pid"), std::string::npos) << exporter.log();
}

TEST_F(StrangeProcess, WithItsCodeInMemoryWithoutAFileIsToldOfByItsCountersAlone) {
  test::Minivalk minivalk(kEnv, strange_minivalk({}, {"MOVE_CODE_AT_START=1"}));
  const Exporter exporter = Exporter::of_pid(minivalk.pid());
  EXPECT_FALSE(tells_of_pauses(exporter.metrics()));
  serve_and_collect(minivalk);
  expect_memory_alone(exporter, minivalk);
}

TEST_F(StrangeProcess, ThatMovesItsCodeLaterLosesWhatProbesTold) {
  test::Minivalk minivalk(kEnv, strange_minivalk({}));
  const Exporter exporter = Exporter::of_pid(minivalk.pid());
  serve_and_collect(minivalk);
  minivalk.truth();
  EXPECT_EQ(exporter.metrics().sum("valk_gc_pause_duration_seconds_count"), 3);
  minivalk.process().signal(SIGUSR2);
  EXPECT_TRUE(test::wait_until(test::soon(), [&] { return !tells_of_pauses(exporter.metrics()); }));
  serve_and_collect(minivalk);
  expect_memory_alone(exporter, minivalk);
}

class RunByItsLoader : public EndToEnd, public testing::WithParamInterface<bool> {};

TEST_P(RunByItsLoader, IsToldWhole) {
  test::Minivalk minivalk(kLoader, {minivalk_path()});
  const Exporter exporter(GetParam()
                              ? std::vector<std::string>{"--pid", std::to_string(minivalk.pid())}
                              : std::vector<std::string>{});
  test::Labels of_it;
  if (!GetParam()) of_it["process"] = name_of(exporter, minivalk.pid());
  serve_and_collect(minivalk);
  minivalk.truth();
  const Samples exported = exporter.metrics();
  EXPECT_EQ(exported.sum("valk_gc_cycles_total", of_it), 3) << exporter.log();
  EXPECT_EQ(exported.sum("valk_gc_pause_duration_seconds_count", of_it), 3);
  EXPECT_EQ(exported.sum("http_requests_total", of_it), 7);
  EXPECT_EQ(exported.sum("http_request_duration_seconds_count", of_it), 7);
}

INSTANTIATE_TEST_SUITE_P(Selected, RunByItsLoader, testing::Bool(), [](const auto& selected) {
  return selected.param ? "ByPid" : "ByNothing";
});

TEST_F(StrangeProcess, ThatForksIsWatchedTwice) {
  Puppet puppet;
  const Exporter exporter({"--exe", puppet_path("probe_puppet")});
  EXPECT_EQ(name_of(exporter, puppet.pid()), "probe_puppet");
  puppet.tell("requests 1 3");
  puppet.tell("fork-on");
  EXPECT_TRUE(comes_to(exporter, "valkyria_up", {}, 2));
  puppet.tell("requests 1 5");
  const Samples exported = exporter.metrics();
  EXPECT_EQ(exported.sum("http_requests_total", {{"process", "probe_puppet"}}), 3);
  EXPECT_EQ(exported.sum("http_requests_total", {{"process", "probe_puppet-2"}}), 5);
}

std::string process_of(const Samples& exported, pid_t pid) {
  const auto infos = exported.series("valkyria_process_info", {{"pid", std::to_string(pid)}});
  return infos.empty() ? "" : infos.front().labels.at("process");
}

TEST_F(StrangeProcess, BeyondTheSixtyFourthIsNamedInTheLogAndCountedOnceThereIsRoom) {
  constexpr std::size_t kMost = 64;
  std::vector<std::unique_ptr<Puppet>> puppets;
  for (std::size_t i = 0; i < kMost; ++i) puppets.push_back(std::make_unique<Puppet>());
  const Exporter exporter({"--exe", puppet_path("probe_puppet")});
  ASSERT_TRUE(comes_to(exporter, "valkyria_up", {}, kMost));
  Puppet one_more;
  const std::string said =
      "pid " + std::to_string(one_more.pid()) + " (probe_puppet) is not watched yet: all 64";
  EXPECT_TRUE(test::wait_until(test::soon(), [&] {
    return exporter.log().find(said) != std::string::npos;
  })) << exporter.log();
  one_more.tell("requests 1 1000");
  for (std::size_t i = 0; i < kMost; ++i) puppets[i]->tell("requests 1 " + std::to_string(i + 1));
  const Samples exported = exporter.metrics();
  for (std::size_t i = 0; i < kMost; ++i) {
    const std::string process = process_of(exported, puppets[i]->pid());
    EXPECT_EQ(exported.sum("http_requests_total", {{"process", process}}), i + 1) << process;
  }
  EXPECT_EQ(process_of(exported, one_more.pid()), "");
  puppets.pop_back();
  const std::string process = name_of(exporter, one_more.pid());
  ASSERT_NE(process, "");
  one_more.tell("requests 1 4");
  EXPECT_EQ(exporter.metrics().sum("http_requests_total", {{"process", process}}), 4);
}

}  // namespace
}  // namespace e2e
