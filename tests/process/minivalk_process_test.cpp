// SPDX-License-Identifier: BSD-2-Clause
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "support/http_load.h"
#include "support/minivalk.h"

namespace {

using test::ExitStatus;
using test::Minivalk;
using testing::HasSubstr;
using testing::StartsWith;

std::string program() {
  return test::built_programs_dir() + "/minivalk";
}

// A file of Lisp that is gone at the end of the test.
class ScriptFile {
 public:
  explicit ScriptFile(const std::string& text) {
    std::string pattern = std::filesystem::temp_directory_path() / "minivalk_script_XXXXXX";
    directory_ = mkdtemp(pattern.data());
    std::ofstream(path()) << text;
  }
  ~ScriptFile() { std::filesystem::remove_all(directory_); }
  std::string path() const { return directory_ / "script.lisp"; }

 private:
  std::filesystem::path directory_;
};

TEST(MinivalkProcess, ReadyLineTellsPidAndServers) {
  Minivalk minivalk({"--servers", "3", "--systems", "main,background"});
  auto ready = nlohmann::json::parse(minivalk.ready_line());
  EXPECT_EQ(ready.at("ready"), true);
  EXPECT_EQ(ready.at("pid"), minivalk.pid());
  ASSERT_EQ(minivalk.servers().size(), 3U);
  EXPECT_EQ(minivalk.servers()[0].system, "main");
  EXPECT_EQ(minivalk.servers()[1].system, "background");
  EXPECT_EQ(minivalk.servers()[2].system, "main");
  for (const auto& server : minivalk.servers()) {
    EXPECT_EQ(server.host, "127.0.0.1");
    EXPECT_EQ(server.protocol, "http");
    EXPECT_EQ(test::get(server.port, "/").status, 200);
  }
}

TEST(MinivalkProcess, QuitAnswersAndExitsWithZero) {
  Minivalk minivalk;
  EXPECT_EQ(minivalk.quit(), (ExitStatus{false, 0}));
}

TEST(MinivalkProcess, QuitsWithConnectionsAndTimersOpen) {
  Minivalk minivalk;
  test::HttpConnection idle(minivalk.port());
  EXPECT_EQ(idle.get("/").status, 200);
  test::HttpConnection waiting(minivalk.port());
  ASSERT_TRUE(waiting.send("GET /slow?ms=60000 HTTP/1.1\r\n\r\n"));
  minivalk.command("eval (after 60000 (lambda () 1))");
  EXPECT_EQ(minivalk.quit(), (ExitStatus{false, 0}));
  EXPECT_TRUE(idle.is_ended());
}

TEST(MinivalkProcess, TermAndIntEndItCleanly) {
  for (int number : {SIGTERM, SIGINT}) {
    Minivalk minivalk;
    minivalk.process().signal(number);
    EXPECT_EQ(minivalk.process().wait(test::soon()), (ExitStatus{false, 0})) << number;
  }
}

TEST(MinivalkProcess, EndOfStdinKeepsServing) {
  Minivalk minivalk;
  minivalk.process().close_stdin();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(test::get(minivalk.port(), "/fib?n=10").body, "55\n");
  minivalk.process().signal(SIGTERM);
  EXPECT_EQ(minivalk.process().wait(test::soon()), (ExitStatus{false, 0}));
}

TEST(MinivalkProcess, UnknownCommandIsAnError) {
  Minivalk minivalk;
  EXPECT_THAT(minivalk.command("frobnicate"), StartsWith("error: unknown command"));
  EXPECT_THAT(minivalk.command(""), StartsWith("error: unknown command"));
  EXPECT_EQ(minivalk.command("eval 1"), "1");
}

TEST(MinivalkProcess, TooLongLineGetsOneAnswer) {
  Minivalk minivalk;
  EXPECT_THAT(minivalk.command("eval " + std::string(200000, '1')), StartsWith("error: line"));
  EXPECT_EQ(minivalk.command("eval 1"), "1");
}

TEST(MinivalkProcess, BadOptionsExitWithTwoAndSayWhy) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{"--servers", "0"}, "--servers 0"},
      {{"--servers", "17"}, "--servers 17"},
      {{"--servers", "x"}, "--servers x"},
      {{"--base-port", "65536"}, "--base-port 65536"},
      {{"--base-port", "65535", "--servers", "2"}, "--base-port"},
      {{"--systems", ""}, "--systems"},
      {{"--systems", "main,main"}, "--systems main,main"},
      {{"--systems", "Main"}, "--systems Main"},
      {{"--arenas", "x"}, "--arenas x"},
      {{"--tcp-buffers", "65537"}, "--tcp-buffers 65537"},
      {{"--connections", "-1"}, "--connections -1"},
      {{"--script", "/nonexistent/file"}, "/nonexistent/file"},
      {{"--nonsense"}, "nonsense"},
      {{"surplus"}, "surplus"}};
  for (const auto& [arguments, text] : cases) {
    test::ChildProcess process(program(), arguments, test::Stderr::kCaptured);
    EXPECT_EQ(process.wait(test::soon()), (ExitStatus{false, 2})) << text;
    EXPECT_THAT(process.stderr_text(), HasSubstr(text));
  }
}

