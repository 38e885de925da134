// What a worker gives back to the loop.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "http/stream.h"

namespace http {

// Connections are told apart by a number that is never used again.
using ConnectionId = std::uint64_t;

// Bytes to send, in this order, and how the answer ends.
struct Answer {
  std::string head;
  std::string body;
  std::shared_ptr<Stream> stream;  // what follows; none: the answer is complete
  bool is_chunked = false;         // how the stream's end is told; otherwise by closing
  bool keep_alive = false;         // whether another request may follow
};

}  // namespace http
