// Questions to /proc about processes. What is asked here of a process answers at once, also where
// its executable lies on a file system that hangs: nothing of it is opened.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "model/process_id.h"
#include "target/process_stat.h"

namespace target {

// What there is to a file, but for its bytes: another version has other bytes, maybe.
struct FileVersion {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size_bytes = 0;
  std::int64_t changed_seconds = 0;  // its last change, of bytes or anything else
  std::int64_t changed_ns = 0;

  friend auto operator<=>(const FileVersion&, const FileVersion&) = default;
};

// A process that exists: who it is and what it calls itself. `file` is its executable.
struct Process {
  model::ProcessId id;
  std::string comm;
  std::uint32_t uid = 0;
  FileVersion file;
};

// Fails when there is no such process (Cause::kGone), when it is a zombie, or when its executable
// can't be seen (Cause::kDenied where we may not). One whose main thread has left and whose others
// go on is alive.
base::Result<Process> identify(const std::string& proc_root, int pid);

// Where /proc tells of the process: "/proc/PID", or of one of its threads where the main thread has
// left: nothing but that is told of the main thread then.
std::string living_directory(const std::string& proc_root, int pid);

// A thread that tells of the whole process, as it was when it was looked at.
struct LivingThread {
  std::string directory;  // as living_directory()
  ProcessStat stat;
};

// The main thread, or another one where that has left. `main` is what was just read of the main
// thread, which is given back where no thread lives.
LivingThread find_living_thread(const std::string& proc_root, int pid, const ProcessStat& main);

// Whether its main thread is still there.
bool has_main_thread(const std::string& proc_root, int pid);

// Whether we lack the right to see which file it runs.
bool is_denied(const std::string& proc_root, int pid);

// Whether that very process, running that very executable, is still there. Where /proc can't be
// read for another reason than its end (no descriptors left, say), it is taken for running: an end
// is for good.
bool is_running(const std::string& proc_root, const model::ProcessId& id);

// Whether the process was started less than `age` ago; false where that can't be told.
bool is_younger_than(const std::string& proc_root, const model::ProcessId& id,
                     std::chrono::milliseconds age);

// A process, held: the number may be given to another one, this may not.
class HeldProcess {
 public:
  // Fails when there is no such process (Cause::kGone).
  static base::Result<HeldProcess> open(int pid);

  // Whether all of its threads have ended.
  bool has_ended() const;

  // Readable once it has ended.
  int fd() const { return fd_.get(); }

 private:
  explicit HeldProcess(base::UniqueFd fd) : fd_(std::move(fd)) {}

  base::UniqueFd fd_;
};

// The pids that there are, in no order. Kernel threads are among them.
std::vector<int> list_pids(const std::string& proc_root);

// The version of the file at `path`, as far as is known without asking a server for it.
std::optional<FileVersion> version_at(const std::string& path);

// Fails where nothing is told of ourselves there: it is no /proc.
base::Result<void> check_proc(const std::string& proc_root);

// Whether /proc is of our own pid namespace. If not, its numbers are not ours.
bool shows_own_pid_namespace(const std::string& proc_root);

// Whether the process has a number of its own in a pid namespace below ours.
bool is_in_nested_pid_namespace(const std::string& proc_root, int pid);

// Our pid namespace; none where it is the machine's own.
struct NamespaceNumber {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
};
std::optional<NamespaceNumber> own_pid_namespace(const std::string& proc_root);

}  // namespace target
