#include "target/proc_text.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/unique_fd.h"

namespace target {

using base::fail;

base::Result<std::string> read_proc_text(const std::string& path, std::size_t max_bytes) {
  auto text = read_beginning(path, max_bytes + 1);
  if (text && text->size() > max_bytes) return fail("read {}: more than {} bytes", path, max_bytes);
  return text;
}

base::Result<std::string> read_beginning(const std::string& path, std::size_t max_bytes) {
  const base::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return fail("open {}: {}", path, base::errno_text(errno));
  std::string text;
  std::array<char, 16384> buffer;
  while (text.size() < max_bytes) {
    const ssize_t got = ::read(fd.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail("read {}: {}", path, base::errno_text(errno));
    if (got == 0) break;
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  text.resize(std::min(text.size(), max_bytes));
  return text;
}

}  // namespace target
