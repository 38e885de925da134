#include "http/stream.h"

#include <utility>

namespace http {

Stream::Put Stream::write(std::string bytes) {
  if (left_.stop_requested()) return Put::kGone;
  {
    const std::lock_guard lock(mutex_);
    if (is_ended_) return Put::kGone;
    if (waiting_.size() + bytes.size() > kMaxWaitingBytes) return Put::kFull;
    if (waiting_.empty()) {
      waiting_ = std::move(bytes);
    } else {
      waiting_ += bytes;
    }
  }
  loop_event_->signal();
  return Put::kTaken;
}

void Stream::end() {
  {
    const std::lock_guard lock(mutex_);
    is_ended_ = true;
  }
  loop_event_->signal();
}

Stream::Part Stream::take() {
  const std::lock_guard lock(mutex_);
  is_end_taken_ = is_ended_;
  return {std::exchange(waiting_, {}), is_ended_};
}

bool Stream::has_part() const {
  const std::lock_guard lock(mutex_);
  return !waiting_.empty() || is_ended_ != is_end_taken_;
}

std::size_t Stream::waiting_bytes() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

}  // namespace http
