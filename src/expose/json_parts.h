// The parts of the JSON of /debug/metrics.
#pragma once

#include <nlohmann/json.hpp>

#include "expose/system_group.h"
#include "model/snapshot.h"

namespace expose {

using Json = nlohmann::ordered_json;

// Puts every number of the catalogue that has a place in the document, and is about the target or
// the exporter, there: null where it is unknown.
void place_numbers(Json& document, const model::TargetMetrics& target,
                   const model::ExporterStatus& exporter);

// The same with the places of one entry of aio_systems.
void place_system_numbers(Json& entry, const SystemGroup& group);

// aio_systems: each of them, without what is in the catalogue.
Json systems_json(const model::TargetMetrics& target);

// modular_metrics: the runtime's registry, which has the families of servers and clients.
Json registry_json(const model::TargetMetrics& target);

// Adds to aio_metrics and vm_metrics what the runtime's page draws and no family has.
void add_page_numbers(Json& document, const model::TargetMetrics& target);

}  // namespace expose
