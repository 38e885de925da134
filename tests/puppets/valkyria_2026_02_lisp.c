// SPDX-License-Identifier: BSD-2-Clause
#include "valkyria_2026_02_lisp.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { NUM = 1, SYM = 2, FUN = 4, NIL = 6, CONS = 7 };
enum { IN_HEAP = 0x200, QUOTED = 0x80000 };
enum { MAX_OBJECTS = 4096 };

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
    char* str;
  };
};

typedef enum {
  CONT_DONE,
  CONT_EVAL_ARGS,
  CONT_COLLECT_ARG,
  CONT_APPLY_FUNC,
  CONT_IF_BRANCH,
  CONT_DO_NEXT,
  CONT_SELECT_CHECK,
  CONT_BODY_NEXT,
  CONT_SINGLE_ELEM,
  CONT_LAMBDA_DONE,
  CONT_CTX_DEADLINE,
  CONT_CTX_WITH,
} valk_cont_kind_e;

typedef struct valk_cont_frame {
  valk_cont_kind_e kind;
  valk_lenv_t* env;
  union {
    struct {
      valk_lval_t* func;
      valk_lval_t* remaining;
    } eval_args;
    struct {
      valk_lval_t* func;
      valk_lval_t** args;
      uint64_t count;
      uint64_t capacity;
      valk_lval_t* remaining;
    } collect_arg;
    struct {
      valk_lval_t* true_branch;
      valk_lval_t* false_branch;
    } if_branch;
    struct {
      valk_lval_t* remaining;
      valk_lenv_t* call_env;
    } body_next;
    struct {
      valk_lval_t* body;
    } ctx_deadline;
    struct {
      valk_lval_t* value_expr;
      valk_lval_t* body;
    } ctx_with;
  };
} valk_cont_frame_t;

typedef struct {
  valk_cont_frame_t* frames;
  uint64_t count;
  uint64_t capacity;
} valk_eval_stack_t;

typedef struct {
  void* scratch;
  void* eval_stack;
  valk_lval_t* eval_expr;
  valk_lval_t* eval_value;
} valk_thread_context_t;

static __thread valk_thread_context_t valk_thread_ctx;

// Objects in arenas: one for the program's text, and one that is used anew for each evaluation. As
// there, each has a size before it.
struct slot {
  uint64_t size;
  valk_lval_t object;
};
static struct slot text[MAX_OBJECTS], scratch[MAX_OBJECTS];
static int text_used, scratch_used;
static bool is_text;
static valk_lenv_t call_environments[64];
static int calls;
static volatile long busy;

static valk_lval_t* make(uint64_t type) {
  struct slot* slot = is_text ? &text[text_used++] : &scratch[scratch_used++];
  slot->object = (valk_lval_t){.flags = type | (is_text ? IN_HEAP : 0)};
  return &slot->object;
}

static valk_lval_t* cons(valk_lval_t* head, valk_lval_t* tail) {
  valk_lval_t* made = make(CONS);
  made->cons.head = head;
  made->cons.tail = tail;
  return made;
}

static bool is(const valk_lval_t* object, uint64_t type) {
  return (object->flags & 0xff) == type;
}

static bool is_quoted(const valk_lval_t* object) {
  return is(object, CONS) && (object->flags & QUOTED) != 0;
}

// A list that is evaluated, of one that is not.
static valk_lval_t* copy(const valk_lval_t* list) {
  return is(list, NIL) ? make(NIL) : cons(list->cons.head, copy(list->cons.tail));
}

static valk_lval_t* code(valk_lval_t* object) {
  return is_quoted(object) ? copy(object) : object;
}

// Reads one object of a text.
static valk_lval_t* parse(const char** at);

static valk_lval_t* parse_rest(const char** at) {
  valk_lval_t* elements[16];
  int count = 0;
  while (**at != ')' && **at != '}') elements[count++] = parse(at);
  *at += 1;
  while (**at == ' ') *at += 1;
  valk_lval_t* list = make(NIL);
  while (count > 0) list = cons(elements[--count], list);
  return list;
}

