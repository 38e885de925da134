// All open connections, and whom to drop where there are too many.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <vector>

#include "http/answer.h"
#include "http/connection.h"

namespace http {

// Owns them. For the loop's thread.
class ConnectionSet {
 public:
  using TimePoint = Connection::TimePoint;

  void add(std::unique_ptr<Connection> connection);
  void remove(ConnectionId id) { connections_.erase(id); }
  // None: it is no longer here.
  Connection* find(ConnectionId id) const;
  // The oldest first.
  std::vector<ConnectionId> ids() const;

  std::size_t size() const { return connections_.size(); }
  // Bytes that wait for clients to take them.
  std::size_t waiting_bytes() const;
  // Whether an answer is computed or on its way.
  bool is_busy() const;
  // When the first of them has waited long enough.
  TimePoint deadline() const;

  // Removes who will be missed least: who only waits for the end, who has never asked anything, who
  // has been silent for longest, who reads slowest, and of those who have only just begun with that
  // the oldest. Never who was accepted in this round or answered a moment ago, whose answer is
  // computed, or who has read all that there is of a stream; false: there are only such.
  bool drop_for_room(TimePoint now);
  bool can_make_room(TimePoint now) const;
  // Removes the slowest of those who have something to read. False: there is one at most, whose
  // answer is as large as it must be.
  bool drop_slowest(TimePoint now);

 private:
  using Connections = std::map<ConnectionId, std::unique_ptr<Connection>>;

  // Whom drop_for_room() removes; none: the end.
  Connections::const_iterator least_missed(TimePoint now) const;

  Connections connections_;
  ConnectionId next_id_ = 1;
};

}  // namespace http
