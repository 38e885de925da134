// SPDX-License-Identifier: BSD-2-Clause
#include "valkyria_2025_12_lisp.h"

enum { NUM = 1, FUN = 4, CONS = 7 };
enum { IN_ARENA = 0, IN_HEAP = 0x200 };

typedef valk_lval_t* builtin_function(valk_lenv_t*, valk_lval_t*);

struct valk_lval_t {
  uint64_t flags;
  void* origin_allocator;
  valk_lval_t* gc_next;
  union {
    struct {
      builtin_function* builtin;
      int arity;
      char* name;
      valk_lenv_t* env;
      valk_lval_t* formals;
      valk_lval_t* body;
    } fun;
    struct {
      valk_lval_t* head;
      valk_lval_t* tail;
    } cons;
    long num;
  };
};

valk_lval_t* valk_lval_eval(valk_lenv_t* env, valk_lval_t* lval);
valk_lval_t* valk_lval_eval_call(valk_lenv_t* env, valk_lval_t* func, valk_lval_t* args);

static volatile long depth;
static volatile long busy;

static valk_lval_t nothing = {.flags = NUM | IN_HEAP};

__attribute__((noinline)) static valk_lval_t* work(valk_lenv_t* env, valk_lval_t* args) {
  (void)env;
  for (int i = 0; i < 20000; ++i) ++busy;
  return args;
}

__attribute__((noinline)) valk_lval_t* valk_lval_eval_call(valk_lenv_t* env, valk_lval_t* func,
                                                           valk_lval_t* args) {
  ++depth;
  valk_lval_t* result = func->fun.builtin != NULL ? func->fun.builtin(env, args)
                                                  : valk_lval_eval(env, func->fun.body);
  --depth;
  return result;
}

// A list: its head is a function, its tail the argument.
__attribute__((noinline)) valk_lval_t* valk_lval_eval(valk_lenv_t* env, valk_lval_t* lval) {
  if ((lval->flags & 0xff) != CONS) return lval;
  valk_lval_t* func = valk_lval_eval(env, lval->cons.head);
  valk_lval_t* args = valk_lval_eval(env, lval->cons.tail);
  valk_lval_t* result = valk_lval_eval_call(env, func, args);
  return (result->flags & 0xff) == CONS ? func : result;
}

#define FUNCTION(place, code)                        \
  {                                                  \
    .flags = FUN | (place), .fun = {.body = (code) } \
  }
#define CALL(function)                                       \
  {                                                          \
    .flags = CONS | IN_HEAP, .cons = {(function), &nothing } \
  }

static valk_lval_t own_work = {.flags = FUN | IN_HEAP, .fun = {.builtin = work}};
static valk_lval_t call_of_work = CALL(&own_work);
static valk_lval_t fleeting = FUNCTION(IN_ARENA, &call_of_work);
static valk_lval_t call_of_fleeting = CALL(&fleeting);
static valk_lval_t inner = FUNCTION(IN_HEAP, &call_of_fleeting);
static valk_lval_t call_of_inner = CALL(&inner);
static valk_lval_t nameless = FUNCTION(IN_HEAP, &call_of_inner);
static valk_lval_t call_of_nameless = CALL(&nameless);
static valk_lval_t outer = FUNCTION(IN_HEAP, &call_of_nameless);
static valk_lval_t copy_of_outer = FUNCTION(IN_HEAP, &call_of_nameless);
static valk_lval_t call_of_copy = CALL(&copy_of_outer);

static char* names[] = {"pi", "work", "inner", "outer", "fleeting"};
static valk_lval_t* values[] = {&nothing, &own_work, &inner, &outer, &fleeting};
valk_lenv_t root_environment = {.symbols = {names, 5, 5}, .vals = {values, 5, 5}};

void evaluate_outer(void) {
  valk_lval_eval(&root_environment, &call_of_copy);
}

void swap_names(void) {
  values[2] = &outer;
  values[3] = &inner;
}
