// SPDX-License-Identifier: BSD-2-Clause
#ifndef VALKYRIA_TESTS_SUPPORT_HTTP_LOAD_H
#define VALKYRIA_TESTS_SUPPORT_HTTP_LOAD_H

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "support/deadline.h"

namespace test {

using Headers = std::map<std::string, std::string>;  // names in lower case

struct HttpResponse {
  int status = 0;  // 0: there was none, `problem` says why
  Headers headers;
  std::string body;
  std::string problem;
};

// One connection to 127.0.0.1, for one thread. It knows bodies by Content-Length, chunked or up to
// the end. Failing to connect throws std::system_error; anything later is in the response.
class HttpConnection {
 public:
  explicit HttpConnection(std::uint16_t port);
  ~HttpConnection();
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  bool send(std::string_view bytes, Deadline deadline = soon());
  HttpResponse read_response(Deadline deadline = soon());

  // Sends a GET and reads the answer.
  HttpResponse get(const std::string& path, const Headers& headers = {},
                   Deadline deadline = soon());

  // True: the other side has ended the connection, and nothing else came before.
  bool is_ended(Deadline deadline = soon());

  void close();

 private:
  bool receive(Deadline deadline);
  bool read_line(std::string& line, Deadline deadline);
  bool read_bytes(std::string& bytes, std::size_t length, Deadline deadline);
  bool read_chunks(std::string& body, Deadline deadline);
  bool read_body(HttpResponse& response, Deadline deadline);

  int socket_ = -1;
  std::string unread_;
};

// On a connection of its own.
HttpResponse get(std::uint16_t port, const std::string& path, const Headers& headers = {},
                 Deadline deadline = soon());

struct LoadResult {
  std::map<int, std::uint64_t> by_status;
  std::uint64_t body_bytes = 0;
  std::uint64_t failures = 0;  // requests without a response

  std::uint64_t responses() const;
};

// Request number i goes to paths[i % paths.size()], on connection i % connections, each in a
// thread of its own. All connections are open before the first request and until after the last.
LoadResult run_load(std::uint16_t port, std::size_t connections,
                    const std::vector<std::string>& paths, std::uint64_t requests);

}  // namespace test

#endif  // VALKYRIA_TESTS_SUPPORT_HTTP_LOAD_H
