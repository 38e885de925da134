// The threads that compute answers.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

#include "base/result.h"
#include "http/answer.h"
#include "http/event_fd.h"
#include "http/exchange.h"
#include "http/protocol.h"
#include "http/request_counts.h"

namespace http {

struct Job {
  ConnectionId connection = 0;
  Request request;
  std::stop_token gone;  // the connection is: a job that still waits is forgotten
  RequestCounts::InFlight in_flight;
};

struct Done {
  ConnectionId connection = 0;
  Answer answer;
};

// Takes requests and gives answers; sees no socket. One thread submits and takes back; handlers run
// on the pool's threads.
class WorkerPool {
 public:
  // `threads` threads that answer through `protocol`, which outlives the pool. `done_event` is
  // signalled for each answer.
  static base::Result<std::unique_ptr<WorkerPool>> start(const Protocol& protocol,
                                                         std::size_t threads,
                                                         std::shared_ptr<EventFd> done_event);
  // Drops what waits; a handler that runs is waited for.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  void submit(Job job);
  std::vector<Done> take_done();

 private:
  WorkerPool(const Protocol& protocol, std::shared_ptr<EventFd> done_event);

  void run(const std::stop_token& stop);
  // The next job; none: stop.
  std::optional<Job> next(const std::stop_token& stop);

  const Protocol& protocol_;
  const std::shared_ptr<EventFd> done_event_;
  std::mutex mutex_;
  std::condition_variable_any has_waiting_;
  std::deque<Job> waiting_;
  std::vector<Done> done_;
  std::vector<std::jthread> threads_;
};

}  // namespace http
