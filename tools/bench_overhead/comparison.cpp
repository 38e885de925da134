#include "comparison.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <numeric>
#include <random>
#include <stdexcept>

#include "bench_support/cpu_clock.h"
#include "bench_support/program_copy.h"
#include "probe/calibration.h"
#include "target_cpu.h"
#include "variants.h"

namespace bench {
namespace {

// Of one load, a unit of work.
struct Sample {
  double cpu_ns = 0;
  double hits = 0;
};
using Phase = std::vector<Sample>;  // by load

// A variant, and its neighbours with nobody attached: what drifts cancels out in their mean.
struct Pair {
  Phase alone;
  Phase attached;
};
using PairsByVariant = std::map<std::string, std::vector<Pair>>;

// A file of its own: whoever watches other minivalks here does not touch this one.
class Subject {
 public:
  Subject() {
    if (first_cpu() == last_cpu()) {
      throw std::runtime_error("needs two CPUs, one of them for the target alone");
    }
    pin(::getpid(), last_cpu());
    pin(minivalk_.pid(), first_cpu());
  }

  const WatchedProcess& process() const { return process_; }
  std::string program() const { return program_.path(); }

  Phase measure() {
    Phase phase;
    for (const Load& load : loads()) phase.push_back(measure(load));
    return phase;
  }

 private:
  Sample measure(const Load& load) {
    load.warm_up(minivalk_);
    const double start_ns = cpu_at_rest_ns(minivalk_.pid());
    const std::uint64_t hits_before = process_.hits();
    const double units = load.run(minivalk_);
    return {(cpu_at_rest_ns(minivalk_.pid()) - start_ns) / units,
            static_cast<double>(process_.hits() - hits_before) / units};
  }

  ProgramCopy program_{std::string(VALKYRIA_BIN_DIR) + "/minivalk"};
  test::Minivalk minivalk_{{}, program_.directory()};
  WatchedProcess process_{minivalk_.pid()};
};

Phase mean_of(const Phase& one, const Phase& other) {
  Phase mean;
  for (std::size_t load = 0; load < one.size(); ++load) {
    mean.push_back({std::midpoint(one[load].cpu_ns, other[load].cpu_ns), 0});
  }
  return mean;
}

void run_round(Subject& subject, const std::vector<Variant>& order, PairsByVariant& pairs) {
  Phase before = subject.measure();
  for (const Variant& variant : order) {
    Phase attached;
    {
      const Attached links = variant.attach();
      attached = subject.measure();
    }
    Phase after = subject.measure();
    pairs[variant.name].push_back({mean_of(before, after), std::move(attached)});
    before = std::move(after);
  }
}

VariantCost cost_of(const std::string& variant, const std::vector<Pair>& pairs, std::size_t load) {
  std::vector<double> ratios;
  std::vector<double> extras_ns;
  std::vector<double> hits;
  for (const Pair& pair : pairs) {
    const Sample& alone = pair.alone[load];
    const Sample& attached = pair.attached[load];
    ratios.push_back(attached.cpu_ns / alone.cpu_ns);
    extras_ns.push_back(attached.cpu_ns - alone.cpu_ns);
    hits.push_back(attached.hits);
  }
  return {variant, interval_of(ratios), interval_of(extras_ns), median_of(hits)};
}

LoadCost cost_of(std::size_t load, const std::vector<Variant>& all, const PairsByVariant& pairs) {
  LoadCost cost{&loads()[load], {}, {}};
  std::vector<double> unattached_ns;
  for (const auto& [name, of_variant] : pairs) {
    for (const Pair& pair : of_variant) unattached_ns.push_back(pair.alone[load].cpu_ns);
  }
  cost.unattached_ns = interval_of(unattached_ns);
  for (const Variant& variant : all) {
    cost.variants.push_back(cost_of(variant.name, pairs.at(variant.name), load));
  }
  return cost;
}

Spread measured_price_ns(const std::vector<Pair>& pairs) {
  const auto all = loads();
  const auto http =
      std::find_if(all.begin(), all.end(), [](const Load& load) { return load.name == kHttpLoad; });
  const auto index = static_cast<std::size_t>(http - all.begin());
  std::vector<double> prices_ns;
  for (const Pair& pair : pairs) {
    const Sample& attached = pair.attached.at(index);
    if (attached.hits == 0) throw std::runtime_error("requests hit no probe");
    prices_ns.push_back((attached.cpu_ns - pair.alone.at(index).cpu_ns) / attached.hits);
  }
  return interval_of(prices_ns);
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
  auto order = all;
  std::mt19937 random(std::random_device{}());
  PairsByVariant pairs;
  std::vector<double> calibrated_ns;
  for (int round = 1; round <= rounds; ++round) {
    calibrated_ns.push_back(
        static_cast<double>(value_of(probe::measure_hit_cost(subject.process().programs()))));
    std::shuffle(order.begin(), order.end(), random);
    run_round(subject, order, pairs);
    comparison.hit = {interval_of(calibrated_ns), measured_price_ns(pairs.at(kDefaultVariant))};
    say_progress(round, rounds, comparison.hit);
  }
  const std::string losses = subject.process().losses();
  if (!losses.empty()) throw std::runtime_error("not the usual path, lost: " + losses);
  for (std::size_t load = 0; load < loads().size(); ++load) {
    comparison.loads.push_back(cost_of(load, all, pairs));
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
