#include "target/mapped_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace target {
namespace {

std::string_view file_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

// A descriptor that opens nothing yet. By the mapping itself, which takes CAP_CHECKPOINT_RESTORE;
// without that at its path as the process sees it, if the same file is there still.
base::UniqueFd find_place(const std::string& proc_root, int pid, const Mapping& mapping,
                          struct stat& status) {
  const std::string link =
      fmt::format("{}/{}/map_files/{:x}-{:x}", proc_root, pid, mapping.start, mapping.end);
  base::UniqueFd place(::open(link.c_str(), O_PATH | O_CLOEXEC));
  if (place && ::fstat(place.get(), &status) == 0) return place;
  const int refused = errno;
  const std::string path = fmt::format("{}/{}/root{}", proc_root, pid, mapping.path);
  place = base::UniqueFd(::open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  const bool is_same = place && ::fstat(place.get(), &status) == 0 &&
                       static_cast<std::uint64_t>(status.st_ino) == mapping.inode;
  if (is_same) return place;
  errno = refused;
  return {};
}

}  // namespace

// The path is the process's own text, and what stands there may be anything: a pipe that nobody
// writes to, say. So it is opened only once it is known to be a file, and the one that is mapped.
base::Result<Executable> open_mapping(const std::string& proc_root, int pid,
                                      const Mapping& mapping) {
  struct stat status {};
  const base::UniqueFd place = find_place(proc_root, pid, mapping, status);
  if (!place) {
    return base::fail("look at {} of pid {}: {} (needs CAP_CHECKPOINT_RESTORE)", mapping.path, pid,
                      base::errno_text(errno));
  }
  if (!S_ISREG(status.st_mode)) {
    return base::fail("look at {} of pid {}: it is no regular file", mapping.path, pid);
  }
  auto file = open_executable(fmt::format("/proc/self/fd/{}", place.get()));
  if (!file) return pass_on(file);
  file->path = mapping.path;
  return file;
}

base::Result<std::optional<Executable>> open_mapped_file(const std::string& proc_root, int pid,
                                                         std::span<const Mapping> mappings,
                                                         std::string_view name_begin) {
  const auto mapping = std::find_if(mappings.begin(), mappings.end(), [&](const Mapping& any) {
    return any.inode != 0 && any.path.starts_with('/') &&
           file_name(any.path).starts_with(name_begin);
  });
  if (mapping == mappings.end()) return std::optional<Executable>();
  auto file = open_mapping(proc_root, pid, *mapping);
  if (!file) return pass_on(file);
  return std::optional(std::move(*file));
}

}  // namespace target
