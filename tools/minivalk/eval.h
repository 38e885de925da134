// SPDX-License-Identifier: BSD-2-Clause
//
// Between eval.c and special_forms.c.
#ifndef MINIVALK_EVAL_H
#define MINIVALK_EVAL_H

#include "evaluator.h"

// What one step came to: a value, another expression in the same frame (a tail call), or an error.
enum step { STEP_VALUE, STEP_AGAIN, STEP_FAILED };

typedef enum step (*special_form)(struct evaluator* evaluator, struct frame* frame,
                                  struct cell* arguments, struct cell** value);

// NULL where `index` is none.
special_form special_form_at(uint32_t index);

bool special_forms_bind(struct evaluator* evaluator);

// Evaluates all forms but the last, which becomes the frame's expression.
enum step evaluate_forms(struct evaluator* evaluator, struct frame* frame, struct cell* forms,
                         struct cell** value);

// Adds a binding to a scope. False: the heap is full.
bool add_binding(struct evaluator* evaluator, struct cell* scope, struct cell* symbol,
                 struct cell* value);

// Where the value of a symbol stands, NULL if it is unbound.
cell_slot* find_binding(struct evaluator* evaluator, struct cell* symbol, struct cell* scope);

#endif  // MINIVALK_EVAL_H
