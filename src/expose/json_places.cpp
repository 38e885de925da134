// The numbers of the catalogue at their places in the JSON.
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include "expose/json_parts.h"
#include "model/catalogue.h"
#include "model/parts.h"

namespace expose {
namespace {

using model::CatalogueEntry;
using model::Count;
using model::JsonUnit;
using model::SystemMetrics;

Json number_json(const Count& number, JsonUnit unit) {
  if (!number) return nullptr;
  switch (unit) {
    case JsonUnit::kSame:
      return *number;
    case JsonUnit::kMicroseconds:
      return *number / 1'000;
    case JsonUnit::kMilliseconds:
      return *number / 1'000'000;
    case JsonUnit::kSeconds:
      return static_cast<double>(*number) / 1e9;
    case JsonUnit::kPercent:
      return *number * 100;
  }
  return nullptr;
}

Json number_json(const std::optional<double>& ratio, JsonUnit unit) {
  if (!ratio) return nullptr;
  return unit == JsonUnit::kPercent ? *ratio * 100 : *ratio;
}

// `path` is keys with dots between them.
void place(Json& document, std::string_view path, Json value) {
  Json* at = &document;
  while (true) {
    const std::size_t dot = path.find('.');
    at = &(*at)[std::string(path.substr(0, dot))];
    if (dot == std::string_view::npos) break;
    path.remove_prefix(dot + 1);
  }
  *at = std::move(value);
}

Json of_systems(const CatalogueEntry& entry, const SystemGroup& group, SystemCount member) {
  const model::JsonPlace& json = entry.json;
  return number_json(json.takes_largest ? largest_of(group, member) : sum_of(group, member),
                     json.unit);
}

template <typename Part>
Json of_part(const CatalogueEntry& entry, const Part& part, Count Part::*member) {
  return std::visit(
      [&](auto derive) -> Json {
        if constexpr (std::is_invocable_v<decltype(derive), const Part&>) {
          return number_json(derive(part), entry.json.unit);
        } else {
          return number_json(part.*member, entry.json.unit);
        }
      },
      entry.derived);
}

}  // namespace

void place_numbers(Json& document, const model::TargetMetrics& target,
                   const model::ExporterStatus& exporter) {
  const SystemGroup systems = systems_of(target);
  const auto value_of = [&]<typename Part, typename Content>(const CatalogueEntry& entry,
                                                             Content Part::*member) -> Json {
    if constexpr (!std::is_same_v<Content, Count>) {
      return nullptr;
    } else if constexpr (std::is_same_v<Part, SystemMetrics>) {
      return of_systems(entry, systems, member);
    } else if constexpr (std::is_same_v<Part, model::ExporterStatus>) {
      return of_part(entry, exporter, member);
    } else {
      const auto parts = model::parts_of<Part>(target);
      return parts.empty() ? Json(nullptr) : of_part(entry, parts.front(), member);
    }
  };
  for (const CatalogueEntry& entry : model::catalogue()) {
    if (entry.json.path.empty() || entry.json.path == model::kRegistryPlace) continue;
    place(document, entry.json.path,
          std::visit([&](auto member) { return value_of(entry, member); }, entry.member));
  }
}

void place_system_numbers(Json& entry_of_systems, const SystemGroup& group) {
  for (const CatalogueEntry& entry : model::catalogue()) {
    const auto* const member = std::get_if<SystemCount>(&entry.member);
    if (member == nullptr || entry.json.of_each_system.empty()) continue;
    place(entry_of_systems, entry.json.of_each_system, of_systems(entry, group, *member));
  }
}

}  // namespace expose
