// One scrape for all who asked before it began.
#pragma once

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "base/result.h"
#include "http/negotiation.h"

namespace http {

// Keeps the last text of each format. To a request that arrived before that was begun it is as
// fresh as one of its own, so a crowd that asks at once costs a few scrapes, and whoever scrapes
// beside it does not wait for all of them. Any thread.
class SharedScrapes {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Text = std::shared_ptr<const std::string>;
  using Make = std::function<base::Result<std::string>()>;

  // What was begun after `arrived`, or what `make` gives, which is called outside any lock and has
  // time until `until`. A failure is told to this caller alone, and so is what was made in a hurry:
  // it may lack what others have time to wait for.
  base::Result<Text> get(MetricsFormat format, TimePoint arrived, TimePoint until,
                         const Make& make);

 private:
  struct Scrape {
    TimePoint begun;
    Text text;
  };

  std::mutex mutex_;
  std::array<Scrape, kMetricsFormats> last_;
};

}  // namespace http
