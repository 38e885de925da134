// HTTP/1.1 on a connection: httplib's parser and response writer, and compression.
#pragma once

#include <httplib.h>

#include <chrono>
#include <functional>
#include <string>

#include "http/connection.h"
#include "http/connection_limits.h"

namespace http {

// Answers a request: sets status, headers and content, which is compressed afterwards where the
// client accepts that. Called by several threads at once.
using Handler = std::function<void(const httplib::Request&, httplib::Response&)>;

// All values of a header field as one list, as it may be sent in several lines.
std::string field_of(const httplib::Request& request, const std::string& name);

// httplib's server without its sockets and threads, derived the way its own TLS server is.
//
// Those are replaced (connection_loop.h), because 0.11.4 keeps a thread for every open connection,
// wakes it a hundred times a second while the client is idle, queues accepted connections without
// bound, and can't stop before a silent client's keep-alive or read timeout is over (measured: 4.8
// s for an idle, a silent and a half-way client alike).
//
// httplib::Server's constructor makes the process ignore SIGPIPE.
class Protocol : private httplib::Server {
 public:
  Protocol(Handler handler, const ConnectionLimits& limits);

  // Answers the request whose head is in the connection; true if the connection may be kept for
  // more. No exception leaves it. Several threads may call it, each with its own connection.
  bool answer(Connection& connection);

 private:
  std::chrono::milliseconds answer_timeout_;
};

}  // namespace http
