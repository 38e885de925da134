#include "http/gate.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "http/routes.h"

namespace http {
namespace {

constexpr const char* kDebugRefused =
    "/debug/ is served on loopback, and elsewhere over TLS to who has authenticated; start with "
    "--web.enable-debug to serve it to everybody who can reach this address";

bool is_debug(const Request& request) {
  return request.path == "/debug" || request.path.starts_with("/debug/");
}

void refuse(Response& response, int status, const char* text) {
  response.status = status;
  response.content_type = kPlainText;
  response.body = std::string(text) + "\n";
}

// What a page needs of its own goes before what is set for all.
void add_headers(const WebSettings& settings, Response& response) {
  for (const auto& [name, value] : settings.config.headers) {
    // Which all answers have anyway, with the only value that it may have.
    if (name == "X-Content-Type-Options") continue;
    const bool has_own =
        std::any_of(response.fields.begin(), response.fields.end(),
                    [&name = name](const auto& field) { return field.first == name; });
    if (!has_own) response.fields.emplace_back(name, value);
  }
}

}  // namespace

Gate::Gate(Policy policy, std::shared_ptr<const SharedSettings> settings,
           std::shared_ptr<RequestCounts> counts, Routes& routes)
    : policy_(std::move(policy)),
      settings_(std::move(settings)),
      counts_(std::move(counts)),
      routes_(routes) {}

void Gate::answer(const Request& request, Response& response) const {
  const auto settings = settings_->get();
  try {
    if (lets_in(request, *settings, response)) {
      answer_admitted(request, *settings, response);
    }
  } catch (...) {
    counts_->add(handler_of(request), 500);
    throw;
  }
  add_headers(*settings, response);
  counts_->add(handler_of(request), response.status);
}

// Who may not pass takes nobody's place.
void Gate::answer_admitted(const Request& request, const WebSettings& settings,
                           Response& response) const {
  RequestCounts::InFlight scrape;
  if (handler_of(request) == RequestCounts::Handler::kMetrics) {
    scrape = RequestCounts::begin_scrape(counts_, policy_.max_scrapes);
    if (scrape == nullptr) {
      response.fields.emplace_back("Retry-After", "1");
      return refuse(response, 503, "too many scrapes at a time (--web.max-requests); try again");
    }
  }
  routes_.answer(request, response, serves_debug(request, settings));
}

bool Gate::lets_in(const Request& request, const WebSettings& settings, Response& response) const {
  using webconfig::Verdict;
  if (settings.rate_limit && !settings.rate_limit->take(std::chrono::steady_clock::now())) {
    response.fields.emplace_back("Retry-After", "1");
    refuse(response, 429, "too many requests; rate_limit in the web config is the limit");
    return false;
  }
  if (settings.authenticator) {
    switch (settings.authenticator->check(request.head.authorization)) {
      case Verdict::kRight:
        break;
      case Verdict::kWrong:
        response.fields.emplace_back("WWW-Authenticate",
                                     R"(Basic realm="valkyria_exporter", charset="UTF-8")");
        refuse(response, 401,
               "a user name and a password are needed here, and these are not right");
        return false;
      case Verdict::kBusy:
        response.fields.emplace_back("Retry-After", "1");
        refuse(response, 429, "too many passwords wait to be checked; try again");
        return false;
    }
  }
  if (is_debug(request) && !serves_debug(request, settings)) {
    refuse(response, 403, kDebugRefused);
    return false;
  }
  return true;
}

bool Gate::serves_debug(const Request& request, const WebSettings& settings) const {
  const bool has_shown_who = settings.authenticator != nullptr || request.has_verified_client;
  return policy_.serves_debug_everywhere || request.is_on_loopback ||
         (request.is_encrypted && has_shown_who);
}

RequestCounts::Handler Gate::handler_of(const Request& request) const {
  if (request.path == policy_.telemetry_path) return RequestCounts::Handler::kMetrics;
  if (is_debug(request)) return RequestCounts::Handler::kDebug;
  if (request.path == "/") return RequestCounts::Handler::kLanding;
  if (request.path.starts_with("/-/")) return RequestCounts::Handler::kHealth;
  return RequestCounts::Handler::kOther;
}

}  // namespace http
