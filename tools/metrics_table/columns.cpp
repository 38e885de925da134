#include "columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <variant>

#include "expose/catalogue_families.h"
#include "model/parts.h"
#include "watch/sources.h"

namespace metrics_table {
namespace {

using model::CatalogueEntry;
using model::Kind;
using model::Preference;
using model::Source;

constexpr const char* kNobody = "—";
constexpr const char* kMemory = "memory";
constexpr const char* kFunctions = "functions";
constexpr const char* kProbes = "probes";

std::string join(const std::vector<std::string>& words, std::string_view separator) {
  std::string all;
  for (const std::string& word : words) {
    if (!all.empty()) all += separator;
    all += word;
  }
  return all;
}

template <typename Part>
void append_labels(std::vector<std::string>& labels) {
  for (const auto& label : model::kLabels<Part>) labels.push_back(fmt::format("`{}`", label.name));
}

// The labels of a family that says what somebody is.
std::vector<std::string> labels_of_info(const CatalogueEntry& entry) {
  model::Snapshot snapshot;
  snapshot.targets.emplace_back().id.pid = 1;
  snapshot.exporter.revision = "unknown";
  std::vector<std::string> labels;
  for (const auto& series : expose::family_of(entry, snapshot).series) {
    for (const auto& [name, value] : series.labels) labels.push_back(fmt::format("`{}`", name));
  }
  return labels;
}

std::optional<Source> chosen(const CatalogueEntry& entry, std::span<const model::Member> state,
                             std::span<const model::Member> probes) {
  for (const model::FamilySource& source : watch::choose_sources(state, probes)) {
    if (source.family == &entry) return source.source;
  }
  return std::nullopt;
}

bool is_moment(const CatalogueEntry& entry) {
  return entry.kind == Kind::kGauge || entry.kind == Kind::kInfo;
}

// Whether it is one of the words between the underscores of a name.
bool has_word(std::string_view name, std::string_view word) {
  for (auto at = name.find(word); at != std::string_view::npos; at = name.find(word, at + 1)) {
    const auto end = at + word.size();
    if (at > 0 && name[at - 1] == '_' && (end == name.size() || name[end] == '_')) return true;
  }
  return false;
}

// HELP is without its end.
std::string sentence(std::string_view text) {
  while (text.ends_with(',') || text.ends_with('.')) text.remove_suffix(1);
  return fmt::format("{}.", text);
}

}  // namespace

bool is_of_runtime(const CatalogueEntry& entry) {
  switch (entry.from) {
    case Preference::kStateOnly:
    case Preference::kStateElseProbe:
    case Preference::kProbeOnly:
      return true;
    case Preference::kKernel:
    case Preference::kAttachment:
    case Preference::kExporter:
      break;
  }
  return false;
}

std::string type_of(const CatalogueEntry& entry) {
  return std::string(expose::name_of(expose::type_of(entry.kind)));
}

std::string labels_of(const CatalogueEntry& entry) {
  std::vector<std::string> labels;
  if (entry.kind == Kind::kInfo) {
    labels = labels_of_info(entry);
  } else {
    std::visit(
        [&]<typename Part, typename Content>(Content Part::*) {
          append_labels<Part>(labels);
          if constexpr (requires { typename Content::value_type; } &&
                        !std::is_same_v<Content, std::string>) {
            append_labels<typename Content::value_type>(labels);
          }
        },
        entry.member);
  }
  return labels.empty() ? kNobody : join(labels, ", ");
}

// By the names, which say it.
std::string unit_of(const CatalogueEntry& entry) {
  for (const std::string_view unit : {"seconds", "bytes", "ratio"}) {
    if (has_word(entry.name, unit)) return std::string(unit);
  }
  return kNobody;
}

std::string source_in(const CatalogueEntry& entry, const Runtime& runtime) {
  const auto by_functions = chosen(entry, runtime.state, runtime.functions);
  if (by_functions) return *by_functions == Source::kState ? kMemory : kFunctions;
  if (chosen(entry, runtime.state, runtime.sites)) return kProbes;
  if (chosen(entry, {}, runtime.functions)) return fmt::format("({})", kFunctions);
  return kNobody;
}

std::string source_outside(const CatalogueEntry& entry) {
  return entry.from == Preference::kKernel ? "kernel" : "exporter";
}

std::string since(const CatalogueEntry& entry, const std::vector<Runtime>& runtimes) {
  if (is_moment(entry)) return kNobody;
  if (entry.from == Preference::kKernel) return "process start";
  if (entry.from == Preference::kAttachment) return "attach";
  if (entry.from == Preference::kExporter) return "exporter start";
  std::vector<std::string> begins;
  const auto is_source = [&](std::string_view wanted) {
    return std::any_of(runtimes.begin(), runtimes.end(), [&](const Runtime& runtime) {
      return source_in(entry, runtime).find(wanted) != std::string::npos;
    });
  };
  if (is_source(kMemory)) begins.emplace_back("process start");
  if (is_source(kFunctions) || is_source(kProbes)) begins.emplace_back("attach");
  return begins.empty() ? kNobody : join(begins, "; by probes: ");
}

std::string meaning_of(const CatalogueEntry& entry, const std::vector<Runtime>& runtimes) {
  std::string meaning = sentence(entry.help);
  if (!entry.remark.empty()) meaning += fmt::format(" {}", entry.remark);
  for (const Runtime& runtime : runtimes) {
    for (const state::Difference& difference : runtime.differences) {
      if (difference.member == entry.member && source_in(entry, runtime) == kMemory) {
        meaning += fmt::format(" *{}:* {}", runtime.title, difference.text);
      }
    }
  }
  return meaning;
}

}  // namespace metrics_table
