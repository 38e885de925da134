#include "target/executable.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "target/mapped_file.h"
#include "target/memory_map.h"

namespace target {
namespace {

using base::fail;
using base::Result;

constexpr std::size_t kMaxMappedFiles = 64;

bool is_denied(int error) {
  return error == EACCES || error == EPERM;
}

Result<Executable> open_at(const std::string& path, std::string shown_path) {
  Executable executable{base::UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC)),
                        std::move(shown_path)};
  if (!executable.fd) {
    const int error = errno;
    return fail(is_denied(error) ? base::Cause::kDenied : base::Cause::kOther, "open {}: {}{}",
                executable.path, base::errno_text(error),
                is_denied(error) ? " (needs CAP_DAC_READ_SEARCH)" : "");
  }
  struct stat status {};
  if (::fstat(executable.fd.get(), &status) != 0) {
    return fail("look at {}: {}", executable.path, base::errno_text(errno));
  }
  if (!S_ISREG(status.st_mode)) return fail("open {}: not a regular file", executable.path);
  const auto version = version_of(executable);
  if (!version) return pass_on(version);
  executable.version = *version;
  return executable;
}

}  // namespace

Result<Executable> open_executable_of(const std::string& proc_root, int pid) {
  const std::string link = living_directory(proc_root, pid) + "/exe";
  std::error_code error;
  const std::filesystem::path shown = std::filesystem::read_symlink(link, error);
  if (error) {
    if (is_denied(error.value())) {
      return fail(base::Cause::kDenied,
                  "look at the executable of pid {} ({}): {} (another user's: needs "
                  "CAP_SYS_PTRACE)",
                  pid, link, error.message());
    }
    const bool gone = error == std::errc::no_such_file_or_directory;
    return fail(gone ? base::Cause::kGone : base::Cause::kOther,
                "look at the executable of pid {} ({}): {}{}", pid, link, error.message(),
                gone ? " (a kernel thread, or it ended)" : "");
  }
  return open_at(link, shown.string());
}

Result<Executable> open_executable(const std::string& path) {
  return open_at(path, path);
}

Result<FileVersion> version_of(const Executable& executable) {
  struct stat status {};
  if (::fstat(executable.fd.get(), &status) != 0) {
    return fail("look at {}: {}", executable.path, base::errno_text(errno));
  }
  return FileVersion{status.st_dev, status.st_ino, static_cast<std::uint64_t>(status.st_size),
                     status.st_ctim.tv_sec, status.st_ctim.tv_nsec};
}

bool is_loader(const Executable& executable) {
  const std::string_view path = executable.path;
  const std::string_view name = path.substr(path.rfind('/') + 1);
  return name.starts_with("ld-") || name.starts_with("ld.so") || name.starts_with("ld64.so");
}

std::vector<Executable> open_mapped_code(const std::string& proc_root, int pid) {
  std::vector<Executable> files;
  const auto mappings = read_maps(proc_root, pid);
  if (!mappings) return files;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> seen;
  for (const Mapping& mapping : *mappings) {
    const std::pair key(mapping.device, mapping.inode);
    if (!mapping.executable || mapping.inode == 0) continue;
    if (std::find(seen.begin(), seen.end(), key) != seen.end()) continue;
    if (seen.size() == kMaxMappedFiles) break;
    seen.push_back(key);
    if (auto file = open_mapping(proc_root, pid, mapping)) files.push_back(std::move(*file));
  }
  return files;
}

}  // namespace target
