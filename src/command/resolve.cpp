#include "command/resolve.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "base/unique_fd.h"
#include "command/print.h"
#include "layout/executable_layout.h"
#include "layout/layout_resolution.h"

namespace command {
namespace {

base::Result<void> write_to(base::UniqueFd fd, const std::string& path, const std::string& text) {
  const ssize_t count = ::write(fd.get(), text.data(), text.size());
  if (count < 0) return base::fail("write {}: {}", path, base::errno_text(errno));
  if (static_cast<std::size_t>(count) < text.size()) {
    return base::fail("write {}: only {} of {} bytes fit", path, count, text.size());
  }
  return {};
}

// A file is written beside its place and then moved there: never half a file. What is there and no
// file, such as a device, is written into.
base::Result<void> write_file(const std::string& path, const std::string& text) {
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

}  // namespace

base::Result<int> run_resolve(const ResolveOptions& options) {
  const auto resolved = layout::resolve_executable(options.executable, options.debug_directories);
  if (!resolved) return base::pass_on(resolved);
  const auto written =
      options.output.empty() ? print(resolved->text) : write_file(options.output, resolved->text);
  if (!written) return base::pass_on(written);
  std::fprintf(stderr, "%s\n", resolved->summary.c_str());
  for (const std::string& missing : resolved->missing) {
    std::fprintf(stderr, "missing: %s\n", missing.c_str());
  }
  return 0;
}

int run_resolve_confined(const ResolveOptions& options) {
  return layout::run_resolve_confined(options.name);
}

}  // namespace command
