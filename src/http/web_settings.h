// What --web.config.file asks of the server, ready for use.
#pragma once

#include <memory>
#include <mutex>
#include <utility>

#include "base/result.h"
#include "http/tls_context.h"
#include "webconfig/authenticator.h"
#include "webconfig/token_bucket.h"
#include "webconfig/web_config.h"

namespace http {

// Immutable, shared by who serves.
struct WebSettings {
  webconfig::WebConfig config;
  std::shared_ptr<const TlsContext> tls;                          // none: plain HTTP
  std::shared_ptr<const webconfig::Authenticator> authenticator;  // none: everybody is let in
  std::shared_ptr<webconfig::TokenBucket> rate_limit;             // none: no limit

  // Whether nobody reads along, and everybody has shown who they are.
  bool is_guarded() const {
    return tls != nullptr && (authenticator != nullptr || tls->verifies_everybody());
  }
};

// The settings that hold now: swapped whole, whoever uses old ones keeps them until it is done. Any
// thread.
class SharedSettings {
 public:
  SharedSettings() : current_(std::make_shared<const WebSettings>()) {}

  std::shared_ptr<const WebSettings> get() const;
  // Makes settings of the configuration and puts them in place; on failure the old ones stay. What
  // did not change is kept: connections by the same TLS, and passwords that were checked.
  base::Result<void> set(webconfig::WebConfig config);

 private:
  const std::shared_ptr<webconfig::PasswordChecks> checks_ =
      std::make_shared<webconfig::PasswordChecks>();
  mutable std::mutex mutex_;
  std::shared_ptr<const WebSettings> current_;
};

}  // namespace http
