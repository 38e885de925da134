#include <array>

#include "expose/target_series.h"

namespace expose {
namespace {

using model::InterpreterMetrics;

constexpr std::array<NumberFamily<InterpreterMetrics>, 6> kNumbers{{
    {"valk_eval_total", FamilyType::kCounter, "Evaluations of expressions", Since::kStart,
     &InterpreterMetrics::evals},
    {"valk_function_calls_total", FamilyType::kCounter, "Calls of Lisp functions", Since::kStart,
     &InterpreterMetrics::function_calls},
    {"valk_builtin_calls_total", FamilyType::kCounter, "Calls of builtins", Since::kStart,
     &InterpreterMetrics::builtin_calls},
    {"valk_stack_depth_max", FamilyType::kGauge, "Deepest evaluation stack", Since::kStart,
     &InterpreterMetrics::stack_depth_max},
    {"valk_closures_created_total", FamilyType::kCounter, "Closures created", Since::kStart,
     &InterpreterMetrics::closures_created},
    {"valk_env_lookups_total", FamilyType::kCounter, "Look-ups of names in environments",
     Since::kStart, &InterpreterMetrics::env_lookups},
}};

}  // namespace

std::vector<Family> interpreter_families(Targets targets) {
  std::vector<Family> families;
  append_families(families, targets, kNumbers,
                  [](const auto& target, auto visit) { visit(target.interpreter, {}); });
  return families;
}

}  // namespace expose
