#include "http/connection_loop.h"

#include <fmt/core.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "base/log.h"
#include "http/socket_address.h"
#include "http/tls_transport.h"

namespace http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kHeadTimeoutStatus = 408;
constexpr std::size_t kCrowdDivisor = 8;  // more than this part of the places taken is a crowd
constexpr seconds kCrowdLasts{15};        // until the last of it had time to be too slow
constexpr int kMaxAcceptsPerTurn = 64;
// Where nobody can be dropped for room.
constexpr milliseconds kAcceptPause{100};
// Where everybody's answer is computed: whoever comes waits in the backlog.
constexpr milliseconds kFullPause{10};
constexpr seconds kWarningPause{60};
// Long enough for an answer whose client reads it; short beside the second in which a stop must be
// over.
constexpr milliseconds kStopGrace{150};
// What the kernel holds for a client beside our own queue, which is counted. It doubles this.
constexpr int kSendBufferBytes = 64 * 1024;
// Where more than this waits in the kernel for a client's window, it takes no more: of many
// requests of who reads nothing, two are answered, not as many as the buffer holds.
constexpr int kUnsentBytes = 4 * 1024;

// Of what handshakes take in one round of the loop, beside one more.
constexpr milliseconds kHandshakesPerTurn{10};

std::unique_ptr<Transport> transport_over(base::UniqueFd socket,
                                          const std::shared_ptr<const TlsContext>& tls) {
  if (tls) return TlsTransport::create(std::move(socket), tls);
  return std::make_unique<PlainTransport>(std::move(socket));
}

int poll_timeout_ms(std::chrono::steady_clock::duration left) {
  constexpr milliseconds kLongest{60'000};
  const auto rounded_up = std::chrono::ceil<milliseconds>(left);
  return static_cast<int>(std::clamp(rounded_up, milliseconds::zero(), kLongest).count());
}

}  // namespace

ConnectionLoop::ConnectionLoop(std::vector<base::UniqueFd> listening,
                               std::shared_ptr<EventFd> event, Handler handler,
                               DropCounts& drop_counts, const Limits& limits, LoopParts parts)
    : limits_(limits),
      listening_(std::move(listening)),
      event_(std::move(event)),
      protocol_(std::move(handler), std::chrono::duration_cast<seconds>(limits.idle)),
      drop_counts_(drop_counts),
      parts_(std::move(parts)) {}

base::Result<std::unique_ptr<ConnectionLoop>> ConnectionLoop::start(
    std::vector<base::UniqueFd> listening, Handler handler, DropCounts& drop_counts,
    const Limits& limits, LoopParts parts) {
  if (!parts.settings) parts.settings = std::make_shared<const SharedSettings>();
  if (!parts.counts) parts.counts = std::make_shared<RequestCounts>();
  auto event = EventFd::create();
  if (!event) return base::pass_on(event);
  std::unique_ptr<ConnectionLoop> loop(
      new ConnectionLoop(std::move(listening), std::make_shared<EventFd>(std::move(*event)),
                         std::move(handler), drop_counts, limits, std::move(parts)));
  auto workers = WorkerPool::start(loop->protocol_, limits.workers, loop->event_);
  if (!workers) return base::pass_on(workers);
  loop->workers_ = std::move(*workers);
  try {
    loop->thread_ = std::jthread([&self = *loop](const std::stop_token& stop) { self.run(stop); });
  } catch (const std::system_error& error) {
    return base::fail("start a thread to serve HTTP connections: {}", error.what());
  }
  return loop;
}

ConnectionLoop::~ConnectionLoop() {
  thread_.request_stop();
  event_->signal();
}

void ConnectionLoop::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) turn(TimePoint::max());
  listening_.clear();
  const auto stopped = Clock::now();
  for (const ConnectionId id : connections_.ids()) {
    Connection& connection = *connections_.find(id);
    connection.abandon();
    settle(id, connection, connection.advance(0, stopped), stopped);
  }
  const auto until = stopped + kStopGrace;
  while (connections_.is_busy() && Clock::now() < until) turn(until);
}

