// From an executable's debug information to a layout, in a process of its own.
#pragma once

#include <chrono>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "confined/task.h"
#include "state/layout.h"

namespace layout {

// The hidden command of ours that does the work, and its options.
inline constexpr const char* kResolveConfined = "resolve-confined";
inline constexpr const char* kResolveName = "--name";
// It has these files open, the last two only where there are such (elf/debug_file.h).
inline constexpr int kResolvedFd = confined::kFirstFile;
inline constexpr int kSeparateFd = confined::kFirstFile + 1;
inline constexpr int kAlternateFd = confined::kFirstFile + 2;

inline constexpr std::chrono::seconds kResolveTime{5};

// Opens what belongs to the executable that is open as `fd`, runs this program again, confined, to
// resolve its layout, and waits for it, for at most `max_time` or until `stop` is asked for: an
// executable chooses its own debug information, and libdw is not made for hostile files. `name` is
// for messages. Fails when there is no debug information, when it is of no runtime that we know, or
// when it is broken; with the cause kTimeout when there was no answer in time.
base::Result<state::Layout> resolve_in_child(int fd, const std::string& name,
                                             const std::vector<std::string>& debug_directories,
                                             std::chrono::milliseconds max_time = kResolveTime,
                                             const std::stop_token& stop = {});

// What the hidden command does: confines this process, then writes the layout to stdout, or the
// error, and returns the exit code.
int run_resolve_confined(const std::string& name);

}  // namespace layout
