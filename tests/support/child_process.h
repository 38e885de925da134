// SPDX-License-Identifier: BSD-2-Clause
#ifndef VALKYRIA_TESTS_SUPPORT_CHILD_PROCESS_H
#define VALKYRIA_TESTS_SUPPORT_CHILD_PROCESS_H

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "support/deadline.h"

namespace test {

struct ExitStatus {
  bool signalled = false;
  int code = 0;  // exit code, or the signal's number

  bool operator==(const ExitStatus&) const = default;
};

enum class Stderr { kInherited, kCaptured };

// A program that the test started, with its stdin and stdout on pipes. It dies with this object
// and with the thread that started it (PR_SET_PDEATHSIG). Used by one thread at a time. Failures
// to start throw std::system_error.
class ChildProcess {
 public:
  ChildProcess(const std::string& program, const std::vector<std::string>& arguments,
               Stderr stderr_to = Stderr::kInherited);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t pid() const { return pid_; }

  // The next line of stdout without its end; nothing at the deadline or the end of stdout.
  std::optional<std::string> read_line(Deadline deadline);

  // False: nobody reads stdin any more.
  bool write_line(const std::string& line);
  void close_stdin();

  // Everything that was written to a captured stderr so far.
  std::string stderr_text() const;

  void signal(int number) const;

  // Nothing: it still runs at the deadline.
  std::optional<ExitStatus> wait(Deadline deadline);

 private:
  pid_t pid_ = -1;
  int pid_fd_ = -1;
  int stdin_ = -1;
  int stdout_ = -1;
  int stderr_ = -1;  // an unnamed file, which can't fill up and block the child
  std::string unread_;
  std::optional<ExitStatus> status_;
};

}  // namespace test

#endif  // VALKYRIA_TESTS_SUPPORT_CHILD_PROCESS_H
