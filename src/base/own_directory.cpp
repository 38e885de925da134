#include "base/own_directory.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace base {

Result<void> require_own_directory(const std::string& directory) {
  struct stat status {};
  if (::lstat(directory.c_str(), &status) != 0) {
    return fail(errno == ENOENT ? Cause::kGone : Cause::kOther, "{}", errno_text(errno));
  }
  const bool is_ours =
      S_ISDIR(status.st_mode) && status.st_uid == ::geteuid() && (status.st_mode & 077) == 0;
  if (is_ours) return {};
  return fail("not a directory that only we can read and write (chmod 700, or delete it)");
}

}  // namespace base
