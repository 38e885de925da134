// What an executable says of itself, as far as advice depends on it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "target/program.h"

namespace inspect {

struct RuntimeFacts {
  std::string runtime{};          // the name of its layout; empty: it is none that we know
  std::string mark{};             // the symbol by which it is known
  bool without_metrics = false;   // of December 2025, built without VALK_METRICS
  bool stripped = false;          // it has lost its .symtab
  std::string build_id{};         // empty: it has none
  std::string debug_link{};       // the name of the file that its debug information was moved to
  bool finds_debug_file = false;  // one of its build id
};

// Reads the program's file; what can't be read is not so. `debug_directories` as in layout::Config.
RuntimeFacts read_runtime_facts(const target::Program& program,
                                const std::vector<std::string>& debug_directories);

// Whether a build of this runtime could have the probe at all: not where what it tells of is not in
// there. A runtime that we don't know can have all of them.
bool has_place_for(const RuntimeFacts& facts, std::string_view probe);

}  // namespace inspect
