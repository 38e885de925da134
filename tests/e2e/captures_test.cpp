// Traces of a live process, and what the flight recorder keeps.
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <thread>

#include "exporter.h"
#include "support/http_load.h"
#include "support/minivalk.h"
#include "support/trace_checks.h"

namespace e2e {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using testing::HasSubstr;

constexpr const char* kPauseRule = "gc_pause > 50ms";

class Captured : public EndToEnd {
 protected:
  Captured() {
    std::string name = (fs::temp_directory_path() / "captures_XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    root_ = name;
  }
  ~Captured() override { fs::remove_all(root_); }

  std::string directory() const { return root_ + "/captures"; }

  std::string root_;
};

Json list_of(const Exporter& exporter) {
  const test::HttpResponse response = exporter.get("/debug/captures");
  EXPECT_EQ(response.status, 200) << response.body;
  return Json::parse(response.body);
}

Json wait_for_captures(const Exporter& exporter, std::size_t count) {
  Json list;
  EXPECT_TRUE(test::wait_until(test::soon(), [&] {
    list = list_of(exporter);
    return list["captures"].size() >= count;
  })) << list;
  return list;
}

Json trace_at(const Exporter& exporter, const std::string& path) {
  const test::HttpResponse response = exporter.get(path);
  EXPECT_EQ(response.status, 200) << response.body << response.problem;
  Json trace = Json::parse(response.body);
  EXPECT_EQ(test::fault_of_trace(trace), "");
  return trace;
}

std::vector<Json> named(const Json& trace, const std::string& name) {
  std::vector<Json> events;
  for (const Json& event : trace["traceEvents"]) {
    if (event["name"] == name) events.push_back(event);
  }
  return events;
}

// A collection whose world stands for so long.
void collect_slowly(Puppet& puppet, int cycle, std::chrono::milliseconds pause) {
  const std::string number = std::to_string(cycle);
  puppet.tell("gc-part request " + number);
  puppet.tell("gc-part begin " + number);
  std::this_thread::sleep_for(pause);  // what is measured, not what is waited for
  puppet.tell("gc-part end " + number);
}

TEST_F(Captured, ATraceHasTheCollectionsOfALiveRuntime) {
  test::Minivalk minivalk;
  const Exporter exporter = Exporter::of_pid(minivalk.pid());
  for (int i = 0; i < 20; ++i) minivalk.command("gc");
  Json trace;
  ASSERT_TRUE(test::wait_until(test::soon(), [&] {
    const test::HttpResponse response = exporter.get("/debug/trace?seconds=60");
    if (response.status != 200) return false;  // nobody has looked yet
    trace = Json::parse(response.body);
    return named(trace, "pause").size() == 20;
  })) << trace;
  EXPECT_EQ(test::fault_of_trace(trace), "");
  double pauses_us = 0;
  for (const Json& pause : named(trace, "pause")) pauses_us += pause["dur"].get<double>();
  const double true_us = 1e6 * minivalk.truth().number("valk_gc_pause_seconds_total");
  EXPECT_NEAR(pauses_us, true_us, 0.05 * true_us + 20 * 10);
  EXPECT_EQ(named(trace, "wait for safe point").empty(), false);
  EXPECT_FALSE(named(trace, "stopped at safe point").empty());
  EXPECT_FALSE(named(trace, "heap MiB").empty());
  EXPECT_EQ(trace["otherData"]["pid"], minivalk.pid());
  EXPECT_EQ(trace["otherData"]["lost"], Json::object());
  EXPECT_EQ(trace["otherData"]["events_dropped"], 0);
  EXPECT_EQ(exporter.get("/debug/trace?seconds=0").status, 400);
  EXPECT_EQ(exporter.get("/debug/trace?process=none").status, 404);
}

TEST_F(Captured, ALongPauseIsKeptCountedAndStillThereAfterARestart) {
  Puppet puppet;
  Json kept;
  {
    const Exporter exporter({"--pid", std::to_string(puppet.pid()), "--capture.when", kPauseRule,
                             "--capture.when", "loop_stall>5s", "--capture.dir", directory()});
    EXPECT_TRUE(list_of(exporter)["captures"].empty());
    collect_slowly(puppet, 1, std::chrono::milliseconds(60));
    kept = wait_for_captures(exporter, 1)["captures"][0];
    EXPECT_EQ(kept["rule"], kPauseRule);
    const Json trace = trace_at(exporter, kept["trace"]);
    EXPECT_GE(named(trace, "pause").at(0)["dur"], 60'000);
    EXPECT_EQ(named(trace, kPauseRule).size(), 1u);  // the flag
    EXPECT_EQ(trace["otherData"]["window_us"], 30'000'000);
    EXPECT_THAT(exporter.get("/debug/gc-events").body, HasSubstr("\"kind\":\"capture\""));
    EXPECT_TRUE(comes_to(exporter, "valkyria_exporter_captures_total", {{"rule", kPauseRule}}, 1));
    EXPECT_TRUE(comes_to(exporter, "valkyria_exporter_captures_total",
                         {{"rule", "loop_stall > 5000ms"}}, 0));
    // It cools down.
    collect_slowly(puppet, 2, std::chrono::milliseconds(60));
    EXPECT_TRUE(comes_to(exporter, "valkyria_exporter_captures_suppressed_total",
                         {{"rule", kPauseRule}}, 1));
    EXPECT_EQ(list_of(exporter)["captures"].size(), 1u);
    EXPECT_TRUE(comes_to(exporter, "valkyria_exporter_captures_unwritten_total", {}, 0));
    const std::string file = directory() + "/" + std::string(kept["id"]) + ".capture";
    EXPECT_TRUE(test::wait_until(test::soon(), [&] { return fs::exists(file); }));
  }
  struct stat status {};
  ASSERT_EQ(::stat(directory().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0700u);
  const Exporter again({"--pid", std::to_string(puppet.pid()), "--capture.dir", directory() + "/"});
  EXPECT_EQ(wait_for_captures(again, 1)["captures"][0], kept);
  EXPECT_EQ(named(trace_at(again, kept["trace"]), "pause").size(), 1u);
}

TEST_F(Captured, AStallAndTheEndOfAProcessAreKept) {
  test::Minivalk minivalk;
  const Exporter exporter({"--name", "minivalk", "--capture.when", "loop_stall > 100ms",
                           "--capture.when", "target_down"});
  ASSERT_NE(name_of(exporter, minivalk.pid()), "");
  const std::string name = name_of(exporter, minivalk.pid());
  EXPECT_EQ(test::get(minivalk.port(), "/stall?ms=150").status, 200);
  EXPECT_EQ(wait_for_captures(exporter, 1)["captures"][0]["rule"], "loop_stall > 100ms");
  const pid_t pid = minivalk.pid();
  minivalk.quit();
  const Json down = wait_for_captures(exporter, 2)["captures"][0];
  EXPECT_EQ(down["rule"], "target_down");
  EXPECT_EQ(down["process"], name);
  const Json trace = trace_at(exporter, down["trace"]);
  EXPECT_EQ(named(trace, "process ended").at(0)["args"]["pid"], pid);
  EXPECT_EQ(trace["otherData"]["pid"], pid);
}

TEST_F(Captured, ARuleThatCanNotBeReadEndsTheStart) {
  const FailedStart failed =
      run_to_failure({"--pid", std::to_string(::getpid()), "--capture.when", "gc_pause > 50"});
  EXPECT_EQ(failed.status.code, 2);
  EXPECT_THAT(failed.message,
              HasSubstr("rule \"gc_pause > 50\": at character 12: a unit is missing: ms or s"));
}

TEST_F(Captured, ADirectoryThatOthersMayWriteToEndsTheStart) {
  test::Minivalk minivalk;
  fs::create_directory(directory());
  fs::permissions(directory(), fs::perms(0777));
  const FailedStart failed =
      run_to_failure({"--pid", std::to_string(minivalk.pid()), "--capture.dir", directory()});
  EXPECT_EQ(failed.status.code, 1);
  EXPECT_THAT(failed.message, HasSubstr("others may write to it (chmod 700 it"));
}

}  // namespace
}  // namespace e2e
