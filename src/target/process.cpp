#include "target/process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "target/proc_text.h"
#include "target/process_stat.h"

namespace target {
namespace {

using base::Cause;
using base::fail;
using base::Result;

constexpr std::size_t kMaxThreads = 10'000;  // to look through for a living one

bool has_ended(const ProcessStat& stat) {
  return stat.state == 'Z' || stat.state == 'X';
}

// A server that does not answer is not asked: what the kernel remembers is enough to tell files
// apart.
std::optional<struct statx> look_at(const std::string& path) {
  struct statx status {};
  constexpr unsigned kWanted = STATX_BASIC_STATS;
  if (::statx(AT_FDCWD, path.c_str(), AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, kWanted, &status) !=
      0) {
    return std::nullopt;
  }
  return status;
}

FileVersion version_of(const struct statx& status) {
  return {makedev(status.stx_dev_major, status.stx_dev_minor), status.stx_ino, status.stx_size,
          status.stx_ctime.tv_sec, status.stx_ctime.tv_nsec};
}

std::optional<int> parse_pid(const std::string& name) {
  int pid = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
  if (error != std::errc{} || end != name.data() + name.size()) return std::nullopt;
  return pid;
}

// Calls `visit(name)` for the entries of a directory until it says that it has enough.
template <typename Visit>
void visit_numbers(const std::string& directory, Visit visit) {
  std::error_code error;
  std::filesystem::directory_iterator entry(directory, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    const auto number = parse_pid(entry->path().filename().string());
    if (number && !visit(*number)) return;
  }
}

// A process has a number in its own pid namespace and in each above: those that are seen from
// where /proc is of, with tabs between them. Empty: a kernel without such namespaces.
Result<std::string> read_pid_numbers(const std::string& status_path) {
  const auto status = read_proc_text(status_path, 64 * 1024);
  if (!status) return pass_on(status);
  constexpr std::string_view kKey = "\nNSpid:\t";
  const std::size_t key = status->find(kKey);
  if (key == std::string::npos) return std::string();
  const std::size_t begin = key + kKey.size();
  return status->substr(begin, status->find('\n', begin) - begin);
}

// A thread that lives on without the main thread.
std::optional<LivingThread> find_other_thread(const std::string& proc_root, int pid) {
  const std::string tasks = fmt::format("{}/{}/task", proc_root, pid);
  std::optional<LivingThread> found;
  std::size_t looked_at = 0;
  visit_numbers(tasks, [&](int tid) {
    auto stat = read_stat(tasks, tid);
    if (stat && !has_ended(*stat)) found = {fmt::format("{}/{}", tasks, tid), std::move(*stat)};
    return !found && ++looked_at < kMaxThreads;
  });
  return found;
}

}  // namespace

Result<Process> identify(const std::string& proc_root, int pid) {
  const auto stat = read_stat(proc_root, pid);
  if (!stat) return pass_on(stat);
  std::string directory = fmt::format("{}/{}", proc_root, pid);
  if (has_ended(*stat)) {
    const auto thread = find_other_thread(proc_root, pid);
    if (!thread) return fail(Cause::kGone, "process {} has ended (zombie)", pid);
    directory = thread->directory;
  }
  const auto executable = look_at(directory + "/exe");
  if (!executable) {
    const int error = errno;
    if (error != EACCES && error != EPERM) {
      return fail("look at the executable of pid {}: {}", pid, base::errno_text(error));
    }
    return fail(Cause::kDenied,
                "look at the executable of pid {}: {} (another user's: needs CAP_SYS_PTRACE)", pid,
                base::errno_text(error));
  }
  const auto owner = look_at(directory);
  if (!owner) return fail(Cause::kGone, "no process with pid {}", pid);
  const FileVersion file = version_of(*executable);
  // An exec in between has changed both: the comm of the file, then, not that of the one before.
  const auto after = read_stat(proc_root, pid);
  const std::string& comm =
      after && after->start_ticks == stat->start_ticks ? after->comm : stat->comm;
  return Process{{pid, stat->start_ticks, file.device, file.inode}, comm, owner->stx_uid, file};
}

std::string living_directory(const std::string& proc_root, int pid) {
  const auto stat = read_stat(proc_root, pid);
  if (!stat) return fmt::format("{}/{}", proc_root, pid);
  return find_living_thread(proc_root, pid, *stat).directory;
}

LivingThread find_living_thread(const std::string& proc_root, int pid, const ProcessStat& main) {
  LivingThread thread{fmt::format("{}/{}", proc_root, pid), main};
  if (!has_ended(main)) return thread;
  return find_other_thread(proc_root, pid).value_or(std::move(thread));
}

bool has_main_thread(const std::string& proc_root, int pid) {
  const auto stat = read_stat(proc_root, pid);
  return stat && !has_ended(*stat);
}

bool is_denied(const std::string& proc_root, int pid) {
  return !look_at(fmt::format("{}/{}/exe", proc_root, pid)) && (errno == EACCES || errno == EPERM);
}

bool is_running(const std::string& proc_root, const model::ProcessId& id) {
  const auto stat = read_stat(proc_root, id.pid);
  if (!stat) return stat.error().cause != Cause::kGone;
  if (stat->start_ticks != id.start_ticks || stat->state == 'X') return false;
  if (stat->state == 'Z') return find_other_thread(proc_root, id.pid).has_value();
  const auto executable = version_at(fmt::format("{}/{}/exe", proc_root, id.pid));
  return !executable || (executable->device == id.exe_device && executable->inode == id.exe_inode);
}

bool is_younger_than(const std::string& proc_root, const model::ProcessId& id,
                     std::chrono::milliseconds age) {
  const auto text = read_proc_text(proc_root + "/uptime", 4096);
  if (!text) return false;
  const double uptime_seconds = std::strtod(text->c_str(), nullptr);
  const double start_seconds =
      static_cast<double>(id.start_ticks) / static_cast<double>(::sysconf(_SC_CLK_TCK));
  return uptime_seconds - start_seconds < std::chrono::duration<double>(age).count();
}

Result<HeldProcess> HeldProcess::open(int pid) {
  base::UniqueFd fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!fd) {
    return fail(errno == ESRCH ? Cause::kGone : Cause::kOther, "hold pid {}: {}", pid,
                base::errno_text(errno));
  }
  return HeldProcess(std::move(fd));
}

