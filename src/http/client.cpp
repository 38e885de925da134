#include "http/client.h"

#include <fmt/core.h>
#include <httplib.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace http {
namespace {

constexpr std::string_view kScheme = "http://";

bool is_host(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_';
  });
}

// What inet_pton says of it is the resolver's business.
bool is_ipv6(std::string_view text) {
  return text.find(':') != std::string_view::npos &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '.' || c == ':' || c == '%';
         });
}

bool is_path(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c > ' ' && c <= '~' && c != '#'; });
}

base::Result<std::uint16_t> parse_port(std::string_view text, std::string_view url) {
  std::uint16_t port = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), port);
  if (end.ec == std::errc{} && end.ptr == text.data() + text.size() && port != 0) return port;
  return base::fail("URL \"{}\": the port is not a number from 1 to 65535", url);
}

// Takes the host off what stands before the path.
base::Result<std::string> take_host(std::string_view& rest, std::string_view url) {
  const bool in_brackets = rest.starts_with('[');
  const std::size_t end = in_brackets ? rest.find(']') : std::min(rest.find(':'), rest.size());
  if (end == std::string_view::npos) return base::fail("URL \"{}\": no ] behind the [", url);
  const std::string host(in_brackets ? rest.substr(1, end - 1) : rest.substr(0, end));
  rest.remove_prefix(in_brackets ? end + 1 : end);
  if (in_brackets ? is_ipv6(host) : is_host(host)) return host;
  return base::fail("URL \"{}\": no host (use http://HOST:PORT)", url);
}

std::string cause_of(httplib::Error error) {
  switch (error) {
    case httplib::Error::Connection:
      return "nobody answers there";
    case httplib::Error::ConnectionTimeout:
      return "no connection in time";
    case httplib::Error::Read:
      return "no whole answer";
    default:
      return httplib::to_string(error);
  }
}

}  // namespace

base::Result<Url> parse_url(std::string_view text) {
  std::string_view rest = text;
  if (rest.starts_with(kScheme)) rest.remove_prefix(kScheme.size());
  if (rest.find("://") != std::string_view::npos) {
    return base::fail("URL \"{}\": only http:// is spoken here", text);
  }
  Url url;
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  if (slash < rest.size()) url.path = rest.substr(slash);
  if (!is_path(url.path)) return base::fail("URL \"{}\": can't be asked for as it stands", text);
  rest = rest.substr(0, slash);
  auto host = take_host(rest, text);
  if (!host) return base::pass_on(host);
  url.host = std::move(*host);
  if (rest.empty()) return url;
  if (rest.front() != ':') return base::fail("URL \"{}\": no port behind the host", text);
  const auto port = parse_port(rest.substr(1), text);
  if (!port) return base::pass_on(port);
  url.port = *port;
  return url;
}

std::string text_of(const Url& url) {
  const bool in_brackets = url.host.find(':') != std::string::npos;
  return fmt::format("http://{}{}{}:{}{}", in_brackets ? "[" : "", url.host, in_brackets ? "]" : "",
                     url.port, url.path);
}

struct Client::Connection {
  explicit Connection(const Url& server) : client(server.host, server.port) {}
  httplib::Client client;
};

Client::Client(const Url& server, ClientLimits limits)
    : server_(server), limits_(limits), connection_(std::make_unique<Connection>(server)) {
  httplib::Client& client = connection_->client;
  client.set_keep_alive(true);
  client.set_connection_timeout(limits_.silence);
  client.set_read_timeout(limits_.silence);
  client.set_write_timeout(limits_.silence);
}

Client::~Client() = default;

base::Result<std::string> Client::get(const std::string& path) {
  const std::string url = text_of({server_.host, server_.port, path});
  const auto deadline = std::chrono::steady_clock::now() + limits_.whole;
  std::string body;
  std::string refused;  // why we stopped reading
  const auto take = [&](const char* bytes, std::size_t length) {
    if (body.size() + length > limits_.body_bytes) {
      refused = fmt::format("more than {} bytes", limits_.body_bytes);
    } else if (std::chrono::steady_clock::now() > deadline) {
      refused = "it does not come to an end";
    } else {
      body.append(bytes, length);
    }
    return refused.empty();
  };
  try {
    const httplib::Result result = connection_->client.Get(path, take);
    if (!refused.empty()) return base::fail("read {}: {}", url, refused);
    if (!result) {
      return base::fail(base::Cause::kLacking, "read {}: {}", url, cause_of(result.error()));
    }
    if (result->status == 200) return body;
    const base::Cause cause = result->status == 404 ? base::Cause::kGone : base::Cause::kOther;
    return base::fail(cause, "read {}: the answer has status {}", url, result->status);
  } catch (const std::exception& error) {
    return base::fail("read {}: {}", url, error.what());
  }
}

void Client::stop() {
  connection_->client.stop();
}

}  // namespace http
