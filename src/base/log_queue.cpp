#include "base/log_queue.h"

#include <utility>

namespace base {

bool LogQueue::has_room(std::size_t bytes) const {
  const std::size_t share = dropped_since_ > 0 ? 2 : 1;
  return entries_.size() < kMaxLines / share && bytes_ + bytes <= kMaxBytes / share;
}

void LogQueue::push(std::string line) {
  {
    const std::lock_guard lock(mutex_);
    if (closed_ || !has_room(line.size())) {
      dropped_.fetch_add(1, std::memory_order_relaxed);
      if (!closed_) ++dropped_since_;
      return;
    }
    bytes_ += line.size();
    entries_.push_back({std::move(line), std::exchange(dropped_since_, 0)});
  }
  changed_.notify_all();
}

std::optional<LogQueue::Entry> LogQueue::take() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return !entries_.empty() || dropped_since_ > 0 || closed_; });
  if (!entries_.empty()) {
    Entry entry = std::move(entries_.front());
    entries_.pop_front();
    bytes_ -= entry.line.size();
    return entry;
  }
  if (dropped_since_ > 0) return Entry{{}, std::exchange(dropped_since_, 0)};
  done_ = true;
  changed_.notify_all();
  return std::nullopt;
}

void LogQueue::close(std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  closed_ = true;
  changed_.notify_all();
  changed_.wait_for(lock, patience, [&] { return done_; });
}

}  // namespace base
