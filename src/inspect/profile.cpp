#include "inspect/profile.h"

#include <chrono>
#include <system_error>
#include <thread>
#include <utility>
#include <variant>

#include "inspect/privileges.h"
#include "probe/kernel.h"
#include "watch/collector.h"

namespace inspect {

using base::Result;
using Clock = std::chrono::steady_clock;

// Longer than all limits together that hold while it is found out how a process is told of: its
// libraries may come yet, and a layout has layout::kResolveTime.
constexpr std::chrono::seconds kDecision{10};

namespace {

Result<model::Profile> take(const watch::Config& config, const model::ProfileRequest& request,
                            const std::stop_token& stop) {
  if (auto begun = begin_to_attach(); !begun) return pass_on(begun);
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

}  // namespace

// In a thread of its own: what that gives up the caller may need for the file that he writes.
Result<model::Profile> take_profile(const watch::Config& config,
                                    const model::ProfileRequest& request,
                                    const std::stop_token& stop) {
  Result<model::Profile> profile = base::fail("profile: no thread could be started");
  try {
    std::jthread([&] { profile = take(config, request, stop); }).join();
  } catch (const std::system_error& error) {
    return base::fail("profile: start a thread: {}", error.what());
  }
  return profile;
}

}  // namespace inspect
