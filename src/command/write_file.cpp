#include "command/write_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <utility>

#include "base/unique_fd.h"

namespace command {
namespace {

base::Result<void> write_to(base::UniqueFd fd, const std::string& path, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(fd.get(), text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return base::fail("write {}: {}", path, base::errno_text(errno));
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

}  // namespace

base::Result<void> write_file(const std::string& path, std::string_view text) {
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
    base::UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!fd) return base::fail("write {}: {}", path, base::errno_text(errno));
    return write_to(std::move(fd), path, text);
  }
  std::string beside = path + ".XXXXXX";
  base::UniqueFd fd(::mkostemp(beside.data(), O_CLOEXEC));
  if (!fd) return base::fail("write {}: {}", path, base::errno_text(errno));
  ::fchmod(fd.get(), 0644);
  auto written = write_to(std::move(fd), path, text);
  if (written && ::rename(beside.c_str(), path.c_str()) != 0) {
    written = base::fail("write {}: {}", path, base::errno_text(errno));
  }
  if (!written) ::unlink(beside.c_str());
  return written;
}

}  // namespace command
