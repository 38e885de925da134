#include "comparison.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <numeric>
#include <random>
#include <stdexcept>

#include "probe/calibration.h"
#include "subject.h"
#include "variants.h"

namespace bench {
namespace {

// A unit of work.
struct Sample {
  double cpu_ns = 0;
  double hits = 0;
};

// A variant, and its neighbours with nobody attached: what drifts cancels out in their mean.
struct Pair {
  double alone_ns = 0;
  Sample attached;
};
using PairsByVariant = std::map<std::string, std::vector<Pair>>;
using PairsByLoad = std::vector<PairsByVariant>;  // in the order of loads()

Sample measure(const WatchedProcess& process, Load& load) {
  load.warm_up();
  const std::uint64_t hits_before = process.hits();
  const Work work = load.measure();
  return {work.cpu_ns / work.units, static_cast<double>(process.hits() - hits_before) / work.units};
}

// By chance.
template <typename Random>
std::vector<const Variant*> order_of(const std::vector<Variant>& all, int pairs, Random& random) {
  std::vector<const Variant*> order;
  for (const Variant& variant : all) {
    order.insert(order.end(), static_cast<std::size_t>(variant.is_of_all_groups ? pairs : 1),
                 &variant);
  }
  std::shuffle(order.begin(), order.end(), random);
  return order;
}

void run_load(const LoadSpec& spec, Subject& subject, const std::vector<const Variant*>& order,
              PairsByVariant& pairs) {
  const auto load = spec.start(subject);
  double before_ns = measure(subject.process(), *load).cpu_ns;
  for (const Variant* variant : order) {
    Sample attached;
    {
      const Attached links = variant->attach();
      attached = measure(subject.process(), *load);
    }
    const double after_ns = measure(subject.process(), *load).cpu_ns;
    pairs[variant->name].push_back({std::midpoint(before_ns, after_ns), attached});
    before_ns = after_ns;
  }
}

VariantCost cost_of(const std::string& variant, const std::vector<Pair>& pairs) {
  std::vector<double> ratios;
  std::vector<double> extras_ns;
  std::vector<double> hits;
  for (const Pair& pair : pairs) {
    ratios.push_back(pair.attached.cpu_ns / pair.alone_ns);
    extras_ns.push_back(pair.attached.cpu_ns - pair.alone_ns);
    hits.push_back(pair.attached.hits);
  }
  return {variant, interval_of(ratios), interval_of(extras_ns), median_of(hits)};
}

LoadCost cost_of(const LoadSpec& load, const std::vector<Variant>& all,
                 const PairsByVariant& pairs) {
  LoadCost cost{&load, {}, {}};
  std::vector<double> unattached_ns;
  for (const auto& [name, of_variant] : pairs) {
    for (const Pair& pair : of_variant) unattached_ns.push_back(pair.alone_ns);
  }
  cost.unattached_ns = interval_of(unattached_ns);
  for (const Variant& variant : all) {
    cost.variants.push_back(cost_of(variant.name, pairs.at(variant.name)));
  }
  return cost;
}

Spread measured_price_ns(const std::vector<Pair>& pairs) {
  std::vector<double> prices_ns;
  for (const Pair& pair : pairs) {
    if (pair.attached.hits == 0) throw std::runtime_error("requests hit no probe");
    prices_ns.push_back((pair.attached.cpu_ns - pair.alone_ns) / pair.attached.hits);
  }
  return interval_of(prices_ns);
}

std::size_t http_index() {
  const auto all = loads();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [](const LoadSpec& load) { return load.name == kHttpLoad; });
  return static_cast<std::size_t>(found - all.begin());
}

// It takes minutes: whoever waits sees where it is going.
void say_progress(int round, int rounds, const HitPrice& hit) {
  std::fprintf(stderr,
               "round %d of %d: a hit costs %.0f ns as calibrated, %.0f as requests pay it\n",
               round, rounds, hit.calibrated_ns.median, hit.measured_ns.median);
}

}  // namespace

Comparison compare(int rounds) {
  Subject subject;
  const EmptyProgram empty;
  const std::string program = subject.program();
  const auto all = variants(subject.process(), program, empty);
  Comparison comparison{rounds, {}, {}};
  std::mt19937 random(std::random_device{}());
  PairsByLoad pairs(loads().size());
  std::vector<double> calibrated_ns;
  for (int round = 1; round <= rounds; ++round) {
    calibrated_ns.push_back(
        static_cast<double>(value_of(probe::measure_hit_cost(subject.process().programs()))));
    for (std::size_t load = 0; load < loads().size(); ++load) {
      run_load(loads()[load], subject, order_of(all, loads()[load].pairs, random), pairs[load]);
    }
    comparison.hit = {interval_of(calibrated_ns),
                      measured_price_ns(pairs.at(http_index()).at(kDefaultVariant))};
    say_progress(round, rounds, comparison.hit);
  }
  for (std::size_t load = 0; load < loads().size(); ++load) {
    comparison.loads.push_back(cost_of(loads()[load], all, pairs[load]));
  }
  return comparison;
}

const LoadCost* find_load(const Comparison& comparison, std::string_view name) {
  const auto found = std::find_if(comparison.loads.begin(), comparison.loads.end(),
                                  [&](const LoadCost& cost) { return cost.load->name == name; });
  return found == comparison.loads.end() ? nullptr : &*found;
}

const VariantCost* find_variant(const LoadCost& load, std::string_view name) {
  const auto found = std::find_if(load.variants.begin(), load.variants.end(),
                                  [&](const VariantCost& cost) { return cost.variant == name; });
  return found == load.variants.end() ? nullptr : &*found;
}

}  // namespace bench
