// What threads of targets call themselves.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

namespace watch {

// Reads a thread's name once and keeps it for a while: threads arrive at each collection anew. One
// thread.
class ThreadNames {
 public:
  static constexpr std::size_t kMaxKept = 1'024;
  static constexpr std::uint64_t kKeptNs = 10'000'000'000;

  explicit ThreadNames(std::string proc_root) : proc_root_(std::move(proc_root)) {}

  // Any bytes; empty: it has none, or is gone.
  std::string get(int pid, std::uint32_t thread, std::uint64_t now_ns);

 private:
  const std::string proc_root_;
  std::map<std::pair<int, std::uint32_t>, std::string> names_;
  std::uint64_t kept_since_ns_ = 0;
};

}  // namespace watch
