// Whether we are alive in all our parts.
#pragma once

#include <cstdint>
#include <vector>

namespace service {

// How often each part that must never hang has gone round its loop. Always in the same order.
using Turns = std::vector<std::uint64_t>;

// Pure; for one thread.
class Heartbeat {
 public:
  // Whether every part has turned since the last call that said so: a part may be slow for a while,
  // and the heart beats again once it goes on. The first call beats.
  bool beats(const Turns& turns);

 private:
  Turns last_;
};

}  // namespace service
