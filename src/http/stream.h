// An answer that is written over time, such as server-sent events.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <utility>

#include "http/event_fd.h"

namespace http {

// The writing end of an open answer. Shared: whoever writes holds it, and so does the connection.
// Holding it keeps neither a thread nor a connection; any thread may call it, and no call waits.
class Stream {
 public:
  enum class Put {
    kTaken,
    kFull,  // the client takes less than is written; these bytes were dropped
    kGone,  // nobody reads any more
  };

  // Bytes that a client may be behind.
  static constexpr std::size_t kMaxWaitingBytes = 256 * 1024;

  // `loop_event` is signalled when there are bytes.
  explicit Stream(std::shared_ptr<EventFd> loop_event) : loop_event_(std::move(loop_event)) {}

  // Sends bytes as soon as the client takes them: all of them or none.
  Put write(std::string bytes);
  // No more follows: what was written still arrives, then the answer is complete.
  void end();
  // Requested when nobody reads any more: the client has gone, was too slow, or the server stops.
  // What is registered for it runs on the loop's thread, so it must be short.
  std::stop_token left() const { return left_.get_token(); }

  // For the connection: what was written since the last call.
  struct Part {
    std::string bytes;
    bool is_last = false;
  };
  Part take();
  std::size_t waiting_bytes() const;
  bool has_part() const;
  // The connection is over.
  void close() { left_.request_stop(); }

 private:
  std::stop_source left_;
  const std::shared_ptr<EventFd> loop_event_;
  mutable std::mutex mutex_;
  std::string waiting_;
  bool is_ended_ = false;
  bool is_end_taken_ = false;
};

}  // namespace http
