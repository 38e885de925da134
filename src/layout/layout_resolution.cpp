#include "layout/layout_resolution.h"

#include <fcntl.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <new>
#include <utility>

#include "base/unique_fd.h"
#include "confined/confinement.h"
#include "elf/build_id.h"
#include "elf/debug_file.h"
#include "elf/debug_information.h"
#include "state/known_layouts.h"
#include "state/layout_text.h"

namespace layout {
namespace {

using base::fail;
using base::Result;

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

// Opened here, since the confined process can't.
Result<elf::DebugFiles> open_files_of(int fd, const std::string& name,
                                      const std::vector<std::string>& debug_directories) {
  base::UniqueFd own(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
  if (!own) return fail("open {} once more: {}", name, base::errno_text(errno));
  const auto file = elf::ElfFile::open(std::move(own), name);
  if (!file) return base::pass_on(file);
  return elf::open_debug_files(*file, debug_directories);
}

Result<state::Layout> parse_answer(const confined::Outcome& outcome, const std::string& name) {
  if (outcome.code == 0) return state::parse_layout(outcome.answer);
  if (first_line(outcome.answer).empty()) {
    return fail("resolve the layout of {}: the process for it ended with code {} and no word", name,
                outcome.code);
  }
  return fail("{}", first_line(outcome.answer));
}

Result<state::Layout> judge(const confined::Outcome& outcome, const std::string& name,
                            std::chrono::milliseconds max_time) {
  switch (outcome.ending) {
    case confined::Ending::kExited:
      return parse_answer(outcome, name);
    case confined::Ending::kKilled:
      return fail("resolve the layout of {}: its debug information makes libdw crash (signal {})",
                  name, outcome.code);
    case confined::Ending::kTimeout:
      return fail(base::Cause::kTimeout,
                  "resolve the layout of {}: no answer within {} ms (its debug information keeps "
                  "libdw busy, or the machine is)",
                  name, max_time.count());
    case confined::Ending::kStopped:
      return fail(base::Cause::kTimeout, "resolve the layout of {}: asked to stop", name);
    case confined::Ending::kTooLong:
      return fail("resolve the layout of {}: its debug information makes a layout without end",
                  name);
  }
  return fail("resolve the layout of {}: no way to end", name);
}

base::UniqueFd take_file(int number) {
  return base::UniqueFd(confined::has_file(number) ? number : -1);
}

// Nothing of the files is looked at before the rights are gone.
Result<state::Layout> resolve_here(const std::string& name) {
  if (auto confined = confined::confine_process(); !confined) return base::pass_on(confined);
  const auto file = elf::ElfFile::open(base::UniqueFd(kResolvedFd), name);
  if (!file) return base::pass_on(file);
  const auto information =
      elf::DebugInformation::open(*file, {take_file(kSeparateFd), take_file(kAlternateFd)});
  if (!information) return base::pass_on(information);
  auto layout = state::resolve_known_layout(*information);
  if (!layout) return fail("{}: {}", name, layout.error().message);
  layout->build_id = elf::read_build_id(*file).value_or("");
  return layout;
}

}  // namespace

Result<state::Layout> resolve_in_child(int fd, const std::string& name,
                                       const std::vector<std::string>& debug_directories,
                                       std::chrono::milliseconds max_time,
                                       const std::stop_token& stop) {
  const auto files = open_files_of(fd, name, debug_directories);
  if (!files) return base::pass_on(files);
  const confined::Task task{.command = kResolveConfined,
                            .arguments = {kResolveName, name},
                            .files = {fd, files->separate.get(), files->alternate.get()},
                            .max_answer_bytes = state::kMaxLayoutBytes};
  const auto outcome = confined::run(task, {std::chrono::steady_clock::now() + max_time, stop});
  if (!outcome) return fail("resolve the layout of {}: {}", name, outcome.error().message);
  return judge(*outcome, name, max_time);
}

int run_resolve_confined(const std::string& name) try {
  const auto layout = resolve_here(name);
  const std::string text = layout ? state::write_layout(*layout) : layout.error().message + "\n";
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  return std::fflush(stdout) == 0 && written && layout ? 0 : 1;
} catch (const std::bad_alloc&) {
  std::puts("its debug information takes more memory than reading it may");
  return std::fflush(stdout) == 0 ? 1 : 2;
}

}  // namespace layout
