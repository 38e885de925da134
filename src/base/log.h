// The log goes to stderr: base::log_info("pid {} has ended", pid) and friends. Whoever logs never
// waits for whoever reads stderr.
#pragma once

#include <fmt/core.h>

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"

namespace base {

class LogQueue;

// The process's log: while this lives, lines go into a bounded queue, from which a thread of its
// own writes them to stderr. Past the queue's limit lines are dropped and counted, and a line says
// how many. One at a time.
class Log {
 public:
  // `level` is "debug", "info", "warn" or "error", `format` "text" or "json"; fails on any other
  // word. Call it before other threads start and before anything is opened: of descriptors 0 to 2,
  // those that are closed are taken first, so that no file of ours gets such a number and is
  // written into.
  static Result<std::unique_ptr<Log>> start(const std::string& level, const std::string& format);

  // Waits at most 200 ms for what is queued to be written. What others log later is dropped.
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  // Writes a line that is no log line, such as a command's last word, behind what was logged. One
  // line whatever stands in it (one_line.h).
  void write_line(const std::string& line);

 private:
  explicit Log(std::shared_ptr<LogQueue> queue);

  std::shared_ptr<LogQueue> queue_;  // also the writing thread's, which may outlive this
};

// The lines of this process that nobody will ever read: more than the queue holds, or not to be
// written. Never falls.
std::uint64_t dropped_log_lines();

enum class LogLevel { kDebug, kInfo, kWarn, kError, kCritical };

// What the functions below call. Formatting stands in one file: compiled into each that logs, it
// would take most of their compile time. Where there is no memory for a line, it is counted.
void log_formatted(LogLevel level, fmt::string_view format, fmt::format_args arguments) noexcept;

template <typename... Args>
void log_debug(fmt::format_string<Args...> format, const Args&... arguments) {
  log_formatted(LogLevel::kDebug, format, fmt::make_format_args(arguments...));
}

template <typename... Args>
void log_info(fmt::format_string<Args...> format, const Args&... arguments) {
  log_formatted(LogLevel::kInfo, format, fmt::make_format_args(arguments...));
}

template <typename... Args>
void log_warn(fmt::format_string<Args...> format, const Args&... arguments) {
  log_formatted(LogLevel::kWarn, format, fmt::make_format_args(arguments...));
}

template <typename... Args>
void log_error(fmt::format_string<Args...> format, const Args&... arguments) {
  log_formatted(LogLevel::kError, format, fmt::make_format_args(arguments...));
}

// Before the last thing that we do.
template <typename... Args>
void log_critical(fmt::format_string<Args...> format, const Args&... arguments) {
  log_formatted(LogLevel::kCritical, format, fmt::make_format_args(arguments...));
}

}  // namespace base
