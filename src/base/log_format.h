// What a log line looks like: for people, for people before a terminal, or for machines.
#pragma once

#include <spdlog/formatter.h>

#include <memory>

namespace base {

enum class LogFormat { kText, kColouredText, kJson };

// One message is one line, whatever stands in it: names in it are chosen by strangers, so control
// characters are escaped. In JSON, what is no UTF-8 is replaced besides.
std::unique_ptr<spdlog::formatter> make_log_formatter(LogFormat format);

}  // namespace base
