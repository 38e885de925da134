#include "request_cost.h"

#include <tuple>

#include "bench_support/cpu_clock.h"
#include "bench_support/program_copy.h"
#include "support/http_load.h"
#include "support/minivalk.h"

namespace bench {
namespace {

constexpr int kRoundsForOne = 2;  // a difference of a twentieth needs more than a ratio
constexpr int kWarmUpRequests = 100;
constexpr int kRequests = 25;  // a millisecond or so
constexpr int kRuns = 40;

class Subject {
 public:
  Subject() : process_(minivalk_.pid()) { pin_to_one_cpu(minivalk_.pid()); }

  // CPU time a request.
  double time_ns(int requests) {
    const double start_ns = clock_.now_ns();
    for (int i = 0; i < requests; ++i) {
      const test::HttpResponse response = connection_.get("/");
      if (response.status != 200) throw std::runtime_error("minivalk: " + response.problem);
    }
    return (clock_.now_ns() - start_ns) / requests;
  }

  const WatchedProcess& process() const { return process_; }

 private:
  ProgramCopy program_{std::string(VALKYRIA_BIN_DIR) + "/minivalk"};
  test::Minivalk minivalk_{{}, program_.directory()};
  CpuClock clock_{minivalk_.pid()};
  WatchedProcess process_;
  test::HttpConnection connection_{minivalk_.port()};
};

struct Comparison {
  double unattached;
  double added_by_empty;
  double added_by_ours;
  double ours_above_empty;
};

Comparison compare(const EmptyProgram& empty, Subject& alone, Subject& with_empty,
                   Subject& with_ours) {
  const auto links = empty.attach(with_empty.process());
  const auto attachment = with_ours.process().attach();
  for (Subject* subject : {&alone, &with_empty, &with_ours}) subject->time_ns(kWarmUpRequests);
  std::vector<double> unattached, added_by_empty, added_by_ours, ours_above_empty;
  for (int run = 0; run < kRuns; ++run) {
    unattached.push_back(alone.time_ns(kRequests));
    added_by_empty.push_back(with_empty.time_ns(kRequests) - unattached.back());
    added_by_ours.push_back(with_ours.time_ns(kRequests) - unattached.back());
    ours_above_empty.push_back(added_by_ours.back() - added_by_empty.back());
  }
  return {median_of(unattached), median_of(added_by_empty), median_of(added_by_ours),
          median_of(ours_above_empty)};
}

}  // namespace

RequestCost measure_requests(const EmptyProgram& empty, int rounds) {
  Subject a, b, c;
  std::vector<double> unattached, added_by_empty, added_by_ours, ours_above_empty;
  for (int round = 0; round < kRoundsForOne * rounds; ++round) {
    Comparison sum{};
    // What the processes differ in by themselves cancels out.
    for (const auto& [alone, with_empty, with_ours] :
         {std::tie(a, b, c), std::tie(b, c, a), std::tie(c, a, b)}) {
      const Comparison one = compare(empty, alone, with_empty, with_ours);
      sum.unattached += one.unattached / 3;
      sum.added_by_empty += one.added_by_empty / 3;
      sum.added_by_ours += one.added_by_ours / 3;
      sum.ours_above_empty += one.ours_above_empty / 3;
    }
    unattached.push_back(sum.unattached);
    added_by_empty.push_back(sum.added_by_empty);
    added_by_ours.push_back(sum.added_by_ours);
    ours_above_empty.push_back(sum.ours_above_empty);
  }
  const std::uint64_t hits = a.process().hits() + b.process().hits() + c.process().hits();
  return {spread_of(unattached), spread_of(added_by_empty), spread_of(added_by_ours),
          spread_of(ours_above_empty),
          static_cast<double>(hits) /
              (3.0 * kRoundsForOne * rounds * (kWarmUpRequests + kRuns * kRequests))};
}

}  // namespace bench
