#include "expose/catalogue_families.h"

#include <fmt/format.h>

#include <optional>
#include <set>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/utf8.h"
#include "model/parts.h"

namespace expose {
namespace {

using model::CatalogueEntry;
using model::Kind;
using model::Preference;
using model::Source;
using model::Unit;

constexpr double kNsPerSecond = 1e9;

// A number that tells a moment, an info, and what we say of ourselves have no such words.
std::string_view since_words(const CatalogueEntry& entry) {
  if (entry.kind == Kind::kGauge || entry.kind == Kind::kInfo) return "";
  switch (entry.from) {
    case Preference::kStateOnly:
      return " since the process started";
    case Preference::kProbeOnly:
      return " since attach";
    case Preference::kStateElseProbe:
      return " since the process started, or since attach where it comes from probes";
    case Preference::kKernel:
    case Preference::kAttachment:
    case Preference::kExporter:
      return "";
  }
  return "";
}

std::string help_of(const CatalogueEntry& entry) {
  std::string help(entry.help);
  const bool is_whole = entry.from == Preference::kKernel ||
                        entry.from == Preference::kAttachment ||
                        entry.from == Preference::kExporter;
  if (is_whole) return help;
  help += since_words(entry);
  help += '.';
  if (!entry.remark.empty()) (help += ' ') += entry.remark;
  return help;
}

bool counts(const CatalogueEntry& entry) {
  return entry.kind == Kind::kCounter || entry.kind == Kind::kHistogram;
}

// Since when the target's numbers count: its start where its memory or the kernel counts them.
std::optional<std::uint64_t> begin_of(const CatalogueEntry& entry,
                                      const model::TargetMetrics& target) {
  if (!counts(entry)) return std::nullopt;
  const bool counts_from_start = entry.from == Preference::kKernel ||
                                 model::source_of(entry, target.sources) == Source::kState;
  if (counts_from_start) return target.process_metrics.start_unix_ns;
  return target.attached_unix_ns == 0 ? std::nullopt : std::optional(target.attached_unix_ns);
}

std::optional<std::uint64_t> begin_of(const CatalogueEntry& entry,
                                      const model::ExporterStatus& exporter) {
  return counts(entry) ? exporter.process_metrics.start_unix_ns : std::nullopt;
}

std::optional<Value> shown(std::uint64_t number, Unit unit) {
  return unit == Unit::kNanoseconds ? Number(Seconds{number}) : Number(number);
}
std::optional<Value> shown(bool is_so, Unit) {
  return Number(std::uint64_t{is_so ? 1u : 0u});
}
std::optional<Value> shown(double ratio, Unit) {
  return Number(ratio);
}
std::optional<Value> shown(const model::Histogram& histogram, Unit) {
  return histogram;
}
// The mean of nothing is unknown.
std::optional<Value> shown(const model::DurationSum& durations, Unit) {
  if (durations.count == 0) return std::nullopt;
  return Number(static_cast<double>(durations.sum_ns) / kNsPerSecond /
                static_cast<double>(durations.count));
}
template <typename Known>
std::optional<Value> shown(const std::optional<Known>& maybe, Unit unit) {
  return maybe ? shown(*maybe, unit) : std::nullopt;
}

// What one item of a list of the model has to say.
std::uint64_t content(const model::StatusCount& item) {
  return item.count;
}
std::uint64_t content(const model::ConnectionTransition& item) {
  return item.count;
}
bool content(const model::ProcessStateFlag& item) {
  return item.is_so;
}
const model::Histogram& content(const model::ConnectionStateDuration& item) {
  return item.duration_ns;
}

template <typename Part>
void append_labels(Labels& labels, const Part& part) {
  for (const auto& label : model::kLabels<Part>) labels.emplace_back(label.name, label.value(part));
}

// The series of one row that one owner of parts, a target or the exporter, has.
class OwnerSeries {
 public:
  OwnerSeries(Family& family, const CatalogueEntry& entry, Labels owner_labels,
              std::optional<std::uint64_t> created_unix_ns)
      : family_(family),
        entry_(entry),
        owner_labels_(std::move(owner_labels)),
        created_unix_ns_(created_unix_ns) {}

  template <typename Part, typename Content>
  void add(const Part& part, Content Part::*member) {
    auto value = std::visit(
        [&](auto derive) {
          if constexpr (std::is_invocable_v<decltype(derive), const Part&>) {
            return shown(derive(part), entry_.unit);
          } else {
            return shown(part.*member, entry_.unit);
          }
        },
        entry_.derived);
    if (value) add_series(family_, labels_with(part), std::move(*value), created_unix_ns_);
  }

