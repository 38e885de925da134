#include "http/request_counts.h"

namespace http {
namespace {

std::string_view name_of(RequestCounts::Handler handler) {
  switch (handler) {
    case RequestCounts::Handler::kMetrics:
      return "metrics";
    case RequestCounts::Handler::kDebug:
      return "debug";
    case RequestCounts::Handler::kLanding:
      return "landing";
    case RequestCounts::Handler::kHealth:
      return "health";
    case RequestCounts::Handler::kOther:
      return "other";
    case RequestCounts::Handler::kNone:
      return "none";
  }
  return "other";
}

}  // namespace

void RequestCounts::add(Handler handler, int status) {
  const std::lock_guard lock(mutex_);
  ++counts_[{handler, status}];
}

std::vector<RequestCounts::Count> RequestCounts::read() const {
  const std::lock_guard lock(mutex_);
  std::vector<Count> all;
  for (const auto& [key, count] : counts_) {
    all.push_back({name_of(key.first), key.second, count});
  }
  return all;
}

RequestCounts::InFlight RequestCounts::begin(const std::shared_ptr<RequestCounts>& counts,
                                             bool is_scrape) {
  ++counts->in_flight_;
  if (is_scrape) ++counts->scrapes_in_flight_;
  return {counts.get(), [counts, is_scrape](void*) {
            --counts->in_flight_;
            if (is_scrape) --counts->scrapes_in_flight_;
          }};
}

}  // namespace http
