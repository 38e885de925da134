// SPDX-License-Identifier: BSD-2-Clause
#include "eval.h"

cell_slot* find_binding(struct evaluator* evaluator, struct cell* symbol, struct cell* scope) {
  count_add(&evaluator->counters->env_lookups_total, 1);
  for (; scope->type == CELL_SCOPE; scope = scope->scope.parent) {
    for (struct cell* at = slot_read(&scope->scope.bindings); at->type == CELL_BINDING;
         at = at->binding.next) {
      if (at->binding.symbol == symbol) return &at->binding.value;
    }
  }
  return slot_read(&symbol->symbol.global) != NULL ? &symbol->symbol.global : NULL;
}

bool add_binding(struct evaluator* evaluator, struct cell* scope, struct cell* symbol,
                 struct cell* value) {
  struct cell* binding = make_cell(evaluator, CELL_BINDING);
  if (binding == NULL) return false;
  binding->binding.symbol = symbol;
  slot_write(&binding->binding.value, value);
  binding->binding.next = slot_read(&scope->scope.bindings);
  slot_write(&scope->scope.bindings, binding);
  return true;
}

enum step evaluate_forms(struct evaluator* evaluator, struct frame* frame, struct cell* forms,
                         struct cell** value) {
  frame->expression = forms;  // a root for the rest of them
  if (forms->type == CELL_NIL) {
    *value = forms;
    return STEP_VALUE;
  }
  for (; forms->pair.tail->type == CELL_PAIR; forms = forms->pair.tail) {
    if (evaluate(evaluator, forms->pair.head, frame->scope) == NULL) return STEP_FAILED;
  }
  frame->expression = forms->pair.head;
  return STEP_AGAIN;
}

static bool bind_arguments(struct evaluator* evaluator, struct cell* closure, struct cell* scope,
                           struct cell** arguments, size_t count) {
  struct cell* parameter = closure->closure.parameters;
  size_t bound = 0;
  for (; parameter->type == CELL_PAIR && bound < count; parameter = parameter->pair.tail, ++bound) {
    if (!add_binding(evaluator, scope, parameter->pair.head, arguments[bound])) return false;
  }
  if (parameter->type == CELL_NIL && bound == count) return true;
  const char* name = symbol_name(evaluator->symbols, closure->aux);
  fail(evaluator, "%s: wrong number of arguments: %zu", name != NULL ? name : "lambda", count);
  return false;
}

static void leave_function(struct evaluator* evaluator, const struct frame* frame) {
  if (frame->function != NULL)
    VALKYRIA_FUNCTION_RETURN(evaluator->id, frame->function, evaluator->depth);
}

// A tail call replaces the running function of the frame, so that one returns first.
static void enter_function(struct evaluator* evaluator, struct frame* frame, const char* name) {
  leave_function(evaluator, frame);
  frame->function = name;
  if (name != NULL) VALKYRIA_FUNCTION_ENTRY(evaluator->id, name, evaluator->depth);
}

static enum step call_closure(struct evaluator* evaluator, struct frame* frame,
                              struct cell* closure, struct cell** arguments, size_t count,
                              struct cell** value) {
  count_add(&evaluator->counters->function_calls_total, 1);
  struct cell* scope = make_cell(evaluator, CELL_SCOPE);
  if (scope == NULL) return STEP_FAILED;
  slot_write(&scope->scope.bindings, &evaluator->heap->nil);
  scope->scope.parent = closure->closure.scope;
  if (!bind_arguments(evaluator, closure, scope, arguments, count)) return STEP_FAILED;
  frame->scope = scope;
  enter_function(evaluator, frame, symbol_name(evaluator->symbols, closure->aux));
  return evaluate_forms(evaluator, frame, closure->closure.body, value);
}

