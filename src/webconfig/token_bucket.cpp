#include "webconfig/token_bucket.h"

#include <algorithm>

namespace webconfig {

bool TokenBucket::take(TimePoint now) {
  const std::lock_guard lock(mutex_);
  if (now > counted_) {
    const std::chrono::duration<double, std::nano> passed = now - counted_;
    tokens_ += passed.count() / static_cast<double>(limit_.interval.count());
    tokens_ = std::min(tokens_, static_cast<double>(limit_.burst));
    counted_ = now;
  }
  if (tokens_ < 1) return false;
  tokens_ -= 1;
  return true;
}

}  // namespace webconfig
