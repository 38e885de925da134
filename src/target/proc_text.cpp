#include "target/proc_text.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>

#include "base/unique_fd.h"

namespace target {
namespace {

constexpr std::size_t kMaxBytes = 64 * 1024;

}  // namespace

std::optional<std::string> read_text(const std::string& path) {
  const base::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return std::nullopt;
  std::string text;
  std::array<char, 4096> chunk;
  while (text.size() < kMaxBytes) {
    const ssize_t size = ::read(fd.get(), chunk.data(), chunk.size());
    if (size < 0) return std::nullopt;
    if (size == 0) break;
    text.append(chunk.data(), static_cast<std::size_t>(size));
  }
  return text;
}

}  // namespace target