static enum step call_builtin(struct evaluator* evaluator, const struct builtin* builtin,
                              struct cell** arguments, size_t count, struct cell** value) {
  count_add(&evaluator->counters->builtin_calls_total, 1);
  if (count < builtin->arguments_min || count > builtin->arguments_max) {
    fail(evaluator, "%s: wrong number of arguments: %zu", builtin->name, count);
    return STEP_FAILED;
  }
  *value = builtin->function(evaluator, arguments, count);
  return *value != NULL ? STEP_VALUE : STEP_FAILED;
}

static bool push_evaluated(struct evaluator* evaluator, struct cell* forms, struct cell* scope) {
  for (; forms->type == CELL_PAIR; forms = forms->pair.tail) {
    struct cell* value = evaluate(evaluator, forms->pair.head, scope);
    if (value == NULL || !push_operand(evaluator, value)) return false;
  }
  if (forms->type != CELL_NIL) fail(evaluator, "malformed expression");
  return forms->type == CELL_NIL;
}

static enum step apply_form(struct evaluator* evaluator, struct frame* frame, struct cell** value) {
  struct mutator* mutator = &evaluator->mutator;
  size_t base = mutator->operand_count;
  enum step step = STEP_FAILED;
  if (push_evaluated(evaluator, frame->expression, frame->scope)) {
    struct cell* function = mutator->operands[base];
    struct cell** arguments = &mutator->operands[base + 1];
    size_t count = mutator->operand_count - base - 1;
    if (function->type == CELL_CLOSURE)
      step = call_closure(evaluator, frame, function, arguments, count, value);
    else if (function->type == CELL_BUILTIN)
      step = call_builtin(evaluator, function->builtin, arguments, count, value);
    else
      fail(evaluator, "not a function");
  }
  mutator->operand_count = base;
  return step;
}

static enum step evaluate_symbol(struct evaluator* evaluator, struct frame* frame,
                                 struct cell** value) {
  cell_slot* bound = find_binding(evaluator, frame->expression, frame->scope);
  if (bound == NULL) {
    fail(evaluator, "unbound symbol: %s", frame->expression->symbol.name);
    return STEP_FAILED;
  }
  *value = slot_read(bound);
  return STEP_VALUE;
}

static enum step evaluate_pair(struct evaluator* evaluator, struct frame* frame,
                               struct cell** value) {
  struct cell* head = frame->expression->pair.head;
  special_form form = head->type == CELL_SYMBOL ? special_form_at(head->symbol.special_form) : NULL;
  if (form == NULL) return apply_form(evaluator, frame, value);
  return form(evaluator, frame, frame->expression->pair.tail, value);
}

static enum step evaluate_step(struct evaluator* evaluator, struct frame* frame,
                               struct cell** value) {
  // One full collection is forgiven, so that a short evaluation can still let go of what fills us.
  if (!heap_safe_point(evaluator->heap, &evaluator->mutator) && ++evaluator->times_exhausted > 1) {
    fail(evaluator, "heap exhausted");
    return STEP_FAILED;
  }
  ++evaluator->evals_done;
  count_add(&evaluator->counters->evals_total, 1);
  if (frame->expression->type == CELL_SYMBOL) return evaluate_symbol(evaluator, frame, value);
  if (frame->expression->type == CELL_PAIR) return evaluate_pair(evaluator, frame, value);
  *value = frame->expression;
  return STEP_VALUE;
}

struct cell* evaluate(struct evaluator* evaluator, struct cell* expression, struct cell* scope) {
  if (evaluator->depth == EVAL_DEPTH_MAX) return fail(evaluator, "recursion too deep");
  struct frame frame = {evaluator->mutator.frames, expression, scope, NULL};
  atomic_signal_fence(memory_order_release);  // a profiler may look between any two instructions
  evaluator->mutator.frames = &frame;
  count_raise(&evaluator->counters->stack_depth_max, ++evaluator->depth);
  struct cell* value = NULL;
  enum step step;
  do step = evaluate_step(evaluator, &frame, &value);
  while (step == STEP_AGAIN);
  leave_function(evaluator, &frame);
  --evaluator->depth;
  evaluator->mutator.frames = frame.caller;
  return step == STEP_VALUE ? value : NULL;
}
