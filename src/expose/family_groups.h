// The groups that families_of() is made of; one file each. Families may be without samples here.
#pragma once

#include <span>
#include <vector>

#include "expose/family.h"
#include "model/snapshot.h"

namespace expose {

using Targets = std::span<const model::TargetMetrics>;

// valk_gc_*
std::vector<Family> gc_families(Targets targets);
// valk_aio_connection_*
std::vector<Family> connection_families(Targets targets);
// valk_loop_stall_duration_seconds
std::vector<Family> loop_families(Targets targets);
// valk_eval_duration_seconds, valk_function_duration_seconds
std::vector<Family> eval_families(Targets targets);
// http_client_*
std::vector<Family> client_families(Targets targets);
// http_* of the servers
std::vector<Family> http_families(Targets targets);
// valkyria_up: one series a target
std::vector<Family> target_families(Targets targets);
// valkyria_process_*: the watched processes from outside
std::vector<Family> process_families(Targets targets);
// process_*: the exporter's own process
std::vector<Family> own_process_families(const model::ProcessMetrics& process);
// valkyria_exporter_*: the exporter about itself, never with the label `process`
std::vector<Family> exporter_families(const model::ExporterStatus& exporter);

// `labels` behind the label `process`, which a target without such a name doesn't have.
Labels labels_of(const model::TargetMetrics& target, Labels labels = {});

}  // namespace expose
