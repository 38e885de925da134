// Compression, of what is sent and of files whose format asks for it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace base {

// `text` in the format of gzip; none where there is no memory for it.
std::optional<std::string> gzip(std::string_view text);

// The text that gzip() or another made this of; none where it is damaged, or longer than this.
std::optional<std::string> gunzip(std::string_view compressed, std::size_t max_bytes);

}  // namespace base
