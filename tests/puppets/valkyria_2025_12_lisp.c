// SPDX-License-Identifier: BSD-2-Clause
#include "valkyria_2025_12_lisp.h"

enum { NUM = 1, FUN = 4, CONS = 7, QUOTED = 8 };
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

enum { CELLS = 8 };

typedef struct {
  int type;
  size_t capacity;
  size_t offset;
  struct {
    size_t num_resets;
    _Atomic size_t num_checkpoints;
  } stats;
  valk_lval_t heap[CELLS];
} valk_mem_arena_t;

static valk_mem_arena_t scratch = {.capacity = CELLS * sizeof(valk_lval_t)};
valk_mem_arena_t* volatile g_scratch_for_signal = &scratch;

// As the evaluator makes it for each call.
__attribute__((noinline)) static valk_lval_t* copy_of(const valk_lval_t* body) {
  valk_lval_t* first = NULL;
  valk_lval_t** end = &first;
  for (; body != NULL && scratch.offset < CELLS; body = body->cons.tail) {
    valk_lval_t* cell = &scratch.heap[scratch.offset++];
    cell->flags = CONS | IN_ARENA;
    cell->cons.head = body->cons.head;
    cell->cons.tail = NULL;
    *end = cell;
    end = &cell->cons.tail;
  }
  return first;
}

__attribute__((noinline)) valk_lval_t* valk_lval_eval_call(valk_lenv_t* env, valk_lval_t* func,
                                                           valk_lval_t* args) {
  ++depth;
  valk_lval_t* result = args;
  valk_lval_t* body = func->fun.body;
  if (func->fun.builtin != NULL) {
    result = func->fun.builtin(env, args);
  } else if ((body->flags & 0xff) == QUOTED) {
    for (valk_lval_t* curr = copy_of(body); curr != NULL; curr = curr->cons.tail) {
      result = valk_lval_eval(env, curr->cons.head);
    }
  } else {
    result = valk_lval_eval(env, body);
  }
  --depth;
  return result;
}

// A list: its head is a function, its tail the argument. Without one the call has no frame here:
// the compiler makes it a jump.
__attribute__((noinline)) valk_lval_t* valk_lval_eval(valk_lenv_t* env, valk_lval_t* lval) {
  if ((lval->flags & 0xff) != CONS) return lval;
  valk_lval_t* func = valk_lval_eval(env, lval->cons.head);
  if (lval->cons.tail == NULL) return valk_lval_eval_call(env, func, &nothing);
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

// (jumper) calls (tick) in the place of its result.
static valk_lval_t first_of_tick = CALL(&own_work);
static valk_lval_t second_of_tick = CALL(&own_work);
static valk_lval_t rest_of_tick = {.flags = QUOTED | IN_HEAP, .cons = {&second_of_tick, NULL}};
static valk_lval_t body_of_tick = {.flags = QUOTED | IN_HEAP,
                                   .cons = {&first_of_tick, &rest_of_tick}};
static valk_lval_t tick = FUNCTION(IN_HEAP, &body_of_tick);
static valk_lval_t jump_to_tick = {.flags = CONS | IN_HEAP, .cons = {&tick, NULL}};
static valk_lval_t jumper = FUNCTION(IN_HEAP, &jump_to_tick);
static valk_lval_t call_of_jumper = CALL(&jumper);

static char* names[] = {"pi", "work", "inner", "outer", "fleeting", "tick", "jumper"};
static valk_lval_t* values[] = {&nothing, &own_work, &inner, &outer, &fleeting, &tick, &jumper};
valk_lenv_t root_environment = {.symbols = {names, 7, 7}, .vals = {values, 7, 7}};

void evaluate_outer(void) {
  valk_lval_eval(&root_environment, &call_of_copy);
}

// Uses the arena anew, for the same.
void evaluate_jumper(void) {
  scratch.offset = 0;
  valk_lval_eval(&root_environment, &call_of_jumper);
}

void use_arena_anew(void) {
  ++scratch.stats.num_checkpoints;
}
