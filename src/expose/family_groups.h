// What families_of() is made of. Families may be without series here.
#pragma once

#include <span>
#include <vector>

#include "expose/family.h"
#include "model/snapshot.h"

namespace expose {

using Targets = std::span<const model::TargetMetrics>;

// valk_gc_*: collections
std::vector<Family> gc_families(Targets targets);
// valk_gc_heap_*: the heap between collections
std::vector<Family> heap_families(Targets targets);
// valk_eval_total, valk_function_calls_total and what else the evaluator counts
std::vector<Family> interpreter_families(Targets targets);
// valk_eval_duration_seconds, valk_function_duration_seconds
std::vector<Family> eval_families(Targets targets);
// valk_loop_stall_duration_seconds
std::vector<Family> loop_families(Targets targets);
// What an AIO system keeps of itself: valk_loop_*, valk_events_*, valk_aio_*
std::vector<Family> aio_families(Targets targets);
// valk_aio_connection_*: how connections change
std::vector<Family> connection_families(Targets targets);
// valk_aio_request_*: requests of whole systems
std::vector<Family> system_request_families(Targets targets);
// http_* of the servers: requests
std::vector<Family> http_families(Targets targets);
// http_* of the servers: connections
std::vector<Family> http_connection_families(Targets targets);
// http_client_*: operations
std::vector<Family> client_families(Targets targets);
// http_client_*: connections
std::vector<Family> client_connection_families(Targets targets);
// valkyria_up: one series a target
std::vector<Family> target_families(Targets targets);
// valkyria_process_*: the watched processes from outside
std::vector<Family> process_families(Targets targets);
// process_*: the exporter's own process
std::vector<Family> own_process_families(const model::ProcessMetrics& process);
// valkyria_exporter_*: the exporter about itself; only what it did for a target has `process`
std::vector<Family> exporter_families(const model::ExporterStatus& exporter, Targets targets);

// All of these; also those without series.
std::vector<Family> own_families(const model::Snapshot& snapshot);

// What applications registered, by the names that they chose.
struct RegisteredFamilies {
  std::vector<Family> families;  // each with a series; names of samples are no others'
  Family dropped;                // valkyria_exporter_registered_series_dropped
};

// A series is dropped, and counted by reason, where its name would mean something else, too, or
// where no format can show it; and past a limit, by target. Of names that exclude each other, the
// first stays. The targets outlive the families.
RegisteredFamilies registered_families(Targets targets);

}  // namespace expose
