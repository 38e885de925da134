// Carries the bytes of one connection.
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>

#include "base/unique_fd.h"

namespace http {

// What became of a call, and what the caller must wait for before it calls again.
struct Moved {
  enum class State {
    kMoved,         // `bytes` of them, at least one
    kWaitReadable,  // nothing now; again when the descriptor is readable
    kWaitWritable,  // nothing now; again when it is writable
    kEnded,         // the peer sends no more; it may still read
    kBroken,        // nothing goes either way
  };
  State state = State::kBroken;
  std::size_t bytes = 0;
};

// Never waits. For one thread. Sending may have to wait for the descriptor to be readable and the
// reverse, as TLS needs it.
class Transport {
 public:
  virtual ~Transport() = default;

  virtual Moved receive(char* data, std::size_t size) = 0;
  virtual Moved send(std::string_view bytes) = 0;
  // Tells the peer that no more comes. Receiving goes on.
  virtual void end_sending() = 0;
  // Of what was sent, the bytes that the peer's machine has not acknowledged.
  virtual std::size_t undelivered_bytes() const = 0;
  virtual int fd() const = 0;
};

// Bytes as they are, over a connected TCP socket.
class PlainTransport final : public Transport {
 public:
  explicit PlainTransport(base::UniqueFd socket) : socket_(std::move(socket)) {}

  Moved receive(char* data, std::size_t size) override;
  Moved send(std::string_view bytes) override;
  void end_sending() override;
  std::size_t undelivered_bytes() const override;
  int fd() const override { return socket_.get(); }

 private:
  base::UniqueFd socket_;
};

}  // namespace http
