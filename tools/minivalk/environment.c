// SPDX-License-Identifier: BSD-2-Clause
#include <string.h>

#include "builtins.h"
#include "eval.h"
#include "prelude.h"
#include "reader.h"

static const char* name_of(enum cell_type type) {
  switch (type) {
    case CELL_NIL:
      return "the end of a list";
    case CELL_INTEGER:
      return "an integer";
    case CELL_TEXT:
      return "a text";
    case CELL_PAIR:
      return "a pair";
    case CELL_CLOSURE:
      return "a function";
    case CELL_FREE:
    case CELL_TRUE:
    case CELL_FALSE:
    case CELL_SYMBOL:
    case CELL_CHUNK:
    case CELL_BUILTIN:
    case CELL_SCOPE:
    case CELL_BINDING:
      break;
  }
  return "something else";
}

bool expect(struct evaluator* evaluator, const char* who, const struct cell* argument,
            enum cell_type type) {
  if (argument->type == type) return true;
  fail(evaluator, "%s: expected %s", who, name_of(type));
  return false;
}

static bool bind_builtins(struct evaluator* evaluator, const struct builtin_list* list) {
  for (size_t i = 0; i < list->count; ++i) {
    const struct builtin* builtin = &list->builtins[i];
    struct cell* symbol = symbol_intern(evaluator, builtin->name, strlen(builtin->name));
    struct cell* cell = make_cell(evaluator, CELL_BUILTIN);
    if (symbol == NULL || cell == NULL) return false;
    cell->builtin = builtin;
    slot_write(&symbol->symbol.global, cell);
  }
  return true;
}

static bool evaluate_prelude(struct evaluator* evaluator) {
  struct reader reader = reader_over(PRELUDE, strlen(PRELUDE));
  while (reader_has_form(&reader)) {
    struct cell* form = read_form(&reader, evaluator);
    if (form == NULL || evaluate(evaluator, form, &evaluator->heap->nil) == NULL) return false;
  }
  return true;
}

bool environment_create(struct evaluator* evaluator) {
  lisp_enter(evaluator);
  bool created = special_forms_bind(evaluator) && bind_builtins(evaluator, &BUILTINS_ARITHMETIC) &&
                 bind_builtins(evaluator, &BUILTINS_DATA) &&
                 bind_builtins(evaluator, &BUILTINS_HOST) && evaluate_prelude(evaluator);
  lisp_leave(evaluator);
  return created;
}
