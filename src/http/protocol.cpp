#include "http/protocol.h"

#include <spdlog/spdlog.h>

#include <chrono>
#include <cstddef>
#include <exception>
#include <string>
#include <utility>

#include "http/compression.h"
#include "http/negotiation.h"

namespace http {
namespace {

std::string text_of(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "unknown exception";
  }
}

// httplib compresses by itself what it takes for text: at zlib's level 6 or, if the client knows
// it, by brotli, which is slower still; and OpenMetrics not at all. It decides by the field
// Accept-Encoding when it writes, so the field is taken away from it before, and what it says is
// kept under a name that httplib doesn't know.
constexpr const char* kAcceptsGzip = "X-Valkyria-Accepts-Gzip";

void keep_encodings_from_httplib(httplib::Request& request) {
  const bool accepted = accepts_gzip(field_of(request, "Accept-Encoding"));
  request.headers.erase("Accept-Encoding");
  request.headers.erase(kAcceptsGzip);
  if (accepted) request.headers.emplace(kAcceptsGzip, "1");
}

// What fits into a packet anyway is left as it is.
constexpr std::size_t kMinCompressedBytes = 512;

void compress(const httplib::Request& request, httplib::Response& response) {
  if (response.body.size() < kMinCompressedBytes) return;
  if (!response.has_header("Vary")) response.set_header("Vary", "Accept-Encoding");
  if (!request.has_header(kAcceptsGzip)) return;
  auto compressed = gzip(response.body);
  if (!compressed) return;
  response.body = std::move(*compressed);
  response.set_header("Content-Encoding", "gzip");
}

bool has_body(const httplib::Request& request) {
  return request.has_header("Transfer-Encoding") ||
         (request.has_header("Content-Length") &&
          request.get_header_value("Content-Length") != "0");
}

}  // namespace

std::string field_of(const httplib::Request& request, const std::string& name) {
  std::string value;
  const auto [first, last] = request.headers.equal_range(name);
  for (auto field = first; field != last; ++field) {
    if (field != first) value += ',';
    value += field->second;
  }
  return value;
}

Protocol::Protocol(Handler handler, const ConnectionLimits& limits)
    : answer_timeout_(limits.answer) {
  // Before httplib's own routing: that one matches paths by regular expressions and reads bodies.
  set_pre_routing_handler(
      [handler = std::move(handler)](const httplib::Request& request, httplib::Response& response) {
        handler(request, response);
        compress(request, response);
        return HandlerResponse::Handled;
      });
  set_exception_handler([](const auto&, httplib::Response& response, auto thrown) {
    const std::string text = text_of(thrown);
    spdlog::error("answer an HTTP request: {}", text);
    response.status = 500;
    response.set_content("internal error: " + text + "\n", "text/plain; charset=utf-8");
  });
  set_default_headers({{"X-Content-Type-Options", "nosniff"}});
  set_payload_max_length(0);
  // Both are only announced to the client here.
  set_keep_alive_max_count(1'000'000);
  set_keep_alive_timeout(std::chrono::duration_cast<std::chrono::seconds>(limits.idle).count());
}

bool Protocol::answer(Connection& connection) {
  bool understood = false;
  bool has_unread_body = false;
  const auto prepare = [&](httplib::Request& request) {
    understood = true;
    keep_encodings_from_httplib(request);
    // Nobody reads the body, so what follows on this connection is no request.
    if (has_body(request)) {
      has_unread_body = true;
      request.headers.erase("Connection");
      request.headers.emplace("Connection", "close");
    }
  };
  // Part of a scrape is of no use to anybody, and httplib parses the field by a regular expression
  // that recurses for every character: a long one overflows a stack of 2 MiB.
  connection.remove_field("Range");
  connection.begin_answer(Connection::Clock::now() + answer_timeout_);
  try {
    bool closed = false;
    const bool written = process_request(connection, false, closed, prepare);
    connection.end_answer();
    return written && understood && !closed && !has_unread_body;
  } catch (...) {
    spdlog::error("answer an HTTP request: {}", text_of(std::current_exception()));
    return false;
  }
}

}  // namespace http
