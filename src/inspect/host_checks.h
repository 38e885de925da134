// How `doctor` judges our place on this machine: facts in, checks out, nothing asked of the system.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "inspect/checks.h"
#include "inspect/host_facts.h"
#include "probe/kernel_facts.h"

namespace inspect {

// /proc, control groups, namespaces, security modules, limits and clocks; for so many targets.
std::vector<model::Check> judge_host(const HostFacts& facts, const probe::KernelFacts& kernel,
                                     std::size_t max_targets);

// The directory that keeps layouts. Empty: none is to be kept. `problem`: why nothing can be
// written there; empty: something can.
model::Check judge_cache(const std::string& directory, const std::string& problem);

// Why nothing is kept in the directory, that can't be written to or is not ours alone, or can't be
// made; empty: something is. Writes nothing.
std::string find_cache_problem(const std::string& directory);

}  // namespace inspect
