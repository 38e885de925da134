#include "profiling.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <optional>
#include <regex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "bench_support/cpu_clock.h"
#include "bench_support/spread.h"
#include "support/child_process.h"
#include "support/http_load.h"
#include "support/minivalk.h"

namespace bench {
namespace {

constexpr std::size_t kMinPairs = 11;
constexpr double kWantedHalfWidth = 0.005;
constexpr double kNsOfSecond = 1e9;
constexpr std::chrono::seconds kFirst{3};  // files are read once, and what probes cost is found out
// A third of a second of evaluations, with collections in it.
constexpr const char* kScript = "eval (fib 25)";

class Exporter {
 public:
  Exporter(pid_t watched, const std::vector<std::string>& more)
      : process_(std::string(VALKYRIA_BIN_DIR) + "/valkyria_exporter", arguments(watched, more),
                 test::Stderr::kCaptured) {
    const std::regex serving("serving on http://127\\.0\\.0\\.1:([0-9]+)/");
    std::smatch match;
    std::string log;
    test::wait_until(test::soon(), [&] {
      log = process_.stderr_text();
      return std::regex_search(log, match, serving) || process_.wait(test::in({}));
    });
    if (match.empty()) throw std::runtime_error("the exporter does not serve: " + log);
    port_ = static_cast<std::uint16_t>(std::stoi(match[1]));
  }

  pid_t pid() const { return process_.pid(); }
  std::uint16_t port() const { return port_; }

  // The process that unwinds, while somebody profiles; there are others that find layouts.
  std::optional<pid_t> helper() const {
    for (const auto& task :
         std::filesystem::directory_iterator(fmt::format("/proc/{}/task", pid()))) {
      std::ifstream children(task.path() / "children");
      for (pid_t child = 0; children >> child;) {
        std::ifstream words(fmt::format("/proc/{}/cmdline", child));
        const std::string line{std::istreambuf_iterator<char>(words), {}};
        if (line.find("unwind-confined") != std::string::npos) return child;
      }
    }
    return std::nullopt;
  }

 private:
  static std::vector<std::string> arguments(pid_t watched, const std::vector<std::string>& more) {
    std::vector<std::string> all{"--pid",       std::to_string(watched), "--web.listen-address",
                                 "127.0.0.1:0", "--cache-dir",           ""};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }

  test::ChildProcess process_;
  std::uint16_t port_ = 0;
};

// Profiles as long as it lives.
class Profiling {
 public:
  Profiling(const Exporter& exporter, int hz) : connection_(exporter.port()) {
    connection_.send(fmt::format(
        "GET /debug/pprof/profile?seconds=300&hz={} HTTP/1.1\r\nHost: localhost\r\n\r\n", hz));
    if (!test::wait_until(test::soon(), [&] { return exporter.helper().has_value(); })) {
      throw std::runtime_error("the exporter does not profile");
    }
  }

 private:
  test::HttpConnection connection_;
};

double script_time_ns(test::Minivalk& minivalk, const CpuClock& clock) {
  const double start_ns = clock.now_ns();
  if (minivalk.command(kScript) != "75025") throw std::runtime_error("minivalk computes wrongly");
  return clock.now_ns() - start_ns;
}

// After runs that aren't timed: a profile begins some tenths of a second after it was asked for.
double warm_script_time_ns(test::Minivalk& minivalk, const CpuClock& clock) {
  script_time_ns(minivalk, clock);
  script_time_ns(minivalk, clock);
  return script_time_ns(minivalk, clock) + script_time_ns(minivalk, clock);
}

double profiled_script_time_ns(const Exporter& exporter, int hz, test::Minivalk& minivalk,
                               const CpuClock& clock) {
  const Profiling profiling(exporter, hz);
  return warm_script_time_ns(minivalk, clock);
}

// The next profile of the process is refused until the last one is given up.
void wait_until_idle(const Exporter& exporter) {
  test::wait_until(test::soon(), [&] { return !exporter.helper().has_value(); });
}

double resident_mib(pid_t pid) {
  std::ifstream statm(fmt::format("/proc/{}/statm", pid));
  std::size_t size = 0;
  std::size_t resident = 0;
  statm >> size >> resident;
  return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1048576.0;
}

// Computes on one CPU until this object dies.
class Load {
 public:
  explicit Load(test::Minivalk& minivalk)
      : thread_([&minivalk](const std::stop_token& stop) {
          while (!stop.stop_requested()) minivalk.command(kScript);
        }) {}

