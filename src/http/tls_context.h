// What all TLS connections of one configuration share.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "webconfig/web_config.h"

struct ssl_ctx_st;
struct ssl_st;
struct x509_st;
struct x509_store_ctx_st;

namespace http {

// A certificate with its key, and who is let in. Immutable: any thread.
//
// No session is ever resumed: each connection shows its certificate anew, so that who is taken off
// the list stays out.
class TlsContext {
 public:
  struct FreeSession {
    void operator()(ssl_st* session) const;
  };
  using Session = std::unique_ptr<ssl_st, FreeSession>;

  // Of texts that are read already. The error names the file and what is wrong with it.
  static base::Result<std::shared_ptr<const TlsContext>> create(const webconfig::TlsConfig& config);

  // A session of a server on that socket, which it does not own; null: memory is short. This
  // outlives it.
  Session new_session(int socket_fd) const;

  // Until when the certificate holds, in seconds since 1970.
  std::int64_t not_after_unix_s() const { return not_after_unix_s_; }
  // Whether a client's certificate is looked at, and whether clients without a good one are kept
  // out.
  bool verifies() const { return verifies_; }
  bool verifies_everybody() const { return verifies_everybody_; }

 private:
  struct FreeContext {
    void operator()(ssl_ctx_st* context) const;
  };

  TlsContext() = default;

  base::Result<void> take_certificate(const webconfig::Pem& certificate, const webconfig::Pem& key);
  base::Result<void> take_client_auth(const webconfig::TlsConfig& config);
  base::Result<void> take_ciphers(const webconfig::TlsConfig& config);
  bool has_allowed_san(x509_st* certificate) const;
  static int verify(x509_store_ctx_st* chain, void* self);

  std::unique_ptr<ssl_ctx_st, FreeContext> context_;
  std::vector<std::string> allowed_sans_;
  bool verifies_ = false;
  bool verifies_everybody_ = false;
  std::int64_t not_after_unix_s_ = 0;
};

}  // namespace http
