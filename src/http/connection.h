// One client's TCP connection.
#pragma once

#include <httplib.h>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/unique_fd.h"

namespace http {

// Collects a request's head without ever waiting (`receive`), then plays the stream from which
// httplib reads that head and to which it writes the answer. httplib thus never waits for a client
// to send, and for a client to receive no longer than `begin_answer` allows.
//
// Used by one thread at a time, but interrupt() may come from any while the object lives.
class Connection : public httplib::Stream {
 public:
  using Clock = std::chrono::steady_clock;
  enum class Input { kPartial, kRequest, kClosed, kTooLong };

  // Past this many bytes a request's head is refused.
  static constexpr std::size_t kMaxHeadBytes = 16 * 1024;

  explicit Connection(base::UniqueFd fd) : fd_(std::move(fd)) {}

  int fd() const { return fd_.get(); }

  // Takes what the socket has, up to the end of a request's head.
  Input receive();
  // Whether a whole head is here, perhaps together with the last one ("pipelined").
  bool has_request() const { return head_bytes_ != 0; }
  // Whether part of a head is here: a client that began must go on soon.
  bool has_input() const { return !input_.empty(); }

  // The answer must be on its way by then, or writing fails.
  void begin_answer(Clock::time_point write_deadline) { write_deadline_ = write_deadline; }
  // Removes a header field from the head, wherever it stands there, before httplib reads it.
  void remove_field(std::string_view name);
  // Drops the head that was answered.
  void end_answer();
  // Tells a client whose head is too long, as far as it listens.
  void refuse_too_long();
  // Ends both directions: reading and writing fail from now on.
  void interrupt();

  // When the loop gives up waiting for this client; the loop sets and asks it.
  Clock::time_point wait_until;

  // httplib::Stream
  bool is_readable() const override { return read_bytes_ < head_bytes_; }
  bool is_writable() const override { return true; }
  ssize_t read(char* data, std::size_t size) override;
  ssize_t write(const char* data, std::size_t size) override;
  void get_remote_ip_and_port(std::string& ip, int& port) const override;
  void get_local_ip_and_port(std::string& ip, int& port) const override;
  // httplib asks only in order to refuse descriptors above 1023, which its select() can't take;
  // this stream polls, and beside many attached probes such descriptors are normal.
  socket_t socket() const override { return INVALID_SOCKET; }

 private:
  base::UniqueFd fd_;
  std::string input_;
  std::size_t head_bytes_ = 0;  // 0: the end of the head is not here yet
  std::size_t read_bytes_ = 0;  // of the head, by httplib
  Clock::time_point write_deadline_;
};

}  // namespace http
