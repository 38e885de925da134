#include "http/connection_loop.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace http {
namespace {

using std::chrono::milliseconds;

constexpr int kMaxAcceptsPerTurn = 64;
constexpr milliseconds kAcceptPause{500};

constexpr std::size_t kListeningSlot = 0;
constexpr std::size_t kAnsweredSlot = 2;  // slot 1 only wakes poll() for the stop
constexpr std::size_t kOwnSlots = 3;

}  // namespace

ConnectionLoop::ConnectionLoop(base::UniqueFd listening, EventFd stop_event, Handler handler,
                               const ConnectionLimits& limits)
    : limits_(limits),
      listening_(std::move(listening)),
      stop_event_(std::move(stop_event)),
      protocol_(std::move(handler), limits) {}

base::Result<std::unique_ptr<ConnectionLoop>> ConnectionLoop::start(
    base::UniqueFd listening, Handler handler, const ConnectionLimits& limits) {
  auto stop_event = EventFd::create();
  if (!stop_event) return base::pass_on(stop_event);
  std::unique_ptr<ConnectionLoop> loop(
      new ConnectionLoop(std::move(listening), std::move(*stop_event), std::move(handler), limits));
  auto workers = WorkerPool::start(loop->protocol_, limits.workers);
  if (!workers) return base::pass_on(workers);
  loop->workers_ = std::move(*workers);
  try {
    loop->thread_ = std::jthread([&self = *loop](const std::stop_token& stop) { self.run(stop); });
  } catch (const std::system_error& error) {
    return base::fail("start a thread to take HTTP connections: {}", error.what());
  }
  return loop;
}

ConnectionLoop::~ConnectionLoop() {
  thread_.request_stop();
  stop_event_.signal();
}

void ConnectionLoop::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    fill_poll_set(Clock::now());
    const int ready = ::poll(poll_set_.data(), poll_set_.size(), timeout_ms(Clock::now()));
    if (ready < 0) continue;  // a signal, or no memory: nothing was reported
    const auto now = Clock::now();
    serve_waiting(now);
    if (poll_set_[kAnsweredSlot].revents != 0) take_back_answered(now);
    if (poll_set_[kListeningSlot].revents != 0) accept_new(now);
  }
}

void ConnectionLoop::fill_poll_set(Clock::time_point now) {
  const short accept_events = now < accept_from_ ? 0 : POLLIN;
  poll_set_.clear();
  poll_set_.push_back({listening_.get(), accept_events, 0});
  poll_set_.push_back({stop_event_.fd(), POLLIN, 0});
  poll_set_.push_back({workers_->answered_fd(), POLLIN, 0});
  for (const auto& connection : waiting_) poll_set_.push_back({connection->fd(), POLLIN, 0});
}

int ConnectionLoop::timeout_ms(Clock::time_point now) const {
  auto until = now + limits_.idle;
  if (now < accept_from_) until = std::min(until, accept_from_);
  for (const auto& connection : waiting_) until = std::min(until, connection->wait_until);
  const auto left = std::chrono::ceil<milliseconds>(until - now);
  return static_cast<int>(std::max(left, milliseconds::zero()).count());
}

void ConnectionLoop::serve_waiting(Clock::time_point now) {
  Connections still_waiting;
  for (std::size_t i = 0; i < waiting_.size(); ++i) {
    auto connection = std::move(waiting_[i]);
    auto input = Connection::Input::kPartial;
    if (poll_set_[kOwnSlots + i].revents != 0) {
      const bool was_silent = !connection->has_input();
      input = connection->receive();
      if (was_silent) connection->wait_until = now + limits_.request;
    }
    switch (input) {
      case Connection::Input::kRequest:
        workers_->submit(std::move(connection));
        break;
      case Connection::Input::kPartial:
        if (now < connection->wait_until) still_waiting.push_back(std::move(connection));
        break;
      case Connection::Input::kTooLong:
        connection->refuse_too_long();
        break;
      case Connection::Input::kClosed:
        break;
    }
  }
  waiting_ = std::move(still_waiting);
}

void ConnectionLoop::take_back_answered(Clock::time_point now) {
  for (auto& connection : workers_->take_answered()) {
    connection->wait_until = now + (connection->has_input() ? limits_.request : limits_.idle);
    waiting_.push_back(std::move(connection));
  }
}

void ConnectionLoop::accept_new(Clock::time_point now) {
  for (int i = 0; i < kMaxAcceptsPerTurn; ++i) {
    base::UniqueFd fd(::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!fd) {
      const int cause = errno;
      if (cause == EAGAIN || cause == EWOULDBLOCK) return;
      if (cause == EINTR || cause == ECONNABORTED) continue;
      // No descriptors or memory, for one: without a pause this would be a busy loop.
      spdlog::warn("accept an HTTP connection: {}", base::errno_text(cause));
      drop_oldest();
      accept_from_ = now + kAcceptPause;
      return;
    }
    if (waiting_.size() + workers_->size() >= limits_.connections && !drop_oldest()) {
      ++dropped_connections_;
      continue;
    }
    const int on = 1;
    ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    auto connection = std::make_unique<Connection>(std::move(fd));
    connection->wait_until = now + limits_.request;
    waiting_.push_back(std::move(connection));
  }
}

bool ConnectionLoop::drop_oldest() {
  if (waiting_.empty()) return false;
  ++dropped_connections_;
  waiting_.erase(waiting_.begin());
  return true;
}

}  // namespace http
