// How it is found out by what layout a target's memory is read. In the target's own thread.
#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "state/runtimes/libuv.h"
#include "target/memory_map.h"
#include "target/process_stat.h"
#include "watch/loop_fields.h"
#include "watch/watched.h"

namespace watch {
namespace {

using base::Result;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kFirstReading{200};
// Who has just begun loads its libraries and fills its memory in some milliseconds.
constexpr std::chrono::seconds kYoung{1};
constexpr std::chrono::milliseconds kFilling{200};
constexpr std::chrono::milliseconds kLookAgain{10};

void pause(const std::stop_token& stop, std::chrono::milliseconds time) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, stop, time, [] { return false; });
}

}  // namespace

// Where it can't be read at all, the probes tell what they know. What hangs may come back.
std::shared_ptr<StateSource> Watched::open_state(const std::stop_token& stop) {
  auto found = surroundings_->layouts.find(*identity_.program, layout::kResolveTime, stop);
  if (!found) {
    tell_once(fmt::format("not reading the memory of pid {}: {} (doctor --pid {} tells what to do)",
                          pid(), found.error().message, pid()));
    return nullptr;
  }
  auto opened = open_when_loaded(std::move(*found), stop);
  if (!opened) {
    tell_once(fmt::format("not reading the memory of pid {}: {}", pid(), opened.error().message));
    return nullptr;
  }
  std::shared_ptr<StateSource> state = std::move(*opened);
  const auto filled_by = Clock::now() + (is_young() ? kFilling : std::chrono::milliseconds(0));
  StateReading first = state->read(kFirstReading);
  while (!first.readings && !state->hangs() && !stop.stop_requested() && Clock::now() < filled_by) {
    pause(stop, kLookAgain);
    first = state->read(kFirstReading);
  }
  if (!first.readings) tell_once(first.readings.error().message);
  if (!first.readings && !state->hangs()) return nullptr;
  if (const std::string& problem = state->loop_problem(); !problem.empty()) {
    tell(base::LogLevel::kInfo,
         fmt::format("not reading the event loops of pid {}: {}", pid(), problem));
  }
  tell(base::LogLevel::kInfo, fmt::format("reading the memory of pid {} by the layout {} from {}",
                                          pid(), state->layout_name(), state->layout_origin()));
  return state;
}

// A library that is not there yet may come.
Result<std::unique_ptr<StateSource>> Watched::open_when_loaded(layout::FoundLayout found,
                                                               const std::stop_token& stop) {
  const target::Program& program = *identity_.program;
  const std::string& proc_root = surroundings_->proc_root;
  const auto young_until = Clock::now() + kYoung;
  const bool may_load = is_young();
  while (may_load && state::lacks_libuv_fields(found.layout) && !stop.stop_requested() &&
         Clock::now() < young_until) {
    const auto mappings = target::read_maps(proc_root, pid());
    if (!mappings || check_libuv_of(proc_root, pid(), program, *mappings)) break;
    pause(stop, kLookAgain);
  }
  return StateSource::open(proc_root, pid(), program, std::move(found));
}

// A later image of a process is as new as a new process.
bool Watched::is_young() const {
  return identity_.generation > 0 ||
         target::is_younger_than(surroundings_->proc_root, identity_.process.id, kYoung);
}

}  // namespace watch
