// Compression of what is sent.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace http {

// `text` in the format of gzip; none where zlib has no memory.
std::optional<std::string> gzip(std::string_view text);

}  // namespace http
