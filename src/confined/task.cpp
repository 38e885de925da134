#include "confined/task.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "base/unique_fd.h"
#include "confined/child.h"

namespace confined {
namespace {

using base::fail;
using base::Result;

Ending how_patience_ended(const Patience& patience) {
  return patience.stop.stop_requested() ? Ending::kStopped : Ending::kTimeout;
}

// Reads up to the end. Leaves `ending` at kExited where it got there.
void read_answer(int fd, std::size_t max_bytes, const Patience& patience, Outcome& outcome) {
  std::array<char, 16 * 1024> part;
  while (true) {
    if (!wait_readable(fd, patience)) {
      outcome.ending = how_patience_ended(patience);
      return;
    }
    const ssize_t got = ::read(fd, part.data(), part.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return;
    outcome.answer.append(part.data(), static_cast<std::size_t>(got));
    if (outcome.answer.size() > max_bytes) {
      outcome.ending = Ending::kTooLong;
      return;
    }
  }
}

}  // namespace

Result<Outcome> run(const Task& task, const Patience& patience) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail("make a pipe: {}", base::errno_text(errno));
  const base::UniqueFd reading(ends[0]);
  base::UniqueFd writing(ends[1]);
  std::vector<std::string> arguments{"valkyria_exporter", task.command};
  arguments.insert(arguments.end(), task.arguments.begin(), task.arguments.end());
  auto child = Child::start(arguments, writing.get(), task.files);
  if (!child) return base::pass_on(child);
  writing = base::UniqueFd();  // while we hold it the pipe has no end
  Outcome outcome;
  read_answer(reading.get(), task.max_answer_bytes, patience, outcome);
  if (outcome.ending != Ending::kExited) return outcome;
  const auto status = child->wait(patience);
  if (!status) {
    outcome.ending = how_patience_ended(patience);
  } else if (WIFSIGNALED(*status)) {
    outcome.ending = Ending::kKilled;
    outcome.code = WTERMSIG(*status);
  } else {
    outcome.code = WEXITSTATUS(*status);
  }
  return outcome;
}

bool has_file(int number) {
  return ::fcntl(number, F_GETFD) >= 0;
}

}  // namespace confined
