// A process that runs this program again.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "confined/task.h"

namespace confined {

// False: nothing came while there was patience.
bool wait_readable(int fd, const Patience& patience);

// Ended and reaped by the destructor at the latest. One thread: the process dies with it.
class Child {
 public:
  // With `output` as its stdout and `files` as kFirstFile and up (-1: none).
  static base::Result<Child> start(const std::vector<std::string>& arguments, int output,
                                   const std::vector<int>& files);
  Child(Child&& other) noexcept;
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child();

  // How it ended, as waitpid() tells it; nothing: it goes on, whether or not it still writes.
  std::optional<int> wait(const Patience& patience);

 private:
  Child(pid_t pid, base::UniqueFd pid_fd) : pid_(pid), pid_fd_(std::move(pid_fd)) {}

  pid_t pid_;
  base::UniqueFd pid_fd_;
};

}  // namespace confined
