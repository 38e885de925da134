#include "watch/budget.h"

#include <algorithm>

namespace watch {
namespace {

using std::chrono::duration_cast;
using std::chrono::nanoseconds;

constexpr std::chrono::seconds kWindow{10};
constexpr std::chrono::minutes kStay{5};
constexpr std::chrono::hours kLongestWait{1};
// Of what is allowed: taking out what costs less would hardly help, where light groups are dear.
constexpr double kWorthwhile = 0.1;

template <typename Duration>
double in_ns(Duration duration) {
  return static_cast<double>(duration_cast<nanoseconds>(duration).count());
}

double grown(std::uint64_t from, std::uint64_t to) {
  return to > from ? static_cast<double>(to - from) : 0;
}

const Budget::GroupUse* find(const Budget::Observation& observation, probe::Group group) {
  const auto& all = observation.groups;
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const auto& use) { return use.group == group; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace

Budget::Budget(double max_share, std::uint64_t hit_cost_ns)
    : max_share_(max_share), hit_cost_ns_(static_cast<double>(hit_cost_ns)) {}

Budget::Decision Budget::observe(const Observation& observation) {
  window_.push_back(observation);
  while (window_.size() > 2 && observation.now - window_[1].now >= kWindow) window_.pop_front();
  Decision decision;
  if (!is_full()) return decision;
  decision.share = cost_of_all_ns() / allowed_ns() * max_share_;
  if (cost_of_all_ns() > allowed_ns()) decision.detach = most_expensive();
  if (decision.detach) {
    take_out(*decision.detach);
  } else {
    decision.attach = may_come_back();
  }
  if (decision.attach) {
    trials_[*decision.attach] = {observation.now, out_.at(*decision.attach).wait};
    out_.erase(*decision.attach);
  }
  // What was counted under the old state of affairs says nothing of the new one.
  if (decision.detach || decision.attach) window_ = {observation};
  return decision;
}

std::optional<double> Budget::overhead_ratio() const {
  if (window_.size() < 2 || cpu_ns() <= 0) return std::nullopt;
  return std::min(cost_of_all_ns() / cpu_ns(), 1.0);
}

bool Budget::is_full() const {
  return last().now - first().now >= kWindow;
}

double Budget::cpu_ns() const {
  return grown(first().cpu_ns, last().cpu_ns);
}

double Budget::allowed_ns() const {
  return max_share_ * std::max(cpu_ns(), in_ns(last().now - first().now));
}

double Budget::cost_ns(const GroupUse& use) const {
  const GroupUse* const before = find(first(), use.group);
  return before == nullptr ? 0 : grown(before->hits, use.hits) * hit_cost_ns_;
}

std::optional<double> Budget::would_cost_ns(const GroupUse& use) const {
  const GroupUse* const before = find(first(), use.group);
  if (before == nullptr || !before->events || !use.events) return std::nullopt;
  return grown(*before->events, *use.events) * hit_cost_ns_;
}

double Budget::cost_of_all_ns() const {
  double sum_ns = 0;
  for (const GroupUse& use : last().groups) sum_ns += cost_ns(use);
  return sum_ns;
}

std::optional<probe::Group> Budget::most_expensive() const {
  const GroupUse* most = nullptr;
  for (const GroupUse& use : last().groups) {
    const bool may_go =
        use.is_attached && probe::spec_of(use.group).cost != probe::CostClass::kLight;
    if (!may_go || cost_ns(use) <= kWorthwhile * allowed_ns()) continue;
    if (most == nullptr || cost_ns(use) > cost_ns(*most)) most = &use;
  }
  return most == nullptr ? std::nullopt : std::optional(most->group);
}

// Where its events are not counted, nothing is known but that the others leave room. A reading of
// memory that fails now and then says nothing; where none comes for ten seconds, it is not known
// that it fits.
void Budget::judge(const GroupUse* use, Out& out) const {
  const auto would_cost = use == nullptr ? std::nullopt : would_cost_ns(*use);
  const bool is_known = would_cost || !out.is_counted;
  if (is_known) out.known_at = last().now;
  const bool is_too_much = is_known && cost_of_all_ns() + would_cost.value_or(0) > allowed_ns();
  if (is_too_much || last().now - out.known_at > kWindow) out.fits_since = last().now;
}

std::optional<probe::Group> Budget::may_come_back() {
  std::optional<probe::Group> back;
  for (auto& [group, out] : out_) {
    judge(find(last(), group), out);
    const bool is_due = out.known_at == last().now && last().now - out.fits_since >= out.wait;
    if (is_due && !back) back = group;
  }
  return back;
}

void Budget::take_out(probe::Group group) {
  const auto now = last().now;
  Out out{would_cost_ns(*find(last(), group)).has_value(), now, now, kStay};
  const auto trial = trials_.find(group);
  if (!out.is_counted && trial != trials_.end()) {
    const bool has_failed = now - trial->second.begun < trial->second.waited;
    if (has_failed) {
      out.wait = std::min<Clock::duration>(2 * trial->second.waited, kLongestWait);
    }
  }
  out_[group] = out;
}

}  // namespace watch
