#include "expose/json.h"

#include <string_view>
#include <utility>
#include <vector>

#include "base/utf8.h"
#include "expose/families.h"
#include "expose/json_parts.h"
#include "expose/json_text.h"
#include "model/catalogue.h"
#include "model/names.h"

namespace expose {
namespace {

// Milliseconds, since nanoseconds since 1970 are more than a page's 2^53; 0 stands for "never".
Json unix_ms(std::uint64_t unix_ns) {
  return unix_ns == 0 ? Json(nullptr) : Json(unix_ns / 1'000'000);
}

// An empty text: there is none.
Json text(std::string_view text) {
  return text.empty() ? Json(nullptr) : Json(base::valid_utf8(text));
}

Json count_json(const model::Count& count) {
  return count ? Json(*count) : Json(nullptr);
}

std::string_view source_word(const model::CatalogueEntry& entry,
                             const std::vector<model::FamilySource>& sources) {
  switch (entry.from) {
    case model::Preference::kKernel:
      return "kernel";
    case model::Preference::kAttachment:
    case model::Preference::kExporter:
      return "exporter";
    case model::Preference::kStateOnly:
    case model::Preference::kStateElseProbe:
    case model::Preference::kProbeOnly:
      break;
  }
  return model::source_of(entry, sources) == model::Source::kState ? "state" : "probe";
}

Json collectors_json(const std::vector<model::CollectorRun>& runs) {
  Json collectors = Json::array();
  for (const auto& run : runs) {
    collectors.push_back({{"collector", base::valid_utf8(run.collector)},
                          {"duration_ns", run.duration_ns},
                          {"success", run.success}});
  }
  return collectors;
}

Json exporter_json(const model::Snapshot& snapshot) {
  const model::ExporterStatus& exporter = snapshot.exporter;
  Json probes = Json::array();
  for (const auto& probe : exporter.probes) {
    probes.push_back({{"probe", base::valid_utf8(probe.probe)},
                      {"attached", probe.attached},
                      {"hits", probe.hits},
                      {"overhead_ns", count_json(probe.overhead_ns)}});
  }
  Json lost_events = Json::array();
  for (const auto& loss : exporter.lost_events) {
    lost_events.push_back({{"cause", base::valid_utf8(loss.cause)}, {"count", loss.count}});
  }
  Json missed_events = Json::array();
  for (const auto& missed : exporter.missed_events) {
    missed_events.push_back({{"event", base::valid_utf8(missed.event)}, {"count", missed.count}});
  }
  Json dropped_connections = Json::array();
  for (const auto& dropped : exporter.dropped_connections) {
    dropped_connections.push_back({{"limit", dropped.limit}, {"count", dropped.count}});
  }
  Json targets = Json::object();
  for (const auto& target : exporter.targets) targets[std::string(target.state)] = target.count;
  const Json revision =
      exporter.revision.empty() ? Json() : Json(base::valid_utf8(exporter.revision));
  return {{"version", base::valid_utf8(exporter.version)},
          {"revision", revision},
          {"selection", base::valid_utf8(exporter.selection)},
          {"targets", std::move(targets)},
          {"taken_unix_ms", unix_ms(snapshot.taken_unix_ns)},
          {"hit_cost_ns", count_json(exporter.hit_cost_ns)},
          {"probes", std::move(probes)},
          {"lost_events", std::move(lost_events)},
          {"missed_events", std::move(missed_events)},
          {"dropped_connections", std::move(dropped_connections)},
          {"collectors", collectors_json(exporter.collectors)}};
}

// Every family that the other formats show of this target and of us, and who tells it.
Json sources_json(const model::Snapshot& snapshot, const model::TargetMetrics& target) {
  const model::Snapshot one{snapshot.taken_unix_ns, snapshot.exporter, {target}};
  Json object = Json::object();
  for (const Family& family : families_of(one)) object[family.name] = "state";  // applications'
  for (const model::CatalogueEntry& entry : model::catalogue()) {
    const auto shown = object.find(entry.name);
    if (shown != object.end()) *shown = source_word(entry, target.sources);
  }
  return object;
}

Json differences_json(const std::vector<model::FamilySource>& sources) {
  Json object = Json::object();
  for (const model::FamilySource& source : sources) {
    if (!source.difference.empty()) object[std::string(source.family->name)] = source.difference;
  }
  return object;
}

Json groups_json(const std::vector<model::GroupStatus>& groups) {
  Json array = Json::array();
  for (const model::GroupStatus& group : groups) {
    array.push_back({{"group", base::valid_utf8(group.group)},
                     {"attached", group.attached},
                     {"detachments", group.detachments}});
  }
  return array;
}

std::string_view state_word(const std::vector<model::ProcessStateFlag>& states) {
  for (const model::ProcessStateFlag& flag : states) {
    if (flag.is_so) return name_of(flag.state);
  }
  return {};
}

Json process_json(const model::Snapshot& snapshot, const model::TargetMetrics& target) {
  return {{"name", base::valid_utf8(target.process)},
          {"pid", target.id.pid},
          {"up", target.up},
          {"attached_unix_ms", unix_ms(target.attached_unix_ns)},
          {"exe", text(target.identity.exe)},
          {"script", text(target.identity.script)},
          {"build_id", text(target.identity.build_id)},
          {"layout", text(target.identity.layout)},
          {"container", text(target.identity.container)},
          {"unit", text(target.identity.unit)},
          {"pod", text(target.identity.pod)},
          {"state", text(state_word(target.process_metrics.states))},
          {"sources", sources_json(snapshot, target)},
          {"differences", differences_json(target.sources)},
          {"groups", groups_json(target.groups)},
          {"overhead_ratio", target.overhead_ratio ? Json(*target.overhead_ratio) : Json(nullptr)},
          {"collectors", collectors_json(target.collectors)}};
}

}  // namespace

std::string write_json(const model::Snapshot& snapshot, const model::TargetMetrics& target) {
  Json document = {{"aio_metrics", Json::object()},
                   {"aio_systems", systems_json(target)},
                   {"modular_metrics", registry_json(target)},
                   {"vm_metrics", Json::object()},
                   {"exporter", exporter_json(snapshot)},
                   {"process", process_json(snapshot, target)}};
  place_numbers(document, target, snapshot.exporter);
  add_page_numbers(document, target);
  // Every text above is valid UTF-8 already; `replace` makes sure that dump() never throws.
  return json_text(document) + '\n';
}

}  // namespace expose
