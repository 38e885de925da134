// The HTTP server of the exporter.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"
#include "http/listen_address.h"
#include "model/snapshot.h"
#include "model/wanted.h"

namespace http {

class ConnectionLoop;

// Gives a fresh snapshot of these targets by the deadline, or why there is none.
using SnapshotSource = std::function<base::Result<model::Snapshot>(
    std::chrono::steady_clock::time_point deadline, const model::Wanted& wanted)>;

// What is served. Called by up to 16 threads at once.
struct Sources {
  SnapshotSource snapshot;
  // Why nothing is told of any target; none: something is. Answers at once.
  std::function<std::optional<std::string>()> unready;
};

struct ServerConfig {
  ListenAddress address;
  std::string telemetry_path = "/metrics";
};

// Owns the listening socket and, from serve() on, the threads. listen(), serve() and the destructor
// are for one thread.
//
// Serves the telemetry path (OpenMetrics or Prometheus text, by Accept), /debug/metrics (JSON;
// ?process=NAME, without it the first target), / (links; unless the telemetry path is "/"),
// /-/healthy and /-/ready.
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

  // The port, also where the configuration left it open.
  std::uint16_t port() const { return config_.address.port; }
  // Where it listens, such as "127.0.0.1:18255".
  std::string address() const { return text_of(config_.address); }
  // Connections closed because too many were open. Any thread, after serve().
  std::uint64_t dropped_connections() const;

 private:
  Server(ServerConfig config, base::UniqueFd listening);

  ServerConfig config_;
  base::UniqueFd listening_;  // until serve()
  std::unique_ptr<ConnectionLoop> loop_;
};

}  // namespace http
