#include "expose/event_stream.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/utf8.h"
#include "expose/event_json.h"
#include "expose/json.h"
#include "expose/json_text.h"

namespace expose {
namespace {

using Json = nlohmann::ordered_json;

std::string dump(const Json& json) {
  return json_text(json);
}

double unix_ms_of(std::uint64_t unix_ns) {
  const std::uint64_t unix_us = unix_ns / 1'000;  // a double holds no more
  return static_cast<double>(unix_us) / 1'000;
}

Json text_or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(base::valid_utf8(text));
}

}  // namespace

std::string write_hello(const model::Snapshot& snapshot, std::string_view epoch,
                        std::uint64_t next) {
  Json targets = Json::array();
  for (const model::TargetMetrics& target : snapshot.targets) {
    targets.push_back({{"process", base::valid_utf8(target.process)},
                       {"pid", target.id.pid},
                       {"up", target.up},
                       {"exe", text_or_null(target.identity.exe)},
                       {"layout", text_or_null(target.identity.layout)}});
  }
  const Json hello = {{"epoch", epoch},
                      {"server_unix_ms", unix_ms_of(base::unix_ns())},
                      {"interval_ms", kSnapshotIntervalMs},
                      {"version", base::valid_utf8(snapshot.exporter.version)},
                      {"next", next},
                      {"targets", std::move(targets)}};
  return fmt::format("event: hello\ndata: {}\n\n", dump(hello));
}

std::string write_reset(std::string_view epoch, std::uint64_t first, std::uint64_t next) {
  const Json reset = {{"epoch", epoch}, {"first", first}, {"next", next}};
  return fmt::format("event: reset\ndata: {}\n\n", dump(reset));
}

// write_json() ends its document with a newline, and has no other.
std::string write_snapshot_event(const model::Snapshot& snapshot, const std::string* process) {
  std::string text = fmt::format("event: snapshot\ndata: {{\"unix_ms\":{:.3f},\"targets\":[",
                                 unix_ms_of(snapshot.taken_unix_ns));
  bool is_first = true;
  for (const model::TargetMetrics& target : snapshot.targets) {
    if (process != nullptr && target.process != *process) continue;
    if (!is_first) text += ',';
    is_first = false;
    text += write_json(snapshot, target);
    text.pop_back();
  }
  text += "]}\n\n";
  return text;
}

std::string write_timeline_event(const model::TimelineEvent& event, std::string_view epoch) {
  const Json json = event_json(event);
  return fmt::format("event: {}\nid: {}-{}\ndata: {}\n\n",
                     json["kind"].get_ref<const std::string&>(), epoch, event.sequence, dump(json));
}

}  // namespace expose
