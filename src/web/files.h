// The page /debug/ as files that are part of this program. They are made of the sources beside this
// header by build.mjs (see CMakeLists.txt); a build without the page has none.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace web {

struct File {
  std::string_view path;  // below /debug/; empty: the page itself
  std::string_view content_type;
  std::span<const unsigned char> gzipped;
  std::size_t bytes;  // before that
};

std::span<const File> files();

}  // namespace web
