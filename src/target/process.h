// Questions to /proc about processes and their executables.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "model/process_id.h"

namespace target {

// An executable, held open: it stays the same file whatever happens to its path. `path` is for
// messages. Uprobes belong to (device, inode).
struct Executable {
  base::UniqueFd fd;
  std::string path;
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
};

// Opens the executable that a process runs, also when it was deleted or lies in a container.
base::Result<Executable> open_executable_of(const std::string& proc_root, int pid);

// Whether our pids are the machine's own, which BPF programs see: false in a container with a pid
// namespace of its own.
bool in_initial_pid_namespace(const std::string& proc_root);

// Opens an executable by its path.
base::Result<Executable> open_executable(const std::string& path);

// A process that exists: who it is and what it calls itself.
struct Process {
  model::ProcessId id;
  std::string comm;
  std::uint32_t uid = 0;
};

// Fails when there is no such process, when it is a zombie, or when its executable can't be seen.
base::Result<Process> identify(const std::string& proc_root, int pid);

// Whether that very process, running that very executable, is still there. It is also while only
// its main thread has left. Where /proc can't be read for another reason than its end (no
// descriptors left, say), it is taken for running: an end is for good.
bool is_running(const std::string& proc_root, const model::ProcessId& id);

// Every process whose executable can be seen, by rising pid. Kernel threads have none.
std::vector<Process> list_processes(const std::string& proc_root);

}  // namespace target
