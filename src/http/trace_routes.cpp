#include "http/trace_routes.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/clock.h"
#include "base/gzip.h"
#include "base/utf8.h"
#include "expose/captures_json.h"
#include "expose/trace_json.h"
#include "http/negotiation.h"
#include "http/profile_routes.h"
#include "http/timeline_routes.h"

namespace http {
namespace {

constexpr std::uint64_t kDefaultSeconds = 30;
constexpr std::uint64_t kMaxSeconds = 600;
constexpr std::string_view kTrace = "/trace";
constexpr std::string_view kPprof = "/pprof";
constexpr std::string_view kFlameGraph = "/flamegraph";
constexpr std::size_t kMaxTraceBytes = 128 * 1024 * 1024;

void respond(Response& response, int status, const std::string& text) {
  response.status = status;
  response.body = base::valid_utf8(text) + "\n";
  response.content_type = kPlainText;
}

// Saved under a name that no target chose.
void set_download(Response& response, std::string body, const std::string& name) {
  response.body = std::move(body);
  response.content_type = "application/json";
  response.fields.emplace_back("Content-Disposition",
                               fmt::format("attachment; filename=\"{}\"", name));
  response.fields.emplace_back("Cache-Control", "no-store");
}

void answer_trace_of(const model::Capture& capture, const Request& request, Response& response) {
  const model::Attachment* const trace = capture.find(model::kTraceAttachment);
  if (trace == nullptr) return respond(response, 404, "the capture has no trace");
  const std::string name = expose::trace_file_name_of(capture.facts);
  if (accepts_gzip(request.head.accept_encoding)) {
    set_download(response, trace->content, name);
    response.fields.emplace_back("Vary", "Accept-Encoding");
    response.fields.emplace_back("Content-Encoding", "gzip");
    return;
  }
  auto json = base::gunzip(trace->content, kMaxTraceBytes);
  if (!json) return respond(response, 500, "the capture's trace can't be read");
  set_download(response, std::move(*json), name);
}

}  // namespace

void answer_trace(const Sources& sources, const Request& request, Response& response) {
  const auto text = parameter_of(request, "seconds");
  const auto seconds = text ? parse_number(*text) : kDefaultSeconds;
  if (!seconds || *seconds == 0 || *seconds > kMaxSeconds) {
    return refuse(response,
                  fmt::format("seconds \"{}\": use a number from 1 to {}", *text, kMaxSeconds));
  }
  const auto parts = sources.trace(*seconds, parameter_of(request, "process"));
  if (!parts) {
    const bool is_gone = parts.error().cause == base::Cause::kGone;
    return respond(response, is_gone ? 404 : 503, parts.error().message);
  }
  set_download(response, expose::write_trace(*parts).json,
               expose::trace_file_name(parts->process, base::unix_ns_of(parts->to_ns)));
}

void answer_captures(const Sources& sources, const Request& request, std::string_view rest,
                     Response& response) {
  const model::CaptureList list = sources.captures();
  if (rest.empty() || rest == "/") {
    response.body = expose::write_captures_json(list);
    response.content_type = "application/json";
    response.fields.emplace_back("Cache-Control", "no-store");
    return;
  }
  const std::size_t slash = rest.rfind('/');
  const std::string_view form = rest.substr(slash);
  const std::string_view id = slash == 0 ? std::string_view() : rest.substr(1, slash - 1);
  if (form != kTrace && form != kPprof && form != kFlameGraph) {
    return respond(response, 404,
                   "a capture is at /debug/captures/ID/trace, its profile at "
                   "/debug/captures/ID/pprof and /debug/captures/ID/flamegraph");
  }
  const auto found = std::find_if(list.captures.begin(), list.captures.end(),
                                  [&](const auto& one) { return one->facts.id == id; });
  if (found == list.captures.end()) {
    return respond(response, 404, "no capture of that name is kept; /debug/captures lists them");
  }
  if (form == kTrace) return answer_trace_of(**found, request, response);
  const auto profile = profile_of(**found);
  if (!profile) {
    return respond(response, 404,
                   "the capture has no profile: its process had ended, was being profiled, or the "
                   "seconds after it have not passed yet");
  }
  const std::string name = "capture-" + (*found)->facts.id;
  if (form == kPprof) return answer_kept_pprof(*profile, name, response);
  answer_kept_flame_graph(sources, request, *profile, name, response);
}

}  // namespace http
