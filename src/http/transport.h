// Carries the bytes of one connection.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/unique_fd.h"

namespace http {

class TlsContext;

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

// Why a TLS handshake came to nothing.
struct HandshakeFailure {
  enum class Cause {
    kCertificate,  // the client's: none, or not one that is let in
    kOther,        // no version or cipher in common, or what came is no TLS
  };
  Cause cause = Cause::kOther;
  std::string text;  // for the log
};

// Never waits. For one thread. Sending may have to wait for the descriptor to be readable and the
// reverse, as TLS needs it.
class Transport {
 public:
  virtual ~Transport() = default;

  virtual Moved receive(char* data, std::size_t size) = 0;
  virtual Moved send(std::string_view bytes) = 0;
  // Tells the peer that no more comes. Receiving goes on. kMoved: it is told; kWaitWritable: again
  // when the descriptor is writable.
  virtual Moved::State end_sending() = 0;
  // Of what was sent, the bytes that the peer's machine has not acknowledged.
  virtual std::size_t undelivered_bytes() const = 0;
  virtual int fd() const = 0;

  // Whether bytes can move: before, a handshake is under way, which receive() takes further.
  virtual bool is_open() const { return true; }
  // What it is encrypted by; null: nothing.
  virtual const TlsContext* tls() const { return nullptr; }
  // Whether the peer has shown a certificate that was found good.
  virtual bool has_verified_peer() const { return false; }
  // None: it has not failed, or the peer just left.
  virtual std::optional<HandshakeFailure> handshake_failure() const { return std::nullopt; }
};

// Bytes as they are, over a connected stream socket.
class PlainTransport final : public Transport {
 public:
  explicit PlainTransport(base::UniqueFd socket) : socket_(std::move(socket)) {}

  Moved receive(char* data, std::size_t size) override;
  Moved send(std::string_view bytes) override;
  Moved::State end_sending() override;
  std::size_t undelivered_bytes() const override;
  int fd() const override { return socket_.get(); }

 private:
  base::UniqueFd socket_;
};

// Of what was sent over the socket, the bytes that its peer's machine has not acknowledged.
std::size_t unacknowledged_bytes(int socket_fd);

}  // namespace http
