// So many requests, and no more.
#pragma once

#include <chrono>
#include <mutex>

#include "webconfig/web_config.h"

namespace webconfig {

// Gives one token an interval and keeps at most a burst of them; full at first. Any thread.
class TokenBucket {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  TokenBucket(const RateLimit& limit, TimePoint now)
      : limit_(limit), tokens_(limit.burst), counted_(now) {}

  // Whether there was one.
  bool take(TimePoint now);

 private:
  const RateLimit limit_;
  std::mutex mutex_;
  double tokens_;
  TimePoint counted_;
};

}  // namespace webconfig
