// The last pauses, from /debug/gc-events.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace terminal {

// One garbage collection. Sizes are in bytes.
struct Pause {
  std::uint64_t sequence = 0;
  std::string process;
  double unix_ms = 0;
  std::optional<double> pause_ms, safepoint_ms;
  std::optional<double> used_before, used_after;
  std::string reason;  // empty: unknown
  std::optional<bool> world_stopped;
  std::optional<double> requests_hit;
};

// The newest pauses of each target that one exporter told of. Asked for with query(), fed with
// take(), until that says that nothing is left.
class PauseLog {
 public:
  // What follows /debug/gc-events.
  std::string query() const;

  // True: ask again, there is more. Fails where it is no such document; what was known stays.
  base::Result<bool> take(std::string_view json);

  // Of all targets, oldest first; of each at most 100.
  const std::deque<Pause>& pauses() const { return pauses_; }

 private:
  // How many requests a pause hit is known when the last of them has ended: so the newest ones are
  // read anew until then.
  std::uint64_t read_anew_from() const;
  void keep(Pause pause);

  std::string epoch_;
  std::uint64_t last_ = 0;  // the sequence that was read last
  std::deque<Pause> pauses_;
};

}  // namespace terminal
