#include "expose/target_series.h"
#include "model/names.h"

namespace expose {

std::vector<Family> eval_families(Targets targets) {
  std::vector<Family> families{
      {"valk_eval_duration_seconds",
       FamilyType::kHistogram,
       help_text("Duration in seconds of each outermost evaluation", Since::kAttach) +
           " By what it was for; for requests it is the time in Lisp handlers.",
       {}},
      {"valk_function_duration_seconds",
       FamilyType::kHistogram,
       help_text("Duration in seconds of each call of a Lisp function, what it calls included,",
                 Since::kAttach) +
           " At most 1000 functions; \"other\" counts the rest.",
       {}}};
  for (const auto& target : targets) {
    TargetSeries evals(families[0], target);
    for (const auto& eval : target.evals) {
      evals.add({{"kind", name_of(eval.kind)}}, eval.duration_ns);
    }
    TargetSeries functions(families[1], target);
    for (const auto& function : target.functions) {
      functions.add({{"function", function.name}}, function.duration_ns);
    }
  }
  return families;
}

}  // namespace expose
