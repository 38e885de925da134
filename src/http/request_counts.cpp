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

RequestCounts::InFlight RequestCounts::begin(const std::shared_ptr<RequestCounts>& counts) {
  ++counts->in_flight_;
  return {counts.get(), [counts](void*) { --counts->in_flight_; }};
}

RequestCounts::InFlight RequestCounts::begin_scrape(const std::shared_ptr<RequestCounts>& counts,
                                                    std::size_t max_scrapes) {
  InFlight scrape(counts.get(), [counts](void*) { --counts->scrapes_; });
  const bool is_too_many = ++counts->scrapes_ > max_scrapes && max_scrapes != 0;
  return is_too_many ? nullptr : scrape;
}

}  // namespace http
