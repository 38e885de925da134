// SPDX-License-Identifier: BSD-2-Clause
#ifndef MINIVALK_PRINTER_H
#define MINIVALK_PRINTER_H

#include "evaluator.h"
#include "output.h"

// On one line, bounded in depth and length ("..." stands for the rest).
void print_value(struct output* output, const struct evaluator* evaluator,
                 const struct cell* value);

#endif  // MINIVALK_PRINTER_H
