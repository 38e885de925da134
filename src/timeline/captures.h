// The newest captures of the flight recorder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "model/capture.h"

namespace timeline {

// Keeps the newest 16 captures of at most 32 MiB together, in memory: who asks for one waits for no
// disk. Any thread may call any function; the lock is held for moments.
class Captures {
 public:
  static constexpr std::size_t kMaxCaptures = 16;
  static constexpr std::size_t kMaxBytes = 32 * 1024 * 1024;

  explicit Captures(std::size_t max_bytes = kMaxBytes) : max_bytes_(max_bytes) {}

  using Kept = std::shared_ptr<const model::Capture>;

  // Gives the ids of those that had to go: maybe its own, where it is older than all others or too
  // large.
  std::vector<std::string> add(Kept capture);

  // Puts it in the place of the one of its id. Gives the ids of those that had to go; none: it was
  // not kept any more.
  std::optional<std::vector<std::string>> replace(Kept capture);

  model::CaptureList list() const;

 private:
  bool has_too_many() const;
  std::vector<std::string> drop_oldest();

  const std::size_t max_bytes_;
  mutable std::mutex mutex_;    // over everything below
  std::vector<Kept> captures_;  // the newest first
  std::uint64_t dropped_ = 0;
};

}  // namespace timeline