  template <typename Part, typename Item>
  void add(const Part& part, std::vector<Item> Part::*list) {
    for (const Item& item : part.*list) {
      Labels labels = labels_with(part);
      append_labels(labels, item);
      add_series(family_, std::move(labels), *shown(content(item), entry_.unit), created_unix_ns_);
    }
  }

  void add(const model::TargetMetrics& target, model::ProcessIdentity model::TargetMetrics::*) {
    if (target.id.pid == 0 || target.has_ended) return;
    Labels labels = owner_labels_;
    labels.emplace_back("pid", std::to_string(target.id.pid));
    append_labels(labels, target.identity);
    add_series(family_, std::move(labels), Number(std::uint64_t{1}));
  }

  void add(const model::ExporterStatus& exporter, std::string model::ExporterStatus::*version) {
    Labels labels{{"version", exporter.*version}};
    if (!exporter.revision.empty()) labels.emplace_back("revision", exporter.revision);
    add_series(family_, std::move(labels), Number(std::uint64_t{1}));
  }

 private:
  template <typename Part>
  Labels labels_with(const Part& part) const {
    Labels labels;
    labels.reserve(owner_labels_.size() + model::kLabels<Part>.size() + 2);
    labels = owner_labels_;
    append_labels(labels, part);
    return labels;
  }

  Family& family_;
  const CatalogueEntry& entry_;
  const Labels owner_labels_;
  const std::optional<std::uint64_t> created_unix_ns_;
};

template <typename Part, typename Content, typename Owner>
void add_parts(Family& family, const CatalogueEntry& entry, Content Part::*member,
               const Owner& owner, Labels owner_labels) {
  const std::span<const Part> parts = model::parts_of<Part>(owner);
  if (parts.empty()) return;
  OwnerSeries series(family, entry, std::move(owner_labels), begin_of(entry, owner));
  for (const Part& part : parts) series.add(part, member);
}

// What we do for a target is about us and has the target's label; else a row is about one of both.
template <typename Part>
bool is_about_targets(const CatalogueEntry& entry) {
  return entry.from != Preference::kExporter || std::is_same_v<Part, model::CollectorRun>;
}

}  // namespace

Differences differences_of(std::span<const model::TargetMetrics> targets) {
  Differences differences;
  for (const model::TargetMetrics& target : targets) {
    for (const model::FamilySource& source : target.sources) {
      if (source.difference.empty()) continue;
      differences[source.family].insert(fmt::format(
          "Of layout {}: {}", base::valid_utf8(target.identity.layout), source.difference));
    }
  }
  return differences;
}

FamilyType type_of(Kind kind) {
  switch (kind) {
    case Kind::kCounter:
      return FamilyType::kCounter;
    case Kind::kGauge:
    case Kind::kAggregate:
      return FamilyType::kGauge;
    case Kind::kHistogram:
      return FamilyType::kHistogram;
    case Kind::kInfo:
      return FamilyType::kInfo;
    case Kind::kUntyped:
      return FamilyType::kUntyped;
  }
  return FamilyType::kUntyped;
}

Labels labels_of(const model::TargetMetrics& target) {
  if (target.process.empty()) return {};
  std::string process = target.process;
  base::make_valid_utf8(process);
  return {{"process", std::move(process)}};
}

Family head_of(const CatalogueEntry& entry) {
  return {std::string(entry.name), type_of(entry.kind), help_of(entry), {}};
}

Family family_of(const CatalogueEntry& entry, const model::Snapshot& snapshot,
                 const Differences& differences) {
  Family family = head_of(entry);
  if (const auto own = differences.find(&entry); own != differences.end()) {
    for (const std::string& text : own->second) (family.help += ' ') += text;
  }
  std::visit(
      [&]<typename Part, typename Content>(Content Part::*member) {
        if (is_about_targets<Part>(entry)) {
          for (const auto& target : snapshot.targets) {
            add_parts(family, entry, member, target, labels_of(target));
          }
        }
        if (entry.from == Preference::kExporter) {
          add_parts(family, entry, member, snapshot.exporter, {});
        }
      },
      entry.member);
  return family;
}

Family family_of(const CatalogueEntry& entry, const model::TargetMetrics& target) {
  Family family = head_of(entry);
  std::visit(
      [&]<typename Part, typename Content>(Content Part::*member) {
        if (is_about_targets<Part>(entry)) {
          add_parts(family, entry, member, target, labels_of(target));
        }
      },
      entry.member);
  return family;
}

}  // namespace expose
