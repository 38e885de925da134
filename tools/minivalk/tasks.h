// SPDX-License-Identifier: BSD-2-Clause
#ifndef MINIVALK_TASKS_H
#define MINIVALK_TASKS_H

#include "evaluator.h"
#include "system.h"

// Calls a Lisp function without arguments from the loop later on: as a timer, or (kind task) in
// the next turn. False, with the error set, past TASKS_MAX.
bool task_start(struct evaluator* evaluator, enum valkyria_eval_kind kind, uint64_t delay_ms,
                struct cell* function);

void tasks_stop(struct system* system);

#endif  // MINIVALK_TASKS_H