static valk_lval_t* parse(const char** at) {
  char opening = **at;
  if (opening == '(' || opening == '{') {
    *at += 1;
    valk_lval_t* list = parse_rest(at);
    if (opening == '{' && is(list, CONS)) list->flags |= QUOTED;
    return list;
  }
  size_t length = strcspn(*at, " (){}");
  valk_lval_t* atom = make(opening >= '0' && opening <= '9' ? NUM : SYM);
  if (is(atom, NUM)) {
    atom->num = strtol(*at, NULL, 10);
  } else {
    atom->str = strndup(*at, length);
  }
  *at += length;
  while (**at == ' ') *at += 1;
  return atom;
}

static valk_lval_t* parse_text(const char* source) {
  return parse(&source);
}

__attribute__((noinline)) static valk_lval_t* work(valk_lenv_t* env, valk_lval_t* args) {
  (void)env;
  for (int i = 0; i < 20000; ++i) ++busy;
  return args->cons.head;
}

static valk_lval_t* add(valk_lenv_t* env, valk_lval_t* args) {
  (void)env;
  return args->cons.head;
}

static valk_lval_t* lambda(valk_lenv_t* env, valk_lval_t* args) {
  valk_lval_t* made = make(FUN);
  made->fun.env = env;
  made->fun.formals = args->cons.head;
  made->fun.body = args->cons.tail->cons.head;
  return made;
}

static char* symbols[16];
static valk_lval_t* values[16];
valk_lenv_t root_environment = {.symbols = {.items = symbols, .capacity = 16},
                                .vals = {.items = values, .capacity = 16}};

static void bind(char* name, builtin_function* builtin, const char* body) {
  valk_lval_t* made = make(FUN);
  made->fun.builtin = builtin;
  made->fun.env = &root_environment;
  if (body != NULL) made->fun.body = parse_text(body);
  symbols[root_environment.symbols.count++] = name;
  values[root_environment.vals.count++] = made;
}

static valk_lval_t* look_up(const valk_lval_t* symbol) {
  for (size_t i = 0; i < root_environment.symbols.count; ++i) {
    if (strcmp(symbols[i], symbol->str) == 0) return values[i];
  }
  abort();
}

static void push(valk_eval_stack_t* stack, valk_cont_frame_t frame) {
  stack->frames[stack->count++] = frame;
}

// What is to be evaluated, where; or, without it, the value.
struct step {
  valk_lval_t* expr;
  valk_lenv_t* env;
  valk_lval_t* value;
};

static struct step apply(valk_eval_stack_t* stack, valk_lenv_t* env, valk_lval_t* func,
                         valk_lval_t* args) {
  if (func->fun.builtin != NULL) return (struct step){.value = func->fun.builtin(env, args)};
  valk_lenv_t* call_env = &call_environments[calls++ % 64];
  *call_env = (valk_lenv_t){.parent = func->fun.env};
  push(stack, (valk_cont_frame_t){.kind = CONT_LAMBDA_DONE, .env = env});
  return (struct step){code(func->fun.body), call_env, NULL};
}

static struct step begin(valk_eval_stack_t* stack, valk_lval_t* expr, valk_lenv_t* env) {
  if (is(expr, SYM)) return (struct step){.value = look_up(expr)};
  if (!is(expr, CONS) || is_quoted(expr)) return (struct step){.value = expr};
  valk_lval_t *first = expr->cons.head, *rest = expr->cons.tail;
  if (is(rest, NIL)) {
    push(stack, (valk_cont_frame_t){.kind = CONT_SINGLE_ELEM, .env = env});
    return (struct step){first, env, NULL};
  }
  if (is(first, SYM) && strcmp(first->str, "if") == 0) {
    push(stack, (valk_cont_frame_t){
                    .kind = CONT_IF_BRANCH, .env = env, .if_branch = {rest->cons.tail->cons.head}});
    return (struct step){rest->cons.head, env, NULL};
  }
  push(stack,
       (valk_cont_frame_t){.kind = CONT_EVAL_ARGS, .env = env, .eval_args = {.remaining = rest}});
  return (struct step){first, env, NULL};
}

