#include "runtimes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <stdexcept>

#include "inspect/runtime_facts.h"
#include "probe/function_probes.h"
#include "probe/members_of_probe.h"
#include "state/known_layouts.h"

namespace metrics_table {
namespace {

constexpr std::array kMonths{"January", "February", "March",     "April",   "May",      "June",
                             "July",    "August",   "September", "October", "November", "December"};

// "valkyria_2025_12" is the public runtime of that month; other layouts are called as they are.
std::string title_of(std::string_view layout) {
  constexpr std::string_view kPublic = "valkyria_";
  const std::string_view date = layout.substr(layout.find('_') + 1);
  const std::size_t gap = date.find('_');
  if (!layout.starts_with(kPublic) || gap == std::string_view::npos) return std::string(layout);
  unsigned month = 0;
  std::from_chars(date.data() + gap + 1, date.data() + date.size(), month);
  if (month < 1 || month > kMonths.size()) return std::string(layout);
  return fmt::format("{} {}", kMonths[month - 1], date.substr(0, gap));
}

// A place for a path, as debug information could give it. Nothing is ever read there.
elf::Field field_at(const std::string& path) {
  constexpr elf::Repeat kArray{8, 32};
  elf::Field field;
  field.path = path;
  field.offsets = {0};
  field.size_bytes = 8;
  const bool is_place = path.starts_with('@') || path.starts_with('&');
  field.kind = is_place ? elf::FieldKind::kPlace : elf::FieldKind::kUnsigned;
  for (auto at = path.find("[]"); at != std::string::npos; at = path.find("[]", at + 2)) {
    field.repeats.push_back(kArray);
  }
  return field;
}

std::unique_ptr<state::Reader> reader_of_full_build(const state::KnownLayout& known) {
  state::Layout layout{std::string(known.name), {}, {}, {}};
  for (const std::string& path : known.paths()) layout.fields.push_back(field_at(path));
  auto reader = state::make_reader(std::move(layout), 0);
  if (!reader) throw std::runtime_error(reader.error().message);
  return std::move(*reader);
}

std::vector<model::Member> members_of_functions(std::string_view runtime) {
  probe::Attached attached{{}, probe::Means::kFunctions, false};
  for (const state::KnownLayout& known : state::known_layouts()) {
    if (known.name == runtime) attached.knows_heap_use = known.collected_heap_use != nullptr;
  }
  for (const probe::FunctionProbe& function : probe::function_probes()) {
    if (function.runtime != runtime) continue;
    attached.probes.set(*probe::find_probe(function.probe)->hit_slot);
  }
  return probe::members_of(attached);
}

std::vector<model::Member> members_of_sites(std::string_view runtime) {
  inspect::RuntimeFacts facts;
  facts.runtime = runtime;
  probe::Attached attached{{}, probe::Means::kSites};
  for (const probe::ProbeSpec& spec : probe::contract()) {
    if (spec.hit_slot && inspect::has_place_for(facts, spec.name)) {
      attached.probes.set(*spec.hit_slot);
    }
  }
  return probe::members_of(attached);
}

}  // namespace

std::vector<Runtime> known_runtimes() {
  std::vector<Runtime> runtimes;
  for (const state::KnownLayout& known : state::known_layouts()) {
    const auto reader = reader_of_full_build(known);
    runtimes.push_back({title_of(known.name), reader->members(), members_of_functions(known.name),
                        members_of_sites(known.name), reader->differences()});
  }
  return runtimes;
}

std::vector<std::string> probes_of(const model::Member& member) {
  std::vector<std::string> probes;
  for (const probe::ProbeSpec& spec : probe::contract()) {
    const auto members = probe::members_of_probe(spec.name);
    if (spec.group && std::find(members.begin(), members.end(), member) != members.end()) {
      probes.emplace_back(spec.name);
    }
  }
  return probes;
}

}  // namespace metrics_table
