// What fills the timeline.
#pragma once

#include <functional>
#include <memory>
#include <thread>

#include "base/result.h"
#include "timeline/event_window.h"
#include "timeline/recorder.h"
#include "watch/event_source.h"

namespace agent {

// Owns the thread that takes single events off the kernel's ring ten times a second and puts them
// into the window. It needs no privileges.
class EventFeed {
 public:
  // Called after events were put into the window; it must not take long.
  using Tell = std::function<void()>;

  // The window outlives it. Fails where there is no thread to be had.
  static base::Result<std::unique_ptr<EventFeed>> start(watch::EventSource source,
                                                        timeline::EventWindow& window, Tell tell);
  EventFeed(const EventFeed&) = delete;
  EventFeed& operator=(const EventFeed&) = delete;
  ~EventFeed() = default;

 private:
  EventFeed(watch::EventSource source, timeline::EventWindow& window, Tell tell);

  void run(const std::stop_token& stop);
  void feed();

  watch::EventSource source_;
  timeline::EventWindow& window_;
  timeline::Recorder recorder_;
  const Tell tell_;
  std::uint64_t last_look_ns_;
  std::uint64_t last_requests_ns_ = 0;
  std::jthread thread_;  // the last: it uses the others
};

}  // namespace agent
