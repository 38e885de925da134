#include "watch/places.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace watch {
namespace {

// The state of sharing while it goes on.
class Share {
 public:
  Share(std::span<const Claim> held, std::span<const Claim> waiting, std::size_t places,
        std::size_t leaving)
      : held_(held.begin(), held.end()),
        waiting_(waiting.begin(), waiting.end()),
        free_(places - std::min(places, held.size() + leaving)),
        coming_(std::min(leaving, places)) {
    for (const Claim& claim : held_) count(claim, 1);
  }

  Sharing run() {
    while (!waiting_.empty()) {
      const auto next = std::min_element(
          waiting_.begin(), waiting_.end(),
          [this](const Claim& a, const Claim& b) { return rank_of(a) < rank_of(b); });
      const Claim claim = *next;
      waiting_.erase(next);
      if (free_ > 0) {
        --free_;
        sharing_.admitted.push_back(claim.pid);
      } else if (coming_ > 0) {
        --coming_;  // kept for it
      } else if (!evict_for(claim)) {
        break;  // nor for anybody who comes after it
      }
      count(claim, 1);
    }
    return std::move(sharing_);
  }

 private:
  std::size_t count_of(const Claim& claim) const {
    const auto found = counts_.find(claim.uid);
    return found == counts_.end() ? 0 : found->second;
  }

  void count(const Claim& claim, int change) {
    if (!claim.is_privileged) counts_[claim.uid] += static_cast<std::size_t>(change);
  }

  std::tuple<bool, std::size_t, std::uint64_t> rank_of(const Claim& claim) const {
    return {!claim.is_privileged, claim.is_privileged ? 0 : count_of(claim), claim.order};
  }

  // Whether somebody gives a place up for it, which it gets when that is free.
  bool evict_for(const Claim& claim) {
    const auto victim =
        std::max_element(held_.begin(), held_.end(), [this](const Claim& a, const Claim& b) {
          const auto order = [this](const Claim& one) {
            return std::tuple(!one.is_privileged, count_of(one), one.order);
          };
          return order(a) < order(b);
        });
    if (victim == held_.end() || victim->is_privileged) return false;
    if (!claim.is_privileged && count_of(*victim) < count_of(claim) + 2) return false;
    sharing_.evicted.push_back(victim->pid);
    count(*victim, -1);
    held_.erase(victim);
    return true;
  }

  std::vector<Claim> held_;
  std::vector<Claim> waiting_;
  std::map<std::uint32_t, std::size_t> counts_;  // of ordinary ones, by user, also to come
  std::size_t free_ = 0;
  std::size_t coming_ = 0;
  Sharing sharing_;
};

}  // namespace

Sharing share_places(std::span<const Claim> held, std::span<const Claim> waiting,
                     std::size_t places, std::size_t leaving) {
  return Share(held, waiting, places, leaving).run();
}

}  // namespace watch
