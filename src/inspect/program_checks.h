// How `doctor` judges the program that a process runs: facts in, checks out, nothing asked of the
// system.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "inspect/checks.h"
#include "inspect/runtime_facts.h"
#include "probe/function_probes.h"
#include "probe/site_check.h"

namespace inspect {

// What there is to watch it by.
model::Check judge_provider(std::size_t sites, const RuntimeFacts& facts);

// One check for all sites that keep the contract, one for each probe with a site that doesn't, and
// one each for the probes that are not in the binary, and that this runtime can't have.
std::vector<model::Check> judge_sites(const probe::SiteCheck& check, const RuntimeFacts& facts);

// Of a runtime without probes: the functions that are probed instead, and one check for each that
// can't be.
std::vector<model::Check> judge_functions(const probe::FunctionCheck& check);

// What reading the process's own counters would bring. `fields` of a layout that was found but
// whose memory could not be read are of no use: `problem` says why then.
struct StateFinding {
  std::string layout;  // empty: none was found
  std::string origin;
  std::size_t fields = 0;
  std::vector<std::string> missing;  // paths that this build doesn't have
  std::string problem;               // empty: it was read
};
std::vector<model::Check> judge_state(const StateFinding& finding, const RuntimeFacts& facts);

}  // namespace inspect
