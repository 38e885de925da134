// Requests that were answered, as others' handlers count them.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>
#include <utility>
#include <vector>

namespace http {

// By what answered, and how. Any thread.
class RequestCounts {
 public:
  enum class Handler {
    kMetrics,
    kDebug,
    kLanding,
    kHealth,
    kOther,  // nothing is served there
    kNone,   // refused before anybody looked at the path
  };
  struct Count {
    std::string_view handler;
    int status = 0;
    std::uint64_t count = 0;
  };

  void add(Handler handler, int status);
  std::vector<Count> read() const;

  // From a request's arrival until it is answered, or its client has gone.
  using InFlight = std::shared_ptr<void>;
  // `counts` outlives nothing: what is in flight holds it.
  static InFlight begin(const std::shared_ptr<RequestCounts>& counts);
  std::size_t in_flight() const { return in_flight_; }
  // A scrape that is computed, while `max_scrapes` others are not; 0: no limit. Null: they are.
  static InFlight begin_scrape(const std::shared_ptr<RequestCounts>& counts,
                               std::size_t max_scrapes);

 private:
  mutable std::mutex mutex_;
  std::map<std::pair<Handler, int>, std::uint64_t> counts_;
  std::atomic<std::size_t> in_flight_{0};
  std::atomic<std::size_t> scrapes_{0};
};

}  // namespace http
