#include "script_cost.h"

#include <cmath>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <stop_token>
#include <thread>
#include <vector>

#include "bench_support/cpu_clock.h"
#include "bench_support/spread.h"
#include "exporter.h"
#include "support/http_load.h"
#include "support/minivalk.h"

namespace bench {
namespace {

constexpr std::size_t kMinPairs = 11;
constexpr double kWantedHalfWidth = 0.01;
constexpr std::chrono::milliseconds kScrapeInterval{100};
// A third of a second of evaluations, with collections in it.
constexpr const char* kScript = "eval (fib 25)";

// Scrapes ten times a second as long as it lives.
class Scraper {
 public:
  explicit Scraper(std::uint16_t port)
      : thread_([port](const std::stop_token& stop) {
          test::HttpConnection connection(port);
          std::mutex mutex;
          std::condition_variable_any wake;
          std::unique_lock lock(mutex);
          do connection.get("/metrics");
          while (
              !wake.wait_for(lock, stop, kScrapeInterval, [&] { return stop.stop_requested(); }));
        }) {}

 private:
  std::jthread thread_;
};

double script_time_ns(test::Minivalk& minivalk, const CpuClock& clock) {
  const double start_ns = clock.now_ns();
  if (minivalk.command(kScript) != "75025") throw std::runtime_error("minivalk computes wrongly");
  return clock.now_ns() - start_ns;
}

// After a run that isn't timed: whoever has waited begins slowly, watched or not.
double warm_script_time_ns(test::Minivalk& minivalk, const CpuClock& clock) {
  script_time_ns(minivalk, clock);
  return script_time_ns(minivalk, clock) + script_time_ns(minivalk, clock);
}

double watched_script_time_ns(test::Minivalk& minivalk, const CpuClock& clock) {
  const Exporter exporter(minivalk.pid());
  const Scraper scraper(exporter.port());
  return warm_script_time_ns(minivalk, clock);
}

// By turns the one and the other comes first: what drifts cancels out.
double log_ratio_of_a_pair(test::Minivalk& minivalk, const CpuClock& clock, bool watched_first) {
  double watched_ns = watched_first ? watched_script_time_ns(minivalk, clock) : 0;
  const double alone_ns = warm_script_time_ns(minivalk, clock);
  if (!watched_first) watched_ns = watched_script_time_ns(minivalk, clock);
  return std::log(watched_ns / alone_ns);
}

ScriptCost cost_of(const std::vector<double>& log_ratios) {
  const Spread interval = interval_of(log_ratios);
  return {std::exp(interval.median), std::exp(interval.lower), std::exp(interval.upper),
          log_ratios.size()};
}

}  // namespace

ScriptCost measure_script(std::size_t max_pairs) {
  test::Minivalk minivalk;
  const CpuClock clock(minivalk.pid());
  // The exporter and whoever scrapes it have the other CPU.
  pin(minivalk.pid(), first_cpu());
  pin(::getpid(), last_cpu());
  script_time_ns(minivalk, clock);
  std::vector<double> log_ratios;
  ScriptCost cost;
  while (log_ratios.size() < max_pairs) {
    log_ratios.push_back(log_ratio_of_a_pair(minivalk, clock, log_ratios.size() % 2 == 1));
    if (log_ratios.size() < kMinPairs) continue;
    cost = cost_of(log_ratios);
    if (cost.upper - cost.ratio < kWantedHalfWidth && cost.ratio - cost.lower < kWantedHalfWidth) {
      break;
    }
  }
  return cost;
}

}  // namespace bench
