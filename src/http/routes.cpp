#include "http/routes.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/gzip.h"
#include "base/utf8.h"
#include "expose/families.h"
#include "expose/json.h"
#include "expose/openmetrics.h"
#include "expose/text.h"
#include "http/dashboard.h"
#include "http/landing_page.h"
#include "http/origin.h"
#include "http/profile_routes.h"
#include "http/scrape_deadline.h"
#include "http/timeline_routes.h"
#include "http/trace_routes.h"

namespace http {
namespace {

constexpr const char* kJson = "application/json";
constexpr const char* kHtml = "text/html; charset=utf-8";
// The pages need no script, no image and no other site; their style stands in them.
constexpr const char* kContentSecurityPolicy =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'";

constexpr const char* kNotFound = "nothing is served here; \"/\" lists what is";
constexpr const char* kAllowedMethods = "GET, HEAD, OPTIONS";

constexpr const char* kJsonPath = "/debug/metrics";
constexpr const char* kDebugPrefix = "/debug/";
constexpr const char* kEventsPath = "/debug/gc-events";
constexpr const char* kHistoryPath = "/debug/history";
constexpr const char* kStreamPath = "/debug/events";
constexpr const char* kTracePath = "/debug/trace";
constexpr std::string_view kCapturesPath = "/debug/captures";
constexpr std::string_view kPprofPath = "/debug/pprof";
constexpr std::string_view kProfilesPath = "/debug/profiles";
constexpr const char* kFlameGraphPath = "/debug/flamegraph";
constexpr const char* kLandingPath = "/";
constexpr const char* kHealthyPath = "/-/healthy";
constexpr const char* kReadyPath = "/-/ready";

// What follows the first part of a path: empty, or from its slash on. None: it is another path.
std::optional<std::string_view> rest_of(std::string_view path, std::string_view first) {
  if (!path.starts_with(first)) return std::nullopt;
  path.remove_prefix(first.size());
  return path.empty() || path.front() == '/' ? std::optional(path) : std::nullopt;
}

// Pages that a person opens by a link.
bool is_page(std::string_view path) {
  return path == kDebugPrefix || path == kFlameGraphPath || path == "/debug/pprof/" ||
         path.ends_with("/flamegraph");
}

std::string write(const std::vector<expose::Family>& families, MetricsFormat format) {
  return format == MetricsFormat::kText ? expose::write_text(families)
                                        : expose::write_openmetrics(families);
}

const char* content_type_of(MetricsFormat format) {
  switch (format) {
    case MetricsFormat::kText:
      return expose::kTextContentType;
    case MetricsFormat::kOpenMetrics:
      return expose::kOpenMetricsContentType;
    case MetricsFormat::kOpenMetricsDraft:
      return expose::kOpenMetricsDraftContentType;
  }
  return expose::kTextContentType;
}

// Who asks for the same gets the same page.
std::string page_name(MetricsFormat format, const expose::Collectors& collectors,
                      const model::Wanted& wanted) {
  std::string name = content_type_of(format);
  for (const expose::Collector collector : collectors) {
    (name += '&') += expose::name_of(collector);
  }
  // With its length before it: a name may have any bytes in it.
  for (const std::string& process : wanted.processes) {
    name += fmt::format("&{}:{}", process.size(), process);
  }
  return name;
}

int status_of(base::Cause cause) {
  switch (cause) {
    case base::Cause::kGone:
      return 404;
    case base::Cause::kLacking:
      return 503;
    case base::Cause::kOther:
    case base::Cause::kTimeout:
    case base::Cause::kChanged:
    case base::Cause::kDenied:
      return 500;
  }
  return 500;
}

std::chrono::steady_clock::time_point deadline_of(const Request& request) {
  return request.arrived + parse_scrape_budget(request.head.scrape_timeout);
}

void respond(Response& response, int status, const std::string& text) {
  response.status = status;
  response.body = base::valid_utf8(text) + "\n";
  response.content_type = kPlainText;
}

}  // namespace

base::Result<void> check_telemetry_path(const std::string& path) {
  if (path.empty() || path.front() != '/') {
    return base::fail(R"(telemetry path "{}": must begin with "/")", path);
  }
  const bool plain = std::all_of(path.begin(), path.end(), [](char c) {
    return c > ' ' && c <= '~' && c != '?' && c != '#' && c != '%' && c != '"' && c != '\\';
  });
  if (!plain) {
    return base::fail("telemetry path \"{}\": use letters, digits and . - _ ~ / only", path);
  }
  const bool is_debug = path + "/" == kDebugPrefix || path.starts_with(kDebugPrefix);
  if (path == kHealthyPath || path == kReadyPath || is_debug) {
    return base::fail("telemetry path \"{}\": serves something else", path);
  }
  return {};
}

Routes::Routes(std::string telemetry_path, Sources sources, EventStreams& streams)
    : telemetry_path_(std::move(telemetry_path)), sources_(std::move(sources)), streams_(streams) {}

void Routes::answer(const Request& request, Response& response, bool is_debug_served) {
  switch (request.head.method) {
    case Method::kGet:
    case Method::kHead:
      return answer_path(request, response, is_debug_served);
    case Method::kOptions:
      response.fields.emplace_back("Allow", kAllowedMethods);
      response.status = 204;
      return;
    case Method::kOther:
      response.fields.emplace_back("Allow", kAllowedMethods);
      return respond(response, 405, "only GET and HEAD are served");
  }
}

void Routes::answer_path(const Request& request, Response& response, bool is_debug_served) {
  if (request.path == telemetry_path_) {
    answer_metrics(request, response);
  } else if (request.path.starts_with(kDebugPrefix)) {
    answer_debug(request, response);
  } else if (request.path == kLandingPath) {
    answer_landing_page(request, response, is_debug_served);
  } else if (request.path == kHealthyPath) {
    respond(response, 200, "healthy");
  } else if (request.path == kReadyPath) {
    answer_ready(response);
  } else {
    respond(response, 404, kNotFound);
  }
}

void Routes::answer_debug(const Request& request, Response& response) {
  if (const auto why = refuse_origin(request, is_page(request.path))) {
    return respond(response, 403, *why);
  }
  if (request.path == kJsonPath) {
    answer_json(request, response);
  } else if (request.path == kEventsPath) {
    answer_events(sources_, request, response);
  } else if (request.path == kHistoryPath) {
    answer_history(sources_, request, response);
  } else if (request.path == kStreamPath) {
    streams_.answer(request, response);
  } else if (request.path == kTracePath) {
    answer_trace(sources_, request, response);
  } else if (const auto capture = rest_of(request.path, kCapturesPath)) {
    answer_captures(sources_, request, *capture, response);
  } else if (const auto pprof = rest_of(request.path, kPprofPath)) {
    answer_pprof(sources_, request, *pprof, response);
  } else if (const auto kept = rest_of(request.path, kProfilesPath)) {
    answer_profiles(sources_, request, *kept, response);
  } else if (request.path == kFlameGraphPath) {
    answer_flame_graph(sources_, request, response);
  } else if (is_of_dashboard(request.path)) {
    answer_dashboard(request, response);
  } else {
    respond(response, 404, kNotFound);
  }
}

// Of the collectors that `?collect[]=` names and the targets that `?process=` names, so that a long
// scrape can be split. A name that no target has gives none: one that ended may come back.
void Routes::answer_metrics(const Request& request, Response& response) {
  const MetricsFormat format = negotiate_format(request.head.accept);
  const auto collectors = expose::parse_collectors(parameters_of(request, "collect[]"));
  if (!collectors) return respond(response, 400, collectors.error().message);
  using Targets = model::Wanted::Targets;
  model::Wanted wanted{Targets::kAll, parameters_of(request, "process")};
  if (!wanted.processes.empty()) wanted.targets = Targets::kNamed;
  const auto make = [&]() -> base::Result<std::string> {
    const auto snapshot = collect(request, wanted);
    if (!snapshot) return base::pass_on(snapshot);
    return write(expose::families_of(*snapshot, *collectors), format);
  };
  const auto shared = share_page(page_name(format, *collectors, wanted), request, make, response);
  if (!shared) return respond(response, 500, shared.error().message);
  response.fields.emplace_back("Vary", "Accept, Accept-Encoding");
  response.content_type = content_type_of(format);
}

// Of the target that `?process=` names; without it of the first.
void Routes::answer_json(const Request& request, Response& response) {
  const auto name = parameter_of(request, "process");
  using Targets = model::Wanted::Targets;
  model::Wanted wanted{name ? Targets::kNamed : Targets::kFirst};
  if (name) wanted.processes = {*name};
  const auto make = [&]() -> base::Result<std::string> {
    const auto snapshot = collect(request, wanted);
    if (!snapshot) return base::fail("{}", snapshot.error().message);  // of whatever cause
    if (!snapshot->targets.empty()) {
      return expose::write_json(*snapshot, snapshot->targets.front());
    }
    if (name) return base::fail(base::Cause::kGone, "no watched process has that name");
    return base::fail(base::Cause::kLacking, "no process is watched");
  };
  const auto shared = share_page(name ? "JSON of " + *name : "JSON", request, make, response);
  if (!shared) return respond(response, status_of(shared.error().cause), shared.error().message);
  response.fields.emplace_back("Vary", "Accept-Encoding");
  response.content_type = kJson;
}

void Routes::answer_landing_page(const Request& request, Response& response, bool is_debug_served) {
  const auto make = [&]() -> base::Result<std::string> {
    return write_landing_page(collect(request), telemetry_path_, is_debug_served);
  };
  const std::string page = is_debug_served ? "landing page" : "landing page without /debug/";
  const auto shared = share_page(page, request, make, response);
  if (!shared) return respond(response, 500, shared.error().message);
  response.fields.emplace_back("Vary", "Accept-Encoding");
  response.fields.emplace_back("Content-Security-Policy", kContentSecurityPolicy);
  response.content_type = kHtml;
}

// Sets the body to what `make` gives, or gave to others. Who takes it compressed gets what was
// compressed once: of many targets it is a twentieth as long.
base::Result<void> Routes::share_page(const std::string& page, const Request& request,
                                      const SharedPages::Make& make, Response& response) {
  const bool is_compressed = accepts_gzip(request.head.accept_encoding);
  const auto make_compressed = [&]() -> base::Result<std::string> {
    const auto text = make();
    if (!text) return base::pass_on(text);
    auto compressed = base::gzip(*text);
    if (!compressed)
      return base::fail("compress {} bytes: there is too little memory", text->size());
    return std::move(*compressed);
  };
  const auto body = is_compressed ? pages_.get("in gzip: " + page, request.arrived,
                                               deadline_of(request), make_compressed)
                                  : pages_.get(page, request.arrived, deadline_of(request), make);
  if (!body) return base::pass_on(body);
  response.body = **body;
  if (is_compressed) response.fields.emplace_back("Content-Encoding", "gzip");
  return {};
}

void Routes::answer_ready(Response& response) const {
  if (const auto reason = sources_.unready()) {
    return respond(response, 503, "not ready: " + *reason);
  }
  respond(response, 200, "ready");
}

base::Result<model::Snapshot> Routes::collect(const Request& request,
                                              const model::Wanted& wanted) const {
  return sources_.snapshot(deadline_of(request), wanted);
}

}  // namespace http
