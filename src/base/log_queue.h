// Log lines on their way from those who log to the thread that writes them.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>

namespace base {

// Bounded: past a limit lines are dropped and counted, and further ones are until half of the room
// is free again, so that a gap is told once and not with every other line.
// push() is called by any thread and take() by the one that writes. Nobody waits in push() for
// anything but the other two's few instructions.
class LogQueue {
 public:
  static constexpr std::size_t kMaxLines = 1'000;
  static constexpr std::size_t kMaxBytes = 1024 * 1024;

  // A line, and how many were dropped between the one before and this. The line is empty where
  // none came after those.
  struct Entry {
    std::string line;
    std::uint64_t dropped_before = 0;
  };

  // Adds what is dropped to `dropped`, which outlives the queue.
  explicit LogQueue(std::atomic<std::uint64_t>& dropped) : dropped_(dropped) {}

  void push(std::string line);

  // The next entry, once there is one. Nothing: the queue is closed and all of it was taken, and
  // dealt with, since whoever takes one is done with the one before.
  std::optional<Entry> take();

  // What was taken could not be written.
  void count_unwritten() { dropped_.fetch_add(1, std::memory_order_relaxed); }

  // No line is added any more. Waits until all are dealt with, but no longer than this.
  void close(std::chrono::milliseconds patience);

 private:
  bool has_room(std::size_t bytes) const;

  std::atomic<std::uint64_t>& dropped_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Entry> entries_;
  std::size_t bytes_ = 0;            // of the lines in entries_
  std::uint64_t dropped_since_ = 0;  // since the last line that was added
  bool closed_ = false;
  bool done_ = false;
};

}  // namespace base
