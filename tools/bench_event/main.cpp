// What a hit and a request cost the target, in units of an empty BPF program. Run by tools/bench.
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <exception>

#include "hit_cost.h"
#include "probe/kernel.h"
#include "request_cost.h"

namespace {

// Promised to those who run the exporter next to their production.
// One program at all sites finds out what was hit, which is some 20 ns of it.
constexpr double kMaxHitRatio = 1.3;
constexpr double kMaxRequestRatio = 1.3;

struct Options {
  int rounds = 15;
};

bool print_hits(const std::vector<bench::HitCost>& costs) {
  std::printf("%-20s %9s %9s %7s   middle half of the rounds\n", "probe", "empty_ns", "ours_ns",
              "ratio");
  double worst = 0;
  for (const bench::HitCost& cost : costs) {
    std::printf("%-20s %9.0f %9.0f %7.2f   %.2f to %.2f\n", cost.probe.c_str(),
                cost.empty_ns.median, cost.ours_ns.median, cost.ratio.median, cost.ratio.lower,
                cost.ratio.upper);
    worst = std::max(worst, cost.ratio.median);
  }
  const bool good = worst <= kMaxHitRatio;
  std::printf("%s: the most expensive hit is %.2f of an empty one (at most %.2f)\n\n",
              good ? "good" : "BAD", worst, kMaxHitRatio);
  return good;
}

double empty_hit_ns(const std::vector<bench::HitCost>& costs) {
  std::vector<double> all_ns;
  for (const bench::HitCost& cost : costs) all_ns.push_back(cost.empty_ns.median);
  return bench::median_of(all_ns);
}

bool print_request(const bench::RequestCost& cost, double empty_ns) {
  const auto print = [](const char* what, const bench::Spread& ns) {
    std::printf("%-20s %9.0f   %.0f to %.0f\n", what, ns.median, ns.lower, ns.upper);
  };
  std::printf("%-20s %9s   middle half of the rounds\n", "CPU of a request", "ns");
  print("unattached", cost.unattached);
  print("added by empty", cost.added_by_empty);
  print("added by ours", cost.added_by_ours);
  print("ours above empty", cost.ours_above_empty);
  // In the unit of an empty hit at the same place: in the midst of other work it costs more than
  // in a loop that does nothing else.
  const double ratio = 1 + cost.ours_above_empty.median / cost.added_by_empty.median;
  const bool good = ratio <= kMaxRequestRatio;
  std::printf(
      "%s: being watched costs a request %.2f of what empty programs cost it (at most %.2f),\n"
      "      in %.3f hits; that is %.2f empty hits in a loop\n",
      good ? "good" : "BAD", ratio, kMaxRequestRatio, cost.hits,
      cost.added_by_ours.median / empty_ns);
  return good;
}

int run(const Options& options) {
  if (const auto able = probe::check_kernel(); !able)
    throw std::runtime_error(able.error().message);
  probe::redirect_libbpf_log();
  const bench::EmptyProgram empty;
  const auto hits = bench::measure_hits(empty, options.rounds);
  const bool good_hits = print_hits(hits);
  const auto request = bench::measure_requests(empty, options.rounds);
  const bool good_request = print_request(request, empty_hit_ns(hits));
  return good_hits && good_request ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("What probes cost the target, in units of an empty BPF program.", "bench_event");
  Options options;
  app.add_option("--rounds", options.rounds, "Interleaved rounds, for hits and for requests")
      ->check(CLI::Range(11, 1'001))
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  try {
    return run(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_event: %s\n", error.what());
    return 2;
  }
}
