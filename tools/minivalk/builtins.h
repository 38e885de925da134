// SPDX-License-Identifier: BSD-2-Clause
#ifndef MINIVALK_BUILTINS_H
#define MINIVALK_BUILTINS_H

#include "evaluator.h"

struct builtin_list {
  const struct builtin* builtins;
  size_t count;
};

extern const struct builtin_list BUILTINS_ARITHMETIC;
extern const struct builtin_list BUILTINS_DATA;
extern const struct builtin_list BUILTINS_HOST;

// Fills the global environment: special forms, builtins, and the functions of prelude.c.
bool environment_create(struct evaluator* evaluator);

// False, with the error set, unless the argument is of this type.
bool expect(struct evaluator* evaluator, const char* who, const struct cell* argument,
            enum cell_type type);

#endif  // MINIVALK_BUILTINS_H
