// Who is watched, from exec to exit.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "probe/process_events.h"
#include "target/selection.h"
#include "watch/config.h"
#include "watch/loose_thread.h"
#include "watch/recogniser.h"
#include "watch/target_list.h"

namespace watch {

// Owns the thread that follows processes: it is told by the kernel when one calls exec, is forked
// or ends, chooses by the selection, lets the chosen ones be looked at, gives those that are
// recognised a slot and puts them on the list. It looks through all pids at the start and then now
// and then. Nothing that it does itself waits for another process, a file or a lock that is held
// for longer than a moment.
class Discovery {
 public:
  // `list` outlives it.
  static base::Result<std::unique_ptr<Discovery>> start(
      const Config& config, const std::shared_ptr<Surroundings>& surroundings, TargetList& list);
  // Ends all targets and waits until their probes are out.
  ~Discovery();
  Discovery(const Discovery&) = delete;
  Discovery& operator=(const Discovery&) = delete;

  // Whether everybody who was there at the start has been looked at by then.
  bool wait_for_first_look(std::chrono::steady_clock::time_point deadline);

  // What was missed by targets that are gone.
  model::EventCounts missed_by_ended() const;

 private:
  using Clock = std::chrono::steady_clock;
  struct Leaving {
    std::shared_ptr<Watched> target;
    std::shared_future<void> out;
  };
  struct Later {
    Clock::time_point when;
    int pid;
  };

  Discovery(const Config& config, std::shared_ptr<Surroundings> surroundings, TargetList& list,
            probe::ProcessEventReader events, base::UniqueFd epoll, base::UniqueFd wake);

  // All of these: its thread.
  void run(const std::stop_token& stop);
  void wait_for_news();
  void take_events();
  void handle_events();
  void handle_recognised();
  void tick();
  void consider_later_ones();
  void look_through();
  void consider(int pid);
  bool is_selected(const target::Process& process);
  void begin(Recognised recognised);
  base::Result<std::shared_ptr<Watched>> make_target(Recognised recognised, std::uint32_t slot);
  void retire_ended();
  void retire(std::size_t index);
  std::string reason_of_end(const Watched& target);
  void sweep_leaving();
  void remember(const Identity& identity);
  void publish();
  void end_all();
  Watched* find(int pid);
  std::optional<std::uint32_t> free_slot() const;
  std::string free_name(const std::string& wanted) const;
  void tell_no_room(int pid);

  const Config config_;
  const std::shared_ptr<Surroundings> surroundings_;
  TargetList& list_;
  probe::ProcessEventReader events_;
  const base::UniqueFd epoll_;
  const base::UniqueFd wake_;
  Recogniser recogniser_;

  std::vector<std::shared_ptr<Watched>> targets_;
  std::vector<Leaving> leaving_;                          // whose slots are still taken
  std::unordered_set<int> seen_;                          // pids that are nobody new
  std::vector<Later> later_;                              // to be considered again
  std::map<int, std::uint32_t> generations_;              // of pids of targets
  std::optional<std::uint64_t> one_process_start_ticks_;  // once it was seen
  std::vector<Ended> ended_;
  std::unordered_set<int> no_room_;             // pids that would be watched
  std::vector<probe::ProcessEvent> news_;       // taken off the ring, and to be handled
  std::map<int, std::uint32_t> wait_statuses_;  // of pids of targets that have ended
  Clock::time_point next_tick_{};
  Clock::time_point next_look_through_{};

  mutable std::mutex mutex_;  // over the next two
  model::EventCounts missed_by_ended_;
  bool has_looked_ = false;
  std::condition_variable looked_;

  std::optional<LooseThread> thread_;
};

}  // namespace watch
