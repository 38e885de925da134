#include "http/protocol.h"

#include <httplib.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <ctime>
#include <exception>
#include <functional>
#include <string>
#include <utility>

#include "base/gzip.h"
#include "base/log.h"
#include "http/negotiation.h"

namespace http {
namespace {

// What fits into a packet anyway is left as it is.
constexpr std::size_t kMinCompressedBytes = 512;

bool has_field(const Response& response, const char* name) {
  for (const auto& [field, value] : response.fields) {
    if (field == name) return true;
  }
  return false;
}

void respond_internal_error(Response& response, const std::string& text) {
  base::log_error("answer an HTTP request: {}", text);
  response = {};
  response.status = 500;
  response.content_type = kPlainText;
  response.body = "internal error: " + text + "\n";
}

void call(const Handler& handler, const Request& request, Response& response) {
  try {
    handler(request, response);
  } catch (const std::exception& error) {
    respond_internal_error(response, error.what());
  } catch (...) {
    respond_internal_error(response, "unknown exception");
  }
}

void compress(const Request& request, Response& response) {
  if (response.body.size() < kMinCompressedBytes || has_field(response, "Content-Encoding")) return;
  if (!has_field(response, "Vary")) response.fields.emplace_back("Vary", "Accept-Encoding");
  if (!accepts_gzip(request.head.accept_encoding)) return;
  auto compressed = base::gzip(response.body);
  if (!compressed) return;
  response.body = std::move(*compressed);
  response.fields.emplace_back("Content-Encoding", "gzip");
}

// RFC 9110, 5.6.7. The C locale is the only one that this program has.
std::string date_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  char text[sizeof("Sun, 06 Nov 1994 08:49:37 GMT")] = "";
  std::strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return text;
}

// Where httplib reads the head from that we wrote for it, and where it writes its own.
class MemoryStream final : public httplib::Stream {
 public:
  explicit MemoryStream(std::string input) : input_(std::move(input)) {}

  std::string take_output() { return std::move(output_); }

  bool is_readable() const override { return read_bytes_ < input_.size(); }
  bool is_writable() const override { return true; }
  ssize_t read(char* data, std::size_t size) override {
    const std::size_t length = std::min(size, input_.size() - read_bytes_);
    std::memcpy(data, input_.data() + read_bytes_, length);
    read_bytes_ += length;
    return static_cast<ssize_t>(length);
  }
  ssize_t write(const char* data, std::size_t size) override {
    output_.append(data, size);
    return static_cast<ssize_t>(size);
  }
  void get_remote_ip_and_port(std::string&, int&) const override {}
  void get_local_ip_and_port(std::string&, int&) const override {}
  socket_t socket() const override { return INVALID_SOCKET; }

 private:
  std::string input_;
  std::size_t read_bytes_ = 0;
  std::string output_;
};

// httplib's server for one request, derived the way its own TLS server is.
class HttplibExchange final : private httplib::Server {
 public:
  // Gives the response to a target's path and parameters. It stays where it is until run() is over.
  using Respond = std::function<const Response&(const httplib::Request&)>;

  HttplibExchange(const RequestHead& head, Answer& answer, std::chrono::seconds idle,
                  Respond respond)
      : head_(head), answer_(answer), respond_(std::move(respond)) {
    // Before httplib's own routing: that one matches paths by regular expressions and reads bodies.
    set_pre_routing_handler([this](const httplib::Request& parsed, httplib::Response& response) {
      start(respond_(parsed), response);
      return HandlerResponse::Handled;
    });
    set_post_routing_handler(
        [this](const httplib::Request&, httplib::Response& response) { finish(response); });
    set_keep_alive_timeout(idle.count());
    set_keep_alive_max_count(1'000'000);  // only told to the client
  }

  // The head of the answer.
  std::string run() {
    // No body is asked of httplib, so that it copies none; and a method that it does not know would
    // be a bad request to it.
    MemoryStream stream("HEAD " + head_.target + " HTTP/1.1\r\n\r\n");
    process(&HttplibExchange::process_request, stream);
    return stream.take_output();
  }

 private:
  using Setup = std::function<void(httplib::Request&)>;
  using Process = bool (httplib::Server::*)(httplib::Stream&, bool, bool&, const Setup&);
  // Since some version between Debian 12's 0.11 and Debian 13's 0.18.
  using ProcessWithAddresses = bool (httplib::Server::*)(httplib::Stream&, const std::string&, int,
                                                         const std::string&, int, bool, bool&,
                                                         const Setup&);

  void process(Process request, httplib::Stream& stream) {
    bool is_closed = false;
    (this->*request)(stream, false, is_closed, nullptr);
  }
  void process(ProcessWithAddresses request, httplib::Stream& stream) {
    bool is_closed = false;
    (this->*request)(stream, {}, 0, {}, 0, false, is_closed, nullptr);
  }

  void start(const Response& response, httplib::Response& head) {
    has_length_ = response.stream == nullptr && response.status != 204;
    answer_.is_chunked = response.stream != nullptr && !head_.is_http_1_0;
    // Without a length or chunks, the end of the connection is the end of the answer.
    if (response.stream != nullptr && !answer_.is_chunked) answer_.keep_alive = false;
    head.status = response.status;
    if (!response.content_type.empty()) head.set_header("Content-Type", response.content_type);
    for (const auto& [name, value] : response.fields) head.set_header(name, value);
    head.set_header("X-Content-Type-Options", "nosniff");
    head.set_header("Date", date_now());
    if (has_length_) head.set_header("Content-Length", std::to_string(response.body.size()));
  }

  // After httplib has added what it takes for right.
  void finish(httplib::Response& head) const {
    head.headers.erase("Accept-Ranges");
    if (!has_length_) head.headers.erase("Content-Length");
    if (answer_.is_chunked) head.set_header("Transfer-Encoding", "chunked");
    if (!answer_.keep_alive) {
      head.headers.erase("Keep-Alive");
      head.set_header("Connection", "close");
    } else if (head_.is_http_1_0) {
      head.set_header("Connection", "keep-alive");
    }
  }

  const RequestHead& head_;
  Answer& answer_;
  const Respond respond_;
  bool has_length_ = true;
};

}  // namespace

Answer Protocol::answer(Request request) const {
  Response response;
  Answer answer;
  // A body is never read, so what follows it can't be found: the connection ends.
  answer.keep_alive = request.head.keep_alive && !request.head.has_body;
  answer.head = HttplibExchange(
                    request.head, answer, idle_,
                    [&](const httplib::Request& parsed) -> auto& {
                      request.path = parsed.path;
                      request.parameters = parsed.params;
                      call(handler_, request, response);
                      compress(request, response);
                      return response;
                    })
                    .run();
  const bool is_head = request.head.method == Method::kHead;
  if (is_head || response.stream == nullptr) request.stream->close();  // nobody will read it
  if (is_head) return answer;
  answer.body = std::move(response.body);
  answer.stream = std::move(response.stream);
  return answer;
}

Answer Protocol::refuse(const Refusal& refusal) const {
  RequestHead nothing;
  nothing.target = "/";
  Response response;
  response.status = refusal.status;
  response.content_type = kPlainText;
  response.body = fmt::format("{}\n", refusal.reason);
  Answer answer;
  answer.head =
      HttplibExchange(
          nothing, answer, idle_, [&](const httplib::Request&) -> auto& { return response; })
          .run();
  answer.body = std::move(response.body);
  return answer;
}

}  // namespace http
