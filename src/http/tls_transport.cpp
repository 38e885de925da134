#include "http/tls_transport.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>

#include <array>
#include <utility>

namespace http {
namespace {

constexpr std::string_view kNoTls =
    "HTTP/1.0 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n"
    "Connection: close\r\n\r\nHTTPS is spoken here, this is an HTTP request; ask https://\n";

// What has come unread when a socket is closed would reset the connection, and with it what was
// last said.
void drop_input(int fd) {
  std::array<char, 4096> piece;  // recv() fills it
  for (int i = 0; i < 16 && ::recv(fd, piece.data(), piece.size(), MSG_DONTWAIT) > 0; ++i) {
  }
}

// A call of OpenSSL's goes on for as long as records come that carry nothing, such as updates of
// keys, and holds up everybody else's connections meanwhile. It ends when it has read so often, as
// if nothing more had come; poll() tells of the rest. A handshake takes some twenty.
constexpr int kReadsOfACall = 64;

long limit_reads(BIO* socket, int deed, const char*, std::size_t, int, long, int result,
                 std::size_t*) {
  if (deed != BIO_CB_READ) return result;
  int& left = *reinterpret_cast<int*>(::BIO_get_callback_arg(socket));
  if (left-- > 0) return result;
  BIO_set_retry_read(socket);
  return -1;
}

}  // namespace

TlsTransport::TlsTransport(base::UniqueFd socket, std::shared_ptr<const TlsContext> context,
                           TlsContext::Session session)
    : socket_(std::move(socket)), context_(std::move(context)), session_(std::move(session)) {
  BIO* const reading = ::SSL_get_rbio(session_.get());
  ::BIO_set_callback_arg(reading, reinterpret_cast<char*>(&reads_left_));
  ::BIO_set_callback_ex(reading, limit_reads);
}

void TlsTransport::begin_call() {
  ::ERR_clear_error();
  reads_left_ = kReadsOfACall;
}

std::unique_ptr<TlsTransport> TlsTransport::create(base::UniqueFd socket,
                                                   std::shared_ptr<const TlsContext> context) {
  auto session = context->new_session(socket.get());
  if (!session) return nullptr;
  return std::unique_ptr<TlsTransport>(
      new TlsTransport(std::move(socket), std::move(context), std::move(session)));
}

Moved TlsTransport::receive(char* data, std::size_t size) {
  if (is_broken_) return {};
  begin_call();
  std::size_t got = 0;
  const int returned = ::SSL_read_ex(session_.get(), data, size, &got);
  if (returned == 1) return {Moved::State::kMoved, got};
  return {state_after(returned)};
}

// What was not taken comes again, perhaps from another place in memory.
Moved TlsTransport::send(std::string_view bytes) {
  if (is_broken_) return {};
  begin_call();
  std::size_t sent = 0;
  const int returned = ::SSL_write_ex(session_.get(), bytes.data(), bytes.size(), &sent);
  if (returned == 1) return {Moved::State::kMoved, sent};
  return {state_after(returned)};
}

Moved::State TlsTransport::end_sending() {
  if (is_broken_) return Moved::State::kBroken;
  begin_call();
  const int returned = ::SSL_shutdown(session_.get());
  if (returned < 0) {
    const Moved::State state = state_after(returned);
    if (state != Moved::State::kEnded) return state;
  }
  ::shutdown(socket_.get(), SHUT_WR);
  return Moved::State::kMoved;
}

Moved::State TlsTransport::state_after(int returned) {
  switch (::SSL_get_error(session_.get(), returned)) {
    case SSL_ERROR_WANT_READ:
      return Moved::State::kWaitReadable;
    case SSL_ERROR_WANT_WRITE:
      return Moved::State::kWaitWritable;
    case SSL_ERROR_ZERO_RETURN:
      if (is_open()) return Moved::State::kEnded;
      break;
    default:
      break;
  }
  is_broken_ = true;
  if (!is_open()) note_failure();
  ::ERR_clear_error();
  return Moved::State::kBroken;
}

void TlsTransport::note_failure() {
  const unsigned long code = ::ERR_peek_error();
  if (code == 0) return;  // the client left
  const int reason = ERR_GET_REASON(code);
  HandshakeFailure failure;
  const char* const text = ::ERR_reason_error_string(code);
  failure.text = text == nullptr ? "unknown" : text;
  const long verified = ::SSL_get_verify_result(session_.get());
  if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED) {
    failure.cause = HandshakeFailure::Cause::kCertificate;
    failure.text = verified == X509_V_ERR_HOSTNAME_MISMATCH
                       ? "none of its names is in client_allowed_sans"
                       : ::X509_verify_cert_error_string(verified);
  } else if (reason == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE) {
    failure.cause = HandshakeFailure::Cause::kCertificate;
  } else if (reason == SSL_R_HTTP_REQUEST) {
    ::send(socket_.get(), kNoTls.data(), kNoTls.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  }
  drop_input(socket_.get());
  ::shutdown(socket_.get(), SHUT_WR);
  failure_ = std::move(failure);
}

std::size_t TlsTransport::undelivered_bytes() const {
  return unacknowledged_bytes(socket_.get());
}

bool TlsTransport::is_open() const {
  return ::SSL_is_init_finished(session_.get()) == 1;
}

// Where certificates are not verified, OpenSSL says of every one that it is good.
bool TlsTransport::has_verified_peer() const {
  return context_->verifies() && is_open() &&
         ::SSL_get0_peer_certificate(session_.get()) != nullptr &&
         ::SSL_get_verify_result(session_.get()) == X509_V_OK;
}

}  // namespace http
