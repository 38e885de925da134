// The series of a target, and the families that are tables of its numbers.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "expose/family_groups.h"

namespace expose {

// Since when a number counts, as its HELP says it.
enum class Since {
  kNow,     // it tells a moment
  kAttach,  // only probes know it
  kStart,   // only the process's memory has it
  kEither,  // sources differ by target
};

// `text` with the words for `since` and a full stop.
std::string help_text(std::string_view text, Since since);

// The label `process`, which a target without such a name doesn't have.
Labels labels_of(const model::TargetMetrics& target);

// Adds the series of one target to one family: `process` first, where the target has a name, and
// for what counts, when it began: the process's start for what comes from its memory, else attach.
class TargetSeries {
 public:
  TargetSeries(Family& family, const model::TargetMetrics& target)
      : family_(family), target_(target) {}

  using Label = std::pair<std::string_view, std::string_view>;
  void add(std::initializer_list<Label> labels, Value value);

 private:
  std::optional<std::uint64_t> created_unix_ns();

  Family& family_;
  const model::TargetMetrics& target_;
  // Looked up at the first series: most families of a target have none or many.
  std::optional<std::optional<std::uint64_t>> created_unix_ns_;
};

enum class Unit { kPlain, kNs };

// A family of which every `Part` of a target (a system, a server, ...) may have one series.
template <typename Part>
struct NumberFamily {
  const char* name;
  FamilyType type;
  const char* help;  // without the words for `since`
  Since since;
  model::Count Part::*number;
  Unit unit = Unit::kPlain;
};

// A family an entry. `for_each(target, visit)` calls `visit(part, labels)` for each part of it.
template <typename Part, std::size_t entries, typename ForEach>
void append_families(std::vector<Family>& families, Targets targets,
                     const std::array<NumberFamily<Part>, entries>& table, ForEach for_each) {
  for (const NumberFamily<Part>& entry : table) {
    Family& family = families.emplace_back(
        Family{entry.name, entry.type, help_text(entry.help, entry.since), {}});
    for (const auto& target : targets) {
      TargetSeries series(family, target);
      for_each(target, [&](const Part& part, std::initializer_list<TargetSeries::Label> labels) {
        const model::Count& number = part.*entry.number;
        if (!number) return;
        series.add(labels, entry.unit == Unit::kNs ? Number(Seconds{*number}) : Number(*number));
      });
    }
  }
}

}  // namespace expose
