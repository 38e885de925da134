// How `doctor` judges what it found: facts in, checks out, nothing asked of the system.
#pragma once

#include <string>
#include <vector>

#include "inspect/trial.h"
#include "model/doctor_report.h"
#include "probe/kernel_facts.h"
#include "probe/site_check.h"

namespace inspect {

model::Check ok(std::string name, std::string detail);
model::Check note(std::string name, std::string detail, std::string fix = {});
model::Check failed(std::string name, std::string detail, std::string fix);

// `missing` names the capabilities that we don't have; empty: we have all we need.
model::Check judge_privileges(const std::string& missing);

// The kernel's version, what it can do, and what it forbids.
std::vector<model::Check> judge_kernel(const probe::KernelFacts& facts);

// Of any of its threads.
model::Check judge_seccomp(bool is_under_seccomp);

// `runtime` is the layout that `mark`, one of the program's symbols, stands for; both empty: it is
// no runtime that we know.
model::Check judge_provider(std::size_t sites, std::string_view runtime, std::string_view mark);

// One check for all sites that keep the contract, one for each probe with a site that doesn't, and
// one for the probes that are not in the binary.
std::vector<model::Check> judge_sites(const probe::SiteCheck& check);

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
  bool stripped = false;             // the binary has lost its symbols
  std::string mark{};                // the symbol by which the runtime is known
};
std::vector<model::Check> judge_state(const StateFinding& finding);

// Who else watches, and whether attaching, the semaphores and detaching did what they should.
std::vector<model::Check> judge_trial(const Trial& trial);

}  // namespace inspect
