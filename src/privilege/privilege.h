// What we are allowed to do, thread by thread, and how little of it each keeps.
#pragma once

#include <string>

#include "base/result.h"

namespace privilege {

// The capabilities that attaching needs and this process lacks, such as "CAP_BPF, CAP_PERFMON".
std::string missing_to_attach();

// Fails, naming what is missing, unless this process may load BPF programs, attach uprobes and look
// at other users' processes.
base::Result<void> require_to_attach();

// What a thread does, by which it is known what it needs.
enum class Task {
  kAttach,      // finds processes, opens what they run, attaches, and starts confined children
  kReadMemory,  // reads the memory of processes
  kNothing,     // serves, counts, detaches
};

// Leaves the calling thread, and those that it starts, with what the task needs; whatever it lacks
// already stays missing. What a thread has given up it can't get back: it gains nothing by running
// another program either. Fails where the kernel refuses.
base::Result<void> keep_only(Task task);

}  // namespace privilege