void ConnectionLoop::turn(TimePoint until) {
  ++turns_;
  fill_poll_set(Clock::now());
  const auto now = Clock::now();
  auto next = std::min(until, connections_.deadline());
  if (now < accept_again_) next = std::min(next, accept_again_);
  const int timeout_ms = next <= now                ? 0
                         : next == TimePoint::max() ? -1
                                                    : poll_timeout_ms(next - now);
  const int ready = ::poll(poll_set_.data(), poll_set_.size(), timeout_ms);
  if (ready < 0) return;  // a signal, or no memory: nothing was reported
  const auto woken = Clock::now();
  if (poll_set_.front().revents != 0) take_done(woken);
  advance_all(woken);
  limit_memory(woken);
  for (std::size_t i = 0; i < listening_.size(); ++i) {
    if (poll_set_[1 + i].revents != 0) accept_from(listening_[i].get(), woken);
  }
}

void ConnectionLoop::fill_poll_set(TimePoint now) {
  const short accept_events = now < accept_again_ ? 0 : POLLIN;
  poll_set_.clear();
  poll_set_.push_back({event_->fd(), POLLIN, 0});
  for (const auto& fd : listening_) poll_set_.push_back({fd.get(), accept_events, 0});
  polled_ = connections_.ids();
  for (const ConnectionId id : polled_) {
    const Connection& connection = *connections_.find(id);
    poll_set_.push_back({connection.fd(), connection.events(), 0});
  }
}

void ConnectionLoop::take_done(TimePoint now) {
  event_->clear();
  for (Done& done : workers_->take_done()) {
    Connection* const connection = connections_.find(done.connection);
    if (connection != nullptr) {
      settle(done.connection, *connection, connection->answer(std::move(done.answer), now), now);
    } else if (done.answer.stream) {
      done.answer.stream->close();
    }
  }
}

void ConnectionLoop::advance_all(TimePoint now) {
  std::vector<std::size_t> handshakes;
  for (std::size_t i = 0; i < polled_.size(); ++i) {
    const Connection* const connection = connections_.find(polled_[i]);
    if (connection == nullptr) continue;
    if (connection->transport().is_open()) {
      advance(i, now);
    } else {
      handshakes.push_back(i);
    }
  }
  for (const std::size_t i : handshakes) {
    advance(i, now);
    if (Clock::now() - now > kHandshakesPerTurn) return;  // poll() tells of the others again
  }
}

void ConnectionLoop::advance(std::size_t polled, TimePoint now) {
  Connection* const connection = connections_.find(polled_[polled]);
  if (connection == nullptr) return;
  const short ready = poll_set_[poll_set_.size() - polled_.size() + polled].revents;
  if (ready == 0 && !connection->has_stream_part() && now < connection->deadline()) return;
  settle(polled_[polled], *connection, connection->advance(ready, now), now);
}

void ConnectionLoop::settle(ConnectionId id, Connection& connection, Connection::Next next,
                            TimePoint now) {
  switch (next) {
    case Connection::Next::kWait:
      return;
    case Connection::Next::kCompute:
      return submit(id, connection, now);
    case Connection::Next::kRefuse:
      return refuse(id, connection, now);
    case Connection::Next::kTooSlow:
      ++drop_counts_.slow_reads;
      return connections_.remove(id);
    case Connection::Next::kClose:
      if (!connection.transport().is_open()) note_handshake(connection, now);
      return connections_.remove(id);
  }
}

void ConnectionLoop::note_handshake(const Connection& connection, TimePoint now) {
  const auto failure = connection.transport().handshake_failure();
  if (!failure) {
    if (now >= connection.since() + limits_.request) ++drop_counts_.slow_handshakes;
    return;
  }
  const bool is_certificate = failure->cause == HandshakeFailure::Cause::kCertificate;
  ++(is_certificate ? drop_counts_.refused_certificates : drop_counts_.failed_handshakes);
  if (now < handshake_warning_again_) {
    ++untold_handshakes_;
    return;
  }
  const std::string others =
      untold_handshakes_ == 0
          ? ""
          : fmt::format(" ({} more since the last line of this kind)", untold_handshakes_);
  base::log_warn("TLS handshake with {}: {}{}{}", peer_of(connection.fd()),
                 is_certificate ? "the client's certificate: " : "", failure->text, others);
  untold_handshakes_ = 0;
  handshake_warning_again_ = now + kWarningPause;
}

