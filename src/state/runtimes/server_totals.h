// What was told of HTTP servers at the reading before.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "model/snapshot.h"

namespace state {

// Keeps the counters of servers from falling, though a registry is copied while it changes: a
// series whose texts could not be read this time, or one that is a difference, may come out
// smaller. Knows the servers of the last reading, no others. One thread at a time.
class ServerTotals {
 public:
  // The largest number of requests of no known class that was told of this server.
  std::uint64_t rest_of(const model::ServerMetrics& server) const;

  // Raises what is less than it was, and takes note of the rest.
  void raise(std::vector<model::ServerMetrics>& servers);

 private:
  using Key = std::tuple<std::string, std::string, std::string>;

  static Key key_of(const model::ServerMetrics& server);

  std::map<Key, model::ServerMetrics> told_;
};

}  // namespace state
