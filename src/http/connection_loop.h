// Reads from and writes to all clients, in one thread.
#pragma once

#include <poll.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "http/connection_set.h"
#include "http/drop_counts.h"
#include "http/event_fd.h"
#include "http/limits.h"
#include "http/protocol.h"
#include "http/request_counts.h"
#include "http/web_settings.h"
#include "http/worker_pool.h"

namespace http {

// What is shared with whoever counts and configures. What is not given is made: it lets everybody
// in.
struct LoopParts {
  std::shared_ptr<const SharedSettings> settings;
  std::shared_ptr<RequestCounts> counts;
};

// Serves as long as it lives.
//
// The loop's thread owns all sockets: it reads heads and hands them to the workers, and takes the
// bytes of answers and streams from them, which it sends when a client takes them. So an idle, slow
// or half-way client costs a descriptor and some memory, both limited, and no thread; whoever asks
// next is answered beside it. Past a limit somebody is dropped and counted (drop_counts.h).
class ConnectionLoop {
 public:
  // `listening` are non-blocking sockets that listen; `handler` runs on the workers; `drop_counts`
  // outlives the loop.
  static base::Result<std::unique_ptr<ConnectionLoop>> start(std::vector<base::UniqueFd> listening,
                                                             Handler handler,
                                                             DropCounts& drop_counts,
                                                             const Limits& limits = {},
                                                             LoopParts parts = {});
  // Gives what is on its way a moment (some 150 ms); a handler that runs is waited for.
  ~ConnectionLoop();
  ConnectionLoop(const ConnectionLoop&) = delete;
  ConnectionLoop& operator=(const ConnectionLoop&) = delete;

  // How often the loop has gone round, and what makes it do so now. Any thread.
  std::uint64_t turns() const { return turns_; }
  void wake() { event_->signal(); }

 private:
  using Clock = std::chrono::steady_clock;
  using TimePoint = Clock::time_point;

  ConnectionLoop(std::vector<base::UniqueFd> listening, std::shared_ptr<EventFd> event,
                 Handler handler, DropCounts& drop_counts, const Limits& limits, LoopParts parts);

  void run(const std::stop_token& stop);
  // One round: waits for something to do, at most until `until`, and does it.
  void turn(TimePoint until);
  void fill_poll_set(TimePoint now);
  void take_done(TimePoint now);
  // Who is in the middle of a handshake comes last, and only so many of them in a round: what a key
  // costs must not hold up who is served.
  void advance_all(TimePoint now);
  void advance(std::size_t polled, TimePoint now);
  // Does what the connection asks for until it asks for nothing more.
  void settle(ConnectionId id, Connection& connection, Connection::Next next, TimePoint now);
  void refuse(ConnectionId id, Connection& connection, TimePoint now);
  // Counts a handshake that came to nothing, and says so now and then.
  void note_handshake(const Connection& connection, TimePoint now);
  void submit(ConnectionId id, Connection& connection, TimePoint now);
  void limit_memory(TimePoint now);
  void accept_from(int listening_fd, TimePoint now);
  // Whether another connection would have no place, whoever was dropped.
  bool is_full(TimePoint now) const;
  void add(base::UniqueFd socket, TimePoint now);
  // After accept() has failed: whether to try again at once.
  bool recover_accept(int errno_value, TimePoint now);

  const Limits limits_;
  std::vector<base::UniqueFd> listening_;
  const std::shared_ptr<EventFd> event_;  // an answer, a stream's bytes, or the stop
  const Protocol protocol_;
  std::unique_ptr<WorkerPool> workers_;
  DropCounts& drop_counts_;
  std::atomic<std::uint64_t> turns_ = 0;
  const LoopParts parts_;
  // The loop's thread only:
  ConnectionSet connections_;
  std::vector<pollfd> poll_set_;  // the event, the listening ones, those of `polled_`
  std::vector<ConnectionId> polled_;
  TimePoint accept_again_;  // no connections are accepted before
  TimePoint crowded_until_;
  TimePoint accept_warning_again_;  // nor is its failure logged
  TimePoint handshake_warning_again_;
  std::uint64_t untold_handshakes_ = 0;
  std::jthread thread_;
};

}  // namespace http
