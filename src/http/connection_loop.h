// Takes connections and waits for requests on all of them, in one thread.
#pragma once

#include <poll.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "http/connection_limits.h"
#include "http/event_fd.h"
#include "http/protocol.h"
#include "http/worker_pool.h"

namespace http {

// Serves as long as it lives.
//
// A connection belongs to the loop's thread while its client is silent or in the middle of a
// request, and to a worker from the end of the request's head to the end of the answer. So idle,
// slow and half-way clients cost a descriptor each and no thread, never stand in anybody's way, and
// are closed at once when the loop ends. Past the limit of open connections the one that has waited
// longest for its client is closed and counted.
class ConnectionLoop {
 public:
  // `listening` is a non-blocking socket that listens; `handler` runs on the workers.
  static base::Result<std::unique_ptr<ConnectionLoop>> start(base::UniqueFd listening,
                                                             Handler handler,
                                                             const ConnectionLimits& limits = {});
  // Returns when no handler runs any more; otherwise within some 150 ms.
  ~ConnectionLoop();
  ConnectionLoop(const ConnectionLoop&) = delete;
  ConnectionLoop& operator=(const ConnectionLoop&) = delete;

  // Connections that were closed because there were too many. Any thread.
  std::uint64_t dropped_connections() const { return dropped_connections_; }

 private:
  using Clock = Connection::Clock;

  ConnectionLoop(base::UniqueFd listening, EventFd stop_event, Handler handler,
                 const ConnectionLimits& limits);

  void run(const std::stop_token& stop);
  void fill_poll_set(Clock::time_point now);
  // Advances the waiting connections that poll() or the clock has something for.
  void serve_waiting(Clock::time_point now);
  void take_back_answered(Clock::time_point now);
  void accept_new(Clock::time_point now);
  // Makes room below the limit; false if nothing waits that could be closed.
  bool drop_oldest();
  int timeout_ms(Clock::time_point now) const;

  const ConnectionLimits limits_;
  base::UniqueFd listening_;
  EventFd stop_event_;
  Protocol protocol_;
  std::unique_ptr<WorkerPool> workers_;
  std::atomic<std::uint64_t> dropped_connections_{0};
  // The loop's thread only:
  Connections waiting_;            // the one that began to wait first stands first
  std::vector<pollfd> poll_set_;   // three of our own, then one for each of `waiting_`
  Clock::time_point accept_from_;  // no connections are accepted before
  std::jthread thread_;
};

}  // namespace http
