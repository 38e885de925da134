#include "agent/kept_profiles.h"

#include <utility>

#include "base/gzip.h"
#include "base/log.h"
#include "expose/flame_page.h"
#include "expose/pprof.h"
#include "timeline/capture.h"

namespace agent {
namespace {

constexpr std::uint64_t kNsOfMs = 1'000'000;

}  // namespace

std::optional<model::ProfileFiles> make_profile_files(const model::Profile& profile) {
  auto pprof = expose::write_pprof(profile);
  auto json = base::gzip(expose::write_profile_json(profile));
  if (!pprof || !json) return std::nullopt;
  return model::ProfileFiles{std::move(*pprof), std::move(*json)};
}

std::shared_ptr<const model::KeptProfile> KeptProfiles::add(const model::Profile& profile) {
  auto files = make_profile_files(profile);
  if (!files) {
    base::log_error("keep a profile of pid {}: out of memory", profile.pid);
    return nullptr;
  }
  model::KeptProfile kept;
  kept.process = profile.process;
  kept.pid = profile.pid;
  kept.unix_ms = profile.begun_unix_ns / kNsOfMs;
  kept.duration_ms = profile.duration_ns / kNsOfMs;
  kept.samples = profile.counts.samples;
  kept.files = std::move(*files);
  const std::lock_guard lock(mutex_);
  kept.id = timeline::make_capture_id(kept.unix_ms, epoch_, ++number_);
  bytes_ += kept.files.bytes();
  kept_.push_back(std::make_shared<const model::KeptProfile>(std::move(kept)));
  const std::uint64_t now_ms = kept_.back()->unix_ms;
  while (kept_.size() > 1 && (bytes_ > kMaxBytes || kept_.front()->unix_ms + kKeptMs < now_ms)) {
    bytes_ -= kept_.front()->files.bytes();
    kept_.pop_front();
  }
  return kept_.back();
}

model::KeptProfiles KeptProfiles::list() const {
  const std::lock_guard lock(mutex_);
  return {kept_.rbegin(), kept_.rend()};
}

}  // namespace agent
