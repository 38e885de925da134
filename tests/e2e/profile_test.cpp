// Profiles of a live minivalk: by the command, over HTTP, with captures and continuously.
#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "exporter.h"
#include "support/deadline.h"
#include "support/http_load.h"
#include "support/minivalk.h"
#include "target/process_stat.h"

namespace e2e {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::chrono::seconds kPatience{60};

// Functions whose shares of the time are known: each spins a number of times, and none of them is
// called in the place of a result, so each has a frame.
constexpr const char* kShares = R"lisp(
(define (spin n) (if (< n 1) 0 (spin (- n 1))))
(define (sixty) (+ 0 (spin 6000)))
(define (thirty) (+ 0 (spin 3000)))
(define (ten) (+ 0 (spin 1000)))
(define (round) (begin (sixty) (thirty) (ten) 0))
(define (main n) (if (< n 1) 0 (begin (round) (main (- n 1)))))
(main 1000000000)
)lisp";

constexpr const char* kDeep = R"lisp(
(define (spin n) (if (< n 1) 0 (spin (- n 1))))
(define (deep n) (if (< n 1) (+ 0 (spin 1000000000)) (+ 1 (deep (- n 1)))))
(deep 550)
)lisp";

// A line of folded text.
struct Stack {
  std::vector<std::string> frames;  // the outermost first, without the thread
  std::uint64_t samples = 0;

  std::size_t count(const std::string& frame) const {
    return static_cast<std::size_t>(std::count(frames.begin(), frames.end(), frame));
  }
};

std::vector<Stack> parse_folded(const std::string& text) {
  std::vector<Stack> stacks;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t space = line.rfind(' ');
    Stack& stack = stacks.emplace_back();
    stack.samples = std::stoull(line.substr(space + 1));
    std::istringstream frames(line.substr(line.find(';') + 1, space - line.find(';') - 1));
    for (std::string frame; std::getline(frames, frame, ';');) stack.frames.push_back(frame);
  }
  return stacks;
}

std::uint64_t samples_with(const std::vector<Stack>& stacks, const std::string& frame) {
  std::uint64_t samples = 0;
  for (const Stack& stack : stacks) samples += stack.count(frame) > 0 ? stack.samples : 0;
  return samples;
}

std::uint64_t samples_of(const std::vector<Stack>& stacks) {
  std::uint64_t samples = 0;
  for (const Stack& stack : stacks) samples += stack.samples;
  return samples;
}

