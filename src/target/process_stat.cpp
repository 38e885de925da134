#include "target/process_stat.h"

#include <fcntl.h>

#include <array>
#include <cerrno>
#include <charconv>

#include "base/unique_fd.h"

namespace target {
namespace {

using base::fail;
using base::Result;

// Field numbers of proc(5), counted from 1.
constexpr int kFirstFieldAfterComm = 3;
constexpr int kUserTicksField = 14;
constexpr int kSystemTicksField = 15;
constexpr int kThreadsField = 20;
constexpr int kStartTicksField = 22;
constexpr int kResidentPagesField = 24;

// Where a field's number goes; null for a field that nobody needs.
std::uint64_t* destination(ProcessStat& stat, int field) {
  switch (field) {
    case kUserTicksField:
      return &stat.user_ticks;
    case kSystemTicksField:
      return &stat.system_ticks;
    case kThreadsField:
      return &stat.threads;
    case kStartTicksField:
      return &stat.start_ticks;
    case kResidentPagesField:
      return &stat.resident_pages;
    default:
      return nullptr;
  }
}

bool parse_number(std::string_view word, std::uint64_t& number) {
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  return error == std::errc{} && end == word.data() + word.size();
}

}  // namespace

Result<ProcessStat> parse_stat(std::string_view text) {
  const std::size_t open = text.find('(');
  const std::size_t close = text.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) {
    return fail("parse /proc/PID/stat: no command name in it");
  }
  ProcessStat stat;
  stat.comm = text.substr(open + 1, close - open - 1);
  std::string_view rest = text.substr(close + 1);
  for (int field = kFirstFieldAfterComm; field <= kResidentPagesField; ++field) {
    if (!rest.starts_with(' ')) return fail("parse /proc/PID/stat: field {} is missing", field);
    rest.remove_prefix(1);
    const std::string_view word = rest.substr(0, rest.find_first_of(" \n"));
    if (field == kFirstFieldAfterComm && !word.empty()) stat.state = word.front();
    if (std::uint64_t* number = destination(stat, field);
        number != nullptr && !parse_number(word, *number)) {
      return fail("parse /proc/PID/stat: field {} is \"{}\", no number", field, word);
    }
    rest.remove_prefix(word.size());
  }
  return stat;
}

Result<ProcessStat> read_stat(const std::string& proc_root, int pid) {
  const std::string path = fmt::format("{}/{}/stat", proc_root, pid);
  const base::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  const auto no_process = [&](int error) {
    const bool gone = error == ENOENT || error == ESRCH;
    return fail(gone ? base::Cause::kGone : base::Cause::kOther, "no process with pid {} ({}: {})",
                pid, path, base::errno_text(error));
  };
  if (!fd) return no_process(errno);
  std::array<char, 4096> buffer;  // the kernel's text is below 1 KiB
  const ssize_t size = ::read(fd.get(), buffer.data(), buffer.size());
  if (size < 0) return no_process(errno);
  return parse_stat({buffer.data(), static_cast<std::size_t>(size)});
}

}  // namespace target
