// Where a file says that more of its debug information stands. It may say anything.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace elf {

// What dwz took out of several files and put into one that they share.
struct AlternateLink {
  std::string path;      // where it was when it was made
  std::string build_id;  // lower-case hexadecimal digits
};

// Parses the bytes of .gnu_debugaltlink: any bytes.
std::optional<AlternateLink> parse_alternate_link(std::string_view section);

// Parses the bytes of .gnu_debuglink: any bytes. The name of a file without its directory.
std::optional<std::string> parse_debug_link(std::string_view section);

// The last part of a path, if that can be the name of a file in any directory and leads nowhere
// else; or else empty.
std::string file_name_of(std::string_view path);

}  // namespace elf