static struct step collect(valk_eval_stack_t* stack, valk_cont_frame_t frame, valk_lval_t* value) {
  valk_lval_t** args = frame.collect_arg.args;
  valk_lval_t* remaining = frame.collect_arg.remaining;
  args[frame.collect_arg.count++] = value;
  if (!is(remaining, NIL)) {
    frame.collect_arg.remaining = remaining->cons.tail;
    push(stack, frame);
    return (struct step){remaining->cons.head, frame.env, NULL};
  }
  valk_lval_t* list = make(NIL);
  for (uint64_t i = frame.collect_arg.count; i > 0; --i) list = cons(args[i - 1], list);
  free((void*)args);
  return apply(stack, frame.env, frame.collect_arg.func, list);
}

// What the frame that was just taken off makes of a value.
static struct step go_on(valk_eval_stack_t* stack, valk_cont_frame_t frame, valk_lval_t* value) {
  if (frame.kind == CONT_SINGLE_ELEM && is(value, FUN)) {
    return apply(stack, frame.env, value, make(NIL));
  }
  if (frame.kind == CONT_IF_BRANCH) {
    return (struct step){code(frame.if_branch.true_branch), frame.env, NULL};
  }
  if (frame.kind == CONT_EVAL_ARGS) {
    valk_lval_t* remaining = frame.eval_args.remaining;
    push(stack, (valk_cont_frame_t){.kind = CONT_COLLECT_ARG,
                                    .env = frame.env,
                                    .collect_arg = {.func = value,
                                                    .args = calloc(8, sizeof(void*)),
                                                    .remaining = remaining->cons.tail}});
    return (struct step){remaining->cons.head, frame.env, NULL};
  }
  if (frame.kind == CONT_COLLECT_ARG) return collect(stack, frame, value);
  return (struct step){.value = value};
}

__attribute__((noinline)) valk_lval_t* valk_lval_eval_iterative(valk_lenv_t* env,
                                                                valk_lval_t* expr) {
  valk_eval_stack_t stack = {calloc(64, sizeof(valk_cont_frame_t)), 0, 64};
  void* saved_stack = valk_thread_ctx.eval_stack;
  valk_lval_t* saved_expr = valk_thread_ctx.eval_expr;
  struct step step = {expr, env, NULL};
  valk_thread_ctx.eval_stack = &stack;
  push(&stack, (valk_cont_frame_t){.kind = CONT_DONE, .env = env});
  while (stack.count > 0) {
    if (step.expr != NULL) {
      valk_thread_ctx.eval_expr = step.expr;
      valk_thread_ctx.eval_value = step.value;
      step = begin(&stack, step.expr, step.env);
    } else {
      valk_cont_frame_t frame = stack.frames[--stack.count];
      step = go_on(&stack, frame, step.value);
    }
  }
  valk_thread_ctx.eval_stack = saved_stack;
  valk_thread_ctx.eval_expr = saved_expr;
  free(stack.frames);
  return step.value;
}

static valk_lval_t *outer, *late;

void read_text(void) {
  is_text = true;
  bind("work", work, NULL);
  bind("add", add, NULL);
  bind("\\", lambda, NULL);
  bind("quick", NULL, "{add 4 5}");
  bind("late", NULL, "{work (quick)}");
  bind("inner", NULL, "{work 3}");
  bind("middle", NULL, "{if 1 {add ((\\ {} {add (inner) 2})) 6} {0}}");
  bind("outer", NULL, "{add (middle) 1}");
  outer = parse_text("(outer)");
  late = parse_text("(late)");
  is_text = false;
}

void* own_context(void) {
  return &valk_thread_ctx;
}

void evaluate_outer(void) {
  scratch_used = 0;
  valk_lval_eval_iterative(&root_environment, outer);
  scratch_used = 0;
  valk_lval_eval_iterative(&root_environment, late);
}
