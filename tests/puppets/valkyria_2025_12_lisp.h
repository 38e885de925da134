// SPDX-License-Identifier: BSD-2-Clause
//
// An evaluator in the shape of the runtime's of December 2025, which calls itself: one call of a
// Lisp function is one of valk_lval_eval_call, in a frame of valk_lval_eval that still knows it.
#ifndef VALKYRIA_TESTS_VALKYRIA_2025_12_LISP_H
#define VALKYRIA_TESTS_VALKYRIA_2025_12_LISP_H

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
} valk_lenv_t;

extern valk_lenv_t root_environment;

// (outer) calls a function without a name, that calls (inner), that calls one whose object lies in
// an arena, and that one the runtime's own (work), which takes some time.
void evaluate_outer(void);

// (jumper) calls (tick) in the place of its result and without arguments; that calls (work) twice.
void evaluate_jumper(void);

// Says that all lists that the evaluator made are gone.
void use_arena_anew(void);

#endif
