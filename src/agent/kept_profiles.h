// The last hour of profiles: those taken continuously, and those that somebody at the page took.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "model/kept_profile.h"
#include "model/profile.h"

namespace agent {

// As they are kept; none where memory is short.
std::optional<model::ProfileFiles> make_profile_files(const model::Profile& profile);

// Keeps an hour's, of at most 64 MiB together, in memory. Any thread may call any function; the
// lock is held for moments.
class KeptProfiles {
 public:
  static constexpr std::uint64_t kKeptMs = 3'600'000;
  static constexpr std::size_t kMaxBytes = 64 * 1024 * 1024;

  // `epoch`: of this start, part of each id.
  explicit KeptProfiles(std::string epoch) : epoch_(std::move(epoch)) {}

  // None where memory is short; the log says so.
  std::shared_ptr<const model::KeptProfile> add(const model::Profile& profile);

  model::KeptProfiles list() const;

 private:
  const std::string epoch_;
  mutable std::mutex mutex_;                                    // over everything below
  std::deque<std::shared_ptr<const model::KeptProfile>> kept_;  // the oldest first
  std::size_t bytes_ = 0;
  std::uint64_t number_ = 0;
};

}  // namespace agent
