// SPDX-License-Identifier: BSD-2-Clause
#include <string.h>

#include "eval.h"

static enum step malformed(struct evaluator* evaluator, const char* name) {
  fail(evaluator, "malformed %s", name);
  return STEP_FAILED;
}

// -1: not a proper list.
static int64_t list_length(const struct cell* list) {
  int64_t length = 0;
  for (; list->type == CELL_PAIR; list = list->pair.tail) ++length;
  return list->type == CELL_NIL ? length : -1;
}

static bool has_length(const struct cell* list, int64_t least, int64_t most) {
  int64_t length = list_length(list);
  return length >= least && length <= most;
}

static struct cell* at(struct cell* list, int index) {
  for (; index > 0; --index) list = list->pair.tail;
  return list->pair.head;
}

static enum step form_quote(struct evaluator* evaluator, struct frame* frame,
                            struct cell* arguments, struct cell** value) {
  (void)frame;
  if (!has_length(arguments, 1, 1)) return malformed(evaluator, "quote");
  *value = at(arguments, 0);
  return STEP_VALUE;
}

static enum step form_if(struct evaluator* evaluator, struct frame* frame, struct cell* arguments,
                         struct cell** value) {
  if (!has_length(arguments, 2, 3)) return malformed(evaluator, "if");
  struct cell* test = evaluate(evaluator, at(arguments, 0), frame->scope);
  if (test == NULL) return STEP_FAILED;
  struct cell* branches = arguments->pair.tail;
  if (!is_true(test)) branches = branches->pair.tail;
  if (branches->type == CELL_NIL) {
    *value = branches;
    return STEP_VALUE;
  }
  frame->expression = branches->pair.head;
  return STEP_AGAIN;
}

static struct cell* make_closure(struct evaluator* evaluator, struct cell* name,
                                 struct cell* parameters, struct cell* body, struct cell* scope) {
  bool symbols = list_length(parameters) >= 0;
  for (struct cell* p = parameters; symbols && p->type == CELL_PAIR; p = p->pair.tail)
    symbols = p->pair.head->type == CELL_SYMBOL;
  if (!symbols || list_length(body) < 1) return fail(evaluator, "malformed lambda");
  struct cell* closure = make_cell(evaluator, CELL_CLOSURE);
  if (closure == NULL) return NULL;
  closure->aux = name != NULL ? name->symbol.index : 0;
  closure->closure.parameters = parameters;
  closure->closure.body = body;
  closure->closure.scope = scope;
  count_add(&evaluator->counters->closures_created_total, 1);
  return closure;
}

static enum step form_lambda(struct evaluator* evaluator, struct frame* frame,
                             struct cell* arguments, struct cell** value) {
  if (list_length(arguments) < 2) return malformed(evaluator, "lambda");
  *value = make_closure(evaluator, NULL, at(arguments, 0), arguments->pair.tail, frame->scope);
  return *value != NULL ? STEP_VALUE : STEP_FAILED;
}

static bool define(struct evaluator* evaluator, struct cell* scope, struct cell* symbol,
                   struct cell* value) {
  if (symbol->symbol.special_form != 0) {
    fail(evaluator, "%s can't be defined", symbol->symbol.name);
    return false;
  }
  if (scope->type == CELL_SCOPE) return add_binding(evaluator, scope, symbol, value);
  slot_write(&symbol->symbol.global, value);
  return true;
}

// (define name value) or (define (name parameters...) body...)
static enum step form_define(struct evaluator* evaluator, struct frame* frame,
                             struct cell* arguments, struct cell** value) {
  if (list_length(arguments) < 2) return malformed(evaluator, "define");
  struct cell* target = at(arguments, 0);
  struct cell* symbol = target->type == CELL_PAIR ? target->pair.head : target;
  if (symbol->type != CELL_SYMBOL) return malformed(evaluator, "define");
  struct cell* bound = NULL;
  if (target->type == CELL_PAIR) {
    bound = make_closure(evaluator, symbol, target->pair.tail, arguments->pair.tail, frame->scope);
  } else if (has_length(arguments, 2, 2)) {
    bound = evaluate(evaluator, at(arguments, 1), frame->scope);
  } else {
    return malformed(evaluator, "define");
  }
  if (bound == NULL || !define(evaluator, frame->scope, symbol, bound)) return STEP_FAILED;
  // A lambda gets its name from where it is first bound.
  if (bound->type == CELL_CLOSURE && bound->aux == 0) bound->aux = symbol->symbol.index;
  *value = symbol;
  return STEP_VALUE;
}

static enum step form_set(struct evaluator* evaluator, struct frame* frame, struct cell* arguments,
                          struct cell** value) {
  if (!has_length(arguments, 2, 2) || at(arguments, 0)->type != CELL_SYMBOL)
    return malformed(evaluator, "set!");
  *value = evaluate(evaluator, at(arguments, 1), frame->scope);
  if (*value == NULL) return STEP_FAILED;
  cell_slot* bound = find_binding(evaluator, at(arguments, 0), frame->scope);
  if (bound == NULL) {
    fail(evaluator, "unbound symbol: %s", at(arguments, 0)->symbol.name);
    return STEP_FAILED;
  }
  slot_write(bound, *value);
  return STEP_VALUE;
}

// The initial values are on the operand stack from `base` on, in order.
static struct cell* make_let_scope(struct evaluator* evaluator, struct frame* frame,
                                   struct cell* bindings, size_t base) {
  struct cell* scope = make_cell(evaluator, CELL_SCOPE);
  if (scope == NULL) return NULL;
  slot_write(&scope->scope.bindings, &evaluator->heap->nil);
  scope->scope.parent = frame->scope;
  for (; bindings->type == CELL_PAIR; bindings = bindings->pair.tail) {
    struct cell* symbol = at(bindings->pair.head, 0);
    if (!add_binding(evaluator, scope, symbol, evaluator->mutator.operands[base++])) return NULL;
  }
  return scope;
}

