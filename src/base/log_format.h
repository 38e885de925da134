// What a log line looks like: for people, for people before a terminal, or for machines.
#pragma once

#include <spdlog/formatter.h>

#include <memory>

namespace base {

enum class LogFormat { kText, kColouredText, kJson };

// One message is one line, whatever stands in it: names in it are chosen by strangers, so it is
// escaped (one_line.h). Times are UTC, in milliseconds, and say so by a Z.
std::unique_ptr<spdlog::formatter> make_log_formatter(LogFormat format);

}  // namespace base
