#include "http/worker_pool.h"

#include <exception>
#include <optional>
#include <system_error>
#include <utility>

#include "base/log.h"

namespace http {
namespace {

// An empty answer ends the connection.
Answer answer(const Protocol& protocol, Request request) {
  try {
    return protocol.answer(std::move(request));
  } catch (const std::exception& error) {
    base::log_error("make an HTTP answer: {}", error.what());  // memory is short, say
    return {};
  }
}

}  // namespace

WorkerPool::WorkerPool(const Protocol& protocol, std::shared_ptr<EventFd> done_event)
    : protocol_(protocol), done_event_(std::move(done_event)) {}

base::Result<std::unique_ptr<WorkerPool>> WorkerPool::start(const Protocol& protocol,
                                                            std::size_t threads,
                                                            std::shared_ptr<EventFd> done_event) {
  std::unique_ptr<WorkerPool> pool(new WorkerPool(protocol, std::move(done_event)));
  try {
    for (std::size_t i = 0; i < threads; ++i) {
      pool->threads_.emplace_back(
          [&worker = *pool](const std::stop_token& stop) { worker.run(stop); });
    }
  } catch (const std::system_error& error) {
    return base::fail("start a thread to answer HTTP requests: {}", error.what());
  }
  return pool;
}

// All are told before the first is waited for.
WorkerPool::~WorkerPool() {
  for (auto& thread : threads_) thread.request_stop();
  threads_.clear();
  for (const Done& done : done_) {
    if (done.answer.stream) done.answer.stream->close();
  }
}

void WorkerPool::submit(Job job) {
  {
    const std::lock_guard lock(mutex_);
    // So the queue is no longer than there are connections, and nobody waits for the work of
    // clients that ask and leave.
    std::erase_if(waiting_, [](const Job& waiting) { return waiting.gone.stop_requested(); });
    waiting_.push_back(std::move(job));
  }
  has_waiting_.notify_one();
}

std::vector<Done> WorkerPool::take_done() {
  const std::lock_guard lock(mutex_);
  return std::exchange(done_, {});
}

void WorkerPool::run(const std::stop_token& stop) {
  while (auto job = next(stop)) {
    const ConnectionId connection = job->connection;
    Done done{connection, answer(protocol_, std::move(job->request))};
    job->in_flight.reset();  // before its client can know
    {
      const std::lock_guard lock(mutex_);
      done_.push_back(std::move(done));
    }
    done_event_->signal();
  }
}

std::optional<Job> WorkerPool::next(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (has_waiting_.wait(lock, stop, [this] { return !waiting_.empty(); }) &&
         !stop.stop_requested()) {
    Job job = std::move(waiting_.front());
    waiting_.pop_front();
    if (!job.gone.stop_requested()) return job;
  }
  return std::nullopt;
}

}  // namespace http
