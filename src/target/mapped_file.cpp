#include "target/mapped_file.h"

#include <algorithm>
#include <utility>

namespace target {
namespace {

std::string_view file_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

}  // namespace

base::Result<std::optional<Executable>> open_mapped_file(const std::string& proc_root, int pid,
                                                         std::span<const Mapping> mappings,
                                                         std::string_view name_begin) {
  const auto mapping = std::find_if(mappings.begin(), mappings.end(), [&](const Mapping& any) {
    return any.inode != 0 && any.path.starts_with('/') &&
           file_name(any.path).starts_with(name_begin);
  });
  if (mapping == mappings.end()) return std::optional<Executable>();
  // As the process sees it: it may live in a container.
  const std::string path = fmt::format("{}/{}/root{}", proc_root, pid, mapping->path);
  auto file = open_executable(path);
  if (!file) return tl::make_unexpected(file.error());
  if (file->device != mapping->device || file->inode != mapping->inode) {
    return base::fail("look at {} of pid {}: it was replaced since it was loaded", mapping->path,
                      pid);
  }
  return std::optional(std::move(*file));
}

}  // namespace target
