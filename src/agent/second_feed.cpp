#include "agent/second_feed.h"

#include <sys/prctl.h>

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <system_error>
#include <utility>

#include "base/clock.h"
#include "base/log.h"
#include "privilege/privilege.h"

namespace agent {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kPeriod{1};
// Less than a period: the next look is not late because a target is.
constexpr std::chrono::milliseconds kTime{500};

}  // namespace

SecondFeed::SecondFeed(Collect collect, timeline::HistoryWindow& history,
                       timeline::EventWindow& events, Tell tell)
    : collect_(std::move(collect)), history_(history), changes_(events), tell_(std::move(tell)) {}

base::Result<std::unique_ptr<SecondFeed>> SecondFeed::start(Collect collect,
                                                            timeline::HistoryWindow& history,
                                                            timeline::EventWindow& events,
                                                            Tell tell) {
  std::unique_ptr<SecondFeed> feed(
      new SecondFeed(std::move(collect), history, events, std::move(tell)));
  try {
    feed->thread_ =
        std::jthread([self = feed.get()](const std::stop_token& stop) { self->run(stop); });
  } catch (const std::system_error& error) {
    return base::fail("start a thread that looks each second: {}", error.what());
  }
  return feed;
}

// By the clock, so that a second is a second; after a long pause of our own from now on.
void SecondFeed::run(const std::stop_token& stop) {
  ::prctl(PR_SET_NAME, "seconds");
  // Refused: then it has what it needs and more.
  (void)privilege::keep_only(privilege::Task::kNothing);
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  for (auto next = Clock::now(); !stop.stop_requested();) {
    try {
      feed();
    } catch (const std::exception& error) {
      base::log_error("look at the targets: {}", error.what());
    }
    next = std::max(next + kPeriod, Clock::now());
    wake.wait_until(lock, stop, next, [&] { return stop.stop_requested(); });
  }
}

void SecondFeed::feed() {
  auto snapshot = collect_(Clock::now() + kTime);
  if (!snapshot) return base::log_error("look at the targets: {}", snapshot.error().message);
  const std::uint64_t now_ns = base::monotonic_ns();
  history_.add(now_ns, *snapshot);
  changes_.see(now_ns, *snapshot);
  tell_(std::make_shared<const model::Snapshot>(std::move(*snapshot)));
}

}  // namespace agent
