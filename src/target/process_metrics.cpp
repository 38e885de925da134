#include "target/process_metrics.h"

#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>

#include "base/clock.h"
#include "target/proc_text.h"
#include "target/process.h"
#include "target/process_stat.h"

namespace target {
namespace {

constexpr std::size_t kMaxStatBytes = 1024 * 1024;  // a line a processor, and one long one
constexpr std::uint64_t kNsPerSecond = 1'000'000'000;

std::uint64_t ticks_to_ns(std::uint64_t ticks) {
  static const auto ticks_per_second = static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
  return ticks / ticks_per_second * kNsPerSecond +
         ticks % ticks_per_second * kNsPerSecond / ticks_per_second;
}

// Seconds since 1970 when the machine started: the line "btime N" of /proc/stat.
std::optional<std::uint64_t> read_boot_time_seconds(const std::string& proc_root) {
  const auto text = read_proc_text(proc_root + "/stat", kMaxStatBytes);
  if (!text) return std::nullopt;
  constexpr std::string_view kKey = "\nbtime ";
  const std::size_t at = text->find(kKey);
  if (at == std::string::npos) return std::nullopt;
  std::uint64_t seconds = 0;
  const char* const begin = text->data() + at + kKey.size();
  if (std::from_chars(begin, text->data() + text->size(), seconds).ec != std::errc{}) {
    return std::nullopt;
  }
  return seconds;
}

// How many descriptors there are, by the size of the directory that has one entry each: no more is
// needed than to see the process. None: this /proc doesn't tell.
std::optional<std::uint64_t> size_of_descriptors(const std::string& directory) {
  struct statfs file_system {};
  struct stat status {};
  if (::statfs(directory.c_str(), &file_system) != 0 || file_system.f_type != PROC_SUPER_MAGIC ||
      ::stat(directory.c_str(), &status) != 0) {
    return std::nullopt;
  }
  return static_cast<std::uint64_t>(status.st_size);
}

// Before Linux 6.2 that size is always 0. Of our own process it is not, where it is told.
bool tells_descriptors() {
  static const bool tells = size_of_descriptors("/proc/self/fd").value_or(0) > 0;
  return tells;
}

// `directory` of a thread that lives: the others have none.
model::Count count_descriptors(const std::string& directory) {
  const std::string descriptors = directory + "/fd";
  if (tells_descriptors()) {
    if (const auto size = size_of_descriptors(descriptors)) return size;
  }
  std::error_code error;
  std::filesystem::directory_iterator entry(descriptors, error);
  std::uint64_t count = 0;
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) ++count;
  return error ? model::Count() : model::Count(count);
}

std::uint64_t page_bytes() {
  return static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace

model::ProcessMetrics read_process_metrics(const std::string& proc_root, int pid,
                                           const std::string& cgroup_root) {
  model::ProcessMetrics metrics;
  const auto stat = read_stat(proc_root, pid);
  if (!stat) return metrics;
  metrics.cpu_ns = ticks_to_ns(stat->user_ticks) + ticks_to_ns(stat->system_ticks);
  metrics.threads = stat->threads;
  const std::uint64_t now_ns = base::boot_ns();
  metrics.age_ns = now_ns - std::min(now_ns, ticks_to_ns(stat->start_ticks));
  // A main thread that has left has no memory, no descriptors, and a state of its own.
  const LivingThread living = find_living_thread(proc_root, pid, *stat);
  metrics.resident_bytes = living.stat.resident_pages * page_bytes();
  metrics.open_fds = count_descriptors(living.directory);
  metrics.states = flags_of(read_run_state(living, cgroup_root));
  return metrics;
}

model::Count read_start_unix_ns(const std::string& proc_root, int pid) {
  const auto stat = read_stat(proc_root, pid);
  const auto boot_seconds = read_boot_time_seconds(proc_root);
  if (!stat || !boot_seconds) return std::nullopt;
  return *boot_seconds * kNsPerSecond + ticks_to_ns(stat->start_ticks);
}

}  // namespace target
