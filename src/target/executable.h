// The files that processes run, opened. Opening and reading wait where the file system does: only
// for a thread whose hanging hurts nobody.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "target/process.h"

namespace target {

// An executable, held open: it stays the same file whatever happens to its path. `path` is for
// messages.
struct Executable {
  base::UniqueFd fd;
  std::string path;
  FileVersion version{};
};

// Opens the executable that a process runs, also when it was deleted or lies in a container. Fails
// with Cause::kDenied where we may not.
base::Result<Executable> open_executable_of(const std::string& proc_root, int pid);

// Opens an executable by its path.
base::Result<Executable> open_executable(const std::string& path);

// The version that the open file has now.
base::Result<FileVersion> version_of(const Executable& executable);

// Whether this is a dynamic loader, which runs other programs: "ld.so PROGRAM".
bool is_loader(const Executable& executable);

// The files with code that a process has mapped, in the order of their addresses, each once; at
// most 64. Those that can't be opened are left out. Needs CAP_SYS_ADMIN.
std::vector<Executable> open_mapped_code(const std::string& proc_root, int pid);

}  // namespace target