static bool push_let_values(struct evaluator* evaluator, struct frame* frame,
                            struct cell* bindings) {
  for (; bindings->type == CELL_PAIR; bindings = bindings->pair.tail) {
    struct cell* binding = bindings->pair.head;
    if (!has_length(binding, 2, 2) || at(binding, 0)->type != CELL_SYMBOL) {
      fail(evaluator, "malformed let");
      return false;
    }
    struct cell* value = evaluate(evaluator, at(binding, 1), frame->scope);
    if (value == NULL || !push_operand(evaluator, value)) return false;
  }
  return true;
}

static enum step form_let(struct evaluator* evaluator, struct frame* frame, struct cell* arguments,
                          struct cell** value) {
  if (list_length(arguments) < 2 || list_length(at(arguments, 0)) < 0)
    return malformed(evaluator, "let");
  size_t base = evaluator->mutator.operand_count;
  struct cell* scope = NULL;
  if (push_let_values(evaluator, frame, at(arguments, 0)))
    scope = make_let_scope(evaluator, frame, at(arguments, 0), base);
  evaluator->mutator.operand_count = base;
  if (scope == NULL) return STEP_FAILED;
  frame->scope = scope;
  return evaluate_forms(evaluator, frame, arguments->pair.tail, value);
}

static enum step form_begin(struct evaluator* evaluator, struct frame* frame,
                            struct cell* arguments, struct cell** value) {
  if (list_length(arguments) < 0) return malformed(evaluator, "begin");
  return evaluate_forms(evaluator, frame, arguments, value);
}

static enum step form_while(struct evaluator* evaluator, struct frame* frame,
                            struct cell* arguments, struct cell** value) {
  if (list_length(arguments) < 1) return malformed(evaluator, "while");
  for (;;) {
    struct cell* test = evaluate(evaluator, at(arguments, 0), frame->scope);
    if (test == NULL) return STEP_FAILED;
    if (!is_true(test)) break;
    for (struct cell* form = arguments->pair.tail; form->type == CELL_PAIR; form = form->pair.tail)
      if (evaluate(evaluator, form->pair.head, frame->scope) == NULL) return STEP_FAILED;
  }
  *value = &evaluator->heap->nil;
  return STEP_VALUE;
}

static enum step form_cond(struct evaluator* evaluator, struct frame* frame, struct cell* arguments,
                           struct cell** value) {
  struct cell* clauses = arguments;
  for (; clauses->type == CELL_PAIR; clauses = clauses->pair.tail) {
    struct cell* clause = clauses->pair.head;
    if (list_length(clause) < 2) return malformed(evaluator, "cond");
    struct cell* head = at(clause, 0);
    bool is_else = head->type == CELL_SYMBOL && strcmp(head->symbol.name, "else") == 0;
    struct cell* test = is_else ? head : evaluate(evaluator, head, frame->scope);
    if (test == NULL) return STEP_FAILED;
    if (is_true(test)) return evaluate_forms(evaluator, frame, clause->pair.tail, value);
  }
  if (clauses->type != CELL_NIL) return malformed(evaluator, "cond");
  *value = clauses;
  return STEP_VALUE;
}

// `and` stops at the first false value, `or` at the first true one.
static enum step short_circuit(struct evaluator* evaluator, struct frame* frame,
                               struct cell* arguments, struct cell** value, bool stop_at) {
  if (list_length(arguments) < 0) return malformed(evaluator, stop_at ? "or" : "and");
  if (arguments->type == CELL_NIL) {
    *value = make_truth(evaluator, !stop_at);
    return STEP_VALUE;
  }
  for (; arguments->pair.tail->type == CELL_PAIR; arguments = arguments->pair.tail) {
    *value = evaluate(evaluator, arguments->pair.head, frame->scope);
    if (*value == NULL) return STEP_FAILED;
    if (is_true(*value) == stop_at) return STEP_VALUE;
  }
  frame->expression = arguments->pair.head;
  return STEP_AGAIN;
}

static enum step form_and(struct evaluator* evaluator, struct frame* frame, struct cell* arguments,
                          struct cell** value) {
  return short_circuit(evaluator, frame, arguments, value, false);
}

static enum step form_or(struct evaluator* evaluator, struct frame* frame, struct cell* arguments,
                         struct cell** value) {
  return short_circuit(evaluator, frame, arguments, value, true);
}

static const struct {
  const char* name;
  special_form form;
} FORMS[] = {{"quote", form_quote},   {"if", form_if},       {"lambda", form_lambda},
             {"define", form_define}, {"set!", form_set},    {"let", form_let},
             {"begin", form_begin},   {"while", form_while}, {"cond", form_cond},
             {"and", form_and},       {"or", form_or}};

#define FORM_COUNT (sizeof(FORMS) / sizeof(FORMS[0]))

special_form special_form_at(uint32_t index) {
  return index >= 1 && index <= FORM_COUNT ? FORMS[index - 1].form : NULL;
}

bool special_forms_bind(struct evaluator* evaluator) {
  for (uint32_t i = 0; i < FORM_COUNT; ++i) {
    struct cell* symbol = symbol_intern(evaluator, FORMS[i].name, strlen(FORMS[i].name));
    if (symbol == NULL) return false;
    symbol->symbol.special_form = i + 1;
  }
  return true;
}
