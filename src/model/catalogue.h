// The metric catalogue: every family of ours stands in it, and nowhere else.
//
// A row says all that is to be known of a family. Who reads a number names the member of the model
// that it brings (`&GcMetrics::cycles`); the source of each family, its HELP, the lines and the
// JSON follow from the row. Rows: catalogue/*.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "model/snapshot.h"

namespace model {

// What the numbers of a family are. kAggregate: a gauge of everything so far, such as the largest
// or the mean. kInfo: always 1; the labels are what it tells.
enum class Kind { kCounter, kGauge, kAggregate, kHistogram, kInfo, kUntyped };

// Who knows the family: the runtime's memory ("state") or probes, and which of the two is taken
// where both do. One source a family and target, for good: a counter that changed its source would
// jump. kKernel: the kernel tells it of the process. kAttachment: we, of what we have attached to
// the process. kExporter: we, of ourselves.
enum class Preference { kStateOnly, kStateElseProbe, kProbeOnly, kKernel, kAttachment, kExporter };

enum class Unit { kPlain, kNanoseconds };

// The member of the model that carries a family. By its class follows who has a series each
// (parts.h), and with which labels.
using Member = std::variant<
    Count GcMetrics::*, Count InterpreterMetrics::*, Count SystemMetrics::*, Count ServerMetrics::*,
    Count ClientMetrics::*, Count ProcessMetrics::*, Count ExporterStatus::*,
    std::optional<Histogram> GcMetrics::*, std::optional<Histogram> SystemMetrics::*,
    std::optional<Histogram> ServerMetrics::*, std::optional<Histogram> ClientMetrics::*,
    Histogram EvalMetrics::*, Histogram FunctionMetrics::*,
    std::optional<DurationSum> ClientMetrics::*, std::vector<ConnectionTransition> SystemMetrics::*,
    std::vector<ConnectionStateDuration> SystemMetrics::*,
    std::vector<StatusCount> ServerMetrics::*, std::vector<ProcessStateFlag> ProcessMetrics::*,
    bool TargetMetrics::*, std::optional<double> TargetMetrics::*, ProcessIdentity TargetMetrics::*,
    bool GroupStatus::*, std::uint64_t GroupStatus::*, std::string ExporterStatus::*,
    bool ProbeStatus::*, std::uint64_t ProbeStatus::*, Count ProbeStatus::*,
    std::uint64_t LossCount::*, std::uint64_t MissedCount::*, std::uint64_t DroppedConnections::*,
    std::uint64_t HttpRequestCount::*, std::uint64_t FailedHandshakes::*,
    std::uint64_t CaptureCount::*, std::uint64_t TargetCount::*, bool CollectorRun::*,
    std::uint64_t CollectorRun::*, std::uint64_t DroppedSeries::*>;

// What is shown in place of the member itself: a number that follows from it, unknown where it is.
// (A sum of durations needs none: it is always shown as its mean.)
using Derived = std::variant<std::monostate, std::optional<double> (*)(const GcMetrics&),
                             Count (*)(const ProbeStatus&)>;

// How the number of a family is written in the JSON of /debug/metrics.
enum class JsonUnit { kSame, kMicroseconds, kMilliseconds, kSeconds, kPercent };

// The series of families with this place are listed one by one, as the runtime lists its registry.
inline constexpr std::string_view kRegistryPlace = "modular_metrics";

// Where the number stands, as keys with dots between them: the sum of all AIO systems, where it is
// of systems. No path: nowhere.
struct JsonPlace {
  std::string_view path;
  std::string_view of_each_system = {};  // within each entry of aio_systems
  JsonUnit unit = JsonUnit::kSame;
  bool takes_largest = false;  // of systems, in place of the sum
};

struct CatalogueEntry {
  std::string_view name;
  Kind kind = Kind::kGauge;
  Preference from = Preference::kStateOnly;
  Member member;
  // HELP. Of what memory or probes tell, without the words that say since when, which follow from
  // `from`, and without the full stop; `remark` is a sentence after that. Of all else: as it is.
  std::string_view help;
  std::string_view remark = {};
  Unit unit = Unit::kPlain;  // of the member, or of what is derived
  Derived derived = {};
  JsonPlace json = {};
  // Told only where nobody knows that one, which says the same and more.
  std::optional<Member> stand_in_for = std::nullopt;
};

// Every row, in the order in which families are served.
std::span<const CatalogueEntry> catalogue();

// The first row that the member carries: every member has one. By value, so that gcc does not think
// that the row is part of the argument (-Wdangling-reference).
const CatalogueEntry& entry_of(Member member);

// The names of all families that the member carries.
std::vector<std::string_view> names_of(const Member& member);

// Where the family's numbers come from in a target for which this was chosen. Where the choice
// does not say, as for what nobody knows: from probes.
Source source_of(const CatalogueEntry& entry, std::span<const FamilySource> chosen);

}  // namespace model
