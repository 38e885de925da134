// What looks at all targets each second.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <thread>

#include "base/result.h"
#include "model/snapshot.h"
#include "timeline/change_finder.h"
#include "timeline/history_window.h"

namespace agent {

// Owns the thread that takes a snapshot each second: for the history, for what changed since the
// last one, and for whoever follows. It needs no privileges.
class SecondFeed {
 public:
  using Collect =
      std::function<base::Result<model::Snapshot>(std::chrono::steady_clock::time_point deadline)>;
  using Tell = std::function<void(std::shared_ptr<const model::Snapshot>)>;

  // The windows outlive it. Fails where there is no thread to be had.
  static base::Result<std::unique_ptr<SecondFeed>> start(Collect collect,
                                                         timeline::HistoryWindow& history,
                                                         timeline::EventWindow& events, Tell tell);
  SecondFeed(const SecondFeed&) = delete;
  SecondFeed& operator=(const SecondFeed&) = delete;
  ~SecondFeed() = default;

 private:
  SecondFeed(Collect collect, timeline::HistoryWindow& history, timeline::EventWindow& events,
             Tell tell);

  void run(const std::stop_token& stop);
  void feed();

  const Collect collect_;
  timeline::HistoryWindow& history_;
  timeline::ChangeFinder changes_;
  const Tell tell_;
  std::jthread thread_;  // the last: it uses the others
};

}  // namespace agent
