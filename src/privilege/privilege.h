// What we are allowed to do, thread by thread, and how little of it each keeps.
#pragma once

#include <functional>

#include "base/result.h"

namespace privilege {

// Fails, naming what is missing, unless this process may load BPF programs, attach uprobes and look
// at other users' processes. `by_perf_events`: this kernel has no better way to attach.
base::Result<void> require_to_attach(bool by_perf_events);

// Before any thread starts that is to have capabilities: checks what require_to_attach() does,
// and makes the process one that can't gain anything (no_new_privs), into whose
// memory only who may trace everybody can look (not dumpable), that keeps no capability beyond what
// some task needs, nor in its bounding set, and that never calls what no task calls
// (forbidden_calls.h).
base::Result<void> begin(bool by_perf_events);

// What a thread does, by which it is known what it needs.
enum class Task {
  kAttach,      // finds processes, opens what they run, attaches, and starts confined children
  kReadMemory,  // reads the memory of processes
  kWriteFiles,  // writes captures, and what we remember
  kServe,       // answers strangers over HTTP: reads counters, and makes texts of them
  kNothing,     // counts, detaches
};

// Leaves the calling thread, and those that it starts, with what the task needs, in capabilities
// and in system calls; whatever it lacks already stays missing. What a thread has given up it can't
// get back: it gains nothing by running another program either. Fails where the kernel refuses.
base::Result<void> keep_only(Task task);

// Runs the work in a thread of its own that keeps only what the task needs, and waits for it: the
// threads that the work starts are born with no more. Fails as keep_only() and the work do.
base::Result<void> run_with_only(Task task, const std::function<base::Result<void>()>& work);

}  // namespace privilege
