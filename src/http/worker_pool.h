// The threads that answer requests.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include "base/result.h"
#include "http/connection.h"
#include "http/event_fd.h"
#include "http/protocol.h"

namespace http {

using Connections = std::vector<std::unique_ptr<Connection>>;

// Owns the connections whose request is here but not yet answered. One thread submits and takes
// back; the handler runs on the pool's threads.
class WorkerPool {
 public:
  // `threads` threads that answer through `protocol`, which outlives the pool.
  static base::Result<std::unique_ptr<WorkerPool>> start(Protocol& protocol, std::size_t threads);
  // Drops what waits. What is being written gets a moment, then its socket is shut; a handler that
  // runs is waited for.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  void submit(std::unique_ptr<Connection> connection);
  // Connections that were answered and may send another request.
  Connections take_answered();
  // Readable when take_answered() has something to give.
  int answered_fd() const { return answered_event_.fd(); }
  // Connections here: waiting, being answered, and answered but not taken.
  std::size_t size() const;

 private:
  WorkerPool(Protocol& protocol, EventFd answered_event);

  void run(const std::stop_token& stop);
  // The next connection to answer; it is in `busy_` until finish(). None: stop.
  std::unique_ptr<Connection> next(const std::stop_token& stop);
  void finish(std::unique_ptr<Connection> connection, bool keep);

  Protocol& protocol_;
  EventFd answered_event_;
  mutable std::mutex mutex_;
  std::condition_variable_any has_waiting_;
  std::condition_variable is_idle_;
  std::deque<std::unique_ptr<Connection>> waiting_;
  std::vector<Connection*> busy_;
  Connections answered_;
  std::vector<std::jthread> threads_;
};

}  // namespace http
