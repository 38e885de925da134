#include "expose/families.h"

#include <utility>

#include "expose/family_groups.h"

namespace expose {
namespace {

void append(std::vector<Family>& families, std::vector<Family> group) {
  for (Family& family : group) families.push_back(std::move(family));
}

}  // namespace

std::vector<Family> own_families(const model::Snapshot& snapshot) {
  std::vector<Family> families;
  for (const auto group :
       {gc_families, heap_families, interpreter_families, eval_families, loop_families,
        aio_families, connection_families, system_request_families, http_families,
        http_connection_families, client_families, client_connection_families, target_families,
        process_families}) {
    append(families, group(snapshot.targets));
  }
  append(families, exporter_families(snapshot.exporter, snapshot.targets));
  append(families, own_process_families(snapshot.exporter.process_metrics));
  return families;
}

std::vector<Family> families_of(const model::Snapshot& snapshot) {
  std::vector<Family> families = own_families(snapshot);
  RegisteredFamilies registered = registered_families(snapshot.targets);
  families.push_back(std::move(registered.dropped));
  std::erase_if(families, [](const Family& family) { return family.series.empty(); });
  for (Family& family : families) merge_equal_series(family);
  append(families, std::move(registered.families));
  return families;
}

}  // namespace expose
