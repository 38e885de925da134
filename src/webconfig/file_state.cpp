#include "webconfig/file_state.h"

#include <sys/stat.h>

#include <cerrno>

namespace webconfig {
namespace {

std::int64_t ns_of(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

std::vector<FileState> look_at(const std::vector<std::string>& files) {
  std::vector<FileState> states;
  for (const std::string& file : files) {
    FileState& state = states.emplace_back();
    struct stat found {};
    if (::stat(file.c_str(), &found) != 0) {
      state.error = errno;
      continue;
    }
    state.device = found.st_dev;
    state.inode = found.st_ino;
    state.bytes = found.st_size;
    state.modified_ns = ns_of(found.st_mtim);
    state.changed_ns = ns_of(found.st_ctim);
  }
  return states;
}

}  // namespace webconfig