void ConnectionLoop::refuse(ConnectionId id, Connection& connection, TimePoint now) {
  if (connection.refusal().status == kHeadTimeoutStatus) {
    ++drop_counts_.slow_heads;
    // In a crowd of slow clients an answer, and the wait for its end, would only hold their places.
    if (now < crowded_until_) return connections_.remove(id);
  }
  parts_.counts->add(RequestCounts::Handler::kNone, connection.refusal().status);
  settle(id, connection, connection.answer(protocol_.refuse(connection.refusal()), now), now);
}

void ConnectionLoop::submit(ConnectionId id, Connection& connection, TimePoint now) {
  const auto settings = parts_.settings->get();
  // By TLS that no longer holds: the next request needs a new connection.
  const bool is_last = connection.transport().tls() != settings->tls.get();
  Job job;
  job.connection = id;
  job.request.head = connection.take_head(is_last);
  job.in_flight = RequestCounts::begin(parts_.counts);
  job.request.arrived = now;
  job.request.is_on_loopback = is_on_loopback(connection.fd());
  job.request.is_encrypted = connection.transport().tls() != nullptr;
  job.request.has_verified_client = connection.transport().has_verified_peer();
  job.request.client_left = connection.client_left();
  job.gone = connection.gone();
  job.request.stream = std::make_shared<Stream>(event_);
  workers_->submit(std::move(job));
}

void ConnectionLoop::limit_memory(TimePoint now) {
  while (connections_.waiting_bytes() > limits_.output_bytes && connections_.drop_slowest(now)) {
    ++drop_counts_.memory;
  }
}

void ConnectionLoop::accept_from(int listening_fd, TimePoint now) {
  for (int i = 0; i < kMaxAcceptsPerTurn; ++i) {
    if (is_full(now)) {
      accept_again_ = now + kFullPause;
      return;
    }
    base::UniqueFd fd(::accept4(listening_fd, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (fd) {
      add(std::move(fd), now);
    } else if (!recover_accept(errno, now)) {
      return;
    }
  }
}

bool ConnectionLoop::is_full(TimePoint now) const {
  return connections_.size() >= limits_.connections && !connections_.can_make_room(now);
}

bool ConnectionLoop::recover_accept(int errno_value, TimePoint now) {
  switch (errno_value) {
    case EINTR:
    case ECONNABORTED:
      return true;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
      break;
    default:
      return false;  // mostly EAGAIN: nobody waits
  }
  if (now >= accept_warning_again_) {
    base::log_warn("accept an HTTP connection: {} (who is idle is dropped for it)",
                   base::errno_text(errno_value));
    accept_warning_again_ = now + kWarningPause;
  }
  if (connections_.drop_for_room(now)) {
    ++drop_counts_.descriptors;
    return true;
  }
  accept_again_ = now + kAcceptPause;  // otherwise this would be a busy loop
  return false;
}

void ConnectionLoop::add(base::UniqueFd socket, TimePoint now) {
  if (connections_.size() >= limits_.connections) {
    connections_.drop_for_room(now);
    ++drop_counts_.connections;
  }
  const int on = 1;
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDBUF, &kSendBufferBytes, sizeof(kSendBufferBytes));
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &kUnsentBytes, sizeof(kUnsentBytes));
  auto transport = transport_over(std::move(socket), parts_.settings->get()->tls);
  if (!transport) return;  // memory is short: its client sees the end
  connections_.add(std::make_unique<Connection>(std::move(transport), limits_, now));
  if (connections_.size() > limits_.connections / kCrowdDivisor) crowded_until_ = now + kCrowdLasts;
}

}  // namespace http
