#include "target/process.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <system_error>

#include "target/process_stat.h"

namespace target {
namespace {

using base::fail;
using base::Result;

std::string exe_path(const std::string& proc_root, int pid) {
  return fmt::format("{}/{}/exe", proc_root, pid);
}

Result<Executable> open_at(const std::string& path, std::string shown_path) {
  Executable executable{base::UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC)),
                        std::move(shown_path)};
  if (!executable.fd) return fail("open {}: {}", executable.path, base::errno_text(errno));
  struct stat status {};
  if (::fstat(executable.fd.get(), &status) != 0) {
    return fail("look at {}: {}", executable.path, base::errno_text(errno));
  }
  if (!S_ISREG(status.st_mode)) return fail("open {}: not a regular file", executable.path);
  executable.device = status.st_dev;
  executable.inode = status.st_ino;
  return executable;
}

// A zombie main thread with other threads: it called pthread_exit, the process goes on.
bool has_other_threads(const std::string& proc_root, int pid) {
  std::error_code error;
  std::filesystem::directory_iterator entry(fmt::format("{}/{}/task", proc_root, pid), error);
  std::size_t threads = 0;
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    ++threads;
  }
  return threads > 1;
}

}  // namespace

Result<Executable> open_executable_of(const std::string& proc_root, int pid) {
  const std::string link = exe_path(proc_root, pid);
  std::error_code error;
  const std::filesystem::path shown = std::filesystem::read_symlink(link, error);
  if (error) {
    return fail(
        "look at the executable of pid {} ({}): {}{}", pid, link, error.message(),
        error == std::errc::no_such_file_or_directory ? " (a kernel thread, or it ended)" : "");
  }
  return open_at(link, shown.string());
}

Result<Executable> open_executable(const std::string& path) {
  return open_at(path, path);
}

Result<Process> identify(const std::string& proc_root, int pid) {
  const auto stat = read_stat(proc_root, pid);
  if (!stat) return base::pass_on(stat);
  if (stat->state == 'Z' || stat->state == 'X') return fail("process {} has ended (zombie)", pid);
  struct stat exe {};
  if (::stat(exe_path(proc_root, pid).c_str(), &exe) != 0) {
    return fail("look at the executable of pid {}: {}", pid, base::errno_text(errno));
  }
  struct stat directory {};
  if (::stat(fmt::format("{}/{}", proc_root, pid).c_str(), &directory) != 0) {
    return fail("no process with pid {}", pid);
  }
  return Process{{pid, stat->start_ticks, exe.st_dev, exe.st_ino}, stat->comm, directory.st_uid};
}

bool is_running(const std::string& proc_root, const model::ProcessId& id) {
  errno = 0;
  const auto stat = read_stat(proc_root, id.pid);
  if (!stat) return errno != ENOENT && errno != ESRCH;
  if (stat->start_ticks != id.start_ticks || stat->state == 'X') return false;
  if (stat->state == 'Z') return has_other_threads(proc_root, id.pid);
  struct stat exe {};
  if (::stat(exe_path(proc_root, id.pid).c_str(), &exe) != 0) return true;
  return exe.st_dev == id.exe_device && exe.st_ino == id.exe_inode;
}

bool in_initial_pid_namespace(const std::string& proc_root) {
  constexpr ino_t kInitialPidNamespace = 0xEFFFFFFC;  // PROC_PID_INIT_INO of the kernel
  struct stat status {};
  return ::stat((proc_root + "/self/ns/pid").c_str(), &status) == 0 &&
         status.st_ino == kInitialPidNamespace;
}

std::vector<Process> list_processes(const std::string& proc_root) {
  std::vector<Process> found;
  std::error_code error;
  for (auto entry = std::filesystem::directory_iterator(proc_root, error);
       !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    int pid = 0;
    const auto [end, parse_error] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (parse_error != std::errc{} || end != name.data() + name.size()) continue;
    if (auto process = identify(proc_root, pid)) found.push_back(std::move(*process));
  }
  std::sort(found.begin(), found.end(),
            [](const Process& a, const Process& b) { return a.id.pid < b.id.pid; });
  return found;
}

}  // namespace target
