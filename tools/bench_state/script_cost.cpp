#include "script_cost.h"

#include <cmath>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <stop_token>
#include <thread>
#include <vector>

#include "bench_support/cpu_clock.h"
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

// Alone, watched, watched, alone: what drifts meanwhile cancels out.
double log_ratio_of_a_pair(test::Minivalk& minivalk, const CpuClock& clock) {
  double alone_ns = script_time_ns(minivalk, clock);
  double watched_ns = 0;
  {
    const Exporter exporter(minivalk.pid());
    const Scraper scraper(exporter.port());
    for (int run = 0; run < 2; ++run) watched_ns += script_time_ns(minivalk, clock);
  }
  alone_ns += script_time_ns(minivalk, clock);
  return std::log(watched_ns / alone_ns);
}

// Mean and 95 % interval of the logarithms, taken back.
ScriptCost cost_of(const std::vector<double>& log_ratios) {
  const auto count = static_cast<double>(log_ratios.size());
  double sum = 0, squares = 0;
  for (const double value : log_ratios) sum += value;
  const double mean = sum / count;
  for (const double value : log_ratios) squares += (value - mean) * (value - mean);
  const double half_width = 1.96 * std::sqrt(squares / (count - 1) / count);
  return {std::exp(mean), std::exp(mean - half_width), std::exp(mean + half_width),
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
    log_ratios.push_back(log_ratio_of_a_pair(minivalk, clock));
    if (log_ratios.size() < kMinPairs) continue;
    cost = cost_of(log_ratios);
    if (cost.upper - cost.ratio < kWantedHalfWidth && cost.ratio - cost.lower < kWantedHalfWidth) {
      break;
    }
  }
  return cost;
}

}  // namespace bench
