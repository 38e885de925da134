// SPDX-License-Identifier: BSD-2-Clause
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "builtins.h"

typedef bool (*operation)(int64_t left, int64_t right, int64_t* result);

static bool add(int64_t left, int64_t right, int64_t* result) {
  return !__builtin_add_overflow(left, right, result);
}
static bool subtract(int64_t left, int64_t right, int64_t* result) {
  return !__builtin_sub_overflow(left, right, result);
}
static bool multiply(int64_t left, int64_t right, int64_t* result) {
  return !__builtin_mul_overflow(left, right, result);
}
static bool divide(int64_t left, int64_t right, int64_t* result) {
  if (right == 0 || (left == INT64_MIN && right == -1)) return false;
  *result = left / right;
  return true;
}
static bool modulo(int64_t left, int64_t right, int64_t* result) {
  if (right == 0 || (left == INT64_MIN && right == -1)) return false;
  *result = left % right;
  return true;
}

static struct cell* fold(struct evaluator* evaluator, const char* who, struct cell** arguments,
                         size_t count, int64_t start, size_t first, operation operate) {
  int64_t result = start;
  for (size_t i = first; i < count; ++i) {
    if (!expect(evaluator, who, arguments[i], CELL_INTEGER)) return NULL;
    if (!operate(result, arguments[i]->integer, &result))
      return fail(evaluator, "%s: integer overflow or division by zero", who);
  }
  return make_integer(evaluator, result);
}

static struct cell* builtin_add(struct evaluator* evaluator, struct cell** arguments,
                                size_t count) {
  return fold(evaluator, "+", arguments, count, 0, 0, add);
}

static struct cell* builtin_multiply(struct evaluator* evaluator, struct cell** arguments,
                                     size_t count) {
  return fold(evaluator, "*", arguments, count, 1, 0, multiply);
}

static struct cell* builtin_subtract(struct evaluator* evaluator, struct cell** arguments,
                                     size_t count) {
  if (count == 1) return fold(evaluator, "-", arguments, count, 0, 0, subtract);
  if (!expect(evaluator, "-", arguments[0], CELL_INTEGER)) return NULL;
  return fold(evaluator, "-", arguments, count, arguments[0]->integer, 1, subtract);
}

static struct cell* builtin_divide(struct evaluator* evaluator, struct cell** arguments,
                                   size_t count) {
  if (!expect(evaluator, "/", arguments[0], CELL_INTEGER)) return NULL;
  return fold(evaluator, "/", arguments, count, arguments[0]->integer, 1, divide);
}

static struct cell* builtin_modulo(struct evaluator* evaluator, struct cell** arguments,
                                   size_t count) {
  if (!expect(evaluator, "mod", arguments[0], CELL_INTEGER)) return NULL;
  return fold(evaluator, "mod", arguments, count, arguments[0]->integer, 1, modulo);
}

static bool integers(struct evaluator* evaluator, const char* who, struct cell** arguments) {
  return expect(evaluator, who, arguments[0], CELL_INTEGER) &&
         expect(evaluator, who, arguments[1], CELL_INTEGER);
}

static struct cell* builtin_less(struct evaluator* evaluator, struct cell** arguments,
                                 size_t count) {
  (void)count;
  if (!integers(evaluator, "<", arguments)) return NULL;
  return make_truth(evaluator, arguments[0]->integer < arguments[1]->integer);
}

static struct cell* builtin_greater(struct evaluator* evaluator, struct cell** arguments,
                                    size_t count) {
  (void)count;
  if (!integers(evaluator, ">", arguments)) return NULL;
  return make_truth(evaluator, arguments[0]->integer > arguments[1]->integer);
}

static struct cell* builtin_at_most(struct evaluator* evaluator, struct cell** arguments,
                                    size_t count) {
  (void)count;
  if (!integers(evaluator, "<=", arguments)) return NULL;
  return make_truth(evaluator, arguments[0]->integer <= arguments[1]->integer);
}

static struct cell* builtin_at_least(struct evaluator* evaluator, struct cell** arguments,
                                     size_t count) {
  (void)count;
  if (!integers(evaluator, ">=", arguments)) return NULL;
  return make_truth(evaluator, arguments[0]->integer >= arguments[1]->integer);
}

static struct cell* builtin_equal(struct evaluator* evaluator, struct cell** arguments,
                                  size_t count) {
  (void)count;
  if (!integers(evaluator, "=", arguments)) return NULL;
  return make_truth(evaluator, arguments[0]->integer == arguments[1]->integer);
}

// Compares what Lisp came to with C's own result. They can only differ when somebody has damaged
// this process, and then it must not go on as if nothing had happened.
static struct cell* builtin_check_fib(struct evaluator* evaluator, struct cell** arguments,
                                      size_t count) {
  (void)count;
  if (!integers(evaluator, "check-fib", arguments)) return NULL;
  if (arguments[0]->integer < 0 || arguments[0]->integer > 90)
    return fail(evaluator, "check-fib: 0 to 90");
  int64_t this = 0;
  int64_t next = 1;
  for (int64_t i = 0; i < arguments[0]->integer; ++i) {
    int64_t sum = this + next;
    this = next;
    next = sum;
  }
  if (this != arguments[1]->integer) {
    fprintf(stderr, "minivalk: wrong arithmetic: fib(%" PRId64 ") came to %" PRId64 "\n",
            arguments[0]->integer, arguments[1]->integer);
    abort();
  }
  return arguments[1];
}

static const struct builtin LIST[] = {{"+", builtin_add, 0, ARGUMENTS_ANY},
                                      {"-", builtin_subtract, 1, ARGUMENTS_ANY},
                                      {"*", builtin_multiply, 0, ARGUMENTS_ANY},
                                      {"/", builtin_divide, 2, 2},
                                      {"mod", builtin_modulo, 2, 2},
                                      {"<", builtin_less, 2, 2},
                                      {">", builtin_greater, 2, 2},
                                      {"<=", builtin_at_most, 2, 2},
                                      {">=", builtin_at_least, 2, 2},
                                      {"=", builtin_equal, 2, 2},
                                      {"check-fib", builtin_check_fib, 2, 2}};

const struct builtin_list BUILTINS_ARITHMETIC = {LIST, sizeof(LIST) / sizeof(LIST[0])};
