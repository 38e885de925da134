#include "timeline/captures.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace timeline {
namespace {

bool is_newer(const Captures::Kept& a, const Captures::Kept& b) {
  return std::tie(a->facts.unix_ms, a->facts.id) > std::tie(b->facts.unix_ms, b->facts.id);
}

}  // namespace

std::vector<std::string> Captures::add(Kept capture) {
  const std::lock_guard lock(mutex_);
  if (capture->bytes() > max_bytes_) {  // it would push out all others and itself
    ++dropped_;
    return {capture->facts.id};
  }
  captures_.insert(std::upper_bound(captures_.begin(), captures_.end(), capture, is_newer),
                   std::move(capture));
  return drop_oldest();
}

std::optional<std::vector<std::string>> Captures::replace(Kept capture) {
  const std::lock_guard lock(mutex_);
  const auto known = std::find_if(captures_.begin(), captures_.end(), [&](const Kept& kept) {
    return kept->facts.id == capture->facts.id;
  });
  if (known == captures_.end()) return std::nullopt;
  *known = std::move(capture);
  return drop_oldest();
}

// With the lock.
std::vector<std::string> Captures::drop_oldest() {
  std::vector<std::string> gone;
  while (has_too_many()) {
    gone.push_back(captures_.back()->facts.id);
    captures_.pop_back();
    ++dropped_;
  }
  return gone;
}

bool Captures::has_too_many() const {
  std::size_t bytes = 0;
  for (const Kept& capture : captures_) bytes += capture->bytes();
  return captures_.size() > kMaxCaptures || bytes > max_bytes_;
}

model::CaptureList Captures::list() const {
  const std::lock_guard lock(mutex_);
  return {captures_, kMaxCaptures, dropped_};
}

}  // namespace timeline
