#include "inspect/hit_cost.h"

#include "base/log.h"
#include "inspect/privileges.h"
#include "probe/calibration.h"
#include "probe/kernel.h"
#include "probe/programs.h"

namespace inspect {

std::optional<std::uint64_t> find_hit_cost() {
  if (!begin_to_attach() || !probe::check_kernel()) return std::nullopt;
  probe::redirect_libbpf_log();
  const auto programs = probe::Programs::load({probe::Group::kHttp});
  if (!programs) return std::nullopt;
  const auto cost_ns = probe::measure_hit_cost(*programs);
  if (!cost_ns) base::log_debug("{}", cost_ns.error().message);
  return cost_ns ? std::optional(*cost_ns) : std::nullopt;
}

}  // namespace inspect
