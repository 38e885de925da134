// How `doctor` judges the process itself: facts in, checks out, nothing asked of the system.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "inspect/checks.h"
#include "model/snapshot.h"

namespace inspect {

// A process that can't be looked at: it is not there, or we may not.
model::Check judge_unseen(const base::Error& error);

// A process whose program can't be read.
model::Check judge_unread(const base::Error& error);

// Of any of its threads.
model::Check judge_seccomp(bool is_under_seccomp);

// None: it can't be told.
model::Check judge_run_state(int pid, std::optional<model::ProcessState> state);

// Of a process that was started through a dynamic loader: its name, and the recognised file that it
// has loaded. Empty: none of its files is recognised.
model::Check judge_loader(const std::string& loader, const std::string& comm,
                          const std::string& loaded);

}  // namespace inspect
