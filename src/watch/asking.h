// Reading the memory of many targets at once.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <vector>

#include "model/wanted.h"
#include "probe/readings.h"
#include "watch/state_source.h"
#include "watch/target_list.h"
#include "watch/watched.h"

namespace watch {

// A target while it is read.
struct Asked {
  std::shared_ptr<Watched> target;
  Watched::View view;
  StateSource::Ticket ticket = 0;
  std::optional<StateReading> reading;  // none: its memory can't be read
};

// Asks each wanted target for a reading. Who is not decided is not shown yet, and left out.
std::vector<Asked> ask(const Targets& targets, const model::Wanted& wanted);

// Fills the readings in, whoever answers by the deadline; one that hangs costs the others nothing.
// A reading counts only if the process is still the one that we watch, running what we looked at.
void take_readings(std::vector<Asked>& asked, std::chrono::steady_clock::time_point deadline);

// What is attached, of all targets.
probe::AttachedBySlot attached_by_slot(const Targets& targets);

}  // namespace watch
