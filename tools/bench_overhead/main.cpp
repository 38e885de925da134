// What being watched costs a runtime at work. Run by tools/bench.
#include <CLI/CLI.hpp>

#include <cstdio>
#include <cstring>
#include <exception>

#include "layout/layout_resolution.h"
#include "probe/kernel.h"
#include "report.h"

namespace {

struct Options {
  int rounds = 21;
  bool json = false;
};

int run(const Options& options) {
  if (const auto able = probe::check_kernel(); !able)
    throw std::runtime_error(able.error().message);
  probe::redirect_libbpf_log();
  const bench::Comparison comparison = bench::compare(options.rounds);
  const auto goals = bench::goals_of(comparison);
  const std::string text =
      options.json ? bench::to_json(comparison, goals) : bench::to_table(comparison, goals);
  std::fputs(text.c_str(), stdout);
  return bench::are_met(goals) ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  // Layouts are resolved by the running program itself, in a process of its own.
  if (argc >= 4 && std::strcmp(argv[1], layout::kResolveConfined) == 0) {
    return layout::run_resolve_confined(argv[3]);
  }
  CLI::App app("What being watched costs a runtime at work.", "bench_overhead");
  Options options;
  app.add_option("--rounds", options.rounds, "Interleaved rounds of some 20 s")
      ->check(CLI::Range(3, 1'001))
      ->capture_default_str();
  app.add_flag("--json", options.json, "Print one JSON document instead of a table");
  CLI11_PARSE(app, argc, argv);
  try {
    return run(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_overhead: %s\n", error.what());
    return 2;
  }
}
