#include "inspect/profile.h"

#include <chrono>
#include <utility>
#include <variant>

#include "privilege/privilege.h"
#include "probe/kernel.h"
#include "watch/collector.h"

namespace inspect {

using base::Result;
using Clock = std::chrono::steady_clock;

// Longer than all limits together that hold while it is found out how a process is told of: its
// libraries may come yet, and a layout has layout::kResolveTime.
constexpr std::chrono::seconds kDecision{10};

Result<model::Profile> take_profile(const watch::Config& config,
                                    const model::ProfileRequest& request,
                                    const std::stop_token& stop) {
  if (auto allowed = privilege::require_to_attach(); !allowed) return pass_on(allowed);
  if (auto possible = watch::check_selection(config); !possible) return pass_on(possible);
  probe::redirect_libbpf_log();
  if (auto able = probe::check_kernel(); !able) return pass_on(able);
  const auto collector = watch::Collector::start(config);
  if (!collector) return pass_on(collector);
  if (auto decided = (*collector)->wait_until_decided(Clock::now() + kDecision, stop); !decided) {
    return pass_on(decided);
  }
  auto answer = (*collector)->profiler().take(request, stop);
  if (!answer) return pass_on(answer);
  if (const auto* const busy = std::get_if<model::ProfilerBusy>(&*answer)) {
    return base::fail("{}", busy->reason);
  }
  return std::move(std::get<model::Profile>(*answer));
}

}  // namespace inspect
