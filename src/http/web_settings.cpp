#include "http/web_settings.h"

#include <chrono>

namespace http {

std::shared_ptr<const WebSettings> SharedSettings::get() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

base::Result<void> SharedSettings::set(webconfig::WebConfig config) {
  const auto before = get();
  auto made = std::make_shared<WebSettings>();
  made->config = std::move(config);
  if (made->config.tls && made->config.tls == before->config.tls) {
    made->tls = before->tls;
  } else if (made->config.tls) {
    auto tls = TlsContext::create(*made->config.tls);
    if (!tls) return base::pass_on(tls);
    made->tls = std::move(*tls);
  }
  if (!made->config.users.empty()) {
    made->authenticator =
        std::make_shared<const webconfig::Authenticator>(made->config.users, checks_);
  }
  if (made->config.rate_limit && made->config.rate_limit == before->config.rate_limit) {
    made->rate_limit = before->rate_limit;
  } else if (made->config.rate_limit) {
    made->rate_limit = std::make_shared<webconfig::TokenBucket>(*made->config.rate_limit,
                                                                std::chrono::steady_clock::now());
  }
  const std::lock_guard lock(mutex_);
  current_ = std::move(made);
  return {};
}

}  // namespace http
