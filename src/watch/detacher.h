// Taking probes out, where nobody has to wait for it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <future>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include "probe/attachment.h"
#include "target/process.h"

namespace watch {

// Owns a thread that takes attachments out, all that wait side by side. Any thread may call.
class Detacher {
 public:
  Detacher();
  // Takes out what is left.
  ~Detacher() = default;
  Detacher(const Detacher&) = delete;
  Detacher& operator=(const Detacher&) = delete;

  // `file` is what they are attached to. The result is ready once they are out.
  std::shared_future<void> take(std::vector<probe::Attachment> attachments,
                                const target::FileVersion& file);

  // Waits until nothing is attached any more to another version of the same file: the kernel
  // remembers the instructions under its breakpoints, and would run those of the old version in a
  // process that runs the new one. False: not by then, or somebody wants us to stop.
  bool wait_for_old_versions(const target::FileVersion& file, const std::stop_token& stop,
                             std::chrono::steady_clock::time_point deadline);

 private:
  struct Leaving {
    std::vector<probe::Attachment> attachments;
    target::FileVersion file;
    std::promise<void> out;
  };

  void run(const std::stop_token& stop);
  std::vector<Leaving> take_waiting();
  void detach(std::vector<Leaving> leaving);

  std::mutex mutex_;  // over the next two; not held while anything is taken out
  std::condition_variable_any changed_;
  std::vector<Leaving> waiting_;
  std::vector<target::FileVersion> files_;  // of everything that is not out yet
  std::jthread thread_;                     // the last: it uses the others
};

}  // namespace watch
