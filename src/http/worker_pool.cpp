#include "http/worker_pool.h"

#include <chrono>
#include <system_error>
#include <utility>

namespace http {
namespace {

// Long enough for an answer that is being written to a client that reads it; short beside the half
// second in which a stop must be over.
constexpr std::chrono::milliseconds kStopGrace{150};

}  // namespace

WorkerPool::WorkerPool(Protocol& protocol, EventFd answered_event)
    : protocol_(protocol), answered_event_(std::move(answered_event)) {}

base::Result<std::unique_ptr<WorkerPool>> WorkerPool::start(Protocol& protocol,
                                                            std::size_t threads) {
  auto event = EventFd::create();
  if (!event) return base::pass_on(event);
  std::unique_ptr<WorkerPool> pool(new WorkerPool(protocol, std::move(*event)));
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

WorkerPool::~WorkerPool() {
  for (auto& thread : threads_) thread.request_stop();
  std::unique_lock lock(mutex_);
  is_idle_.wait_for(lock, kStopGrace, [this] { return busy_.empty(); });
  for (Connection* const connection : busy_) connection->interrupt();
  lock.unlock();
  threads_.clear();
}

void WorkerPool::submit(std::unique_ptr<Connection> connection) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(connection));
  }
  has_waiting_.notify_one();
}

Connections WorkerPool::take_answered() {
  answered_event_.clear();
  const std::lock_guard lock(mutex_);
  return std::exchange(answered_, {});
}

std::size_t WorkerPool::size() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size() + busy_.size() + answered_.size();
}

void WorkerPool::run(const std::stop_token& stop) {
  while (auto connection = next(stop)) {
    const bool keep = protocol_.answer(*connection);
    finish(std::move(connection), keep);
  }
}

std::unique_ptr<Connection> WorkerPool::next(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  if (!has_waiting_.wait(lock, stop, [this] { return !waiting_.empty(); }) ||
      stop.stop_requested()) {
    return nullptr;
  }
  auto connection = std::move(waiting_.front());
  waiting_.pop_front();
  busy_.push_back(connection.get());
  return connection;
}

void WorkerPool::finish(std::unique_ptr<Connection> connection, bool keep) {
  bool again = false;
  bool give_back = false;
  {
    // The connection dies outside the lock, but out of `busy_` first: interrupt() needs it alive.
    const std::lock_guard lock(mutex_);
    std::erase(busy_, connection.get());
    if (keep && connection->has_request()) {
      waiting_.push_back(std::move(connection));  // behind the others: nobody holds a thread
      again = true;
    } else if (keep) {
      answered_.push_back(std::move(connection));
      give_back = true;
    }
  }
  is_idle_.notify_one();
  if (again) has_waiting_.notify_one();
  if (give_back) answered_event_.signal();
}

}  // namespace http
