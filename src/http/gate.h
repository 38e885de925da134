// What a request must pass before anybody answers it.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "http/exchange.h"
#include "http/request_counts.h"
#include "http/web_settings.h"

namespace http {

class Routes;

// Asks who it is, as the settings of the moment want it, and keeps /debug/ from strangers; counts
// every answer. Any worker; a password may take it a while.
class Gate {
 public:
  struct Policy {
    std::string telemetry_path;
    bool serves_debug_everywhere = false;  // --web.enable-debug
    std::size_t max_scrapes = 0;           // that are computed at a time; 0: no limit
  };

  // `routes` outlives it.
  Gate(Policy policy, std::shared_ptr<const SharedSettings> settings,
       std::shared_ptr<RequestCounts> counts, Routes& routes);

  // Handler (exchange.h).
  void answer(const Request& request, Response& response) const;

 private:
  // Whether the request may pass; if not, the response says why.
  bool lets_in(const Request& request, const WebSettings& settings, Response& response) const;
  // Answers who may pass.
  void answer_admitted(const Request& request, const WebSettings& settings,
                       Response& response) const;
  bool serves_debug(const Request& request, const WebSettings& settings) const;
  RequestCounts::Handler handler_of(const Request& request) const;

  const Policy policy_;
  const std::shared_ptr<const SharedSettings> settings_;
  const std::shared_ptr<RequestCounts> counts_;
  Routes& routes_;
};

}  // namespace http
