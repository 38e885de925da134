// Bytes of a connection by TLS.
#pragma once

#include <memory>
#include <optional>

#include "base/unique_fd.h"
#include "http/tls_context.h"
#include "http/transport.h"

namespace http {

// Over a connected stream socket, which must be non-blocking. The handshake is made by receive(),
// step by step as the client's part of it comes. To a client that speaks plain HTTP it says so.
//
// Nothing of a client's is kept here that poll() would not tell of: OpenSSL is asked for as much as
// a record may hold, and reads no further than one.
class TlsTransport final : public Transport {
 public:
  // None: memory is short.
  static std::unique_ptr<TlsTransport> create(base::UniqueFd socket,
                                              std::shared_ptr<const TlsContext> context);

  Moved receive(char* data, std::size_t size) override;
  Moved send(std::string_view bytes) override;
  Moved::State end_sending() override;
  std::size_t undelivered_bytes() const override;
  int fd() const override { return socket_.get(); }

  bool is_open() const override;
  const TlsContext* tls() const override { return context_.get(); }
  bool has_verified_peer() const override;
  std::optional<HandshakeFailure> handshake_failure() const override { return failure_; }

 private:
  TlsTransport(base::UniqueFd socket, std::shared_ptr<const TlsContext> context,
               TlsContext::Session session);

  void begin_call();
  // After a call of OpenSSL's that gave `returned`, which moved nothing.
  Moved::State state_after(int returned);
  void note_failure();

  const base::UniqueFd socket_;
  const std::shared_ptr<const TlsContext> context_;
  int reads_left_ = 0;  // of the socket, in the call of OpenSSL's that is under way
  const TlsContext::Session session_;
  bool is_broken_ = false;
  std::optional<HandshakeFailure> failure_;
};

}  // namespace http
