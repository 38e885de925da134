// SPDX-License-Identifier: BSD-2-Clause
#ifndef MINIVALK_LISP_TEXT_H
#define MINIVALK_LISP_TEXT_H

#include "evaluator.h"

#define TEXT_BYTES_MAX 65536

// NULL (with the evaluator's error set) when it is too long or the heap is full.
struct cell* make_text(struct evaluator* evaluator, const char* bytes, size_t length);

// Copies at most size - 1 bytes and ends them with NUL; returns how many there are in the text.
size_t text_copy(const struct cell* text, char* buffer, size_t size);

bool text_equal(const struct cell* left, const struct cell* right);

#endif  // MINIVALK_LISP_TEXT_H
