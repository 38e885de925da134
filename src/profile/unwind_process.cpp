#include "profile/unwind_process.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <new>
#include <utility>

#include "confined/confinement.h"
#include "elf/debug_file.h"
#include "elf/elf_file.h"
#include "profile/stack_finder.h"

namespace profile {
namespace {

using base::fail;
using base::Result;

// Files that the process has: where it hears from us, then two for each file of code, itself and
// its debug file.
constexpr int kInput = confined::kFirstFile;
constexpr int kFirstCode = kInput + 1;

constexpr std::chrono::seconds kStartTime{10};

// What names and places of one target may take here. A large program in C++ needs some 20 MiB.
constexpr std::size_t kMaxToldBytes = 64 * 1024 * 1024;

struct Pipe {
  base::UniqueFd reading;
  base::UniqueFd writing;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return fail("make a pipe to the process that unwinds: {}", base::errno_text(errno));
  }
  return Pipe{base::UniqueFd(ends[0]), base::UniqueFd(ends[1])};
}

void make_nonblocking(int fd) {
  ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
}

base::UniqueFd open_debug_file_of(const target::CodeFile& code,
                                  const std::vector<std::string>& directories) {
  base::UniqueFd own(::fcntl(code.file.fd.get(), F_DUPFD_CLOEXEC, 0));
  const auto file = elf::ElfFile::open(std::move(own), code.file.path);
  return file ? elf::open_debug_files(*file, directories).separate : base::UniqueFd();
}

ModuleMap modules_of(const target::CodeMap& code) {
  std::vector<Module> modules;
  for (const target::CodeMapping& mapping : code.mappings) {
    modules.push_back({mapping.begin, mapping.end, mapping.bias, mapping.file});
  }
  return ModuleMap(std::move(modules));
}

std::size_t bytes_of_new(const FoundStacks& found) {
  std::size_t bytes = 0;
  for (const FoundFunction& function : found.new_functions) {
    bytes += function.name.size() + function.system_name.size() + function.file.size();
  }
  for (const FoundLocation& location : found.new_locations) {
    bytes += sizeof(location) + location.lines.size() * sizeof(FoundLine);
  }
  return bytes;
}

base::UniqueFd take_file(int number) {
  return base::UniqueFd(confined::has_file(number) ? number : -1);
}

}  // namespace

Result<UnwindProcess> UnwindProcess::start(const target::CodeMap& code,
                                           const std::vector<std::string>& debug_directories,
                                           std::vector<elf::CallSite> calls) {
  auto to = make_pipe();
  if (!to) return base::pass_on(to);
  auto from = make_pipe();
  if (!from) return base::pass_on(from);
  std::vector<int> files{to->reading.get()};
  std::vector<base::UniqueFd> debug_files;
  for (const target::CodeFile& file : code.files) {
    debug_files.push_back(open_debug_file_of(file, debug_directories));
    files.push_back(file.file.fd.get());
    files.push_back(debug_files.back() ? debug_files.back().get() : -1);
  }
  auto child = confined::Child::start(
      {"valkyria_exporter", kUnwindConfined, std::to_string(code.files.size())},
      from->writing.get(), files);
  if (!child) return base::pass_on(child);
  make_nonblocking(to->writing.get());
  make_nonblocking(from->reading.get());
  UnwindProcess process(std::move(*child), std::move(to->writing), std::move(from->reading),
                        {modules_of(code), std::move(calls)});
  const confined::Patience patience{std::chrono::steady_clock::now() + kStartTime, {}};
  if (auto sent = send_message(process.to_.get(), write_facts(process.facts_), patience); !sent) {
    return base::pass_on(sent);
  }
  return process;
}

Result<FoundStacks> UnwindProcess::find(const std::vector<StackRequest>& requests,
                                        const confined::Patience& patience) {
  if (auto sent = send_message(to_.get(), write_requests(requests), patience); !sent) {
    return base::pass_on(sent);
  }
  const auto answer = receive_message(from_.get(), patience);
  if (!answer) return base::pass_on(answer);
  auto found = read_found(*answer, functions_, locations_, modules().modules().size());
  if (!found) return found;
  if (found->stacks.size() != requests.size()) {
    return fail("hear from the process that unwinds samples: it left some out");
  }
  told_bytes_ += bytes_of_new(*found);
  if (told_bytes_ > kMaxToldBytes) {
    return fail(
        "hear from the process that unwinds samples: more names than {} bytes have room for",
        kMaxToldBytes);
  }
  functions_ += found->new_functions.size();
  locations_ += found->new_locations.size();
  return found;
}

// Nothing of the files is looked at before the rights are gone.
int run_unwind_confined(std::size_t files) {
  const confined::ProcessLimits limits{.cpu_seconds = 24 * 3600,
                                       .files = static_cast<unsigned>(kFirstCode + 8 * files)};
  if (auto confined = confined::confine_process(limits); !confined) return 1;
  try {
    const auto message = receive_message_blocking(kInput);
    auto facts = message ? read_facts(*message) : std::nullopt;
    if (!facts) return 1;
    std::vector<CodeFile> code;
    for (std::size_t i = 0; i < files; ++i) {
      const int number = kFirstCode + 2 * static_cast<int>(i);
      code.emplace_back(take_file(number), take_file(number + 1));
    }
    StackFinder finder(std::move(*facts), std::move(code));
    while (const auto batch = receive_message_blocking(kInput)) {
      const auto requests = read_requests(*batch);
      if (!requests) return 1;
      if (!send_message_blocking(STDOUT_FILENO, write_found(finder.find(*requests)))) return 1;
    }
  } catch (const std::bad_alloc&) {
    return 1;
  }
  return 0;
}

}  // namespace profile
