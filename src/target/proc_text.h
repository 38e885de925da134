// Reading of small files below /proc.
#pragma once

#include <optional>
#include <string>

namespace target {

// The file's text, cut after 64 KiB; nothing if it can't be read.
std::optional<std::string> read_text(const std::string& path);

}  // namespace target
