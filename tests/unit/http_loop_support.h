// A loop on a free port, with handlers of the test's.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "http/connection_loop.h"
#include "http/listening_socket.h"
#include "http_support.h"

namespace http_test {

inline constexpr const char* kSmall = "GET /small HTTP/1.1\r\nHost: x\r\n\r\n";
inline constexpr std::size_t kHugeBytes = 20'000'000;

inline void small_or_huge(const http::Request& request, http::Response& response) {
  const bool is_huge = request.path == "/huge";
  response.content_type = "application/octet-stream";
  response.fields.emplace_back("Content-Encoding", "identity");  // as it is
  response.body = std::string(is_huge ? kHugeBytes - 1 : 5, 'x') + "\n";
}

// No limit of time that a test comes near.
inline http::Limits patient() {
  using std::chrono::seconds;
  http::Limits limits;
  limits.idle = limits.request = limits.unread = limits.lingering = seconds(60);
  return limits;
}

class ServedLoop {
 public:
  ServedLoop(http::Handler handler, const http::Limits& limits) {
    auto listening = http::listen_on({"127.0.0.1", 0});
    EXPECT_TRUE(listening);
    port_ = http::port_of(listening->front().get()).value();
    auto loop =
        http::ConnectionLoop::start(std::move(*listening), std::move(handler), drops_, limits);
    EXPECT_TRUE(loop);
    loop_ = std::move(*loop);
  }

  std::uint16_t port() const { return port_; }
  const http::DropCounts& drops() const { return drops_; }
  void stop() { loop_.reset(); }

  // Whether the counts come to be so, within 10 s.
  template <typename Condition>
  bool drops_until(const Condition& condition) const {
    const auto deadline = Clock::now() + std::chrono::seconds(10);
    while (!condition(drops_) && Clock::now() < deadline) std::this_thread::yield();
    return condition(drops_);
  }

 private:
  std::uint16_t port_ = 0;
  http::DropCounts drops_;
  std::unique_ptr<http::ConnectionLoop> loop_;
};

inline int count_of(const std::string& text, const std::string& part) {
  int count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

}  // namespace http_test
