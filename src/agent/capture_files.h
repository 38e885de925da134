// The thread that keeps captures on disk.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "timeline/capture_directory.h"
#include "timeline/captures.h"
#include "watch/loose_thread.h"

namespace agent {

// Owns a thread that first reads what the directory holds into the store, and then writes and
// removes as it is told. It may hang with its disk, and nobody waits for it: past a few captures
// that wait for it, further ones are not written, and are counted.
class CaptureFiles {
 public:
  static base::Result<std::unique_ptr<CaptureFiles>> start(
      timeline::CaptureDirectory directory, std::shared_ptr<timeline::Captures> store);

  // Any thread; doesn't wait.
  void write(timeline::Captures::Kept capture);
  void remove(std::vector<std::string> ids);

  std::uint64_t unwritten() const;

 private:
  struct State;  // also the thread's, which may be left behind

  CaptureFiles(std::shared_ptr<State> state, watch::LooseThread thread);

  std::shared_ptr<State> state_;
  watch::LooseThread thread_;
};

}  // namespace agent
