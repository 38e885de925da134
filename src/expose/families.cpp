#include "expose/families.h"

#include <utility>

#include "expose/family_groups.h"

namespace expose {
namespace {

void append_known(std::vector<Family>& families, std::vector<Family> group) {
  for (Family& family : group) {
    if (family.samples.empty()) continue;
    merge_equal_series(family);
    families.push_back(std::move(family));
  }
}

}  // namespace

std::vector<Family> families_of(const model::Snapshot& snapshot) {
  std::vector<Family> families;
  append_known(families, gc_families(snapshot.targets));
  append_known(families, eval_families(snapshot.targets));
  append_known(families, loop_families(snapshot.targets));
  append_known(families, connection_families(snapshot.targets));
  append_known(families, http_families(snapshot.targets));
  append_known(families, client_families(snapshot.targets));
  append_known(families, target_families(snapshot.targets));
  append_known(families, process_families(snapshot.targets));
  append_known(families, exporter_families(snapshot.exporter));
  append_known(families, own_process_families(snapshot.exporter.process_metrics));
  return families;
}

Labels labels_of(const model::TargetMetrics& target, Labels labels) {
  if (!target.process.empty()) labels.emplace(labels.begin(), "process", target.process);
  return labels;
}

}  // namespace expose
