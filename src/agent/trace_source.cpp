#include "agent/trace_source.h"

#include <limits>
#include <utility>

namespace agent {
namespace {

constexpr std::size_t kMaxTargets = 256;  // names, also of targets that are gone
constexpr std::uint64_t kNsOfSecond = 1'000'000'000;

}  // namespace

void TraceSource::note(const model::Snapshot& snapshot) {
  const std::lock_guard lock(mutex_);
  if (targets_.size() >= kMaxTargets) targets_.clear();
  for (const model::TargetMetrics& target : snapshot.targets) {
    targets_[target.process] = {target.id.pid, target.identity.build_id};
  }
  has_target_ = !snapshot.targets.empty();
  if (has_target_) first_target_ = snapshot.targets.front().process;
  version_ = snapshot.exporter.version;
  probes_.clear();
  for (const model::ProbeStatus& probe : snapshot.exporter.probes) {
    if (probe.attached) probes_.push_back(probe.probe);
  }
}

// A second more of the history: rates need the one before.
base::Result<model::TraceParts> TraceSource::read(std::uint64_t from_ns, std::uint64_t to_ns,
                                                  const std::optional<std::string>& process) const {
  model::TraceParts parts;
  {
    const std::lock_guard lock(mutex_);
    if (!process && !has_target_) {
      return base::fail(base::Cause::kLacking, "no process is watched");
    }
    parts.process = process ? *process : first_target_;
    const auto target = targets_.find(parts.process);
    if (target == targets_.end()) {
      return base::fail(base::Cause::kGone, "no watched process has that name");
    }
    parts.pid = target->second.pid;
    parts.build_id = target->second.build_id;
    parts.version = version_;
    parts.probes = probes_;
  }
  parts.from_ns = from_ns;
  parts.to_ns = to_ns;
  parts.timeline = events_.read(0, std::numeric_limits<std::size_t>::max(), parts.process);
  const std::uint64_t seconds = (to_ns - from_ns) / kNsOfSecond + 2;
  if (auto history = history_.read(parts.process, seconds)) parts.history = std::move(*history);
  return parts;
}

}  // namespace agent
