// SPDX-License-Identifier: BSD-2-Clause
#include "outermost.h"

#include "clock.h"

struct outcome evaluate_outermost(struct evaluator* evaluator, enum valkyria_eval_kind kind,
                                  const char* name, struct cell* expression) {
  bool is_request = kind == VALKYRIA_EVAL_REQUEST;  // its probe is fired when the request is over
  if (!is_request) VALKYRIA_EVAL_BEGIN(evaluator->id, kind, name);
  uint64_t begin_ns = clock_now_ns();
  uint64_t evals_before = evaluator->evals_done;
  evaluator->times_exhausted = 0;
  struct outcome outcome = {evaluate(evaluator, expression, &evaluator->heap->nil), 0};
  outcome.duration_ns = clock_elapsed_ns(begin_ns, clock_now_ns());
  if (!is_request) {
    histogram_observe(&evaluator->counters->eval_duration[kind], &HISTOGRAM_OTHER,
                      outcome.duration_ns);
    VALKYRIA_EVAL_END(evaluator->id, kind, evaluator->evals_done - evals_before,
                      outcome.value == NULL);
  }
  return outcome;
}
