// The catalogue's rows, file by file. For catalogue.cpp alone.
#pragma once

#include <span>

#include "model/catalogue.h"

namespace model {

// valk_gc_*, valk_eval_* and whatever else the interpreter does
std::span<const CatalogueEntry> interpreter_rows();
// valk_loop_*, valk_aio_*: event loops with their connections
std::span<const CatalogueEntry> system_rows();
// http_*: servers and clients
std::span<const CatalogueEntry> http_rows();
// valkyria_*, process_*: the watched process from outside, and the exporter about itself
std::span<const CatalogueEntry> exporter_rows();

}  // namespace model
