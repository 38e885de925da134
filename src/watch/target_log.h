// What the log says of targets.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>

#include "base/log.h"
#include "watch/repeats.h"

namespace watch {

// As whom the log knows a target: `process="NAME"`, as the metrics do, with \ before \ and "; of
// one that was chosen by its pid, and has no such label, its comm.
std::string label_of(const std::string& name, const std::string& comm);

// Writes lines about targets to the log, each with who it is of at its beginning. A target that
// starts and ends all the time does not fill the log (repeats.h). Any thread may call it; nobody
// waits.
class TargetLog {
 public:
  // Writes what was held back and not told yet.
  ~TargetLog();

  // `who` as label_of() says; `uid` is whose process it is.
  void tell(base::LogLevel level, const std::string& who, std::uint32_t uid,
            const std::string& text);

  // One of many lines about strangers, of whom there may be as many as a user likes to start: all
  // of a kind count as alike, and kOfMany a minute of them are written.
  void tell_of_many(const std::string& kind, base::LogLevel level, const std::string& text);

  static constexpr std::uint64_t kOfMany = 10;

  // Tells how many lines of the last minute were held back. Call it about once a second.
  void tell_held_back();

 private:
  void write_if_admitted(const std::string& kind, const Repeats::Line& line, std::uint64_t a_minute,
                         std::uint32_t uid);

  std::mutex mutex_;  // over the next
  Repeats repeats_;
};

}  // namespace watch
