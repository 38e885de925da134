// Who is watched, from exec to exit.
#pragma once

#include <atomic>
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
#include "watch/names.h"
#include "watch/places.h"
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

  // How often its thread has gone round, which it does each second at least: whether it hangs.
  std::uint64_t turns() const { return turns_; }

  // What was missed by targets that are gone.
  model::EventCounts missed_by_ended() const;

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::size_t kMaxLater = 1'000;  // past it, an exec or a restart finds them
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

  base::Result<void> follow(int fd);  // until it is readable

  // All of these: its thread. discovery.cpp
  void run(const std::stop_token& stop);
  void wait_for_news();
  void take_events();
  void handle_events();
  void handle_recognised();
  void tick();
  void consider_later_ones();
  void ask_for_ports();
  void look_through();
  void consider(int pid);
  bool is_selected(const target::Process& process);
  bool may_be_selected(int pid) const;
  bool may_come_to_fit() const;
  void forget_unwatched(int pid);
  Watched* find(int pid);

  // discovery_targets.cpp
  void begin(Recognised recognised);
  bool was_in_exec(const target::Process& process) const;
  base::Result<std::shared_ptr<Watched>> make_target(Recognised recognised, std::string name,
                                                     std::uint32_t slot);
  void retire_ended();
  void retire(std::size_t index);
  void take_out(std::size_t index);
  std::string reason_of_end(const Watched& target);
  void sweep_leaving();
  void remember(const Identity& identity);
  void publish();
  void end_all();
  std::optional<std::uint32_t> free_slot() const;

  // discovery_places.cpp
  // Who would wait past it is not counted, and looked at again when there is room.
  static constexpr std::size_t kMaxWaiting = 4'096;
  bool makes_room_to_wait(const Claim& claim);
  void forget_an_end();
  bool gets_place(const target::Process& process);
  Sharing share() const;
  void evict(const std::vector<int>& pids);
  void offer_places();
  std::optional<std::string> find_refusal(const target::Process& process) const;
  void refuse(int pid, const std::string& comm, const std::string& why);
  void tell_counts();

  const Config config_;
  const std::uint32_t own_uid_;
  const std::shared_ptr<Surroundings> surroundings_;
  TargetList& list_;
  probe::ProcessEventReader events_;
  const base::UniqueFd epoll_;
  const base::UniqueFd wake_;
  Recogniser recogniser_;
  Names names_;

  std::vector<std::shared_ptr<Watched>> targets_;
  std::vector<Leaving> leaving_;                          // whose slots are still taken
  std::unordered_set<int> seen_;                          // pids that are nobody new
  std::vector<Later> later_;                              // to be considered again
  std::vector<Later> port_unknown_;                       // to be asked for the port it listens on
  std::map<int, std::uint32_t> generations_;              // of pids of targets
  std::optional<std::uint64_t> one_process_start_ticks_;  // once it was seen
  std::vector<Ended> ended_;
  std::map<int, Claim> held_;        // of targets, by pid
  std::map<int, Claim> waiting_;     // for a place, by pid
  std::unordered_set<int> refused_;  // pids that can't be watched
  std::uint64_t claims_ = 0;         // so far
  bool are_counts_old_ = false;      // those of the list
  bool is_crowded_ = false;          // somebody was not let in to wait, though he would be watched
  std::vector<probe::ProcessEvent> news_;       // taken off the ring, and to be handled
  std::map<int, std::uint32_t> wait_statuses_;  // of pids of targets that have ended
  Clock::time_point next_tick_{};
  Clock::time_point next_look_through_{};

  std::atomic<std::uint64_t> turns_ = 0;
  mutable std::mutex mutex_;  // over the next two
  model::EventCounts missed_by_ended_;
  bool has_looked_ = false;
  std::condition_variable looked_;

  std::optional<LooseThread> thread_;
};

}  // namespace watch