class Profiled : public EndToEnd {
 protected:
  Profiled() {
    std::string name = (fs::temp_directory_path() / "profiles_XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    root_ = name;
  }
  ~Profiled() override { fs::remove_all(root_); }

  // Runs until this object dies: what evaluates doesn't listen.
  test::Minivalk run_script(const std::string& script) const {
    std::ofstream(root_ + "/script.lisp") << script;
    return test::Minivalk({"--script", root_ + "/script.lisp"});
  }

  std::string read(const std::string& name) const {
    std::ifstream file(root_ + "/" + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  Answer profile(pid_t pid, const std::string& name, std::vector<std::string> options) const {
    std::vector<std::string> arguments{"profile", "--pid",    std::to_string(pid), "--cache-dir",
                                       "",        "--output", root_ + "/" + name};
    arguments.insert(arguments.end(), options.begin(), options.end());
    return run_to_end(arguments);
  }

  std::string root_;
};

test::HttpResponse get(const Exporter& exporter, const std::string& path) {
  return test::get(exporter.port(), path, {}, test::in(kPatience));
}

// Whether the process has a clock by which somebody is sampled.
bool has_clock(pid_t pid) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/proc/" + std::to_string(pid) + "/fd", error)) {
    if (fs::read_symlink(entry, error) == "anon_inode:[perf_event]") return true;
  }
  return false;
}

std::uint64_t cpu_ticks(pid_t pid) {
  const auto stat = target::read_stat("/proc", pid);
  return stat ? stat->user_ticks + stat->system_ticks : 0;
}

// Until the process has run for some seconds' worth of samples.
void wait_for_samples(const Exporter& exporter, const test::Minivalk& minivalk) {
  EXPECT_TRUE(test::wait_until(test::soon(), [&] { return has_clock(exporter.pid()); }));
  const std::uint64_t begun = cpu_ticks(minivalk.pid());
  EXPECT_TRUE(
      test::wait_until(test::soon(), [&] { return cpu_ticks(minivalk.pid()) > begun + 100; }));
}

TEST_F(Profiled, SharesAreThoseOfTheScript) {
  const test::Minivalk minivalk = run_script(kShares);
  const Answer answer =
      profile(minivalk.pid(), "shares.folded", {"--seconds", "10", "--hz", "499"});
  ASSERT_EQ(answer.code, 0) << answer.err;
  const auto stacks = parse_folded(read("shares.folded"));
  const auto all = static_cast<double>(samples_of(stacks));
  ASSERT_GT(all, 500) << answer.err;
  EXPECT_NEAR(static_cast<double>(samples_with(stacks, "λ sixty")) / all, 0.6, 0.03);
  EXPECT_NEAR(static_cast<double>(samples_with(stacks, "λ thirty")) / all, 0.3, 0.03);
  EXPECT_NEAR(static_cast<double>(samples_with(stacks, "λ ten")) / all, 0.1, 0.03);
  EXPECT_GE(static_cast<double>(samples_with(stacks, "_start")) / all, 0.99);
  EXPECT_EQ(samples_with(stacks, "evaluate_step"), 0u) << "the evaluator's own frames are left out";
}

// It is not ready when the profile begins: its image is some microseconds old.
TEST_F(Profiled, AProcessMayHaveJustBegun) {
  std::ofstream(root_ + "/script.lisp") << kShares;
  const test::ChildProcess minivalk(test::built_programs_dir() + "/minivalk",
                                    {"--script", root_ + "/script.lisp"});
  const Answer answer = profile(minivalk.pid(), "young.folded", {"--seconds", "1"});
  ASSERT_EQ(answer.code, 0) << answer.err;
  EXPECT_GT(samples_with(parse_folded(read("young.folded")), "λ spin"), 0u) << answer.err;
}

TEST_F(Profiled, DeepRecursionIsWholeOrSaysThatItIsNot) {
  const test::Minivalk minivalk = run_script(kDeep);
  const Answer whole =
      profile(minivalk.pid(), "whole.folded", {"--seconds", "2", "--stack-bytes", "262144"});
  ASSERT_EQ(whole.code, 0) << whole.err;
  const auto stacks = parse_folded(read("whole.folded"));
  ASSERT_THAT(stacks, Not(IsEmpty())) << whole.err;
  for (const Stack& stack : stacks) {
    EXPECT_EQ(stack.frames.front(), "_start");
    EXPECT_EQ(stack.count("λ deep"), 551u);
  }
  const Answer cut = profile(minivalk.pid(), "cut.folded", {"--seconds", "2"});
  ASSERT_EQ(cut.code, 0) << cut.err;
  for (const Stack& stack : parse_folded(read("cut.folded"))) {
    EXPECT_EQ(stack.frames.front(), "[truncated]");
    EXPECT_EQ(stack.count("λ spin") + stack.count("λ deep"), 552u) << "names don't need the stack";
  }
  EXPECT_THAT(cut.err, HasSubstr("--stack-bytes"));
}

TEST_F(Profiled, FormatIsThatOfTheFilesEnding) {
  const test::Minivalk minivalk = run_script(kShares);
  ASSERT_EQ(profile(minivalk.pid(), "a.pb.gz", {"--seconds", "1"}).code, 0);
  EXPECT_EQ(read("a.pb.gz").substr(0, 2), "\x1f\x8b");
  ASSERT_EQ(profile(minivalk.pid(), "a.json", {"--seconds", "1"}).code, 0);
  EXPECT_TRUE(nlohmann::json::accept(read("a.json")));
}

// Without anything to sample it says what the process did instead.
TEST_F(Profiled, OfAnIdleProcessSaysWhy) {
  const test::Minivalk minivalk;
  const Answer answer = profile(minivalk.pid(), "idle.folded", {"--seconds", "1", "--hz", "19"});
  ASSERT_EQ(answer.code, 0) << answer.err;
  EXPECT_THAT(answer.err, HasSubstr("waited for events"));
  if (read("idle.folded").empty()) {
    EXPECT_THAT(answer.err, HasSubstr("idle is not sampled"));
  }
}

TEST_F(Profiled, ASignalEndsItWithWhatThereIs) {
  const test::Minivalk minivalk = run_script(kShares);
  test::ChildProcess profiling(
      exporter_path(), {"profile", "--pid", std::to_string(minivalk.pid()), "--cache-dir", "",
                        "--seconds", "300", "--output", root_ + "/early.folded"});
  ASSERT_TRUE(test::wait_until(test::soon(), [&] { return has_clock(profiling.pid()); }));
  profiling.signal(SIGINT);
  const auto status = profiling.wait(test::soon());
  ASSERT_TRUE(status);
  EXPECT_EQ(status->code, 0);
  EXPECT_TRUE(fs::exists(root_ + "/early.folded"));
}

TEST_F(Profiled, OneAtATimeIsServed) {
  const test::Minivalk minivalk = run_script(kShares);
  const Exporter exporter = Exporter::of_pid(minivalk.pid());
  test::HttpConnection client(exporter.port());
  client.send("GET /debug/pprof/profile?seconds=300 HTTP/1.1\r\nHost: localhost\r\n\r\n");
  test::HttpResponse refused;
  ASSERT_TRUE(test::wait_until(test::soon(), [&] {
    refused = get(exporter, "/debug/pprof/profile?seconds=1");
    return refused.status == 503;
  })) << refused.status;
  EXPECT_EQ(refused.headers.at("x-go-pprof"), "1");
  EXPECT_GT(std::stoul(refused.headers.at("retry-after")), 250u);
  EXPECT_THAT(refused.body, HasSubstr("is being profiled already"));
  // Metrics wait for nobody, and a client that leaves makes room.
  EXPECT_EQ(exporter.get("/metrics").status, 200);
  client.close();
  EXPECT_TRUE(test::wait_until(
      test::soon(), [&] { return get(exporter, "/debug/pprof/profile?seconds=1").status == 200; }));
}

TEST_F(Profiled, WhatIsAskedForIsChecked) {
  const test::Minivalk minivalk;
  const Exporter exporter = Exporter::of_pid(minivalk.pid());
  for (const char* query : {"seconds=0", "seconds=301", "seconds=x", "hz=0", "hz=1000",
                            "format=svg", "seconds=1&hz=-1"}) {
    EXPECT_EQ(get(exporter, std::string("/debug/pprof/profile?") + query).status, 400) << query;
  }
  EXPECT_EQ(get(exporter, "/debug/pprof/profile?process=nobody").status, 404);
  EXPECT_EQ(get(exporter, "/debug/flamegraph?seconds=1&compare=nothing").status, 404);
  EXPECT_EQ(get(exporter, "/debug/pprof/heap").status, 404);
  EXPECT_EQ(get(exporter, "/debug/profiles/nothing/pprof").status, 404);
  EXPECT_EQ(get(exporter, "/debug/pprof/").status, 200);
}

TEST_F(Profiled, OfAProcessThatEndsIsWhatThereWas) {
  test::Minivalk minivalk = run_script(kShares);
  const Exporter exporter = Exporter::of_pid(minivalk.pid());
  test::HttpResponse response;
  std::thread asking([&] {
    do {
      response = get(exporter, "/debug/pprof/profile?seconds=300&format=folded");
    } while (response.status == 503);  // the other one was first
  });
  EXPECT_TRUE(test::wait_until(
      test::soon(), [&] { return get(exporter, "/debug/pprof/profile?seconds=1").status == 503; }));
  wait_for_samples(exporter, minivalk);
  minivalk.process().signal(SIGKILL);
  asking.join();
  EXPECT_EQ(response.status, 200) << response.body << response.problem;
}

TEST_F(Profiled, CapturesHaveTheSecondsThatFollow) {
  const test::Minivalk minivalk = run_script(kShares);
  const Exporter exporter(
      {"--pid", std::to_string(minivalk.pid()), "--capture.when", "gc_pause_share > 0.1% for 1s"});
  std::string id;
  ASSERT_TRUE(test::wait_until(test::in(kPatience), [&] {
    const auto list = nlohmann::json::parse(exporter.get("/debug/captures").body);
    if (list["captures"].empty()) return false;
    id = list["captures"].back()["id"];
    return exporter.get("/debug/captures/" + id + "/pprof").status == 200;
  }));
  const auto page = exporter.get("/debug/captures/" + id + "/flamegraph");
  EXPECT_THAT(page.status, testing::AnyOf(200, 500));  // 500: built without pages
  EXPECT_EQ(exporter.get("/debug/captures/" + id + "/trace").status, 200);
}

TEST_F(Profiled, ContinuouslyIsKeptUntilItsEnd) {
  test::Minivalk minivalk = run_script(kShares);
  const std::string pid = std::to_string(minivalk.pid());
  const Exporter exporter({"--pid", pid, "--profile.continuous"});
  wait_for_samples(exporter, minivalk);
  minivalk.process().signal(SIGKILL);
  nlohmann::json list;
  ASSERT_TRUE(test::wait_until(test::soon(), [&] {
    list = nlohmann::json::parse(exporter.get("/debug/profiles").body)["profiles"];
    return !list.empty();
  }));
  EXPECT_GT(list[0]["samples"], 0);
  EXPECT_EQ(list[0]["pid"], minivalk.pid());
  EXPECT_EQ(exporter.get(list[0]["pprof"]).status, 200);
}

}  // namespace
}  // namespace e2e