 private:
  std::jthread thread_;
};

}  // namespace

TargetCost measure_target(int hz, std::size_t max_pairs) {
  test::Minivalk minivalk;
  const CpuClock clock(minivalk.pid());
  const Exporter exporter(minivalk.pid(), {"--profile.max-hz", "999"});
  // The exporter has the other CPU.
  pin(minivalk.pid(), first_cpu());
  pin(exporter.pid(), last_cpu());
  pin(::getpid(), last_cpu());
  script_time_ns(minivalk, clock);
  std::vector<double> log_ratios;
  TargetCost cost;
  while (log_ratios.size() < max_pairs) {
    const bool is_profiled_first = log_ratios.size() % 2 == 1;
    double profiled_ns = 0;
    if (is_profiled_first) profiled_ns = profiled_script_time_ns(exporter, hz, minivalk, clock);
    wait_until_idle(exporter);
    const double alone_ns = warm_script_time_ns(minivalk, clock);
    if (!is_profiled_first) profiled_ns = profiled_script_time_ns(exporter, hz, minivalk, clock);
    wait_until_idle(exporter);
    log_ratios.push_back(std::log(profiled_ns / alone_ns));
    if (log_ratios.size() < kMinPairs) continue;
    const Spread interval = interval_of(log_ratios);
    cost = {std::exp(interval.median), std::exp(interval.lower), std::exp(interval.upper),
            log_ratios.size()};
    if (cost.upper - cost.ratio < kWantedHalfWidth && cost.ratio - cost.lower < kWantedHalfWidth) {
      break;
    }
  }
  return cost;
}

namespace {

// What an exporter uses that only watches.
double watching_ns(pid_t watched, std::chrono::seconds time) {
  const Exporter exporter(watched, {});
  const CpuClock clock(exporter.pid());
  std::this_thread::sleep_for(kFirst);
  const double begun_ns = clock.now_ns();
  std::this_thread::sleep_for(time);  // what is measured
  return clock.now_ns() - begun_ns;
}

}  // namespace

ExporterCost measure_exporter(int hz, int seconds) {
  test::Minivalk minivalk;
  const Load load(minivalk);
  const auto time = std::chrono::seconds(seconds);
  const double besides_ns = watching_ns(minivalk.pid(), time);
  const bool is_continuous = hz == 0;
  const std::vector<std::string> more{"--profile.continuous"};
  const Exporter exporter(minivalk.pid(), is_continuous ? more : std::vector<std::string>{});
  std::optional<Profiling> profiling;
  if (!is_continuous) profiling.emplace(exporter, hz);
  if (!test::wait_until(test::soon(), [&] { return exporter.helper().has_value(); })) {
    throw std::runtime_error("the exporter does not profile");
  }
  const pid_t helper = *exporter.helper();
  const CpuClock own(exporter.pid());
  const CpuClock helpers(helper);
  std::this_thread::sleep_for(kFirst);
  const double begun_ns = own.now_ns() + helpers.now_ns();
  std::this_thread::sleep_for(time);
  const double used_ns = own.now_ns() + helpers.now_ns() - begun_ns;
  return {(used_ns - besides_ns) / (seconds * kNsOfSecond), resident_mib(exporter.pid()),
          resident_mib(helper)};
}

}  // namespace bench
