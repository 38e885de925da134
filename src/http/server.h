// The HTTP server of the exporter.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "http/drop_counts.h"
#include "http/listen_address.h"
#include "http/sources.h"

namespace http {

class ConnectionLoop;
class EventStreams;

struct ServerConfig {
  std::vector<ListenAddress> addresses{ListenAddress{}};  // one or more
  std::string telemetry_path = "/metrics";
};

// Owns the listening sockets and, from serve() on, the threads. listen(), serve() and the
// destructor are for one thread.
//
// Serves the telemetry path (OpenMetrics or Prometheus text, by Accept), what stands below /debug/
// (routes.h), / (links; unless the telemetry path is "/"), /-/healthy and /-/ready.
class Server {
 public:
  // Binds and listens: from now on clients can connect, and wait for serve(). Early, so that a
  // taken port fails the start before anything is attached. Fails with the address and the cause.
  static base::Result<std::unique_ptr<Server>> listen(ServerConfig config);
  // Stops. Clients that are idle or slow are not waited for (some 150 ms at most), a call of the
  // source is: up to its deadline.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Starts to answer, once. Fails if threads or descriptors are short.
  base::Result<void> serve(Sources sources);

  // To those who follow the timeline: that there are, or may be, new events; and a moment, each
  // second. From serve() on, any thread; nobody's reader is waited for.
  void tell_events();
  void tell_snapshot(std::shared_ptr<const model::Snapshot> snapshot);

  // How often the thread of all connections has gone round, which it does at wake() at the latest:
  // whether it hangs. From serve() on, any thread.
  std::uint64_t turns() const;
  void wake();

  // Where it listens, with the ports that it got where the configuration left them open.
  const std::vector<ListenAddress>& addresses() const { return config_.addresses; }
  // Any thread.
  const DropCounts& drop_counts() const { return *drop_counts_; }

 private:
  Server(ServerConfig config, std::vector<base::UniqueFd> listening);

  ServerConfig config_;
  std::vector<base::UniqueFd> listening_;  // until serve()
  std::unique_ptr<DropCounts> drop_counts_;
  std::unique_ptr<EventStreams> streams_;  // from serve() on
  std::unique_ptr<ConnectionLoop> loop_;
};

}  // namespace http
