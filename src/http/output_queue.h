// Bytes on their way to one client.
#pragma once

#include <cstddef>
#include <deque>
#include <string>

#include "http/transport.h"

namespace http {

// First in, first out. One thread.
class OutputQueue {
 public:
  void push(std::string bytes);
  // Sends until all is sent or the transport takes no more: kMoved if it is all sent, else what the
  // transport said. `sent_bytes` grows by what was sent.
  Moved::State send(Transport& transport, std::size_t& sent_bytes);

  bool is_empty() const { return parts_.empty(); }
  std::size_t bytes() const { return bytes_; }

 private:
  std::deque<std::string> parts_;
  std::size_t offset_ = 0;  // of the first part, already sent
  std::size_t bytes_ = 0;
};

}  // namespace http
