// What can be known of each runtime, by the same tables as serving.
#pragma once

#include <string>
#include <vector>

#include "model/catalogue.h"
#include "state/readings.h"

namespace metrics_table {

// One that we know, in a build that has everything.
struct Runtime {
  std::string title;                           // for people, such as "December 2025"
  std::vector<model::Member> state;            // what its memory gives
  std::vector<model::Member> functions;        // what probes of its functions give
  std::vector<model::Member> sites;            // what the probes of the header give, built in
  std::vector<state::Difference> differences;  // of what its memory gives
};

std::vector<Runtime> known_runtimes();

// The contract's probes that bring the member, whose sites are in a program.
std::vector<std::string> probes_of(const model::Member& member);

}  // namespace metrics_table
