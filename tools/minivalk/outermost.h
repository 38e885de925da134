// SPDX-License-Identifier: BSD-2-Clause
#ifndef MINIVALK_OUTERMOST_H
#define MINIVALK_OUTERMOST_H

#include "evaluator.h"

// What an evaluation with nothing around it came to. The value (NULL: failed, the reason is in the
// evaluator) is not rooted any more: use it before the next evaluation, and before leaving Lisp.
struct outcome {
  struct cell* value;
  uint64_t duration_ns;
};

struct outcome evaluate_outermost(struct evaluator* evaluator, enum valkyria_eval_kind kind,
                                  const char* name, struct cell* expression);

#endif  // MINIVALK_OUTERMOST_H
