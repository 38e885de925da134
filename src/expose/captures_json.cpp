#include "expose/captures_json.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "base/utf8.h"
#include "expose/json_text.h"
#include "expose/trace_json.h"

namespace expose {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t kNsOfMs = 1'000'000;

Json capture_json(const model::Capture& capture) {
  const model::CaptureFacts& facts = capture.facts;
  // Both files of a profile come at once, seconds after the trace.
  const bool has_profile = capture.find(model::kPprofAttachment) != nullptr &&
                           capture.find(model::kProfileAttachment) != nullptr;
  const auto path_of = [&](bool is_there, const char* form) {
    return is_there ? Json(fmt::format("/debug/captures/{}/{}", facts.id, form)) : Json(nullptr);
  };
  return {{"id", facts.id},
          {"name", trace_file_name_of(facts)},
          {"unix_ms", facts.unix_ms},
          {"rule", base::valid_utf8(facts.rule)},
          {"process", base::valid_utf8(facts.process)},
          {"bytes", capture.bytes()},
          {"events", facts.events},
          {"first_sequence", facts.first_sequence},
          {"last_sequence", facts.last_sequence},
          {"trace", path_of(capture.find(model::kTraceAttachment) != nullptr, "trace")},
          {"flamegraph", path_of(has_profile, "flamegraph")},
          {"pprof", path_of(has_profile, "pprof")}};
}

}  // namespace

std::string write_captures_json(const model::CaptureList& list) {
  Json captures = Json::array();
  for (const auto& capture : list.captures) captures.push_back(capture_json(*capture));
  const Json document = {{"captures", std::move(captures)},
                         {"kept", list.captures.size()},
                         {"limit", list.limit},
                         {"dropped", list.dropped}};
  return json_text(document) + '\n';
}

std::string trace_file_name_of(const model::CaptureFacts& facts) {
  return trace_file_name(facts.process, facts.unix_ms * kNsOfMs);
}

}  // namespace expose
