#include <string>

#include "expose/family_groups.h"
#include "model/names.h"

namespace expose {

std::vector<Family> eval_families(Targets targets) {
  Family evals{
      "valk_eval_duration_seconds",
      FamilyType::kHistogram,
      "Duration of each outermost evaluation since attach, in seconds, by what it was for. "
      "For requests it is the time in Lisp handlers.",
      {}};
  Family functions{"valk_function_duration_seconds",
                   FamilyType::kHistogram,
                   "Duration of each call of a Lisp function since attach, what it calls included, "
                   "in seconds. At most 1000 functions; \"other\" counts the rest.",
                   {}};
  for (const auto& target : targets) {
    for (const auto& eval : target.evals) {
      add_histogram(evals, labels_of(target, {{"kind", std::string(name_of(eval.kind))}}),
                    eval.duration_ns);
    }
    for (const auto& function : target.functions) {
      add_histogram(functions, labels_of(target, {{"function", function.name}}),
                    function.duration_ns);
    }
  }
  return {std::move(evals), std::move(functions)};
}

}  // namespace expose
