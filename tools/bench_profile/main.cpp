// What being profiled costs the runtime, and us. Run by tools/bench.
#include <CLI/CLI.hpp>

#include <cstdio>
#include <exception>

#include "profiling.h"

namespace {

// Promised to those who profile their production.
constexpr double kMaxTargetRatio = 1.01;
constexpr double kMaxCpuShare = 0.015;
constexpr double kMaxContinuousShare = 0.004;
constexpr double kMaxResidentMib = 40;

struct Options {
  int seconds = 20;
  std::size_t max_pairs = 100;
};

const char* verdict(bool good) {
  return good ? "good" : "BAD";
}

bool print_target(const bench::TargetCost& cost) {
  const bool good = cost.ratio <= kMaxTargetRatio;
  std::printf(
      "%s: a CPU-bound script takes %.4f of its CPU time while it is profiled at 99 Hz\n"
      "      (95 %%: %.4f to %.4f, %zu pairs; at most %.2f)\n",
      verdict(good), cost.ratio, cost.lower, cost.upper, cost.pairs, kMaxTargetRatio);
  return good;
}

bool print_exporter(const char* what, const bench::ExporterCost& cost, double max_share) {
  const bool good = cost.cpu_share <= max_share && cost.resident_mib <= kMaxResidentMib;
  std::printf(
      "%s: %s, the exporter and its helper use %.2f %% of a CPU (at most %.1f), the exporter has\n"
      "      %.1f MiB (at most %.0f), its helper %.1f MiB\n",
      verdict(good), what, 100 * cost.cpu_share, 100 * max_share, cost.resident_mib,
      kMaxResidentMib, cost.helper_mib);
  return good;
}

int run(const Options& options) {
  const bool good_target = print_target(bench::measure_target(99, options.max_pairs));
  const bool good_once =
      print_exporter("at 99 Hz", bench::measure_exporter(99, options.seconds), kMaxCpuShare);
  const bool good_always = print_exporter(
      "continuously", bench::measure_exporter(0, options.seconds), kMaxContinuousShare);
  return good_target && good_once && good_always ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Measures what being profiled costs");
  Options options;
  app.add_option("--seconds", options.seconds, "For how long the exporter is looked at")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--max-pairs", options.max_pairs, "The most pairs of scripts that are timed")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  try {
    return run(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_profile: %s\n", error.what());
    return 2;
  }
}
