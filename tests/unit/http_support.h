// A server with a snapshot of the test's, and clients that misbehave.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/unique_fd.h"
#include "http/server.h"

namespace http_test {

using Clock = std::chrono::steady_clock;

inline model::Snapshot snapshot_of(const std::string& process, bool up) {
  model::TargetMetrics target;
  target.process = process;
  target.id.pid = 4711;
  target.up = up;
  target.gc.cycles = 3;
  model::Snapshot snapshot;
  snapshot.exporter.version = "1.2.3";
  snapshot.targets = {target};
  return snapshot;
}

inline http::SnapshotSource always(model::Snapshot snapshot) {
  return [snapshot = std::move(snapshot)](
             Clock::time_point, const model::Wanted& wanted) -> base::Result<model::Snapshot> {
    using Targets = model::Wanted::Targets;
    model::Snapshot part = snapshot;
    if (wanted.targets == Targets::kNamed) {
      std::erase_if(part.targets,
                    [&](const auto& target) { return !wanted.includes(target.process); });
    }
    if (wanted.targets == Targets::kFirst && part.targets.size() > 1) part.targets.resize(1);
    return part;
  };
}

inline std::optional<std::string> unready(const http::SnapshotSource& source) {
  const auto snapshot = source(Clock::now(), {});
  if (!snapshot) return snapshot.error().message;
  if (snapshot->targets.empty()) return "no process is watched";
  for (const auto& target : snapshot->targets) {
    if (target.up) return std::nullopt;
  }
  return "no watched process is up";
}

inline http::Sources sources_of(const http::SnapshotSource& source) {
  return {source, [source] { return unready(source); }};
}

inline std::unique_ptr<http::Server> serve(const http::SnapshotSource& source,
                                           const std::string& telemetry_path = "/metrics") {
  auto server = http::Server::listen({{{"127.0.0.1", 0}}, telemetry_path});
  if (!server) {
    ADD_FAILURE() << server.error().message;
    return nullptr;
  }
  const auto serving = (*server)->serve(sources_of(source));
  EXPECT_TRUE(serving) << serving.error().message;
  return std::move(*server);
}

inline std::uint16_t port_of(const http::Server& server) {
  return server.addresses().front().port;
}

// A TCP client that sends what it's told.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  }

  int fd() const { return fd_.get(); }

  bool send(std::string_view text) {
    return ::send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(text.size());
  }

  // What arrives until `end` is in it, the server closes, or 10 s have passed.
  std::string receive_until(std::string_view end) {
    std::string text;
    const auto deadline = Clock::now() + std::chrono::seconds(10);
    std::size_t searched = 0;
    while (text.find(end, searched) == std::string::npos && Clock::now() < deadline) {
      pollfd polled{fd_.get(), POLLIN, 0};
      if (::poll(&polled, 1, 100) <= 0) continue;
      searched = text.size() - std::min(text.size(), end.size());
      char chunk[64 * 1024];
      const ssize_t got = ::recv(fd_.get(), chunk, sizeof(chunk), 0);
      if (got <= 0) break;
      text.append(chunk, static_cast<std::size_t>(got));
    }
    return text;
  }

  void end_sending() { ::shutdown(fd_.get(), SHUT_WR); }

  // Whether something comes, or the end, within 10 s.
  bool is_readable() {
    pollfd polled{fd_.get(), POLLIN, 0};
    return ::poll(&polled, 1, 10'000) == 1;
  }

  // Whether the server closes the connection within 5 s; what it sends before is dropped.
  bool is_closed() {
    const auto deadline = Clock::now() + std::chrono::seconds(5);
    while (Clock::now() < deadline) {
      pollfd polled{fd_.get(), POLLIN, 0};
      if (::poll(&polled, 1, 100) <= 0) continue;
      char chunk[4096];
      if (::recv(fd_.get(), chunk, sizeof(chunk), 0) <= 0) return true;
    }
    return false;
  }

 private:
  base::UniqueFd fd_;
};

}  // namespace http_test
