// SPDX-License-Identifier: BSD-2-Clause
#ifndef VALKYRIA_TESTS_SUPPORT_MINIVALK_H
#define VALKYRIA_TESTS_SUPPORT_MINIVALK_H

#include <cstdint>
#include <string>
#include <vector>

#include "support/child_process.h"
#include "support/samples.h"

namespace test {

// Where the build puts its programs.
std::string built_programs_dir();

struct MinivalkServer {
  std::string system;
  std::string host;
  std::uint16_t port = 0;
  std::string protocol;

  // The labels of this server's http_* series.
  Labels labels() const;
};

// A running minivalk; ready when the constructor returns, which throws if it doesn't get there.
class Minivalk {
 public:
  explicit Minivalk(const std::vector<std::string>& arguments = {},
                    const std::string& bin_dir = built_programs_dir(),
                    Stderr stderr_to = Stderr::kInherited);
  // Run by any program that becomes minivalk, or by a minivalk of another name.
  Minivalk(const std::string& program, const std::vector<std::string>& arguments);

  pid_t pid() const { return process_.pid(); }
  const std::vector<MinivalkServer>& servers() const { return servers_; }
  std::uint16_t port() const { return servers_.front().port; }
  const std::string& ready_line() const { return ready_line_; }

  // Throws if there is no answer in time.
  std::string command(const std::string& text);
  Samples truth();

  // Asks it to end.
  ExitStatus quit();

  ChildProcess& process() { return process_; }

 private:
  void wait_until_ready();

  ChildProcess process_;
  std::string ready_line_;
  std::vector<MinivalkServer> servers_;
};

}  // namespace test

#endif  // VALKYRIA_TESTS_SUPPORT_MINIVALK_H
