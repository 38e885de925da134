#include "scrape_cost.h"

#include <unistd.h>

#include <algorithm>
#include <stdexcept>

#include "bench_support/cpu_clock.h"
#include "exporter.h"
#include "support/http_load.h"
#include "support/minivalk.h"
#include "syscall_counter.h"

namespace bench {
namespace {

constexpr int kClients = 8;
constexpr int kWarmUp = 20;

// Two systems, four servers, eight clients, all with something to tell.
void make_busy(test::Minivalk& minivalk) {
  const std::vector<std::string> paths{"/", "/status/302", "/status/404", "/status/500"};
  for (const auto& server : minivalk.servers()) test::run_load(server.port, 2, paths, 100);
  for (int client = 0; client < kClients; ++client) {
    test::get(minivalk.port(), "/client?name=cache-" + std::to_string(client) + "&ops=16");
  }
  for (int i = 0; i < 10; ++i) minivalk.command("gc");
}

// On one connection, so that what it costs to connect is not a part of it.
class Scrapes {
 public:
  Scrapes(const Exporter& exporter, test::Headers headers)
      : headers_(std::move(headers)),
        connection_(exporter.port()),
        clock_(exporter.pid()),
        calls_(exporter.pid()) {}

  ScrapeCost measure(std::string what, int scrapes) {
    for (int i = 0; i < kWarmUp; ++i) scrape();
    std::vector<double> cpu_ns;
    std::vector<double> calls;
    for (int i = 0; i < scrapes; ++i) {
      const double start_ns = clock_.now_ns();
      const std::uint64_t calls_before = calls_.calls();
      scrape();
      cpu_ns.push_back(clock_.now_ns() - start_ns);
      calls.push_back(static_cast<double>(calls_.calls() - calls_before));
    }
    const auto [least, most] = std::minmax_element(calls.begin(), calls.end());
    return {std::move(what), spread_of(cpu_ns), *least, median_of(calls), *most, bytes_};
  }

 private:
  void scrape() {
    const test::HttpResponse response = connection_.get("/metrics", headers_);
    if (response.status != 200) throw std::runtime_error("no metrics: " + response.problem);
    bytes_ = response.body.size();
  }

  test::Headers headers_;
  test::HttpConnection connection_;
  CpuClock clock_;
  SyscallCounter calls_;
  std::size_t bytes_ = 0;
};

}  // namespace

std::vector<ScrapeCost> measure_scrapes(int scrapes) {
  test::Minivalk minivalk({"--servers", "4", "--systems", "main,background"});
  const Exporter exporter(minivalk.pid());
  make_busy(minivalk);
  const char* const openmetrics = "application/openmetrics-text; version=1.0.0";
  return {Scrapes(exporter, {}).measure("text", scrapes),
          Scrapes(exporter, {{"accept-encoding", "gzip"}}).measure("text, gzip", scrapes),
          Scrapes(exporter, {{"accept", openmetrics}}).measure("OpenMetrics", scrapes),
          Scrapes(exporter, {{"accept", openmetrics}, {"accept-encoding", "gzip"}})
              .measure("OpenMetrics, gzip", scrapes)};
}

}  // namespace bench
