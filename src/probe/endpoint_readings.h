// Groups http, connection and loop: map entries to metrics.
#pragma once

#include <valkyria/abi/connection.h>
#include <valkyria/abi/endpoint.h>
#include <valkyria/abi/http.h>
#include <valkyria/abi/loop.h>

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "model/snapshot.h"
#include "probe/attachment.h"

namespace probe {

using NameEntries = std::vector<std::pair<valk_endpoint, valk_endpoint_names>>;
using ServerEntries = std::vector<std::pair<valk_endpoint, valk_http_server>>;
using ConnectionEntries = std::vector<std::pair<valk_endpoint, valk_connections>>;
using LoopEntries = std::vector<std::pair<valk_endpoint, valk_loop>>;

struct EndpointName {
  std::string system;
  std::string host;
  std::string port;
  std::string protocol;
};

// The names of endpoints, by key.
class EndpointNames {
 public:
  explicit EndpointNames(const NameEntries& entries);

  // Null for an endpoint whose names could not be read yet: it stays hidden until they are.
  // The "other" endpoint and the one of function probes are named here.
  const EndpointName* find(const valk_endpoint& key) const;

 private:
  using Key = std::tuple<std::uint64_t, std::uint64_t, std::uint32_t, std::uint16_t, std::uint8_t>;
  static Key key_of(const valk_endpoint& endpoint);

  std::map<Key, EndpointName> names_;
  EndpointName other_;
  EndpointName only_;
};

// One entry for each server of the slot that has been seen. `stops_world`: every collection stops
// all threads, so it is known how much of requests lay inside pauses.
std::vector<model::ServerMetrics> server_metrics(const ServerEntries& servers,
                                                 const EndpointNames& names, std::uint32_t slot,
                                                 const ProbeSet& attached, bool stops_world);

// What is told of a server, and of a system, to which nothing has happened yet.
model::ServerMetrics untouched_server(const Attached& attached, bool stops_world);
model::SystemMetrics untouched_system(const Attached& attached);

// What is known about systems, by endpoint.
struct SystemEntries {
  const ServerEntries& servers;
  const ConnectionEntries& connections;
  const LoopEntries& loops;
};

// One entry for each system of the slot that has been seen, summed over its servers.
std::vector<model::SystemMetrics> system_metrics(const SystemEntries& entries,
                                                 const EndpointNames& names, std::uint32_t slot,
                                                 const ProbeSet& attached);

}  // namespace probe
