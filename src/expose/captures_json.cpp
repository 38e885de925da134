#include "expose/captures_json.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "base/utf8.h"
#include "expose/trace_json.h"

namespace expose {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t kNsOfMs = 1'000'000;

Json capture_json(const model::Capture& capture) {
  const model::CaptureFacts& facts = capture.facts;
  const bool has_trace = capture.find(model::kTraceAttachment) != nullptr;
  return {{"id", facts.id},
          {"name", trace_file_name_of(facts)},
          {"unix_ms", facts.unix_ms},
          {"rule", base::valid_utf8(facts.rule)},
          {"process", base::valid_utf8(facts.process)},
          {"bytes", capture.bytes()},
          {"events", facts.events},
          {"first_sequence", facts.first_sequence},
          {"last_sequence", facts.last_sequence},
          {"trace",
           has_trace ? Json(fmt::format("/debug/captures/{}/trace", facts.id)) : Json(nullptr)}};
}

}  // namespace

std::string write_captures_json(const model::CaptureList& list) {
  Json captures = Json::array();
  for (const auto& capture : list.captures) captures.push_back(capture_json(*capture));
  const Json document = {{"captures", std::move(captures)},
                         {"kept", list.captures.size()},
                         {"limit", list.limit},
                         {"dropped", list.dropped}};
  return document.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
}

std::string trace_file_name_of(const model::CaptureFacts& facts) {
  return trace_file_name(facts.process, facts.unix_ms * kNsOfMs);
}

}  // namespace expose
