// The asking side of HTTP: pages of another exporter.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace http {

// What "http://127.0.0.1:18255/metrics" says.
struct Url {
  std::string host;  // name or number, IPv6 without brackets
  std::uint16_t port = 80;
  std::string path = "/";
};

// "http://HOST[:PORT][/PATH]"; the scheme may be missing. Fails for another scheme, and for what
// can't be asked for as it stands.
base::Result<Url> parse_url(std::string_view text);

std::string text_of(const Url& url);

// Past these, whoever answers is given up on: he may be anybody.
struct ClientLimits {
  std::size_t body_bytes = std::size_t{32} << 20;
  std::chrono::milliseconds silence{2'000};  // to connect, and between any two bytes
  std::chrono::milliseconds whole{5'000};    // for a body; past it a slow one is cut off
};

// Asks one server, one page after the other, for one thread; stop() is for any thread.
class Client {
 public:
  explicit Client(const Url& server, ClientLimits limits = {});
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // The body of an answer with status 200. The cause of a failure is kGone where it is 404, and
  // kLacking where nobody answers.
  base::Result<std::string> get(const std::string& path);

  // Ends what get() waits for, except for connecting.
  void stop();

 private:
  struct Connection;

  const Url server_;
  const ClientLimits limits_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace http
