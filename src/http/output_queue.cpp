#include "http/output_queue.h"

#include <string_view>
#include <utility>

namespace http {

void OutputQueue::push(std::string bytes) {
  if (bytes.empty()) return;
  bytes_ += bytes.size();
  parts_.push_back(std::move(bytes));
}

Moved::State OutputQueue::send(Transport& transport, std::size_t& sent_bytes) {
  while (!parts_.empty()) {
    const Moved moved = transport.send(std::string_view(parts_.front()).substr(offset_));
    if (moved.state != Moved::State::kMoved) return moved.state;
    offset_ += moved.bytes;
    bytes_ -= moved.bytes;
    sent_bytes += moved.bytes;
    if (offset_ < parts_.front().size()) continue;
    parts_.pop_front();
    offset_ = 0;
  }
  return Moved::State::kMoved;
}

}  // namespace http
