// From an executable's debug information to a layout, in a process of its own.
#pragma once

#include <chrono>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "state/layout.h"

namespace layout {

// The hidden command of ours that does the work, and its options.
inline constexpr const char* kResolveConfined = "resolve-confined";
inline constexpr const char* kResolveName = "--name";
inline constexpr const char* kDebugDirectory = "--debug-dir";
// It finds the executable open under this descriptor.
inline constexpr int kResolvedFd = 3;

inline constexpr std::chrono::seconds kResolveTime{5};

// Runs this program again, confined, to resolve the layout of the executable that is open as `fd`,
// and waits for it, for at most `max_time` or until `stop` is asked for: an executable chooses its
// own debug information, and libdw is not made for hostile files. `name` is for messages. Fails
// when there is no debug information, when it is of no runtime that we know, or when it is broken.
base::Result<state::Layout> resolve_in_child(int fd, const std::string& name,
                                             const std::vector<std::string>& debug_directories,
                                             std::chrono::milliseconds max_time = kResolveTime,
                                             const std::stop_token& stop = {});

// What the hidden command does: confines this process, then writes the layout to stdout, or the
// error, and returns the exit code.
int run_resolve_confined(const std::string& name,
                         const std::vector<std::string>& debug_directories);

}  // namespace layout
