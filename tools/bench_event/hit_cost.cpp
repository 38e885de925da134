#include "hit_cost.h"

#include <cstdlib>
#include <map>

#include "support/child_process.h"

namespace bench {
namespace {

constexpr int kWarmUpHits = 200;
constexpr int kHits = 2'000;
constexpr int kRepeats = 5;

class Puppet {
 public:
  Puppet() : process_(std::string(VALKYRIA_BIN_DIR) + "/../tests/probe_puppet", {}) {
    if (process_.read_line(test::soon()) != "ready") throw std::runtime_error("puppet not ready");
    pin_process(process_.pid());
  }

  pid_t pid() const { return process_.pid(); }

  // The mean time of a hit in nanoseconds.
  double time(std::string_view probe, int hits) {
    process_.write_line(fmt::format("time {} {}", probe, hits));
    const std::string answer = process_.read_line(test::soon()).value_or("nothing");
    const double ns = std::strtod(answer.c_str(), nullptr);
    if (ns <= 0)
      throw std::runtime_error(fmt::format("the puppet answers {} to time {}", answer, probe));
    return ns;
  }

 private:
  test::ChildProcess process_;
};

using Times = std::map<std::string_view, double>;

// A median, so that a build next door that takes the CPU for a while does not count.
Times time_all(Puppet& puppet) {
  Times times;
  for (const probe::ProbeSpec* spec : default_probes()) {
    puppet.time(spec->name, kWarmUpHits);
    std::vector<double> repeats;
    for (int i = 0; i < kRepeats; ++i) repeats.push_back(puppet.time(spec->name, kHits));
    times[spec->name] = median_of(repeats);
  }
  return times;
}

std::vector<HitCost> cost_of(const std::vector<Times>& empty, const std::vector<Times>& ours) {
  std::vector<HitCost> costs;
  for (const probe::ProbeSpec* spec : default_probes()) {
    std::vector<double> empty_ns, ours_ns, ratios;
    for (std::size_t round = 0; round < empty.size(); ++round) {
      empty_ns.push_back(empty[round].at(spec->name));
      ours_ns.push_back(ours[round].at(spec->name));
      ratios.push_back(ours_ns.back() / empty_ns.back());
    }
    costs.push_back(
        {std::string(spec->name), spread_of(empty_ns), spread_of(ours_ns), spread_of(ratios)});
  }
  return costs;
}

}  // namespace

std::vector<HitCost> measure_hits(const EmptyProgram& empty, int rounds) {
  Puppet puppet;
  const WatchedProcess process(puppet.pid());
  std::vector<Times> empty_times, our_times;
  const auto time_empty = [&] {
    const auto links = empty.attach(process);
    empty_times.push_back(time_all(puppet));
  };
  const auto time_ours = [&] {
    const auto attachment = process.attach();
    our_times.push_back(time_all(puppet));
  };
  for (int round = 0; round < rounds; ++round) {
    // In turns, so that a machine that gets slower or faster is unfair to neither.
    if (round % 2 == 0) {
      time_empty();
      time_ours();
    } else {
      time_ours();
      time_empty();
    }
  }
  if (const std::string losses = process.losses(); !losses.empty()) {
    throw std::runtime_error("not the usual path, lost: " + losses);
  }
  return cost_of(empty_times, our_times);
}

}  // namespace bench
