#include "probe/eval_readings.h"

#include "probe/buckets.h"

namespace probe {
namespace {

using model::EvalKind;

// In the order of valkyria_eval_kind, which starts at 1.
constexpr EvalKind kKinds[] = {EvalKind::kScript, EvalKind::kRepl, EvalKind::kRequest,
                               EvalKind::kTimer, EvalKind::kTask};

valk_evals evals_of_slot(const EvalEntries& evals, std::uint32_t slot) {
  for (const auto& [key, entry] : evals) {
    if (key == slot) return entry;
  }
  return {};
}

}  // namespace

std::vector<model::EvalMetrics> eval_metrics(const EvalEntries& evals, const ServerEntries& servers,
                                             std::uint32_t slot, const Attached& attached) {
  valk_evals sum = evals_of_slot(evals, slot);
  for (const auto& [key, server] : servers) {
    if (key.slot != slot) continue;
    add_buckets(sum.duration[VALK_EVAL_REQUEST], server.eval);
    sum.duration_sum_ns[VALK_EVAL_REQUEST] += server.eval_sum_ns;
  }
  const ProbeSet& probes = attached.probes;
  const bool has_evals = probes.test(VALK_PROBE_EVAL_BEGIN) && probes.test(VALK_PROBE_EVAL_END);
  const bool has_requests = probes.test(VALK_PROBE_REQUEST_END) && attached.means == Means::kSites;
  std::vector<model::EvalMetrics> metrics;
  for (int kind = 1; kind < VALK_EVAL_KINDS; ++kind) {
    if (!(kind == VALK_EVAL_REQUEST ? has_requests : has_evals)) continue;
    metrics.push_back(
        {kKinds[kind - 1], to_histogram(sum.duration[kind], sum.duration_sum_ns[kind])});
  }
  return metrics;
}

}  // namespace probe
