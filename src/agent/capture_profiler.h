// The profile of the seconds that follow a capture.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "base/result.h"
#include "model/capture.h"
#include "model/profile_request.h"

namespace agent {

// Profiles for a caller, until `stop` at most.
using TakeProfile = std::function<base::Result<model::ProfileAnswer>(
    const model::ProfileRequest& request, const std::stop_token& stop)>;

// Owns the thread that profiles a capture's target for a few seconds and gives the capture back
// with what it found: one after the other, since a moment that is worth a capture is worth few
// samples of the machine's own.
class CaptureProfiler {
 public:
  static constexpr std::chrono::seconds kDuration{5};
  // More that wait are left without a profile.
  static constexpr std::size_t kMaxWaiting = 4;

  // Called with a capture that has its profile, by the thread.
  using Give = std::function<void(std::shared_ptr<const model::Capture>)>;

  static base::Result<std::unique_ptr<CaptureProfiler>> start(TakeProfile take, Give give);
  CaptureProfiler(const CaptureProfiler&) = delete;
  CaptureProfiler& operator=(const CaptureProfiler&) = delete;
  ~CaptureProfiler() = default;

  void add(std::shared_ptr<const model::Capture> capture);

 private:
  CaptureProfiler(TakeProfile take, Give give);

  void run(const std::stop_token& stop);
  void profile(const model::Capture& capture, const std::stop_token& stop);

  const TakeProfile take_;
  const Give give_;
  std::mutex mutex_;  // over `waiting_`
  std::condition_variable_any changed_;
  std::deque<std::shared_ptr<const model::Capture>> waiting_;
  std::jthread thread_;  // the last: it uses the others
};

}  // namespace agent
