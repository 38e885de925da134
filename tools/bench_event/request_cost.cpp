#include "request_cost.h"

#include <ctime>

#include "support/http_load.h"
#include "support/minivalk.h"
#include "watched_process.h"

namespace bench {
namespace {

constexpr int kWarmUpRequests = 100;
constexpr int kRepeats = 10;

// The CPU time that all threads of a process have used.
class CpuClock {
 public:
  explicit CpuClock(pid_t pid) {
    if (::clock_getcpuclockid(pid, &clock_) != 0) {
      throw std::runtime_error(fmt::format("open the CPU clock of pid {}", pid));
    }
  }

  double now_ns() const {
    timespec now{};
    if (::clock_gettime(clock_, &now) != 0) throw std::runtime_error("read a CPU clock");
    return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
  }

 private:
  clockid_t clock_{};
};

void send_requests(test::HttpConnection& connection, int count) {
  for (int i = 0; i < count; ++i) {
    const test::HttpResponse response = connection.get("/");
    if (response.status != 200) throw std::runtime_error("minivalk: " + response.problem);
  }
}

// The median of several parts, so that a build next door that empties the caches for a while does
// not count.
double request_ns(const CpuClock& clock, test::HttpConnection& connection, int requests) {
  send_requests(connection, kWarmUpRequests);
  std::vector<double> repeats;
  const int part = requests / kRepeats;
  for (int i = 0; i < kRepeats; ++i) {
    const double start_ns = clock.now_ns();
    send_requests(connection, part);
    repeats.push_back((clock.now_ns() - start_ns) / part);
  }
  return median_of(repeats);
}

}  // namespace

RequestCost measure_requests(int pairs, int requests) {
  test::Minivalk minivalk;
  pin_process(minivalk.pid());
  const CpuClock clock(minivalk.pid());
  const WatchedProcess process(minivalk.pid());
  test::HttpConnection connection(minivalk.port());
  std::vector<double> unattached, attached, differences;
  const auto time_unattached = [&] {
    unattached.push_back(request_ns(clock, connection, requests));
  };
  const auto time_attached = [&] {
    const auto attachment = process.attach();
    attached.push_back(request_ns(clock, connection, requests));
  };
  for (int pair = 0; pair < pairs; ++pair) {
    if (pair % 2 == 0) {
      time_unattached();
      time_attached();
    } else {
      time_attached();
      time_unattached();
    }
    differences.push_back(attached.back() - unattached.back());
  }
  const double watched_requests =
      static_cast<double>(pairs) * (requests / kRepeats * kRepeats + kWarmUpRequests);
  return {spread_of(unattached), spread_of(attached), spread_of(differences),
          static_cast<double>(process.hits()) / watched_requests};
}

}  // namespace bench