bool HeldProcess::has_ended() const {
  pollfd poll{fd_.get(), POLLIN, 0};
  return ::poll(&poll, 1, 0) > 0;
}

std::vector<int> list_pids(const std::string& proc_root) {
  std::vector<int> pids;
  visit_numbers(proc_root, [&](int pid) {
    pids.push_back(pid);
    return true;
  });
  return pids;
}

std::optional<FileVersion> version_at(const std::string& path) {
  const auto status = look_at(path);
  if (!status) return std::nullopt;
  return version_of(*status);
}

Result<void> check_proc(const std::string& proc_root) {
  const auto numbers = read_pid_numbers(proc_root + "/self/status");
  if (numbers) return {};
  return fail("look at processes in {}: {} (--path.procfs must be a mounted proc file system)",
              proc_root, numbers.error().message);
}

bool shows_own_pid_namespace(const std::string& proc_root) {
  const auto numbers = read_pid_numbers(proc_root + "/self/status");
  return numbers && (numbers->empty() || *numbers == std::to_string(::getpid()));
}

bool is_in_nested_pid_namespace(const std::string& proc_root, int pid) {
  const auto numbers = read_pid_numbers(fmt::format("{}/{}/status", proc_root, pid));
  return numbers && numbers->find('\t') != std::string::npos;
}

std::optional<NamespaceNumber> own_pid_namespace(const std::string& proc_root) {
  constexpr ino_t kInitialPidNamespace = 0xEFFFFFFC;  // PROC_PID_INIT_INO of the kernel
  struct stat status {};
  const std::string link = proc_root + "/self/ns/pid";
  if (::stat(link.c_str(), &status) != 0 || status.st_ino == kInitialPidNamespace) {
    return std::nullopt;
  }
  return NamespaceNumber{status.st_dev, status.st_ino};
}

}  // namespace target