TEST(MinivalkProcess, HelpTellsTheOptions) {
  test::ChildProcess process(program(), {"--help"});
  std::string text;
  while (auto line = process.read_line(test::soon())) text += *line + "\n";
  EXPECT_EQ(process.wait(test::soon()), (ExitStatus{false, 0}));
  for (const char* option : {"--servers", "--base-port", "--systems", "--script", "--arenas",
                             "--tcp-buffers", "--connections"})
    EXPECT_THAT(text, HasSubstr(option));
}

TEST(MinivalkProcess, PortInUseExitsWithOne) {
  Minivalk other;
  test::ChildProcess process(program(), {"--base-port", std::to_string(other.port())},
                             test::Stderr::kCaptured);
  EXPECT_EQ(process.wait(test::soon()), (ExitStatus{false, 1}));
  EXPECT_THAT(process.stderr_text(), HasSubstr(std::to_string(other.port())));
}

TEST(MinivalkProcess, ScriptRunsFormByFormAndGoesOnAfterErrors) {
  ScriptFile script("; three forms\n(define a 1)\n(car a)\n(define b (+ a 1))\n");
  Minivalk minivalk({"--script", script.path()}, test::built_programs_dir(),
                    test::Stderr::kCaptured);
  EXPECT_TRUE(test::wait_until(test::soon(), [&] { return minivalk.command("eval b") == "2"; }));
  EXPECT_THAT(minivalk.process().stderr_text(), HasSubstr("script.lisp:3: car: expected a pair"));
  EXPECT_EQ(minivalk.truth().integer("valk_eval_duration_seconds_count", {{"kind", "script"}}), 3U);
}

TEST(MinivalkProcess, StallsOfTheLoopAreMeasured) {
  Minivalk minivalk;
  const test::Labels system{{"system", "main"}};
  double before = minivalk.truth().number("valk_loop_stall_duration_seconds_sum", system);
  EXPECT_EQ(test::get(minivalk.port(), "/stall?ms=200").status, 200);
  auto truth = minivalk.truth();
  EXPECT_GE(truth.number("valk_loop_stall_duration_seconds_sum", system) - before, 0.2);
  EXPECT_GE(truth.integer("valk_loop_iterations_total", system), 2U);
}

TEST(MinivalkProcess, WaitingForWorkCountsAsIdle) {
  Minivalk minivalk;
  const test::Labels system{{"system", "main"}};
  EXPECT_EQ(test::get(minivalk.port(), "/slow?ms=300").status, 200);
  auto truth = minivalk.truth();
  double idle = truth.number("valk_loop_idle_seconds_total", system);
  EXPECT_GE(idle, 0.25);
  EXPECT_LE(idle, truth.number("valk_aio_uptime_seconds", system));
}

}  // namespace
