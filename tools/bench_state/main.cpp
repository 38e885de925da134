// What reading state and a scrape cost, and whom. Run by tools/bench.
#include <CLI/CLI.hpp>

#include <cstdio>
#include <cstring>
#include <exception>

#include "layout/layout_resolution.h"
#include "reading_cost.h"
#include "scrape_cost.h"
#include "script_cost.h"

namespace {

// Promised to those who run the exporter next to their production.
constexpr double kMaxScrapeNs = 1e6;
constexpr double kMaxReadingNs = 30e3;
constexpr double kMaxCalls = 6;
constexpr double kMaxWarmNs = 5e6;
constexpr double kMaxColdNs = 50e6;

struct Options {
  int scrapes = 1'000;
  std::size_t max_pairs = 300;
};

const char* verdict(bool good) {
  return good ? "good" : "BAD";
}

void print(const char* what, const bench::Spread& ns) {
  std::printf("%-28s %9.1f us   middle half %.1f to %.1f us\n", what, ns.median / 1e3,
              ns.lower / 1e3, ns.upper / 1e3);
}

bool print_reading(const bench::ReadingCost& cost) {
  print("reading memory", cost.reading_ns);
  print("first values, layout cached", cost.first_warm_ns);
  print("first values, from DWARF", cost.first_cold_ns);
  const bool good = cost.reading_ns.median < kMaxReadingNs && cost.calls <= kMaxCalls &&
                    cost.first_warm_ns.median < kMaxWarmNs &&
                    cost.first_cold_ns.median < kMaxColdNs;
  std::printf(
      "%s: %zu values in %.1f us (at most %.0f) and %.1f calls (at most %.0f); first ones\n"
      "      after %.2f ms (at most %.0f), without a cache %.1f ms (at most %.0f)\n\n",
      verdict(good), cost.values, cost.reading_ns.median / 1e3, kMaxReadingNs / 1e3, cost.calls,
      kMaxCalls, cost.first_warm_ns.median / 1e6, kMaxWarmNs / 1e6, cost.first_cold_ns.median / 1e6,
      kMaxColdNs / 1e6);
  return good;
}

bool print_scrapes(const std::vector<bench::ScrapeCost>& costs) {
  bool good = true;
  for (const bench::ScrapeCost& cost : costs) {
    print(cost.what.c_str(), cost.cpu_ns);
    std::printf("%-28s %9.0f calls (%.0f to %.0f), %zu bytes\n", "", cost.calls_median,
                cost.calls_least, cost.calls_most, cost.bytes);
    good = good && cost.cpu_ns.median < kMaxScrapeNs;
  }
  std::printf("%s: CPU of the exporter a scrape of 4 servers and 8 clients (at most %.0f us)\n\n",
              verdict(good), kMaxScrapeNs / 1e3);
  return good;
}

bool print_script(const bench::ScriptCost& cost) {
  const bool narrow = cost.upper - cost.ratio < 0.01 && cost.ratio - cost.lower < 0.01;
  const bool good = narrow && cost.lower <= 1;
  std::printf(
      "%s: a CPU-bound script takes %.4f of its time alone (95 %%: %.4f to %.4f, %zu pairs)\n"
      "      while it is watched and scraped 10 times a second\n",
      verdict(good), cost.ratio, cost.lower, cost.upper, cost.pairs);
  return good;
}

int run(const Options& options) {
  const bool good_reading = print_reading(bench::measure_reading(options.scrapes));
  const bool good_scrapes = print_scrapes(bench::measure_scrapes(options.scrapes));
  const bool good_script = print_script(bench::measure_script(options.max_pairs));
  return good_reading && good_scrapes && good_script ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  // Layouts are resolved by the running program itself, in a process of its own.
  if (argc >= 4 && std::strcmp(argv[1], layout::kResolveConfined) == 0) {
    return layout::run_resolve_confined(argv[3]);
  }
  CLI::App app("What reading state and a scrape cost, and whom.", "bench_state");
  Options options;
  app.add_option("--scrapes", options.scrapes, "Scrapes, and readings of memory, of each kind")
      ->check(CLI::Range(11, 1'000'000))
      ->capture_default_str();
  app.add_option("--max-pairs", options.max_pairs, "Pairs of the script at most")
      ->check(CLI::Range(11, 10'000))
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  try {
    return run(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_state: %s\n", error.what());
    return 2;
  }
}
