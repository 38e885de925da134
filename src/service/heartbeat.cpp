#include "service/heartbeat.h"

#include <cstddef>

namespace service {

bool Heartbeat::beats(const Turns& turns) {
  for (std::size_t part = 0; part < turns.size() && part < last_.size(); ++part) {
    if (turns[part] == last_[part]) return false;
  }
  last_ = turns;
  return true;
}

}  // namespace service
