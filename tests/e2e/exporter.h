// The real exporter, run as a user runs it.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "support/child_process.h"
#include "support/http_load.h"
#include "support/samples.h"

namespace e2e {

std::string exporter_path();
// Where a minivalk without symbols lies: for test::Minivalk.
std::string stripped_programs_dir();
std::string puppet_path(const std::string& name);

// A running puppet that takes commands; dies with this object.
struct Puppet {
  explicit Puppet(const std::string& program = puppet_path("probe_puppet"),
                  const std::vector<std::string>& arguments = {});
  pid_t pid() const { return process.pid(); }
  // Sends a command, waits for the answer and returns it.
  std::string tell(const std::string& command);

  test::ChildProcess process;
};

// A running exporter on a free port; it serves when the constructor returns, which throws with its
// stderr if it doesn't get there. With --pid, that process is attached to by then; others are once
// name_of() or comes_to() has said that they are up. It has no budget unless it is given one. Dies
// with this object.
class Exporter {
 public:
  // `program` may be one that runs the exporter: then the arguments begin with the exporter's path.
  explicit Exporter(const std::vector<std::string>& arguments,
                    const std::string& program = exporter_path());
  static Exporter of_pid(pid_t pid) { return Exporter({"--pid", std::to_string(pid)}); }

  pid_t pid() const { return process_.pid(); }
  std::uint16_t port() const { return port_; }
  std::string log() const { return process_.stderr_text(); }

  test::HttpResponse get(const std::string& path, const test::Headers& headers = {}) const;
  // Fetches /metrics; fails the test where it is not 200 or not well-formed.
  test::Samples metrics() const;

  test::ChildProcess& process() { return process_; }

 private:
  test::ChildProcess process_;
  std::uint16_t port_ = 0;
};

// The label `process` of a pid, once it is watched and up; empty if that doesn't come.
std::string name_of(const Exporter& exporter, pid_t pid);

// Whether these series come to this sum; a count comes a moment after its answer.
testing::AssertionResult comes_to(const Exporter& exporter, const std::string& name,
                                  const test::Labels& labels, double count);

// An exporter that is expected not to start.
struct FailedStart {
  test::ExitStatus status;
  std::string message;  // stderr
};
FailedStart run_to_failure(const std::vector<std::string>& arguments,
                           const std::string& program = exporter_path());

// A program that looks, prints and ends.
struct Answer {
  int code = 0;
  std::string out;
  std::string err;
};
Answer run_to_end(const std::vector<std::string>& arguments,
                  const std::string& program = exporter_path());

// Skips where this machine can't run the exporter, with the reason; fails instead when CI is set.
class EndToEnd : public testing::Test {
 protected:
  void SetUp() override;
};

}  // namespace e2e
