// One request and its answer, as handlers see them.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "http/request_head.h"
#include "http/stream.h"

namespace http {

struct Request {
  RequestHead head;
  std::string path;                                    // decoded: any bytes
  std::multimap<std::string, std::string> parameters;  // of the query, decoded: any bytes
  std::chrono::steady_clock::time_point arrived;       // when its head was complete
  bool is_on_loopback = false;  // it came to an address of this machine alone
  bool is_encrypted = false;
  bool has_verified_client = false;  // by its certificate
  // Requested when the client has gone, for handlers that take long. Also when the client has only
  // shut its sending side, which looks the same from here; an answer still reaches such a client.
  std::stop_token client_left;
  // The way to answer over time: see Response::stream.
  std::shared_ptr<Stream> stream;
};

// The first value of a parameter of the query, if it has one.
inline std::optional<std::string> parameter_of(const Request& request, const std::string& name) {
  const auto found = request.parameters.find(name);
  if (found == request.parameters.end()) return std::nullopt;
  return found->second;
}

// All values of it, each once, sorted.
inline std::vector<std::string> parameters_of(const Request& request, const std::string& name) {
  std::set<std::string> values;
  const auto [begin, end] = request.parameters.equal_range(name);
  for (auto found = begin; found != end; ++found) values.insert(found->second);
  return {values.begin(), values.end()};
}

inline constexpr const char* kPlainText = "text/plain; charset=utf-8";

struct Response {
  int status = 200;
  std::string content_type;
  std::string body;
  std::vector<std::pair<std::string, std::string>> fields;  // further ones; nothing of a client's
  // The request's own, to send what is written to it in place of `body`. It may be written to from
  // the handler on, by any thread; the handler returns at once.
  std::shared_ptr<Stream> stream;
};

// Answers a request; called by several threads at once. A HEAD is answered like a GET: its body is
// left out afterwards.
using Handler = std::function<void(const Request&, Response&)>;

}  // namespace http
