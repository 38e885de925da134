// The log goes to stderr through spdlog's default logger; use spdlog::info() and friends.
#pragma once

#include <string>

#include "base/result.h"

namespace base {

// Sets level ("debug", "info", "warn", "error") and format ("text", "json") for the process.
// Call once, before threads start. Fails on a word that is neither.
Result<void> configure_log(const std::string& level, const std::string& format);

}  // namespace base
