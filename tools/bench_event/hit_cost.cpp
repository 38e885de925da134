#include "hit_cost.h"

#include <cmath>
#include <cstdlib>
#include <map>
#include <numeric>

#include "bench_support/program_copy.h"
#include "support/child_process.h"

namespace bench {
namespace {

constexpr int kWarmUpHits = 100;
constexpr int kHits = 300;  // less than a millisecond
constexpr int kRuns = 15;

class Puppet {
 public:
  explicit Puppet(const std::string& program) : process_(program, {}) {
    if (process_.read_line(test::soon()) != "ready") throw std::runtime_error("puppet not ready");
    pin_to_one_cpu(process_.pid());
  }

  pid_t pid() const { return process_.pid(); }

  // The mean time of a hit in nanoseconds.
  double time(std::string_view probe, int hits) {
    process_.write_line(fmt::format("time {} {}", probe, hits));
    const std::string answer = process_.read_line(test::soon()).value_or("nothing");
    const double ns = std::strtod(answer.c_str(), nullptr);
    if (ns <= 0) {
      throw std::runtime_error(fmt::format("the puppet answers {} to time {}", answer, probe));
    }
    return ns;
  }

 private:
  test::ChildProcess process_;
};

struct Subject {
  Subject() : process(puppet.pid()) {}

  ProgramCopy program{std::string(VALKYRIA_BIN_DIR) + "/../tests/probe_puppet"};
  Puppet puppet{program.path()};
  WatchedProcess process;
};

struct Comparison {
  double empty_ns;
  double ours_ns;
  double ratio;
};
using Comparisons = std::map<std::string_view, Comparison>;

Comparison compare(std::string_view probe, Puppet& with_empty, Puppet& with_ours) {
  std::vector<double> empty_ns, ours_ns, ratios;
  with_empty.time(probe, kWarmUpHits);
  with_ours.time(probe, kWarmUpHits);
  for (int run = 0; run < kRuns; ++run) {
    empty_ns.push_back(with_empty.time(probe, kHits));
    ours_ns.push_back(with_ours.time(probe, kHits));
    ratios.push_back(ours_ns.back() / empty_ns.back());
  }
  return {median_of(empty_ns), median_of(ours_ns), median_of(ratios)};
}

Comparisons compare_all(const EmptyProgram& empty, Subject& with_empty, Subject& with_ours) {
  const auto links = empty.attach(with_empty.process);
  const auto attachment = with_ours.process.attach();
  Comparisons comparisons;
  for (const probe::ProbeSpec* spec : default_probes()) {
    comparisons[spec->name] = compare(spec->name, with_empty.puppet, with_ours.puppet);
  }
  return comparisons;
}

// What two processes differ in by themselves cancels out when they have changed roles.
Comparison mean_of(const Comparison& one, const Comparison& other) {
  return {std::midpoint(one.empty_ns, other.empty_ns), std::midpoint(one.ours_ns, other.ours_ns),
          std::sqrt(one.ratio * other.ratio)};
}

HitCost cost_of(std::string_view probe, const std::vector<Comparisons>& rounds) {
  std::vector<double> empty_ns, ours_ns, ratios;
  for (const Comparisons& round : rounds) {
    empty_ns.push_back(round.at(probe).empty_ns);
    ours_ns.push_back(round.at(probe).ours_ns);
    ratios.push_back(round.at(probe).ratio);
  }
  return {std::string(probe), spread_of(empty_ns), spread_of(ours_ns), spread_of(ratios)};
}

void expect_no_loss(const Subject& subject) {
  const std::string losses = subject.process.losses();
  if (!losses.empty()) throw std::runtime_error("not the usual path, lost: " + losses);
}

}  // namespace

std::vector<HitCost> measure_hits(const EmptyProgram& empty, int rounds) {
  Subject first;
  Subject second;
  std::vector<Comparisons> results;
  for (int round = 0; round < rounds; ++round) {
    Comparisons result = compare_all(empty, first, second);
    for (const auto& [probe, comparison] : compare_all(empty, second, first)) {
      result[probe] = mean_of(result.at(probe), comparison);
    }
    results.push_back(std::move(result));
  }
  expect_no_loss(first);
  expect_no_loss(second);
  std::vector<HitCost> costs;
  for (const probe::ProbeSpec* spec : default_probes()) {
    costs.push_back(cost_of(spec->name, results));
  }
  return costs;
}

}  // namespace bench
