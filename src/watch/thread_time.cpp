#include "watch/thread_time.h"

#include <algorithm>
#include <utility>

namespace watch {

// A thread that is ready to run while all stand still waits for the pause's end, too.
void ThreadTime::look(std::chrono::steady_clock::time_point now, std::optional<bool> is_in_pause) {
  const auto threads = target::look_at_threads(proc_root_, pid_);
  if (!threads) return;
  if (last_) {
    const auto passed = std::chrono::duration_cast<std::chrono::nanoseconds>(now - *last_).count();
    wall_ns_ += threads->size() * static_cast<std::uint64_t>(std::max<std::int64_t>(passed, 0));
  }
  last_ = now;
  add_queued(*threads);
  if (!is_in_pause) is_pause_known_ = false;
  for (const auto& [tid, state, queued_ns] : *threads) {
    if (state == target::ThreadState::kRunning) continue;
    if (is_in_pause.value_or(false)) {
      ++seen_.paused;
    } else if (state == target::ThreadState::kPolling) {
      ++seen_.polling;
    } else {
      ++seen_.blocked;
    }
  }
}

void ThreadTime::add_queued(const std::vector<target::ThreadLook>& threads) {
  std::map<int, std::uint64_t> now;
  for (const auto& [tid, state, queued_ns] : threads) {
    if (!queued_ns) continue;
    now.emplace(tid, *queued_ns);
    if (!queued_ns_) queued_ns_ = 0;
    const auto last = queued_of_.find(tid);
    if (last != queued_of_.end() && last->second < *queued_ns) {
      *queued_ns_ += *queued_ns - last->second;
    }
  }
  queued_of_ = std::move(now);
}

model::ThreadTime ThreadTime::take(model::Count cpu_ns) {
  model::ThreadTime time;
  const std::uint64_t seen = seen_.paused + seen_.polling + seen_.blocked;
  if (cpu_ns && wall_ns_ > 0) {
    const std::uint64_t not_running_ns = wall_ns_ - std::min(wall_ns_, *cpu_ns);
    if (queued_ns_) time.queued_ns = std::min(*queued_ns_, not_running_ns);
    const std::uint64_t waiting_ns = not_running_ns - time.queued_ns.value_or(0);
    const auto share = [&](std::uint64_t count) {
      const double of_all = seen == 0 ? 0 : static_cast<double>(count) / static_cast<double>(seen);
      return static_cast<std::uint64_t>(of_all * static_cast<double>(waiting_ns));
    };
    time.running_ns = cpu_ns;
    if (is_pause_known_) time.paused_ns = share(seen_.paused);
    time.polling_ns = share(seen_.polling);
    time.blocked_ns = share(seen_.blocked);
  }
  wall_ns_ = 0;
  seen_ = {};
  queued_ns_.reset();
  is_pause_known_ = true;
  return time;
}

}  // namespace watch
