// The programs that kept us busy in vain.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace layout {

// Remembers for ten minutes what was said of a program whose layout took long and was not found: a
// busy machine may have been the reason. Past 1,000 it forgets all. Any thread.
class VainLooks {
 public:
  std::optional<std::string> find(const std::string& content_hash) const;
  void remember(const std::string& content_hash, const std::string& message);

 private:
  struct Look {
    std::string message;
    std::chrono::steady_clock::time_point until;
  };

  mutable std::mutex mutex_;
  std::map<std::string, Look> looks_;  // by content hash
};

}  // namespace layout
