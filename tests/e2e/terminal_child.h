// A program at a terminal of its own, as a person sees it.
#pragma once

#include <sys/types.h>
#include <termios.h>

#include <optional>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "support/deadline.h"

namespace e2e {

// Dies with this object. Failures to start throw std::system_error.
class TerminalChild {
 public:
  TerminalChild(const std::string& program, const std::vector<std::string>& arguments,
                unsigned short columns = 80, unsigned short rows = 24);
  ~TerminalChild();
  TerminalChild(const TerminalChild&) = delete;
  TerminalChild& operator=(const TerminalChild&) = delete;

  pid_t pid() const { return pid_; }
  void type(const std::string& keys) const;
  void resize(unsigned short columns, unsigned short rows) const;
  // Whether a page with this text comes, drawn after this was called.
  bool shows(const std::string& text);
  // The last page that was drawn whole.
  std::string last_page() const;
  // All that was written so far.
  const std::string& written() const { return written_; }
  // Its exit code; nothing where it does not end, or by a signal.
  std::optional<int> wait();
  // As they are now; they live longer than the program.
  termios modes() const;

 private:
  bool read_some(test::Deadline deadline);

  base::UniqueFd terminal_;  // our end
  base::UniqueFd line_;      // its end, so that this lives on
  pid_t pid_ = -1;
  std::string written_;
};

}  // namespace e2e
