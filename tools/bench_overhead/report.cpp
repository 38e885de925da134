#include "report.h"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>

#include "probe/attach_method.h"
#include "variants.h"

namespace bench {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kMaxPriceDifference = 0.3;
constexpr double kMaxShareOfBpftrace = 0.5;

std::string kernel_release() {
  utsname name{};
  return ::uname(&name) == 0 ? name.release : "unknown";
}

Json to_json(const Spread& interval) {
  return {{"median", interval.median}, {"lower", interval.lower}, {"upper", interval.upper}};
}

Json to_json(const LoadCost& cost) {
  Json json{{"name", cost.load->name},
            {"unit", cost.load->unit},
            {"unattached_ns", to_json(cost.unattached_ns)},
            {"variants", Json::array()}};
  for (const VariantCost& variant : cost.variants) {
    json["variants"].push_back({{"name", variant.variant},
                                {"ratio", to_json(variant.ratio)},
                                {"extra_ns", to_json(variant.extra_ns)},
                                {"hits", variant.hits}});
  }
  return json;
}

double price_difference(const HitPrice& hit) {
  return std::abs(hit.calibrated_ns.median / hit.measured_ns.median - 1);
}

std::vector<Goal> ratio_goals(const Comparison& comparison) {
  std::vector<Goal> goals;
  for (const LoadCost& cost : comparison.loads) {
    const VariantCost* const ours = find_variant(cost, kDefaultVariant);
    if (cost.load->max_ratio == 0 || ours == nullptr) continue;
    goals.push_back({fmt::format("{}: CPU time with default groups", cost.load->name),
                     ours->ratio.median, cost.load->max_ratio,
                     ours->ratio.lower <= cost.load->max_ratio, true});
  }
  return goals;
}

std::string line_of(const char* what, const Spread& ns) {
  return fmt::format("{:<40} {:>7.0f} ns  {:.0f} to {:.0f}\n", what, ns.median, ns.lower, ns.upper);
}

}  // namespace

std::vector<Goal> goals_of(const Comparison& comparison) {
  std::vector<Goal> goals = ratio_goals(comparison);
  const double difference = price_difference(comparison.hit);
  goals.push_back({"calibrated price, off the measured one by", difference, kMaxPriceDifference,
                   difference <= kMaxPriceDifference, true});
  const LoadCost* const http = find_load(comparison, kHttpLoad);
  const VariantCost* const ours = find_variant(*http, kDefaultVariant);
  const VariantCost* const theirs = find_variant(*http, kBpftraceVariant);
  if (theirs == nullptr || theirs->extra_ns.median <= 0) return goals;
  const double share = ours->extra_ns.median / theirs->extra_ns.median;
  goals.push_back({"http: what default groups add, of what bpftrace adds", share,
                   kMaxShareOfBpftrace, share <= kMaxShareOfBpftrace, false});
  return goals;
}

bool are_met(const std::vector<Goal>& goals) {
  return std::all_of(goals.begin(), goals.end(),
                     [](const Goal& goal) { return goal.good || !goal.binding; });
}

std::string to_table(const Comparison& comparison, const std::vector<Goal>& goals) {
  std::string text = fmt::format(
      "CPU time of the target a unit of work; {} rounds, medians and 95 % intervals of pairs\n",
      comparison.rounds);
  const auto out = std::back_inserter(text);
  for (const LoadCost& cost : comparison.loads) {
    fmt::format_to(out, "\n{}: {:.1f} us a {} with nobody attached\n", cost.load->name,
                   cost.unattached_ns.median / 1e3, cost.load->unit);
    fmt::format_to(out, "  {:<12} {:>7}  {:<17} {:>9}  {:<20} {:>7}\n", "attached", "ratio", "",
                   "extra ns", "", "hits");
    for (const VariantCost& variant : cost.variants) {
      fmt::format_to(
          out, "  {:<12} {:>7.4f}  {:<17} {:>9.0f}  {:<20} {:>7.2f}\n", variant.variant,
          variant.ratio.median,
          fmt::format("{:.4f} to {:.4f}", variant.ratio.lower, variant.ratio.upper),
          variant.extra_ns.median,
          fmt::format("{:.0f} to {:.0f}", variant.extra_ns.lower, variant.extra_ns.upper),
          variant.hits);
    }
  }
  text += "\n" + line_of("a hit, as calibrated", comparison.hit.calibrated_ns) +
          line_of("a hit, as requests pay it", comparison.hit.measured_ns) + "\n";
  for (const Goal& goal : goals) {
    fmt::format_to(out, "{}: {} {:.3f} (at most {:.3f})\n",
                   goal.good ? "good" : (goal.binding ? "BAD" : "not reached"), goal.name,
                   goal.value, goal.limit);
  }
  return text;
}

std::string to_json(const Comparison& comparison, const std::vector<Goal>& goals) {
  Json json{{"kernel", kernel_release()},
            {"attach_method", probe::name_of(probe::best_attach_method())},
            {"rounds", comparison.rounds},
            {"loads", Json::array()},
            {"hit",
             {{"calibrated_ns", to_json(comparison.hit.calibrated_ns)},
              {"measured_ns", to_json(comparison.hit.measured_ns)}}},
            {"goals", Json::array()}};
  for (const LoadCost& cost : comparison.loads) json["loads"].push_back(to_json(cost));
  for (const Goal& goal : goals) {
    json["goals"].push_back({{"name", goal.name},
                             {"value", goal.value},
                             {"limit", goal.limit},
                             {"good", goal.good},
                             {"binding", goal.binding}});
  }
  return json.dump(2) + "\n";
}

}  // namespace bench
