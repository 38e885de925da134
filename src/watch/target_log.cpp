#include "watch/target_log.h"

#include <fmt/format.h>

#include <utility>

namespace watch {
namespace {

using Clock = std::chrono::steady_clock;

void write_line(const Repeats::Line& line) {
  base::log_formatted(line.level, "{}", fmt::make_format_args(line.text));
}

void write_held_back(const std::vector<Repeats::HeldBack>& held_back) {
  for (const auto& [last, count] : held_back) {
    const std::uint64_t others = count - 1;
    const std::string more = others == 0 ? "" : fmt::format(" (and {} more like it)", others);
    write_line({last.level, last.text + more});
  }
}

}  // namespace

std::string label_of(const std::string& name, const std::string& comm) {
  if (name.empty()) return comm;
  std::string label = "process=\"";
  for (const char c : name) {
    if (c == '"' || c == '\\') label += '\\';
    label += c;
  }
  return label + '"';
}

TargetLog::~TargetLog() {
  write_held_back(repeats_.take_all());
}

void TargetLog::tell(base::LogLevel level, const std::string& who, std::uint32_t uid,
                     const std::string& text) {
  write_if_admitted(kind_of(who, text), {level, fmt::format("{}: {}", who, text)},
                    Repeats::kAMinute, uid);
}

void TargetLog::tell_of_many(const std::string& kind, base::LogLevel level,
                             const std::string& text) {
  write_if_admitted(kind, {level, text}, kOfMany, 0);
}

void TargetLog::write_if_admitted(const std::string& kind, const Repeats::Line& line,
                                  std::uint64_t a_minute, std::uint32_t uid) {
  {
    const std::lock_guard lock(mutex_);
    if (!repeats_.admit(kind, line, Clock::now(), a_minute, uid)) return;
  }
  write_line(line);
}

void TargetLog::tell_held_back() {
  std::vector<Repeats::HeldBack> due;
  {
    const std::lock_guard lock(mutex_);
    due = repeats_.take_due(Clock::now());
  }
  write_held_back(due);
}

}  // namespace watch
