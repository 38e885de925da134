// What is served under which path.
#pragma once

#include <string>

#include "base/result.h"
#include "http/event_streams.h"
#include "http/exchange.h"
#include "http/negotiation.h"
#include "http/shared_pages.h"
#include "http/sources.h"

namespace http {

// Fails for a path that doesn't begin with "/", can't be asked for as it stands, or is taken.
base::Result<void> check_telemetry_path(const std::string& path);

// Turns requests into calls of the source and snapshots into responses. Several threads may call
// answer() at once.
class Routes {
 public:
  // `streams` outlives it.
  Routes(std::string telemetry_path, Sources sources, EventStreams& streams);

  // As a handler does (exchange.h). `is_debug_served`: whether who asks would be let in below
  // /debug/; the page with links has none to there, if not.
  void answer(const Request& request, Response& response, bool is_debug_served = true);

 private:
  void answer_path(const Request& request, Response& response, bool is_debug_served);
  void answer_debug(const Request& request, Response& response);
  void answer_metrics(const Request& request, Response& response);
  void answer_json(const Request& request, Response& response);
  void answer_landing_page(const Request& request, Response& response, bool is_debug_served);
  void answer_ready(Response& response) const;
  base::Result<void> share_page(const std::string& page, const Request& request,
                                const SharedPages::Make& make, Response& response);

  // A snapshot by the request's deadline.
  base::Result<model::Snapshot> collect(const Request& request,
                                        const model::Wanted& wanted = {}) const;

  const std::string telemetry_path_;
  const Sources sources_;
  EventStreams& streams_;
  SharedPages pages_;
};

}  // namespace http
