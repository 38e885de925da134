// Compression, of what is sent and of files whose format asks for it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace base {

// `text` in the format of gzip; none where zlib has no memory.
std::optional<std::string> gzip(std::string_view text);

// What gzip() was given, `size` bytes; none where `zipped` is no such thing or there is no memory.
std::optional<std::string> gunzip(std::string_view zipped, std::size_t size);

}  // namespace base
