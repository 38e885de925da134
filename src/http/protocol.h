// HTTP/1.1 between heads and handlers: httplib's parser and writer, and compression.
#pragma once

#include <chrono>
#include <utility>

#include "http/answer.h"
#include "http/exchange.h"

namespace http {

// The only file that knows httplib is this one's .cpp.
//
// httplib parses a target and formats an answer. It is given no socket, no thread and no field of a
// client's: version 0.11.4 keeps a thread for every open connection, queues accepted ones without
// bound and parses Range by a regular expression that overflows the stack.
//
// Immutable: several threads may call answer() at once. The process ignores SIGPIPE from the first
// call on, as httplib wants it.
class Protocol {
 public:
  // `idle` is told to clients as the time for which their connection is kept.
  Protocol(Handler handler, std::chrono::seconds idle)
      : handler_(std::move(handler)), idle_(idle) {}

  // Calls the handler and makes bytes of its response. An exception becomes a 500. The request has
  // all but `path` and `parameters`, which are made of its target.
  Answer answer(Request request) const;
  // The answer to what is no request; the connection ends with it.
  Answer refuse(const Refusal& refusal) const;

 private:
  const Handler handler_;
  const std::chrono::seconds idle_;
};

}  // namespace http
