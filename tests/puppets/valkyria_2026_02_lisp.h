// SPDX-License-Identifier: BSD-2-Clause
//
// An evaluator in the shape of the runtime's of February 2026, which keeps its calls in a stack of
// its own.
#ifndef VALKYRIA_TESTS_VALKYRIA_2026_02_LISP_H
#define VALKYRIA_TESTS_VALKYRIA_2026_02_LISP_H

#include <stddef.h>
#include <stdint.h>

typedef struct valk_lval_t valk_lval_t;

typedef struct valk_lenv_t {
  uint64_t flags;
  struct {
    char** items;
    size_t count;
    size_t capacity;
  } symbols;
  struct {
    valk_lval_t** items;
    size_t count;
    size_t capacity;
  } vals;
  struct valk_lenv_t* parent;
} valk_lenv_t;

extern valk_lenv_t root_environment;

// Defines the functions, once.
void read_text(void);

// Of this thread: what the runtime is told of it.
void* own_context(void);

// Calls (outer), which is
//
//   {add (middle) 1}         so that an element of its text is left to be evaluated
//
// (middle) {if 1 {add ((\ {} {add (inner) 2})) 6} {0}}, and (inner) {work 3}. Then (late), which is
// {work (quick)}, and (quick) {add 4 5}: what was evaluated last before it works is in another
// function.
void evaluate_outer(void);

#endif
