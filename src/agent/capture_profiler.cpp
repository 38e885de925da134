#include "agent/capture_profiler.h"

#include <sys/prctl.h>

#include <exception>
#include <system_error>
#include <utility>
#include <variant>

#include "agent/kept_profiles.h"
#include "base/log.h"
#include "privilege/privilege.h"

namespace agent {

CaptureProfiler::CaptureProfiler(TakeProfile take, Give give)
    : take_(std::move(take)), give_(std::move(give)) {}

base::Result<std::unique_ptr<CaptureProfiler>> CaptureProfiler::start(TakeProfile take, Give give) {
  std::unique_ptr<CaptureProfiler> profiler(new CaptureProfiler(std::move(take), std::move(give)));
  try {
    profiler->thread_ =
        std::jthread([self = profiler.get()](const std::stop_token& stop) { self->run(stop); });
  } catch (const std::system_error& error) {
    return base::fail("start a thread for captures' profiles: {}", error.what());
  }
  return profiler;
}

void CaptureProfiler::add(std::shared_ptr<const model::Capture> capture) {
  const std::lock_guard lock(mutex_);
  if (waiting_.size() >= kMaxWaiting) {
    return base::log_info("capture {} has no profile: {} others wait for theirs", capture->facts.id,
                          kMaxWaiting);
  }
  waiting_.push_back(std::move(capture));
  changed_.notify_all();
}

void CaptureProfiler::run(const std::stop_token& stop) {
  ::prctl(PR_SET_NAME, "capture profile");
  // Refused: then it has what it needs and more.
  (void)privilege::keep_only(privilege::Task::kNothing);
  while (true) {
    std::shared_ptr<const model::Capture> capture;
    {
      std::unique_lock lock(mutex_);
      if (!changed_.wait(lock, stop, [&] { return !waiting_.empty(); })) return;
      capture = std::move(waiting_.front());
      waiting_.pop_front();
    }
    try {
      profile(*capture, stop);
    } catch (const std::exception& error) {
      base::log_error("profile for capture {}: {}", capture->facts.id, error.what());
    }
  }
}

void CaptureProfiler::profile(const model::Capture& capture, const std::stop_token& stop) {
  model::ProfileRequest request;
  request.process = capture.facts.process;
  request.duration = kDuration;
  request.is_awaited = false;
  const auto answer = take_(request, stop);
  if (!answer) {
    return base::log_info("capture {} has no profile: {}", capture.facts.id,
                          answer.error().message);
  }
  if (const auto* const busy = std::get_if<model::ProfilerBusy>(&*answer)) {
    return base::log_info("capture {} has no profile: {}", capture.facts.id, busy->reason);
  }
  auto files = make_profile_files(std::get<model::Profile>(*answer));
  if (!files) return base::log_error("profile for capture {}: out of memory", capture.facts.id);
  model::Capture with = capture;
  with.attachments.push_back({std::string(model::kPprofAttachment), std::move(files->pprof)});
  with.attachments.push_back({std::string(model::kProfileAttachment), std::move(files->json_gz)});
  give_(std::make_shared<const model::Capture>(std::move(with)));
}

}  // namespace agent
