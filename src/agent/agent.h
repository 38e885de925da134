// The one place that knows every room: wiring, threads, shutdown.
#pragma once

#include <memory>
#include <vector>

#include "agent/config.h"
#include "agent/event_feed.h"
#include "base/result.h"
#include "http/server.h"
#include "timeline/event_window.h"
#include "watch/collector.h"

namespace agent {

// A running exporter. Alive means attached and serving; destroying it is the whole shutdown, and
// takes less than a second.
//
// Threads: those of watch::Collector, one that takes events, and the web server's, which collect;
// the last two hold no privilege.
class Agent {
 public:
  // Checks everything first, then listens, attaches, gives up privileges and serves. Fails whole:
  // on failure nothing is left attached or listening.
  static base::Result<std::unique_ptr<Agent>> start(const Config& config);

  // Where it serves, with the real ports where the configuration said 0.
  const std::vector<http::ListenAddress>& addresses() const { return server_->addresses(); }

 private:
  Agent(std::unique_ptr<watch::Collector> collector, std::unique_ptr<http::Server> server);

  // Destroyed from the bottom up: nobody collects after the server.
  std::unique_ptr<watch::Collector> collector_;
  timeline::EventWindow events_;
  std::unique_ptr<EventFeed> feed_;
  std::unique_ptr<http::Server> server_;
};

}  // namespace agent
