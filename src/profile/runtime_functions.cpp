#include "profile/runtime_functions.h"

#include <algorithm>
#include <array>

namespace profile {
namespace {

using namespace std::string_view_literals;

// minivalk, then the public runtimes of December 2025 and of February 2026.
constexpr std::array kEvaluator{"evaluate"sv,
                                "evaluate_step"sv,
                                "evaluate_pair"sv,
                                "evaluate_forms"sv,
                                "evaluate_symbol"sv,
                                "apply_form"sv,
                                "call_closure"sv,
                                "call_builtin"sv,
                                "push_evaluated"sv,
                                "valk_lval_eval"sv,
                                "valk_lval_eval_call"sv,
                                "valk_lval_eval_sexpr"sv,
                                "valk_builtin_if"sv,
                                "valk_builtin_do"sv,
                                "valk_lval_eval_iterative"sv,
                                "valk_eval_apply_func_iter"sv};

constexpr std::array kCollector{"heap_collect"sv, "mark"sv,  "mark_all"sv,   "mark_children"sv,
                                "mark_roots"sv,   "sweep"sv, "check_cells"sv};

// Of the public runtimes.
constexpr std::string_view kCollectorPrefix = "valk_gc_";
constexpr std::string_view kAllocation = "alloc";

}  // namespace

bool is_evaluator(std::string_view function) {
  return std::find(kEvaluator.begin(), kEvaluator.end(), function) != kEvaluator.end();
}

// What the public runtimes name after the collector also allocates: that is the program's time.
bool is_collector(std::string_view function) {
  if (function.starts_with(kCollectorPrefix))
    return function.find(kAllocation) == std::string_view::npos;
  return std::find(kCollector.begin(), kCollector.end(), function) != kCollector.end();
}

}  // namespace profile
