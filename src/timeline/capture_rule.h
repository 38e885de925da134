// When the flight recorder keeps what it has: the rules of --capture.when.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace timeline {

struct CaptureRule {
  enum class Kind { kGcPause, kLoopStall, kGcPauseShare, kTargetDown };
  Kind kind = Kind::kGcPause;
  std::uint64_t limit_ns = 0;   // of kGcPause and kLoopStall: fires above
  double share = 0;             // of kGcPauseShare: fires above, of ...
  std::uint64_t window_ns = 0;  // ... so much time
  std::string text;             // in one form, however it was written: names the rule
};

// "gc_pause > 50ms", "loop_stall > 0.2s", "gc_pause_share > 20% for 10s" or "target_down", with
// spaces anywhere but in words and numbers. What can't be read is an error with its position, the
// first character being 1.
base::Result<CaptureRule> parse_capture_rule(std::string_view text);

// All of them. Fails for a rule that stands there twice, and for more than 16.
base::Result<std::vector<CaptureRule>> parse_capture_rules(const std::vector<std::string>& texts);

}  // namespace timeline
