// Execs, forks and ends, as the kernel tells of them.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/result.h"
#include "probe/programs.h"

struct ring_buffer;

namespace probe {

struct ProcessEvent {
  enum class Kind { kExec, kForked, kEnded };
  Kind kind = Kind::kExec;
  int pid = 0;                    // 0: a child that our pid namespace has another number for
  std::uint32_t wait_status = 0;  // of an end, as wait(2) gives it
};

// What has happened since the last look. `lost`: there was more than the ring had room for.
struct ProcessEvents {
  std::vector<ProcessEvent> events;
  bool lost = false;
};

// Takes the events off the ring. One thread at a time; the programs outlive it.
class ProcessEventReader {
 public:
  static base::Result<ProcessEventReader> open(const Programs& programs);
  ProcessEventReader(ProcessEventReader&&) noexcept;
  ProcessEventReader& operator=(ProcessEventReader&&) = delete;
  ~ProcessEventReader();

  // Readable while there is something to take.
  int fd() const;

  // Takes what is there, without waiting.
  ProcessEvents drain();

 private:
  struct Taken;
  ProcessEventReader(const Programs& programs, std::unique_ptr<Taken> taken);
  std::uint64_t lost_so_far() const;

  const Programs* programs_;
  std::unique_ptr<Taken> taken_;
  std::uint64_t lost_ = 0;
};

}  // namespace probe
