#include "agent/event_feed.h"

#include <sys/prctl.h>

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

constexpr std::chrono::milliseconds kPeriod{100};
constexpr std::uint64_t kRequestsPeriodNs = 1'000'000'000;

}  // namespace

EventFeed::EventFeed(watch::EventSource source, timeline::EventWindow& window, Tell tell)
    : source_(std::move(source)),
      window_(window),
      recorder_(window),
      tell_(std::move(tell)),
      last_look_ns_(base::monotonic_ns()) {}

base::Result<std::unique_ptr<EventFeed>> EventFeed::start(watch::EventSource source,
                                                          timeline::EventWindow& window,
                                                          Tell tell) {
  std::unique_ptr<EventFeed> feed(new EventFeed(std::move(source), window, std::move(tell)));
  try {
    feed->thread_ =
        std::jthread([self = feed.get()](const std::stop_token& stop) { self->run(stop); });
  } catch (const std::system_error& error) {
    return base::fail("start a thread for events: {}", error.what());
  }
  return feed;
}

void EventFeed::run(const std::stop_token& stop) {
  ::prctl(PR_SET_NAME, "events");
  // Refused: then it has what it needs and more.
  (void)privilege::keep_only(privilege::Task::kNothing);
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  while (!wake.wait_for(lock, stop, kPeriod, [&] { return stop.stop_requested(); })) {
    try {
      feed();
      tell_();
    } catch (const std::exception& error) {
      base::log_error("keep events: {}", error.what());
    }
  }
}

// Where in between the lost ones were, nobody knows.
void EventFeed::feed() {
  const std::uint64_t now_ns = base::monotonic_ns();
  watch::TakenEvents taken = source_.take();
  for (watch::NamedEvent& named : taken.events) {
    recorder_.add(named.process, std::move(named.event));
  }
  for (const watch::LostEvents& lost : taken.lost) {
    recorder_.add_hole(lost.process, lost.count, last_look_ns_, now_ns);
  }
  last_look_ns_ = now_ns;
  if (now_ns - last_requests_ns_ < kRequestsPeriodNs) return;
  last_requests_ns_ = now_ns;
  for (const watch::RequestsHit& hit : source_.read_requests_hit()) {
    window_.note_requests(hit.process, hit.heap, hit.cycle, hit.requests);
  }
}

}  // namespace agent
