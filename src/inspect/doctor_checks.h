// How `doctor` judges this machine and attaching on it: facts in, checks out, nothing asked of the
// system.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "inspect/checks.h"
#include "inspect/trial.h"
#include "probe/kernel_facts.h"

namespace inspect {

// `missing` names the capabilities that attaching needs and we don't have; empty: we have all.
// `absent` says what is not told of for want of others; empty: nothing.
std::vector<model::Check> judge_privileges(const std::string& missing, const std::string& absent);

// The kernel's version, what it can do, and what it forbids.
std::vector<model::Check> judge_kernel(const probe::KernelFacts& facts);

// The price of a hit, where it is known; else no check.
std::vector<model::Check> judge_hit_cost(std::optional<std::uint64_t> hit_cost_ns);

// Who else watches, and whether attaching, the breakpoints, the semaphores and detaching did what
// they should.
std::vector<model::Check> judge_trial(const Trial& trial);

}  // namespace inspect
