#include "watch/merge.h"

#include <algorithm>
#include <span>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "model/catalogue.h"
#include "model/parts.h"

namespace watch {
namespace {

using Sources = std::span<const model::FamilySource>;
using Rows = std::vector<const model::CatalogueEntry*>;

template <typename Part>
bool is_of_part(const model::Member& member) {
  return std::visit([]<typename Owner, typename Content>(
                        Content Owner::*) { return std::is_same_v<Owner, Part>; },
                    member);
}

// A row for each member of the part. All rows of a member have one source.
template <typename Part>
const Rows& rows_of() {
  static const Rows rows = [] {
    Rows found;
    for (const model::CatalogueEntry& entry : model::catalogue()) {
      const bool is_first = &model::entry_of(entry.member) == &entry;
      if (is_first && is_of_part<Part>(entry.member)) found.push_back(&entry);
    }
    return found;
  }();
  return rows;
}

// `part` begins as what the one source knows, and gets from the other what comes from there.
template <typename Part>
void take(Part& part, Part& other, model::Source source_of_other, Sources sources) {
  for (const model::CatalogueEntry* const row : rows_of<Part>()) {
    if (model::source_of(*row, sources) != source_of_other) continue;
    std::visit(
        [&]<typename Owner, typename Content>(Content Owner::*member) {
          if constexpr (std::is_same_v<Owner, Part>) part.*member = std::move(other.*member);
        },
        row->member);
  }
}

// What is of no family, and only probes tell.
template <typename Part>
void take_notes(Part&, const Part&) {}
void take_notes(model::ServerMetrics& server, const model::ServerMetrics& probes) {
  server.paused_request = probes.paused_request;
}

// Pairs up what is the same in both. Names may stand twice in either: the n-th goes with the n-th.
// Of what only memory knows, no probe has told yet: it is `untouched`. What only probes know leaves
// the members of memory absent.
template <typename Part>
std::vector<Part> merge_lists(std::vector<Part> probes, std::vector<Part> state,
                              const Part& untouched, Sources sources) {
  std::vector<Part> merged;
  for (Part& part : state) {
    const auto found = std::find_if(probes.begin(), probes.end(),
                                    [&](const Part& other) { return model::is_same(part, other); });
    Part from_probes = found == probes.end() ? untouched : std::move(*found);
    if (found != probes.end()) probes.erase(found);
    take(part, from_probes, model::Source::kProbe, sources);
    take_notes(part, from_probes);
    merged.push_back(std::move(part));
  }
  for (Part& part : probes) {
    Part nothing;
    take(part, nothing, model::Source::kState, sources);
    merged.push_back(std::move(part));
  }
  return merged;
}

}  // namespace

void merge(model::TargetMetrics& metrics, probe::Readings probes, state::Readings state) {
  const Sources sources = metrics.sources;
  metrics.gc = std::move(state.gc);
  take(metrics.gc, probes.gc, model::Source::kProbe, sources);
  metrics.interpreter = state.interpreter;
  metrics.systems = merge_lists(std::move(probes.systems), std::move(state.systems),
                                probes.untouched_system, sources);
  metrics.servers = merge_lists(std::move(probes.servers), std::move(state.servers),
                                probes.untouched_server, sources);
  metrics.clients = merge_lists(std::move(probes.clients), std::move(state.clients),
                                probes.untouched_client, sources);
  metrics.evals = std::move(probes.evals);
  metrics.functions = std::move(probes.functions);
  metrics.registry = std::move(state.registry);
}

}  // namespace watch
