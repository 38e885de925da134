// Whether the probes told of everything that the runtime counted.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>

#include "model/event_counts.h"

namespace watch {

// Compares one count of the runtime's own with that of its probe, since both were first compared.
//
// The two are never read at one instant, and the runtime counts an event a moment before or after
// its probe fires. So for the beginning the probe's count is read first, and from then on the
// runtime's: then what happens between the two readings makes the shortfall smaller, never larger.
// The smallest of five comparisons, a second apart, leaves out what is on its way, and the largest
// of these so far is the answer: a counter never falls. What was missed is thus seen after five
// seconds, and the events between the two readings of the beginning (microseconds) are left out.
class Shortfall {
 public:
  Shortfall(std::uint64_t runtime, std::uint64_t probe);

  void compare(std::uint64_t runtime, std::uint64_t probe);

  // The probe is out: what happens until begin_again() is nobody's fault.
  void pause() { is_paused_ = true; }
  bool is_paused() const { return is_paused_; }
  // The probe is back. As at the beginning, its count was read first.
  void begin_again(std::uint64_t runtime, std::uint64_t probe);

  // Events that the probe has missed for sure.
  std::uint64_t missed() const { return missed_; }

  // Whether it has missed some and told of none, since it began or began again.
  bool is_silent() const { return missed_ > missed_at_begin_ && probe_ == probe_at_begin_; }

 private:
  static constexpr std::size_t kComparisons = 5;

  std::uint64_t lead_at_begin_;  // of the runtime's count; modulo 2^64
  std::deque<std::uint64_t> last_;
  std::uint64_t missed_ = 0;
  std::uint64_t missed_at_begin_ = 0;  // when it last began again
  bool is_paused_ = false;
  std::uint64_t probe_at_begin_;
  std::uint64_t probe_;  // its count, last
};

using model::EventCounts;

// Of one target: the three comparisons. Each begins when both sides know the event.
class Audit {
 public:
  // Whether a comparison is still to begin: then the probes must be read before the runtime, too.
  bool waits_to_begin() const;

  // The runtime's counts, read after `probes_before` and before `probes_after`.
  void compare(const EventCounts& probes_before, const EventCounts& runtime,
               const EventCounts& probes_after);

  // Missed so far, by event; absent where it isn't compared.
  EventCounts missed() const;

  // Whether the event's probe is attached where it never fires: then it knows nothing, not 0.
  bool is_silent(model::Count EventCounts::*event) const;

 private:
  std::array<std::optional<Shortfall>, 3> shortfalls_;
};

// Adds to a sum that is absent as long as nothing was added.
void add(EventCounts& sum, const EventCounts& more);

}  // namespace watch
