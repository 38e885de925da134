// A part of this program that runs as a process of its own, without rights, since what it works on
// may be made to break it.
#pragma once

#include <chrono>
#include <cstddef>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"

namespace confined {

// What the process is for. It is this program again, called by a hidden command of its own that
// begins with confine_process() (confinement.h).
struct Task {
  std::string command;
  std::vector<std::string> arguments{};
  // What it works on, since it can't open anything: descriptors of ours, which it has as kFirstFile
  // and up. -1: it has none under that number.
  std::vector<int> files{};
  std::size_t max_answer_bytes = 1024 * 1024;
};

inline constexpr int kFirstFile = 3;

// How long somebody waits: until the deadline, or until he is asked to stop.
struct Patience {
  std::chrono::steady_clock::time_point deadline;
  std::stop_token stop;
};

enum class Ending {
  kExited,   // by itself, with `code`
  kKilled,   // by the signal `code`: it crashed, or used more than it may
  kTimeout,  // no answer until the deadline
  kStopped,  // we were asked to stop
  kTooLong,  // more to say than max_answer_bytes
};

// What became of it.
struct Outcome {
  Ending ending = Ending::kExited;
  int code = 0;
  std::string answer;  // all that it wrote to stdout; whole only where it has exited
};

// Runs it and waits for its end. Nothing is left of it afterwards, however it ended. The process
// has its standard input and error closed to the world, no descriptor but those above, an empty
// environment, and it dies with the thread that calls this. Fails where it can't be started. Any
// thread; one that was started by root needs CAP_SETUID, CAP_SETGID and CAP_SYS_CHROOT for the
// process to give its rights up, and CAP_KILL to end it then.
base::Result<Outcome> run(const Task& task, const Patience& patience);

// In that process: whether it was given a file under this number.
bool has_file(int number);

}  // namespace confined
