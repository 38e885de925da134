#include "target/process_status.h"

#include <charconv>
#include <filesystem>
#include <optional>

#include "target/proc_text.h"

namespace target {
namespace {

using base::fail;
using base::Result;

constexpr std::size_t kMaxBytes = 64 * 1024;  // the kernel's text is about 1.5 KiB

constexpr std::size_t kMaxThreads = 10'000;

// The value of the first line "FIELD:\tVALUE".
std::optional<std::string_view> find_field(std::string_view text, std::string_view field) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (!line.starts_with(field) || !line.substr(field.size()).starts_with(":\t")) continue;
    return line.substr(field.size() + 2);
  }
  return std::nullopt;
}

std::optional<std::uint32_t> parse_number(std::string_view word) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error != std::errc{} || end != word.data() + word.size()) return std::nullopt;
  return number;
}

// Uids stand in the order real, effective, saved, filesystem.
struct Uids {
  std::optional<std::uint32_t> real;
  std::optional<std::uint32_t> effective;
};

Uids parse_uids(std::string_view uids) {
  const std::size_t tab = uids.find('\t');
  if (tab == std::string_view::npos) return {};
  const auto real = parse_number(uids.substr(0, tab));
  uids.remove_prefix(tab + 1);
  return {real, parse_number(uids.substr(0, uids.find('\t')))};
}

std::optional<Seccomp> parse_seccomp(std::string_view mode) {
  if (mode == "0") return Seccomp::kNone;
  if (mode == "1") return Seccomp::kStrict;
  if (mode == "2") return Seccomp::kFilter;
  return std::nullopt;
}

}  // namespace

Result<ProcessStatus> parse_status(std::string_view text) {
  const auto uids = find_field(text, "Uid");
  const auto [real, effective] = uids ? parse_uids(*uids) : Uids{};
  if (!real || !effective) return fail("parse /proc/PID/status: no real and effective uid in it");
  ProcessStatus status;
  status.real_uid = *real;
  status.effective_uid = *effective;
  if (const auto mode = find_field(text, "Seccomp")) {
    const auto seccomp = parse_seccomp(*mode);
    if (!seccomp) return fail("parse /proc/PID/status: unknown seccomp mode \"{}\"", *mode);
    status.seccomp = *seccomp;
  }
  return status;
}

Result<ProcessStatus> read_status(const std::string& proc_root, int pid) {
  const auto text = read_proc_text(fmt::format("{}/{}/status", proc_root, pid), kMaxBytes);
  if (!text) return base::pass_on(text);
  return parse_status(*text);
}

Result<bool> is_under_seccomp(const std::string& proc_root, int pid) {
  const auto whole = read_status(proc_root, pid);
  if (!whole) return base::pass_on(whole);
  if (whole->seccomp != Seccomp::kNone) return true;
  const std::string tasks = fmt::format("{}/{}/task", proc_root, pid);
  std::error_code error;
  std::filesystem::directory_iterator entry(tasks, error);
  std::size_t threads = 0;
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    if (++threads > kMaxThreads) return fail("look at the threads in {}: too many", tasks);
    const auto text = read_proc_text((entry->path() / "status").string(), kMaxBytes);
    const auto status = text ? parse_status(*text) : base::pass_on(text);
    if (status && status->seccomp != Seccomp::kNone) return true;
  }
  if (error) return fail("look at the threads in {}: {}", tasks, error.message());
  return false;
}

}  // namespace target
