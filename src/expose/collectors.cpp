#include "expose/collectors.h"

#include <algorithm>
#include <type_traits>
#include <variant>

#include "expose/printable.h"

namespace expose {
namespace {

// Of what a part is about. Parts of targets and of the exporter, which are told apart before, have
// one of the two last.
template <typename Part>
constexpr Collector collector_of_part() {
  if constexpr (std::is_same_v<Part, model::GcMetrics>) return Collector::kGc;
  if constexpr (std::is_same_v<Part, model::InterpreterMetrics>) return Collector::kVm;
  if constexpr (std::is_same_v<Part, model::EvalMetrics>) return Collector::kEval;
  if constexpr (std::is_same_v<Part, model::SystemMetrics>) return Collector::kAio;
  if constexpr (std::is_same_v<Part, model::ServerMetrics>) return Collector::kHttp;
  if constexpr (std::is_same_v<Part, model::ClientMetrics>) return Collector::kClient;
  if constexpr (std::is_same_v<Part, model::FunctionMetrics>) return Collector::kFunction;
  if constexpr (std::is_same_v<Part, model::DroppedSeries>) return Collector::kApplication;
  return Collector::kProcess;
}

}  // namespace

std::string_view name_of(Collector collector) {
  switch (collector) {
    case Collector::kProcess:
      return "process";
    case Collector::kGc:
      return "gc";
    case Collector::kVm:
      return "vm";
    case Collector::kEval:
      return "eval";
    case Collector::kAio:
      return "aio";
    case Collector::kHttp:
      return "http";
    case Collector::kClient:
      return "client";
    case Collector::kFunction:
      return "function";
    case Collector::kApplication:
      return "application";
    case Collector::kExporter:
      return "exporter";
  }
  return "unknown";
}

Collector collector_of(const model::CatalogueEntry& entry) {
  const Collector of_part = std::visit(
      []<typename Part, typename Content>(Content Part::*) { return collector_of_part<Part>(); },
      entry.member);
  if (of_part == Collector::kApplication) return of_part;
  const bool is_about_us =
      entry.from == model::Preference::kExporter || entry.from == model::Preference::kAttachment;
  return is_about_us ? Collector::kExporter : of_part;
}

base::Result<Collectors> parse_collectors(const std::vector<std::string>& names) {
  Collectors wanted;
  for (const std::string& name : names) {
    const auto* const found = std::find_if(kCollectors.begin(), kCollectors.end(),
                                           [&](Collector one) { return name_of(one) == name; });
    if (found == kCollectors.end()) {
      std::string known;
      for (const Collector one : kCollectors) {
        (known += known.empty() ? "" : ", ") += name_of(one);
      }
      return base::fail("collect[]={}: there is no such collector; there are {}", printable(name),
                        known);
    }
    wanted.insert(*found);
  }
  return wanted;
}

}  // namespace expose
