// How many may do something at once.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>

#include "confined/task.h"

namespace layout {

// Lets a number of threads in at a time; the others wait. Outlives every pass that it gave.
class Turnstile {
 public:
  explicit Turnstile(std::size_t places) : free_(places) {}

  struct Leave {
    void operator()(Turnstile* turnstile) const { turnstile->leave(); }
  };
  // In as long as it lives.
  using Pass = std::unique_ptr<Turnstile, Leave>;

  // Null: no place became free while there was patience.
  Pass enter(const confined::Patience& patience) {
    std::unique_lock lock(mutex_);
    const bool has_place =
        left_.wait_until(lock, patience.stop, patience.deadline, [&] { return free_ > 0; });
    if (!has_place) return nullptr;
    --free_;
    return Pass(this);
  }

 private:
  void leave() {
    {
      const std::lock_guard lock(mutex_);
      ++free_;
    }
    left_.notify_one();
  }

  std::mutex mutex_;
  std::condition_variable_any left_;
  std::size_t free_;
};

}  // namespace layout
