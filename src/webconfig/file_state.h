// Whether files have changed since somebody looked.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace webconfig {

// By which a change shows: another file under the name (also behind a symbolic link, as Kubernetes
// swaps them), other contents, other rights, or none at all.
struct FileState {
  int error = 0;  // errno of the look; else the rest holds
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t bytes = 0;
  std::int64_t modified_ns = 0;
  std::int64_t changed_ns = 0;

  friend bool operator==(const FileState&, const FileState&) = default;
};

// In the files' order. May take as long as the file system does.
std::vector<FileState> look_at(const std::vector<std::string>& files);

}  // namespace webconfig
