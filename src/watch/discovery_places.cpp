// Who gets a place, who waits for one, and who can't have any.
#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "base/log.h"
#include "privilege/capabilities.h"
#include "watch/claims.h"
#include "watch/discovery.h"

namespace watch {
namespace {

constexpr std::size_t kMaxRefused = 4'096;

std::vector<Claim> values_of(const std::map<int, Claim>& claims) {
  std::vector<Claim> values;
  values.reserve(claims.size());
  for (const auto& [pid, claim] : claims) values.push_back(claim);
  return values;
}

}  // namespace

// Nobody's processes shut others out of waiting: where it is crowded, a process of the user that
// has most goes, the one that came last. Who is not let in, or goes, is not counted from then on,
// and is looked at again when there is room.
bool Discovery::makes_room_to_wait(const Claim& claim) {
  if (waiting_.size() < kMaxWaiting || claim.is_privileged) return true;
  is_crowded_ = true;
  std::map<std::uint32_t, std::size_t> count;
  for (const auto& [pid, other] : waiting_) {
    if (!other.is_privileged) ++count[other.uid];
  }
  if (count.empty()) return false;
  const auto most = std::max_element(
      count.begin(), count.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  if (most->first == claim.uid || most->second <= count[claim.uid] + 1) return false;
  auto last = waiting_.end();
  for (auto entry = waiting_.begin(); entry != waiting_.end(); ++entry) {
    if (entry->second.is_privileged || entry->second.uid != most->first) continue;
    if (last == waiting_.end() || entry->second.order > last->second.order) last = entry;
  }
  waiting_.erase(last);
  return true;
}

Sharing Discovery::share() const {
  return share_places(values_of(held_), values_of(waiting_), surroundings_->programs.max_targets(),
                      leaving_.size());
}

// Whoever asks waits, if only for this moment.
bool Discovery::gets_place(const target::Process& process) {
  const int pid = process.id.pid;
  const Claim claim = claim_of(config_.proc_root, config_.selection, process, ++claims_);
  const auto known = waiting_.find(pid);
  const bool is_new =
      known == waiting_.end() || known->second.start_ticks != process.id.start_ticks;
  if (is_new && !makes_room_to_wait(claim)) return false;
  if (is_new) waiting_.insert_or_assign(pid, claim);
  const Sharing sharing = share();
  evict(sharing.evicted);
  const auto& admitted = sharing.admitted;
  if (std::find(admitted.begin(), admitted.end(), pid) != admitted.end()) return true;
  are_counts_old_ = true;
  if (is_new) {
    surroundings_->log.tell_of_many(
        "no place", base::LogLevel::kWarn,
        fmt::format(
            "pid {} ({}) is not watched yet: all {} places are taken (--max-targets gives more)",
            pid, process.comm, surroundings_->programs.max_targets()));
  }
  return false;
}

// They have not ended, so nothing is said of an end of theirs.
void Discovery::evict(const std::vector<int>& pids) {
  for (const int pid : pids) {
    const auto target = std::find_if(targets_.begin(), targets_.end(),
                                     [&](const auto& one) { return one->pid() == pid; });
    if (target == targets_.end()) continue;
    surroundings_->log.tell_of_many(
        "place lost", base::LogLevel::kWarn,
        fmt::format(
            "pid {} ({}) is not watched any more: its place goes to one who comes before it "
            "(root's, a named unit's, or of a user who has fewer; --max-targets gives more places)",
            pid, (*target)->identity().process.comm));
    const auto claim = held_.extract(pid);
    waiting_.insert_or_assign(pid, claim.mapped());
    take_out(static_cast<std::size_t>(target - targets_.begin()));
  }
}

// To those who come next.
void Discovery::offer_places() {
  if (waiting_.empty()) return;
  const Sharing sharing = share();
  for (const int pid : sharing.admitted) consider(pid);
}

// None: it may be watched.
std::optional<std::string> Discovery::find_refusal(const target::Process& process) const {
  const int pid = process.id.pid;
  if (target::own_pid_namespace(config_.proc_root) &&
      target::is_in_nested_pid_namespace(config_.proc_root, pid)) {
    return fmt::format(
        "watch pid {}: it is in a pid namespace below ours, where its execs can't be seen (run us "
        "in the host's pid namespace)",
        pid);
  }
  // Who may look into everybody's processes watches everybody's, whoever he is.
  const bool is_ours =
      privilege::may_look_into_others() || process.uid == own_uid_ || process.uid == 0;
  if (is_ours || !config_.selection.is_everybody()) return std::nullopt;
  return fmt::format(
      "watch pid {} ({}): it belongs to uid {}, and we run as {} (run us as root, or select it by "
      "--unit, --cgroup, --exe or --name)",
      pid, process.comm, process.uid, own_uid_);
}

void Discovery::refuse(int pid, const std::string& comm, const std::string& why) {
  if (refused_.size() >= kMaxRefused || !refused_.insert(pid).second) return;
  are_counts_old_ = true;
  surroundings_->log.tell_of_many("refused", base::LogLevel::kWarn,
                                  fmt::format("{}: {}", label_of({}, comm), why));
}

// What the list says of those who are not watched.
void Discovery::tell_counts() {
  if (are_counts_old_) publish();
}

}  // namespace watch
