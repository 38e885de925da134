// The HTTP server of the exporter.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "http/drop_counts.h"
#include "http/listen_address.h"
#include "http/request_counts.h"
#include "http/sources.h"
#include "http/systemd_sockets.h"

namespace http {

class ConnectionLoop;
class EventStreams;
class SharedSettings;

struct ServerConfig {
  std::vector<ListenAddress> addresses{ListenAddress{}};  // one or more
  std::string telemetry_path = "/metrics";
  // Sockets to take in place of making some for `addresses`.
  std::optional<HandedSockets> handed_sockets = {};
  std::size_t max_scrapes = 0;           // that are computed, past it 503; 0: no limit
  bool serves_debug_everywhere = false;  // else on loopback, or over TLS to who has authenticated
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
  // What --web.config.file asks for; whoever reads it puts it in place, before serve() and whenever
  // it changes. Any thread may set it, also after the server is gone.
  const std::shared_ptr<SharedSettings>& settings() const { return settings_; }

  // Where it listens, with the ports that it got where the configuration left them open.
  const std::vector<ListenAddress>& addresses() const { return config_.addresses; }
  // Any thread.
  const DropCounts& drop_counts() const { return *drop_counts_; }
  const RequestCounts& request_counts() const { return *request_counts_; }

 private:
  Server(ServerConfig config, std::vector<base::UniqueFd> listening);

  ServerConfig config_;
  std::vector<base::UniqueFd> listening_;  // until serve()
  std::unique_ptr<DropCounts> drop_counts_;
  const std::shared_ptr<RequestCounts> request_counts_;
  const std::shared_ptr<SharedSettings> settings_;
  std::unique_ptr<EventStreams> streams_;  // from serve() on
  std::unique_ptr<ConnectionLoop> loop_;
};

}  // namespace http
