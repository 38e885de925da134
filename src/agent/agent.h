// The one place that knows every room: wiring, threads, shutdown.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "agent/config.h"
#include "agent/event_feed.h"
#include "agent/flight_recorder.h"
#include "agent/kept_profiles.h"
#include "agent/second_feed.h"
#include "agent/trace_source.h"
#include "agent/web_config_reader.h"
#include "base/result.h"
#include "http/server.h"
#include "timeline/event_window.h"
#include "timeline/history_window.h"
#include "watch/collector.h"

namespace agent {

// A running exporter. Alive means attached and serving; destroying it is the whole shutdown, and
// takes less than a second.
//
// Threads: those of watch::Collector, one that takes events, one that looks each second, those of
// the flight recorder, and the web server's, which collect; all but the first hold no privilege.
class Agent {
 public:
  // Checks everything first, then listens, gives up what no task needs, attaches, gives up the rest
  // and serves. Fails whole: on failure nothing is left attached or listening. What
  // the process has given up by then, it has given up for good.
  static base::Result<std::unique_ptr<Agent>> start(const Config& config);

  // Where it serves, with the real ports where the configuration said 0.
  const std::vector<http::ListenAddress>& addresses() const { return server_->addresses(); }
  // How many processes are watched now. Any thread, as the next two.
  std::size_t watched_count() const { return collector_->watched_count(); }
  // How often the threads have gone round that nothing may hold up: that of all connections, and
  // that which follows processes. wake() makes those turn that would sleep.
  std::vector<std::uint64_t> turns() const { return {server_->turns(), collector_->turns()}; }
  void wake() { server_->wake(); }
  bool serves_tls() const;
  // Soon. False: there is no web config to read.
  bool reload_web_config();

 private:
  Agent(std::unique_ptr<watch::Collector> collector, std::unique_ptr<http::Server> server,
        std::unique_ptr<WebConfigReader> web_config);

  base::Result<void> record(FlightRecorder::Settings settings);
  void profile_continuously();
  base::Result<void> serve(std::uint32_t max_profile_hz);
  base::Result<void> feed();
  void tell_of_server(model::ExporterStatus& exporter) const;
  base::Result<model::Snapshot> collect(std::chrono::steady_clock::time_point deadline,
                                        const model::Wanted& wanted = {});

  // Destroyed from the bottom up: nobody tells the server anything when it goes, and nobody
  // collects after it.
  std::unique_ptr<watch::Collector> collector_;
  const std::string epoch_;
  timeline::EventWindow events_;
  timeline::HistoryWindow history_;
  TraceSource traces_{events_, history_};
  // Shared with threads that may be left behind.
  const std::shared_ptr<KeptProfiles> profiles_;
  std::unique_ptr<FlightRecorder> recorder_;
  std::unique_ptr<WebConfigReader> web_config_;  // none: there is no file
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<EventFeed> event_feed_;
  std::unique_ptr<SecondFeed> second_feed_;
};

}  // namespace agent
