#include "expose/families.h"

#include <utility>

#include "expose/family_groups.h"

namespace expose {
namespace {

void append_known(std::vector<Family>& families, std::vector<Family> group) {
  for (Family& family : group) {
    if (family.series.empty()) continue;
    merge_equal_series(family);
    families.push_back(std::move(family));
  }
}

}  // namespace

std::vector<Family> families_of(const model::Snapshot& snapshot) {
  std::vector<Family> families;
  for (const auto group :
       {gc_families, heap_families, interpreter_families, eval_families, loop_families,
        aio_families, connection_families, system_request_families, http_families,
        http_connection_families, client_families, client_connection_families, target_families,
        process_families}) {
    append_known(families, group(snapshot.targets));
  }
  append_known(families, exporter_families(snapshot.exporter, snapshot.targets));
  append_known(families, own_process_families(snapshot.exporter.process_metrics));
  return families;
}

}  // namespace expose
