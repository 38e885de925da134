#include "elf/debug_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <utility>

#include "elf/build_id.h"

namespace elf {
namespace {

constexpr const char* kSystemDirectory = "/usr/lib/debug";
constexpr std::size_t kMinIdDigits = 4;

// The file at `path`, if it has that build id. A pipe or a device must not keep us waiting.
base::UniqueFd open_with_id(const std::string& path, const std::string& build_id) {
  base::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd) return fd;
  const auto file = ElfFile::open(base::UniqueFd(::dup(fd.get())), path);
  if (!file || read_build_id(*file) != build_id) return base::UniqueFd();
  return fd;
}

}  // namespace

base::UniqueFd open_debug_file(const ElfFile& file, const std::vector<std::string>& directories) {
  const std::string build_id = read_build_id(file).value_or("");
  if (build_id.size() < kMinIdDigits) return base::UniqueFd();
  std::vector<std::string> all = directories;
  all.emplace_back(kSystemDirectory);
  for (const std::string& directory : all) {
    const std::string path = fmt::format("{}/.build-id/{}/{}.debug", directory,
                                         build_id.substr(0, 2), build_id.substr(2));
    if (auto fd = open_with_id(path, build_id)) return fd;
  }
  return base::UniqueFd();
}

}  // namespace elf
